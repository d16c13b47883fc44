import { open, rename, unlink } from 'node:fs/promises'
import { ClientError } from '../../client/index.ts'
import { CodedError, VerifyError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle, encodeEntryBundle } from '../../core/tree/tile.ts'
import { UsageError } from '../../node/failure.ts'
import { besideOf, unwritable } from '../../node/file-system.ts'
import { type EvidenceFile, formatEvidence } from '../../verify/evidence/evidence-file.ts'
import type { OnStage } from '../progress.ts'
import type { Bundles } from '../read/bundles.ts'
import { formatBundleLine } from './evidence-lines.ts'
import { findEvidence } from './prove-evidence.ts'

/** What a file carries of the log, or why it carries nothing. */
export type CarriedLog =
  | { readonly entries: number; readonly bytes: number }
  | {
      readonly leftOut: 'as asked' | 'too large' | 'interrupted' | 'not served' | 'not written' | 'not proven'
      readonly why: string
    }

export interface CarryOptions {
  /** Bytes of entries that are carried at most; and so many, as far as is known, there are at least. */
  readonly limitBytes: number
  readonly leastBytes?: number
  /** Ends it, and leaves no file. */
  readonly signal: AbortSignal
  readonly onStage?: OnStage | undefined
}

/**
 * Writes an evidence file with the entries of the log that it takes to see the fault, from `bundles`: beside its place
 * first, then checked there as a stranger would, then in its place, readable by its owner alone. Holds a bundle at a
 * time.
 *
 * @param evidence - of what needs a replay, with `log`.
 * @returns what it carries; where it was not written, why.
 */
export async function carryLog(
  path: string,
  evidence: EvidenceFile,
  bundles: Bundles,
  policy: Policy,
  options: CarryOptions,
): Promise<CarriedLog> {
  const { limitBytes, leastBytes = 0, signal, onStage } = options
  const { entries } = evidence.evidence.log!
  if (limitBytes === 0) return { leftOut: 'as asked', why: 'as was asked for' }
  const tooLarge: CarriedLog = {
    leftOut: 'too large',
    why: `it has more than the ${limitBytes} bytes of --evidence-limit`,
  }
  // Nothing is read a second time that cannot be kept.
  if (leastBytes > limitBytes) return tooLarge
  let beside: string | undefined
  try {
    beside = await besideOf(path).catch(error => {
      throw unwritable(path, error)
    })
    const written = await writeLines(beside, evidence, bundles, options)
    if (written === undefined) {
      return signal.aborted ? INTERRUPTED : tooLarge
    }
    // What convicts is what a stranger finds in the file, and not what was found when the log was read before.
    const { code } = await findEvidence(beside, policy, { signal, onStage })
    if (code !== evidence.code) throw new VerifyError('not-proven', `evidence of ${evidence.code} proves ${code}`)
    await rename(beside, path).catch(error => {
      throw unwritable(path, error)
    })
    return { entries, bytes: written }
  } catch (error) {
    if (signal.aborted) return INTERRUPTED
    if (!(error instanceof CodedError)) throw error
    // Without them, the file may still find room.
    if (error instanceof UsageError) return { leftOut: 'not written', why: error.message }
    if (error instanceof ClientError)
      return { leftOut: 'not served', why: `the ledger serves them no more: ${error.message}` }
    return { leftOut: 'not proven', why: `what the ledger serves now does not show it: ${error.message}` }
  } finally {
    if (beside !== undefined) await unlink(beside).catch(() => {})
  }
}

const INTERRUPTED: CarriedLog = { leftOut: 'interrupted', why: 'writing it was interrupted' }

/** Writes document and bundles; returns the bytes of the entries, or nothing where it ended before. */
async function writeLines(
  path: string,
  { evidence, ...head }: EvidenceFile,
  bundles: Bundles,
  { limitBytes, signal, onStage }: CarryOptions,
): Promise<number | undefined> {
  const { entries } = evidence.log!
  const count = Math.ceil(entries / BUNDLE_ENTRIES)
  const document: EvidenceFile = {
    ...head,
    needs: 'nothing',
    evidence: { ...evidence, log: { entries, bundles: count } },
  }
  const file = await open(path, 'wx', 0o600).catch(error => {
    throw unwritable(path, error)
  })
  try {
    const write = (bytes: Uint8Array | string) =>
      file.appendFile(bytes).catch(error => {
        throw unwritable(path, error)
      })
    await write(formatEvidence(document))
    const coming = bundles.first(count)
    const aborted = new Promise<undefined>(resolve => signal.addEventListener('abort', () => resolve(undefined)))
    let total = 0
    for (let index = 0; index < count; ) {
      // A ledger that keeps its answer back keeps nobody who interrupts it.
      const next = await Promise.race([coming.next(), aborted])
      if (next?.value === undefined || signal.aborted) return undefined
      const bundle = firstOf(next.value, entries - BUNDLE_ENTRIES * index)
      total += bundle.length
      if (total > limitBytes) return undefined
      await write(formatBundleLine(index++, bundle))
      onStage?.('writing the evidence', Math.min(entries, BUNDLE_ENTRIES * index), entries)
    }
    await file.sync()
    return total
  } finally {
    await file.close()
  }
}

/** A bundle without what stands after its first entries. */
function firstOf(bundle: Uint8Array, count: number): Uint8Array {
  return count >= BUNDLE_ENTRIES ? bundle : encodeEntryBundle(decodeEntryBundle(bundle).slice(0, count))
}
