import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'
import { FormatError } from '../core/failure.ts'
import { UsageError } from './failure.ts'

/** A row of a file of values between commas. */
export interface CsvRow {
  /** Number of the line on which it begins, from 1: a value in quotation marks may go over several. */
  readonly line: number
  readonly cells: readonly string[]
  /** Why the row cannot be read, where it cannot. */
  readonly fault?: string
}

/** Characters of the longest row, and of the first one, by which the delimiter is found. */
const ROW_CHARACTERS_MAX = 64 * 1024

/** What a file is that is no text, by its first bytes; how to go on with it. */
const NO_TEXT: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'an Excel workbook or another ZIP file: save the sheet as "CSV UTF-8"'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel workbook: save the sheet as "CSV UTF-8"'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x1f, 0x8b], 'packed by gzip: give it a name that ends in .gz'],
  [[0xff, 0xfe, 0x00, 0x00], 'UTF-32: convert it to UTF-8'],
  [[0x00, 0x00, 0xfe, 0xff], 'UTF-32: convert it to UTF-8'],
]

/**
 * The rows of a file of values between commas (RFC 4180), as they are read: UTF-8, with a byte order mark or without,
 * or UTF-16 with one; lines that end in LF, CR LF or CR; quotation marks around values with commas and line breaks;
 * semicolons or tabs where the first line has more of these, or as its first line `sep=;` says. Rows without any value
 * are left out. A name that ends in `.gz` is unpacked on the way.
 *
 * @param file - untrusted content.
 * @param delimiter - one character, where it is not to be found out.
 * @throws UsageError `file` when it cannot be read; FormatError `csv-encoding` when it is no text, by the name of what
 * it is; `csv-line` when a quotation mark is not closed, or a row is longer than 64 KiB.
 */
export async function* csvRows(file: string, delimiter?: string): AsyncGenerator<CsvRow> {
  const parser = new CsvParser(delimiter)
  for await (const text of textOf(file, parser)) yield* parser.take(text)
  yield* parser.end()
}

/**
 * The rows of bytes that are such a file, as `csvRows` reads it.
 *
 * @param what - the bytes are called so in errors.
 * @param bytes - untrusted.
 * @throws FormatError `csv-encoding`, `csv-line`.
 */
export function* csvRowsOf(what: string, bytes: Uint8Array): Generator<CsvRow> {
  const parser = new CsvParser()
  const decoder = decoderOf(what, bytes)
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    throw new FormatError('csv-encoding', `${what}: some bytes are no ${decoder.encoding}. Convert it to UTF-8.`)
  }
  yield* parser.take(text)
  yield* parser.end()
}

