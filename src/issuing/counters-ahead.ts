import type { Change, Counters } from '../programmes/index.ts'
import type { IssuingStore, RowChange } from './issuing-store.ts'

/** Counters with the changes of events of one group that are not written yet. */
export class CountersAhead {
  readonly #store: IssuingStore
  readonly #members = new Map<string, Map<string, Change['value']>>()
  readonly #everyone = new Map<string, Change>()

  constructor(store: IssuingStore) {
    this.#store = store
  }

  /** The counters before the next event of a member. */
  of(member: string): Counters {
    const below = this.#store.countersOf(member)
    const own = this.#members.get(member)
    return {
      member: key => own?.get(key) ?? below.member(key),
      programme: key => this.#everyone.get(key)?.value ?? below.programme(key),
    }
  }

  /** Counts an event. */
  apply(member: string, changes: readonly Change[]): void {
    const own = this.#members.get(member) ?? new Map<string, Change['value']>()
    this.#members.set(member, own)
    for (const change of changes) {
      if (change.who === 'member') own.set(change.key, change.value)
      else this.#everyone.set(change.key, change)
    }
  }

  /** The rows of the counters of everyone, as the last event left them. */
  everyoneRows(): RowChange[] {
    const rows: RowChange[] = []
    for (const change of this.#everyone.values()) {
      const row = this.#store.everyoneRow(change)
      if (row !== undefined) rows.push(row)
    }
    return rows
  }
}
