import { PAGE_LINES_MAX } from '../core/limits.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import { decodePage, type StatementPage } from '../verify/page.ts'
import { decodeStatement } from '../verify/statement.ts'
import { StatementPages } from '../verify/statement-pages.ts'
import type { StatementTrust, VerifiedStatement } from '../verify/verified-statement.ts'

/** What of a statement is asked for. */
export interface StatementQuery {
  /** How many entries were verified before: 0 by default. */
  readonly since?: number | undefined
  /** A page (SPEC §10) of at most so many lines. */
  readonly lines?: number | undefined
  /** With `lines`: size of the checkpoint of the page before. */
  readonly grown?: number | undefined
  /** Who signed also where it need not be shown. */
  readonly allSignatures?: boolean | undefined
}

/** Where a statement is asked for (SPEC §11). */
export function statementPath(number: number, query: StatementQuery): string {
  return `/v1/accounts/${number}/statement?${statementSearch(query)}`
}

/** The query of a URL that asks for it. */
export function statementSearch({ since, lines, grown, allSignatures }: StatementQuery): URLSearchParams {
  const query = new URLSearchParams()
  if (since !== undefined) query.set('since', String(since))
  if (lines !== undefined) query.set('lines', String(lines))
  if (grown !== undefined) query.set('grown', String(grown))
  if (allSignatures) query.set('signatures', 'all')
  return query
}

/** What a page says of itself, unverified. */
export interface ClaimedPage extends StatementPage {
  /** Number of its last line, and how many the account has. */
  readonly lineCount: number
  readonly entries: number
  readonly account: number
  /** Size of its checkpoint. */
  readonly size: number
  /** Whether the account ends with it. */
  readonly isLast: boolean
}

/** What a page says of itself. @param page - untrusted. @throws FormatError. */
export function claimedPage(page: StatementPage): ClaimedPage {
  const { account, since, lines, checkpoint } = decodeStatement(page.statement)
  const { size } = parseCheckpoint(parseNote(checkpoint).text)
  const lineCount = since + lines.length
  const { entries, number } = account
  return { ...page, lineCount, entries, account: number, size, isLast: lineCount >= entries }
}

/** Fetches a page of a statement. */
export type AskPage = (query: StatementQuery) => Promise<Uint8Array>

/**
 * Fetches a statement page by page, to the end of the account. Nothing of it is verified: `StatementPages` does that.
 * The first page of an account of at most as many lines is its whole statement.
 *
 * @param ask - `query => client.statement(number, query)`.
 * @param from - where to go on: `since`, and the size of the checkpoint of the page before.
 * @throws FormatError where an answer is no page; ClientError.
 */
export async function* pagesOfStatement(ask: AskPage, from: StatementQuery = {}): AsyncGenerator<ClaimedPage> {
  let { since = 0, grown } = from
  const { lines = PAGE_LINES_MAX, allSignatures } = from
  for (;;) {
    const page = claimedPage(decodePage(await ask({ since, lines, grown, allSignatures })))
    yield page
    // A server that shows nothing would be asked for ever.
    if (page.isLast || page.lineCount <= since) return
    since = page.lineCount
    grown = page.size
  }
}

/**
 * Fetches a statement page by page, and verifies each as it comes, so that no more than one is in memory.
 *
 * @throws VerifyError; FormatError; ClientError.
 */
export async function verifiedPages(ask: AskPage, trust: StatementTrust): Promise<VerifiedStatement> {
  const reading = new StatementPages(trust)
  for await (const { statement, growth } of pagesOfStatement(ask)) reading.take(statement, growth)
  return reading.statement
}
