import { toHex } from '../core/bytes.ts'
import { UsageError } from '../node/failure.ts'
import {
  checkOne,
  countersFrom,
  dayOfTier,
  type FoundDetails,
  type JsonObject,
  type Programme,
  type RewardSecret,
  type TierDays,
  withStanding,
} from '../programmes/index.ts'
import { type EventRecord, NO_EVENT, type RewardRecord, type RewardState } from './event-record.ts'
import type { LedgerHistory, MemberAccounts } from './issuing-options.ts'
import type { IssuingStore, RowChange } from './issuing-store.ts'
import type { PublishedProgramme, UnitPlace } from './published.ts'
import type { TierTeller } from './tier-teller.ts'

interface FinderOptions {
  readonly store: IssuingStore
  readonly versions: readonly PublishedProgramme[]
  readonly history: LedgerHistory | undefined
  readonly accounts: MemberAccounts
  readonly secret: RewardSecret
  readonly name: string
  readonly placeOf: (unit: string, event: EventRecord) => UnitPlace
  readonly tiers: Pick<TierTeller, 'rowsOf'>
}

/** A reward as it stands on the ledger, and its details. */
interface FoundReward {
  readonly id: string
  readonly index: number
  readonly text: string
}

/** Rows that are written at once while a ledger is read. */
const ROWS_AT_ONCE = 1000
/** An id is looked for among those of so many attempts. */
const ATTEMPTS_MAX = 64

/**
 * Finds the counters of a new folder again from the ledger and the details of its rewards, in whatever order events
 * come later. First the log is read, once: counters of everyone, and of each account its details. A member's own
 * counters are made when she is met: only her name leads to her accounts.
 */
export class FoundRewards {
  readonly #options: FinderOptions
  readonly #programmes: ReadonlyMap<string, Programme>
  /** Names of the units in which rules give something. */
  readonly #units: ReadonlySet<string>
  #hasFound = false

  constructor(options: FinderOptions) {
    this.#options = options
    const programmes = options.versions.map(({ programme }) => programme)
    this.#programmes = new Map(programmes.map(programme => [programme.digest, programme]))
    this.#units = new Set(programmes.flatMap(({ unit, rules }) => [unit, ...rules.map(rule => rule.unit)]))
  }

