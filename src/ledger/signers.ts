import { equalBytes } from '../core/bytes.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import {
  batchMessage,
  batchMessageLength,
  beginBatchMessage,
  endBatchMessage,
  NO_LEDGER_ID,
  putSigner,
  SIGNER_OWNER,
  SIGNER_RECORD,
  SIGNER_RECOVERY,
  type Signature,
  type Transactions,
} from '../core/entry/batch.ts'
import type { Group } from '../core/entry/group.ts'
import type { BatchRefusal } from '../core/entry/outcome.ts'
import type { Submission, SubmissionView } from '../core/entry/submission.ts'
import { decodeTransaction, type Genesis, KIND_GENESIS, kindOf, type Role } from '../core/entry/transaction.ts'
import type { KeyRecord } from './registry.ts'
import type { LedgerState } from './state.ts'

/** Who signed a batch: the keys its signatures name, as the registry and the accounts stand. */
export interface Signers {
  /** Public keys, in the order of the signatures. */
  readonly publicKeys: readonly Uint8Array[]
  readonly keys: readonly KeyRecord[]
  /** Record numbers of the keys. */
  readonly records: readonly number[]
  /** Account numbers whose owners signed; one is taken out when its account comes under another key. */
  readonly owners: number[]
  /** Account numbers one of whose recovery keys signed, once for each; taken out when the terms change. */
  readonly recovering: number[]
}

/**
 * The signers of a batch as the state has them, or why the batch is refused whole. SPEC §7, the first three rows of its
 * first table: genesis in its place, keys known, keys not revoked.
 */
export function signersOf(state: LedgerState, batch: Submission): Signers | BatchRefusal {
  const genesis = genesisOf(batch.transactions)
  if (genesis === 'misplaced' || (genesis === undefined) !== (state.ledgerId !== undefined)) return 'batch-genesis'
  if (genesis !== undefined) return genesisSigners(genesis, batch.signatures)
  const { registry } = state
  let [publicKeys, keys, records]: [Uint8Array[], KeyRecord[], number[]] = [NO_KEYS, NO_RECORDS, NO_NUMBERS]
  let [owners, recovering]: [number[], number[]] = [NO_NUMBERS, NO_NUMBERS]
  for (const { class: signerClass, number } of batch.signatures) {
    if (signerClass === SIGNER_RECORD) {
      const key = registry.key(number)
      if (key === undefined) return 'signer-unknown'
      keys = and(keys, key)
      records = and(records, number)
      publicKeys = and(publicKeys, key.key)
      continue
    }
    const key = holderKey(state, signerClass, number)
    if (key === undefined) return 'signer-unknown'
    publicKeys = and(publicKeys, key)
    if (signerClass === SIGNER_OWNER) owners = and(owners, number)
    else recovering = and(recovering, number)
  }
  for (const number of records) if (registry.records[number]!.until !== 0) return 'signer-revoked'
  return { publicKeys, keys, records, owners, recovering }
}

/** Nobody: shared, never written. */
const NO_KEYS: Uint8Array[] = []
const NO_RECORDS: KeyRecord[] = []
const NO_NUMBERS: number[] = []

/** A list with one more in it. Most have one: a list that grows has room for seventeen. */
function and<T>(list: T[], one: T): T[] {
  if (list.length === 0) return [one]
  list.push(one)
  return list
}

/**
 * The key of an account that a signature of that class names, as a view of what may change; undefined where there is
 * none.
 */
function holderKey({ accounts }: LedgerState, signerClass: number, number: number): Uint8Array | undefined {
  if (number >= accounts.count) return undefined
  if (signerClass === SIGNER_OWNER) return accounts.owner(number) ?? undefined
  return accounts.terms(number).recovery?.keys[signerClass - SIGNER_RECOVERY]
}

/** The key that a signature names now, as a view of what may change; undefined where there is none. */
function keyNow(state: LedgerState, signerClass: number, number: number): Uint8Array | undefined {
  return signerClass === SIGNER_RECORD ? state.registry.key(number)?.key : holderKey(state, signerClass, number)
}

/**
 * Copies of the public keys that these signatures name now, in their order, so that they can be verified before their
 * batch's turn; `signaturesHold` says then whether that still counts. Undefined where a key is not there.
 */
export function keysNow(state: LedgerState, signatures: readonly Signature[]): Uint8Array[] | undefined {
  const keys: Uint8Array[] = []
  for (const { class: signerClass, number } of signatures) {
    const key = keyNow(state, signerClass, number)
    if (key === undefined) return undefined
    keys.push(key.slice())
  }
  return keys
}

/**
 * As `keysNow`, for a submission that was opened: its keys are written to `keys`, from the `at`-th on. Makes nothing.
 *
 * @returns how many there are, 0 where one of them is not there.
 *
 * @example
 * const keys = new Uint8Array(32 * BATCH_SIGNATURES_MAX)
 * const count = putKeysNow(state, submission, keys, 0)
 */
export function putKeysNow(state: LedgerState, submission: SubmissionView, keys: Uint8Array, at: number): number {
  const { signatureCount, classes, numbers } = submission
  for (let i = 0; i < signatureCount; i++) {
    const key = keyNow(state, classes[i]!, numbers[i]!)
    if (key === undefined) return 0
    keys.set(key, 32 * (at + i))
  }
  return signatureCount
}

