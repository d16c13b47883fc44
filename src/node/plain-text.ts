import { FormatError } from '../core/failure.ts'
import { readParsed } from './file-system.ts'

const [CR, LF] = [13, 10]

/**
 * The bytes of a text as every parser takes them, however an editor saved it: without a byte order mark, its lines
 * ended by a line feed alone.
 *
 * @throws FormatError `utf8` where it is saved as UTF-16, saying so.
 */
export function plainText(bytes: Uint8Array): Uint8Array {
  const [first, second, third] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new FormatError('utf8', 'it is saved as UTF-16: save it as UTF-8')
  const text = first === 0xef && second === 0xbb && third === 0xbf ? bytes.subarray(3) : bytes
  return text.includes(CR) ? text.filter((byte, i) => byte !== CR || text[i + 1] !== LF) : text
}

/** What `parse` makes of a file of text, however an editor saved it. @throws as `readParsed`, and `plainText`. */
export function readText<T>(path: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  return readParsed(path, bytes => parse(plainText(bytes)))
}