/** The text of a file, in pieces. */
async function* textOf(file: string, parser: Pick<CsvParser, 'line'>): AsyncGenerator<string> {
  const source = createReadStream(file)
  const input = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => {}) : source
  let begun: Uint8Array = new Uint8Array(0)
  let decoder: TextDecoder | undefined
  const decoded = (bytes: Uint8Array, isLast = false) => {
    decoder ??= decoderOf(file, bytes)
    try {
      return decoder.decode(bytes, { stream: !isLast })
    } catch {
      const what = decoder.encoding === 'utf-8' ? 'UTF-8: perhaps it is Windows-1252 or GBK' : decoder.encoding
      throw new FormatError(
        'csv-encoding',
        `${file}: some bytes after line ${parser.line} are no ${what}. Convert it: iconv -f WINDOWS-1252 -t UTF-8`,
      )
    }
  }
  try {
    for await (const block of input as AsyncIterable<Uint8Array>) {
      if (decoder === undefined && begun.length + block.length < 4) {
        begun = new Uint8Array([...begun, ...block])
        continue
      }
      yield decoded(begun.length > 0 ? new Uint8Array([...begun, ...block]) : block)
      begun = new Uint8Array(0)
    }
    yield decoded(begun, true)
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new UsageError('file', `${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
}

/** What reads the text of a file that begins so. */
function decoderOf(file: string, bytes: Uint8Array): TextDecoder {
  const refuse = (what: string): never => {
    throw new FormatError('csv-encoding', `${file} is ${what}.`)
  }
  for (const [first, what] of NO_TEXT) if (first.every((byte, i) => bytes[i] === byte)) refuse(what)
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le', { fatal: true })
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be', { fatal: true })
  if (bytes.subarray(0, 4).includes(0)) refuse('UTF-16 without a byte order mark, or no text: convert it to UTF-8')
  return new TextDecoder('utf-8', { fatal: true })
}

/** Makes rows of text that comes in pieces. */
class CsvParser {
  /** The line that is being read. */
  line = 1
  #delimiter: string | undefined
  /** What came before the delimiter was known. */
  #before = ''
  #began = 1
  #cells: string[] = []
  #cell = ''
  #length = 0
  #fault: string | undefined
  /** Whether a value in quotation marks is open, and whether it was just closed. */
  #isQuoted = false
  #isClosed = false
  /** Whether the character before was a CR, of which an LF is a part. */
  #isAfterReturn = false

  constructor(delimiter?: string) {
    this.#delimiter = delimiter
  }

  *take(text: string): Generator<CsvRow> {
    if (this.#delimiter === undefined) {
      this.#before += text
      if (!/[\r\n]/.test(this.#before) && this.#before.length < ROW_CHARACTERS_MAX) return
      yield* this.#begin()
    } else yield* this.#read(text)
  }

  *end(): Generator<CsvRow> {
    if (this.#delimiter === undefined) yield* this.#begin()
    if (this.#isQuoted) this.#refuse('a quotation mark is opened that is not closed')
    if (this.#length > 0) yield* this.#endRow()
  }

  *#begin(): Generator<CsvRow> {
    const said = /^sep=(.)(?:\r\n|\r|\n)/.exec(this.#before)
    this.#delimiter = said?.[1] ?? delimiterOf(this.#before)
    if (said !== null) {
      this.line++
      this.#began++
    }
    yield* this.#read(this.#before.slice(said?.[0].length ?? 0))
    this.#before = ''
  }

  *#read(text: string): Generator<CsvRow> {
    for (const character of text) {
      const isLineFeed = character === '\n' && this.#isAfterReturn
      this.#isAfterReturn = character === '\r'
      const isBreak = character === '\n' || character === '\r'
      if (isBreak && !isLineFeed) this.line++
      if (isLineFeed && !this.#isQuoted) continue
      if (isBreak && !this.#isQuoted) {
        yield* this.#endRow()
        continue
      }
      if (++this.#length > ROW_CHARACTERS_MAX) this.#refuse(`it is longer than ${ROW_CHARACTERS_MAX} characters`)
      if (this.#isQuoted) this.#quoted(character)
      else if (character === this.#delimiter) this.#endCell()
      else if (character === '"' && this.#isClosed) {
        // Two of them in a value that is quoted are one of its characters.
        this.#cell += character
        this.#isQuoted = true
        this.#isClosed = false
      } else if (character === '"' && this.#cell.trim() === '') {
        this.#cell = ''
        this.#isQuoted = true
      } else if (this.#isClosed) {
        if (character.trim() !== '') this.#fault ??= 'something stands after a closing quotation mark'
      } else this.#cell += character
    }
  }

  #quoted(character: string): void {
    if (character === '"') {
      this.#isQuoted = false
      this.#isClosed = true
    } else this.#cell += character
  }

  #endCell(): void {
    this.#cells.push(this.#cell)
    this.#cell = ''
    this.#isClosed = false
  }

  *#endRow(): Generator<CsvRow> {
    this.#endCell()
    const row = { line: this.#began, cells: this.#cells, ...(this.#fault === undefined ? {} : { fault: this.#fault }) }
    this.#cells = []
    this.#fault = undefined
    this.#length = 0
    this.#began = this.line
    if (row.cells.some(cell => cell.trim() !== '')) yield row
  }

  #refuse(why: string): never {
    throw new FormatError('csv-line', `line ${this.#began}: ${why}`)
  }
}

/** What stands between the values of the first line: the most frequent of these outside of quotation marks. */
function delimiterOf(text: string): string {
  const first = /^[^\r\n]*/.exec(text.replace(/"[^"]*"/g, ''))![0]
  const counts = [',', ';', '\t'].map(one => [one, first.split(one).length - 1] as const)
  return counts.reduce((most, one) => (one[1] > most[1] ? one : most))[0]
}
