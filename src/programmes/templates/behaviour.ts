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
