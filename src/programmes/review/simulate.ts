import { CodedError } from '../../core/failure.ts'
import type { Programme } from '../document/programme.ts'
import { CountersInMemory } from '../engine/counters.ts'
import { type Evaluation, evaluate } from '../engine/evaluate.ts'
import { parseEvent } from '../events/event.ts'

/** What a rule gave in a simulation. */
export interface RuleFigures {
  readonly rule: string
  readonly unit: string
  events: number
  points: number
  /** Points that caps took. */
  cut: number
  back: number
}

/** What a programme would have cost. */
export interface Simulation {
  /** Events by what became of them: `earned`, `reversed`, `nothing`, `late`, `duplicate`, `outside`, or a code. */
  readonly events: Readonly<Record<string, number>>
  readonly rules: readonly RuleFigures[]
  /** Points given less points taken back, by unit and member. */
  readonly members: ReadonlyMap<string, ReadonlyMap<string, number>>
}

/**
 * Evaluates events one after another. Keeps the counters of all members in memory.
 *
 * @example
 * const simulator = new Simulator(programme)
 * for (const line of lines) simulator.take(line)
 * const { events, rules } = simulator.found()
 */
export class Simulator {
  readonly #programme: Programme
  readonly #counters = new CountersInMemory()
  readonly #events: Record<string, number> = {}
  readonly #rules = new Map<string, RuleFigures>()
  readonly #members = new Map<string, Map<string, number>>()

  constructor(programme: Programme) {
    this.#programme = programme
    for (const { id, unit } of programme.rules) {
      this.#rules.set(id, { rule: id, unit, events: 0, points: 0, cut: 0, back: 0 })
      if (!this.#members.has(unit)) this.#members.set(unit, new Map())
    }
  }

  /**
   * The next event, and what it gives; a code where it is refused.
   *
   * @param bytes - untrusted.
   */
  take(bytes: Uint8Array | string): Evaluation | CodedError {
    try {
      const event = parseEvent(this.#programme, bytes)
      const found = evaluate(this.#programme, this.#counters.of(event.member), event)
      if (found.status !== 'taken') {
        this.#count(found.status)
        return found
      }
      this.#counters.apply(event.member, found.changes)
      for (const { rule, due, cuts } of found.issues) {
        const figures = this.#rules.get(rule.id)!
        figures.events++
        figures.points += due
        figures.cut += cuts.reduce((sum, { cut }) => sum + cut, 0)
        this.#give(rule.unit, event.member, due)
      }
      for (const { rule, cuts } of found.nothing)
        if (rule !== undefined && cuts !== undefined)
          this.#rules.get(rule)!.cut += cuts.reduce((sum, { cut }) => sum + cut, 0)
      for (const { rule, due } of found.backs) {
        this.#rules.get(rule.id)!.back += due
        this.#give(rule.unit, event.member, -due)
      }
      this.#count(found.issues.length > 0 ? 'earned' : found.backs.length > 0 ? 'reversed' : 'nothing')
      return found
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      this.#count(error.code)
      return error
    }
  }

  get found(): Simulation {
    return { events: this.#events, rules: [...this.#rules.values()], members: this.#members }
  }

  #count(what: string): void {
    this.#events[what] = (this.#events[what] ?? 0) + 1
  }

  #give(unit: string, member: string, points: number): void {
    const members = this.#members.get(unit)!
    members.set(member, (members.get(member) ?? 0) + points)
  }
}

/** How points of a unit are spread over its members. */
export interface Spread {
  readonly unit: string
  readonly members: number
  readonly points: number
  /** The points of the tenth of members who have most, rounded up to a whole member. */
  readonly topTenth: number
  readonly median: number
}

/** How points of a unit are spread over members: sum, the largest tenth, and the median. Sorts them once. */
export function spreadOf(unit: string, members: ReadonlyMap<string, number>): Spread {
  const sorted = [...members.values()].sort((a, b) => b - a)
  const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0)
  return {
    unit,
    members: sorted.length,
    points: sum(sorted),
    topTenth: sum(sorted.slice(0, Math.ceil(sorted.length / 10))),
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
  }
}

/** Who would have more, and who less, under one simulation than under another. */
export interface Comparison {
  readonly unit: string
  readonly points: number
  readonly against: number
  readonly winners: number
  readonly losers: number
  readonly won: number
  readonly lost: number
}

/** Compares two simulations of the same events, by unit. @param against - the one that stands. */
export function compareSimulations(found: Simulation, against: Simulation): Comparison[] {
  const units = [...new Set([...found.members.keys(), ...against.members.keys()])]
  return units.map(unit => {
    const [now, then] = [found.members.get(unit) ?? new Map(), against.members.get(unit) ?? new Map()] as [
      ReadonlyMap<string, number>,
      ReadonlyMap<string, number>,
    ]
    let [winners, losers, won, lost] = [0, 0, 0, 0]
    for (const member of new Set([...now.keys(), ...then.keys()])) {
      const change = (now.get(member) ?? 0) - (then.get(member) ?? 0)
      if (change > 0) winners++
      if (change < 0) losers++
      won += Math.max(0, change)
      lost += Math.max(0, -change)
    }
    const points = spreadOf(unit, now).points
    return { unit, points, against: spreadOf(unit, then).points, winners, losers, won, lost }
  })
}
