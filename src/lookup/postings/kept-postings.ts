import type { Turn } from '../rows.ts'
import type { RecentPositions } from './recent-positions.ts'

/** Accounts whose postings are kept, and how many of each at most: 8 MB if all have so many. */
const ACCOUNTS = 1024
const POSTINGS = 1024
/** Accounts that get those of a new run before others have their turn. */
const SLICE = 256

/** Log indexes of an account's postings in the first `runs` runs, in order. */
export interface KnownPostings {
  readonly runs: number
  readonly indexes: readonly number[]
}

/**
 * Postings of the accounts that were asked for last. What a new run brings them is added when it is written, so that
 * anyone who looks at an account again waits for no read.
 */
export class KeptPostings {
  /** From the one that was asked for longest ago. */
  readonly #known = new Map<number, KnownPostings>()

  /**
   * What is known of an account, if anything is; it may be of fewer runs than there are, or of more than one asks for.
   */
  get(account: number): KnownPostings | undefined {
    const known = this.#known.get(account)
    if (known !== undefined) {
      this.#known.delete(account)
      this.#known.set(account, known)
    }
    return known
  }

  set(account: number, known: KnownPostings): void {
    this.#known.delete(account)
    if (known.indexes.length > POSTINGS) return
    this.#known.set(account, known)
    if (this.#known.size > ACCOUNTS) this.#known.delete(this.#known.keys().next().value!)
  }

  /** Adds the postings of a run that has just been written. @param turn - lets others have theirs. */
  async extend(run: number, recent: RecentPositions, turn: Turn): Promise<void> {
    for (const [i, account] of [...this.#known.keys()].entries()) {
      if (i % SLICE === 0) await turn()
      const known = this.#known.get(account)
      if (known?.runs !== run) continue
      const indexes = [...known.indexes, ...recent.entriesOf(account)]
      if (indexes.length > POSTINGS) this.#known.delete(account)
      else this.#known.set(account, { runs: run + 1, indexes })
    }
  }
}
