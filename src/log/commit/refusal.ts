import type { BatchRefusal } from '../../core/entry/outcome.ts'
import type { Submission } from '../../core/entry/submission.ts'
import { type RefusalHead, refusalMessage } from '../../verify/refusal.ts'
import { RefusedError } from '../failure.ts'
import type { LogSigner } from '../log-signer.ts'

const REFUSAL_TEXT: Readonly<Record<BatchRefusal, string>> = {
  'batch-genesis': 'A genesis transaction is the only one of the first batch, and of no other.',
  'signer-unknown': 'A signature names a registry record that is no key, or an account that has no owner key.',
  'signer-revoked': 'A signature names a key that was revoked.',
  'signature-invalid': 'A signature does not verify under its key over this ledger id, count and batch root.',
  rate: 'A signer has had as many transactions in the last minute as are taken from it. Send the same batch again later.',
}

/**
 * The refusal of a whole batch, signed by the log's key. SPEC §9.
 *
 * @param waitMs - after which it would be taken.
 */
export async function refusalOf(
  { signatures, transactions }: Submission,
  head: RefusalHead,
  signer: LogSigner,
  waitMs = 0,
): Promise<RefusedError> {
  const signature = await signer.sign(refusalMessage(head, signatures, transactions))
  return new RefusedError(REFUSAL_TEXT[head.code], { ...head, signature }, waitMs)
}
