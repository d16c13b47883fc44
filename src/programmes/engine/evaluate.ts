import type { JsonObject } from '../document/json.ts'
import type { Cap, Programme, Reversal, Rule, Scope } from '../document/programme.ts'
import { type ProgrammeEvent, recordValue } from '../events/event.ts'
import { evaluateExpression } from '../expression/evaluate.ts'
import { type Change, type Counters, Overlay } from './counters.ts'
import { dayOf, endOf, quarterOf } from './dates.ts'
import { bounded, multiplied } from './numbers.ts'
import {
  baseOf,
  type Cut,
  capped,
  intFrom,
  Moment,
  refundedAfter,
  refusalOf,
  scopeKey,
  streakOn,
  type Why,
} from './reward.ts'
import { type Tier, type TierDays, tierOn, tierUntil, withPoints } from './tiers.ts'

/** Points that a rule gives for an event. */
export interface Issue {
  readonly rule: Rule
  readonly due: number
  readonly cuts: readonly Cut[]
  /** What the rule read, as docs/programmes.md §10 has it. */
  readonly before: JsonObject
  /** Dates of the lot in quarter hours since 1970; 0 for at once and never. */
  readonly matures: number
  readonly expires: number
}

/** Points of an earlier issue that are due back. */
export interface Back {
  readonly rule: Rule
  readonly due: number
  readonly before: JsonObject
  /** Id of the event that the issue was for. */
  readonly original: string
}

/** A rule, or a reversal of the issues of an event, that gives nothing. */
interface Nothing {
  readonly rule: string | undefined
  readonly reverses: string | undefined
  readonly why: Why
  /** Only where caps are why. */
  readonly before?: JsonObject
  readonly cuts?: readonly Cut[]
}

/** An event that was taken: its number, what is due, and the counters after. */
export interface TakenEvent {
  readonly status: 'taken'
  readonly event: ProgrammeEvent
  readonly n: number
  readonly issues: readonly Issue[]
  readonly backs: readonly Back[]
  readonly nothing: readonly Nothing[]
  /** The member's tier, where the event changed it. */
  readonly tier: Tier | undefined
  readonly changes: readonly Change[]
}

export type Evaluation =
  | TakenEvent
  | { readonly status: 'duplicate'; readonly n: number }
  | { readonly status: 'outside' }
  | { readonly status: 'late' }

/**
 * What is due for an event, and the counters after: docs/programmes.md §6. Pure: asks nothing but its arguments, and
 * changes none of them. Cost: a few counters a rule of the event's type.
 *
 * @throws PointerError `event-value` where an expression fails or an amount is beyond 2^53 − 1; then nothing is due and
 * no counter changes.
 *
 * @example
 * const counters = new CountersInMemory()
 * const found = evaluate(programme, counters.of(event.member), event)
 * if (found.status === 'taken') counters.apply(event.member, found.changes)
 */
export function evaluate(programme: Programme, counters: Counters, event: ProgrammeEvent): Evaluation {
  const taken = counters.programme(`event ${event.id}`)
  if (taken !== undefined) return { status: 'duplicate', n: taken as number }
  const { timeMs } = event
  if (timeMs < programme.fromMs || (programme.untilMs !== undefined && timeMs >= programme.untilMs))
    return { status: 'outside' }
  const latest = counters.member('t') as number | undefined
  if (latest !== undefined && timeMs < latest - programme.lateMs) return { status: 'late' }
  return new Evaluating(programme, counters, event, Math.max(latest ?? 0, timeMs)).run()
}

const NO_DAYS: TierDays = []

/** A member's tier at a time, and until when it lasts if nothing else happens: docs/programmes.md §7. */
export function tierAt(programme: Programme, counters: Counters, timeMs: number): Tier {
  const { tiers } = programme
  if (tiers === undefined) return { id: '', until: 0 }
  const days = (counters.member('days') as TierDays | undefined) ?? NO_DAYS
  return tierUntil(programme, tiers, days, dayOf(programme, timeMs))
}

class Evaluating {
  readonly #programme: Programme
  readonly #event: ProgrammeEvent
  readonly #moment: Moment
  readonly #latestMs: number
  readonly #overlay: Overlay
  /** What group caps on one event counted. */
  readonly #ofEvent = new Map<Cap, number>()
  readonly #tier: string
  readonly #issues: Issue[] = []
  readonly #backs: Back[] = []
  readonly #nothing: Nothing[] = []

