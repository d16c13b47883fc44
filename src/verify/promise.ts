import { concatBytes, equalBytes, u64be, utf8Encode } from '../core/bytes.ts'
import { CborReader, type CborValue } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import { engine } from '../core/crypto/engine.ts'
import { decodeBatch, transactionsFrom } from '../core/entry/batch.ts'
import { FormatError, VerifyError } from '../core/failure.ts'
import {
  BATCH_TRANSACTIONS_MAX,
  ENTRY_BYTES_MAX,
  LOG_PATH_MAX,
  TIME_MS_MAX,
  TRANSACTION_BYTES_MAX,
} from '../core/limits.ts'
import type { VerifierKey } from '../core/note/note.ts'
import { leafHash, verifyInclusion } from '../core/tree/merkle.ts'

/**
 * What the ledger signs when it acknowledges: this tree head will be part of a checkpoint by the deadline (SPEC §9).
 */
export interface PromiseHead {
  readonly ledgerId: Uint8Array
  readonly size: number
  readonly root: Uint8Array
  /** Milliseconds since 1970. */
  readonly deadline: number
}

/** A promise about one batch, as the answer to its submission carries it (SPEC §9). */
export interface BatchPromise extends PromiseHead {
  readonly signature: Uint8Array
  /** Log index of the batch entry. */
  readonly index: number
  readonly batch: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** A promise as its receiver keeps it: with the transactions that were promised. */
export interface PromiseFile extends BatchPromise {
  readonly transactions: readonly Uint8Array[]
}

/** The first field of a promise. SPEC §9. */
export const PROMISE_TAG = 'tallystick/promise/v1'
const PROMISE_LABEL = utf8Encode(`${PROMISE_TAG}\0`)
const SALTS_LABEL = utf8Encode('tallystick/salts/v1\0')

/** The message under a promise: `label ‖ 0x00 ‖ ledger id ‖ u64be(size) ‖ root ‖ u64be(deadline)`. SPEC §9. */
export function promiseMessage({ ledgerId, size, root, deadline }: PromiseHead): Uint8Array {
  return concatBytes(PROMISE_LABEL, ledgerId, u64be(size), root, u64be(deadline))
}

/**
 * The message under an answer with the salts of epochs from `from` on, one after another: `label ‖ 0x00 ‖ ledger id ‖
 * u64be(from) ‖ H(salts)`. SPEC §11.
 */
export function saltsMessage(ledgerId: Uint8Array, from: number, salts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(SALTS_LABEL, ledgerId, u64be(from), engine().sha256(concatBytes(...salts)))
}

/** The promise file: one CBOR array. SPEC §9. What this makes, `decodePromise` reads. */
export function encodePromise(promise: PromiseFile): Uint8Array {
  return encodeCbor([
    PROMISE_TAG,
    promise.ledgerId,
    promise.size,
    promise.root,
    promise.deadline,
    promise.signature,
    promise.index,
    promise.batch,
    [...promise.path] as CborValue[],
    [...promise.transactions] as CborValue[],
  ])
}

/**
 * The promise that a file holds.
 *
 * @param bytes - untrusted.
 * @throws FormatError `promise`, or a code of `CborReader`. SPEC §9.
 */
export function decodePromise(bytes: Uint8Array): PromiseFile {
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  if (reader.array() !== 10) throw new FormatError('promise', 'a promise has 10 fields')
  const tag = reader.text('tag', 64)
  if (tag !== PROMISE_TAG) throw new FormatError('promise', `expected "${PROMISE_TAG}", found "${tag}"`)
  const ledgerId = reader.bytes(32, 'ledger-id').slice()
  const size = reader.uint(Number.MAX_SAFE_INTEGER, 'size')
  const root = reader.bytes(32, 'root').slice()
  const deadline = reader.uint(TIME_MS_MAX, 'deadline')
  const signature = reader.bytes(64, 'signature').slice()
  const index = reader.uint(Number.MAX_SAFE_INTEGER, 'index')
  const batch = reader.bytesUpTo(ENTRY_BYTES_MAX, 'batch').slice()
  const path = reader.list(LOG_PATH_MAX, 'path', () => reader.bytes(32, 'path').slice())
  const transactions = reader.list(BATCH_TRANSACTIONS_MAX, 'transactions', () =>
    reader.bytesUpTo(TRANSACTION_BYTES_MAX, 'transaction').slice(),
  )
  reader.end()
  return { ledgerId, size, root, deadline, signature, index, batch, path, transactions }
}

/**
 * Checks a promise: the log's signature, that the batch entry is in the promised tree, and that the batch is of the
 * transactions kept with it. SPEC §9. A signature's time and one hash a transaction.
 *
 * @param promise - untrusted, decoded.
 * @param logKey - the log's Ed25519 public key, from the policy.
 * @throws VerifyError `promise-signature`, `inclusion-proof`, `promise-transactions`.
 *
 * @example
 * verifyPromise(decodePromise(await readFile('3.promise')), policy.logs[0].key.publicKey)
 */
export function verifyPromise(promise: PromiseFile, logKey: Uint8Array): void {
  if (!verifyEd25519(logKey, promiseMessage(promise), promise.signature))
    throw new VerifyError('promise-signature', 'the promise is not signed by the log of your policy')
  checkBatch(promise)
}

function checkBatch(promise: PromiseFile): void {
  verifyInclusion(promise.index, promise.size, leafHash(promise.batch), promise.path, promise.root)
  const batch = decodeBatch(promise.batch)
  if (
    promise.transactions.length !== batch.count ||
    !equalBytes(transactionsFrom(promise.transactions).root, batch.root)
  )
    throw new VerifyError('promise-transactions', 'the promised batch is not of the transactions in this file')
}

/**
 * As `verifyPromise`, under any of several keys: a promise names no origin.
 *
 * @param logs - the keys of the logs of a policy (`logKeysOf`).
 * @returns the key that signed it.
 * @throws VerifyError `promise-signature`, `inclusion-proof`, `promise-transactions`.
 *
 * @example
 * const key = verifyPromiseUnder(decodePromise(bytes), logKeysOf(policy))
 */
export function verifyPromiseUnder(promise: PromiseFile, logs: readonly VerifierKey[]): VerifierKey {
  const message = promiseMessage(promise)
  const log = logs.find(({ publicKey }) => verifyEd25519(publicKey, message, promise.signature))
  if (log === undefined) throw new VerifyError('promise-signature', 'the promise is not signed by a log of your policy')
  checkBatch(promise)
  return log
}
