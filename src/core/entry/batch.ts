import { utf8Encode } from '../bytes.ts'
import { CborReader } from '../cbor.ts'
import { beginEntry, endEntry, putArray, putBytes, putUint } from '../cbor-writer.ts'
import { FormatError } from '../failure.ts'
import {
  ACCOUNTS_MAX,
  BATCH_DEPTH,
  BATCH_SIGNATURES_MAX,
  BATCH_TRANSACTIONS_MAX,
  RECORDS_MAX,
  RECOVERY_KEYS_MAX,
  TIME_MS_MAX,
} from '../limits.ts'
import { leafHashes } from '../tree/merkle.ts'
import { listRootOfHashes } from '../tree/ssz.ts'
import { ENTRY_BATCH } from './entry-type.ts'

/** The version of the rules of `apply` that this code knows (SPEC §7). */
export const RULES_VERSION = 1

/** Whose key signed: a record of the registry, the owner of an account, or one of its recovery keys: 2 plus its place (SPEC §4). */
export const SIGNER_RECORD = 0
export const SIGNER_OWNER = 1
export const SIGNER_RECOVERY = 2
const SIGNER_MAX = SIGNER_RECOVERY + RECOVERY_KEYS_MAX - 1

export interface Signature {
  readonly class: number
  /** Record number or account number. */
  readonly number: number
  /** 64 bytes. */
  readonly ed25519: Uint8Array
}

/** A batch entry, decoded (SPEC §4). */
export interface BatchEntry {
  readonly time: number
  readonly version: number
  readonly signatures: readonly Signature[]
  readonly count: number
  readonly root: Uint8Array
  /** `count` bytes. */
  readonly statuses: Uint8Array
}

/** The transactions of one batch: their bytes where they are, the leaf hash of each, and the root over those. */
export interface Transactions {
  readonly count: number
  /** Holds transaction `i` at `[starts[i], ends[i])`, its type byte included. */
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** `32 count` bytes: the leaf hashes in order. */
  readonly leaves: Uint8Array
  /** The batch root: `List[Bytes32, 2^13]` over the leaf hashes. */
  readonly root: Uint8Array
}

/**
 * The transactions that stand in `bytes` at the given places, hashed. One hash a transaction and one pair of hashes a
 * transaction for the root. Whether they are well formed is for `TransactionView` to say.
 *
 * @throws FormatError `batch-count` unless there are 1 to 8,192.
 */
export function transactionsAt(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array): Transactions {
  const leaves = new Uint8Array(32 * starts.length)
  if (starts.length <= BATCH_TRANSACTIONS_MAX) leafHashes(bytes, starts, ends, leaves)
  return hashedTransactions(bytes, starts, ends, leaves)
}

/** As `transactionsAt`, with the leaf hashes made before: `32 n` bytes. */
export function hashedTransactions(
  bytes: Uint8Array,
  starts: Uint32Array,
  ends: Uint32Array,
  leaves: Uint8Array,
): Transactions {
  const count = starts.length
  if (count < 1 || count > BATCH_TRANSACTIONS_MAX)
    throw new FormatError('batch-count', `a batch has 1 to ${BATCH_TRANSACTIONS_MAX} transactions, this one ${count}`)
  return { count, bytes, starts, ends, leaves, root: listRootOfHashes(leaves, BATCH_DEPTH) }
}

/** As `transactionsAt`, for transactions that are byte strings of their own. Copies them into one. */
export function transactionsFrom(list: readonly Uint8Array[]): Transactions {
  const starts = new Uint32Array(list.length)
  const ends = new Uint32Array(list.length)
  let length = 0
  for (const one of list) length += one.length
  const bytes = new Uint8Array(length)
  let at = 0
  list.forEach((one, i) => {
    bytes.set(one, at)
    starts[i] = at
    at += one.length
    ends[i] = at
  })
  return transactionsAt(bytes, starts, ends)
}

/** The bytes of each transaction of a batch, as views. */
export function transactionBytes({
  bytes,
  starts,
  ends,
}: Pick<Transactions, 'bytes' | 'starts' | 'ends'>): Uint8Array[] {
  return Array.from(starts, (start, i) => bytes.subarray(start, ends[i]))
}

/** The ledger id that the genesis batch is signed for, which has none yet (SPEC §4). */
export const NO_LEDGER_ID: Uint8Array = new Uint8Array(32)

const LABEL = utf8Encode('tallystick/batch/v1\0')

