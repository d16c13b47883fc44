import type { ShownSalt } from '../../verify/evidence/evidence-file.ts'
import type { BundleSource } from '../read/log-copy.ts'

/** What a replay of evidence is made with, beside the file. */
export interface ReplayTools {
  /** Where the entries come from: untrusted. */
  readonly bundles: BundleSource
  /** What of the entries that is, in words. */
  readonly from: string
  /** The salt of the seal at fault, where the file does not show it. Untrusted. */
  readonly salt?: ShownSalt | undefined
  /** Details by commitment, where the file does not show them. */
  readonly held?: ReadonlyMap<string, string> | undefined
  /** Entries read to be hashed, then entries replayed. */
  readonly onRead: (entries: number, size: number) => void
  readonly onReplay: (entries: number, size: number) => void
}
