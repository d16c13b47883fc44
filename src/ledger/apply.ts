import { batchMessage, NO_LEDGER_ID, SIGNER_RECORD, type Signature, type Transactions } from '../core/batch.ts'
import { verifyEd25519 } from '../core/ed25519.ts'
import { ACCOUNTS_MAX, AMOUNT_MAX } from '../core/limits.ts'
import {
  ACCOUNT_KINDS,
  type Genesis,
  KIND_FUND,
  KIND_GENESIS,
  KIND_ISSUE,
  KIND_REDEEM,
  type OpenAccount,
  type RegisterKey,
  type RevokeKey,
  type Role,
  type Setup,
  TransactionView,
} from '../core/transaction.ts'
import type { Seen } from './ids.ts'
import { BatchLinks, type Postings } from './links.ts'
import {
  ACCEPTED,
  ACCOUNTS_FULL,
  type BatchRefusal,
  CREDIT_KIND,
  CREDIT_UNKNOWN,
  DEBIT_KIND,
  DEBIT_UNKNOWN,
  INSUFFICIENT,
  LAST_ROOT,
  NAME_TAKEN,
  NOT_ENTITLED,
  OVER_CAP,
  RECORD_NOT_A_KEY,
  RECORD_REVOKED,
  RECORD_UNKNOWN,
  REGISTRY_FULL,
  RULE_UNKNOWN,
  SAME_ACCOUNT,
  SCOPE_UNKNOWN,
  TIME_AHEAD,
  TIME_BEHIND,
  TOTAL_OVERFLOW,
  TREASURY_EXISTS,
  UNIT_MISMATCH,
  UNIT_UNKNOWN,
} from './outcome.ts'
import type { KeyRecord } from './registry.ts'
import type { LedgerState } from './state.ts'

/** Who signed a batch: the keys its signatures name, as the registry and the accounts stand. */
export interface Signers {
  /** Public keys, in the order of the signatures. */
  readonly publicKeys: readonly Uint8Array[]
  readonly keys: readonly KeyRecord[]
  /** Account numbers whose owners signed. */
  readonly owners: readonly number[]
  /** How much further than the skew the batch may reach into the past: the largest of its keys. */
  readonly backdateMs: number
}

/** A batch on its way into the log. */
export interface Submission {
  readonly signatures: readonly Signature[]
  readonly transactions: Transactions
}

const view = new TransactionView()

/**
 * The signers of a batch as the state has them, or why the batch is refused whole. SPEC §7, the first three rows of its
 * first table: genesis in its place, keys known, keys not revoked.
 */
export function signersOf(state: LedgerState, batch: Submission): Signers | BatchRefusal {
  const genesis = genesisOf(batch.transactions)
  if (genesis === 'misplaced' || (genesis === undefined) !== (state.ledgerId !== undefined)) return 'batch-genesis'
  if (genesis !== undefined) return genesisSigners(genesis, batch.signatures)
  const publicKeys: Uint8Array[] = []
  const keys: KeyRecord[] = []
  const owners: number[] = []
  let backdateMs = 0
  for (const { class: signerClass, number } of batch.signatures) {
    if (signerClass === SIGNER_RECORD) {
      const key = state.registry.key(number)
      if (key === undefined) return 'signer-unknown'
      keys.push(key)
      publicKeys.push(key.key)
      backdateMs = Math.max(backdateMs, key.backdateMs)
    } else {
      const owner = number < state.accounts.count ? state.accounts.owner(number) : null
      if (owner === null) return 'signer-unknown'
      owners.push(number)
      publicKeys.push(owner)
    }
  }
  for (const { class: signerClass, number } of batch.signatures)
    if (signerClass === SIGNER_RECORD && state.registry.records[number]!.until !== 0) return 'signer-revoked'
  return { publicKeys, keys, owners, backdateMs }
}

/** The genesis transaction of a batch that is nothing else, undefined where there is none, 'misplaced' otherwise. */
function genesisOf(transactions: Transactions): Genesis | 'misplaced' | undefined {
  for (let i = 0; i < transactions.count; i++) {
    const setup = view.read(transactions.bytes, transactions.starts[i], transactions.ends[i]).setup
    if (setup?.kind === 'genesis') return transactions.count === 1 ? setup : 'misplaced'
  }
  return undefined
}

