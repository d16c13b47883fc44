import { utf8Encode } from '../bytes.ts'
import { CborReader } from '../cbor.ts'
import { beginEntry, endEntry, putArray, putBytes, putUint } from '../cbor-writer.ts'
import { FormatError } from '../failure.ts'
import {
  ACCOUNTS_MAX,
  AMOUNT_MAX,
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
import { type Group, groupsFit, readGroups } from './group.ts'
import { ACCEPTED, OUTCOMES } from './outcome.ts'

/** The version of the rules of `apply` that this code knows (SPEC §7). */
export const RULES_VERSION = 1

/**
 * Whose key signed: a record of the registry, the owner of an account, or one of its recovery keys: 2 plus its place
 * (SPEC §4).
 */
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
  readonly version: number
  readonly time: number
  readonly signatures: readonly Signature[]
  /** Which of its transactions are all accepted or none, in order. */
  readonly groups: readonly Group[]
  readonly count: number
  readonly root: Uint8Array
  /** `count` bytes: one status per position, also where the entry has none of them because all are 0. */
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
  /** Which of them are all accepted or none, in order. */
  readonly groups: readonly Group[]
}

/**
 * The transactions that stand in `bytes` at the given places, hashed. One hash a transaction and one pair of hashes a
 * transaction for the root. Whether they are well formed is for `TransactionView` to say.
 *
 * @throws FormatError `batch-count` unless there are 1 to 8,192.
 *
 * @example
 * const { count, root } = transactionsAt(concatBytes(first, second), starts, ends) // places of each in the bytes
 */
export function transactionsAt(
  bytes: Uint8Array,
  starts: Uint32Array,
  ends: Uint32Array,
  groups: readonly Group[] = NO_GROUPS,
): Transactions {
  const leaves = new Uint8Array(32 * starts.length)
  if (starts.length <= BATCH_TRANSACTIONS_MAX) leafHashes(bytes, starts, ends, leaves)
  return hashedTransactions(bytes, starts, ends, leaves, groups)
}

/**
 * As `transactionsAt`, with the leaf hashes made before: `32 n` bytes.
 *
 * @throws FormatError `batch-count`.
 *
 * @example
 * const leaves = new Uint8Array(32 * starts.length)
 * leafHashes(bytes, starts, ends, leaves)
 * const { count, root } = hashedTransactions(bytes, starts, ends, leaves)
 */
export function hashedTransactions(
  bytes: Uint8Array,
  starts: Uint32Array,
  ends: Uint32Array,
  leaves: Uint8Array,
  groups: readonly Group[] = NO_GROUPS,
): Transactions {
  const count = starts.length
  if (count < 1 || count > BATCH_TRANSACTIONS_MAX)
    throw new FormatError('batch-count', `a batch has 1 to ${BATCH_TRANSACTIONS_MAX} transactions, this one ${count}`)
  return { count, bytes, starts, ends, leaves, root: listRootOfHashes(leaves, BATCH_DEPTH), groups }
}

/** As `transactionsAt`, for transactions that are byte strings of their own. Copies them into one. */
export function transactionsFrom(list: readonly Uint8Array[], groups: readonly Group[] = NO_GROUPS): Transactions {
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
  return transactionsAt(bytes, starts, ends, groups)
}

/** The bytes of each transaction of a batch, as views. */
export function transactionBytes({
  bytes,
  starts,
  ends,
}: Pick<Transactions, 'bytes' | 'starts' | 'ends'>): Uint8Array[] {
  return Array.from(starts, (start, i) => bytes.subarray(start, ends[i]))
}

/** Shared, never written. */
export const NO_GROUPS: readonly Group[] = []

/** The ledger id that the genesis batch is signed for, which has none yet (SPEC §4). */
export const NO_LEDGER_ID: Uint8Array = new Uint8Array(32)

const LABEL = utf8Encode('tallystick/batch/v1\0')

/** Who signs a batch: the class and the number of a signature (SPEC §4). */
export type SignerName = Pick<Signature, 'class' | 'number'>

/**
 * The message under every signature of a batch: `label ‖ 0x00 ‖ ledger id ‖ u8(n) ‖ n × (u8(class) ‖ u32be(number)) ‖
 * u16be(g) ‖ g × (u16be(first) ‖ u16be(count)) ‖ u32be(count) ‖ root`. SPEC §4. It names all signers and all groups, so
 * nobody can be put beside a signer, or taken away, and no transaction cut out of its group.
 *
 * @param signers - all of them, in the order of their signatures.
 */
export function batchMessage(
  ledgerId: Uint8Array,
  signers: readonly SignerName[],
  { groups, count, root }: Pick<Transactions, 'groups' | 'count' | 'root'>,
): Uint8Array {
  const message = new Uint8Array(batchMessageLength(signers.length, groups.length))
  beginBatchMessage(message, ledgerId, signers.length)
  signers.forEach((signer, i) => {
    putSigner(message, i, signer.class, signer.number)
  })
  endBatchMessage(message, signers.length, groups, count)
  message.set(root, message.length - 32)
  return message
}

/** Bytes of a signer in the message, and where the first one stands. */
const SIGNER_BYTES = 5
const SIGNERS_AT = LABEL.length + 32 + 1
/** Bytes of a group in the message. */
const GROUP_BYTES = 4

/** Bytes of the message under the signatures of a batch of so many signers and groups. */
export function batchMessageLength(signers: number, groups: number): number {
  return SIGNERS_AT + SIGNER_BYTES * signers + 2 + GROUP_BYTES * groups + 4 + 32
}

