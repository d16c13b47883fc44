import { toBase64 } from '../core/bytes.ts'
import type { Exhibits } from '../verify/evidence/evidence-file.ts'
import { encodePromise, type PromiseFile } from '../verify/promise.ts'
import type { Receipt } from '../verify/receipt.ts'

/** A note as evidence has it, whatever bytes it is of. */
export function noteText(note: Uint8Array): string {
  return new TextDecoder().decode(note)
}

/** A promise file as evidence has it. */
export function promiseText(promise: PromiseFile): string {
  return toBase64(encodePromise(promise))
}

/** A receipt as evidence has it: its checkpoint, its entry, and the batch of that. */
export function receiptShown({ checkpoint, entry, evidence, index, proof }: Receipt): Exhibits {
  const shown = (at: number, bytes: Uint8Array, path: readonly Uint8Array[]) => ({
    index: at,
    entry: toBase64(bytes),
    proof: path.map(toBase64),
  })
  const batch = evidence === null ? [] : [shown(evidence.index, evidence.batch, evidence.logPath)]
  return { checkpoint: noteText(checkpoint), entries: [...batch, shown(index, entry, proof)] }
}
