import { BookHistory, bookKindOf } from '../account/book.ts'
import { AccountHistory, type HistoryLine } from '../account/history.ts'
import { type DefineUnit, decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import type { KeptLines } from './kept-state.ts'
import { needsPlace } from './line-kinds.ts'
import type { LinePlace } from './line-places.ts'
import type { Statement } from './statement.ts'
import { NOBODY, type Standing, standingAfter } from './who-may.ts'

/** A line that the account takes, and who may act before it. */
export interface TakenLine {
  readonly number: number
  readonly line: HistoryLine
  readonly before: Standing
  /** Who might act when the batch of the line came, of which a line before may have put others in. */
  readonly begun: Standing
  readonly place: LinePlace | undefined
}

/** An account made from its lines. */
export interface TakenLines {
  readonly history: AccountHistory | BookHistory
  /** Those that the statement shows. */
  readonly lines: readonly TakenLine[]
  readonly standing: Standing
  /** Ledger time of every line, null where it is not shown. */
  readonly times: (number | null)[]
}

/**
 * Makes an account from its lines by the rules, those kept first. Each costs a few hashes and what its lots take.
 *
 * @param statement - untrusted: its lines, and how many are of each batch.
 * @param places - of lines by their numbers, verified.
 * @throws VerifyError `evidence-missing`, `line-kind`, `line-repeated`, `line-rule`; FormatError. SPEC §10.
 */
export function takeLines(
  { account: { number: account, kind }, lines: shown, links }: Statement,
  unit: DefineUnit,
  kept: KeptLines,
  places: ReadonlyMap<number, LinePlace>,
): TakenLines {
  const bookKind = bookKindOf(kind)
  const book = bookKind === undefined ? undefined : new BookHistory(account, bookKind, unit)
  const history = book ?? new AccountHistory(account, unit)
  const counts = [...kept.links, ...links.map(({ count }) => count)]
  let [link, left] = [0, counts[0] ?? 0]
  const lines: TakenLine[] = []
  const times: (number | null)[] = []
  let standing = NOBODY
  let [begun, batch]: [Standing, LinePlace['batch'] | undefined] = [NOBODY, undefined]
  const take = (entry: Uint8Array): TakenLine => {
    const number = times.length + 1
    const place = places.get(number)
    const timeMs = place?.batch.timeMs ?? kept.times[number - 1] ?? null
    if (timeMs === null) checkArrival(decodeTransaction(entry), account, number, book === undefined)
    const before = standing
    // Points that arrive without a place put nobody in.
    if (place !== undefined && place.batch !== batch) [begun, batch] = [before, place.batch]
    const line = history.take(entry, timeMs ?? undefined)
    standing = standingAfter(before, line.transaction, history.member.owner, history.member.time)
    times.push(timeMs)
    if (--left === 0) {
      book?.endLink()
      left = counts[++link] ?? 0
    }
    return { number, line, before, begun, place }
  }
  for (const entry of kept.entries) take(entry)
  for (const entry of shown) lines.push(take(entry))
  return { history, lines, standing, times }
}

function checkArrival(tx: Transaction, account: number, number: number, ofMember: boolean): void {
  const words = `entry ${number}, of kind ${tx.kind}, stands there without its place in the log, and who signed it`
  check(!needsPlace(tx, account, ofMember), 'evidence-missing', words)
}
