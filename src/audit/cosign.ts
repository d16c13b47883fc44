import { equalBytes } from '../core/bytes.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  formatNote,
  formatVerifierKey,
  parseNote,
  sameKey,
  type VerifierKey,
  verifierKey,
} from '../core/note/note.ts'
import { hasQuorum, type Policy } from '../core/note/policy.ts'
import { readKey } from '../files/key-files.ts'
import { UsageError } from '../node/failure.ts'
import type { KeptLog } from './resume/audited-log.ts'

/** The key of an auditor's cosignatures. */
export interface AuditKey {
  /** Of type 0x04. */
  readonly key: VerifierKey
  readonly seed: Uint8Array
}

/**
 * The key in a file, as one that cosigns: it signs that and nothing else. SPEC §3.
 *
 * @param callerKey - public key of the auditor as the ledger knows him, which signs tokens.
 * @throws UsageError `key-file` where it has another use, and of `readKey`; FormatError `verifier-key`.
 */
export async function readAuditKey(path: string, { logs }: Policy, callerKey: Uint8Array): Promise<AuditKey> {
  const { name, seed, publicKey, account } = await readKey(path)
  const key = verifierKey(name, COSIGNATURE_KEY, publicKey)
  const use =
    account !== undefined
      ? 'an account'
      : logs.some(log => sameKey(log.key, key))
        ? 'the log'
        : equalBytes(publicKey, callerKey)
          ? 'the auditor, as the ledger knows him'
          : undefined
  if (use !== undefined)
    throw new UsageError(
      'key-file',
      `${path} is the key of ${use}. Make one for cosignatures alone: tally keygen --name auditor.example --out ` +
        'auditor-witness.key.json',
    )
  return { key, seed }
}

/**
 * The policy by which to audit what is then to be cosigned: the auditor's own cosignature is not under it yet, so the
 * quorum is one that can be reached with it.
 */
export function policyBefore(policy: Policy, own: AuditKey | undefined): Policy {
  const witness = policy.witnesses.find(({ key }) => own !== undefined && sameKey(key, own.key))
  if (witness === undefined) return policy
  if (hasQuorum(policy, [witness.name])) return { ...policy, quorum: 'none' }
  const groups = policy.groups.flatMap(({ name, threshold, members }) => {
    if (!members.includes(witness.name)) return [{ name, threshold, members }]
    return [{ name, threshold: threshold - 1, members: members.filter(member => member !== witness.name) }]
  })
  return { ...policy, groups }
}

/**
 * Cosigns an audited checkpoint, and keeps it so that nothing smaller is cosigned after it: it is on disk before anyone
 * is shown the cosignature. Called while the state is held by this process alone, with what was compared with its
 * checkpoint.
 *
 * @param note - a checkpoint that was audited without fault.
 * @returns the note with the cosignature under it.
 * @throws UsageError `state` when what is kept is larger after all, or of another history.
 */
export async function cosignAudited(
  note: Uint8Array,
  { key, seed }: AuditKey,
  kept: KeptLog,
  nowMs: number,
): Promise<Uint8Array> {
  const { text, signatures } = parseNote(note)
  const others = signatures.filter(({ name, keyId }) => name !== key.name || keyId !== key.keyId)
  const cosigned = formatNote({ text, signatures: [...others, cosignNote(text, key, seed, Math.floor(nowMs / 1000))] })
  await kept.keepCheckpoint(cosigned)
  return cosigned
}

/** The line by which a policy names the auditor. */
export function policyLine({ key }: AuditKey): string {
  const name = key.name.split(/[./]/)[0]! || 'auditor'
  return `witness ${name} ${formatVerifierKey(key)}`
}
