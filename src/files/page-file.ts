import { type FileHandle, open } from 'node:fs/promises'
import { FormatError } from '../core/failure.ts'
import { UsageError } from '../node/failure.ts'
import { decodePage, PAGE_HEAD_BYTES, pageLength, type StatementPage } from '../verify/page.ts'

/** A page of a file, and how many bytes of the file it ends. */
export interface PageOfFile extends StatementPage {
  readonly end: number
}

/**
 * The pages of a file of them (SPEC §10), in order: of each no more is in memory than itself.
 *
 * @param path - of an untrusted file.
 * @throws UsageError `file`; FormatError where what stands there is no page, or is cut off.
 */
export async function* readPages(path: string): AsyncGenerator<PageOfFile> {
  const file = await open(path, 'r').catch((error: Error) => {
    throw new UsageError('file', `${path} cannot be read: ${error.message}`)
  })
  try {
    for (let at = 0; ; ) {
      const head = await bytesAt(file, at, PAGE_HEAD_BYTES)
      if (head.length === 0) return
      const length = pageLength(head)
      const bytes = await bytesAt(file, at, length)
      if (bytes.length < length) throw new FormatError('statement', `the page at byte ${at} of ${path} is cut off`)
      at += length
      yield { ...decodePage(bytes), end: at }
    }
  } finally {
    await file.close()
  }
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let count = 0
  while (count < length) {
    const { bytesRead } = await file.read(bytes, count, length - count, at + count)
    if (bytesRead === 0) break
    count += bytesRead
  }
  return bytes.subarray(0, count)
}
