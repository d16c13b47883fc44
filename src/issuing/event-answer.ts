import type { EventRecord, RewardRecord, RewardState } from './event-record.ts'
import { isRetryable } from './event-record.ts'

/** What became of an event. docs/programmes.md §14. */
export type EventStatus =
  | 'earned'
  | 'capped'
  | 'reversed'
  | 'nothing'
  | 'refused'
  | 'duplicate'
  | 'late'
  | 'outside'
  | 'invalid'

/** One reward, or what is taken back of one. */
export interface AnsweredReward {
  readonly rule: string
  readonly unit: string
  /** Points; below 0 where they are taken back. */
  readonly amount: number
  readonly cuts: RewardRecord['cuts']
  readonly matures: number
  readonly expires: number
  /** `accepted`, or why the ledger refused it. */
  readonly outcome: string
  /** Log index of the entry. */
  readonly entry: number | null
}

/** The signed word that an event earned nothing: docs/programmes.md §10. */
export interface SignedAnswer {
  /** The details. */
  readonly text: string
  /** Record of the issuer's key, and its signature, base64. */
  readonly record: number
  readonly signature: string
}

/** The answer of an issuing service to an event. */
export interface EventAnswer {
  readonly id: string
  readonly status: EventStatus
  /** Points of the programme's unit that the ledger took; below 0 where it took them back. */
  readonly earned: number
  /** The first rule that gave or took something; null for none. */
  readonly rule: string | null
  /** Of the document; null where the event was not taken. */
  readonly version: number | null
  readonly cuts: RewardRecord['cuts']
  /** Log index of the first entry; null for none. */
  readonly entry: number | null
  /** Whether sending it again can give another answer. */
  readonly retryable: boolean
  readonly rewards: readonly AnsweredReward[]
  /** Of an invalid event the code of docs/programmes.md §12; of a refused one the outcome of SPEC §8. */
  readonly code?: string
  readonly message?: string
  /** Number among the member's events. */
  readonly n?: number
  /** Of a refused one: whether it was taken before. */
  readonly isRepeated?: true
  /** Of a duplicate: what it was the first time. */
  readonly was?: EventStatus
  readonly tier?: EventRecord['tier']
  readonly answer?: SignedAnswer
}

const NOTHING = { earned: 0, rule: null, version: null, cuts: [], entry: null, rewards: [] } as const

const OUTSIDE = {
  code: 'event-outside',
  message: '/time: the event is of a time in which the programme does not run',
} as const

/** The answer to an event that was not taken. */
export function notTaken(
  id: string,
  status: 'late' | 'outside' | 'invalid',
  more: { readonly code?: string; readonly message?: string; readonly retryable?: boolean } = {},
): EventAnswer {
  return { id, status, ...NOTHING, retryable: false, ...(status === 'outside' ? OUTSIDE : {}), ...more }
}

/**
 * The answer to an event that was taken.
 *
 * @param unit - of the programme. @param states - of its rewards, in their order.
 */
export function answerTo(record: EventRecord, states: readonly RewardState[], unit: string): EventAnswer {
  const rewards = record.rewards.map((reward, i) => answered(reward, states[i]!))
  const isDone = (one: AnsweredReward) => one.outcome === 'accepted'
  const refused = rewards.find(one => !isDone(one))
  const status: EventStatus =
    refused !== undefined
      ? 'refused'
      : record.cuts.length > 0
        ? 'capped'
        : rewards.length === 0
          ? 'nothing'
          : rewards.some(({ amount }) => amount > 0)
            ? 'earned'
            : 'reversed'
  return {
    id: record.id,
    status,
    earned: rewards.filter(one => isDone(one) && one.unit === unit).reduce((sum, { amount }) => sum + amount, 0),
    rule: rewards[0]?.rule ?? null,
    version: record.version,
    cuts: record.cuts,
    entry: rewards.find(isDone)?.entry ?? null,
    retryable: states.some(isRetryable),
    rewards,
    n: record.n,
    ...(refused === undefined ? {} : { code: refused.outcome }),
    ...(record.tier === undefined ? {} : { tier: record.tier }),
  }
}

function answered(reward: RewardRecord, { outcome, index }: RewardState): AnsweredReward {
  const { rule, unit, due, cuts, matures, expires, original } = reward
  return {
    rule,
    unit,
    amount: original === undefined ? due : -due,
    cuts,
    matures,
    expires,
    outcome,
    entry: index ?? null,
  }
}
