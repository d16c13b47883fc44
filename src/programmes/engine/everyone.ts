import { At } from '../document/forms.ts'
import type { JsonObject } from '../document/json.ts'
import type { Programme } from '../document/programme.ts'
import { eventFrom } from '../events/event.ts'
import { wrongReward } from '../failure.ts'
import { Moment, scopeKey } from './reward.ts'

/** What rewards say of one counter of everyone: the part that each has, and what those read who were left nothing. */
interface EveryoneCounter {
  readonly cap: string
  readonly parts: { readonly from: number; readonly to: number; readonly event: string }[]
  readonly read: { readonly at: number; readonly event: string }[]
}

/**
 * The counters of everyone of one programme, out of the details of all members. What each reward counted before it has
 * to be what the others make: the parts of a cap, from `before` on as many points as are due, stand beside each other
 * from 0 on, and who was left nothing read one of their ends. docs/programmes.md §10. Holds two numbers and an id for
 * each reward under such a cap.
 */
export class EveryoneCounters {
  readonly #counters = new Map<string, EveryoneCounter>()

  /** Notes details that `checkOne` accepted: of an issue, or of an event that earned nothing. */
  take(programme: Programme, text: string): void {
    const value = JSON.parse(text) as {
      readonly before?: Readonly<Record<string, number>>
      readonly due?: number
      readonly event: JsonObject
      readonly rule?: string
      readonly reverses?: string
      readonly nothing?: readonly { readonly rule?: string; readonly before?: Readonly<Record<string, number>> }[]
    }
    if (value.reverses !== undefined) return
    const event = eventFrom(programme, new At(value.event, '/event', 'reward-details'), false)
    const moment = new Moment(programme, event)
    const reasons = value.nothing ?? [value]
    for (const { rule: id, before } of reasons) {
      const caps = before === undefined ? [] : (event.type.rules.find(rule => rule.id === id)?.caps ?? [])
      for (const { name, scope } of caps) {
        const from = before![name]
        if (scope.who !== 'programme' || from === undefined) continue
        const counter = this.#of(name, scopeKey(scope, moment))
        if (value.nothing === undefined) counter.parts.push({ from, to: from + value.due!, event: event.id })
        else counter.read.push({ at: from, event: event.id })
      }
    }
  }

  /** @returns how many counters there are. @throws VerifyError `reward` where one is not what the rewards make. */
  judge(): number {
    for (const counter of this.#counters.values()) judge(counter)
    return this.#counters.size
  }

  #of(cap: string, period: string): EveryoneCounter {
    const key = `${cap} ${period}`
    const found = this.#counters.get(key) ?? { cap, parts: [], read: [] }
    this.#counters.set(key, found)
    return found
  }
}

function judge({ cap, parts, read }: EveryoneCounter): void {
  const wrong = (event: string, at: number, found: string) =>
    wrongReward(`/before/${cap}`, `event ${event} counts ${at} before it under ${cap}, ${found}`)
  const ends = new Set([0])
  let reached = 0
  for (const { from, to, event } of parts.sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from > reached) throw wrong(event, from, `and what all were given before makes ${reached}`)
    if (from < reached) throw wrong(event, from, `which another reward was counted from, too`)
    reached = to
    ends.add(to)
  }
  for (const { at, event } of read) if (!ends.has(at)) throw wrong(event, at, `and what all were given never made that`)
}
