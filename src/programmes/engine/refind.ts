import type { Programme } from '../document/programme.ts'
import { eventFrom, type ProgrammeEvent } from '../events/event.ts'
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

interface Piece extends FoundDetails {
  readonly n: number
  readonly event: ProgrammeEvent
  readonly rule: string | undefined
  readonly isIssue: boolean
  readonly due: number
  readonly before: Readonly<Record<string, CounterValue>>
}

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
  const pieces = found.map(pieceOf).sort((a, b) => a.n - b.n || placeOf(a) - placeOf(b))
  const again = new Refinding()
  for (let i = 0; i < pieces.length; ) {
    const end = pieces.findIndex(({ n }, at) => at > i && n !== pieces[i]!.n)
    const next = end < 0 ? pieces.length : end
    again.take(pieces.slice(i, next))
    i = next
  }
  return again.changes()
}

function pieceOf({ programme, text }: FoundDetails): Piece {
  const { n, rule, kind, due } = checkOne(programme, text)
  const event = eventFrom(programme, new Map(detailsAt(programme, text).entries()).get('event')!, false)
  const { before = {} } = JSON.parse(text) as { readonly before?: Piece['before'] }
  return { programme, text, n, event, rule, isIssue: kind === 'issue', due, before }
}

/** Which of the rules of its event a piece is of: each says what was counted before it. */
function placeOf({ event, rule }: Piece): number {
  return event.type.rules.findIndex(({ id }) => id === rule)
}

class Refinding {
  readonly #member = new Map<string, Change>()
  readonly #everyone = new Map<string, Change>()

  changes(): readonly Change[] {
    return [...this.#member.values(), ...this.#everyone.values()]
  }

  /** What one event left. */
  take(pieces: readonly Piece[]): void {
    const [{ programme, event, n }] = pieces as readonly [Piece]
    const seen = new Map<string, CounterValue>([['member n', n - 1]])
    const moment = new Moment(programme, event)
    for (const piece of pieces) if (piece.isIssue) this.#seeIssue(piece, moment, seen)
    const counters: Counters = {
      member: key => seen.get(`member ${key}`) ?? this.#member.get(key)?.value,
      programme: key => (key.startsWith('event ') ? undefined : seen.get(`programme ${key}`)),
    }
    const found = evaluate(programme, counters, event)
    const isAll = found.status === 'taken' && isSubset(pieces, detailsOf(programme, found))
    for (const change of isAll ? found.changes : this.#asSaid(pieces, moment)) this.#put(change)
  }

  /** What a rule read, as it says. */
  #seeIssue({ rule: id, before, event }: Piece, moment: Moment, seen: Map<string, CounterValue>): void {
    const rule = event.type.rules.find(one => one.id === id)!
    for (const { name, scope } of rule.caps) {
      const sum = before[name]
      const key = `${scope.who} sum ${name} ${scopeKey(scope, moment)}`
      // Of several rules under one cap, the first says what was there before the event.
      if (scope.who !== 'event' && sum !== undefined && !seen.has(key)) seen.set(key, sum)
    }
    const { streak } = before
    if (streak !== undefined) seen.set(`member streak ${rule.id}`, streak)
  }

  /** The counters as details say them, where what they hang on is lost. */
  #asSaid(pieces: readonly Piece[], moment: Moment): Change[] {
    const [{ n, event }] = pieces as readonly [Piece]
    const changes: Change[] = []
    const put = (who: Change['who'], key: string, value: CounterValue) => {
      changes.push({ who, key, value, keepUntilMs: undefined })
    }
    put('member', 'n', n)
    put('member', 't', Math.max(event.timeMs, (this.#member.get('t')?.value as number | undefined) ?? 0))
    put('programme', `event ${event.id}`, n)
    for (const { isIssue, rule: id, due, before } of pieces) {
      const rule = isIssue ? event.type.rules.find(one => one.id === id) : undefined
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

/** Whether the first of two sums is the greater. */
function isMore(a: CounterValue, b: CounterValue): boolean {
  return typeof a === 'number' && typeof b === 'number' && a > b
}

function isSubset(pieces: readonly Piece[], texts: readonly string[]): boolean {
  return pieces.every(({ text }) => texts.includes(text))
}
