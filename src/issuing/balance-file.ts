import {
  freshId,
  listBudgets,
  listEntries,
  makeEntry,
  memberRef,
  type SigningKey,
  type TallyClient,
} from '../client/index.ts'
import { untilSealed } from '../client/until-sealed.ts'
import { fromBase64, toHex } from '../core/bytes.ts'
import { ACCEPTED, OUTCOMES } from '../core/entry/outcome.ts'
import { decodeTransaction, type TransactionOf } from '../core/entry/transaction.ts'
import type { CsvRow } from '../node/csv-file.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'
import {
  type BalanceMap,
  type BalancePolicy,
  BalanceReader,
  type BalanceRow,
  type DecimalMark,
  type RowFault,
} from './balance-rows.ts'
import { Derivation } from './derivation.ts'
import type { ImportedMembers } from './import-run.ts'
import { RefAccounts } from './ref-accounts.ts'
import { submitProven } from './submit-proven.ts'

/** Rows that are looked up, and brought, together. */
const GROUP_ROWS = 500
const LOOKUPS_AT_ONCE = 16
const ENTRIES_AT_ONCE = 1000
/** A ledger of which the time is further from the clock than this follows its entries. */
const FOLLOWS_MS = 86_400_000

export interface BalanceImportOptions {
  readonly client: TallyClient
  /** Issues out of the budget, and the key of the old system, which signs beside it. */
  readonly issuer: SigningKey
  readonly source: SigningKey
  /** Opens accounts, and reads what was brought before. */
  readonly registrar: SigningKey
  readonly budget: number
  readonly unit: BalancePolicy & { readonly record: number; readonly terms: Uint8Array }
  /** From which the references of balances, and the owner keys of members that are opened, are derived. */
  readonly secret: Uint8Array
  /** Who the members are; by default by `secret`, and of the platform. */
  readonly members?: ImportedMembers
  readonly map: BalanceMap
  readonly decimal?: DecimalMark
  /** Rows that are none are left out, instead of bringing nothing at all. */
  readonly skipBad: boolean
  /** Only says what would be. */
  readonly isDryRun: boolean
  readonly proofWords?: (index: number) => string
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
}

interface Sum {
  rows: number
  points: number
}

/** What a file of balances came to. What it has in sum is what was brought, now and before, and what was refused. */
export interface BalanceReport {
  /** Rows below the header, and those that say 0 points. */
  readonly rows: number
  readonly empty: number
  /** Members of the good rows, and those for whom an account was opened, or would be. */
  members: number
  newMembers: number
  /** Of all good rows. */
  readonly sum: Sum
  /** Brought by this run, or to be brought by one that is not dry. */
  readonly brought: Sum
  /** Brought by a run before. */
  readonly before: Sum
  /** By the ledger, or since another balance was brought under the reference. */
  readonly refused: Sum
  /** What is left in the budget. */
  left: number
  /** Rows that bring nothing, and why; in the order of the file those that are none, then those that were refused. */
  readonly faults: RowFault[]
  /** Rows that are none. */
  readonly badRows: number
  isComplete: boolean
}

/**
 * Brings balances of an old system along (SPEC §7, opening balances): each once for ever, under a reference that is
 * derived from the member, or from what the file says tells balances apart. What was brought before is found on the
 * ledger; so a file may come in parts, in any order, and again. Opens accounts of members that have none. Where a row
 * is no balance, nothing is sent at all, unless bad rows are left out. Holds all rows. Ends when all is in a
 * checkpoint.
 *
 * @throws FormatError `csv-encoding`, `csv-line`; UsageError `csv-header`; ClientError; OutcomeError where an account
 * is refused.
 */
export async function importBalances(
  rows: AsyncIterable<CsvRow>,
  options: BalanceImportOptions,
): Promise<BalanceReport> {
  const { client, skipBad, isDryRun, signal, onProgress } = options
  const { time } = await client.ledger()
  const nowMs = () => (Math.abs(Date.now() - time) > FOLLOWS_MS ? time : Date.now())
  const { good, report } = await readAll(rows, options, nowMs())
  report.left = await leftIn(options)
  if (report.badRows > 0 && !skipBad && !isDryRun) return report
  const run = new BalanceRun(options, report, nowMs)
  for (let at = 0; at < good.length && !signal.aborted; at += GROUP_ROWS) {
    onProgress(at, good.length)
    await run.bring(good.slice(at, at + GROUP_ROWS))
  }
  report.isComplete = !signal.aborted
  if (report.isComplete && !isDryRun) await untilSealed(client, signal)
  if (!isDryRun) report.left = await leftIn(options)
  onProgress(good.length, good.length)
  return report
}

/** Reads a file whole, before anything is sent. */
async function readAll(rows: AsyncIterable<CsvRow>, options: BalanceImportOptions, nowMs: number) {
  const { map, unit, decimal } = options
  const good: BalanceRow[] = []
  const faults: RowFault[] = []
  let [reader, count, empty]: [BalanceReader | undefined, number, number] = [undefined, 0, 0]
  for await (const row of rows) {
    if (reader === undefined) {
      reader = new BalanceReader(row, map, unit, { nowMs, ...(decimal === undefined ? {} : { decimal }) })
      continue
    }
    count++
    const read = reader.read(row)
    if (read === undefined) empty++
    else if ('code' in read) faults.push(read)
    else good.push(read)
  }
  const none = (): Sum => ({ rows: 0, points: 0 })
  const report: BalanceReport = {
    ...{ rows: count, empty, members: new Set(good.map(({ member }) => member)).size, newMembers: 0 },
    sum: { rows: good.length, points: good.reduce((sum, { points }) => sum + points, 0) },
    ...{ brought: none(), before: none(), refused: none() },
    ...{ left: 0, faults, badRows: faults.length, isComplete: false },
  }
  return { good, report }
}

