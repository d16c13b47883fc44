import { holdOf } from '../../account/holdings.ts'
import { affect, CLOSED, type MemberTerms } from '../../account/member.ts'
import { equalBytes } from '../../core/bytes.ts'
import {
  ACCEPTED,
  ACCOUNT_CLOSED,
  ACCOUNT_KIND,
  ACCOUNT_UNKNOWN,
  NOT_DUE,
  NOT_ENTITLED,
  RECORD_UNKNOWN,
} from '../../core/entry/outcome.ts'
import { ACCOUNT_KINDS, type TransactionOf } from '../../core/entry/transaction.ts'
import { hasRole, isEntitled } from '../signers.ts'
import type { Scene } from './context.ts'

/** Transactions that change one member account and move no points out of it. */
export type HolderChange = TransactionOf<
  | 'release'
  | 'freeze'
  | 'unfreeze'
  | 'close'
  | 'rotate-owner'
  | 'recover'
  | 'veto'
  | 'finish-recovery'
  | 'grant'
  | 'withdraw'
  | 'disclose'
  | 'erase'
>

/** The status of a change of one member account, with its effect: the least of SPEC §8 that applies. */
export function judgeHolder(scene: Scene, tx: HolderChange): number {
  const { state, signers, time, timeMs, links, position } = scene
  const { accounts, registry } = state
  const { account } = tx
  if (tx.kind === 'grant' && registry.standingKey(tx.to) === undefined) return RECORD_UNKNOWN
  if (account >= accounts.count) return ACCOUNT_UNKNOWN
  if (accounts.kind(account) !== ACCOUNT_KINDS.member) return ACCOUNT_KIND
  if (accounts.status(account) === CLOSED) return ACCOUNT_CLOSED
  const member = accounts.member(account)
  const hold = tx.kind === 'release' ? holdOf(member.holdings, tx.hold) : undefined
  const terms: MemberTerms = {
    unit: registry.unit(accounts.unit(account))!.terms,
    recovery: accounts.terms(account).recovery,
  }
  const effect = affect(member, account, tx, timeMs, terms)
  const denied = [
    typeof effect === 'number' ? effect : ACCEPTED,
    isEntitled(state, signers, tx, hold?.credit) ? ACCEPTED : NOT_ENTITLED,
    // Whoever acts because time has passed cannot be early: neither by the transaction's time nor by the ledger's.
    tx.kind === 'finish-recovery' && timeMs > time ? NOT_DUE : ACCEPTED,
    hold !== undefined && isEarlyRelease(scene, hold) ? NOT_DUE : ACCEPTED,
  ].filter(status => status !== ACCEPTED)
  if (denied.length > 0) return Math.min(...denied)
  if (typeof effect !== 'number') {
    accounts.setMember(account, effect)
    if (!isSameKey(member.owner, effect.owner))
      signers.owners.splice(0, Infinity, ...signers.owners.filter(one => one !== account))
  }
  if (tx.kind === 'erase') state.erase(tx.details)
  links.name(accounts, account, position, timeMs)
  return ACCEPTED
}

function isSameKey(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && equalBytes(a, b))
}

/** The operator's key releases a hold only when its time is over; the merchant's key, for whom it was made, at any time. */
function isEarlyRelease(
  { signers, time, timeMs }: Scene,
  { until, credit }: { readonly until: number; readonly credit: number },
): boolean {
  const isByMerchant = signers.keys.some(key => key.role === 'merchant' && key.scope.includes(credit))
  return !isByMerchant && hasRole(signers, 'operator') && (timeMs < until || timeMs > time)
}