/** The genesis batch is signed by record 0, the root key that it names itself. SPEC §7. */
function genesisSigners(genesis: Genesis, signatures: readonly Signature[]): Signers | BatchRefusal {
  const [signature, another] = signatures
  if (another !== undefined || signature?.class !== SIGNER_RECORD || signature.number !== 0) return 'signer-unknown'
  const root: KeyRecord = { role: 'root', key: genesis.rootKey, scope: [], backdateMs: 0 }
  return { publicKeys: [root.key], keys: [root], owners: [], backdateMs: 0 }
}

/** Whether every signature of a batch verifies under its signer's key, over the message of SPEC §4. One verification each. */
export function signaturesHold(state: LedgerState, batch: Submission, signers: Signers): boolean {
  const { count, root } = batch.transactions
  const message = batchMessage(state.ledgerId ?? NO_LEDGER_ID, count, root)
  return batch.signatures.every(({ ed25519 }, i) => verifyEd25519(signers.publicKeys[i]!, message, ed25519))
}

const links = new BatchLinks()

/**
 * The statuses of a batch's transactions, after having let those that are accepted take effect. SPEC §7: total,
 * synchronous, no clock, no randomness; whoever has the log comes to the same bytes. Allocates nothing for a
 * transaction that moves points.
 *
 * @param batchIndex - log index of the batch entry; transaction `p` stands at `batchIndex + 1 + p`.
 * @param time - ledger time of the batch, not earlier than the state's.
 * @param seen - what its ids have met before, undefined when nothing.
 * @param postings - told which accepted entry names which account, where someone wants to know.
 */
export function apply(
  state: LedgerState,
  batchIndex: number,
  transactions: Transactions,
  signers: Signers,
  time: number,
  seen: Seen | undefined,
  postings?: Postings,
): Uint8Array {
  const statuses = new Uint8Array(transactions.count)
  state.time = time
  links.begin(transactions, batchIndex, postings)
  for (let position = 0; position < transactions.count; position++) {
    view.read(transactions.bytes, transactions.starts[position], transactions.ends[position])
    const met = seen === undefined ? ACCEPTED : seen.status[position]!
    statuses[position] = met !== ACCEPTED ? met : judge(state, signers, time, position, batchIndex)
  }
  links.end(state.accounts)
  return statuses
}

/** The status of the transaction in `view`, which takes effect if it is accepted. The guards stand in the order of SPEC §8. */
function judge(state: LedgerState, signers: Signers, time: number, position: number, batchIndex: number): number {
  if (view.kind !== KIND_GENESIS) {
    if (view.timeMs > time + state.skewMs) return TIME_AHEAD
    if (view.timeMs < time - state.skewMs - signers.backdateMs) return TIME_BEHIND
  }
  const setup = view.setup
  return setup === undefined
    ? judgeMovement(state, signers, position)
    : judgeSetup(state, signers, setup, position, batchIndex + 1 + position)
}

/** Which kinds of account a movement goes between, by its kind. SPEC §7. */
const MOVEMENT_KINDS = {
  [KIND_FUND]: { debit: ACCOUNT_KINDS.treasury, credit: ACCOUNT_KINDS.budget },
  [KIND_ISSUE]: { debit: ACCOUNT_KINDS.budget, credit: ACCOUNT_KINDS.member },
  [KIND_REDEEM]: { debit: ACCOUNT_KINDS.member, credit: ACCOUNT_KINDS.treasury },
} as const

