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
export type KeptLines = Pick<KeptState, 'entries' | 'times' | 'links'>

const NO_LINES: KeptLines = { entries: [], times: [], links: [] }

/**
 * What a reader kept, beside the pages of a statement of the account. Where the ledger went on in another log from
 * before that, what is left of it is found out page by page.
 */
export class KeptBeside {
  #kept: KeptState | undefined
  /** Entries that were verified before, and that the ledger as it went on does not have. */
  #dropped: readonly Uint8Array[] = []
  readonly #since: number
  /** The log in which the ledger went on from before what was kept. */
  readonly #next: NamedLog | undefined
  readonly #mayDrop: boolean

  /**
   * @param since - of the first page. @param mayDrop - whether the reader accepts that something was dropped.
   * @throws VerifyError `kept-state` where the ledger went on from before it, and the statement is not whole.
   */
  constructor(kept: KeptState | undefined, logs: readonly NamedLog[], since: number, mayDrop: boolean) {
    const at = kept === undefined ? -1 : logs.findIndex(({ ledgerId }) => equalBytes(kept.ledgerId, ledgerId))
    const next = at < 0 ? undefined : logs[at + 1]
    this.#kept = kept
    this.#since = since
    this.#mayDrop = mayDrop
    if (kept === undefined || next === undefined || kept.size <= lastSizeBefore(next.from)) return
    this.#next = next
    const { size } = next
    const words = 'the ledger went on from before what you verified: a whole statement shows what is left of it'
    check(since === 0, 'kept-state', words)
    const records = kept.records.map(one => ({ ...one, until: one.until < size ? one.until : 0, next: 0, size }))
    this.#kept = { ...kept, size, records }
  }

  get dropped(): readonly Uint8Array[] {
    return this.#dropped
  }

  /** Lines with which a recomputation starts: those that the statement does not show again. */
  get lines(): KeptLines {
    return this.#since === 0 ? NO_LINES : (this.#kept ?? NO_LINES)
  }

  /** Size of the checkpoint under which a line was not there yet; 0 where it was, or nothing is known. */
  absentAt(line: number): number {
    return this.#kept !== undefined && line > this.#kept.entries.length ? this.#kept.size : 0
  }

  /** Records that were shown before, as far as they are still those of the ledger. */
  recordsBeside({ records, batches }: Statement): readonly KeptRecord[] {
    const [next, kept] = [this.#next, this.#kept?.records ?? []]
    if (next === undefined) return kept
    // A number that was given again after there is another record's.
    return kept.filter(({ number }) => {
      const record = records.find(one => one.number === number)
      return record === undefined || (batches[record.at]?.index ?? next.size) < next.size
    })
  }

  /**
   * Compares it with a page. Anyone who kept entries is shown them again, or what follows them: a whole statement that
   * begins otherwise, or is of an earlier checkpoint, is a history rewritten or rolled back.
   *
   * @param isLast - whether the page ends where the account does.
   * @throws VerifyError `kept-state`, `continued-dropped`. SPEC §10.
   */
  compare(page: Statement, logs: readonly NamedLog[], size: number, isLast: boolean): void {
    const { account, since } = page
    const words = `the statement begins after entry ${since} of the account, which you have not verified`
    if (this.#kept === undefined) check(this.#since === 0, 'kept-state', words)
    const differs = this.#differsAt(page, isLast)
    if (differs !== undefined && this.#next !== undefined) this.#drop(differs, this.#next)
    const kept = this.#kept
    if (kept === undefined) return
    check(
      (differs === undefined || this.#next !== undefined) &&
        (this.#since === 0 || kept.entries.length === this.#since) &&
        kept.account === account.number &&
        kept.size <= size &&
        logs.some(({ ledgerId }) => equalBytes(kept.ledgerId, ledgerId)) &&
        equalBytes(kept.opening, account.opening),
      'kept-state',
      'the statement does not continue the one you verified before',
    )
  }

  /** How many of the entries that were kept a page leaves as they are; undefined where it leaves all. */
  #differsAt({ since, lines }: Statement, isLast: boolean): number | undefined {
    if (this.#since > 0) return undefined
    const entries = this.#kept?.entries ?? []
    const end = since + lines.length
    for (let i = since; i < Math.min(entries.length, end); i++)
      if (!equalBytes(entries[i]!, lines[i - since]!)) return i
    return isLast && end < entries.length ? end : undefined
  }

  #drop(count: number, { origin, size }: NamedLog): void {
    const kept = this.#kept!
    const dropped = kept.entries.slice(count)
    if (dropped.length > 0 && !this.#mayDrop)
      throw new VerifyError(
        'continued-dropped',
        `the ledger went on as "${origin}" from ${size} entries, and you had verified more of it: ` +
          `${dropped.length} entries of your account were dropped, from number ${count + 1} on`,
      )
    this.#dropped = dropped
    this.#kept = {
      ...kept,
      entries: kept.entries.slice(0, count),
      times: kept.times.slice(0, count),
      links: firstLinks(kept.links, count),
    }
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
