import { CborReader, type CborValue } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { FormatError } from '../core/failure.ts'
import {
  ACCOUNTS_MAX,
  AMOUNT_MAX,
  BATCH_TRANSACTIONS_MAX,
  ENTRY_BYTES_MAX,
  LOG_PATH_MAX,
  TIME_MS_MAX,
} from '../core/limits.ts'
import { NOTE_BYTES_MAX } from '../core/note/note.ts'
import type { BatchPromise } from './promise.ts'

/** What the ledger answers to a batch that it took (SPEC §9, §11). */
export interface BatchAnswer {
  /** Log index of the batch entry; null when nothing was written, as every transaction existed. */
  readonly index: number | null
  /** Size of the log from which on everything acknowledged here is in it. */
  readonly size: number
  /** Per position, the status that stands: for one that existed before, that of the first time. */
  readonly statuses: Uint8Array
  /** Positions that existed before, each with its log index, in order. */
  readonly existed: readonly (readonly [position: number, logIndex: number])[]
  /** Positions that opened an account, each with its number, in order. */
  readonly accounts: readonly (readonly [position: number, account: number])[]
  /** Null only where nothing was written and the batch is not the one that was written then. */
  readonly promise: BatchPromise | null
  /** With `wait=sealed`: the checkpoint that has it all. */
  readonly checkpoint: Uint8Array | null
}

/** The log index of the transaction at each position of a batch. */
export function logIndexesOf({
  index,
  statuses,
  existed,
}: Pick<BatchAnswer, 'index' | 'statuses' | 'existed'>): number[] {
  const indexes = Array.from(statuses, (_, position) => (index ?? Number.NaN) + 1 + position)
  for (const [position, logIndex] of existed) indexes[position] = logIndex
  return indexes
}

/** The CBOR of an answer. What this makes, `decodeAnswer` reads. SPEC §11. */
export function encodeAnswer(answer: BatchAnswer): Uint8Array {
  const { promise } = answer
  return encodeCbor([
    answer.index,
    answer.size,
    answer.statuses,
    answer.existed,
    answer.accounts,
    promise === null ? null : promiseFields(promise),
    answer.checkpoint,
  ])
}

function promiseFields({ ledgerId, size, root, deadline, signature, index, batch, path }: BatchPromise): CborValue {
  return [ledgerId, size, root, deadline, signature, index, batch, path]
}

/** The answer that CBOR holds. @param bytes - untrusted. @throws FormatError `answer`, or a code of `CborReader`. */
export function decodeAnswer(bytes: Uint8Array): BatchAnswer {
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  if (reader.array() !== 7) throw new FormatError('answer', 'an answer has 7 fields')
  const index = reader.null() ? null : reader.uint(AMOUNT_MAX, 'index')
  const size = reader.uint(AMOUNT_MAX, 'size')
  const statuses = reader.bytesUpTo(BATCH_TRANSACTIONS_MAX, 'statuses').slice()
  const existed = readPairs(reader, AMOUNT_MAX, 'existed')
  const accounts = readPairs(reader, ACCOUNTS_MAX - 1, 'accounts')
  const promise = reader.null() ? null : readPromise(reader)
  const checkpoint = reader.null() ? null : reader.bytesUpTo(NOTE_BYTES_MAX, 'checkpoint').slice()
  reader.end()
  return { index, size, statuses, existed, accounts, promise, checkpoint }
}

function readPairs(reader: CborReader, max: number, what: string): [number, number][] {
  return reader.list(BATCH_TRANSACTIONS_MAX, what, () => {
    if (reader.array() !== 2) throw new FormatError('answer', `${what} is a list of pairs`)
    return [reader.uint(BATCH_TRANSACTIONS_MAX - 1, 'position'), reader.uint(max, what)]
  })
}

function readPromise(reader: CborReader): BatchPromise {
  if (reader.array() !== 8) throw new FormatError('answer', 'a promise in an answer has 8 fields')
  return {
    ledgerId: reader.bytes(32, 'ledger-id').slice(),
    size: reader.uint(AMOUNT_MAX, 'size'),
    root: reader.bytes(32, 'root').slice(),
    deadline: reader.uint(TIME_MS_MAX, 'deadline'),
    signature: reader.bytes(64, 'signature').slice(),
    index: reader.uint(AMOUNT_MAX, 'index'),
    batch: reader.bytesUpTo(ENTRY_BYTES_MAX, 'batch').slice(),
    path: reader.list(LOG_PATH_MAX, 'path', () => reader.bytes(32, 'path').slice()),
  }
}
