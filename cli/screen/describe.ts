import { toBase64, toHex } from '../../src/core/bytes.ts'
import { decodeBatch } from '../../src/core/entry/batch.ts'
import { idTimeMs } from '../../src/core/entry/id.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeSeal } from '../../src/core/entry/seal.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { parseCheckpoint } from '../../src/core/note/checkpoint.ts'
import { parseNote } from '../../src/core/note/note.ts'
import type { PromiseFile } from '../../src/verify/promise.ts'
import { when } from './screen.ts'

/** A value with its byte strings as hex, for display. */
export function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.length <= 64 ? toHex(value) : toBase64(value)
  if (Array.isArray(value)) return value.map(readable)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, readable(field)]))
  return value
}

/** A checkpoint as an object to look at. @param bytes - untrusted: a signed note. @throws FormatError. */
export function describeCheckpoint(bytes: Uint8Array): object {
  const { text, signatures } = parseNote(bytes)
  return { ...(readable(parseCheckpoint(text)) as object), signatures: readable(signatures) }
}

/** A promise as an object to look at. @param promise - untrusted, decoded. @throws FormatError of what is in it. */
export function describePromise({ batch, transactions, ...promise }: PromiseFile): object {
  const { statuses } = decodeBatch(batch)
  return {
    ...(readable(promise) as object),
    batch: describeEntry(batch),
    accepted: statuses.filter(status => status === 0).length,
    transactions: transactions.map(describeEntry),
  }
}

/** An entry as an object to look at. @param entry - untrusted. @throws FormatError. */
export function describeEntry(entry: Uint8Array): object {
  if (entry[0] === 0x01) {
    const { statuses, time, ...batch } = decodeBatch(entry)
    const outcomes = Array.from(statuses, status => OUTCOMES[status] ?? status)
    return { entry: 'batch', time: when(time), ...(readable(batch) as object), outcomes }
  }
  if (entry[0] === 0x03) {
    const { time, ...seal } = decodeSeal(entry)
    return { entry: 'seal', time: when(time), ...(readable(seal) as object) }
  }
  const transaction = decodeTransaction(entry)
  return { entry: 'transaction', time: when(idTimeMs(transaction.id)), ...(readable(transaction) as object) }
}
