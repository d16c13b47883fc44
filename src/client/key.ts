import { publicKeyFromSeed, signEd25519 } from '../core/crypto/ed25519.ts'
import { SIGNER_OWNER, SIGNER_RECORD, SIGNER_RECOVERY, type Signature } from '../core/entry/batch.ts'

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

/** The signature of a batch's message (SPEC §4) by a key. */
export function signWith({ holder, seed }: SigningKey, message: Uint8Array): Signature {
  const ed25519 = signEd25519(seed, message)
  return 'record' in holder
    ? { class: SIGNER_RECORD, number: holder.record, ed25519 }
    : { class: classOf(holder.recovery), number: holder.account, ed25519 }
}

function classOf(recovery: number | undefined): number {
  return recovery === undefined ? SIGNER_OWNER : SIGNER_RECOVERY + recovery
}

/** The public key of a signing key. */
export function publicKeyOf({ seed }: SigningKey): Uint8Array {
  return publicKeyFromSeed(seed)
}
