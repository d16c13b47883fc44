import { DETAILS_BYTES_MAX } from '../../core/limits.ts'
import { type Expression, parseExpression, type Variables } from '../expression/profile.ts'
import { recordOf, type Tree } from '../expression/tree.ts'
import { PointerError } from '../failure.ts'
import { CAPS_MAX, EVENT_BYTES_MAX, EVENT_COST_MAX, RULES_MAX, STREAK_MAX } from '../limits.ts'
import { type CalendarPeriod, DAY_MS, PERIODS, QUARTER_MS } from './calendar.ts'
import type { At, Rounding } from './forms.ts'
import type { Amount, Campaign, Cap, DateRule, EventType, Rule, Scope, Tiers } from './programme.ts'

export const ROUNDINGS: readonly Rounding[] = ['down', 'up', 'half-up']
const TIER = recordOf({ tier: { type: 'text', isOptional: false } })
/** When an event is, by the document's own days. */
const TIME = recordOf(
  Object.fromEntries(['weekday', 'hour', 'date', 'month'].map(name => [name, { type: 'int', isOptional: false }])),
)

/** What the rules of a document can refer to. */
export interface Context {
  readonly unit: string
  readonly grain: number
  readonly events: ReadonlyMap<string, EventType>
  readonly groups: ReadonlyMap<string, readonly Cap[]>
  readonly campaigns: readonly Campaign[]
  readonly tiers: Tiers | undefined
  readonly tierRules: ReadonlySet<string>
  readonly matures: DateRule | undefined
  readonly expires: DateRule | undefined
}

/** The rules, in order; each also joins those of its event. @throws PointerError `programme`, `expression…`. */
export function parseRules(at: At, context: Context): Rule[] {
  const rules: Rule[] = []
  const names = new Set<string>([
    'all',
    'streak',
    'tier',
    ...context.groups.keys(),
    ...context.campaigns.map(({ id }) => id),
  ])
  for (const one of at.list(1, RULES_MAX)) {
    const rule = parseRule(one, context)
    if (names.has(rule.id)) throw one.wrong(`"${rule.id}" is a name already`)
    names.add(rule.id)
    rules.push(rule)
    context.events.get(rule.on)!.rules.push(rule)
  }
  for (const { name, rules: ofEvent } of context.events.values()) {
    const bytes = ofEvent.reduce((sum, { caps }) => sum + REASON_BYTES + sizeInDetails(caps), 0)
    if (bytes > BESIDE_EVENT_MAX)
      throw at.wrong(`the details of an event ${name} might not fit: fewer caps or shorter names`)
    const cost = ofEvent.reduce((sum, rule) => sum + costOf(rule), 0)
    if (cost > EVENT_COST_MAX)
      throw new PointerError(
        'expression-cost',
        at.pointer,
        `a cost of ${cost} for an event ${name}, and ${EVENT_COST_MAX} is the most`,
      )
  }
  return rules
}

function costOf({ when, amount }: Rule): number {
  return (when?.cost ?? 0) + ('of' in amount ? amount.of.cost : 0)
}

/** What stands beside event and caps in details, at most, and beside the caps of one rule in an answer. */
const FRAME_BYTES = 640
const REASON_BYTES = 80
const BESIDE_EVENT_MAX = DETAILS_BYTES_MAX - EVENT_BYTES_MAX - FRAME_BYTES

/** Bytes of caps in `before` and `cuts`, at most: their names twice, two numbers and what JSON puts around them. */
function sizeInDetails(caps: readonly Cap[]): number {
  return caps.reduce((sum, { name }) => sum + 2 * name.length + 64, 0)
}

