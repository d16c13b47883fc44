import { commitmentOf } from '../src/core/entry/details.ts'
import {
  CountersInMemory,
  checkOne,
  evaluate,
  issueDetails,
  nothingDetails,
  type Programme,
  type ProgrammeEvent,
  parseEvent,
  parseProgramme,
  RewardSecret,
  type TakenEvent,
  TEMPLATES,
} from '../src/programmes/index.ts'
import type { Context } from './context.ts'

const SECRET = new RewardSecret(new Uint8Array(32).fill(1))
/** How many events are asked of the chain for. */
const CHAIN_PER_SECOND = 20_000

/**
 * How many events a second does one thread evaluate by the programme `coins`, from the text of an event to the id and
 * the commitment of each issue? Then each step alone, and the check of one reward from its details.
 */
export function programmes({ size, report }: Context): void {
  const count = size.programmeEvents
  report.begin(`${count} events of ${size.programmeMembers} members`)
  const programme = parseProgramme(JSON.stringify(TEMPLATES['coins']))
  // What compiles the code is no part of what is measured.
  chain(programme, eventsOf(Math.ceil(count / 10), size.programmeMembers))
  const texts = eventsOf(count, size.programmeMembers)
  const rate = timed(count, () => chain(programme, texts))
  report.add({
    what: 'events evaluated, to ids and commitments',
    figure: rate,
    unit: '/s',
    beside: 'one thread',
    target: { atLeast: CHAIN_PER_SECOND },
  })
  const counters = new CountersInMemory()
  let events: ProgrammeEvent[] = []
  let found: TakenEvent[] = []
  let details: string[] = []
  const steps: readonly [string, () => void][] = [
    [
      'events read',
      () => {
        events = texts.map(text => parseEvent(programme, text))
      },
    ],
    [
      'events evaluated, counters in memory',
      () => {
        found = events.map(event => taken(programme, counters, event))
      },
    ],
    [
      'details of events written',
      () => {
        details = found.flatMap(one => detailsOf(programme, one))
      },
    ],
  ]
  for (const [what, step] of steps) report.add({ what, figure: timed(count, step), unit: '/s', beside: 'one thread' })
  const alone = timed(details.length, () => {
    for (const text of details) checkOne(programme, text)
  })
  report.add({
    what: 'rewards checked alone',
    figure: alone,
    unit: '/s',
    beside: `one thread; ${details.length} of them`,
  })
}

function timed(count: number, run: () => void): number {
  const start = performance.now()
  run()
  return count / ((performance.now() - start) / 1000)
}

/** Everything that is done for an event before it is signed. */
function chain(programme: Programme, texts: readonly string[]): void {
  const counters = new CountersInMemory()
  for (const text of texts) {
    const event = parseEvent(programme, text)
    const found = taken(programme, counters, event)
    const name = { programme: programme.name, event: event.id, isReversal: false, attempt: 0 }
    for (const issue of found.issues) {
      const reward = { ...name, rule: issue.rule.id }
      SECRET.id(event.timeMs, reward)
      const salt = SECRET.salt(reward)
      commitmentOf({ salt, text: issueDetails(programme, found, issue) })
    }
  }
}

function taken(programme: Programme, counters: CountersInMemory, event: ProgrammeEvent): TakenEvent {
  const found = evaluate(programme, counters.of(event.member), event)
  if (found.status !== 'taken') throw new Error(`an event is ${found.status}`)
  counters.apply(event.member, found.changes)
  return found
}

function detailsOf(programme: Programme, found: TakenEvent): string[] {
  if (found.issues.length === 0) return [nothingDetails(programme, found)]
  return found.issues.map(issue => issueDetails(programme, found, issue))
}

/**
 * Twenty events of a member and day, of which half are views and one is an order of four articles.
 *
 * @param stepMs - between two events of a member.
 */
export function eventsOf(
  count: number,
  members: number,
  start: number = Date.parse('2026-12-01T01:00:00Z'),
  stepMs = 60_000,
): string[] {
  return Array.from({ length: count }, (_, i) => {
    const member = i % members
    const turn = Math.floor(i / members)
    const time = start + Math.floor(turn / 20) * 86_400_000 + (turn % 20) * stepMs
    return JSON.stringify({ id: `event-${i}`, member: `member-${member}`, time, ...actOf(turn % 20, i) })
  })
}

function actOf(turn: number, i: number): { readonly type: string; readonly data: object } {
  const item = `item-${i % 5000}`
  if (turn === 0) return { type: 'sign-in', data: {} }
  if (turn < 11) return { type: 'view', data: { item, seconds: 10 + (i % 30) } }
  if (turn < 14) return { type: 'favourite', data: { item } }
  if (turn < 17) return { type: 'cart', data: { item } }
  if (turn < 19) return { type: 'review', data: { order: `order-${i}`, item, words: 10 + (i % 40) } }
  const lines = [1, 2, 3, 4].map(n => ({ sku: n === 4 ? 'postage' : `sku-${n}`, cents: 100 + ((i * n) % 9000) }))
  return { type: 'order', data: { order: `order-${i}`, paid: 20_000, lines } }
}
