import { termsAfter } from '../../account/custody.ts'
import { holdOf } from '../../account/holdings.ts'
import { affect } from '../../account/member.ts'
import { isShut } from '../../account/standing.ts'
import { equalBytes } from '../../core/bytes.ts'
import {
  ACCEPTED,
  ACCOUNT_CLOSED,
  ACCOUNT_KIND,
  ACCOUNT_UNKNOWN,
  NOT_DUE,
  RECORD_UNKNOWN,
  RECOVERY_STATE,
  RULE_EARLY,
  RULE_UNKNOWN,
  SAME_ACCOUNT,
  UNIT_MISMATCH,
} from '../../core/entry/outcome.ts'
import {
  ACCOUNT_KINDS,
  type Custodian,
  isKeyOf,
  isSameRecovery,
  type RecoveryTerms,
  type TransactionOf,
} from '../../core/entry/transaction.ts'
import type { Registry } from '../registry.ts'
import type { Signers } from '../signers.ts'
import type { ApplyContext } from './context.ts'

/** Transactions that change one member account and move no points out of it. */
export type HolderChange = TransactionOf<
  | 'release'
  | 'freeze'
  | 'unfreeze'
  | 'close'
  | 'set-custody'
  | 'recover'
  | 'veto'
  | 'finish-recovery'
  | 'grant'
  | 'withdraw'
  | 'disclose'
  | 'erase'
  | 'collect'
  | 'reopen'
  | 'set-status'
>

/**
 * The status of a change of one member account, with its effect: the least of SPEC §8 that applies. Somebody is
 * entitled to it.
 */
export function judgeHolder(context: ApplyContext, tx: HolderChange): number {
  const { state, signers, time, links, position } = context
  const { accounts, registry } = state
  const { account } = tx
  if (tx.kind === 'grant' && tx.may === 0 && registry.standingKey(tx.to) === undefined) return RECORD_UNKNOWN
  if (tx.kind === 'set-custody' && !isCustodian(registry, tx.custodian)) return RECORD_UNKNOWN
  if (tx.kind === 'set-status' && !registry.mayName(tx.budget, tx.rule)) return RULE_UNKNOWN
  const budget = tx.kind === 'set-status' ? tx.budget : undefined
  const taker = tx.kind === 'grant' && tx.may === 1 ? tx.to : undefined
  const other = taker ?? budget
  for (const one of [account, other ?? account]) if (one >= accounts.count) return ACCOUNT_UNKNOWN
  if (taker === account) return SAME_ACCOUNT
  if (other !== undefined && accounts.unit(other) !== accounts.unit(account)) return UNIT_MISMATCH
  for (const one of [account, taker ?? account]) if (accounts.kind(one) !== ACCOUNT_KINDS.member) return ACCOUNT_KIND
  if (budget !== undefined && accounts.kind(budget) !== ACCOUNT_KINDS.budget) return ACCOUNT_KIND
  if (isShut(accounts.status(account), tx, account)) return ACCOUNT_CLOSED
  const unit = registry.unit(accounts.unit(account))!.terms
  if (tx.kind === 'set-status' && time < registry.records[tx.rule]!.time + unit.noticeMs) return RULE_EARLY
  const member = accounts.member(account)
  const hold = tx.kind === 'release' ? holdOf(member.holdings, tx.hold) : undefined
  if (tx.kind === 'set-custody' && isCustodianAmong(registry, tx.custodian, termsAfter(member, tx)))
    return RECOVERY_STATE
  const effect = affect(member, account, tx, time, { unit })
  if (typeof effect === 'number') return effect
  if (hold !== undefined && time < hold.until && !isByMerchant(signers, hold.credit)) return NOT_DUE
  accounts.setMember(account, effect)
  if (!isSameKey(member.owner, effect.owner)) drop(signers.owners, account)
  if (!isSameRecovery(member.recovery, effect.recovery)) drop(signers.recovering, account)
  if (tx.kind === 'set-custody' || tx.kind === 'close') {
    registry.chains.count(member.custodian, -1)
    if (tx.kind === 'set-custody') registry.chains.count(effect.custodian, 1)
  }
  if (tx.kind === 'reopen') registry.chains.count(member.custodian, 1)
  if (tx.kind === 'erase') state.erase(tx.details)
  links.name(accounts, account, position, time)
  return ACCEPTED
}

/**
 * Whether a custodian that a transaction names is the key of one that stands, as the transaction says it was
 * registered.
 */
export function isCustodian(registry: Registry, custodian: Custodian | null): boolean {
  if (custodian === null) return true
  const { record, leaf } = custodian
  return registry.standingKey(record)?.role === 'custodian' && equalBytes(registry.records[record]!.body, leaf)
}

/** Whether a key of recovery terms is that of the custodian that is named beside them. */
export function isCustodianAmong(
  registry: Registry,
  custodian: Custodian | null,
  recovery: RecoveryTerms | null,
): boolean {
  return custodian !== null && isKeyOf(recovery, registry.key(custodian.record)?.key ?? null)
}

/** Takes an account out of a list of signers, each time that it stands there. */
function drop(signers: number[], account: number): void {
  signers.splice(0, Infinity, ...signers.filter(one => one !== account))
}

function isSameKey(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && equalBytes(a, b))
}

/** The merchant's key, for whom a hold was made, releases it at any time; the operator's only when its time is over. */
function isByMerchant({ keys }: Signers, credit: number): boolean {
  return keys.some(key => key.role === 'merchant' && key.scope.includes(credit))
}
