import { DAY_MS, dateOfDay, periodOf } from '../document/calendar.ts'
import type { Cap, Programme, Rule, Scope } from '../document/programme.ts'
import { type ProgrammeEvent, recordValue } from '../events/event.ts'
import { evaluateExpression } from '../expression/evaluate.ts'
import type { Value } from '../expression/tree.ts'
import { PointerError } from '../failure.ts'
import { dayOf } from './dates.ts'
import { bounded, multiplied } from './numbers.ts'

/** Why a rule gives nothing. docs/programmes.md §6, §8. */
export type Why = 'campaign' | 'when' | 'once' | 'zero' | 'cap' | 'original' | 'within'

const HOUR_MS = 3_600_000

/** Points that a cap takes. */
export interface Cut {
  readonly cap: string
  readonly cut: number
}

/** An event with its day, and its fields as expressions see them, made when one asks. */
export class Moment {
  readonly event: ProgrammeEvent
  readonly day: number
  readonly #hour: number
  #record: ReadonlyMap<string, Value> | undefined

  constructor(programme: Programme, event: ProgrammeEvent) {
    this.event = event
    this.day = dayOf(programme, event.timeMs)
    this.#hour = Math.floor((event.timeMs + programme.offsetMs - this.day * DAY_MS) / HOUR_MS)
  }

  get record(): ReadonlyMap<string, Value> {
    this.#record ??= recordValue(this.event.data, this.event.type.record)
    return this.#record
  }

  variables(rule: Rule, tier: string): Readonly<Record<string, Value>> {
    return {
      event: this.record,
      ...(rule.readsTime ? { at: this.#at() } : {}),
      ...(rule.readsTier ? { member: new Map([['tier', tier]]) } : {}),
    }
  }

  /** When it is, by the programme's own days. docs/programmes.md §5. */
  #at(): ReadonlyMap<string, Value> {
    const [, month, date] = dateOfDay(this.day)
    // 1 January 1970 was a Thursday.
    const weekday = ((((this.day + 3) % 7) + 7) % 7) + 1
    return new Map(Object.entries({ weekday, hour: this.#hour, date, month }).map(([name, n]) => [name, BigInt(n)]))
  }
}

/** Whether a rule is for an event at all: undefined, or why not. @throws PointerError `event-value`. */
export function refusalOf(rule: Rule, moment: Moment, tier: string): 'campaign' | 'when' | undefined {
  const { campaign, when } = rule
  const { timeMs } = moment.event
  if (campaign !== undefined && (timeMs < campaign.fromMs || timeMs >= campaign.untilMs)) return 'campaign'
  if (when !== undefined && evaluateExpression(when, moment.variables(rule, tier)) !== true) return 'when'
  return undefined
}

/** Points before caps. @param streak - which day in a row this is. @throws PointerError `event-value`. */
export function baseOf(rule: Rule, moment: Moment, tier: string, streak: number): number {
  const base = amountOf(rule, moment, tier, streak)
  const times = rule.times?.get(tier)
  return times === undefined ? base : multiplied(base, times, rule.round, rule.pointer)
}

function amountOf(rule: Rule, moment: Moment, tier: string, streak: number): number {
  const { amount, pointer } = rule
  if (amount.kind === 'fixed') return amount.points
  if (amount.kind === 'streak') return amount.points[Math.min(streak, amount.points.length) - 1]!
  const value = evaluateExpression(amount.of, moment.variables(rule, tier))
  let sum = 0n
  if (typeof value === 'bigint') sum = value
  else for (const one of value as readonly bigint[]) sum += one
  const quantity = bounded(sum, pointer)
  if (quantity <= 0) return 0
  if (amount.kind === 'rate') return multiplied(quantity, amount.rate, rule.round, pointer)
  const steps = (quantity - (quantity % amount.per)) / amount.per
  return bounded(steps * amount.give, pointer)
}

/** Which day in a row a day is, after a streak so far. docs/programmes.md §6. */
export function streakOn(day: number, before: readonly [day: number, length: number] | undefined): number {
  return before !== undefined && day === before[0] + 1 ? before[1] + 1 : 1
}

/** What caps leave of a base, and what they take. @param before - what each cap counted before. */
export function capped(
  caps: readonly Cap[],
  base: number,
  before: (cap: Cap) => number,
): { due: number; cuts: readonly Cut[] } {
  let due = base
  const cuts: Cut[] = []
  for (const cap of caps) {
    const room = Math.max(0, cap.most - (cap.isOwnEvent ? 0 : before(cap)))
    if (due <= room) continue
    cuts.push({ cap: cap.name, cut: due - room })
    due = room
  }
  return { due, cuts }
}

/** What a reversal is of and has come to: docs/programmes.md §8. */
export interface Share {
  readonly whole: number
  readonly refunded: number
}

/** What is refunded in sum after an event. */
export function refundedAfter({ whole, refunded }: Share, more: bigint): number {
  if (more <= 0n) return refunded
  return more >= BigInt(whole - refunded) ? whole : refunded + Number(more)
}

/** An int that an expression gives. */
export function intFrom(value: Value, pointer: string): bigint {
  if (typeof value !== 'bigint') throw new PointerError('event-value', pointer, 'expected an int')
  return value
}

/** The period of an event and the fields that a scope counts apart, as part of a counter's key. */
export function scopeKey({ period, fields }: Scope, { day, event }: Moment): string {
  const number = periodOf(period, day)
  return fields.length === 0 ? `${number}` : `${number} ${JSON.stringify(fields.map(field => event.data[field]))}`
}
