import { expiryOfGain } from '../account/dates.ts'
import { equalBytes } from '../core/bytes.ts'
import { idTimeMs } from '../core/entry/id.ts'
import type { Custodian, DefineUnit, Transaction, TransactionOf } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { type LineSigner, signersOf } from './authority.ts'
import type { ShownBatch } from './batch-proof.ts'
import type { ShownChains } from './chains.ts'
import type { LinePlace } from './line-places.ts'
import { ledgerIdAt } from './logs.ts'
import { type Beginning, isGoodFor, type Records } from './proven-records.ts'
import type { TakenLine } from './taken-lines.ts'
import type { Standing } from './who-may.ts'

/** What it takes to say who was entitled to the lines of an account. */
export interface LinesScene {
  readonly account: number
  readonly unit: DefineUnit
  readonly records: Records
  readonly chains: ShownChains
  readonly beginning: Beginning
}

/**
 * Who was entitled to each line and signed it; nobody for one without a place. SPEC §10.
 *
 * @param standing - who may act after all lines of the account; undefined where these are not all.
 * @throws VerifyError `record-changed`, `record-missing`, `evidence-signature`, `line-time`, `line-rule`.
 */
export function authorise(
  lines: readonly TakenLine[],
  standing: Standing | undefined,
  scene: LinesScene,
): LineSigner[][] {
  const { records } = scene
  for (const { line } of lines) checkCustodian(custodianIn(line.transaction), records)
  if (standing !== undefined) {
    checkCustodian(standing.custodian, records)
    checkChainShown(standing.custodian, scene)
  }
  return lines.map(one => (one.place === undefined ? [] : authoriseLine(one, one.place, scene)))
}

/** Kinds whose time may be as early as the backdate of the keys that are entitled to them. SPEC §7. */
const BACKDATED: ReadonlySet<string> = new Set(['issue', 'opening-balance', 'open-account'])

function authoriseLine({ number, line, before, begun }: TakenLine, place: LinePlace, scene: LinesScene): LineSigner[] {
  const { batch, position } = place
  const { transaction, timeMs } = line
  const { genesis, logs } = scene.beginning
  const ledgerId = ledgerIdAt(logs, batch.index)
  const { signers, backdateMs } = signersOf({ ...scene, number, line, acting: before, begun, batch, ledgerId })
  const { skewMs } = genesis
  const reach = BACKDATED.has(transaction.kind) ? skewMs + backdateMs : skewMs
  const isInTime = timeMs <= batch.timeMs + skewMs && timeMs >= batch.timeMs - reach
  const words = `entry ${number} is of ${timeMs} ms, and came into the log at ${batch.timeMs} ms: too far from it`
  check(isInTime, 'line-time', words)
  checkRule(transaction, batch, position, scene, number)
  if (transaction.kind === 'convert' && transaction.budget === scene.account)
    checkRate(transaction, batch.index + 1 + position, scene, number)
  return signers
}

/** Checks that the rule of an issue or a status stood when the entry came into the log. SPEC §8, `rule-unknown`. */
function checkRule(
  transaction: Transaction,
  batch: ShownBatch,
  position: number,
  { records, unit }: LinesScene,
  number: number,
): void {
  const isByRule = transaction.kind === 'issue' || transaction.kind === 'set-status'
  if (!isByRule || transaction.rule === 0) return
  const record = records.get(transaction.rule)
  const words = `the statement does not show record ${transaction.rule}, the rule of entry ${number}`
  check(record?.transaction.kind === 'publish-rule', 'record-missing', words)
  const budget = transaction.kind === 'issue' ? transaction.debit : transaction.budget
  const mayName = record.transaction.budgets.includes(budget)
  check(mayName, 'line-rule', `entry ${number} names a rule that account ${budget} may not name`)
  const stood = `entry ${number} names a rule that was not published then, or not any more`
  check(isGoodFor(record, batch.index + 1 + position), 'line-rule', stood)
  const early = `entry ${number} names a rule that was public for less than the notice of the unit`
  check(batch.timeMs >= record.batch.timeMs + unit.noticeMs, 'line-rule', early)
}

/** Checks that a conversion out of a budget went by a rate of this budget that stood. SPEC §7, conversion. */
function checkRate(tx: TransactionOf<'convert'>, index: number, { records, unit }: LinesScene, number: number): void {
  const record = records.get(tx.rate)
  const words = `the statement does not show record ${tx.rate}, the rate of entry ${number}`
  check(record?.transaction.kind === 'publish-rate', 'record-missing', words)
  check(isGoodFor(record, index), 'line-rule', `entry ${number} names a rate that did not stand then`)
  const { budget, give, get, life } = record.transaction
  const isAtRate =
    budget === tx.budget &&
    BigInt(tx.amount) * BigInt(get) === BigInt(tx.gained) * BigInt(give) &&
    tx.expires === expiryOfGain(idTimeMs(tx.id), life, unit)
  check(isAtRate, 'line-rule', `entry ${number} is not at the rate that it names`)
}

function custodianIn(tx: Transaction): Custodian | null {
  return tx.kind === 'open-account' || tx.kind === 'set-custody' ? tx.custodian : null
}

/** Checks that the record of a custodian, where it is shown, is the one that the account names. */
function checkCustodian(custodian: Custodian | null, records: Records): void {
  const record = custodian === null ? undefined : records.get(custodian.record)
  const isNamed = record === undefined || equalBytes(record.leaf, custodian!.leaf)
  check(isNamed, 'record-changed', `record ${custodian?.record} is another custodian than the account names`)
}

/** Checks that the custodian now is shown, with all that it succeeds and that succeeds it. */
function checkChainShown(custodian: Custodian | null, { records }: LinesScene): void {
  if (custodian === null) return
  const shown = (number: number) => {
    const record = records.get(number)
    check(record !== undefined, 'record-missing', `the statement does not show record ${number}, of its custodian`)
    return record
  }
  // Whatever succeeds another has a higher number: the one way they rise, the other way they fall, and both ways end.
  for (let [last, number] = [-1, custodian.record]; number > last; ) [last, number] = [number, shown(number).next]
  for (let number = custodian.record, last = Number.POSITIVE_INFINITY; number < last; ) {
    const { transaction } = shown(number)
    last = number
    number = (transaction.kind === 'register-key' ? transaction.succeeds : null) ?? last
  }
}
