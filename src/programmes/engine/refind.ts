import type { Programme } from '../document/programme.ts'
import { eventFrom, type ProgrammeEvent } from '../events/event.ts'
import { everyoneBefore, type ReadDetails } from './check-chain.ts'
import { checkOne } from './check-one.ts'
import type { Change, Counters, CounterValue } from './counters.ts'
import { detailsOf } from './details.ts'
import { evaluate } from './evaluate.ts'
import { detailsAt } from './read-details.ts'
import { Moment, scopeKey, streakOn } from './reward.ts'

/** Details that were found, with the document that they are of. */
export interface FoundDetails {
  readonly programme: Programme
  readonly text: string
}

/** Details of an event, with the document and the event that they are of. */
interface EventDetails extends ReadDetails {
  readonly programme: Programme
  readonly event: ProgrammeEvent
}

type ReadCounters = Readonly<Record<string, CounterValue>>

/**
 * A member's counters, found again from the details of her rewards: docs/programmes.md §10. Events are evaluated again
 * in the order of their numbers; what each read stands in its details, so that a number of which nothing is left leaves
 * the others as they are. Counters of everyone are among the changes where her events moved them: sums of them only
 * grow, so that the greatest of all members counts.
 *
 * @param found - untrusted: of all versions of one programme, in any order. Cost: an evaluation for each event.
 * @throws PointerError `reward-details`; VerifyError `reward` where details do not give what they say.
 */
export function countersFrom(found: readonly FoundDetails[]): readonly Change[] {
  const pieces = found.map(placed).sort((a, b) => a.checked.n - b.checked.n || placeOf(a) - placeOf(b))
  const again = new Refinding()
  for (let i = 0; i < pieces.length; ) {
    const end = pieces.findIndex(({ checked }, at) => at > i && checked.n !== pieces[i]!.checked.n)
    const next = end < 0 ? pieces.length : end
    again.take(pieces.slice(i, next))
    i = next
  }
  return again.changes()
}

function placed({ programme, text }: FoundDetails): EventDetails {
  const checked = checkOne(programme, text)
  const event = eventFrom(programme, new Map(detailsAt(programme, text).entries()).get('event')!, false)
  return { programme, text, checked, event, value: JSON.parse(text) as ReadDetails['value'] }
}

/** Which of the rules of its event a piece is of: each says what was counted before it. */
function placeOf({ event, checked }: EventDetails): number {
  return event.type.rules.findIndex(({ id }) => id === checked.rule)
}

class Refinding {
  readonly #member = new Map<string, Change>()
  readonly #everyone = new Map<string, Change>()

  changes(): readonly Change[] {
    return [...this.#member.values(), ...this.#everyone.values()]
  }

  /** What one event left. */
  take(pieces: readonly EventDetails[]): void {
    const [{ programme, event, checked }] = pieces as readonly [EventDetails]
    const seen = new Map<string, CounterValue>([['n', checked.n - 1]])
    const moment = new Moment(programme, event)
    for (const { rule, before } of pieces.flatMap(readings)) this.#see(rule, before, moment, seen)
    const everyone = everyoneBefore(programme, event, pieces)
    const counters: Counters = {
      member: key => seen.get(key) ?? this.#member.get(key)?.value,
      programme: key => everyone.get(key),
    }
    const found = evaluate(programme, counters, event)
    const isAll = found.status === 'taken' && isSubset(pieces, detailsOf(programme, found))
    for (const change of isAll ? found.changes : this.#asSaid(pieces, moment)) this.#put(change)
  }

  /** What a rule read of the member's counters, as it says. */
  #see(id: string, before: ReadCounters, moment: Moment, seen: Map<string, CounterValue>): void {
    const rule = moment.event.type.rules.find(one => one.id === id)!
    for (const { name, scope } of rule.caps) {
      const sum = before[name]
      const key = `sum ${name} ${scopeKey(scope, moment)}`
      // Of several rules under one cap, the first says what was there before the event.
      if (scope.who === 'member' && sum !== undefined && !seen.has(key)) seen.set(key, sum)
    }
    const { streak } = before
    if (streak !== undefined) seen.set(`streak ${rule.id}`, streak)
  }

  /** The counters as details say them, where what they hang on is lost. */
  #asSaid(pieces: readonly EventDetails[], moment: Moment): Change[] {
    const [{ event, checked: first }] = pieces as readonly [EventDetails]
    const { n } = first
    const changes: Change[] = []
    const put = (who: Change['who'], key: string, value: CounterValue) => {
      changes.push({ who, key, value, keepUntilMs: undefined })
    }
    put('member', 'n', n)
    put('member', 't', Math.max(event.timeMs, (this.#member.get('t')?.value as number | undefined) ?? 0))
    put('programme', `event ${event.id}`, n)
    for (const { checked, value } of pieces) {
      const { due, kind } = checked
      const before = value.before ?? {}
      const rule = kind === 'issue' ? event.type.rules.find(one => one.id === checked.rule) : undefined
      if (rule === undefined) continue
      const whoOf = (who: string) => (who === 'programme' ? 'programme' : 'member')
      if (rule.once !== undefined) put(whoOf(rule.once.who), `once ${rule.id} ${scopeKey(rule.once, moment)}`, 1)
      for (const { name, scope } of rule.caps)
        if (scope.who !== 'event')
          put(whoOf(scope.who), `sum ${name} ${scopeKey(scope, moment)}`, (before[name] as number) + due)
      if (rule.amount.kind !== 'streak') continue
      const streak = before['streak'] as [number, number] | undefined
      if (streak === undefined || moment.day > streak[0])
        put('member', `streak ${rule.id}`, [moment.day, streakOn(moment.day, streak)])
    }
    return changes
  }

  #put(change: Change): void {
    if (change.who === 'member') {
      this.#member.set(change.key, change)
      return
    }
    const before = this.#everyone.get(change.key)
    if (before === undefined || !isMore(before.value, change.value)) this.#everyone.set(change.key, change)
  }
}

/** What rules read, as details say: of issues, and of those to which caps left nothing. */
function readings({ checked, value }: EventDetails): { readonly rule: string; readonly before: ReadCounters }[] {
  if (checked.kind === 'issue') return [{ rule: checked.rule!, before: value.before! }]
  const reasons = (value['nothing'] ?? []) as readonly { readonly rule?: string; readonly before?: ReadCounters }[]
  return reasons.flatMap(({ rule, before }) => (rule === undefined || before === undefined ? [] : [{ rule, before }]))
}

/** Whether the first of two sums is the greater. */
function isMore(a: CounterValue, b: CounterValue): boolean {
  return typeof a === 'number' && typeof b === 'number' && a > b
}

function isSubset(pieces: readonly EventDetails[], texts: readonly string[]): boolean {
  return pieces.every(({ text }) => texts.includes(text))
}
