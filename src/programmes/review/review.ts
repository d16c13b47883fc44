import { toHex } from '../../core/bytes.ts'
import type { Programme, Rule } from '../document/programme.ts'
import { evaluateExpression } from '../expression/evaluate.ts'
import type { Tree } from '../expression/tree.ts'
import { worstDay } from './worst-day.ts'

/** Something in a right document that its author might not mean. */
export interface ReviewFinding {
  readonly kind:
    | 'cap-swallows'
    | 'cap-idle'
    | 'dead-rule'
    | 'dead-tier'
    | 'group-idle'
    | 'once-for-all'
    | 'condition-idle'
    | 'no-bound'
    | 'event-unused'
    | 'example-key'
  readonly pointer: string
  readonly message: string
}

/**
 * What an author of a programme should look at: caps that swallow what a rule gives for one event, rules that can never
 * give anything, rules without any bound for a member and a day, and more. None of it makes a document wrong.
 */
export function review(programme: Programme): ReviewFinding[] {
  return [
    ...programme.rules.flatMap(rule => [...deadRule(programme, rule), ...swallowed(programme, rule)]),
    ...idleCaps(programme),
    ...idleGroups(programme),
    ...onceForAll(programme),
    ...deadTiers(programme),
    ...unbounded(programme),
    ...unusedEvents(programme),
    ...exampleKeys(programme),
  ]
}

function deadRule({ fromMs, untilMs, campaigns }: Programme, rule: Rule): ReviewFinding[] {
  const { campaign, when, pointer, id } = rule
  const dead = (why: string): ReviewFinding[] => [
    { kind: 'dead-rule', pointer, message: `the rule ${id} never gives anything: ${why}` },
  ]
  const at = campaign && campaigns.find(one => one.id === campaign.id)
  if (at !== undefined && (at.untilMs <= fromMs || (untilMs !== undefined && at.fromMs >= untilMs)))
    return dead('its campaign is outside of the programme')
  const { amount } = rule
  if (amount.kind === 'fixed' ? amount.points === 0 : amount.kind === 'per' && amount.give === 0)
    return dead('its points are 0')
  const none = rule.caps.find(({ most }) => most === 0)
  if (none !== undefined) return dead(`the cap ${none.name} is 0`)
  if (when === undefined) return []
  if (!hasNames(when.tree)) {
    if (constantOf(when) !== true) return dead(`"${when.text}" is never true`)
    return [{ kind: 'condition-idle', pointer: `${pointer}/when`, message: `"${when.text}" is always true` }]
  }
  return isContradiction(when.tree) ? dead(`"${when.text}" is never true`) : []
}

function constantOf(when: NonNullable<Rule['when']>): unknown {
  try {
    return evaluateExpression(when, {})
  } catch {
    return undefined
  }
}

function hasNames(tree: Tree): boolean {
  switch (tree.kind) {
    case 'name':
      return true
    case 'field':
    case 'has':
      return hasNames(tree.of)
    case 'list':
      return tree.items.some(hasNames)
    case 'call':
      return tree.args.some(hasNames)
    case 'macro':
      // Its own variable is a name, too: what a macro over literals gives is seldom written.
      return true
    default:
      return false
  }
}

/** What the parts of a time can be. docs/programmes.md §5. */
const RANGES: Readonly<Record<string, readonly [least: bigint, most: bigint]>> = {
  'at.weekday': [1n, 7n],
  'at.hour': [0n, 23n],
  'at.date': [1n, 31n],
  'at.month': [1n, 12n],
}

/** Whether bounds that stand side by side leave nothing: `event.a >= 10 && event.a < 5`. */
function isContradiction(tree: Tree): boolean {
  if (tree.kind !== 'call') return false
  if (tree.name === '||') return tree.args.every(isContradiction)
  const sides = tree.name === '&&' ? tree.args : [tree]
  const bounds = new Map<string, { least: bigint; most: bigint }>()
  const texts = new Map<string, string>()
  for (const side of sides) {
    if (tree.name === '&&' && isContradiction(side)) return true
    if (side.kind !== 'call') continue
    const [left, right] = side.args as [Tree, Tree]
    const path = pathOf(left)
    if (path === undefined || right?.kind !== 'literal') continue
    const { value } = right
    if (typeof value === 'string' && side.name === '==') {
      if ((texts.get(path) ?? value) !== value) return true
      texts.set(path, value)
    }
    if (typeof value !== 'bigint') continue
    const [least, most] = RANGES[path] ?? [-(2n ** 63n), 2n ** 63n - 1n]
    const bound = bounds.get(path) ?? { least, most }
    bounds.set(path, bound)
    if (side.name === '>=' || side.name === '==') bound.least = bound.least > value ? bound.least : value
    if (side.name === '>') bound.least = bound.least > value + 1n ? bound.least : value + 1n
    if (side.name === '<=' || side.name === '==') bound.most = bound.most < value ? bound.most : value
    if (side.name === '<') bound.most = bound.most < value - 1n ? bound.most : value - 1n
    if (bound.least > bound.most) return true
  }
  return false
}

function pathOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'field' && tree.of.kind === 'name' ? `${tree.of.name}.${tree.field}` : undefined
}

