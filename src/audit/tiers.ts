import type { TierDays } from '../programmes/index.ts'

/** An issue to an account under a programme with tiers. */
interface Noted {
  readonly at: number
  /** The day on which it counts; null where it does not. */
  readonly day: number | null
}

/** What counts for a member's tier, as far as it stands on the log. */
export interface TierFacts {
  readonly days: TierDays
  /** Log indexes of all issues under the programme, increasing. */
  readonly issues: readonly number[]
}

/** Any programme: of issues whose rule is not known here. */
const ANY = ''

/**
 * What counts for the tiers of members: issues by the rules of programmes that have some, by account. Holds two numbers
 * for each of them. SPEC §11.
 */
export class TierIssues {
  readonly #noted = new Map<string, Noted[]>()
  /** Accounts of which something is not known. */
  readonly #unknown = new Set<string>()
  readonly #isWhole: boolean

  /** @param isWhole - whether it is shown the log from its beginning. */
  constructor(isWhole: boolean) {
    this.#isWhole = isWhole
  }

  /** Notes an issue at a log index that was computed again. @param pool - name of its programme. */
  note(pool: string, account: number, at: number, day: number | null): void {
    const key = keyOf(pool, account)
    const noted = this.#noted.get(key)
    if (noted === undefined) this.#noted.set(key, [{ at, day }])
    else noted.push({ at, day })
  }

  /** Notes that an account has an issue that was not computed. @param pool - undefined where its rule is not known. */
  miss(pool: string | undefined, account: number): void {
    this.#unknown.add(keyOf(pool ?? ANY, account))
  }

  /** What counts for the tier of an account; undefined where not all of it is known. @param netOf - what stands. */
  standing(pool: string, account: number, netOf: (at: number) => number): TierFacts | undefined {
    const isMissing = (one: string) => this.#unknown.has(keyOf(one, account))
    if (!this.#isWhole || isMissing(pool) || isMissing(ANY)) return undefined
    const noted = this.#noted.get(keyOf(pool, account)) ?? []
    const sums = new Map<number, number>()
    for (const { at, day } of noted) if (day !== null) sums.set(day, (sums.get(day) ?? 0) + netOf(at))
    const days = [...sums].filter(([, sum]) => sum > 0).sort(([a], [b]) => a - b)
    return { days: days.flat(), issues: noted.map(({ at }) => at) }
  }
}

const keyOf = (pool: string, account: number) => `${account} ${pool}`
