import { appendFile, rename, rm, truncate } from 'node:fs/promises'
import { type AskPage, claimedPage, pagesOfStatement, type StatementQuery } from '../../src/client/index.ts'
import { FormatError, VerifyError } from '../../src/core/failure.ts'
import { readPages } from '../../src/files/page-file.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, writeBytes } from '../../src/node/file-system.ts'
import { encodePage } from '../../src/verify/page.ts'
import { decodeStatement } from '../../src/verify/statement.ts'
import { note, progressBar } from '../screen/screen.ts'

/** Where a statement is written, and of which account it has to be. */
export interface StatementFile {
  readonly account: number
  readonly out: string
}

/**
 * Fetches a statement into a file, page by page where it has more than one: until all are there in `<file>.part`, from
 * which a call that was interrupted goes on. Nothing of it is verified.
 *
 * @param onFirst - is given the checkpoint of the first page, when that is written.
 * @returns how many pages and bytes were written.
 * @throws UsageError `file` where what was begun is of something else; ClientError, FormatError.
 */
export async function fetchPages(
  ask: AskPage,
  query: StatementQuery,
  { account, out }: StatementFile,
  onFirst: (checkpoint: Uint8Array) => Promise<void>,
): Promise<{ readonly pages: number; readonly bytes: number }> {
  const part = `${out}.part`
  const begun = await begunIn(part, account, query.since ?? 0)
  if (begun.pages > 0) note(`Going on with ${part}, from entry ${begun.since + 1} on.`)
  const bar = progressBar('Fetching', 'entries')
  let { pages, bytes } = begun
  let isEnd = begun.isLast
  try {
    if (!isEnd)
      for await (const page of pagesOfStatement(ask, { ...query, since: begun.since, grown: begun.grown })) {
        const { checkpoint } = decodeStatement(page.statement)
        if (pages === 0 && page.isLast) {
          await writeBytes(out, page.statement)
          await onFirst(checkpoint)
          return { pages: 1, bytes: page.statement.length }
        }
        const written = encodePage(page)
        await appendFile(part, written, { mode: 0o644 })
        if (pages === 0) await onFirst(checkpoint)
        pages++
        bytes += written.length
        isEnd = page.isLast
        bar.update(page.lineCount, page.entries)
      }
  } finally {
    bar.stop()
  }
  if (!isEnd) {
    await rm(part, { force: true })
    throw new VerifyError('line-count', 'the ledger sent a page without entries, and says that there are more')
  }
  await rename(part, out)
  return { pages, bytes }
}

/** Where a file that was begun goes on. */
interface Begun {
  readonly since: number
  readonly grown: number | undefined
  readonly pages: number
  readonly bytes: number
  readonly isLast: boolean
}

/** How far a file was written; what was cut off at its end is taken away. */
async function begunIn(part: string, account: number, since: number): Promise<Begun> {
  let begun: Begun = { since, grown: undefined, pages: 0, bytes: 0, isLast: false }
  if (!(await fileExists(part))) return begun
  try {
    for await (const page of readPages(part)) {
      const { lineCount, size, isLast, account: number } = claimedPage(page)
      if (number !== account || decodeStatement(page.statement).since !== begun.since)
        throw new UsageError('file', `${part} was begun for something else: remove it, or choose another --out.`)
      begun = { since: lineCount, grown: size, pages: begun.pages + 1, bytes: page.end, isLast }
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    await truncate(part, begun.bytes)
  }
  if (begun.pages === 0) await rm(part, { force: true })
  return begun
}