async function leftIn({ client, issuer, budget }: BalanceImportOptions): Promise<number> {
  const budgets = await listBudgets(client.as(issuer), { after: budget - 1, limit: 1 })
  return budgets.find(({ account }) => account === budget)?.left ?? 0
}

/** A row, the account of its member, and the reference of the balance. */
interface Placed {
  readonly row: BalanceRow
  readonly account: number
  readonly ref: Uint8Array
}

type BroughtBalance = TransactionOf<'opening-balance'>

class BalanceRun {
  readonly #options: BalanceImportOptions
  readonly #report: BalanceReport
  readonly #nowMs: () => number
  readonly #accounts: RefAccounts
  /** Members that a dry run would open. */
  readonly #strangers = new Set<string>()

  constructor(options: BalanceImportOptions, report: BalanceReport, nowMs: () => number) {
    this.#options = options
    this.#report = report
    this.#nowMs = nowMs
    const { client, registrar, secret, unit, members, signal, proofWords } = options
    this.#accounts = new RefAccounts({
      client: client.as(registrar),
      registrar: async () => registrar,
      derived: new Derivation(secret),
      secret,
      ...members,
      termsOf: () => unit.terms,
      signal,
      ...(proofWords === undefined ? {} : { proofWords }),
    })
  }

  /** Brings some rows, as far as they were not. */
  async bring(rows: readonly BalanceRow[]): Promise<void> {
    const { unit, secret, isDryRun } = this.#options
    const names = [...new Set(rows.map(({ member }) => member))]
    const met = await this.#accounts.find(names, unit.record)
    const known = await this.#broughtTo([...new Set(met.values())])
    const refs = new Map(rows.map(row => [row, memberRef(secret, unit.record, `balance\u0000${row.name}`)]))
    const fresh = rows.filter(row => this.#isNew(row, known.get(toHex(refs.get(row)!))))
    if (isDryRun) {
      for (const row of fresh) {
        if (!met.has(row.member)) this.#strangers.add(row.member)
        add(this.#report.brought, row)
      }
      this.#report.newMembers = this.#strangers.size
      return
    }
    const opened = await this.#accounts.open(new Map(fresh.map(({ member }) => [member, this.#nowMs()])), unit.record)
    this.#report.newMembers = this.#accounts.counts.opened
    await this.#submit(fresh.map(row => ({ row, account: opened.get(row.member)!, ref: refs.get(row)! })))
  }

  /** Whether a row is to be brought: it is counted where it was, and refused where another was in its place. */
  #isNew(row: BalanceRow, before: BroughtBalance | undefined): boolean {
    if (before === undefined) return true
    if (before.amount === row.points && before.matures === row.matures && before.expires === row.expires)
      add(this.#report.before, row)
    else
      this.#refuse(row, {
        code: 'balance-changed',
        message: `${before.amount} points were brought before under its reference, with other points or dates`,
      })
    return false
  }

  /** The balances that some accounts were brought, by their references. */
  async #broughtTo(accounts: readonly number[]): Promise<ReadonlyMap<string, BroughtBalance>> {
    const { client, registrar } = this.#options
    const caller = client.as(registrar)
    const found = new Map<string, BroughtBalance>()
    for (let at = 0; at < accounts.length; at += LOOKUPS_AT_ONCE)
      await Promise.all(
        accounts.slice(at, at + LOOKUPS_AT_ONCE).map(async account => {
          for (let after = 0, isMore = true; isMore; after += ENTRIES_AT_ONCE) {
            const page = await listEntries(caller, account, { after, limit: ENTRIES_AT_ONCE })
            for (const { kind, entry } of page) {
              if (kind !== 'opening-balance') continue
              const opening = decodeTransaction(fromBase64(entry)) as BroughtBalance
              found.set(toHex(opening.ref), opening)
            }
            isMore = page.length === ENTRIES_AT_ONCE
          }
        }),
      )
    return found
  }

  async #submit(placed: readonly Placed[]): Promise<void> {
    if (placed.length === 0) return
    const { client, issuer, source, budget, signal } = this.#options
    const record = 'record' in source.holder ? source.holder.record : 0
    const entries = placed.map(({ row: { points: amount, matures, expires }, account, ref }) => {
      const id = freshId(this.#nowMs())
      return makeEntry('opening-balance', {
        id,
        debit: budget,
        credit: account,
        amount,
        matures,
        expires,
        source: record,
        ref,
      })
    })
    const answer = await submitProven(client, entries, [issuer, source], signal)
    const indexes = logIndexesOf(answer)
    placed.forEach(({ row }, position) => {
      const status = answer.statuses[position]!
      if (status === ACCEPTED) add(this.#report.brought, row)
      else this.#refuse(row, { code: OUTCOMES[status]!, message: `the ledger refused it: entry ${indexes[position]}` })
    })
  }

  #refuse(row: BalanceRow, why: Omit<RowFault, 'line'>): void {
    add(this.#report.refused, row)
    this.#report.faults.push({ line: row.line, ...why })
  }
}

function add(sum: Sum, { points }: BalanceRow): void {
  sum.rows++
  sum.points += points
}