/** The message under a batch's signatures: `label ‖ 0x00 ‖ ledger id ‖ u32be(count) ‖ root`. SPEC §4. */
export function batchMessage(ledgerId: Uint8Array, count: number, root: Uint8Array): Uint8Array {
  const message = new Uint8Array(LABEL.length + 32 + 4 + 32)
  message.set(LABEL)
  message.set(ledgerId, LABEL.length)
  new DataView(message.buffer).setUint32(LABEL.length + 32, count)
  message.set(root, LABEL.length + 36)
  return message
}

/** The entry of a batch: `0x01 ‖ CBOR array`. SPEC §4. What this makes, `decodeBatch` reads. */
export function encodeBatch({ time, version, signatures, count, root, statuses }: BatchEntry): Uint8Array {
  beginEntry(ENTRY_BATCH)
  putArray(6)
  putUint(time)
  putUint(version)
  putArray(signatures.length)
  for (const signature of signatures) {
    putArray(3)
    putUint(signature.class)
    putUint(signature.number)
    putBytes(signature.ed25519)
  }
  putUint(count)
  putBytes(root)
  putBytes(statuses)
  return endEntry()
}

/**
 * The batch that an entry holds. Its byte strings are copies.
 *
 * @param entry - untrusted: type byte and CBOR array.
 * @throws FormatError `entry-type`, `batch`, `batch-version`, or a code of `CborReader`. SPEC §4.
 */
export function decodeBatch(entry: Uint8Array): BatchEntry {
  if (entry[0] !== ENTRY_BATCH)
    throw new FormatError('entry-type', 'expected a batch entry, which begins with byte 0x01')
  const reader = new CborReader().reset(entry, 1, entry.length)
  const fields = reader.array()
  if (fields !== 6) throw new FormatError('batch', `a batch entry has 6 fields, this one ${fields}`)
  const time = reader.uint(TIME_MS_MAX, 'time')
  const version = reader.uint(255, 'version')
  if (version !== RULES_VERSION)
    throw new FormatError(
      'batch-version',
      `this verifier knows version ${RULES_VERSION} of the rules, the batch names ${version}`,
    )
  const signatures = readSignatures(reader)
  const count = reader.uint(BATCH_TRANSACTIONS_MAX, 'count')
  if (count === 0) throw new FormatError('batch', 'a batch has at least one transaction')
  const root = reader.bytes(32, 'root').slice()
  const statuses = reader.bytes(count, 'statuses').slice()
  reader.end()
  return { time, version, signatures, count, root, statuses }
}

/**
 * The list of signatures at the reader's place, as in a batch entry and in a submitted batch: 1 to 8, strictly
 * increasing by class, then number. SPEC §4.
 *
 * @throws FormatError `batch`, or a code of `CborReader`.
 */
export function readSignatures(reader: CborReader): Signature[] {
  const signatures: Signature[] = []
  const count = readSignatureCount(reader)
  for (let i = 0; i < count; i++) {
    const signerClass = readSignerClass(reader, i)
    const number = readSignerNumber(reader, signerClass)
    signatures.push({ class: signerClass, number, ed25519: reader.bytes(64, 'signature').slice() })
  }
  checkSignatureOrder(signatures)
  return signatures
}

/** The head of such a list; returns how many signatures follow. @throws FormatError as `readSignatures`. */
export function readSignatureCount(reader: CborReader): number {
  const count = reader.array()
  if (count < 1 || count > BATCH_SIGNATURES_MAX)
    throw new FormatError('batch', `a batch has 1 to ${BATCH_SIGNATURES_MAX} signatures, this one ${count}`)
  return count
}

/** The head of signature `i` and its signer's class; the number follows. @throws FormatError as `readSignatures`. */
export function readSignerClass(reader: CborReader, i: number): number {
  const fields = reader.array()
  if (fields !== 3) throw new FormatError('batch', `a signature has 3 fields, signature ${i} has ${fields}`)
  return reader.uint(SIGNER_MAX, 'signer class')
}

/** The number of a signer of that class; the signature follows. @throws FormatError as `readSignatures`. */
export function readSignerNumber(reader: CborReader, signerClass: number): number {
  return reader.uint(signerClass === SIGNER_RECORD ? RECORDS_MAX - 1 : ACCOUNTS_MAX - 1, 'signer number')
}

/** Refuses signatures that do not strictly increase by class, then number. @throws FormatError `batch`. SPEC §4. */
export function checkSignatureOrder(signatures: readonly Signature[]): void {
  for (let i = 1; i < signatures.length; i++) {
    const [a, b] = [signatures[i - 1]!, signatures[i]!]
    if (a.class > b.class || (a.class === b.class && a.number >= b.number)) throw orderError(i)
  }
}

/** Signature `i` of a batch does not follow the one before. */
export function orderError(i: number): FormatError {
  return new FormatError('batch', `signatures increase strictly by class and number; signature ${i} does not`)
}
