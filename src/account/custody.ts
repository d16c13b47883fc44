import { ACCEPTED, NO_CUSTODY, RECOVERY_STATE } from '../core/entry/outcome.ts'
import { isKeyOf, type RecoveryTerms, type TransactionOf } from '../core/entry/transaction.ts'

/** Who has an account, as far as its recovery terms depend on that. */
interface Holding {
  readonly owner: Uint8Array | null
  readonly recovery: RecoveryTerms | null
}

/** The recovery terms that stand after a change of holders: those that stood without an owner end. SPEC §6. */
export function termsAfter(
  { owner, recovery }: Holding,
  tx: TransactionOf<'set-custody' | 'finish-recovery'>,
): RecoveryTerms | null {
  if (owner === null) return null
  return tx.kind === 'set-custody' && tx.recovery !== null ? tx.recovery : recovery
}

/** The least status for which an account does not come under other holders, or `ACCEPTED`. SPEC §6, §8. */
export function judgeCustody(before: Holding, tx: TransactionOf<'set-custody'>, custody: number): number {
  const isCustodians = tx.recovery !== null && before.owner === null
  if (isCustodians || isKeyOf(termsAfter(before, tx), tx.owner)) return RECOVERY_STATE
  return tx.custodian !== null && custody === 0 ? NO_CUSTODY : ACCEPTED
}
