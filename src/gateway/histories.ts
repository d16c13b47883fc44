import { AccountHistory, type HistoryLine, QUARTER_MS, type Shares, sharesOf } from '../account/index.ts'
import { type ListedAccount, listEntries, type TallyClient } from '../client/index.ts'
import { fromBase64 } from '../core/bytes.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { DefineUnit } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import type { LastAttempt } from './attempts.ts'
import { markOf } from './derivation.ts'
import { type Memory, type MemoryRow, ordered } from './memory.ts'
import { movementOf, type StoredMovement } from './movement.ts'

/** Entries that are asked for at once, and accounts whose histories are at hand. */
const PAGE = 1000
const HELD_MAX = 20_000

/** What is known of an account, beside its entries. */
interface KnownAccount {
  readonly n: number
  /** Dates on which points of it expire, quarter hours. */
  readonly dates: readonly number[]
}

/** An account as it is now. */
export interface AccountNow {
  readonly history: AccountHistory
  readonly shares: Shares
  readonly balance: number
  readonly listed: ListedAccount
}

export interface HistoriesOptions {
  readonly memory: Memory
  /** Calls with a key that may read the accounts. */
  readonly client: TallyClient
  /** The policy of a unit, by the record. */
  readonly unitOf: (record: number) => DefineUnit
  readonly nowMs: () => number
  /** Hears that accounts were merged, or that it was undone. */
  readonly onMerged: () => void
}

/**
 * The histories of members' accounts, each made from its own entries by the rules of SPEC §6, so that lots, balances
 * and what expires are computed here and only compared with what the ledger says. What was read once is kept.
 */
export class Histories {
  readonly #options: HistoriesOptions
  /** The latest last. */
  readonly #held = new Map<number, AccountHistory>()
  readonly #running = new Map<number, Promise<AccountNow>>()

  constructor(options: HistoriesOptions) {
    this.#options = options
  }

  /**
   * An account as the ledger has it now, its entries up to now in the memory.
   *
   * @param unit - record of its unit.
   * @throws AnswerError `answer-false` where entries do not make what the ledger says; ClientError.
   */
  now(account: number, unit: number): Promise<AccountNow> {
    const running = this.#running.get(account)
    const next = (running?.catch(() => undefined) ?? Promise.resolve(undefined)).then(() => this.#now(account, unit))
    this.#running.set(account, next)
    return next.finally(() => {
      if (this.#running.get(account) === next) this.#running.delete(account)
    })
  }

  /** Reads what is new of an account that has so many entries now. */
  async follow(account: number, unit: number, entries: number): Promise<void> {
    const known = await this.#options.memory.get<KnownAccount>('known', ordered(account))
    if ((known?.n ?? 0) < entries) await this.now(account, unit)
  }

  async #now(account: number, unit: number): Promise<AccountNow> {
    const { client, nowMs } = this.#options
    const listed = await client.account(account)
    const history = await this.#history(account, unit)
    if (history.entries < listed.entries) await this.#read(history, listed.entries)
    const { balance, holdings, time } = history.member
    // It may have got more entries since it was asked.
    check(
      history.entries !== listed.entries || balance === listed.balance,
      'answer-false',
      `the entries of account ${account} make ${balance} points, and the ledger says ${listed.balance}`,
    )
    const shares = sharesOf(holdings, balance, Math.max(nowMs(), time))
    this.#held.delete(account)
    this.#held.set(account, history)
    if (this.#held.size > HELD_MAX) this.#held.delete(this.#held.keys().next().value!)
    return { history, shares, balance, listed }
  }

  /** The history of what the memory has. */
  async #history(account: number, unit: number): Promise<AccountHistory> {
    const held = this.#held.get(account)
    if (held !== undefined) return held
    const history = new AccountHistory(account, this.#options.unitOf(unit))
    const key = ordered(account)
    for (const [, { e, at }] of await this.#options.memory.list<StoredMovement>('movements', {
      after: key,
      before: `${key}~`,
    }))
      history.take(fromBase64(e), at)
    return history
  }

  /** Takes the entries that are new, and writes them down. */
  async #read(history: AccountHistory, entries: number): Promise<void> {
    const { client, memory } = this.#options
    const { account } = history
    const known = await memory.get<KnownAccount>('known', ordered(account))
    const rows: MemoryRow[] = []
    try {
      while (history.entries < entries) {
        const page = await listEntries(client, account, { after: history.entries, limit: PAGE })
        check(page.length > 0, 'answer-false', `account ${account} has fewer entries than the ledger says`)
        for (const { index, ledgerTime: timeMs, entry } of page) {
          const before = history.member
          const line = history.take(fromBase64(entry), timeMs)
          const number = history.entries
          const movement = movementOf(line, before, history.member, { number, index, timeMs, entry })
          rows.push(['movements', ordered(account) + ordered(number), movement], ...mergedRows(line, account))
          const { t, e, s, x } = { t: line.timeMs, e: entry, s: ACCEPTED, x: index }
          const opened = number === 1 ? { n: account } : {}
          const attempt: LastAttempt = { t, e, s, x, at: timeMs, ...opened }
          rows.push(['attempts', markOf(line.transaction.id), attempt])
        }
      }
    } catch (error) {
      // It has taken more than is written: the next begins with what is.
      this.#held.delete(account)
      throw error
    }
    const dates = new Map<number, number>()
    for (const { expires, amount } of history.member.holdings.lots)
      if (expires !== 0) dates.set(expires, (dates.get(expires) ?? 0) + amount)
    for (const date of known?.dates ?? [])
      if (!dates.has(date)) rows.push(['expiring', ordered(date) + ordered(account), undefined])
    for (const [date, points] of dates) rows.push(['expiring', ordered(date) + ordered(account), points])
    rows.push(['known', ordered(account), { n: history.entries, dates: [...dates.keys()] } satisfies KnownAccount])
    await memory.write(rows)
    if (rows.some(([table]) => table === 'merged')) this.#options.onMerged()
  }
}

/** What an entry says of the account into which this one was merged. */
function mergedRows({ transaction, original }: HistoryLine, account: number): MemoryRow[] {
  const { kind } = transaction
  if (kind === 'merge' && transaction.debit === account) return [['merged', ordered(account), transaction.credit]]
  // Whatever comes back of a merge opens the account again.
  const isUndone = kind === 'reverse' && original === 'merge' && transaction.credit === account
  return isUndone ? [['merged', ordered(account), undefined]] : []
}

/** A date of a lot as a time, in ms. */
export function dateMs(quarters: number): number {
  return quarters * QUARTER_MS
}