/** Caps of more than the rule that are below what one event of it may give: an order under a cap for clicks. */
function swallowed(programme: Programme, rule: Rule): ReviewFinding[] {
  const { event } = worstDay(programme).rules.get(rule.id)!
  const own = new Set(rule.caps.filter(({ name, scope }) => name === `${rule.id} ${scope.text}`))
  return (
    rule.caps
      .filter(cap => !own.has(cap) && cap.most > 0 && cap.most < event)
      // What all members share is a budget, and cuts where it ends.
      .filter(({ scope }) => scope.who !== 'programme' || Number.isFinite(event))
      .map(({ name, most }) => {
        const gives = Number.isFinite(event) ? `may give ${event}` : 'has no bound'
        const message =
          `one event of the rule ${rule.id} ${gives}, and the cap ${name} lets ${most} pass, of all its rules ` +
          'together'
        return { kind: 'cap-swallows', pointer: rule.pointer, message } as const
      })
  )
}

/** A rule's caps that never cut, as another of its own is lower, or its amount is. */
function idleCaps(programme: Programme): ReviewFinding[] {
  return programme.rules.flatMap(rule => {
    const event = rule.caps.find(({ isOwnEvent }) => isOwnEvent)
    const { amount } = rule
    const most =
      amount.kind === 'fixed' ? amount.points : amount.kind === 'streak' ? Math.max(...amount.points) : undefined
    if (event === undefined || most === undefined || rule.times !== undefined || event.most < most) return []
    const message = `the cap ${event.name} never cuts: the rule gives at most ${most}`
    return [{ kind: 'cap-idle', pointer: `${rule.pointer}/cap/event`, message } as const]
  })
}

/** Groups that have caps and no rule, and those of rules that have no caps: a name is written in two ways. */
function idleGroups({ groups, rules }: Programme): ReviewFinding[] {
  const used = new Set(rules.map(({ group }) => group))
  const idle = (pointer: string, message: string) => ({ kind: 'group-idle', pointer, message }) as const
  return [
    ...[...groups.keys()]
      .filter(name => name !== 'all' && !used.has(name))
      .map(name => idle(`/caps/${name}`, `no rule is of the group ${name}, so its caps never cut`)),
    ...rules
      .filter(({ group }) => group !== undefined && !groups.has(group))
      .map(({ pointer, group }) => idle(`${pointer}/group`, `the group ${group} has no caps, so it does nothing`)),
  ]
}

/** Rules that pay one member of all: seldom what "once" was to say. */
function onceForAll({ rules }: Programme): ReviewFinding[] {
  return rules
    .filter(({ once }) => once?.who === 'programme' && once.fields.length === 0)
    .map(({ id, pointer, once }) => ({
      kind: 'once-for-all',
      pointer: `${pointer}/once`,
      message: `of all members together one gets what the rule ${id} gives: "${once!.text}" counts everyone`,
    }))
}

/** Levels above all that the rules that count for them may ever give. */
function deadTiers(programme: Programme): ReviewFinding[] {
  const { tiers, rules } = programme
  if (tiers === undefined) return []
  const worst = worstDay(programme)
  const ever = ({ id, caps, once }: Rule) => {
    const isOnce = once?.period === 'ever' && once.fields.length === 0
    const sums = caps.filter(({ scope }) => scope.period === 'ever' && scope.fields.length === 0)
    return Math.min(isOnce ? worst.rules.get(id)!.event : Number.POSITIVE_INFINITY, ...sums.map(({ most }) => most))
  }
  const most = rules.filter(rule => rule.countsForTier).reduce((sum, rule) => sum + ever(rule), 0)
  return tiers.levels.flatMap(({ id, from }, i) => {
    const message = `the tier ${id} is never reached: it begins at ${from}, and its rules give at most ${most} ever`
    return from > most ? [{ kind: 'dead-tier', pointer: `/tiers/levels/${i}/from`, message } as const] : []
  })
}

function unbounded(programme: Programme): ReviewFinding[] {
  const { rules } = worstDay(programme)
  return programme.rules
    .filter(({ id }) => !Number.isFinite(rules.get(id)!.day))
    .map(({ id, pointer, once }) => ({
      kind: 'no-bound',
      pointer,
      message:
        `nothing bounds what one member can earn on one day by the rule ${id}: no cap of a member or of everyone, ` +
        (once === undefined ? 'no "once"' : `and "${once.text}" counts each ${once.fields.join(', ')} apart`),
    }))
}

function unusedEvents(programme: Programme): ReviewFinding[] {
  return [...programme.events.values()]
    .filter(({ rules, reversals }) => rules.length + reversals.length === 0)
    .map(({ name }) => ({
      kind: 'event-unused',
      pointer: `/events/${name}`,
      message: `no rule and no reversal is about the event ${name}`,
    }))
}

/** RFC 8032 §7.1, test 1: everyone knows its secret. */
const EXAMPLE_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

function exampleKeys(programme: Programme): ReviewFinding[] {
  const names = new Set<string>()
  for (const { meter } of programme.events.values())
    if (meter !== undefined && toHex(meter.key) === EXAMPLE_KEY) names.add(meter.name)
  return [...names].map(name => ({
    kind: 'example-key',
    pointer: `/meters/${name}/key`,
    message: `the key of the meter ${name} is an example of RFC 8032, whose secret everyone knows`,
  }))
}