/** The genesis transaction of a batch that is nothing else, undefined where there is none, 'misplaced' otherwise. */
function genesisOf({ bytes, starts, ends, count }: Transactions): Genesis | 'misplaced' | undefined {
  for (let i = 0; i < count; i++) {
    if (kindOf(bytes, starts[i]!) !== KIND_GENESIS) continue
    return count === 1 ? (decodeTransaction(bytes.subarray(starts[i], ends[i])) as Genesis) : 'misplaced'
  }
  return undefined
}

/** The genesis batch is signed by `need` or more of the root keys that it names itself, as records 0, 1, … SPEC §7. */
function genesisSigners({ roots, need }: Genesis, signatures: readonly Signature[]): Signers | BatchRefusal {
  const records = signatures.map(({ number }) => number)
  const areRoots = signatures.every(one => one.class === SIGNER_RECORD && one.number < roots.length)
  if (!areRoots || records.length < need) return 'signer-unknown'
  const keys = records.map((n): KeyRecord => ({ role: 'root', key: roots[n]!, scope: [], backdateMs: 0 }))
  return { publicKeys: keys.map(({ key }) => key), keys, records, owners: [], recovering: [] }
}

/** Signatures that were verified before their batch's turn, under keys that `keysNow` gave. */
export interface VerifiedSignatures {
  readonly keys: readonly Uint8Array[]
  /** Of which ledger. */
  readonly ledgerId: Uint8Array
  /** Whether every one verified. */
  readonly holds: boolean
}

/**
 * Whether the signatures that were checked hold under these keys, for this ledger; undefined where they were checked
 * under others, or for the ledger as it was called before.
 */
export function holdsUnder(
  { keys, holds, ledgerId }: VerifiedSignatures,
  publicKeys: readonly Uint8Array[],
  now: Uint8Array | undefined,
): boolean | undefined {
  const isSame = keys.length === publicKeys.length && keys.every((key, i) => equalBytes(key, publicKeys[i]!))
  if (now === undefined || !equalBytes(ledgerId, now)) return undefined
  return isSame ? holds : undefined
}

/**
 * Whether every signature of a batch verifies under its signer's key, over the message of SPEC §4. One verification
 * each; none where `known` says whether they do, under the very keys that the signers have now.
 *
 * @example
 * const signers = ledger.signers(batch)
 * if (!signaturesHold(ledger.state, batch, signers)) refuse('signature-invalid')
 */
export function signaturesHold(
  state: LedgerState,
  batch: Submission,
  { publicKeys }: Signers,
  known?: boolean,
): boolean {
  return known ?? verifySignatures(state.ledgerId ?? NO_LEDGER_ID, batch, publicKeys)
}

/** Whether the signatures of a batch for a ledger verify under these keys, one each. SPEC §4. */
export function verifySignatures(
  ledgerId: Uint8Array,
  {
    signatures,
    transactions,
  }: Pick<Submission, 'signatures'> & { readonly transactions: Pick<Transactions, 'groups' | 'count' | 'root'> },
  publicKeys: readonly Uint8Array[],
): boolean {
  const message = batchMessage(ledgerId, signatures, transactions)
  return signatures.every(({ ed25519 }, i) => verifyEd25519(publicKeys[i]!, message, ed25519))
}

/**
 * Verifies signatures of one batch after another, all for one ledger, in memory of its own: makes nothing for a batch.
 */
export class BatchVerifier {
  readonly #ledgerId: Uint8Array
  /** By number of signers, the message of a batch that has as many, and no groups. */
  readonly #messages: Uint8Array[] = []
  #message: Uint8Array = NO_MESSAGE
  readonly #key = new Uint8Array(new ArrayBuffer(32))
  readonly #signature = new Uint8Array(new ArrayBuffer(64))

  constructor(ledgerId: Uint8Array) {
    this.#ledgerId = ledgerId
  }

  /**
   * Begins a batch of so many transactions, whose root is the `place`-th of these. Its signers are `signers` of the
   * classes and numbers, from `first` on.
   */
  begin(
    groups: readonly Group[],
    count: number,
    roots: Uint8Array,
    place: number,
    classes: Uint8Array,
    numbers: Uint32Array,
    first: number,
    signers: number,
  ): void {
    const message = this.#of(signers, groups.length)
    for (let i = 0; i < signers; i++) putSigner(message, i, classes[first + i]!, numbers[first + i]!)
    endBatchMessage(message, signers, groups, count)
    copy(roots, 32 * place, message, message.length - 32, 32)
    this.#message = message
  }

  /** Whether the signature at `at` in `bytes` is one of the batch under the `place`-th of these keys. SPEC §4. */
  holds(bytes: Uint8Array, at: number, keys: Uint8Array, place: number): boolean {
    copy(bytes, at, this.#signature, 0, 64)
    copy(keys, 32 * place, this.#key, 0, 32)
    return verifyEd25519(this.#key, this.#message, this.#signature)
  }

  #of(signers: number, groups: number): Uint8Array {
    let message = groups === 0 ? this.#messages[signers] : undefined
    if (message === undefined) {
      message = new Uint8Array(batchMessageLength(signers, groups))
      beginBatchMessage(message, this.#ledgerId, signers)
      if (groups === 0) this.#messages[signers] = message
    }
    return message
  }
}

const NO_MESSAGE = new Uint8Array(0)

/** Bytes, copied by hand: a subarray costs more. */
function copy(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number, length: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i]!
}

/** Whether a signer has a role. */
export function hasRole(signers: Signers, role: Role): boolean {
  for (const key of signers.keys) if (key.role === role) return true
  return false
}
