import { equalBytes } from '../core/bytes.ts'
import { check, VerifyError } from '../core/failure.ts'
import { lastSizeBefore, type NamedLog } from './logs.ts'
import type { KeptRecord } from './proven-records.ts'
import type { Statement } from './statement.ts'

/** What a reader keeps of a verified statement, to verify the next one from there on (SPEC §10). */
export interface KeptState {
  readonly ledgerId: Uint8Array
  readonly account: number
  readonly opening: Uint8Array
  /** Size of the checkpoint. */
  readonly size: number
  /** All entries of the account that were verified, from its opening on. */
  readonly entries: readonly Uint8Array[]
  /** Ledger time of each, null where no statement showed its batch. */
  readonly times: readonly (number | null)[]
  /** Of any account but a member's: how many of the entries are of each batch. */
  readonly links: readonly number[]
  /** Records that were shown. */
  readonly records: readonly KeptRecord[]
}

/** Entries of an account that were verified before, their times, and their batches. */
export interface KeptLines {
  readonly entries: readonly Uint8Array[]
  readonly times: readonly (number | null)[]
  readonly links: readonly number[]
}

/**
 * The entries that a recomputation starts with: none, or those that the reader kept. Anyone who kept some is shown them
 * again, or what follows them: a whole statement that begins otherwise, or is of an earlier checkpoint, is a history
 * rewritten or rolled back.
 *
 * @throws VerifyError `kept-state`. SPEC §10.
 */
export function keptLines(
  { since, account, lines }: Statement,
  logs: readonly NamedLog[],
  size: number,
  kept: KeptState | undefined,
): KeptLines {
  if (kept === undefined) {
    const words = `the statement begins behind entry ${since} of the account, which you have not verified`
    check(since === 0, 'kept-state', words)
    return { entries: [], times: [], links: [] }
  }
  const { entries, times, links } = kept
  check(
    (since === 0
      ? entries.every((entry, i) => lines[i] !== undefined && equalBytes(entry, lines[i]))
      : entries.length === since) &&
      kept.account === account.number &&
      kept.size <= size &&
      logs.some(({ ledgerId }) => equalBytes(kept.ledgerId, ledgerId)) &&
      equalBytes(kept.opening, account.opening),
    'kept-state',
    'the statement does not continue the one you verified before',
  )
  return { entries: since === 0 ? [] : entries, times, links: since === 0 ? [] : links }
}

/** What a reader kept, as far as a ledger that was continued took it over. */
export interface TakenOver {
  readonly kept: KeptState | undefined
  /** Entries that were verified before, and that the ledger as it went on does not have. */
  readonly dropped: readonly Uint8Array[]
}

/**
 * What is left of what a reader kept where the ledger went on from before it. All of it, where nothing was dropped.
 *
 * @param mayDrop - whether the reader accepts it.
 * @throws VerifyError `continued-dropped`, and `kept-state` where the statement does not show what is left.
 */
export function takenOver(
  { since, lines, records, batches }: Statement,
  logs: readonly NamedLog[],
  kept: KeptState | undefined,
  mayDrop: boolean,
): TakenOver {
  const at = kept === undefined ? -1 : logs.findIndex(({ ledgerId }) => equalBytes(kept.ledgerId, ledgerId))
  const next = at < 0 ? undefined : logs[at + 1]
  if (kept === undefined || next === undefined || kept.size <= lastSizeBefore(next.from)) return { kept, dropped: [] }
  const { size } = next
  const words = 'the ledger went on from before what you verified: a whole statement shows what is left of it'
  check(since === 0, 'kept-state', words)
  const differs = kept.entries.findIndex((entry, i) => lines[i] === undefined || !equalBytes(entry, lines[i]))
  const count = differs < 0 ? kept.entries.length : differs
  const dropped = kept.entries.slice(count)
  if (dropped.length > 0 && !mayDrop)
    throw new VerifyError(
      'continued-dropped',
      `the ledger went on as "${next.origin}" from ${size} entries, and you had verified it with ${kept.size}: ` +
        `${dropped.length} entries of your account were dropped, from number ${count + 1} on`,
    )
  // A number that was given again behind there is another record's.
  const isBelow = (number: number) => {
    const record = records.find(one => one.number === number)
    return record === undefined || (batches[record.at]?.index ?? size) < size
  }
  const left = kept.records.filter(({ number }) => isBelow(number))
  return {
    kept: {
      ...kept,
      size,
      entries: kept.entries.slice(0, count),
      times: kept.times.slice(0, count),
      links: firstLinks(kept.links, count),
      records: left.map(one => ({ ...one, until: one.until < size ? one.until : 0, next: 0, size })),
    },
    dropped,
  }
}

/** The links of the first `count` entries: a log goes on between batches, and drops whole ones. */
function firstLinks(links: readonly number[], count: number): number[] {
  let end = 0
  return links.filter(link => {
    end += link
    return end <= count
  })
}
