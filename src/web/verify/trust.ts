import type { Policy } from '../../core/note/policy.ts'
import type { Card } from '../../verify/card.ts'

/** What a visitor brings along. Trust is in here, and only in here. */
export interface Trust {
  readonly policy: Policy
  readonly card: Card | undefined
  /** The time of this device. */
  readonly nowMs: number
}
