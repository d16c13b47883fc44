/** What is counted, by key. docs/programmes.md §6. */
export type CounterValue = number | readonly (number | string)[]

/** Counters before an event: of its member, and of the whole programme. */
export interface Counters {
  member(key: string): CounterValue | undefined
  programme(key: string): CounterValue | undefined
}

/** One counter after an event. */
export interface Change {
  readonly who: 'member' | 'programme'
  readonly key: string
  readonly value: CounterValue
  /**
   * It may be forgotten once the member's latest event (of the programme: that of every member) is later; undefined:
   * never.
   */
  readonly keepUntilMs: number | undefined
}

/** Counters with the changes of an event that is being evaluated. Nothing is changed below. */
export class Overlay {
  readonly #below: Counters
  readonly #changes = new Map<string, Change>()

  constructor(below: Counters) {
    this.#below = below
  }

  get(who: 'member' | 'programme', key: string): CounterValue | undefined {
    const changed = this.#changes.get(who === 'member' ? key : `programme ${key}`)
    return changed !== undefined ? changed.value : this.#below[who](key)
  }

  set(who: 'member' | 'programme', key: string, value: CounterValue, keepUntilMs?: number): void {
    this.#changes.set(who === 'member' ? key : `programme ${key}`, { who, key, value, keepUntilMs })
  }

  changes(): readonly Change[] {
    return [...this.#changes.values()]
  }
}

/** Counters in memory: for simulations and tests. What may be forgotten is not. */
export class CountersInMemory {
  readonly #programme = new Map<string, CounterValue>()
  readonly #members = new Map<string, Map<string, CounterValue>>()

  of(member: string): Counters {
    const own = this.#members.get(member)
    return { member: key => own?.get(key), programme: key => this.#programme.get(key) }
  }

  apply(member: string, changes: readonly Change[]): void {
    const own = this.#members.get(member) ?? new Map<string, CounterValue>()
    this.#members.set(member, own)
    for (const { who, key, value } of changes) (who === 'member' ? own : this.#programme).set(key, value)
  }
}
