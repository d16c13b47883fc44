import type { TallyClient } from '../../client/index.ts'
import { concatBytes, equalBytes, u64be, utf8Encode } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import { ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { idTimeMs } from '../../core/entry/id.ts'
import { OUTCOMES } from '../../core/entry/outcome.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { check } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { verifyReceipt } from '../../verify/index.ts'
import type { Audit } from '../audit-report.ts'

/** A transaction that was drawn, with the receipt that proves it. */
export interface Sampled {
  readonly index: number
  readonly kind: string
  /** What the ledger made of it (SPEC §8). */
  readonly outcome: string
  /** When its id was made, in ms since 1970. */
  readonly timeMs: number
  readonly receipt: Uint8Array
}

/** Draws for each transaction that is wanted: far more than it takes where few entries are transactions. */
const DRAWS_EACH = 10_000

/**
 * A sample of the transactions of an audited log: the same for everyone who audits that checkpoint, and foreseen by
 * nobody who makes the log, as it is drawn by its root. Draw `i` is the entry at the first 48 bits of
 * `SHA-256("tallystick/sample/v1" ‖ 0 ‖ root ‖ u64be(i))` modulo the size; entries that are no transactions, and those
 * drawn before, are stepped over.
 *
 * @param count - how many; all of them where there are fewer.
 * @returns by log index, each with a receipt that holds under `policy` and has the entry that was audited.
 * @throws VerifyError `log-root` where the ledger shows another entry now; ClientError where it does not answer.
 */
export async function sampleOf(
  { bundles, checkpoint: { root, size }, report }: Audit,
  client: TallyClient,
  policy: Policy,
  count: number,
): Promise<Sampled[]> {
  const wanted = Math.min(count, report.transactions)
  const drawn = new Map<number, Sampled>()
  for (let i = 0; drawn.size < wanted && i < wanted * DRAWS_EACH; i++) {
    const index = drawAt(root, i) % size
    if (drawn.has(index)) continue
    const entry = await bundles.proven(index)
    if (entry[0] !== ENTRY_TRANSACTION) continue
    const receipt = await client.receipt(index)
    const { entry: shown, status } = verifyReceipt(receipt, policy)
    check(equalBytes(shown, entry), 'log-root', `the receipt of entry ${index} has another entry than was audited`)
    const { kind, id } = decodeTransaction(entry)
    drawn.set(index, { index, kind, outcome: OUTCOMES[status!]!, timeMs: idTimeMs(id), receipt })
  }
  return [...drawn.values()].sort((a, b) => a.index - b.index)
}

const LABEL = utf8Encode('tallystick/sample/v1\0')

function drawAt(root: Uint8Array, i: number): number {
  const hash = engine().sha256(concatBytes(LABEL, root, u64be(i)))
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0) * 2 ** 16 + ((hash[4]! << 8) | hash[5]!)
}