function parseRule(at: At, context: Context): Rule {
  const members = at.object(
    ['id', 'on', 'points'],
    ['group', 'campaign', 'when', 'once', 'times', 'round', 'cap', 'unit', 'matures', 'expires', 'cites'],
  )
  const id = members.at('id').name()
  const event = context.events.get(members.at('on').oneOf([...context.events.keys()]))!
  const member = context.tiers === undefined ? {} : { member: TIER }
  const variables: Variables = { event: event.record, at: TIME, ...member }
  const when = expressionAt(members.maybe('when'), variables)
  if (when !== undefined && when.type !== 'bool') throw members.at('when').wrong('a condition is true or false')
  const once = members.maybe('once') && scopeAt(members.at('once'), event)
  if (once?.who === 'event') throw members.at('once').wrong('expected member/… or programme/…')
  const amount = amountAt(members.at('points'), variables)
  if (amount.kind === 'streak' && once?.text !== 'member/day') throw at.wrong('a streak has "once": "member/day"')
  const times = members.maybe('times') && timesAt(members.at('times'), context.tiers)
  const group = members.maybe('group')?.name()
  if (group === 'all') throw members.at('group').wrong('"all" is every rule')
  const campaignAt = members.maybe('campaign')
  const campaign = campaignAt && context.campaigns.find(one => one.id === campaignAt.value)
  if (campaignAt !== undefined && campaign === undefined) throw campaignAt.wrong('there is no such campaign')
  const own = members.maybe('cap') === undefined ? [] : capsAt(members.at('cap'), id, event)
  const matures = members.maybe('matures') === undefined ? context.matures : dateAt(members.at('matures'), 'now')
  const expires = members.maybe('expires') === undefined ? context.expires : dateAt(members.at('expires'), 'never')
  checkDates(at, matures, expires, context.grain)
  const cites = members.maybe('cites')?.oneOf(fieldsOf(event, 'text'))
  if (cites !== undefined) event.cited.add(cites)
  const caps = [
    ...own,
    ...((group !== undefined && context.groups.get(group)) || []),
    ...(campaign === undefined ? [] : [campaign.budget]),
    ...(context.groups.get('all') ?? []),
  ]
  const quantity = 'of' in amount ? amount.of : undefined
  const trees = [when, quantity].flatMap(one => (one === undefined ? [] : [one.tree]))
  const readsTier = times !== undefined || trees.some(tree => namesField(tree, 'member'))
  return {
    pointer: at.pointer,
    id,
    on: event.name,
    group,
    campaign,
    when,
    once,
    amount,
    times,
    round: members.maybe('round')?.oneOf(ROUNDINGS) ?? 'down',
    caps,
    unit: members.maybe('unit')?.name() ?? context.unit,
    matures,
    expires,
    cites,
    readsTier,
    readsTime: trees.some(tree => namesField(tree, 'at')),
    reads: readsOf(caps, amount, readsTier),
    countsForTier: context.tierRules.has(id),
  }
}

