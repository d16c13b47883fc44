import type { JsonObject } from '../document/json.ts'
import type { Programme, Rule } from '../document/programme.ts'
import { eventFrom, type ProgrammeEvent } from '../events/event.ts'
import { wrongReward } from '../failure.ts'
import { type CheckedDetails, checkOne } from './check-one.ts'
import type { Counters, CounterValue } from './counters.ts'
import { detailsOf } from './details.ts'
import { evaluate } from './evaluate.ts'
import { detailsAt } from './read-details.ts'
import { Moment, scopeKey } from './reward.ts'

/** What all details of a member were found to be. */
export interface EventChain {
  /** The number of her last event. */
  readonly numbers: number
  /** Up to this number everything was computed again, what was counted before included. */
  readonly whole: number
  readonly issues: number
  readonly reversals: number
}

/** Details, read. */
export interface ReadDetails {
  readonly text: string
  readonly checked: CheckedDetails
  /** Its JSON, which was read strictly before. */
  readonly value: JsonObject & { readonly before?: Readonly<Record<string, CounterValue>> }
}

/**
 * Computes all of a member's rewards again from their details: docs/programmes.md §10. Up to the first gap each must
 * be, to the byte, what the events before it make of it: numbers, counters, streaks, tiers, `once`, reversals. Counters
 * of everyone are believed, since other members move them. After a gap each is checked alone, and her sums may only
 * grow.
 *
 * @param texts - untrusted: details of issues and reversals, and answers to events that earned nothing, in any order.
 * @param versions - the document, or all that the details may be of. @param erased - numbers whose details an `erase`
 * entry names. @param lacking - how many details more may be missing, of whichever numbers: so many were erased.
 * @throws PointerError `reward-details`; VerifyError `reward` with the number at which something is wrong or missing.
 *
 * @example
 * const { numbers, whole } = checkChain(programme, detailsOfHers, new Set())
 */
export function checkChain(
  versions: Programme | readonly Programme[],
  texts: readonly string[],
  erased: ReadonlySet<number>,
  lacking = 0,
): EventChain {
  const programmes = 'digest' in versions ? [versions] : versions
  const pieces = new Map<number, VersionDetails[]>()
  for (const text of texts) {
    const programme = versionOf(programmes, text)
    // Only what has that form is JSON for sure.
    const checked = checkOne(programme, text)
    const piece = { programme, text, checked, value: JSON.parse(text) as ReadDetails['value'] }
    const { n } = piece.checked
    if (n > texts.length + erased.size + lacking)
      throw wrongReward('/n', `number ${n} of ${texts.length} details: some are missing`)
    pieces.set(n, [...(pieces.get(n) ?? []), piece])
  }
  const numbers = Math.max(0, ...pieces.keys())
  const chain = new ChainChecker(lacking)
  let whole = 0
  let isWhole = true
  for (let n = 1; n <= numbers; n++) {
    const found = pieces.get(n) ?? []
    if (found.length === 0 && !erased.has(n)) chain.lack(1, `number ${n} is missing, and no erasure names it`)
    if (found.length === 0 || erased.has(n)) isWhole = false
    if (isWhole) {
      chain.again(n, found)
      whole = n
    } else chain.onwards(n, found)
  }
  const count = (kind: CheckedDetails['kind']) =>
    [...pieces.values()].flat().filter(({ checked }) => checked.kind === kind).length
  return { numbers, whole, issues: count('issue'), reversals: count('reversal') }
}

/** Details with the document that they are of. */
interface VersionDetails extends ReadDetails {
  readonly programme: Programme
}

/** The document that details name; another where it is none of them, by which they are not right. */
function versionOf(programmes: readonly Programme[], text: string): Programme {
  const named = programmes.length === 1 ? undefined : programmes.find(({ digest }) => text.includes(`"${digest}"`))
  return named ?? programmes[0]!
}

class ChainChecker {
  /** How many details may still be missing. */
  #lacking: number
  readonly #member = new Map<string, CounterValue>()
  /** Marks of everyone that this member's events made: event ids, and `once` of the programme. */
  readonly #marks = new Map<string, CounterValue>()

  constructor(lacking: number) {
    this.#lacking = lacking
  }

