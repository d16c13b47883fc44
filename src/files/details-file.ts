import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fromBase64, toBase64, utf8Encode } from '../core/bytes.ts'
import { commitmentOf, SALT_BYTES, type SaltedText } from '../core/entry/details.ts'
import { CodedError, FormatError } from '../core/failure.ts'
import { DETAILS_BYTES_MAX } from '../core/limits.ts'
import { UsageError } from '../node/failure.ts'
import { makeFolder, unwritable } from '../node/file-system.ts'
import { linesOf } from '../node/lines.ts'
import { lockWithin } from '../node/lock.ts'

/** What the details that an audit holds at once may take: their texts, and so much more for each. */
const HELD_BYTES_MAX = 2 ** 31
const BYTES_EACH = 200
const BEGIN = '{"salt":"'

/** A commitment as a key of a map: 32 bytes as one text. */
export function keyOf(bytes: Uint8Array, start = 0): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, 32).toString('latin1')
}

/** The line of a details file: `{"salt": base64, "text": …}`. */
function lineOf({ salt, text }: SaltedText): string {
  return `${BEGIN}${toBase64(salt)}","text":${JSON.stringify(text)}}\n`
}

/**
 * The salt and text of a line.
 *
 * @param line - untrusted. @throws FormatError `details-line`, naming file and line.
 */
function parseLine(line: string, file: string, number: number): SaltedText {
  const refuse = (what: string, cause?: unknown) =>
    new FormatError('details-line', `${file}: line ${number}: ${what}`, { cause })
  try {
    const value = JSON.parse(line) as unknown
    if (typeof value !== 'object' || value === null || Object.keys(value).sort().join() !== 'salt,text')
      throw refuse('expected {"salt", "text"} and nothing else')
    const { salt, text } = value as Record<string, unknown>
    if (typeof salt !== 'string' || typeof text !== 'string') throw refuse('salt and text are texts')
    const bytes = fromBase64(salt)
    if (bytes.length !== SALT_BYTES) throw refuse(`a salt has ${SALT_BYTES} bytes, this one ${bytes.length}`)
    const size = utf8Encode(text).length
    if (size === 0 || size > DETAILS_BYTES_MAX)
      throw refuse(`a text has 1 to ${DETAILS_BYTES_MAX} bytes, this one ${size}`)
    return { salt: bytes, text }
  } catch (error) {
    if (error instanceof CodedError && error.code === 'details-line') throw error
    throw refuse(`expected JSON such as ${BEGIN}…","text":"…"}, found ${JSON.stringify(line.slice(0, 60))}`, error)
  }
}

/**
 * The details of files, by their commitments, which are made here from salt and text: anyone who gave a file cannot say
 * what a text is behind. Of a folder, its files that end in `.jsonl` or `.jsonl.gz`. Holds the texts and some 200 bytes
 * more for each, up to 2 GiB.
 *
 * @throws FormatError `details-line`; UsageError `file`.
 */
export async function readDetails(
  paths: readonly string[],
  onLine: () => void = () => {},
): Promise<Map<string, string>> {
  const held = new Map<string, string>()
  let bytes = 0
  for (const file of await filesOf(paths)) {
    let number = 0
    for await (const line of linesOf(file)) {
      number++
      onLine()
      const details = parseLine(line, file, number)
      held.set(keyOf(commitmentOf(details)), details.text)
      bytes += BYTES_EACH + details.text.length
      if (bytes > HELD_BYTES_MAX)
        throw new UsageError(
          'file',
          `${file}: line ${number}: these are more details than an audit holds, which is 2 GiB.`,
        )
    }
  }
  return held
}

/**
 * The details in files that belong to given commitments, with their salts. Holds no others.
 *
 * @throws as `readDetails`.
 */
