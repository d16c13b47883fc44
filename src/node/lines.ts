import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { UsageError } from './failure.ts'

/** Bytes of the longest line that is read. */
const LINE_BYTES_MAX = 64 * 1024

/**
 * The lines of a file, without their ends (`\n` or `\r\n`), as they are read: never more than a block is in memory.
 * A name that ends in `.gz` is unpacked on the way.
 *
 * @throws UsageError `file` when it cannot be read or unpacked, or a line is longer than 64 KiB.
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const source = createReadStream(file)
  const input = file.endsWith('.gz') ? pipeline(source, createGunzip(), () => {}) : source
  const decoder = new TextDecoder()
  let rest = ''
  let count = 0
  try {
    for await (const block of input as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(block, { stream: true })).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        count++
        yield withoutReturn(line)
      }
      if (rest.length > LINE_BYTES_MAX)
        throw new UsageError('file', `${file}: line ${count + 1} is longer than ${LINE_BYTES_MAX} bytes.`)
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError('file', `${file} cannot be read: ${(error as Error).message}`, { cause: error })
  }
  if (rest !== '') yield withoutReturn(rest)
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}

/** How many lines a file has. @throws UsageError `file`. */
export async function countLines(file: string): Promise<number> {
  let lines = 0
  for await (const _ of linesOf(file)) lines++
  return lines
}
