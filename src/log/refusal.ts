import { NO_LEDGER_ID } from '../core/batch.ts'
import { signEd25519 } from '../core/ed25519.ts'
import { refusalMessage } from '../core/promise.ts'
import type { BatchRefusal, Submission } from '../ledger/index.ts'
import { RefusedError } from './failure.ts'

const REFUSAL_TEXT: Readonly<Record<BatchRefusal, string>> = {
  'batch-genesis': 'A genesis transaction is the only one of the first batch, and of no other.',
  'signer-unknown': 'A signature names a registry record that is no key, or an account that has no owner key.',
  'signer-revoked': 'A signature names a key that was revoked.',
  'signature-invalid': 'A signature does not verify under its key over this ledger id, count and batch root.',
}

/** The refusal of a whole batch at a ledger time, signed by the log's key. SPEC §9. */
export function refusalOf(
  { transactions }: Submission,
  ledgerId: Uint8Array | undefined,
  time: number,
  code: BatchRefusal,
  logSeed: Uint8Array,
): RefusedError {
  const message = refusalMessage(ledgerId ?? NO_LEDGER_ID, transactions.count, transactions.root, time, code)
  return new RefusedError(code, REFUSAL_TEXT[code], time, signEd25519(logSeed, message))
}
