import { concatBytes, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { ARCHIVE_LINES } from '../core/limits.ts'
import { makeFolder } from '../node/file-system.ts'
import { FolderObjects } from './folder-objects.ts'
import type { Objects } from './objects.ts'

/**
 * An archive in a folder, of checkpoints or of opened totals (SPEC §11), in files of so many lines: each is written
 * whole.
 */
export class ArchiveFolder {
  readonly #objects: Objects
  /** Beginning of the paths of its files: empty, or with a slash at its end. */
  readonly #folder: string
  readonly #each: number
  #lines: number

  private constructor(objects: Objects, folder: string, each: number, lines: number) {
    this.#objects = objects
    this.#folder = folder
    this.#each = each
    this.#lines = lines
  }

  /** Opens the folder, which is made if need be. @param each - lines of a file, a day's of checkpoints by default. */
  static async open(directory: string, each = ARCHIVE_LINES): Promise<ArchiveFolder> {
    await makeFolder(directory)
    return ArchiveFolder.in(new FolderObjects(directory), '', each)
  }

  /** Opens a folder of objects, of which there may be none yet. */
  static async in(objects: Objects, folder: string, each = ARCHIVE_LINES): Promise<ArchiveFolder> {
    const beginning = folder && `${folder}/`
    const names = (await objects.list(folder)).map(path => path.slice(beginning.length))
    const numbers = names.filter(name => /^(?:0|[1-9][0-9]{0,8})$/.test(name)).map(Number)
    if (numbers.length === 0) return new ArchiveFolder(objects, beginning, each, 0)
    const last = Math.max(...numbers)
    const text = utf8Decode((await objects.read(`${beginning}${last}`)) ?? new Uint8Array(0))
    return new ArchiveFolder(objects, beginning, each, each * last + text.split('\n').length - 1)
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

  /**
   * Adds a line, its newline included; it is durable when this resolves.
   *
   * @throws UsageError `file`, `bucket`, `state`.
   */
  async add(line: string): Promise<void> {
    const n = Math.floor(this.#lines / this.#each)
    const before = (await this.read(n)) ?? new Uint8Array(0)
    await this.#objects.write(`${this.#folder}${n}`, concatBytes(before, utf8Encode(line)))
    this.#lines++
  }

  /** File `n`; undefined where there is none. */
  read(n: number): Promise<Uint8Array | undefined> {
    return this.#objects.read(`${this.#folder}${n}`)
  }
}
