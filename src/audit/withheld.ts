import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beginningOf, ClientError, type TallyClient, tilesOf } from '../client/index.ts'
import { equalBytes, toHex, utf8Decode } from '../core/bytes.ts'
import { CodedError, VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import { openSigned, type SignedCheckpoint } from '../core/note/signed.ts'
import { signedNotesIn } from '../files/accepted-checkpoint.ts'
import { writeBytes } from '../node/file-system.ts'
import { formatEvidence } from '../verify/evidence/evidence-file.ts'
import { evidenceOf } from '../verify/evidence/make-evidence.ts'
import type { FoundBy } from './evidence/accuse.ts'
import type { EvidencePlace } from './evidence/keep-evidence.ts'
import type { Fault } from './fault.ts'

/** Files of notes that were signed, and whose entries or tiles were not served. */
const NAMED = /^evidence-\d+-withheld-[0-9a-f]{8}\.json$/

/** A log signed a checkpoint and does not serve what it was signed over. */
export class WithheldError extends VerifyError {
  constructor(size: number, cause: ClientError) {
    super(
      'withheld',
      `the log signed a checkpoint of ${size} entries and does not serve what it was signed over: ${cause.message}. ` +
        'Ask the operator for it. What was signed is evidence for everyone who was shown another checkpoint',
      { cause },
    )
  }
}

/**
 * What an audit ends in that was not given what a checkpoint was signed over: `withheld`, unless the ledger has stopped
 * answering, or does not let this caller read.
 *
 * @param error - what the audit ended in.
 */
export async function whyUnserved(
  error: unknown,
  client: Pick<TallyClient, 'checkpoint'>,
  { size }: SignedCheckpoint,
): Promise<unknown> {
  // What is no answer at all, anyone on the way may have made up.
  const isOther =
    !(error instanceof ClientError) || error.code === 'answer' || [400, 401, 403, 415].includes(error.status)
  if (isOther) return error
  const isUp = await client.checkpoint().then(
    () => true,
    () => false,
  )
  return isUp ? new WithheldError(size, error) : error
}

/**
 * Keeps the note of a checkpoint that could not be audited, for others to compare with what they were shown.
 *
 * @param note - signed by a log of the policy.
 * @returns the name of the file.
 * @throws UsageError `file`; VerifyError of `openSigned`.
 */
export async function keepWithheld(
  note: Uint8Array,
  { code, message }: CodedError,
  policy: Policy,
  { url, time, earlier }: FoundBy,
  { evidence: path, state = '.' }: EvidencePlace,
): Promise<string> {
  const { origin, size, root } = openSigned(note, policy)
  const evidence = { checkpoint: utf8Decode(note), ...(earlier === undefined ? {} : { earlier: utf8Decode(earlier) }) }
  const where = path ?? join(state, `evidence-${size}-withheld-${toHex(root.subarray(0, 4))}.json`)
  const said = code === 'withheld' ? message : `the log signed this, and then it did not answer: ${message}`
  await writeBytes(
    where,
    formatEvidence(evidenceOf({ origin, url, time, code: 'withheld', message: said, evidence }, policy)),
  )
  return where
}

/** The notes that earlier audits kept in a folder so. Untrusted. */
export async function withheldIn(state: string): Promise<Uint8Array[]> {
  const names = (await readdir(state).catch(() => [])).filter(name => NAMED.test(name))
  return signedNotesIn(names.map(name => join(state, name)))
}

/**
 * What notes that were kept say of a log that was audited since: that it has two histories, or that it still does not
 * have what it signed.
 *
 * @param notes - untrusted: those that the log did not sign are stepped over.
 * @param client - whose tiles the audit compared with the entries.
 * @throws ClientError where they are not served again.
 */
export async function faultsWithheld(
  notes: readonly Uint8Array[],
  checkpoint: SignedCheckpoint,
  policy: Policy,
  client: TallyClient,
): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const note of notes) {
    const signed = openedOrNone(note, policy)
    if (signed === undefined || signed.origin !== checkpoint.origin) continue
    const { size, root } = signed
    if (size > checkpoint.size)
      faults.push({
        code: 'withheld',
        message: `the log signed a checkpoint of ${size} entries before, and still does not serve what it was signed over`,
      })
    else if (await isOther(size, root, checkpoint, client))
      faults.push({
        code: 'forked',
        message: `the first ${size} entries are not those of a checkpoint that was kept, whose entries were withheld`,
        earlier: note,
      })
  }
  return faults
}

/** Whether a checkpoint begins with another root; not where its tiles are wrong, which the audit says by itself. */
async function isOther(
  size: number,
  root: Uint8Array,
  checkpoint: SignedCheckpoint,
  client: TallyClient,
): Promise<boolean> {
  try {
    return !equalBytes((await beginningOf(size, checkpoint, tilesOf(client))).root, root)
  } catch (error) {
    if (!(error instanceof VerifyError && error.code === 'tile')) throw error
    return false
  }
}

function openedOrNone(note: Uint8Array, policy: Policy): SignedCheckpoint | undefined {
  try {
    return openSigned(note, policy)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return undefined
  }
}
