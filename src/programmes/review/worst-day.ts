import type { Ratio, Rounding } from '../document/forms.ts'
import type { Cap, Programme, Rule } from '../document/programme.ts'
import { multiplied } from '../engine/numbers.ts'

/** The most that can be earned; infinite where nothing bounds it. */
export interface WorstDay {
  /** Of one event, and of one member on one day, by rule. */
  readonly rules: ReadonlyMap<string, { readonly event: number; readonly day: number }>
  /** Of one member on one day, of all rules, by unit. */
  readonly units: ReadonlyMap<string, number>
}

/**
 * The most that one event, and one member on one day, can earn by a programme: an upper bound from amounts, `once` and
 * caps, whatever conditions say.
 */
export function worstDay(programme: Programme): WorstDay {
  const rules = new Map(programme.rules.map(rule => [rule.id, { event: mostOfEvent(rule), day: mostOfDay(rule) }]))
  const units = new Map<string, number>()
  for (const unit of new Set(programme.rules.map(rule => rule.unit))) {
    const groups = new Map<string, { sum: number; caps: readonly Cap[] }>()
    let sum = 0
    for (const rule of programme.rules.filter(one => one.unit === unit)) {
      const { day } = rules.get(rule.id)!
      const caps = rule.group === undefined ? undefined : programme.groups.get(rule.group)
      if (caps === undefined) sum += day
      else groups.set(rule.group!, { sum: (groups.get(rule.group!)?.sum ?? 0) + day, caps })
    }
    for (const group of groups.values()) sum += Math.min(group.sum, leastOf(group.caps))
    units.set(unit, Math.min(sum, leastOf(programme.groups.get('all') ?? [])))
  }
  return { rules, units }
}

/**
 * The least of the caps that bound a member's day: those of a member or of everyone, over whatever period, without
 * fields.
 */
function leastOf(caps: readonly Cap[]): number {
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...caps.filter(({ scope }) => scope.who !== 'event' && scope.fields.length === 0).map(({ most }) => most),
  )
}

/** The most of one event before the caps of groups: the amount, and the rule's own caps. */
function mostOfEvent(rule: Rule): number {
  const { amount, times, round } = rule
  const base =
    amount.kind === 'fixed'
      ? amount.points
      : amount.kind === 'streak'
        ? Math.max(...amount.points)
        : amount.kind === 'per' && amount.give === 0
          ? 0
          : Number.POSITIVE_INFINITY
  const largest = Number.isFinite(base)
    ? Math.max(base, ...[...(times?.values() ?? [])].map(ratio => multipliedAtMost(base, ratio, round)))
    : base
  const own = rule.caps.filter(({ name, scope }) => name === `${rule.id} ${scope.text}`)
  return Math.min(largest, ...own.map(({ most }) => most))
}

function mostOfDay(rule: Rule): number {
  const { once } = rule
  const isOneADay = once !== undefined && once.fields.length === 0
  return Math.min(
    isOneADay ? mostOfEvent(rule) : Number.POSITIVE_INFINITY,
    leastOf(rule.caps),
    mostOfEvent(rule) === 0 ? 0 : Number.POSITIVE_INFINITY,
  )
}

/** What a tier makes of an amount; no event gives more than an amount can be. */
function multipliedAtMost(base: number, [n, d]: Ratio, round: Rounding): number {
  if ((base * n) / d > Number.MAX_SAFE_INTEGER - 1) return Number.MAX_SAFE_INTEGER
  return multiplied(base, [n, d], round, '')
}
