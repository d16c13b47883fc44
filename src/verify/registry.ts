import { recordRoot } from '../account/account.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Seal } from '../core/entry/seal.ts'
import { check } from '../core/failure.ts'
import { RECORD_DEPTH } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { listRootOfHashes } from '../core/tree/ssz.ts'

/** A record of the registry, as it is listed: the entry that made it, and from and until when it stands, by log index. */
export interface RegistryRow {
  readonly entry: Uint8Array
  readonly from: number
  readonly until: number
}

/**
 * Checks that records are the whole registry that a seal commits to, each at its number. SPEC §6. Some six hashes a record.
 *
 * @param rows - untrusted: record 0, 1, 2, …
 * @throws VerifyError `record-proof`.
 */
export function verifyRegistry(rows: readonly RegistryRow[], seal: Pick<Seal, 'records' | 'registryRoot'>): void {
  const roots = new Uint8Array(32 * rows.length)
  rows.forEach(({ entry, from, until }, i) => {
    roots.set(recordRoot({ body: leafHash(entry), from, until }), 32 * i)
  })
  check(
    rows.length === seal.records && equalBytes(listRootOfHashes(roots, RECORD_DEPTH), seal.registryRoot),
    'record-proof',
    `these ${rows.length} records are not the registry that the last seal commits to`,
  )
}
