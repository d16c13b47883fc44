import {
  type Comparison,
  type Evaluation,
  type Programme,
  type ReviewFinding,
  type Simulation,
  type Spread,
  type TakenEvent,
  timeText,
  type WorstDay,
} from '../../src/programmes/index.ts'
import { table } from './screen.ts'

const QUARTER_MS = 900_000

/** An upper bound; nothing bounds what is not finite. */
function bound(points: number): string {
  return Number.isFinite(points) ? String(points) : 'no bound'
}

/** What a document is, what its author should look at, and the most that it gives. */
export function checkWords(
  { name, version, digest, text, rules, events }: Programme,
  found: readonly ReviewFinding[],
  worst: WorstDay,
): string {
  const head =
    `${name}, version ${version}: a programme of ${rules.length} rules for ${events.size} events, ` +
    `${Buffer.byteLength(text)} bytes.\n  digest  ${digest}\n`
  const remarks = found.map(({ kind, pointer, message }) => `  ${kind}  ${pointer}\n    ${message}\n`)
  const rows = [...worst.rules].map(([id, { event, day }]) => [`  ${id}`, bound(event), bound(day)])
  const units = [...worst.units].map(([unit, day]) => [`  all, in ${unit}`, '', bound(day)])
  return [
    head,
    remarks.length === 0 ? '\nNothing to look at.\n' : `\nTo look at:\n${remarks.join('')}`,
    `\nAt most, whatever conditions say:\n${table([['  rule', 'one event', 'a member on a day'], ...rows, ...units])}`,
  ].join('')
}

/** An event, step by step. */
export function tryWords(programme: Programme, found: Evaluation): string {
  if (found.status !== 'taken') return `${REFUSALS[found.status]}\n`
  const lines = [
    `Event ${found.event.id}, ${found.event.type.name}, at ${timeText(found.event.timeMs, programme.offsetMs)}: ` +
      `number ${found.n} of ${found.event.member}.\n`,
  ]
  for (const { rule, due, cuts, before, matures, expires } of found.issues) {
    const base = cuts.reduce((sum, { cut }) => sum + cut, due)
    lines.push(`  ${rule.id}: ${base} ${rule.unit}\n`)
    for (const [name, value] of Object.entries(before)) lines.push(`    before: ${name} ${JSON.stringify(value)}\n`)
    for (const { cap, cut } of cuts) lines.push(`    cut ${cut} by ${cap}\n`)
    const from =
      matures === 0 ? 'to be spent at once' : `to be spent from ${timeText(matures * QUARTER_MS, programme.offsetMs)}`
    const until = expires === 0 ? 'for ever' : `until ${timeText(expires * QUARTER_MS, programme.offsetMs)}`
    lines.push(`    due ${due}, ${from}, ${until}\n`)
  }
  for (const { rule, due, original } of found.backs)
    lines.push(`  ${rule.id}: ${due} ${rule.unit} back, of event ${original}\n`)
  for (const { rule, reverses, why, cuts = [] } of found.nothing) {
    lines.push(`  ${rule ?? `what ${reverses} gave`}: nothing, ${REASONS[why]}\n`)
    for (const { cap, cut } of cuts) lines.push(`    cut ${cut} by ${cap}\n`)
  }
  if (found.tier !== undefined) lines.push(`  tier: ${tierWords(found.tier, programme.offsetMs)}\n`)
  return lines.join('')
}

function tierWords({ id, until }: NonNullable<TakenEvent['tier']>, offsetMs: number): string {
  return until === 0 ? 'none' : `${id}, until ${timeText(until * QUARTER_MS, offsetMs)}`
}

const REFUSALS = {
  duplicate: 'Nothing: an event of this id was taken before.',
  late: 'Nothing: the event is later than the programme allows.',
  outside: 'Nothing: the event is not in the time of the programme.',
} as const

const REASONS = {
  campaign: 'as its campaign is at another time',
  when: 'as its condition does not hold',
  once: 'as it gave something for the same before',
  zero: 'as it comes to 0',
  cap: 'as caps leave nothing',
  original: 'as no such event was rewarded',
  within: 'as the time for that is over',
} as const

/** What a programme would have cost. */
export function simulationWords({ events, rules }: Simulation, spreads: readonly Spread[]): string {
  const counted = Object.entries(events).map(([what, count]) => [`  ${what}`, count])
  const rows = rules.map(({ rule, unit, events: rewarded, points, cut, back }) => [
    `  ${rule}`,
    rewarded,
    points,
    cut,
    back,
    unit,
  ])
  return [
    `Events:\n${table(counted)}`,
    `\n${table([['  rule', 'events', 'points', 'cut', 'back', 'unit'], ...rows])}`,
    ...spreads.map(
      ({ unit, points, members, topTenth, median }) =>
        `\n${points} ${unit} for ${members} members; the tenth who have most have ${topTenth} ` +
        `(${percent(topTenth, points)}), the median is ${median}.\n`,
    ),
  ].join('')
}

/** Who wins and who loses. */
export function comparisonWords(
  { unit, points, against, winners, losers, won, lost }: Comparison,
  other: string,
): string {
  const more = points - against
  return (
    `Against ${other}: ${more >= 0 ? `${more} more` : `${-more} fewer`} ${unit} than ${against} ` +
    `(${percent(Math.abs(more), against)}). ${winners} members have more, ${won} together; ${losers} have less, ` +
    `${lost} together.\n`
  )
}

function percent(part: number, whole: number): string {
  return whole === 0 ? 'of nothing' : `${((100 * part) / whole).toFixed(1)} %`
}
