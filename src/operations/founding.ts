import { randomBytes } from 'node:crypto'
import { freshId, makeTransaction, OutcomeError, type SigningKey, signBatch } from '../client/index.ts'
import { equalBytes } from '../core/bytes.ts'
import { NO_LEDGER_ID, transactionsFrom } from '../core/entry/batch.ts'
import { ACCEPTED, OUTCOMES } from '../core/entry/outcome.ts'
import { type AccountKind, encodeTransaction, type Role, type Transaction } from '../core/entry/transaction.ts'
import { MEMBER_RATE } from '../core/limits.ts'
import type { KeyFile } from '../files/key-files.ts'
import type { TallyLog } from '../log/index.ts'
import { UsageError } from '../node/failure.ts'

/** The ledger's keys, by file name. `salt` is no signing key: its seed is the secret behind the salts of the totals. */
export const KEY_NAMES = [
  'log',
  'salt',
  'root',
  'registrar',
  'treasurer',
  'issuer',
  'merchant',
  'operator',
  'auditor',
] as const
export type KeyName = (typeof KEY_NAMES)[number]
/** The root key is needed for the first entries alone, and is elsewhere afterwards. */
export type Keys = Readonly<Record<Exclude<KeyName, 'root'>, KeyFile>> & { readonly root?: KeyFile }

/** What the first start makes: a unit of that name and cap, and a budget with that much. */
const UNIT = 'coins'
const CAP = 1_000_000_000_000
const FUNDED = 1_000_000_000

/** How long a movement of the first unit can be reversed: half a year, as shops take things back. */
const WINDOW_MS = 180 * 86_400_000

/** Clocks of members and platforms may be off by this much. */
const SKEW_MS = 10 * 60_000
/** An idle ledger seals as often. */
const BEAT_MS = 10 * 60_000
/** What is acknowledged is in a checkpoint after this time at the latest. */
const PROMISE_MS = 60_000

/** Brings a ledger to where the first start ends: whatever of it is missing is made. @throws OutcomeError. */
export async function foundLedger(log: TallyLog, keys: Keys, beatMs = BEAT_MS): Promise<void> {
  const { state } = log.ledger
  const { registry, accounts } = state
  const id = () => freshId(log.operator.timeMs)
  const submit = async (key: SigningKey, transaction: Transaction) => {
    const transactions = transactionsFrom([encodeTransaction(transaction)])
    const signatures = signBatch([key], state.ledgerId ?? NO_LEDGER_ID, transactions)
    const { statuses } = await log.submit({ signatures, transactions })
    if (statuses[0] !== ACCEPTED)
      throw new OutcomeError(OUTCOMES[statuses[0]!]!, `setting up the ledger failed at ${transaction.kind}`)
  }
  const byRoot = (transaction: Transaction) => {
    if (keys.root === undefined)
      throw new UsageError(
        'key-missing',
        `The ledger is not whole: ${transaction.kind} is missing, which the root key signs. Bring that back, and start.`,
      )
    return submit({ holder: { record: 0 }, seed: keys.root.seed }, transaction)
  }
  if (state.ledgerId === undefined)
    await byRoot(
      makeTransaction('genesis', {
        id: id(),
        origin: log.logKey.name,
        logKey: keys.log.publicKey,
        roots: keys.root === undefined ? [] : [keys.root.publicKey],
        skewMs: SKEW_MS,
        beatMs,
        promiseMs: PROMISE_MS,
      }),
    )
  const recordOf = ({ publicKey }: KeyFile) =>
    registry.records.findIndex(({ number }) => equalBytes(registry.key(number)?.key ?? new Uint8Array(0), publicKey))
  const register = async (name: Exclude<KeyName, 'root'>, role: Role, scope: readonly number[] = []) => {
    const key = keys[name].publicKey
    if (recordOf(keys[name]) < 0) await byRoot(makeTransaction('register-key', { id: id(), key, role, scope }))
  }
  await register('registrar', 'registrar')
  await register('treasurer', 'treasurer')
  await register('operator', 'operator')
  await register('auditor', 'auditor')
  if (registry.units.length === 0)
    await byRoot(
      makeTransaction('define-unit', { id: id(), name: UNIT, cap: CAP, windowMs: WINDOW_MS, memberRate: MEMBER_RATE }),
    )
  const unit = registry.units[0]!
  const treasurer: SigningKey = { holder: { record: recordOf(keys.treasurer) }, seed: keys.treasurer.seed }
  const open = (accountKind: AccountKind) => {
    const nonce = new Uint8Array(randomBytes(32))
    const terms = registry.records[unit.record]!.body
    return submit(
      treasurer,
      makeTransaction('open-account', { id: id(), accountKind, unit: unit.record, terms, nonce }),
    )
  }
  if (unit.treasury < 0) await open('treasury')
  const budget = unit.treasury + 1
  if (accounts.count <= budget) await open('budget')
  if (unit.expiredAccount < 0) await open('expired')
  // With its opening alone it was never funded.
  if (accounts.get(budget).entries === 1)
    await submit(treasurer, makeTransaction('fund', { id: id(), debit: unit.treasury, credit: budget, amount: FUNDED }))
  await register('issuer', 'issuer', [budget])
  await register('merchant', 'merchant', [unit.treasury])
  if (log.publisher.published === undefined) await log.publisher.publish()
}
