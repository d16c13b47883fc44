import { GRACE_DAYS_MAX, LEVELS_MAX, ROLLING_DAYS_MAX, RULES_MAX } from '../limits.ts'
import type { At } from './forms.ts'
import { expressionAt, fieldsOf, ROUNDINGS } from './parse-rules.ts'
import type { Campaign, EventType, Exchange, Friends, Reversal, Rule, Settle, Spend, Tiers } from './programme.ts'

/**
 * The members of a document beside events and rules: docs/programmes.md §2, §7 to §9. Each throws PointerError
 * `programme`.
 */

export function parseCampaigns(at: At | undefined): Campaign[] {
  const campaigns: Campaign[] = []
  for (const one of at?.list(1, RULES_MAX) ?? []) {
    const members = one.object(['id', 'from', 'until', 'budget'])
    const id = members.at('id').name()
    if (campaigns.some(other => other.id === id)) throw members.at('id').wrong('the campaign stands twice')
    const [fromMs, untilMs] = [members.at('from').time(), members.at('until').time()]
    if (untilMs <= fromMs) throw members.at('until').wrong('a campaign ends after it begins')
    const scope = { text: 'budget', who: 'programme', period: 'ever', fields: [] } as const
    const most = members.at('budget').integer(1)
    campaigns.push({ id, fromMs, untilMs, budget: { name: `${id} budget`, most, scope, isOwnEvent: false } })
  }
  return campaigns
}

/** Tiers, and the ids of the rules that count for them, which are looked up when there are rules. */
export function parseTiers(at: At | undefined): { tiers: Tiers | undefined; by: readonly At[] } {
  if (at === undefined) return { tiers: undefined, by: [] }
  const members = at.object(['by', 'over', 'levels'], ['grace'])
  const over = members.at('over').object([], ['rolling', 'calendar'])
  const rolling = over.maybe('rolling')?.integer(1, ROLLING_DAYS_MAX)
  const calendar = over.maybe('calendar')?.oneOf(['month', 'quarter', 'year'] as const)
  if ((rolling === undefined) === (calendar === undefined))
    throw members.at('over').wrong('expected one of rolling and calendar')
  const levels: { id: string; from: number }[] = []
  for (const one of members.at('levels').list(1, LEVELS_MAX)) {
    const level = one.object(['id', 'from'])
    const id = level.at('id').name()
    if (levels.some(other => other.id === id)) throw level.at('id').wrong('the level stands twice')
    levels.push({ id, from: level.at('from').integer((levels.at(-1)?.from ?? 0) + 1) })
  }
  const grace = members.maybe('grace')?.integer(0, GRACE_DAYS_MAX) ?? 0
  return { tiers: { rolling, calendar, grace, levels }, by: members.at('by').list(1, RULES_MAX) }
}

/** Reversals; each also joins its two events. */
export function parseReversals(at: At | undefined, events: ReadonlyMap<string, EventType>): Reversal[] {
  return (at?.list(1, RULES_MAX) ?? []).map(one => {
    const members = one.object(['on', 'of', 'match', 'share', 'within'], ['round'])
    const names = [...events.keys()]
    const on = events.get(members.at('on').oneOf(names))!
    const of = events.get(members.at('of').oneOf(names))!
    if (on === of) throw members.at('of').wrong('an event does not reverse its own kind')
    if (of.original !== undefined) throw members.at('of').wrong('the event is reversed by another already')
    if (of.rules.length === 0) throw members.at('of').wrong('no rule gives anything for this event')
    const both = fieldsOf(on, 'text').filter(name => fieldsOf(of, 'text').includes(name))
    const [first, second] = members.at('share').list(2, 2)
    const refunded = expressionAt(first!, { event: on.record })
    const whole = expressionAt(second!, { was: of.record })
    if (refunded.type !== 'int') throw first!.wrong('expected an int')
    if (whole.type !== 'int') throw second!.wrong('expected an int')
    const reversal: Reversal = {
      pointer: one.pointer,
      on: on.name,
      of: of.name,
      match: members.at('match').oneOf(both),
      refunded,
      whole,
      withinMs: members.at('within').span(),
      round: members.maybe('round')?.oneOf(ROUNDINGS) ?? 'up',
    }
    on.reversals.push(reversal)
    of.original = reversal
    return reversal
  })
}

export function parseSpend(at: At | undefined): Spend | undefined {
  if (at === undefined) return undefined
  const members = at.object(['worth'], ['share', 'least', 'step', 'hold'])
  const worth = members.at('worth').object(['points', 'cents'])
  const spend: Spend = {
    points: worth.at('points').integer(1),
    cents: worth.at('cents').integer(1),
    share: members.maybe('share')?.share() ?? [1, 1],
    least: members.maybe('least')?.integer(1) ?? 1,
    step: members.maybe('step')?.integer(1) ?? 1,
    holdMs: members.maybe('hold')?.span(),
  }
  if ((BigInt(spend.step) * BigInt(spend.cents)) % BigInt(spend.points) !== 0n)
    throw at.wrong('a step is worth whole cents')
  return spend
}

export function parseSettle(at: At | undefined, spend: Spend | undefined): Settle | undefined {
  if (at === undefined) return undefined
  if (spend === undefined) throw at.wrong('"spend" says what a point is worth, and is missing')
  const members = at.object(['end'], ['fee'])
  return {
    end: members.at('end').oneOf(['day', 'month', 'quarter', 'year'] as const),
    fee: members.maybe('fee')?.share(),
  }
}

export function parseExchanges(at: At | undefined, unit: string): Exchange[] {
  const found: Exchange[] = []
  for (const one of at?.list(1, RULES_MAX) ?? []) {
    const members = one.object(['id', 'give', 'get'], ['of'])
    const id = members.at('id').name()
    if (found.some(other => other.id === id)) throw members.at('id').wrong('the exchange stands twice')
    const of = members.maybe('of')?.name() ?? unit
    const give = members.at('give').integer(1)
    const get = members.at('get').object([], ['unit', 'points', 'item', 'serial', 'fulfil'])
    if (get.maybe('item') === undefined) {
      const gained = members.at('get').object(['unit', 'points'])
      found.push({ id, give, of, get: { unit: gained.at('unit').name(), points: gained.at('points').integer(1) } })
    } else {
      const item = members.at('get').object(['item', 'serial', 'fulfil'])
      const isClaimedOnce = item.at('fulfil').oneOf(['once', 'none'] as const) === 'once'
      found.push({
        id,
        give,
        of,
        get: { item: item.at('item').name(), isSerial: item.at('serial').boolean(), isClaimedOnce },
      })
    }
  }
  return found
}

export function parseFriends(at: At | undefined): Friends | undefined {
  if (at === undefined) return undefined
  const members = at.object(['friends']).at('friends').object(['each', 'most', 'keep', 'member/day'])
  return {
    each: members.at('each').share(),
    most: members.at('most').integer(1),
    keep: members.at('keep').share(),
    memberDay: members.at('member/day').integer(1),
  }
}

/** Refuses what counts for tiers and is no rule. */
export function checkTierRules(by: readonly At[], rules: readonly Rule[]): void {
  for (const one of by) one.oneOf(rules.map(({ id }) => id))
}
