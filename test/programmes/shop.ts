import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CountersInMemory,
  type Evaluation,
  evaluate,
  type Programme,
  parseEvent,
  parseProgramme,
  type TakenEvent,
  tierAt,
} from '../../src/programmes/index.ts'

/** A document as JSON, to be changed by a test. */
export type Draft = Record<string, unknown>

export function template(name: string): Draft {
  const path = join(import.meta.dirname, '../../src/programmes/templates', `${name}.json`)
  return JSON.parse(readFileSync(path, 'utf8')) as Draft
}

export const programmeOf = (draft: Draft): Programme => parseProgramme(JSON.stringify(draft))

/** The smallest document about which a test can say something, with more. */
export function small(more: Draft = {}): Draft {
  return {
    format: 'tallystick/programme/v1',
    name: 'small',
    version: 1,
    unit: 'points',
    from: '2026-01-01T00:00Z',
    day: '+00:00',
    late: '48h',
    events: { act: { item: 'text', count: 'int' }, undo: { item: 'text', count: 'int' } },
    rules: [{ id: 'act', on: 'act', points: 1 }],
    ...more,
  }
}

/** A tier, and the day with which it ends. */
export function tierInWords({ id, until }: { readonly id: string; readonly until: number }): string {
  return until === 0 ? 'none' : `${id} ${new Date(until * 900_000).toISOString().slice(0, 10)}`
}

/** A programme with its counters, to which events happen. */
export class Shop {
  readonly programme: Programme
  readonly #counters = new CountersInMemory()
  #made = 0

  constructor(draft: Draft) {
    this.programme = programmeOf(draft)
  }

  /** What an event gives; its counters are kept. */
  happens(time: string | number, type: string, data: Draft = {}, member = 'm', id = `e${this.#made++}`): Evaluation {
    const event = {
      id,
      type,
      time,
      member,
      data: { ...(type === 'act' || type === 'undo' ? { item: 'i', count: 1 } : {}), ...data },
    }
    const found = evaluate(this.programme, this.#counters.of(member), parseEvent(this.programme, JSON.stringify(event)))
    if (found.status === 'taken') this.#counters.apply(member, found.changes)
    return found
  }

  /** The same, of an event that is taken. */
  taken(time: string | number, type: string, data: Draft = {}, member = 'm'): TakenEvent {
    const found = this.happens(time, type, data, member)
    if (found.status !== 'taken') throw new Error(`the event is ${found.status}`)
    return found
  }

  /** A member's tier at a time. */
  tierAt(time: string, member = 'm'): string {
    return tierInWords(tierAt(this.programme, this.#counters.of(member), Date.parse(time)))
  }

  /** Points that an event gives, of all rules. */
  due(time: string | number, type: string, data: Draft = {}, member = 'm'): number {
    return this.taken(time, type, data, member).issues.reduce((sum, { due }) => sum + due, 0)
  }

  /** Points that it takes back. */
  back(time: string | number, type: string, data: Draft = {}, member = 'm'): number {
    return this.taken(time, type, data, member).backs.reduce((sum, { due }) => sum + due, 0)
  }
}
