import type { Period } from '../document/calendar.ts'
import type { Rounding } from '../document/forms.ts'
import type { Scope } from '../document/programme.ts'
import type { ProgrammeWords } from './words.ts'

const list = (parts: readonly string[]) =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
const rounding: Readonly<Record<Rounding, string>> = { down: 'down', up: 'up', 'half-up': 'to the nearest, a half up' }
const period = (one: Period) => (one === 'ever' ? 'ever' : one)
const infix = (between: string) => (args: readonly string[]) => args.join(` ${between} `)
const operator = (between: string) => (args: readonly string[]) => `(${args.join(` ${between} `)})`

/** What a scope counts over: "member, day and item". */
function counted({ who, period: over, fields }: Scope): string {
  if (who === 'event') return 'event'
  const parts = [...(who === 'member' ? ['member'] : []), ...(over === 'ever' ? [] : [period(over)]), ...fields]
  return list(parts)
}

function scope(one: Scope): string {
  const parts = counted(one)
  if (one.who === 'event') return 'for one event'
  const everyone = one.who === 'programme' ? 'for everyone' : ''
  const ever = one.period === 'ever' ? 'ever' : ''
  return [everyone, parts === '' ? '' : `per ${parts}`, ever].filter(part => part !== '').join(' ')
}

export const ENGLISH: ProgrammeWords = {
  head: (title, name, version, unit) => `${title}: the programme ${name}, version ${version}, of the unit ${unit}.`,
  time: (from, until, day, late) =>
    `It counts what happens from ${from} on${until === undefined ? '' : ` and before ${until}`}. A day begins at ` +
    `midnight of ${day}. What comes late counts if it is at most ${late} older than the member's latest event.`,
  span: ({ count, unit }) => `${count} ${unit}${count === 1 ? '' : 's'}`,
  meter: (name, events) => `Only what the meter ${name} has signed counts as ${events}.`,
  rule: (id, on, when, once, amount) =>
    `${id}: for each ${on}${when === undefined ? '' : ` where ${when}`}${once === undefined ? '' : `, ${once}`}: ` +
    `${amount}`,
  once: one => `once ${scope(one)}`,
  scope,
  fixed: (points, unit) => `${points} ${unit}`,
  streak: (points, unit) =>
    `on days in a row ${points.join(', ')} ${unit}, and ${points.at(-1)} on each day after the ${points.length}th`,
  per: (give, per, of, unit) => `${give} ${unit} for each full ${per} of ${of}`,
  rate: (n, d, of, round, unit) => `${n}/${d} of ${of} in ${unit}, rounded ${rounding[round]}`,
  times: (tier, n, d) => `times ${n}/${d} for the tier ${tier}`,
  most: (points, over) => `at most ${points} ${over}`,
  campaign: (id, from, until, budget) =>
    `only in the campaign ${id}, from ${from} to ${until}, while its ${budget} last`,
  cites: field => `the entry that ${field} names stands beside it`,
  matures: date => (date === undefined ? 'can be spent at once' : `can be spent ${date}`),
  expires: date => (date === undefined ? 'never expires' : `expires ${date}`),
  date: (end, plus) =>
    end === undefined
      ? `${plus} later`
      : `at the end of the ${period(end)}${plus === undefined ? '' : `, ${plus} later`}`,
  group: (name, rules, caps) => `${name}, that is ${rules}: together ${caps}.`,
  allRules: 'all rules',
  tiers: (by, over, grace, levels) =>
    `Tiers count what is given by ${by} ${over}: ${levels}. A tier stays for ${grace} days after that is not ` +
    'reached any more.',
  rolling: days => `over the last ${days} days`,
  calendar: one => `in a ${period(one)} or in the one before`,
  level: (id, from) => `${id} from ${from} on`,
  reversal: (on, of, match, part, whole, round, within) =>
    `A ${on} takes back what the ${of} with the same ${match} gave, in proportion of ${part} to its ${whole}, ` +
    `rounded ${rounding[round]} in sum, within ${within}.`,
  worth: (points, cents, unit) => `${points} ${unit} are worth ${cents} cents.`,
  spend: (share, least, step, hold) =>
    `They pay at most ${share} of an order, at least ${least}, in steps of ` +
    `${step}${hold === undefined ? '' : `; a hold stands ${hold}`}.`,
  settle: (end, fee) =>
    `Shops are paid for what they took at the end of each ${period(end)}${fee === undefined ? '' : `, less ${fee}`}.`,
  exchangePoints: (id, give, of, points, unit) => `${id}: ${give} ${of} become ${points} ${unit}.`,
  exchangeItem: (id, give, of, item, isSerial, isOnce) =>
    `${id}: ${give} ${of} for one ${item}${isSerial ? ' with a number' : ''}${isOnce ? ', claimed once' : ''}.`,
  friends: (each, most, keep, day) =>
    `A friend may take ${each} of what is ripe, at most ${most}, and ${day} a day; ${keep} stay with the member.`,
  list,
  parts: '; ',
  call: {
    '!': ([a]) => `not (${a})`,
    '&&': infix('and'),
    '||': args => `(${args.join(' or ')})`,
    '+': operator('+'),
    '-': operator('-'),
    '*': operator('×'),
    '/': operator('÷'),
    '%': ([a, b]) => `the rest of ${a} ÷ ${b}`,
    minus: ([a]) => `-${a}`,
    '<': infix('is less than'),
    '<=': infix('is at most'),
    '>': infix('is more than'),
    '>=': infix('is at least'),
    '==': infix('is'),
    '!=': infix('is not'),
    in: infix('is one of'),
    '?:': ([a, b, c]) => `(${b} if ${a}, else ${c})`,
    size: ([a]) => `the length of ${a}`,
    startsWith: infix('starts with'),
  },
  macro: {
    exists: (range, _, body) => `some of ${range} has ${body}`,
    all: (range, _, body) => `each of ${range} has ${body}`,
    filter: (range, _, body) => `those of ${range} where ${body}`,
    map: (range, _, body) => `the sum of ${body} over ${range}`,
  },
  has: field => `there is ${field}`,
  at: { weekday: 'the weekday', hour: 'the hour of the day', date: 'the day of the month', month: 'the month' },
  weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  listOf: items => items.join(', '),
  truth: value => (value ? 'always' : 'never'),
}
