import { equalBytes } from '../core/bytes.ts'
import type { Command, PlacedCommand } from './command.ts'
import { closedError, type Journal, JournalError } from './contract.ts'
import { readRecord, writeRecord } from './record.ts'
import { SharedReader } from './shared-reader.ts'
import type { RecordStream, StreamRecord } from './stream.ts'

/** Commands, and bytes of them, that this process has appended and not read back, before it wants no more. */
const ROOM = 1024
const ROOM_BYTES = 16 * 2 ** 20
/** Bytes that are sent at once, about. */
const SEND_BYTES = 2 ** 20

export interface SharedJournalOptions {
  readonly stream: RecordStream
  /** Position of the first command that is not in the log: where its reader begins. */
  readonly next: number
  /** 16 random bytes, drawn by each process at its start: by them it knows its own records. */
  readonly writer: Uint8Array
  /** Is told why the stream cannot be read for now; with undefined, that it is read again. */
  readonly onTrouble?: (why: Error | undefined) => void
  /** How many commands may be appended and not read back; by default 1,024. */
  readonly room?: number
}

/** A command that was appended here, until it is forgotten. */
interface Own {
  readonly command: Command
  readonly number: number
  readonly value: Uint8Array
  readonly resolve: (position: number) => void
  readonly reject: (error: unknown) => void
  /** Where it stands, once that is known. */
  position: number | undefined
  isRead: boolean
}

/**
 * The order of a ledger that several processes share. Others keep it, as a stream of records, and decide it; each
 * process reads all of it. Positions are the stream's offsets.
 *
 * A record may come twice, for those who keep the stream repeat what was not acknowledged: the first is the command
 * that was appended here, and the second does nothing, as its ids are used, or its epoch is sealed.
 */
export class SharedJournal implements Journal {
  readonly isShared = true
  readonly #options: SharedJournalOptions
  readonly #room: number
  /** What was appended and not forgotten, by its number. */
  readonly #own = new Map<number, Own>()
  readonly #byCommand = new WeakMap<PlacedCommand['command'], Own>()
  readonly #unsent: Own[] = []
  #isSending = false
  #unread = 0
  #unreadBytes = 0
  #number = 0
  #end: number
  #forgotten: number
  #reader: SharedReader | undefined
  #isClosed = false
  onGrowth: () => void = () => {}
  onRoom: () => void = () => {}

  constructor(options: SharedJournalOptions) {
    this.#options = options
    this.#room = options.room ?? ROOM
    this.#end = options.next
    this.#forgotten = options.next
  }

  get end(): number {
    return this.#end
  }

  async latest(): Promise<number> {
    return (await this.#options.stream.range()).next
  }

  get hasRoom(): boolean {
    return !this.#isClosed && this.#unread < this.#room && this.#unreadBytes < ROOM_BYTES
  }

  /** @returns the position, when the stream has acknowledged it. */
  append(command: Command): Promise<number> {
    if (this.#isClosed) return Promise.reject(closedError())
    const number = this.#number++
    const value = writeRecord(command, { writer: this.#options.writer, number })
    return new Promise((resolve, reject) => {
      const own: Own = { command, number, value, resolve, reject, position: undefined, isRead: false }
      this.#own.set(number, own)
      this.#byCommand.set(command, own)
      this.#unread++
      this.#unreadBytes += value.length
      this.#unsent.push(own)
      void this.#send()
    })
  }

  /** Sends what waits, one request at a time, so that the order stays. */
  async #send(): Promise<void> {
    if (this.#isSending) return
    this.#isSending = true
    // What is appended in this turn goes with it.
    await Promise.resolve()
    while (this.#unsent.length > 0) {
      const sent = this.#take()
      try {
        const first = await this.#options.stream.append(sent.map(({ value }) => value))
        for (const [i, own] of sent.entries()) this.#acknowledged(own, first + i)
        this.#grewTo(first + sent.length)
      } catch (error) {
        for (const own of sent) this.#lost(own, this.#isClosed ? closedError() : error)
      }
    }
    this.#isSending = false
  }

  #take(): Own[] {
    let bytes = 0
    let count = 0
    for (const { value } of this.#unsent) {
      if (count > 0 && bytes + value.length > SEND_BYTES) break
      bytes += value.length
      count++
    }
    return this.#unsent.splice(0, count)
  }

  #acknowledged(own: Own, position: number): void {
    own.position ??= position
    own.resolve(own.position)
    if (own.position < this.#forgotten) this.#own.delete(own.number)
  }

  /** Nobody knows whether it has a place. If it has, it is read as one of a stranger. */
  #lost(own: Own, error: unknown): void {
    // It was read back before the answer got lost.
    if (own.position !== undefined) own.resolve(own.position)
    else {
      this.#own.delete(own.number)
      this.#wasRead(own)
      own.reject(error)
    }
  }

  read(from: number, signal?: AbortSignal): AsyncIterableIterator<PlacedCommand> {
    if (this.#isClosed) throw closedError()
    if (this.#reader !== undefined)
      throw new JournalError('journal-busy', 'The journal has a reader already, and takes one.')
    if (!(Number.isSafeInteger(from) && from >= this.#forgotten))
      throw new JournalError('journal-range', `The journal has the positions from ${this.#forgotten} on, not ${from}.`)
    const reader: SharedReader = new SharedReader({
      stream: this.#options.stream,
      from,
      signal,
      placed: record => this.#placed(record),
      onRead: command => this.#handedOver(command),
      onGrowth: end => this.#grewTo(end),
      onTrouble: this.#options.onTrouble ?? (() => {}),
      onEnd: ended => {
        if (this.#reader === ended) this.#reader = undefined
      },
    })
    if (!reader.hasEnded) this.#reader = reader
    return reader
  }

  /** The command of a record: the very one that was appended here, where it is the first of that name. */
  #placed({ offset, value }: StreamRecord): PlacedCommand['command'] {
    const { name, command } = readRecord(value)
    if (name === undefined || !equalBytes(name.writer, this.#options.writer)) return command
    const own = this.#own.get(name.number)
    if (own === undefined) return command
    own.position ??= offset
    return own.position === offset ? own.command : command
  }

  #handedOver({ command }: PlacedCommand): void {
    const own = this.#byCommand.get(command)
    if (own !== undefined) this.#wasRead(own)
  }

  #wasRead(own: Own): void {
    if (own.isRead) return
    own.isRead = true
    this.#unread--
    this.#unreadBytes -= own.value.length
    if (this.hasRoom) this.onRoom()
  }

  #grewTo(end: number): void {
    if (end <= this.#end) return
    this.#end = end
    this.onGrowth()
  }

  forget(before: number): void {
    this.#forgotten = Math.max(this.#forgotten, before)
    for (const own of this.#own.values()) {
      if (own.position === undefined || own.position >= this.#forgotten) break
      this.#own.delete(own.number)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reader?.end(closedError())
    for (const own of this.#unsent.splice(0)) this.#lost(own, closedError())
    await this.#options.stream.close()
  }
}
