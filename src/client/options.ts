import type { Policy } from '../core/note/policy.ts'
import type { SigningKey } from './key.ts'
import type { WireOptions } from './wire.ts'

/** What a client of a ledger is made with. */
export interface ClientOptions extends WireOptions {
  /** Whom you trust. What the ledger says is believed as far as this policy proves it. */
  readonly policy: Policy
  /** The ledger id that it has to have, where a card, a key file or kept state says it. */
  readonly ledgerId?: Uint8Array
  /** The key that calls for private data are made with. */
  readonly caller?: SigningKey
  /** The clock of this machine, if it is another one. */
  readonly nowMs?: () => number
}
