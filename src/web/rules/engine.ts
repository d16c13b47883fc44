import type { RecordType } from '../../programmes/expression/tree.ts'
import { PointerError } from '../../programmes/failure.ts'
import {
  CountersInMemory,
  checkOne,
  type Difference,
  difference,
  evaluate,
  explain,
  type JsonObject,
  type Programme,
  parseEvent,
  parseProgramme,
} from '../../programmes/index.ts'

export type { Programme, RecordType }

/** What the text of a rule says, where it is a programme; undefined where it is another text. */
function programmeOf(text: Uint8Array): Programme | undefined {
  try {
    return parseProgramme(text)
  } catch (error) {
    if (error instanceof PointerError) return undefined
    throw error
  }
}

/** A programme in plain words, by paragraphs. */
function wordsOf(programme: Programme, language: 'en' | 'zh'): string[][] {
  return explain(programme, language)
}

/** What changed from one version to another. */
function changesOf(before: Programme, after: Programme): Difference[] {
  return difference(before.value, after.value).filter(({ pointer }) => pointer !== '/version')
}

/** What is due for an event, of a member of whom nothing is known yet. */
export interface EventDue {
  readonly total: number
  readonly issues: readonly {
    readonly rule: string
    readonly due: number
    readonly cuts: readonly { readonly cap: string; readonly cut: number }[]
    readonly maturesMs: number | undefined
    readonly expiresMs: number | undefined
  }[]
  readonly nothing: readonly { readonly rule: string; readonly why: string }[]
  readonly status: 'taken' | 'outside' | 'other'
}

const QUARTER_MS = 900_000

/**
 * What an event gives a member of whom nothing is known yet, by the very function that auditors use.
 *
 * @throws PointerError where the event is none of the programme, or an expression fails.
 */
function dueFor(programme: Programme, type: string, data: JsonObject, timeMs: number): EventDue {
  const event = parseEvent(programme, JSON.stringify({ id: 'tried', type, time: timeMs, member: 'you', data }))
  const found = evaluate(programme, new CountersInMemory().of('you'), event)
  if (found.status !== 'taken')
    return { total: 0, issues: [], nothing: [], status: found.status === 'outside' ? 'outside' : 'other' }
  return {
    status: 'taken',
    total: found.issues.reduce((sum, { due }) => sum + due, 0),
    issues: found.issues.map(({ rule, due, cuts, matures, expires }) => ({
      rule: rule.id,
      due,
      cuts: cuts.map(({ cap, cut }) => ({ cap, cut })),
      maturesMs: matures === 0 ? undefined : matures * QUARTER_MS,
      expiresMs: expires === 0 ? undefined : expires * QUARTER_MS,
    })),
    nothing: found.nothing.flatMap(({ rule, why }) => (rule === undefined ? [] : [{ rule, why }])),
  }
}

/** A reward that was computed again, with the steps of it. */
export interface RewardSteps {
  readonly rule: string
  readonly eventId: string
  readonly timeMs: number
  readonly gives: number
  readonly cuts: readonly { readonly cap: string; readonly most: number | undefined; readonly cut: number }[]
  readonly before: readonly { readonly name: string; readonly counted: number }[]
  readonly due: number
}

/**
 * Computes a reward again from its details, by the very function that auditors use.
 *
 * @param text - untrusted.
 * @throws PointerError `reward-details`; VerifyError `reward` where they do not give what they say.
 */
function rewardOf(programme: Programme, text: string): RewardSteps {
  const { rule: id = '', event: eventId, timeMs, due } = checkOne(programme, text)
  // What `checkOne` has held to the programme.
  const said = JSON.parse(text) as { before?: Record<string, unknown>; cuts?: { cap: string; cut: number }[] }
  const caps = programme.rules.find(one => one.id === id)?.caps ?? []
  const cuts = (said.cuts ?? []).map(one => ({ ...one, most: caps.find(({ name }) => name === one.cap)?.most }))
  const before = Object.entries(said.before ?? {}).flatMap(([name, counted]) =>
    typeof counted === 'number' ? [{ name, counted }] : [],
  )
  return { rule: id, eventId, timeMs, due, cuts, before, gives: cuts.reduce((sum, { cut }) => sum + cut, due) }
}

/** Events that can be tried here: those that no meter has to sign. */
function eventsOf(programme: Programme): { readonly name: string; readonly record: RecordType }[] {
  return [...programme.events.values()]
    .filter(({ meter, rules }) => meter === undefined && rules.length > 0)
    .map(({ name, record }) => ({ name, record }))
}

/** What reads and computes programmes: half of the page, and loaded beside the list of rules. */
export const ENGINE = { programmeOf, wordsOf, changesOf, dueFor, eventsOf, rewardOf } as const
export type RulesEngine = typeof ENGINE
