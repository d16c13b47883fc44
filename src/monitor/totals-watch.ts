import { openedSince, type TotalsSource } from '../client/index.ts'
import { CodedError, FormatError, VerifyError } from '../core/failure.ts'
import { ARCHIVE_MS } from '../core/limits.ts'
import type { Policy } from '../core/note/policy.ts'
import { parseOpened, sealedDay } from '../verify/opened-totals.ts'
import type { TimedCheckpoint } from '../verify/sealed-checkpoint.ts'
import type { Trouble, Watcher } from './watcher.ts'

/**
 * Looks at the totals that a log opens, each once: that they open the seal that they are said to be of, and that this
 * is of the log that is watched (SPEC §11).
 */
export class TotalsWatch {
  readonly #source: Partial<TotalsSource>
  readonly #policy: Policy
  #size: number
  #askedMs = Number.NEGATIVE_INFINITY
  #lastDay: number | undefined
  #sealedDay: number | undefined
  readonly #false: Trouble[] = []

  /** @param fromSize - what was opened of logs of so many entries was looked at before. */
  constructor(source: Partial<TotalsSource>, policy: Policy, fromSize = 0) {
    this.#source = source
    this.#policy = policy
    this.#size = fromSize
  }

  /**
   * What is wrong with what was opened: what is false stays so.
   *
   * @param last - the seal that the log shows now.
   * @param watcher - compares the checkpoints of what was opened with the one that it accepted: a fork is its trouble.
   * @throws ClientError where nobody answers.
   */
  async look(nowMs: number, last: TimedCheckpoint | undefined, watcher: Watcher): Promise<Trouble[]> {
    this.#sealedDay = last && sealedDay(last.seal)
    const isNews = this.#sealedDay === undefined || this.#sealedDay !== this.#lastDay
    if (!isNews || Math.abs(nowMs - this.#askedMs) < ARCHIVE_MS) return this.#false
    try {
      const forks = await this.#read(watcher)
      this.#askedMs = nowMs
      return [...this.#false, ...forks]
    } catch (error) {
      if (!(error instanceof CodedError) || !(error instanceof FormatError || error instanceof VerifyError)) throw error
      const message = `the totals that were opened do not hold: ${error.message}`
      return [...this.#false, { code: error.code, message, subject: 'totals' }]
    }
  }

  /** That no seal was opened since a day, where the log has had another one since; it may have been down. */
  get remarks(): readonly { readonly code: string; readonly message: string }[] {
    const [last, now] = [this.#lastDay, this.#sealedDay]
    if (last === undefined || now === undefined || now - last <= 1) return []
    const since = new Date(last * 86_400_000).toISOString().slice(0, 10)
    return [{ code: 'totals-unopened', message: `no totals were opened since ${since}` }]
  }

  async #read(watcher: Watcher): Promise<readonly Trouble[]> {
    const { totals } = this.#source
    let forks: readonly Trouble[] = []
    if (totals === undefined) return forks
    const source = { totals: (n: number) => totals.call(this.#source, n) }
    for await (const { line, checkpoint, seal, isTrue } of openedSince(source, this.#size, this.#policy)) {
      const message = `the totals that the log signed for seal ${seal.epoch} are not those that this seal commits to`
      if (!isTrue) this.#false.push({ code: 'totals-false', message, subject: 'totals', evidence: { opened: line } })
      forks = await watcher.compare(parseOpened(line).checkpoint)
      this.#size = checkpoint.size
      this.#lastDay = Math.max(this.#lastDay ?? 0, sealedDay(seal))
    }
    return forks
  }
}
