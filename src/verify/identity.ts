import { equalBytes } from '../core/bytes.ts'
import { decodeTransaction, type Genesis } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import type { VerifierKey } from '../core/note/note.ts'
import type { Policy } from '../core/note/policy.ts'
import { openSigned } from '../core/note/signed.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { checkReceipt, type Receipt } from './receipt.ts'

/** Which ledger it is, as a policy has it: verified, so that a key may sign for it. SPEC §11, "Clients". */
export interface LedgerIdentity {
  readonly origin: string
  /** Leaf hash of entry 0. */
  readonly ledgerId: Uint8Array
  readonly genesis: Genesis
  /** Keys of the log, by the policy. */
  readonly logs: readonly VerifierKey[]
}

/** Where the genesis stands in every log, behind the batch that it is alone in. */
export const GENESIS_INDEX = 1

/**
 * The ledger of which a receipt of entry 1 is: the log of the policy signed a tree that begins with a batch of this
 * genesis alone, which names that very log. Anyone who holds another log's key cannot pass its own off as that: its
 * genesis names one key. Who cosigned the tree does not matter, as what a log begins with does not change.
 *
 * @param receipt - untrusted, parsed.
 * @throws VerifyError `unknown-log`, `log-signature`, `inclusion-proof`, `evidence-proof`, `genesis-proof`,
 * `log-identity`; FormatError.
 */
export function identityFrom(receipt: Receipt, policy: Policy): LedgerIdentity {
  const signed = openSigned(receipt.checkpoint, policy)
  const batch = checkReceipt(receipt, signed)
  const { evidence, entry, index } = receipt
  const what = 'what is shown as the beginning of the log is no batch of a genesis'
  check(index === GENESIS_INDEX && batch?.count === 1, 'genesis-proof', what)
  const genesis = decodeTransaction(entry)
  check(genesis.kind === 'genesis', 'genesis-proof', what)
  const { origin, logs } = signed
  const names = `the first entry names the log "${genesis.origin}"`
  check(genesis.origin === origin, 'log-identity', `${names}, and the checkpoint is of "${origin}"`)
  const isOurs = logs.some(({ publicKey }) => equalBytes(publicKey, genesis.logKey))
  check(isOurs, 'log-identity', `${names} under a key that your policy does not have for it: it is another ledger's`)
  return { origin, ledgerId: leafHash(evidence!.batch), genesis, logs }
}
