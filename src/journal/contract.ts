import { CodedError } from '../core/failure.ts'
import type { Command, PlacedCommand } from './command.ts'

/**
 * The order of commands: one sequence without gaps, to which those append who take batches, and which the one reader
 * follows who applies them. `test/journal/contract.ts` holds every journal to this.
 *
 * A journal answers for the order of what it took and not for its effects: those are the reader's, who keeps the
 * position that he has come to beside them, and begins there again after a crash.
 */
export interface Journal {
  /**
   * Whether other processes order commands as well and apply the same ones: theirs come between, and what this one
   * makes of a command, each of them makes.
   */
  readonly isShared: boolean

  /** The position behind the last command that is known here to have its place. */
  readonly end: number

  /**
   * The position behind the last command that anyone has ordered: a process that starts applies as many before it takes
   * or signs anything.
   *
   * @throws JournalError `journal-read`.
   */
  latest(): Promise<number>

  /** Is called when `end` has grown. Set by the one who reads. */
  onGrowth: () => void

  /**
   * Puts a command behind all before it. Those that one process appends keep their order. Never waits for the reader.
   *
   * @returns its position, at once or when that is settled.
   * @throws JournalError `journal-closed`; `journal-write`, where nobody knows whether it has a place: who submitted it
   *   sends it again.
   */
  append(command: Command): number | Promise<number>

  /**
   * Whether the journal wants another command. Those who append wait for that before they decide which: so the reader
   * is never far behind the order.
   */
  readonly hasRoom: boolean

  /** Is called when there is room. Set by the one who appends. */
  onRoom: () => void

  /**
   * The commands from a position on, in order, each when it has its place; goes on without end. One reader at a time. A
   * command that this object appended comes out as the very same object, so what else hangs on it is found again.
   *
   * @param from - at most the position behind the last command.
   * @param signal - ends it, with its reason, between two commands or while it waits.
   * @throws JournalError `journal-range` where the journal has no such position, or not any more; `journal-busy` while
   *   there is another reader; `journal-closed`; `journal-read`.
   */
  read(from: number, signal?: AbortSignal): AsyncIterableIterator<PlacedCommand>

  /** Says that the effects of all commands before a position are durable: nobody reads them again. */
  forget(before: number): void

  /** Ends it: readers and appends are told `journal-closed`. May be called twice. */
  close(): Promise<void>
}

/**
 * The journal cannot do what was asked. Codes:
 *
 * - `journal-closed`: used after `close`.
 * - `journal-range`: no command of that position is there, or is there any more.
 * - `journal-busy`: it is being read.
 * - `journal-read`, `journal-write`: those who keep it did not answer.
 * - `journal-address`: its address is none.
 */
export class JournalError extends CodedError {
  override readonly name = 'JournalError'
}

/** What everyone is told who uses a journal after `close`. */
export function closedError(): JournalError {
  return new JournalError('journal-closed', 'The journal was closed.')
}