  constructor(programme: Programme, counters: Counters, event: ProgrammeEvent, latestMs: number) {
    this.#programme = programme
    this.#event = event
    this.#moment = new Moment(programme, event)
    this.#latestMs = latestMs
    this.#overlay = new Overlay(counters)
    this.#tier = programme.tiers === undefined ? '' : tierOn(programme.tiers, this.#days(), this.#moment.day)
  }

  run(): TakenEvent {
    const { type, id } = this.#event
    const overlay = this.#overlay
    const n = ((overlay.get('member', 'n') as number | undefined) ?? 0) + 1
    overlay.set('member', 'n', n)
    overlay.set('member', 't', this.#latestMs)
    overlay.set('programme', `event ${id}`, n)
    const daysBefore = this.#days()
    const match = type.original && wasKey(type.original, this.#event.data[type.original.match] as string)
    const isMatchUsed = match !== undefined && overlay.get('member', match) !== undefined
    for (const rule of type.rules) this.#rule(rule, isMatchUsed)
    if (match !== undefined && this.#issues.length > 0) this.#remember(type.original!, match)
    for (const reversal of type.reversals) this.#reverse(reversal)
    return {
      status: 'taken',
      event: this.#event,
      n,
      issues: this.#issues,
      backs: this.#backs,
      nothing: this.#nothing,
      tier: this.#tierAfter(daysBefore),
      changes: overlay.changes(),
    }
  }

  #rule(rule: Rule, isMatchUsed: boolean): void {
    const moment = this.#moment
    const refusal = refusalOf(rule, moment, this.#tier)
    if (refusal !== undefined) {
      this.#none(rule, refusal)
      return
    }
    const { once } = rule
    const mark = once && `once ${rule.id} ${scopeKey(once, moment)}`
    if (isMatchUsed || (mark !== undefined && this.#overlay.get(whoOf(once!), mark) !== undefined)) {
      this.#none(rule, 'once')
      return
    }
    const streakKey = `streak ${rule.id}`
    const isStreak = rule.amount.kind === 'streak'
    const streak = isStreak ? (this.#overlay.get('member', streakKey) as [number, number] | undefined) : undefined
    const length = isStreak ? streakOn(moment.day, streak) : 0
    const base = baseOf(rule, moment, this.#tier, length)
    if (base === 0) {
      this.#none(rule, 'zero')
      return
    }
    const before: Record<string, number | string | readonly number[]> = {}
    for (const { name, cap } of rule.reads) {
      if (cap !== undefined) before[name] = this.#counted(cap)
      else if (name === 'tier') before[name] = this.#tier
      else if (streak !== undefined) before[name] = streak
    }
    const { due, cuts } = capped(rule.caps, base, cap => before[cap.name] as number)
    if (mark !== undefined) this.#overlay.set(whoOf(once!), mark, 1, this.#keepUntil(once!))
    if (isStreak && (streak === undefined || moment.day > streak[0]))
      this.#overlay.set('member', streakKey, [moment.day, length])
    if (due === 0) {
      this.#none(rule, 'cap', before, cuts)
      return
    }
    for (const cap of rule.caps) if (!cap.isOwnEvent) this.#count(cap, due, rule)
    if (rule.countsForTier) this.#countForTier(moment.day, due)
    const matures = quarterOf(this.#programme, rule.matures, this.#event.timeMs)
    const expires = quarterOf(this.#programme, rule.expires, this.#event.timeMs)
    this.#issues.push({ rule, due, cuts, before, matures, expires })
  }

  #none(rule: Rule, why: Why, before?: JsonObject, cuts?: readonly Cut[]): void {
    const caps = before === undefined || cuts === undefined ? {} : { before, cuts }
    this.#nothing.push({ rule: rule.id, reverses: undefined, why, ...caps })
  }

  #keepUntil({ period }: Scope): number | undefined {
    const end = endOf(this.#programme, period, this.#moment.day)
    return end === undefined ? undefined : end + this.#programme.lateMs
  }

  #counted(cap: Cap): number {
    if (cap.scope.who === 'event') return this.#ofEvent.get(cap) ?? 0
    return (
      (this.#overlay.get(cap.scope.who, `sum ${cap.name} ${scopeKey(cap.scope, this.#moment)}`) as
        | number
        | undefined) ?? 0
    )
  }

  #count(cap: Cap, due: number, rule: Rule): void {
    const sum = bounded(this.#counted(cap) + due, rule.pointer)
    if (cap.scope.who === 'event') this.#ofEvent.set(cap, sum)
    else {
      const key = `sum ${cap.name} ${scopeKey(cap.scope, this.#moment)}`
      this.#overlay.set(cap.scope.who, key, sum, this.#keepUntil(cap.scope))
    }
  }

  /** Notes what an event gave, for an event that may take it back. */
  #remember(reversal: Reversal, key: string): void {
    const { data, type, timeMs, id } = this.#event
    const value = evaluateExpression(reversal.whole, { was: recordValue(data, type.record) })
    const whole = bounded(intFrom(value, reversal.pointer), reversal.pointer)
    const given = this.#issues.flatMap(({ rule, due }) => [rule.id, due, 0])
    this.#overlay.set('member', key, [Math.max(0, whole), 0, timeMs, id, ...given])
  }

  #reverse(reversal: Reversal): void {
    const none = (why: Why) => {
      this.#nothing.push({ rule: undefined, reverses: reversal.of, why })
    }
    const { data, timeMs } = this.#event
    const key = wasKey(reversal, data[reversal.match] as string)
    const was = this.#overlay.get('member', key) as readonly (number | string)[] | undefined
    const [whole, refunded, wasMs, original] = (was ?? [0]) as [number, number, number, string]
    const refusal =
      was === undefined || whole < 1 ? 'original' : timeMs > wasMs + reversal.withinMs ? 'within' : undefined
    if (was === undefined || refusal !== undefined) {
      none(refusal ?? 'original')
      return
    }
    const more = intFrom(evaluateExpression(reversal.refunded, { event: this.#moment.record }), reversal.pointer)
    const after = refundedAfter({ whole, refunded }, more)
    const changed: (number | string)[] = [whole, after, wasMs, original]
    const found = this.#backs.length
    for (let i = 4; i < was.length; i += 3) {
      const [id, given, taken] = was.slice(i, i + 3) as [string, number, number]
      const takenAfter = multiplied(given, [after, whole], reversal.round, reversal.pointer)
      changed.push(id, given, takenAfter)
      if (takenAfter === taken) continue
      const rule = this.#programme.rules.find(one => one.id === id)
      if (rule === undefined) continue
      const due = takenAfter - taken
      this.#backs.push({ rule, due, original, before: { given, refunded, taken, whole } })
      if (rule.countsForTier) this.#countForTier(dayOf(this.#programme, wasMs), -due)
    }
    this.#overlay.set('member', key, changed)
    if (this.#backs.length === found) none('zero')
  }

  #days(): TierDays {
    return (this.#overlay.get('member', 'days') as TierDays | undefined) ?? NO_DAYS
  }

  #countForTier(day: number, points: number): void {
    const oldest = dayOf(this.#programme, this.#latestMs - this.#programme.lateMs)
    const days = this.#days()
    // What is reversed of a day that no tier can count any more changes none.
    if (points < 0 && !days.some((one, i) => i % 2 === 0 && one === day)) return
    const after = withPoints(this.#programme.tiers!, days, day, points, oldest)
    bounded(
      after.reduce((sum, value, i) => (i % 2 === 1 ? sum + value : sum), 0),
      '/tiers',
    )
    this.#overlay.set('member', 'days', after)
  }

  #tierAfter(daysBefore: TierDays): Tier | undefined {
    const { tiers } = this.#programme
    const days = this.#days()
    if (tiers === undefined || days === daysBefore) return undefined
    const day = dayOf(this.#programme, this.#latestMs)
    const before = tierUntil(this.#programme, tiers, daysBefore, day)
    const after = tierUntil(this.#programme, tiers, days, day)
    return before.id === after.id && before.until === after.until ? undefined : after
  }
}

/** Whose counters hold a mark or a sum. */
function whoOf({ who }: Scope): 'member' | 'programme' {
  return who === 'programme' ? 'programme' : 'member'
}

function wasKey({ of }: Reversal, match: string): string {
  return `was ${of} ${match}`
}
