import { type Command, type Journal, JournalError, type PlacedCommand } from '../../src/journal/index.ts'
import { readRecord, WRITER_BYTES, writeRecord } from '../../src/journal/record.ts'
import type { Random } from './random.ts'
import type { SimProcess, VirtualTime } from './time.ts'

/** How many commands may be under way to their places. */
const AHEAD = 3

/** The order of commands, which outlives the processes that append to it and read it. */
export class SimOrder {
  readonly commands: PlacedCommand['command'][] = []
  /** The process that reads it now is told. */
  onPlaced: () => void = () => {}
  /** How often an append fails, placed or not. */
  failing = 0

  /** Places a command as bytes: a process that reads it later has nothing else of it. */
  place(command: Command): number {
    this.commands.push(asKept(command))
    this.onPlaced()
    return this.commands.length - 1
  }
}

const NOBODY = { writer: new Uint8Array(WRITER_BYTES), number: 0 }

function asKept(command: Command): PlacedCommand['command'] {
  return readRecord(writeRecord(command, NOBODY)).command
}

/** The order as one process has it: what it appends has its place later, and is known here later still. */
export class SimJournal implements Journal {
  readonly isShared = false
  onRoom: () => void = () => {}
  onGrowth: () => void = () => {}
  end: number
  readonly #order: SimOrder
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #process: SimProcess
  /** What was appended here, by its position. */
  readonly #own = new Map<number, Command>()
  #underWay = 0
  #sent: Promise<unknown> = Promise.resolve()
  #asks: { readonly resolve: (placed: IteratorResult<PlacedCommand>) => void; reject(error: unknown): void } | undefined
  #position = 0
  #isClosed = false

  constructor(order: SimOrder, time: VirtualTime, random: Random, process: SimProcess) {
    this.#order = order
    this.#time = time
    this.#random = random
    this.#process = process
    this.end = order.commands.length
    order.onPlaced = () => this.#learn()
  }

  async latest(): Promise<number> {
    return this.#order.commands.length
  }

  get hasRoom(): boolean {
    return this.#asks !== undefined && this.#underWay < AHEAD
  }

  append(command: Command): Promise<number> {
    if (this.#isClosed) return Promise.reject(closed())
    this.#underWay++
    const placed = this.#sent.then(() => this.#place(command))
    this.#sent = placed.catch(() => {})
    return placed.finally(() => this.#underWay--)
  }

  async #place(command: Command): Promise<number> {
    const random = this.#random
    const isFailing = random.chance(this.#order.failing)
    await this.#time.after(random.between(0, 3), this.#process)
    if (isFailing && random.chance(0.5)) throw lost()
    this.#own.set(this.#order.commands.length, command)
    const position = this.#order.place(command)
    await this.#time.after(random.between(0, 3), this.#process)
    if (isFailing) throw lost()
    return position
  }

  /** Hears of what was placed, a moment later. */
  #learn(): void {
    const end = this.#order.commands.length
    this.#time.at(
      this.#time.nowMs + this.#random.between(0, 2),
      () => {
        if (this.#isClosed) return
        this.end = Math.max(this.end, end)
        this.#give()
        this.onGrowth()
      },
      this.#process,
    )
  }

  #give(): void {
    const asks = this.#asks
    if (asks === undefined || this.#position >= this.end) return
    this.#asks = undefined
    asks.resolve({ done: false, value: this.#placed() })
  }

  #placed(): PlacedCommand {
    const position = this.#position++
    return { position, command: this.#own.get(position) ?? this.#order.commands[position]! }
  }

  read(from: number, signal?: AbortSignal): AsyncIterableIterator<PlacedCommand> {
    if (from > this.#order.commands.length) throw new JournalError('journal-range', `There is no position ${from}.`)
    this.#position = from
    const ended = () => {
      this.#asks?.reject(signal?.reason ?? closed())
      this.#asks = undefined
    }
    signal?.addEventListener('abort', ended)
    const reader: AsyncIterableIterator<PlacedCommand> = {
      next: () => {
        if (signal?.aborted || this.#isClosed) return Promise.reject(signal?.reason ?? closed())
        if (this.#position < this.end) return Promise.resolve({ done: false, value: this.#placed() })
        return new Promise((resolve, reject) => {
          this.#asks = { resolve, reject }
          this.onRoom()
        })
      },
      [Symbol.asyncIterator]: () => reader,
    }
    return reader
  }

  forget(): void {}

  async close(): Promise<void> {
    this.#isClosed = true
    this.#asks?.reject(closed())
    this.#asks = undefined
  }
}

function closed(): JournalError {
  return new JournalError('journal-closed', 'The journal was closed.')
}

function lost(): JournalError {
  return new JournalError('journal-write', 'Nobody knows whether it has a place.')
}
