import { CodedError } from '../core/failure.ts'
import type { Command, PlacedCommand } from './command.ts'

/**
 * The order of commands: one sequence without gaps. The sequencer appends commands, and one reader, the follower,
 * applies them. `test/journal/contract.ts` tests every journal against this contract.
 *
 * A journal keeps the order of the commands, not their effects. The reader stores its position together with the
 * effects, and begins there again after a crash.
 */
export interface Journal {
  /**
   * Whether other processes also append commands, and apply the same ones. Their commands come in between, and every
   * process gets the same result from a command.
   */
  readonly isShared: boolean

  /** The position after the last command whose place is known here. */
  readonly end: number

  /**
   * The position after the last command of all processes: a process that starts applies all commands before it, and
   * only then takes or signs anything.
   *
   * @throws JournalError `journal-read`.
   */
  latest(): Promise<number>

  /** The journal calls this when `end` has grown. The reader sets it. */
  onGrowth: () => void

  /**
   * Appends a command after all others. Commands of one process keep their order. Never waits for the reader.
   *
   * @returns its position, at once or as soon as it is known.
   * @throws JournalError `journal-closed`; `journal-write` if nobody knows whether the command has a place: its sender
   *   sends it again.
   */
  append(command: Command): number | Promise<number>

  /**
   * Whether the journal has room for another command. The sequencer waits for room before it chooses the command, so
   * the reader is never far behind the order.
   */
  readonly hasRoom: boolean

  /** The journal calls this when it has room. The sequencer sets it. */
  onRoom: () => void

  /**
   * The commands from a position on, in order, each as soon as it has its place; never ends. One reader at a time. A
   * command that was appended to this journal comes back as the same object, so the follower can answer a
   * `QueuedBatch`.
   *
   * @param from - at most the position after the last command.
   * @param signal - ends it, with its reason, between two commands or while it waits.
   * @throws JournalError `journal-range` if the journal does not have this position, or no longer; `journal-busy` while
   *   there is another reader; `journal-closed`; `journal-read`.
   */
  read(from: number, signal?: AbortSignal): AsyncIterableIterator<PlacedCommand>

  /** Tells the journal that the effects of all commands before a position are durable: nobody reads them again. */
  forget(before: number): void

  /** Closes the journal: readers and appends then fail with `journal-closed`. May be called twice. */
  close(): Promise<void>
}

/**
 * The journal cannot do this. Codes:
 *
 * - `journal-closed`: used after `close`.
 * - `journal-range`: it does not have the command of this position, or no longer.
 * - `journal-busy`: it has a reader already.
 * - `journal-read`, `journal-write`: its brokers did not answer.
 * - `journal-address`: its address is not valid.
 */
export class JournalError extends CodedError {
  override readonly name = 'JournalError'
}

/** The error of every use of a journal after `close`. */
export function closedError(): JournalError {
  return new JournalError('journal-closed', 'The journal was closed.')
}
