import { concatBytes, u32be, u64be } from '../core/bytes.ts'
import { transactionBytes } from '../core/entry/batch.ts'
import { decodeSubmission, encodeSubmission, type Submission } from '../core/entry/submission.ts'
import { assert, CodedError, FormatError } from '../core/failure.ts'
import type { Command, VoidCommand } from './command.ts'

/** First byte of each record. A process that meets another stops: it is older than who wrote it. */
const VERSION = 1
const KINDS = ['batch', 'seal', 'word'] as const

/** Bytes of a writer's name: random, drawn by each process at its start. */
export const WRITER_BYTES = 16
/** Before the fields of the kind: version, kind, writer, number. */
const HEAD_BYTES = 2 + WRITER_BYTES + 8
const ROOT_BYTES = 32

/** Whose record it is, and its number among those of that process. */
export interface RecordName {
  readonly writer: Uint8Array
  readonly number: number
}

/** A record as it was read: its name, where it has one, and its command. */
export interface ReadRecord {
  readonly name: RecordName | undefined
  readonly command: Command | VoidCommand
}

/**
 * A command as the value of a record:
 *
 * ```text
 * version u8, kind u8, writer (16), number u64, then
 * batch  time u64, waitMs u32, submission (CBOR, SPEC §11)
 * seal   time u64, epoch u64
 * word   epoch u64, size u64, root (32), position u64
 * ```
 *
 * What this makes, `readRecord` reads. A void is never written.
 */
export function writeRecord(command: Command, { writer, number }: RecordName): Uint8Array {
  assert(writer.length === WRITER_BYTES, 'a writer has 16 bytes')
  const head = [Uint8Array.of(VERSION, KINDS.indexOf(command.kind)), writer, u64be(number)]
  switch (command.kind) {
    case 'batch':
      return concatBytes(...head, u64be(command.time), u32be(command.waitMs), submissionOf(command.batch))
    case 'seal':
      return concatBytes(...head, u64be(command.time), u64be(command.epoch))
    case 'word':
      return concatBytes(...head, u64be(command.epoch), u64be(command.size), command.root, u64be(command.position))
  }
}

/**
 * Reads the value of a record. Never throws for what a stranger wrote: that is a void, the same one for everyone.
 *
 * @param value - untrusted.
 * @throws FormatError `journal-version` for a record of a later version, which may mean anything.
 */
export function readRecord(value: Uint8Array): ReadRecord {
  if (value.length >= HEAD_BYTES && value[0]! > VERSION)
    throw new FormatError('journal-version', `a record of version ${value[0]}: its writer is newer than this program`)
  const kind = KINDS[value[1] ?? KINDS.length]
  if (value.length < HEAD_BYTES || value[0] !== VERSION || kind === undefined)
    return { name: undefined, command: { kind: 'void', why: 'it does not begin as a record does' } }
  const view = new DataView(value.buffer, value.byteOffset, value.length)
  try {
    const name = { writer: value.subarray(2, 2 + WRITER_BYTES), number: u64At(view, 2 + WRITER_BYTES) }
    return { name, command: commandOf(kind, value, view) }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { name: undefined, command: { kind: 'void', why: error.message } }
  }
}

function commandOf(kind: (typeof KINDS)[number], value: Uint8Array, view: DataView): Command {
  const at = HEAD_BYTES
  if (kind === 'batch') {
    if (value.length <= at + 12) throw new FormatError('journal-record', 'a batch of no bytes')
    return {
      kind,
      time: u64At(view, at),
      waitMs: view.getUint32(at + 8),
      batch: decodeSubmission(value.subarray(at + 12)),
    }
  }
  const length = kind === 'seal' ? 16 : 24 + ROOT_BYTES
  if (value.length !== at + length)
    throw new FormatError('journal-record', `a ${kind} of ${value.length - at} bytes instead of ${length}`)
  if (kind === 'seal') return { kind, time: u64At(view, at), epoch: u64At(view, at + 8) }
  const root = value.subarray(at + 16, at + 16 + ROOT_BYTES)
  return {
    kind,
    epoch: u64At(view, at),
    size: u64At(view, at + 8),
    root,
    position: u64At(view, at + 16 + ROOT_BYTES),
  }
}

function submissionOf({ signatures, transactions }: Submission): Uint8Array {
  return encodeSubmission(signatures, transactionBytes(transactions), transactions.groups)
}

/** @throws FormatError where it is not below 2^53. */
function u64At(view: DataView, at: number): number {
  const number = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4)
  if (number > Number.MAX_SAFE_INTEGER) throw new FormatError('journal-record', 'a number of 2^53 or more')
  return number
}
