import { equalBytes } from '../../core/bytes.ts'
import {
  ACCEPTED,
  ACCOUNT_KIND,
  ACCOUNT_UNKNOWN,
  ACCOUNTS_FULL,
  KEY_STANDS,
  LAST_ROOT,
  LOG_MISMATCH,
  NAME_TAKEN,
  NO_CUSTODY,
  RECORD_NOT_REVOCABLE,
  RECORD_REVOKED,
  RECORD_UNKNOWN,
  RECOVERY_STATE,
  REF_TAKEN,
  REGISTRY_FULL,
  SAME_ACCOUNT,
  SCOPE_UNKNOWN,
  STRANDS_ACCOUNTS,
  TREASURY_EXISTS,
  UNIT_MISMATCH,
  UNIT_UNKNOWN,
} from '../../core/entry/outcome.ts'
import {
  ACCOUNT_KINDS,
  type ContinueLog,
  type OpenAccount,
  type RegisterKey,
  type TransactionOf,
} from '../../core/entry/transaction.ts'
import { ACCOUNTS_MAX } from '../../core/limits.ts'
import type { Registration } from '../chains.ts'
import type { RecordBody } from '../registry.ts'
import type { LedgerState } from '../state.ts'
import type { ApplyContext } from './context.ts'
import { isByChain } from './entitled.ts'
import { isCustodian, isCustodianAmong } from './one-member.ts'

/** Transactions that make the ledger what it is: its registry, and its accounts. */
export type RegistryChange = RecordBody | TransactionOf<'revoke' | 'open-account'>

/** The status of a change of registry or accounts, with its effect. The guards are in the order of SPEC §8. */
export function judgeSetup(context: ApplyContext, tx: RegistryChange): number {
  const { state, links, position } = context
  const { registry, accounts } = state
  if (tx.kind === 'revoke') return revoke(context, tx)
  if (tx.kind === 'open-account') return openAccount(context, tx)
  if (tx.kind === 'genesis') {
    state.addRecord(tx, links.leaf(position), registrationIn(context, false))
    return ACCEPTED
  }
  const succeeds = tx.kind === 'register-key' ? tx.succeeds : null
  if (succeeds !== null && registry.chains.of(succeeds) === undefined) return RECORD_UNKNOWN
  if (tx.kind === 'publish-rate' && registry.unit(tx.unit) === undefined) return UNIT_UNKNOWN
  const named = tx.kind === 'publish-rate' ? [tx.budget] : tx.kind === 'set-budget' ? [tx.account, ...tx.pools] : []
  if (named.some(one => one >= accounts.count)) return ACCOUNT_UNKNOWN
  if (tx.kind === 'set-budget') {
    if (tx.pools.includes(tx.account)) return SAME_ACCOUNT
    if (tx.pools.some(pool => accounts.unit(pool) !== accounts.unit(tx.account))) return UNIT_MISMATCH
  }
  if (named.some(one => accounts.kind(one) !== ACCOUNT_KINDS.budget)) return ACCOUNT_KIND
  if (tx.kind === 'register-key' && !scopeIsKnown(state, tx)) return SCOPE_UNKNOWN
  if ('name' in tx && registry.hasName(tx)) return NAME_TAKEN
  if (tx.kind === 'register-key' && tx.role === 'root' && registry.hasRoot(tx.key)) return KEY_STANDS
  if (registry.isFull(tx.kind === 'define-unit')) return REGISTRY_FULL
  if (tx.kind === 'continue-log' && !fitsLog(context, tx)) return LOG_MISMATCH
  state.addRecord(tx, links.leaf(position), registrationIn(context, succeeds !== null && isByChain(context, succeeds)))
  if (tx.kind === 'set-budget') links.name(accounts, tx.account, position, context.time)
  return ACCEPTED
}

/** Whether a log goes on from right here, and under a name and a key that no log of the ledger had. */
function fitsLog({ state, rootBefore, logIndex }: ApplyContext, { origin, logKey, size, root }: ContinueLog): boolean {
  const isHere = rootBefore !== undefined && size === logIndex - 1 && equalBytes(root, rootBefore)
  const isNew = ({ transaction }: (typeof state.registry.logs)[number]) =>
    transaction.origin !== origin && !equalBytes(transaction.logKey, logKey)
  return isHere && state.registry.logs.every(isNew)
}

function registrationIn({ logIndex, time }: ApplyContext, isByChain: boolean): Registration {
  return { logIndex, time, isByChain }
}

/** An issuer's scope holds budgets, a merchant's holds treasuries and merchant accounts. */
function scopeIsKnown({ accounts }: LedgerState, { role, scope }: RegisterKey): boolean {
  const { budget, treasury, merchant } = ACCOUNT_KINDS
  const kinds: readonly number[] = role === 'issuer' ? [budget] : [treasury, merchant]
  return scope.every(account => account < accounts.count && kinds.includes(accounts.kind(account)))
}

function revoke({ state, logIndex }: ApplyContext, tx: TransactionOf<'revoke'>): number {
  const { registry } = state
  const record = registry.records[tx.record]
  if (record === undefined) return RECORD_UNKNOWN
  const { kind } = record.transaction
  if (kind === 'define-unit' || kind === 'set-budget' || kind === 'continue-log') return RECORD_NOT_REVOCABLE
  if (record.until !== 0) return RECORD_REVOKED
  if (record.key?.role === 'root' && registry.liveRootCount <= state.need) return LAST_ROOT
  const isLast = registry.chains.accountsOf(tx.record) > 0 && !registry.hasOtherOfChain(tx.record)
  if (isLast && tx.strand === 0) return STRANDS_ACCOUNTS
  registry.revoke(tx.record, logIndex)
  return ACCEPTED
}

function openAccount({ state, links, position, time }: ApplyContext, tx: OpenAccount): number {
  const { accounts, registry } = state
  if (!isCustodian(registry, tx.custodian)) return RECORD_UNKNOWN
  const unit = registry.unit(tx.unit)
  if (unit === undefined || !equalBytes(registry.records[tx.unit]!.body, tx.terms)) return UNIT_UNKNOWN
  const { sponsor, ref } = tx
  if (sponsor !== null) {
    if (sponsor >= accounts.count) return ACCOUNT_UNKNOWN
    if (accounts.unit(sponsor) !== tx.unit) return UNIT_MISMATCH
    if (accounts.kind(sponsor) !== ACCOUNT_KINDS.merchant) return ACCOUNT_KIND
  }
  if (isCustodianAmong(registry, tx.custodian, tx.recovery)) return RECOVERY_STATE
  if (tx.custodian !== null && unit.terms.custody === 0) return NO_CUSTODY
  if (tx.accountKind === 'treasury' && unit.treasury >= 0) return TREASURY_EXISTS
  if (ref !== null && state.refs.find(tx.unit, sponsor, ref) !== undefined) return REF_TAKEN
  if (accounts.count >= ACCOUNTS_MAX) return ACCOUNTS_FULL
  const account = accounts.open(tx, links.leaf(position))
  if (ref !== null) state.refs.add(tx.unit, sponsor, ref, account)
  if (tx.accountKind === 'treasury') unit.treasury = account
  if (tx.accountKind === 'expired' && unit.expiredAccount < 0) unit.expiredAccount = account
  registry.chains.count(tx.custodian?.record ?? null, 1)
  links.open(account, position)
  links.name(accounts, account, position, time)
  return ACCEPTED
}
