import { equalBytes } from '../core/bytes.ts'
import { SIGNER_RECORD } from '../core/entry/batch.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeTransaction, type Genesis, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import type { VerifierKey } from '../core/note/note.ts'
import type { Policy } from '../core/note/policy.ts'
import { openSigned, type SignedCheckpoint } from '../core/note/signed.ts'
import { leafHash } from '../core/tree/merkle.ts'
import type { ShownBatch } from './batch-proof.ts'
import { isLogOf, ledgerIdAt, type NamedLog } from './logs.ts'
import { isGoodFor } from './proven-records.ts'
import { checkReceipt, type Receipt } from './receipt.ts'

/** Which ledger it is, as a policy has it: verified, so that a key may sign for it. SPEC §11, "Clients". */
export interface LedgerIdentity {
  readonly origin: string
  /** What is signed for the ledger now, is signed for this. */
  readonly ledgerId: Uint8Array
  /** What it was called before, and is now: by cards and files that are older than a continuation. */
  readonly ledgerIds: readonly Uint8Array[]
  /** The names of its log and of those before, the latest first. */
  readonly origins: readonly string[]
  /** Log index of the transaction that names the log. */
  readonly from: number
  readonly genesis: Genesis
  /** Keys of the log, by the policy. */
  readonly logs: readonly VerifierKey[]
}

/** Where the genesis stands in every log, after the batch that it is alone in. */
export const GENESIS_INDEX = 1

/**
 * The ledger of which a receipt of entry 1 is: the log of the policy signed a tree that begins with a batch of this
 * genesis alone, which names that very log. Anyone who holds another log's key cannot pass its own off as that: its
 * genesis names one key. Who cosigned the tree does not matter, as what a log begins with does not change.
 *
 * @param receipt - untrusted, parsed.
 * @throws VerifyError `unknown-log`, `log-signature`, `inclusion-proof`, `evidence-proof`, `genesis-proof`,
 * `log-identity`; FormatError.
 *
 * @example
 * const { origin, ledgerId } = identityFrom(parseReceipt(receiptOfEntry1), policy)
 */
export function identityFrom(receipt: Receipt, policy: Policy): LedgerIdentity {
  const { genesis, signed, ledgerId } = beginningOf(receipt, policy)
  const { origin, logs } = signed
  const names = `the first entry names the log "${genesis.origin}"`
  check(genesis.origin === origin, 'log-identity', `${names}, and the checkpoint is of "${origin}"`)
  const isOurs = logs.some(({ publicKey }) => equalBytes(publicKey, genesis.logKey))
  check(isOurs, 'log-identity', `${names} under a key that your policy does not have for it: it is another ledger's`)
  return { origin, ledgerId, ledgerIds: [ledgerId], origins: [origin], from: GENESIS_INDEX, genesis, logs }
}

/** A record that shows how a ledger came into the log that it is in: a root key, or what continued it. */
export interface RecordReceipt {
  readonly number: number
  /** Log index of the entry that revoked it, or 0: as the registry has it. */
  readonly until: number
  /** Of the entry that made it. */
  readonly receipt: Receipt
}

/**
 * The ledger of which a receipt of entry 1 is, where it went on from the log of its genesis: root keys signed what
 * continued it, one after another, and the last names the log of the policy. So nobody who lets a log of his own begin
 * with the entries of another passes it off as what that went on to.
 *
 * @param receipt - untrusted, parsed: of entry 1.
 * @param records - untrusted: root keys that are not those of genesis, and what continued the log, by number.
 * @throws VerifyError as `identityFrom`, and `record-proof`, `record-status`, `record-signature`; FormatError.
 */
export function continuedIdentity(receipt: Receipt, records: readonly RecordReceipt[], policy: Policy): LedgerIdentity {
  const { genesis, signed, ledgerId } = beginningOf(receipt, policy)
  const roots = genesis.roots.map((key, number) => ({ number, key, from: GENESIS_INDEX, until: 0 }))
  const ids: NamedLog[] = [{ ...genesis, ledgerId, from: GENESIS_INDEX, size: 0, seen: null }]
  let last = roots.length - 1
  for (const { number, until, receipt: shown } of records) {
    check(number > last, 'record-proof', 'the records do not increase')
    last = number
    const under = openSigned(shown.checkpoint, policy)
    check(under.origin === signed.origin, 'record-proof', `record ${number} is shown in the log "${under.origin}"`)
    const batch = checkReceipt(shown, under)
    check(batch?.status(shown.evidence!.position) === ACCEPTED, 'record-status', `record ${number} was refused`)
    const transaction = decodeTransaction(shown.entry)
    const isByRoot = rootsBehind(batch, roots, ledgerIdAt(ids, batch.index)) >= genesis.need
    check(isByRoot, 'record-signature', `record ${number} is not signed by ${genesis.need} root keys`)
    const { index: from } = shown
    if (transaction.kind === 'register-key' && transaction.role === 'root')
      roots.push({ number, key: transaction.key, from, until })
    else if (transaction.kind === 'continue-log')
      ids.push({ ...transaction, ledgerId: leafHash(shown.entry), from, size: transaction.size })
  }
  const now = ids.at(-1)!
  check(
    isLogOf(now, signed),
    'log-identity',
    `the ledger is in the log "${now.origin}", and not in the one that signed`,
  )
  const ledgerIds = ids.map(one => one.ledgerId)
  const origins = ids.map(one => one.origin).reverse()
  const { ledgerId: nowId, from } = now
  return { origin: signed.origin, ledgerId: nowId, ledgerIds, origins, from, genesis, logs: signed.logs }
}

/** Whether a record shows how a ledger came into the log that it is in: its receipt is for all. */
export function isForIdentity(transaction: Transaction): boolean {
  return transaction.kind === 'continue-log' || (transaction.kind === 'register-key' && transaction.role === 'root')
}

/** How many of these root keys, each different, signed a batch. */
function rootsBehind(
  batch: ShownBatch,
  roots: readonly { number: number; key: Uint8Array; from: number; until: number }[],
  ledgerId: Uint8Array,
): number {
  const keys: Uint8Array[] = []
  batch.signatures.forEach(({ class: signerClass, number }, i) => {
    const root = signerClass === SIGNER_RECORD ? roots.find(one => one.number === number) : undefined
    if (root === undefined || !isGoodFor(root, batch.index) || !batch.holds(i, root.key, ledgerId)) return
    if (!keys.some(key => equalBytes(key, root.key))) keys.push(root.key)
  })
  return keys.length
}

/**
 * Genesis, the one transaction of entry 0, in a tree that a log of the policy signed. The log that it names may be one
 * of before.
 *
 * @param receipt - untrusted, parsed: of entry 1.
 * @throws VerifyError as `identityFrom`, but for `log-identity`; FormatError.
 */
export function beginningOf(
  receipt: Receipt,
  policy: Policy,
): { readonly genesis: Genesis; readonly signed: SignedCheckpoint; readonly ledgerId: Uint8Array } {
  const signed = openSigned(receipt.checkpoint, policy)
  const batch = checkReceipt(receipt, signed)
  const { evidence, entry, index } = receipt
  const what = 'the first entry shown is no batch of a genesis'
  check(index === GENESIS_INDEX && batch?.count === 1, 'genesis-proof', what)
  const genesis = decodeTransaction(entry)
  check(genesis.kind === 'genesis', 'genesis-proof', what)
  return { genesis, signed, ledgerId: leafHash(evidence!.batch) }
}
