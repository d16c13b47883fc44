import { publicKeyFromSeed, signEd25519 } from '../core/crypto/ed25519.ts'
import {
  batchMessage,
  SIGNER_OWNER,
  SIGNER_RECORD,
  SIGNER_RECOVERY,
  type Signature,
  type SignerName,
  type Transactions,
  transactionsFrom,
} from '../core/entry/batch.ts'
import type { Group } from '../core/entry/group.ts'
import { encodeSubmission } from '../core/entry/submission.ts'

/** Whose key it is: a record of the registry, the owner of an account, or one of its recovery keys by its place. */
export type Holder = { readonly record: number } | { readonly account: number; readonly recovery?: number }

/** A key that signs batches and calls. */
export interface SigningKey {
  readonly holder: Holder
  /** 32 secret bytes. */
  readonly seed: Uint8Array
}

/** A holder as tokens name it: `record/4`, `account/17`. SPEC §11. */
export function holderName(holder: Holder): string {
  return 'record' in holder ? `record/${holder.record}` : `account/${holder.account}`
}

/**
 * The signatures of a batch by all of its signers, in the order that SPEC §4 gives them: each covers who else signs, so
 * nobody can be put beside them afterwards.
 *
 * @param ledgerId - of the ledger that the batch is for; `NO_LEDGER_ID` for a genesis.
 *
 * @example
 * const transactions = transactionsFrom([spend])
 * const signatures = signBatch([owner], ledgerId, transactions)
 */
export function signBatch(
  keys: readonly SigningKey[],
  ledgerId: Uint8Array,
  transactions: Pick<Transactions, 'groups' | 'count' | 'root'>,
): Signature[] {
  const signers = keys
    .map(({ holder, seed }) => ({ ...signerName(holder), seed }))
    .sort((a, b) => a.class - b.class || a.number - b.number)
  const message = batchMessage(ledgerId, signers, transactions)
  return signers.map(({ class: signerClass, number, seed }) => ({
    class: signerClass,
    number,
    ed25519: signEd25519(seed, message),
  }))
}

/** A batch as it is submitted: transactions, which of them are all accepted or none, and all signatures. SPEC §11. */
export function signSubmission(
  keys: readonly SigningKey[],
  ledgerId: Uint8Array,
  transactions: readonly Uint8Array[],
  groups: readonly Group[],
): Uint8Array {
  return encodeSubmission(signBatch(keys, ledgerId, transactionsFrom(transactions, groups)), transactions, groups)
}

/** A holder as a batch names it. SPEC §4. */
export function signerName(holder: Holder): SignerName {
  if ('record' in holder) return { class: SIGNER_RECORD, number: holder.record }
  const signerClass = holder.recovery === undefined ? SIGNER_OWNER : SIGNER_RECOVERY + holder.recovery
  return { class: signerClass, number: holder.account }
}

/** The public key of a signing key. */
export function publicKeyOf({ seed }: SigningKey): Uint8Array {
  return publicKeyFromSeed(seed)
}
