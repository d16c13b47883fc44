import type { TallyClient } from '../src/client/index.ts'
import { concatBytes } from '../src/core/bytes.ts'
import { FormatError } from '../src/core/failure.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle } from '../src/core/tile.ts'
import { type KeptLog, SALTS_PAGE } from './kept-log.ts'

/** Bundles that are fetched ahead of the one that is replayed. */
const AHEAD = 8

/** The entries of a log up to a size, a bundle at a time: what is kept from disk, all else from the ledger, and then kept. */
export class Bundles {
  readonly #client: TallyClient
  readonly #size: number
  readonly #kept: KeptLog | undefined

  constructor(client: TallyClient, size: number, kept?: KeptLog) {
    this.#client = client
    this.#size = size
    this.#kept = kept
  }

  /** The entries of a bundle, 256 but for the last one. @throws ClientError; FormatError `entry-bundle`. */
  async read(index: number): Promise<Uint8Array[]> {
    const width = Math.min(BUNDLE_ENTRIES, this.#size - index * BUNDLE_ENTRIES)
    const isWhole = width === BUNDLE_ENTRIES
    const kept = isWhole ? await this.#kept?.bundle(index) : undefined
    if (kept !== undefined) {
      try {
        return decodeEntryBundle(kept, width)
      } catch (error) {
        // What a disk made of it; fetched again it is as it was.
        if (!(error instanceof FormatError)) throw error
      }
    }
    const bytes = await this.#client.tile({ level: 'entries', index, width })
    const entries = decodeEntryBundle(bytes, width)
    if (isWhole) await this.#kept?.keepBundle(index, bytes)
    return entries
  }

  /** The entry at a log index. */
  async entry(index: number): Promise<Uint8Array> {
    return (await this.read(Math.floor(index / BUNDLE_ENTRIES)))[index % BUNDLE_ENTRIES]!
  }

  /** All bundles in order, some of them fetched ahead. */
  async *all(): AsyncGenerator<Uint8Array[]> {
    const count = Math.ceil(this.#size / BUNDLE_ENTRIES)
    const ahead: Promise<Uint8Array[]>[] = []
    for (let next = 0, index = 0; index < count; index++) {
      for (; next < count && next < index + AHEAD; next++) {
        const fetching = this.read(next)
        // Its error is thrown where it is awaited; until then it is nobody's unhandled one.
        fetching.catch(() => {})
        ahead.push(fetching)
      }
      yield await ahead.shift()!
    }
  }
}

/** The salts of all epochs: whole pages from disk where they are kept, all else from the ledger. */
export async function readSalts(client: TallyClient, kept?: KeptLog): Promise<Uint8Array[]> {
  const salts: Uint8Array[] = []
  for (let page = 0; ; page++) {
    const bytes = await kept?.salts(page)
    if (bytes?.length === 32 * SALTS_PAGE) {
      for (let at = 0; at < bytes.length; at += 32) salts.push(bytes.subarray(at, at + 32))
      continue
    }
    const fetched = await client.salts(page * SALTS_PAGE, SALTS_PAGE)
    salts.push(...fetched)
    if (fetched.length < SALTS_PAGE) return salts
    await kept?.keepSalts(page, concatBytes(...fetched))
  }
}
