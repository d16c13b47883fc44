import { JournalError, type RecordStream, type StreamRange, type StreamRecord } from '../../src/journal/index.ts'

/** A stream in memory, which several journals share, with the faults of one that is not. */
export class MemoryStream {
  readonly records: Uint8Array[] = []
  /** The first record that is kept. */
  first = 0
  /** Asked before each append: what becomes of it. */
  fate: (values: readonly Uint8Array[]) => 'kept' | 'twice' | 'unsaid' | 'lost' = () => 'kept'
  /** Whether it answers nobody. */
  isAway = false
  #wake: (() => void)[] = []

  constructor(next = 0) {
    this.first = next
    this.records.length = next
  }

  /** The stream as one process has it. */
  open(): RecordStream {
    let isClosed = false
    const ask = async () => {
      await new Promise(resolve => setImmediate(resolve))
      if (this.isAway || isClosed) throw new JournalError('journal-read', 'The stream is away.')
    }
    return {
      range: async (): Promise<StreamRange> => {
        await ask()
        return { first: this.first, next: this.records.length }
      },
      append: async values => {
        await new Promise(resolve => setImmediate(resolve))
        const fate = this.isAway ? 'lost' : this.fate(values)
        const position = this.records.length
        if (fate !== 'lost') this.add(...values)
        if (fate === 'twice') this.add(...values)
        if (fate === 'lost' || fate === 'unsaid') throw new JournalError('journal-write', 'Nobody knows.')
        return position
      },
      read: async (from): Promise<StreamRecord[]> => {
        await ask()
        if (from === this.records.length) await this.#news()
        await ask()
        return this.records.slice(from, from + 100).map((value, i) => ({ offset: from + i, value }))
      },
      close: async () => {
        isClosed = true
        this.#tell()
      },
    }
  }

  /** Puts records in, from whomever. */
  add(...values: readonly Uint8Array[]): void {
    this.records.push(...values)
    this.#tell()
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }

  /** Resolves when there is more, or after a moment. */
  async #news(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      this.#wake.push(resolve)
      timer = setTimeout(resolve, 50)
    })
    clearTimeout(timer)
  }
}