function readsOf(caps: readonly Cap[], amount: Amount, readsTier: boolean): Rule['reads'] {
  const sums = caps.filter(cap => !cap.isOwnEvent).map(cap => ({ name: cap.name, cap }))
  const others = [...(amount.kind === 'streak' ? ['streak'] : []), ...(readsTier ? ['tier'] : [])]
  const all = [...sums, ...others.map(name => ({ name, cap: undefined }))]
  return all.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** An expression that stands at a place; undefined where there is none. */
export function expressionAt(at: At, variables: Variables): Expression
export function expressionAt(at: At | undefined, variables: Variables): Expression | undefined
export function expressionAt(at: At | undefined, variables: Variables): Expression | undefined {
  return at && parseExpression(at.text(Number.MAX_SAFE_INTEGER), at.pointer, variables)
}

/** Fields of an event that are always there, of one type or of any that is no list. */
export function fieldsOf(event: EventType, wanted?: 'text'): string[] {
  return Object.entries(event.record.fields)
    .filter(
      ([, { type, isOptional }]) => !isOptional && (wanted === undefined ? typeof type === 'string' : type === wanted),
    )
    .map(([name]) => name)
}

function amountAt(at: At, variables: Variables): Amount {
  if (typeof at.value === 'number') return { kind: 'fixed', points: at.integer(0) }
  const members = at.object([], ['streak', 'per', 'rate', 'of', 'give'])
  if (members.maybe('streak') !== undefined) {
    at.object(['streak'])
    const points = members
      .at('streak')
      .list(2, STREAK_MAX)
      .map(one => one.integer(1))
    return { kind: 'streak', points }
  }
  const isRate = members.maybe('rate') !== undefined
  at.object(isRate ? ['rate', 'of'] : ['per', 'of', 'give'])
  const of = expressionAt(members.at('of'), variables)
  const { type } = of
  if (type !== 'int' && !(typeof type === 'object' && 'items' in type && type.items === 'int'))
    throw members.at('of').wrong('a quantity is an int or a list of them')
  if (isRate) return { kind: 'rate', rate: members.at('rate').ratio(), of }
  return { kind: 'per', per: members.at('per').integer(1), give: members.at('give').integer(0), of }
}

function timesAt(at: At, tiers: Tiers | undefined): ReadonlyMap<string, readonly [number, number]> {
  const levels = tiers?.levels.map(({ id }) => id) ?? []
  return new Map(
    at.entries().map(([tier, ratio]) => {
      if (!levels.includes(tier)) throw ratio.wrong('there is no such tier')
      return [tier, ratio.ratio()] as const
    }),
  )
}

/** Whether an expression asks for a field of a record of that name. */
function namesField(tree: Tree, name: string): boolean {
  switch (tree.kind) {
    case 'field':
    case 'has':
      return (tree.of.kind === 'name' && tree.of.name === name) || namesField(tree.of, name)
    case 'call':
      return tree.args.some(arg => namesField(arg, name))
    case 'macro':
      return namesField(tree.range, name) || namesField(tree.body, name)
    default:
      return false
  }
}

const SCOPE = /^(?:event|(member|programme)\/(day|week|month|quarter|year|ever)(?:\/([A-Za-z0-9,]+))?)$/

/** What a cap or `once` counts over; with fields only where the event is known. */
function scopeAt(at: At, event: EventType | undefined, text = at.text()): Scope {
  const match = SCOPE.exec(text)
  if (match === null) throw at.wrong('expected event, or member or programme, / and a period, perhaps / and fields')
  const fields = match[3]?.split(',') ?? []
  const known = event === undefined ? [] : fieldsOf(event)
  for (const field of fields)
    if (!known.includes(field)) throw at.wrong(`"${field}" is no field that every such event has`)
  if (new Set(fields).size < fields.length) throw at.wrong('a field stands twice')
  return {
    text,
    who: (match[1] as 'member' | 'programme' | undefined) ?? 'event',
    period: (match[2] as Scope['period'] | undefined) ?? 'ever',
    fields,
  }
}

/** Caps in the order in which they cut: docs/programmes.md §6. */
export function capsAt(at: At, owner: string, event: EventType | undefined): Cap[] {
  const entries = at.entries()
  if (entries.length < 1 || entries.length > CAPS_MAX) throw at.wrong(`expected 1 to ${CAPS_MAX} caps`)
  return entries
    .map(([text, most]): Cap => {
      const scope = scopeAt(most, event, text)
      const isOwnEvent = scope.who === 'event' && event !== undefined
      return { name: `${owner} ${text}`, most: most.integer(0), scope, isOwnEvent }
    })
    .sort((a, b) => orderOf(a.scope) - orderOf(b.scope) || (fieldText(a) < fieldText(b) ? -1 : 1))
}

const fieldText = ({ scope }: Cap) => scope.fields.join(',')

function orderOf({ who, period }: Scope): number {
  return who === 'event' ? 0 : (who === 'member' ? 1 : 2) * PERIODS.length + PERIODS.indexOf(period)
}

const ENDS: readonly CalendarPeriod[] = ['day', 'month', 'quarter', 'year']

/** A date; undefined for the word that says there is none. */
export function dateAt(at: At, none: 'now' | 'never'): DateRule | undefined {
  if (at.value === none) return undefined
  if (typeof at.value === 'string') return { end: undefined, plusMs: at.span(), plusMonths: 0 }
  const members = at.object(['end'], ['plus'])
  const end = members.at('end').oneOf(ENDS)
  const plus = members.maybe('plus')
  if (plus === undefined) return { end, plusMs: 0, plusMonths: 0 }
  const months = typeof plus.value === 'string' ? /^([1-9][0-9]?)(mo|y)$/.exec(plus.value) : null
  if (months === null) return { end, plusMs: plus.span(), plusMonths: 0 }
  return { end, plusMs: 0, plusMonths: Number(months[1]) * (months[2] === 'y' ? 12 : 1) }
}

/** Days of a period, at most. */
const LONGEST: Readonly<Record<CalendarPeriod, number>> = { day: 1, month: 31, quarter: 92, year: 366 }

/** Refuses dates of which the later might not be later, by the shortest and longest that they can be. */
function checkDates(at: At, matures: DateRule | undefined, expires: DateRule | undefined, grain: number): void {
  if (matures === undefined || expires === undefined) return
  const soonest = expires.plusMs + expires.plusMonths * 28 * DAY_MS
  const latest =
    (matures.end === undefined ? 0 : LONGEST[matures.end] * DAY_MS) + matures.plusMs + matures.plusMonths * 31 * DAY_MS
  const isSameEnd = matures.end !== undefined && matures.end === expires.end
  const least = isSameEnd ? matures.plusMs + matures.plusMonths * 31 * DAY_MS : latest
  if (soonest < least + grain * QUARTER_MS) throw at.wrong('points might expire before they mature')
}
