import { type EntryRun, partOfRun } from '../../core/tree/tile.ts'
import type { LedgerState } from '../../ledger/index.ts'
import type { ReadEnd, ReadRun } from './log-reader.ts'
import type { RunSource } from './reader-thread.ts'
import type { SignatureThreads } from './signature-threads.ts'

type Read = IteratorResult<ReadRun, ReadEnd>

/**
 * The runs of a log in their order, one ahead: so that its signatures are verified while the one before is replayed.
 */
export class Feed {
  readonly #runs: RunSource
  readonly #signatures: SignatureThreads
  #next: Promise<Read> | undefined

  constructor(runs: RunSource, signatures: SignatureThreads) {
    this.#runs = runs
    this.#signatures = signatures
  }

  /** The next run to be replayed, its signatures verified as far as they were before; or the end. */
  async next(state: LedgerState): Promise<Read> {
    const read = await (this.#next ?? this.#pull(state))
    if (read.done) return read
    // Its error comes when it is its turn.
    this.#next = this.#pull(state)
    await this.#next.catch(() => {})
    await this.#signatures.end(read.value)
    return read
  }

  /** Gives back a run that was replayed, and of which nothing is needed any more. */
  giveBack({ run }: ReadRun): void {
    this.#runs.giveBack(run)
  }

  async #pull(state: LedgerState): Promise<Read> {
    const read = await this.#runs.next()
    if (!read.done) this.#signatures.begin(state, read.value)
    return read
  }

  async close(): Promise<void> {
    await Promise.all([this.#runs.close(), this.#signatures.close()])
  }
}

/** A run before and after one of its entries. */
export function cutRun(run: EntryRun, at: number): readonly [EntryRun, EntryRun] {
  return [partOfRun(run, 0, at), partOfRun(run, at, run.starts.length)]
}
