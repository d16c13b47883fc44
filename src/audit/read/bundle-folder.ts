import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BUNDLE_ENTRIES, formatTilePath } from '../../core/tree/tile.ts'
import { UsageError } from '../../node/failure.ts'
import { fileExists, readBytes } from '../../node/file-system.ts'
import type { BundleSource } from './log-copy.ts'

/**
 * Entry bundles in a folder, at the paths of c2sp.org/tlog-tiles: as anyone who fetched them from a ledger has them.
 */
export class BundleFolder implements BundleSource {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  async *first(count: number): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < count; index++) yield await this.bytes(index)
  }

  /** A bundle: the whole one, or else the longest part of it. @throws UsageError `file`. */
  async bytes(index: number): Promise<Uint8Array> {
    const path = join(this.#directory, formatTilePath({ level: 'entries', index, width: BUNDLE_ENTRIES }))
    if (await fileExists(path)) return readBytes(path)
    const widths = (await readdir(`${path}.p`).catch(() => []))
      .filter(name => /^[1-9][0-9]{0,2}$/.test(name))
      .map(Number)
    if (widths.length === 0) throw new UsageError('file', `There is no ${path}, and no part of it in ${path}.p`)
    return readBytes(join(`${path}.p`, String(Math.max(...widths))))
  }
}
