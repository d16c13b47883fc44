import type { Change, Counters } from '../programmes/index.ts'
import type { IssuingStore } from './issuing-store.ts'

/** Counters with the changes of events of one group that are not written yet. */
export class CountersAhead {
  readonly #store: IssuingStore
  readonly #members = new Map<string, Map<string, Change['value']>>()
  readonly #everyone = new Map<string, Change['value']>()

  constructor(store: IssuingStore) {
    this.#store = store
  }

  /** The counters before the next event of a member. */
  of(member: string): Counters {
    const below = this.#store.countersOf(member)
    const own = this.#members.get(member)
    return {
      member: key => own?.get(key) ?? below.member(key),
      programme: key => this.#everyone.get(key) ?? below.programme(key),
    }
  }

  /** Counts an event. */
  apply(member: string, changes: readonly Change[]): void {
    const own = this.#members.get(member) ?? new Map<string, Change['value']>()
    this.#members.set(member, own)
    for (const { who, key, value } of changes) (who === 'member' ? own : this.#everyone).set(key, value)
  }
}
