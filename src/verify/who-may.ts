import { termsAfter } from '../account/custody.ts'
import type { Custodian, RecoveryTerms, Transaction } from '../core/entry/transaction.ts'
import type { ChainKey, ShownChains } from './chains.ts'

/** Who may act for an account, as all of its lines make it: what a verifier says besides the balance (SPEC §10). */
export interface WhoMay {
  /** The owner's key, and since which ledger time; null where only a custodian acts. */
  readonly owner: { readonly key: Uint8Array; readonly sinceMs: number } | null
  /** The custodian's record that the account names, the keys of its chain that stand, and since when it was named. */
  readonly custodian: (Custodian & { readonly keys: readonly ChainKey[]; readonly sinceMs: number }) | null
  /** On what terms recovery keys put another owner's key in place: at once, where the delay is 0. */
  readonly recovery: RecoveryTerms | null
  /** Every key that was ever the owner's, the oldest first. */
  readonly owners: readonly Uint8Array[]
}

/** Who may act for an account, as its lines so far make it. */
export interface Acting {
  /** The owner's public key; null where only the custodian acts. */
  readonly owner: Uint8Array | null
  readonly custodian: Custodian | null
  readonly recovery: RecoveryTerms | null
}

/** Who may act, and since when. */
export interface Standing extends Acting {
  readonly ownerSinceMs: number
  readonly custodianSinceMs: number
  readonly owners: readonly Uint8Array[]
}

export const NOBODY: Standing = {
  owner: null,
  custodian: null,
  recovery: null,
  ownerSinceMs: 0,
  custodianSinceMs: 0,
  owners: [],
}

/**
 * Who may act after a line.
 *
 * @param owner - the owner's key after it. @param atMs - ledger time of the line: shown of all that change who may
 * act.
 */
export function standingAfter(before: Standing, tx: Transaction, owner: Uint8Array | null, atMs: number): Standing {
  if (tx.kind !== 'open-account' && tx.kind !== 'set-custody' && tx.kind !== 'finish-recovery') return before
  const { custodian } = tx.kind === 'finish-recovery' ? before : tx
  const isSameOwner = owner === before.owner || (owner !== null && isSame(owner, before.owner))
  return {
    owner,
    custodian,
    recovery: tx.kind === 'open-account' ? tx.recovery : termsAfter(before, tx),
    ownerSinceMs: isSameOwner ? before.ownerSinceMs : atMs,
    custodianSinceMs: isSame(custodian?.leaf, before.custodian?.leaf) ? before.custodianSinceMs : atMs,
    owners: isSameOwner || owner === null ? before.owners : [...before.owners, owner],
  }
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | null | undefined): boolean {
  return a !== undefined && b !== undefined && b !== null && a.every((byte, i) => byte === b[i])
}

/** What is said of it at the end. */
export function whoMayOf(standing: Standing, chains: ShownChains): WhoMay {
  const { owner, custodian, recovery, ownerSinceMs, custodianSinceMs, owners } = standing
  return {
    owner: owner && { key: owner, sinceMs: ownerSinceMs },
    custodian: custodian && { ...custodian, keys: chains.standing(custodian.record), sinceMs: custodianSinceMs },
    recovery,
    owners,
  }
}
