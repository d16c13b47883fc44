import type { JsonObject } from '../../programmes/document/json.ts'
import { checkOne } from '../../programmes/engine/check-one.ts'
import { CountersInMemory } from '../../programmes/engine/counters.ts'
import { evaluate } from '../../programmes/engine/evaluate.ts'
import { parseEvent } from '../../programmes/events/event.ts'
import { type Programme, programmeOf } from './reader.ts'

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

/** What computes programmes: loaded only for who asks for a sum. */
export const ENGINE = { programmeOf, dueFor, rewardOf } as const
export type RulesEngine = typeof ENGINE
