import { assert } from '../core/failure.ts'
import type { PlacedCommand } from './command.ts'
import { JournalError } from './contract.ts'
import type { RecordStream, StreamRecord } from './stream.ts'

/** Commands that are read ahead of those who apply them, about. */
const AHEAD = 4096
/** How long it waits before it asks again, where the stream does not answer: twice as long each time. */
const PAUSE_MS = 100
const PAUSE_MS_MAX = 3200

export interface SharedReaderParts {
  readonly stream: RecordStream
  readonly from: number
  readonly signal: AbortSignal | undefined
  /** The command of a record. */
  readonly placed: (record: StreamRecord) => PlacedCommand['command']
  /** Is told of a command that was handed over. */
  readonly onRead: (placed: PlacedCommand) => void
  /** Is told the position after what was read. */
  readonly onGrowth: (end: number) => void
  readonly onTrouble: (why: Error | undefined) => void
  readonly onEnd: (reader: SharedReader) => void
}

/** The reader of a shared journal: asks the stream for what comes next, again and again, and hands it over in order. */
export class SharedReader implements AsyncIterableIterator<PlacedCommand> {
  readonly #parts: SharedReaderParts
  /** Read and not handed over, from `#given` on. */
  #ready: PlacedCommand[] = []
  #given = 0
  #position: number
  #waiting: { resolve(result: IteratorResult<PlacedCommand>): void; reject(error: unknown): void } | undefined
  #ended: { readonly why: unknown } | undefined
  /** Wakes the one who reads ahead: there is room, or it is over. */
  #onChange: () => void = () => {}

  constructor(parts: SharedReaderParts) {
    this.#parts = parts
    this.#position = parts.from
    const { signal } = parts
    if (signal?.aborted) this.end(signal.reason)
    else {
      signal?.addEventListener('abort', this.#onAbort, { once: true })
      void this.#run()
    }
  }

  /** Whether nothing comes any more. */
  get hasEnded(): boolean {
    return this.#ended !== undefined
  }

  next(): Promise<IteratorResult<PlacedCommand>> {
    assert(this.#waiting === undefined, 'one command at a time')
    if (this.#ended !== undefined) return this.#after(this.#ended.why)
    const placed = this.#give()
    if (placed !== undefined) return Promise.resolve({ done: false, value: placed })
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

  /** Ends it: with an error, or without, where nobody wants more. */
  end(why: unknown): void {
    if (this.#ended !== undefined) return
    this.#ended = { why }
    this.#parts.signal?.removeEventListener('abort', this.#onAbort)
    this.#parts.onEnd(this)
    this.#onChange()
    const waiting = this.#waiting
    this.#waiting = undefined
    if (why === undefined) waiting?.resolve({ done: true, value: undefined })
    else waiting?.reject(why)
  }

  readonly #onAbort = () => this.end(this.#parts.signal!.reason)

  /** What is told after the end: why, once more, or that there is nothing. */
  #after(why: unknown): Promise<IteratorResult<PlacedCommand>> {
    return why === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(why)
  }

  #give(): PlacedCommand | undefined {
    const placed = this.#ready[this.#given]
    if (placed === undefined) return undefined
    this.#given++
    if (this.#given === this.#ready.length) {
      this.#ready = []
      this.#given = 0
      this.#onChange()
    }
    this.#parts.onRead(placed)
    return placed
  }

  /** Reads ahead until it is ended. What the stream does not answer is asked again. */
  async #run(): Promise<void> {
    let pauseMs = PAUSE_MS
    let isInRange = false
    while (!this.hasEnded) {
      try {
        if (!isInRange) await this.#checkRange()
        isInRange = true
        const records = await this.#parts.stream.read(this.#position)
        if (this.hasEnded) return
        pauseMs = PAUSE_MS
        this.#parts.onTrouble(undefined)
        this.#took(records)
      } catch (error) {
        if (!(error instanceof JournalError && error.code === 'journal-read')) {
          this.end(error)
          return
        }
        this.#parts.onTrouble(error)
        await this.#changed(pauseMs)
        pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)
      }
      while (this.#ready.length >= AHEAD && !this.hasEnded) await this.#changed()
    }
  }

  /** @throws JournalError `journal-range`. */
  async #checkRange(): Promise<void> {
    const { first, next } = await this.#parts.stream.range()
    const position = this.#position
    if (position < first)
      throw new JournalError(
        'journal-range',
        `The stream keeps commands from ${first} on, and this log has come to ${position}. Bring it up to date from ` +
          'a backup of another process of this ledger, and start again.',
      )
    if (position > next)
      throw new JournalError(
        'journal-range',
        `The stream ends before ${next}, and this log has come to ${position}: it is another stream, or it has lost ` +
          'commands. Nothing is taken from it.',
      )
  }

  #took(records: readonly StreamRecord[]): void {
    for (const record of records) {
      if (record.offset !== this.#position)
        throw new JournalError(
          'journal-range',
          `The stream goes on with ${record.offset} where ${this.#position} should come: commands are missing.`,
        )
      const position = this.#position
      this.#ready.push({ position, command: this.#parts.placed(record) })
      this.#position++
    }
    if (records.length === 0) return
    this.#parts.onGrowth(this.#position)
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#waiting = undefined
    waiting.resolve({ done: false, value: this.#give()! })
  }

  /** Resolves when something has changed, or after a while. */
  async #changed(ms?: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#onChange = resolve
      if (ms !== undefined) timer = setTimeout(resolve, ms)
    })
    clearTimeout(timer)
  }
}