  /**
   * Reads the ledger, where the folder is new.
   *
   * @throws UsageError `details-missing`.
   */
  async begin(): Promise<void> {
    const { store, history } = this.#options
    const state = store.note('history')
    this.#hasFound = state === 'found'
    if (state !== undefined) return
    if (history !== undefined) this.#hasFound = await this.#read(history)
    await store.write([store.noteRow(['history'], this.#hasFound ? 'found' : 'none')])
  }

  async #read(history: LedgerHistory): Promise<boolean> {
    const { store, versions } = this.#options
    const rules = new Set(versions.map(({ record }) => record))
    const missing = new Set<string>()
    const sums = new Map<string, RowChange>()
    let rows: RowChange[] = []
    let count = 0
    for await (const { kind, index, account, id, rule, commitment } of history.rewards()) {
      if (kind === 'erase') missing.delete(commitment)
      if (kind === 'erase' || commitment === '') continue
      const text = await history.textOf(commitment)
      const programme = text === undefined ? undefined : this.#programmeOf(text)
      if (text === undefined || programme === undefined) {
        if (rules.has(rule)) missing.add(commitment)
        continue
      }
      count++
      rows.push(
        store.noteRow(
          ['found', String(account), String(index)],
          JSON.stringify({ id, index, text } satisfies FoundReward),
        ),
      )
      for (const change of countersFrom([{ programme, text }])) {
        if (change.who !== 'programme') continue
        const row = store.counter('', change)
        const before = store.countersOf('').programme(change.key)
        const isSum = typeof change.value === 'number' && change.key.startsWith('sum ')
        if (isSum && typeof before === 'number' && before >= (change.value as number)) continue
        const known = sums.get(row.key)
        if (isSum && known !== undefined && 'value' in known && sumIn(known.value) >= (change.value as number)) continue
        sums.set(row.key, row)
      }
      if (rows.length < ROWS_AT_ONCE) continue
      await store.write([...rows, ...sums.values()], { sync: false })
      rows = []
      sums.clear()
    }
    if (missing.size > 0)
      throw new UsageError(
        'details-missing',
        `${missing.size} rewards of this programme stand on the ledger whose details are not at hand: without them ` +
          'nobody knows what was counted. Name the file of details that the issuer kept.',
      )
    await store.write([...rows, ...sums.values()])
    return count > 0
  }

  /** Makes the counters of those members who were not met yet. */
  async need(members: readonly string[]): Promise<void> {
    if (!this.#hasFound) return
    const { store, accounts } = this.#options
    const strangers = [...new Set(members)].filter(member => store.note('met', member) === undefined)
    if (strangers.length === 0) return
    const found = new Map<string, FoundReward[]>()
    for (const unit of this.#units) {
      const place = this.#options.placeOf(unit, NO_EVENT)
      for (const [member, account] of await accounts.find(strangers, place.unit))
        for (const { value } of await store.notes('found', String(account)))
          found.set(member, [...(found.get(member) ?? []), JSON.parse(value) as FoundReward])
    }
    const rows: RowChange[] = []
    for (const member of strangers) {
      rows.push(store.noteRow(['met', member], ''))
      const own = found.get(member) ?? []
      for (const change of countersFrom(own.map(({ text }) => this.#detailsOf(text)))) {
        const isSum = change.who === 'programme' && change.key.startsWith('sum ')
        // Sums of everyone were made of all members.
        if (!isSum) rows.push(store.counter(member, change))
      }
      rows.push(...this.#recordsOf(member, own))
      const days = standingDays(own.map(({ text }) => this.#detailsOf(text)))
      if (days.length > 0) rows.push(...this.#options.tiers.rowsOf(member, days))
    }
    await store.write(rows)
  }

  /** The events of a member's rewards, as they are kept of those that were taken here. */
  #recordsOf(member: string, found: readonly FoundReward[]): RowChange[] {
    const { store } = this.#options
    const byNumber = new Map<number, { found: FoundReward; details: FoundDetails }[]>()
    for (const one of found) {
      const details = this.#detailsOf(one.text)
      const { n } = checkOne(details.programme, one.text)
      byNumber.set(n, [...(byNumber.get(n) ?? []), { found: one, details }])
    }
    return [...byNumber.values()].flatMap(pieces => {
      const { programme } = pieces[0]!.details
      const { n, event: id, timeMs } = checkOne(programme, pieces[0]!.found.text)
      const rewards = pieces.map(({ found: { text } }) => rewardFrom(programme, text))
      const record: EventRecord = {
        id,
        member,
        n,
        timeMs,
        programme: programme.digest,
        version: programme.version,
        rewards,
        cuts: rewards.flatMap(({ cuts }) => cuts),
      }
      const states = pieces.map(({ found: one }, i) => this.#stateOf(one, rewards[i]!, record))
      return [store.eventRow(record), ...store.stateRows(id, states)]
    })
  }

  #stateOf({ id, index }: FoundReward, { rule, original }: RewardRecord, record: EventRecord): RewardState {
    const { secret, name } = this.#options
    const timeMs = Number.parseInt(id.slice(0, 12), 16)
    const about = { programme: name, rule, event: record.id, isReversal: original !== undefined }
    let attempt = 0
    while (attempt < ATTEMPTS_MAX && toHex(secret.id(timeMs, { ...about, attempt })) !== id) attempt++
    return { attempt: attempt % ATTEMPTS_MAX, timeMs, id, outcome: 'accepted', index }
  }

  #detailsOf(text: string): FoundDetails {
    return { programme: this.#programmeOf(text)!, text }
  }

  #programmeOf(text: string): Programme | undefined {
    try {
      return this.#programmes.get((JSON.parse(text) as { programme: string }).programme)
    } catch {
      // Details can be any text.
      return undefined
    }
  }
}

/** What of a member's rewards counts for her tier. */
function standingDays(found: readonly FoundDetails[]): TierDays {
  const checked = found.map(({ programme, text }) => ({ programme, ...checkOne(programme, text) }))
  const daysOf = new Map<string, number>()
  let days: TierDays = []
  for (const { programme, kind, rule, event, timeMs, due } of checked) {
    if (kind !== 'issue' || programme.rules.find(({ id }) => id === rule)?.countsForTier !== true) continue
    const day = dayOfTier(programme, timeMs)
    daysOf.set(JSON.stringify([rule, event]), day)
    days = withStanding(days, day, due)
  }
  for (const { kind, rule, original, due } of checked) {
    const day = kind === 'reversal' ? daysOf.get(JSON.stringify([rule, original])) : undefined
    if (day !== undefined) days = withStanding(days, day, -due)
  }
  return days
}

function rewardFrom(programme: Programme, text: string): RewardRecord {
  const { rule, unit, due, matures, expires, original, cites } = checkOne(programme, text)
  const { cuts = [] } = JSON.parse(text) as JsonObject & { readonly cuts?: RewardRecord['cuts'] }
  return {
    rule: rule!,
    unit,
    due,
    ...(original === undefined ? {} : { original }),
    matures,
    expires,
    cuts,
    ...(cites === undefined ? {} : { cites }),
    text,
  }
}

const sumIn = (row: string) => Number(row.slice(row.indexOf('|') + 1))