  /** Notes that so many details are missing. @throws VerifyError `reward` where no more may be. */
  lack(count: number, what: string): void {
    this.#lacking -= count
    if (this.#lacking < 0) throw wrongReward('/n', what)
  }

  /** The event of a number, evaluated again: gives these details, and no others. */
  again(n: number, pieces: readonly VersionDetails[]): void {
    const [{ programme }] = pieces as readonly [VersionDetails]
    const event = this.#eventOf(n, pieces)
    const everyone = everyoneBefore(programme, event, pieces)
    const counters: Counters = {
      member: key => this.#member.get(key),
      programme: key => everyone.get(key) ?? this.#marks.get(key),
    }
    const found = evaluate(programme, counters, event)
    if (found.status !== 'taken') throw wrongReward('/event', `event ${n} earns nothing: ${found.status}`)
    const wanted = detailsOf(programme, found).sort()
    const given = pieces.map(({ text }) => text).sort()
    if (wanted.join('\n') !== given.join('\n')) {
      const wrong = given.find((text, i) => !wanted.includes(text) || given.indexOf(text) !== i)
      const what = `number ${n} is not what the events before it make of it`
      if (wrong !== undefined) throw wrongReward('/n', `${what}: ${wrong.slice(0, 200)}`)
      this.lack(wanted.length - given.length, `${what}: an issue is missing`)
    }
    for (const { who, key, value } of found.changes) {
      if (who === 'member') this.#member.set(key, value)
      else if (!key.startsWith('sum ')) this.#marks.set(key, value)
    }
  }

  /** After a gap: what is counted for the member is no less than is known. */
  onwards(n: number, pieces: readonly VersionDetails[]): void {
    if (pieces.length === 0) return
    const event = this.#eventOf(n, pieces)
    const moment = new Moment(pieces[0]!.programme, event)
    for (const { checked, value } of pieces) {
      const rule = event.type.rules.find(({ id }) => id === checked.rule)
      if (checked.kind !== 'issue' || rule === undefined) continue
      for (const { name, scope } of rule.caps) {
        if (scope.who !== 'member') continue
        const key = `sum ${name} ${scopeKey(scope, moment)}`
        const before = value.before![name] as number
        const known = (this.#member.get(key) as number | undefined) ?? 0
        if (before < known)
          throw wrongReward(`/before/${name}`, `number ${n} counts ${before} before, and ${known} were given`)
        this.#member.set(key, before + checked.due)
      }
    }
  }

  #eventOf(n: number, pieces: readonly VersionDetails[]): ProgrammeEvent {
    const [{ programme, text }] = pieces as readonly [VersionDetails]
    const texts = new Set(pieces.map(({ value }) => JSON.stringify(value['event'])))
    if (texts.size > 1) throw wrongReward('/event', `number ${n} is of two events`)
    const at = new Map(detailsAt(programme, text).entries()).get('event')!
    return eventFrom(programme, at, false)
  }
}

/** Counters of everyone as the details of an event have them; of a rule that gave nothing, as if they were why. */
export function everyoneBefore(
  programme: Programme,
  event: ProgrammeEvent,
  pieces: readonly ReadDetails[],
): Map<string, CounterValue> {
  const found = new Map<string, CounterValue>()
  const moment = new Moment(programme, event)
  const reasons = (pieces[0]!.value['nothing'] ?? []) as readonly {
    readonly rule?: string
    readonly why: string
    readonly before?: ReadDetails['value']['before']
  }[]
  const isAnswer = pieces[0]!.checked.kind === 'nothing'
  const beforeOf = (rule: Rule) =>
    pieces.find(({ checked }) => checked.kind === 'issue' && checked.rule === rule.id)?.value.before ??
    reasons.find(one => one.rule === rule.id)?.before
  for (const rule of event.type.rules)
    for (const { name, scope } of rule.caps) {
      const key = `sum ${name} ${scopeKey(scope, moment)}`
      const before = beforeOf(rule)?.[name]
      if (scope.who === 'programme' && before !== undefined && !found.has(key)) found.set(key, before)
    }
  for (const rule of event.type.rules) {
    const why = reasons.find(one => one.rule === rule.id)?.why
    if (beforeOf(rule) !== undefined || (isAnswer && why !== 'once')) continue
    const { once } = rule
    if (once?.who === 'programme') found.set(`once ${rule.id} ${scopeKey(once, moment)}`, 1)
    for (const { name, scope, most } of rule.caps) {
      const key = `sum ${name} ${scopeKey(scope, moment)}`
      if (scope.who === 'programme' && !found.has(key)) found.set(key, most)
    }
  }
  return found
}
