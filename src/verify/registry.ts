import { recordRoot } from '../account/account.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Seal } from '../core/entry/seal.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { RECORD_DEPTH } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { listRootOfHashes } from '../core/tree/ssz.ts'

/**
 * A record of the registry, as it is listed: the entry that made it, and from and until when it stands, by log index.
 */
export interface RegistryRow {
  readonly entry: Uint8Array
  readonly from: number
  readonly until: number
}

/**
 * Checks that records are the whole registry that a seal commits to, each at its number. SPEC §6. Some six hashes a
 * record.
 *
 * @param rows - untrusted: record 0, 1, 2, …
 * @throws VerifyError `record-proof`; FormatError.
 */
export function verifyRegistry(rows: readonly RegistryRow[], seal: Pick<Seal, 'records' | 'registryRoot'>): void {
  const next = new Uint32Array(rows.length)
  let named = 0
  rows.forEach(({ entry }, i) => {
    const transaction = decodeTransaction(entry)
    const before = transaction.kind === 'register-key' ? transaction.succeeds : null
    if (before !== null && before < i) next[before] = i
    if (transaction.kind === 'continue-log') {
      next[named] = i
      named = i
    }
  })
  const roots = new Uint8Array(32 * rows.length)
  rows.forEach(({ entry, from, until }, i) => {
    roots.set(recordRoot({ body: leafHash(entry), from, until, next: next[i]! }), 32 * i)
  })
  check(
    rows.length === seal.records && equalBytes(listRootOfHashes(roots, RECORD_DEPTH), seal.registryRoot),
    'record-proof',
    `these ${rows.length} records are not the registry that the last seal commits to`,
  )
}
