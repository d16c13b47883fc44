import type { SignedCheckpoint } from '../../core/note/signed.ts'
import type { Exhibits } from './evidence-file.ts'

/** Entries of a signed tree, each with its inclusion proof verified, by increasing index. */
export interface ShownEntries {
  readonly checkpoint: SignedCheckpoint
  readonly entries: ReadonlyMap<number, Uint8Array>
  readonly evidence: Exhibits
}