/**
 * Writes what a message of so many signers begins with; anyone who signs one batch after another keeps it.
 *
 * @example
 * const message = new Uint8Array(batchMessageLength(1, 0))
 * beginBatchMessage(message, ledgerId, 1)
 * putSigner(message, 0, SIGNER_RECORD, 6)
 * endBatchMessage(message, 1, [], count)
 * message.set(root, message.length - 32)
 */
export function beginBatchMessage(message: Uint8Array, ledgerId: Uint8Array, signers: number): void {
  message.set(LABEL)
  message.set(ledgerId, LABEL.length)
  message[SIGNERS_AT - 1] = signers
}

/**
 * Writes the class and the number of signer `i` into a message.
 *
 * @example
 * putSigner(message, 0, SIGNER_OWNER, 17) // the owner of account 17
 */
export function putSigner(message: Uint8Array, i: number, signerClass: number, number: number): void {
  const at = SIGNERS_AT + SIGNER_BYTES * i
  message[at] = signerClass
  putU32(message, at + 1, number)
}

/**
 * Writes groups and the number of transactions after the signers of a message; the 32 bytes of the root are left.
 *
 * @example
 * endBatchMessage(message, 1, [], count)
 */
export function endBatchMessage(message: Uint8Array, signers: number, groups: readonly Group[], count: number): void {
  let at = SIGNERS_AT + SIGNER_BYTES * signers
  at = putU16(message, at, groups.length)
  for (const group of groups) at = putU16(message, putU16(message, at, group.first), group.count)
  putU32(message, at, count)
}

function putU16(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
  return at + 2
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** The entry of a batch: `0x01 ‖ CBOR array`. SPEC §4. What this makes, `decodeBatch` reads. */
export function encodeBatch({ version, time, signatures, groups, count, root, statuses }: BatchEntry): Uint8Array {
  beginEntry(ENTRY_BATCH)
  putArray(7)
  putUint(version)
  putUint(time)
  putArray(signatures.length)
  for (const signature of signatures) {
    putArray(3)
    putUint(signature.class)
    putUint(signature.number)
    putBytes(signature.ed25519)
  }
  putArray(groups.length)
  for (const group of groups) {
    putArray(2)
    putUint(group.first)
    putUint(group.count)
  }
  putUint(count)
  putBytes(root)
  putBytes(areAllAccepted(statuses) ? NO_BYTES : statuses)
  return endEntry()
}

const NO_BYTES = new Uint8Array(0)

function areAllAccepted(statuses: Uint8Array): boolean {
  for (let i = 0; i < statuses.length; i++) if (statuses[i] !== ACCEPTED) return false
  return true
}

/**
 * The batch that an entry holds. Its byte strings are copies.
 *
 * @param entry - untrusted: type byte and CBOR array.
 * @throws FormatError `batch-version` before anything else, as other rules have other fields; `entry-type`, `batch`, or
 * a code of `CborReader`. SPEC §4.
 */
export function decodeBatch(entry: Uint8Array): BatchEntry {
  if (entry[0] !== ENTRY_BATCH)
    throw new FormatError('entry-type', 'expected a batch entry, which begins with byte 0x01')
  const reader = new CborReader().reset(entry, 1, entry.length)
  const fields = reader.array()
  const version = reader.uint(AMOUNT_MAX, 'version')
  if (version !== RULES_VERSION)
    throw new FormatError(
      'batch-version',
      `this verifier knows version ${RULES_VERSION} of the rules, the batch names ${version}`,
    )
  if (fields !== 7) throw new FormatError('batch', `a batch entry has 7 fields, this one ${fields}`)
  const time = reader.uint(TIME_MS_MAX, 'time')
  const signatures = readSignatures(reader)
  const groups = readGroups(reader)
  const count = reader.uint(BATCH_TRANSACTIONS_MAX, 'count')
  if (count === 0) throw new FormatError('batch', 'a batch has at least one transaction')
  groupsFit(groups, count)
  const root = reader.bytes(32, 'root').slice()
  const statuses = readStatuses(reader, count)
  checkWhole(groups, statuses)
  reader.end()
  return { version, time, signatures, groups, count, root, statuses }
}

/** Refuses statuses by which a group is accepted in part: a batch alone shows that it is all or none. SPEC §4. */
function checkWhole(groups: readonly Group[], statuses: Uint8Array): void {
  for (const { first, count } of groups) {
    let accepted = 0
    for (let i = first; i < first + count; i++) if (statuses[i] === ACCEPTED) accepted++
    if (accepted !== 0 && accepted !== count)
      throw new FormatError(
        'batch',
        `of the group at position ${first}, all are accepted or none, not ${accepted} of ${count}`,
      )
  }
}

/** One status per position: as many bytes, or none where all are 0. @throws FormatError `batch`, `cbor`. */
function readStatuses(reader: CborReader, count: number): Uint8Array {
  const statuses = reader.bytesUpTo(count, 'statuses').slice()
  if (statuses.length === 0) return new Uint8Array(count)
  if (statuses.length !== count)
    throw new FormatError('batch', `the statuses are ${count} bytes or none, these are ${statuses.length}`)
  if (areAllAccepted(statuses)) throw new FormatError('batch', 'statuses that are all 0 are left out')
  const unknown = statuses.find(status => status >= OUTCOMES.length)
  if (unknown !== undefined) throw new FormatError('batch', `there is no status ${unknown}`)
  return statuses
}

/**
 * The list of signatures at the reader's place, as in a batch entry and in a submitted batch: 1 to 16, strictly
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
