import { VerifyError } from '../../src/core/failure.ts'
import { parseAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import type { Checkpoint } from '../../src/core/note/checkpoint.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import type { WalletState } from '../../src/files/wallet-folder.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists, readParsed } from '../../src/node/file-system.ts'
import type { EvidenceFile, Needs } from '../../src/verify/evidence/evidence-file.ts'

/** What a reader brings along, and the growth of the log since. */
export interface Visit {
  readonly policy: Policy
  readonly wallet: WalletState | undefined
  readonly seen: readonly Checkpoint[]
  readonly growth: GrowthProof | undefined
}

/** A consistency proof, and the size from which it leads. */
export interface GrowthProof {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
}

/**
 * The proof of growth beside a file, where there is a wallet. @throws UsageError `state` where there is none.
 */
export async function readGrowth(
  file: string,
  { state, growth }: { readonly state?: string; readonly growth?: string },
): Promise<GrowthProof | undefined> {
  if (growth !== undefined && state === undefined)
    throw new UsageError('state', '--growth shows that a log grew out of what is kept: it goes with --state.')
  const path = growth ?? `${file}.growth`
  if (state === undefined || (growth === undefined && !(await fileExists(path)))) return undefined
  return readParsed(path, parseAddCheckpoint)
}

/** The proof of the growth from what was accepted last, if that is where it leads from. */
export function proofFrom(seen: Checkpoint | undefined, growth: GrowthProof | undefined): readonly Uint8Array[] {
  return growth !== undefined && growth.oldSize === seen?.size ? growth.proof : []
}

/** What fails with an error that others can check says where the evidence was put. */
export async function verifyOrShow<T>(
  verify: () => T | Promise<T>,
  evidenceAt: (error: VerifyError) => Promise<{ readonly path: string; readonly needs: Needs } | undefined>,
): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    const shown = error instanceof VerifyError ? await evidenceAt(error) : undefined
    throw shown === undefined ? error : new ShownError(error as VerifyError, shown)
  }
}

/** Where a wallet keeps evidence, and what that needs; undefined where there is none, or no wallet. */
export async function keptAs(wallet: WalletState | undefined, policy: Policy, file: EvidenceFile | undefined) {
  if (wallet === undefined || file === undefined) return undefined
  return { path: await wallet.keepTrouble(policy, file), needs: file.needs }
}

/** Something that does not hold, and for which there is a file of evidence now. */
export class ShownError extends VerifyError {
  readonly evidence: string
  readonly needs: Needs

  constructor({ code, message }: VerifyError, { path, needs }: { readonly path: string; readonly needs: Needs }) {
    super(code, message)
    this.evidence = path
    this.needs = needs
  }
}