export async function pickDetails(
  paths: readonly string[],
  commitments: readonly Uint8Array[],
): Promise<readonly SaltedText[]> {
  const wanted = new Set(commitments.map(one => keyOf(one)))
  const found: SaltedText[] = []
  for (const file of await filesOf(paths)) {
    let number = 0
    for await (const line of linesOf(file)) {
      const details = parseLine(line, file, ++number)
      if (wanted.delete(keyOf(commitmentOf(details)))) found.push(details)
    }
  }
  return found
}

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch(error => {
      throw new UsageError('file', `${path} cannot be read: ${(error as Error).message}`, { cause: error })
    })
    if (!found.isDirectory()) {
      files.push(path)
      continue
    }
    const names = (await readdir(path)).filter(name => /\.jsonl(?:\.gz)?$/.test(name)).sort()
    if (names.length === 0)
      throw new UsageError('file', `${path} is a folder without a file of details: none ends in .jsonl or .jsonl.gz.`)
    files.push(...names.map(name => join(path, name)))
  }
  return files
}

/**
 * A file of details that grows: each stands in it once, on the disk before `flush` resolves. Readable by its owner
 * alone. Holds a commitment for each detail of the file.
 */
export class DetailsWriter {
  readonly path: string
  readonly #file: FileHandle
  readonly #unlock: () => Promise<void>
  readonly #there: Set<string>
  #waiting: string[] = []
  #written: Promise<void> = Promise.resolve()

  private constructor(path: string, file: FileHandle, unlock: () => Promise<void>, there: Set<string>) {
    this.path = path
    this.#file = file
    this.#unlock = unlock
    this.#there = there
  }

  /**
   * Opens a file for this process alone, or makes it; a line that a run which was cut off left unfinished is taken
   * away.
   *
   * @throws FormatError `details-line` where it is a file of something else; UsageError `file`, `state`.
   */
  static async open(path: string): Promise<DetailsWriter> {
    if (path.endsWith('.gz')) throw new UsageError('file', `${path}: details are written as they are, not packed.`)
    // What looks like a line that was cut off may be one that another process is about to finish.
    const unlock = await lockWithin(`${path}.lock`, 0)
    let file: FileHandle | undefined
    try {
      file = await openOwn(path)
      await cutTornLine(file)
      return new DetailsWriter(path, file, unlock, new Set((await readDetails([path])).keys()))
    } catch (error) {
      await file?.close()
      await unlock()
      throw error
    }
  }

  /** How many stand in it, or will after the next `flush`. */
  get count(): number {
    return this.#there.size
  }

  /** Takes details, unless they are there. */
  add(commitment: Uint8Array, details: SaltedText): void {
    const key = keyOf(commitment)
    if (this.#there.has(key)) return
    this.#there.add(key)
    this.#waiting.push(lineOf(details))
  }

  /** Resolves when all that was taken is on the disk. @throws UsageError `file`. */
  flush(): Promise<void> {
    this.#written = this.#written.then(async () => {
      const lines = this.#waiting.join('')
      this.#waiting = []
      if (lines === '') return
      try {
        await this.#file.appendFile(lines)
        await this.#file.datasync()
      } catch (error) {
        throw new UsageError('file', `${this.path} cannot be written: ${(error as Error).message}`, { cause: error })
      }
    })
    return this.#written
  }

  async close(): Promise<void> {
    await this.#written.catch(() => {})
    await this.#file.close()
    await this.#unlock()
  }
}

/** Opens a file to be added to, or makes it, for its owner alone. @throws UsageError `file`. */
async function openOwn(path: string): Promise<FileHandle> {
  try {
    await makeFolder(dirname(path))
    const file = await open(path, 'a+', 0o600)
    await file.chmod(0o600)
    return file
  } catch (error) {
    throw unwritable(path, error as Error)
  }
}

/** Bytes at the end of a file among which its last line begins: as long as a line can be. */
const TAIL_BYTES = 128 * 1024

/** Takes away the end of a file after its last whole line, if that is the beginning of a line of details. */
async function cutTornLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  const from = Math.max(0, size - TAIL_BYTES)
  const tail = Buffer.alloc(size - from)
  await file.read(tail, 0, tail.length, from)
  const begin = tail.lastIndexOf('\n') + 1
  const torn = tail.subarray(begin).toString('latin1')
  if (torn !== '' && (torn.startsWith(BEGIN) || BEGIN.startsWith(torn))) await file.truncate(from + begin)
}
