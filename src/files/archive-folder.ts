import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { concatBytes, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { ARCHIVE_LINES } from '../core/limits.ts'
import { fileExists, makeFolder, readBytes, writeBytes } from '../node/file-system.ts'

/**
 * An archive in a folder, of checkpoints or of opened totals (SPEC §11), in files of so many lines: each is written
 * whole.
 */
export class ArchiveFolder {
  readonly #directory: string
  readonly #each: number
  #lines: number

  private constructor(directory: string, each: number, lines: number) {
    this.#directory = directory
    this.#each = each
    this.#lines = lines
  }

  /** Opens the folder, which is made if need be. @param each - lines of a file, a day's of checkpoints by default. */
  static async open(directory: string, each = ARCHIVE_LINES): Promise<ArchiveFolder> {
    await makeFolder(directory)
    const numbers = (await readdir(directory)).filter(name => /^(?:0|[1-9][0-9]{0,8})$/.test(name)).map(Number)
    if (numbers.length === 0) return new ArchiveFolder(directory, each, 0)
    const last = Math.max(...numbers)
    const text = utf8Decode(await readBytes(join(directory, String(last))))
    return new ArchiveFolder(directory, each, each * last + text.split('\n').length - 1)
  }

  /** Number of the file that the next line goes into. */
  get lastFile(): number {
    return Math.floor(this.#lines / this.#each)
  }

  /** The last line, without its newline; undefined where there is none. */
  async last(): Promise<string | undefined> {
    if (this.#lines === 0) return undefined
    const file = await this.read(Math.floor((this.#lines - 1) / this.#each))
    return file === undefined ? undefined : utf8Decode(file).split('\n').at(-2)
  }

  /** Adds a line, its newline included; it is on disk when this resolves. @throws UsageError `file`. */
  async add(line: string): Promise<void> {
    const n = Math.floor(this.#lines / this.#each)
    const before = (await this.read(n)) ?? new Uint8Array(0)
    await writeBytes(join(this.#directory, String(n)), concatBytes(before, utf8Encode(line)))
    this.#lines++
  }

  /** File `n`; undefined where there is none. */
  async read(n: number): Promise<Uint8Array | undefined> {
    const path = join(this.#directory, String(n))
    return (await fileExists(path)) ? readBytes(path) : undefined
  }
}
