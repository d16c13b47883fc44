import { fromBase64, utf8Encode } from '../../core/bytes.ts'
import type { Sample, SampleName } from './files.ts'

/** A sample as the build keeps it. */
export interface KeptSample {
  readonly name: string
  /** Base64. */
  readonly bytes: string
  readonly policy: string
  readonly card?: string
  readonly nowMs: number
}

/** All of them, where they stand in the page itself. */
export type KeptSamples = Readonly<Record<SampleName, KeptSample>>

/** The sample that was kept. */
export function sampleFrom({ name, bytes, policy, card, nowMs }: KeptSample): Sample {
  return {
    name,
    bytes: fromBase64(bytes),
    policy: utf8Encode(policy),
    card: card === undefined ? undefined : utf8Encode(card),
    nowMs,
  }
}
