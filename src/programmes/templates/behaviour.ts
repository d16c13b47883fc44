import { FormatError } from '../../core/failure.ts'
import type { Due, Evaluator } from '../evaluator.ts'

/**
 * The published rule by which behaviour earns points. The text is what is published: its SHA-256 stands on the log as
 * the digest of a `publish-rule`, and the code below reads its numbers from here.
 */
export const TAOBAO_RULE = {
  name: 'behaviour-v1',
  points: { pv: 1, fav: 2, cart: 5, buy: 50 },
  viewPointsPerMemberAndDayMax: 40,
  dayStartsAtUtcOffsetHours: 8,
} as const

/** The rule as it is published. */
export const TAOBAO_RULE_TEXT: string = JSON.stringify(TAOBAO_RULE)

type Behaviour = keyof typeof TAOBAO_RULE.points

/** A line of a behaviour file: Alibaba Tianchi data set 649, "User Behavior Data from Taobao". */
export interface BehaviourEvent {
  readonly user: string
  readonly item: string
  readonly category: string
  readonly behaviour: Behaviour
  readonly timeMs: number
}

/** What an event earns. */
export interface Reward {
  readonly user: string
  readonly points: number
  readonly timeMs: number
  /** Names the event among all of its file: the line, and how many lines like it stood before. */
  readonly event: string
  /** What the issue commits to: the line as it stands in its file, and how many like it stood before. */
  readonly text: string
}

const LINE = /^(\d{1,18}),(\d{1,18}),(\d{1,18}),(pv|fav|cart|buy),(\d{1,10})$/

/**
 * The event that a line holds: user, item, category, behaviour, unix seconds.
 *
 * @param line - untrusted, without its end.
 * @throws FormatError `csv-line`, its message naming the line number.
 */
export function parseBehaviour(line: string, lineNumber: number): BehaviourEvent {
  const match = LINE.exec(line)
  if (match === null) {
    const shown = JSON.stringify(line.slice(0, 80))
    throw new FormatError(
      'csv-line',
      `line ${lineNumber}: expected user,item,category,pv|fav|cart|buy,seconds, found ${shown}`,
    )
  }
  const [, user, item, category, behaviour, seconds] = match
  return {
    user: user!,
    item: item!,
    category: category!,
    behaviour: behaviour as Behaviour,
    timeMs: Number(seconds) * 1000,
  }
}

const DAY_MS = 86_400_000

/**
 * Applies the rule to events, in whatever order their file has them. Keeps, per member, each day's points from views.
 */
export class TaobaoProgram {
  /**
   * Of each member the days and their points, by turns: a member has few days, and a file may have millions of members.
   */
  readonly #views = new Map<string, number[]>()
  /** Lines like each one of the current second, to tell repeated ones apart. */
  #second = -1
  #repeats = new Map<string, number>()

  /** What an event earns; undefined for a view beyond the day's cap. */
  reward(event: BehaviourEvent): Reward | undefined {
    const { user, item, category, behaviour, timeMs } = event
    const line = `${user},${item},${category},${behaviour}`
    const repeat = this.#repeatOf(`${line},${timeMs}`, timeMs)
    const points = behaviour === 'pv' ? this.#viewPoints(event) : TAOBAO_RULE.points[behaviour]
    if (points === 0) return undefined
    return { user, points, timeMs, event: `${line},${timeMs},${repeat}`, text: `${line},${timeMs / 1000},${repeat}` }
  }

  #viewPoints({ user, timeMs }: BehaviourEvent): number {
    const day = dayOf(timeMs)
    const days = this.#views.get(user) ?? []
    if (days.length === 0) this.#views.set(user, days)
    let at = 0
    while (at < days.length && days[at] !== day) at += 2
    const earned = days[at + 1] ?? 0
    const points = Math.min(TAOBAO_RULE.points.pv, TAOBAO_RULE.viewPointsPerMemberAndDayMax - earned)
    days[at] = day
    days[at + 1] = earned + points
    return points
  }

  /** How many lines like this one stood before it. */
  #repeatOf(line: string, timeMs: number): number {
    // Whether a file is in the order of time, or of members and then of time: equal lines stand within one second's
    // run.
    if (timeMs !== this.#second) {
      this.#second = timeMs
      this.#repeats = new Map()
    }
    const repeat = this.#repeats.get(line) ?? 0
    this.#repeats.set(line, repeat + 1)
    return repeat
  }
}

/** The day of the rule that a time is in, counted from 1970. */
function dayOf(timeMs: number): number {
  return Math.floor((timeMs + TAOBAO_RULE.dayStartsAtUtcOffsetHours * 3_600_000) / DAY_MS)
}

const TEXT = /^(\d{1,18},\d{1,18},\d{1,18}),(pv|fav|cart|buy),(\d{1,10}),\d{1,9}$/

/** What the rule gives for events that issues commit to: of views, up to the cap of an account and a day. */
export const taobaoEvaluator: Evaluator = {
  due(text: string, account: number): Due | undefined {
    const match = TEXT.exec(text)
    if (match === null) return undefined
    const behaviour = match[2] as Behaviour
    const due = { event: text, amount: TAOBAO_RULE.points[behaviour] }
    if (behaviour !== 'pv') return due
    const day = dayOf(Number(match[3]) * 1000)
    return { ...due, together: { name: `${account} ${day}`, most: TAOBAO_RULE.viewPointsPerMemberAndDayMax } }
  },
}
