import { equalBytes, toHex } from '../core/bytes.ts'
import { VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import {
  continuedIdentity,
  identityFrom,
  isForIdentity,
  type LedgerIdentity,
  type RecordReceipt,
} from '../verify/identity.ts'
import { parseReceipt, type Receipt } from '../verify/receipt.ts'
import type { ListedRecord } from './registry.ts'

/** Who is asked for more, where a ledger went on from the log of its genesis to another. Untrusted. */
export interface MoreShown {
  /** The registry, proven under the log's signature. */
  records(): Promise<readonly ListedRecord[]>
  /** The receipt of the entry at a log index. */
  receipt(index: number): Promise<Uint8Array>
}

/**
 * The ledger of which a receipt of entry 1 is: in the log that its genesis names, or in one to which it went on, by
 * what its root keys signed. SPEC §11, "Clients".
 *
 * @param receipt - untrusted.
 * @param trust - the policy, and what the ledger is, or was, called by files that are there.
 * @throws VerifyError `wrong-ledger`, or as `identityFrom` and `continuedIdentity`; FormatError; what `more` throws.
 */
export async function identityOf(
  receipt: Receipt,
  { policy, ledgerId }: { readonly policy: Policy; readonly ledgerId?: Uint8Array },
  more: MoreShown,
): Promise<LedgerIdentity> {
  const identity = await shownBy(receipt, policy, more)
  if (ledgerId === undefined || identity.ledgerIds.some(one => equalBytes(one, ledgerId))) return identity
  throw new VerifyError(
    'wrong-ledger',
    `it is ledger ${toHex(identity.ledgerId)}, and not ${toHex(ledgerId)}, of which your files are`,
  )
}

async function shownBy(receipt: Receipt, policy: Policy, more: MoreShown): Promise<LedgerIdentity> {
  try {
    return identityFrom(receipt, policy)
  } catch (error) {
    if (!(error instanceof VerifyError) || error.code !== 'log-identity') throw error
    const shown: RecordReceipt[] = []
    let isContinued = false
    // A server that does not list its registry has another log than its genesis names, and that is all there is to say.
    const records = await more.records().catch(() => [])
    for (const { number, transaction, from, until } of records)
      if (isForIdentity(transaction)) {
        shown.push({ number, until, receipt: parseReceipt(await more.receipt(from)) })
        isContinued ||= transaction.kind === 'continue-log'
      }
    if (!isContinued) throw error
    return continuedIdentity(receipt, shown, policy)
  }
}