function judgeMovement(state: LedgerState, signers: Signers, position: number): number {
  const { accounts, registry } = state
  const { debit, credit, amount, rule } = view
  const kind = view.kind as keyof typeof MOVEMENT_KINDS
  if (rule !== 0 && registry.records[rule]?.transaction.kind !== 'publish-rule') return RULE_UNKNOWN
  if (debit >= accounts.count) return DEBIT_UNKNOWN
  if (credit >= accounts.count) return CREDIT_UNKNOWN
  if (debit === credit) return SAME_ACCOUNT
  if (accounts.unit(debit) !== accounts.unit(credit)) return UNIT_MISMATCH
  const kinds = MOVEMENT_KINDS[kind]
  if (accounts.kind(debit) !== kinds.debit) return DEBIT_KIND
  if (accounts.kind(credit) !== kinds.credit) return CREDIT_KIND
  if (!mayMove(signers, kind, debit)) return NOT_ENTITLED
  const unit = registry.unit(accounts.unit(debit))!
  if (kinds.debit === ACCOUNT_KINDS.treasury) {
    if (amount - accounts.balance(debit) > unit.cap) return OVER_CAP
  } else if (accounts.balance(debit) < amount) return INSUFFICIENT
  if (accounts.debited(debit) > AMOUNT_MAX - amount || accounts.credited(credit) > AMOUNT_MAX - amount)
    return TOTAL_OVERFLOW

  accounts.debit(debit, amount)
  accounts.credit(credit, amount)
  links.name(accounts, debit, position, view.timeMs)
  links.name(accounts, credit, position, view.timeMs)
  if (kind === KIND_ISSUE) {
    unit.issued += amount
    unit.owed += amount
  } else if (kind === KIND_REDEEM) {
    unit.redeemed += amount
    unit.owed -= amount
  }
  return ACCEPTED
}

/** Whether a signer of the batch is entitled to a movement out of `debit`. SPEC §7. */
function mayMove(signers: Signers, kind: number, debit: number): boolean {
  if (kind === KIND_REDEEM) return signers.owners.includes(debit)
  if (kind === KIND_FUND) return hasRole(signers, 'treasurer')
  for (const key of signers.keys) if (key.role === 'issuer' && key.scope.includes(debit)) return true
  return false
}

function hasRole(signers: Signers, role: Role): boolean {
  for (const key of signers.keys) if (key.role === role) return true
  return false
}

function judgeSetup(state: LedgerState, signers: Signers, tx: Setup, position: number, logIndex: number): number {
  if (tx.kind === 'genesis') {
    state.registry.add(tx, links.leaf(position), logIndex)
    state.origin = tx.origin
    state.logKey = tx.logKey
    state.skewMs = tx.skewMs
    state.promiseMs = tx.promiseMs
    return ACCEPTED
  }
  if (tx.kind === 'revoke-key') return revokeKey(state, signers, tx, logIndex)
  if (tx.kind === 'open-account') return openAccount(state, signers, tx, position)
  if (tx.kind === 'register-key' && !scopeIsKnown(state, tx)) return SCOPE_UNKNOWN
  if (!hasRole(signers, 'root')) return NOT_ENTITLED
  if (tx.kind !== 'register-key' && state.registry.hasName(tx.kind, tx.name)) return NAME_TAKEN
  if (state.registry.isFull(tx.kind === 'define-unit')) return REGISTRY_FULL
  state.registry.add(tx, links.leaf(position), logIndex)
  return ACCEPTED
}

function scopeIsKnown({ accounts }: LedgerState, tx: RegisterKey): boolean {
  return tx.scope.every(account => account < accounts.count && accounts.kind(account) === ACCOUNT_KINDS.budget)
}

function revokeKey({ registry }: LedgerState, signers: Signers, tx: RevokeKey, logIndex: number): number {
  const record = registry.records[tx.record]
  if (record === undefined) return RECORD_UNKNOWN
  const key = registry.key(tx.record)
  if (key === undefined) return RECORD_NOT_A_KEY
  if (record.until !== 0) return RECORD_REVOKED
  if (!hasRole(signers, 'root')) return NOT_ENTITLED
  if (key.role === 'root' && registry.liveRootCount() === 1) return LAST_ROOT
  registry.revoke(tx.record, logIndex)
  return ACCEPTED
}

function openAccount({ accounts, registry }: LedgerState, signers: Signers, tx: OpenAccount, position: number): number {
  const unit = registry.unit(tx.unit)
  if (unit === undefined) return UNIT_UNKNOWN
  if (!hasRole(signers, tx.accountKind === 'member' ? 'registrar' : 'treasurer')) return NOT_ENTITLED
  if (tx.accountKind === 'treasury' && unit.treasury >= 0) return TREASURY_EXISTS
  if (accounts.count >= ACCOUNTS_MAX) return ACCOUNTS_FULL
  const account = accounts.open(ACCOUNT_KINDS[tx.accountKind], tx.unit, tx.owner, links.leaf(position))
  if (tx.accountKind === 'treasury') unit.treasury = account
  links.open(account, position)
  links.name(accounts, account, position, view.timeMs)
  return ACCEPTED
}
