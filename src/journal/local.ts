import { assert } from '../core/failure.ts'
import type { Command, PlacedCommand } from './command.ts'
import { closedError, type Journal, JournalError } from './contract.ts'

/** Commands that were forgotten and still stand in the list, at most. */
const CUT = 1024

/**
 * The order of a ledger that is one process: a list in memory. It wants a command only when its reader asks for one,
 * so a command gets its time and its place right before it is applied, and is handed over as it is.
 *
 * It does not outlive the process. Nothing is lost by that: nobody was told of a command before its effect was durable.
 */
export class LocalJournal implements Journal {
  readonly isShared = false
  /** What is not forgotten, from position `#first` on. */
  readonly #commands: Command[] = []
  #first: number
  /** How many of `#commands` are forgotten. */
  #forgotten = 0
  #reader: Reader | undefined
  #isClosed = false
  onGrowth: () => void = () => {}
  onRoom: () => void = () => {}

  /** @param next - the position of the first command that is appended. */
  constructor(next = 0) {
    this.#first = next
  }

  get end(): number {
    return this.#first + this.#commands.length
  }

  /** @returns the position, at once. */
  append(command: Command): number | Promise<never> {
    if (this.#isClosed) return Promise.reject(closedError())
    const position = this.end
    this.#commands.push(command)
    this.#reader?.wake()
    this.onGrowth()
    return position
  }

  latest(): Promise<number> {
    return Promise.resolve(this.end)
  }

  get hasRoom(): boolean {
    return this.#reader?.isAsking ?? false
  }

  read(from: number, signal?: AbortSignal): AsyncIterableIterator<PlacedCommand> {
    if (this.#isClosed) throw closedError()
    if (this.#reader !== undefined)
      throw new JournalError('journal-busy', 'The journal has a reader already, and takes one.')
    if (!(Number.isSafeInteger(from) && from >= this.#first + this.#forgotten && from <= this.end))
      throw new JournalError(
        'journal-range',
        `The journal has the positions ${this.#first + this.#forgotten} to ${this.end}, not ${from}.`,
      )
    const reader = new Reader(this, from, signal)
    if (!reader.hasEnded) this.#reader = reader
    return reader
  }

  forget(before: number): void {
    assert(before <= this.end, `forgotten entries have to exist: ${before} of ${this.end}`)
    this.#forgotten = Math.max(this.#forgotten, before - this.#first)
    // What was forgotten is cut off now and then, and not each time: what stands after it is moved.
    if (this.#forgotten < CUT && this.#forgotten < this.#commands.length) return
    this.#commands.splice(0, this.#forgotten)
    this.#first += this.#forgotten
    this.#forgotten = 0
  }

  close(): Promise<void> {
    this.#isClosed = true
    this.#reader?.end(closedError())
    return Promise.resolve()
  }

  /** The command at a position, if it is there. For its reader. */
  at(position: number): Command | undefined {
    return this.#commands[position - this.#first]
  }

  /** Its reader has ended. */
  left(reader: Reader): void {
    if (this.#reader === reader) this.#reader = undefined
  }
}

/** The reader of a local journal. By hand and no generator, which would take several turns more for each command. */
class Reader implements AsyncIterableIterator<PlacedCommand> {
  readonly #journal: LocalJournal
  readonly #signal: AbortSignal | undefined
  #position: number
  #isAsking = false
  #waiting: { resolve(result: IteratorResult<PlacedCommand>): void; reject(error: unknown): void } | undefined
  #ended: { readonly why: unknown } | undefined

  constructor(journal: LocalJournal, from: number, signal: AbortSignal | undefined) {
    this.#journal = journal
    this.#position = from
    this.#signal = signal
    if (signal?.aborted) this.end(signal.reason)
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  /** Whether a command is asked for that is not there. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** Whether nothing comes any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  next(): Promise<IteratorResult<PlacedCommand>> {
    assert(this.#waiting === undefined, 'one command at a time')
    if (this.#ended !== undefined) return this.#after(this.#ended.why)
    if (this.#journal.at(this.#position) === undefined) {
      this.#isAsking = true
      this.#journal.onRoom()
    }
    const command = this.#journal.at(this.#position)
    if (command !== undefined) return Promise.resolve(this.#placed(command))
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  return(): Promise<IteratorResult<PlacedCommand>> {
    this.end(undefined)
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Hands over what has come, if it is waited for. */
  wake(): void {
    this.#isAsking = false
    if (this.#waiting === undefined) return
    const { resolve } = this.#waiting
    this.#waiting = undefined
    resolve(this.#placed(this.#journal.at(this.#position)!))
  }

  /** Ends it: with an error, or without, where nobody wants more. */
  end(why: unknown): void {
    if (this.#ended !== undefined) return
    this.#ended = { why }
    this.#isAsking = false
    this.#signal?.removeEventListener('abort', this.#onAbort)
    this.#journal.left(this)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (why === undefined) waiting?.resolve({ done: true, value: undefined })
    else waiting?.reject(why)
  }

  readonly #onAbort = () => this.end(this.#signal!.reason)

  #placed(command: Command): IteratorResult<PlacedCommand> {
    return { done: false, value: { position: this.#position++, command } }
  }

  /** What is told after the end: why, once more, or that there is nothing. */
  #after(why: unknown): Promise<IteratorResult<PlacedCommand>> {
    return why === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(why)
  }
}
