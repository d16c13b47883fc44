import type { CounterPart } from './engine/claims.ts'
import type { StatedTier } from './engine/stated-tier.ts'
import type { TierDays } from './engine/tiers.ts'

/** What an issue must be by its rule. */
export interface Due {
  /** Names what the points are for: in sum, nothing is given for it beyond its amount. */
  readonly event: string
  /** Points for the event; 0 where the rule gives nothing. */
  readonly amount: number
  /**
   * A cap that the event stands under: what it is counted together with, such as all of one member and day, and how
   * much at most.
   */
  readonly together?: { readonly name: string; readonly most: number }
  /** What it has of counters, and no other issue may have. */
  readonly claims?: readonly CounterPart[]
  /** Of a programme with tiers: the day on which it counts for one, or null where its rule does not count. */
  readonly tierDay?: number | null
  /** Quarter hours since 1970 in which they mature and expire, where the rule says. */
  readonly matures?: number
  readonly expires?: number
}

/**
 * A published rule, applied again by someone who has what the issues under it commit to. Keeps nothing from one to the
 * next.
 */
export interface Evaluator {
  /** What pays for an event once in all; by default the text of the rule, by its digest. */
  readonly pool?: string
  /**
   * What an issue must be, whichever others there are.
   *
   * @param text - untrusted: the details of the issue. @param account - which it credits.
   * @returns undefined where the text is not one that the rule can be applied to.
   */
  due(text: string, account: number): Due | undefined
  /** What its tiers are, where it is a programme. */
  readonly tiers?: TierEvaluator
}

/** What a `set-status` by a programme was found to be. */
interface JudgedTier {
  /** Undefined where neither its details nor what stands on the log are known. */
  readonly isRight: boolean | undefined
  /** What the programme gives, in words, where that is something else. */
  readonly gives?: string
  /** Whether its own details show that. */
  readonly isAlone?: boolean
}

/** The tiers of a programme, computed again. docs/programmes.md §7. */
export interface TierEvaluator {
  /** Name of the unit whose accounts show them; undefined where that may be several. */
  readonly unit: string | undefined
  /**
   * @param text - untrusted: the details; undefined where they are not at hand. @param standing - the days of what
   * counts on the log; undefined where not all of it is known.
   */
  judge(
    stated: StatedTier & { readonly timeMs: number },
    text: string | undefined,
    standing: TierDays | undefined,
  ): JudgedTier
}
