import { makeEntry, type ProvenAnswer, type SigningKey } from '../client/index.ts'
import { commitmentOf } from '../core/entry/details.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import {
  dayOfTier,
  type GivenTier,
  givenTier,
  type RewardSecret,
  type StatedTier,
  type TierDays,
  unitOfTiers,
  withStanding,
} from '../programmes/index.ts'
import type { EventRecord, RewardRecord } from './event-record.ts'
import type { DetailsSink, MemberAccounts } from './issuing-options.ts'
import type { IssuingStore, RowChange } from './issuing-store.ts'
import { type PublishedProgramme, type UnitPlace, versionAt } from './published.ts'

/** Members whose tiers are told in one batch, at most. */
const MEMBERS_AT_ONCE = 1000

/** A reward that the ledger took. */
export interface Accepted {
  readonly record: EventRecord
  readonly reward: RewardRecord
}

export interface TierTellerOptions {
  readonly store: IssuingStore
  readonly secret: RewardSecret
  readonly versions: readonly PublishedProgramme[]
  /** Name of the programme. */
  readonly name: string
  readonly accounts: MemberAccounts
  placeOf(unit: string): UnitPlace
  keyReaching(timeMs: number): Promise<SigningKey>
  submit(entries: readonly Uint8Array[], key: SigningKey): Promise<ProvenAnswer>
  readonly details?: DetailsSink
  /** The time of a tier that is set now. */
  nowMs(): number
  /** Whether a member has rewards that the ledger has not answered for. */
  isOpen(member: string): boolean
}

/** A tier of a member that is to be set. */
interface TierToTell {
  readonly member: string
  readonly given: GivenTier
  readonly before: StatedTier | undefined
}

/**
 * Sets the tiers of members on the ledger, by what stands there: what counts for a tier is written down when the ledger
 * has taken it, and a tier is set while nothing else of its member is on its way, so that the log says the same where
 * the `set-status` stands. docs/programmes.md §7, §14. Holds the names of members whose tiers wait.
 */
export class TierTeller {
  readonly #options: TierTellerOptions
  readonly #hasTiers: boolean
  /** What counts for members, of writes that are under way. */
  readonly #ahead = new Map<string, TierDays>()
  readonly #wanted = new Set<string>()
  readonly #busy = new Set<string>()
  #running: Promise<void> | undefined

  constructor(options: TierTellerOptions) {
    this.#options = options
    this.#hasTiers = options.versions.some(({ programme }) => programme.tiers !== undefined)
  }

  /** Members whose tiers were to be set when the folder was closed. */
  async begin(): Promise<void> {
    if (!this.#hasTiers) return
    for (const name of await this.#options.store.noteNames('retier')) this.#wanted.add(name)
    this.wake()
  }

  /** What the ledger took of some rewards, as rows; `done` is to be called when they are written. */
  count(accepted: readonly Accepted[]): { readonly rows: RowChange[]; done(): void } {
    const changed = new Map<string, TierDays>()
    if (this.#hasTiers)
      for (const { record, reward } of accepted) {
        const counted = this.#counted(record, reward)
        if (counted === undefined) continue
        const { member } = record
        const days = withStanding(this.#standing(member), counted.day, counted.points)
        this.#ahead.set(member, days)
        changed.set(member, days)
      }
    return {
      rows: [...changed].flatMap(([member, days]) => this.rowsOf(member, days)),
      done: () => {
        for (const [member, days] of changed) {
          // Another write may have gone on from it.
          if (this.#ahead.get(member) === days) this.#ahead.delete(member)
          this.#wanted.add(member)
        }
        this.wake()
      },
    }
  }

  /** The rows of what counts for a member, whose tier is to be set then. */
  rowsOf(member: string, days: TierDays): RowChange[] {
    const { store } = this.#options
    return [store.noteRow(['stands', member], JSON.stringify(days)), store.noteRow(['retier', member], '')]
  }

  /** The day on which a reward counts, and its points; undefined where it counts for no tier. */
  #counted({ timeMs, programme: digest }: EventRecord, { rule, due, original }: RewardRecord) {
    const { store, versions } = this.#options
    const was = original === undefined ? undefined : store.event(original)
    const version = versions.find(({ programme }) => programme.digest === (was?.programme ?? digest))
    if (version?.programme.rules.find(({ id }) => id === rule)?.countsForTier !== true) return undefined
    const day = dayOfTier(version.programme, was?.timeMs ?? timeMs)
    return { day, points: original === undefined ? due : -due }
  }

  #standing(member: string): TierDays {
    const ahead = this.#ahead.get(member)
    if (ahead !== undefined) return ahead
    const row = this.#options.store.note('stands', member)
    return row === undefined ? [] : (JSON.parse(row) as TierDays)
  }

  /** Whether the tier of a member is being set: then nothing else of hers may be sent. */
  isBusy(member: string): boolean {
    return this.#busy.has(member)
  }

  /** Looks whether there are tiers to be set. To be called when nothing of a member is on its way any more. */
  wake(): void {
    if (this.#wanted.size === 0 || this.#running !== undefined) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
    // Those who wait hear of it. What was not told stands in the store, and is told the next time.
    this.#running.catch(() => {})
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => {})
  }

  /** Sets the tiers that ended with time, and those that were not set before. @throws ClientError. */
  async tellDue(): Promise<void> {
    if (!this.#hasTiers) return
    const { store } = this.#options
    for (const name of await store.noteNames('retier')) this.#wanted.add(name)
    const nowMs = this.#options.nowMs()
    for (const name of await store.noteNames('tier-until')) {
      if (Number(name.slice(0, PLACE_DIGITS)) > nowMs) break
      this.#wanted.add(name.slice(PLACE_DIGITS + 1))
    }
    this.wake()
    await this.#running
  }

  async #run(): Promise<void> {
    for (;;) {
      const members: string[] = []
      for (const member of this.#wanted) {
        if (members.length === MEMBERS_AT_ONCE) break
        if (!this.#options.isOpen(member)) members.push(member)
      }
      if (members.length === 0) return
      for (const member of members) {
        this.#wanted.delete(member)
        this.#busy.add(member)
      }
      try {
        await this.#tell(members)
      } finally {
        for (const member of members) this.#busy.delete(member)
      }
    }
  }

  async #tell(members: readonly string[]): Promise<void> {
    const { store, versions, accounts, placeOf, keyReaching, submit } = this.#options
    const timeMs = this.#options.nowMs()
    const { programme, record } = versionAt(versions, timeMs)
    const told: TierToTell[] = []
    const rows: RowChange[] = []
    for (const member of members) {
      const given = givenTier(programme, this.#standing(member), timeMs)
      const before = this.#told(member)
      const stands = before !== undefined && before.untilMs > timeMs ? before : { tier: 0, untilMs: 0 }
      if (given.tier !== stands.tier || given.untilMs !== stands.untilMs) told.push({ member, given, before })
      else rows.push(...this.#toldRows({ member, given, before }))
    }
    const { unit, budget } = placeOf(unitOfTiers(programme) ?? programme.unit)
    const names = told.map(({ member }) => member)
    const found = names.length === 0 ? new Map<string, number>() : await accounts.find(names, unit)
    const sent = told.flatMap(one => {
      const account = found.get(one.member)
      return account === undefined ? [] : [{ one, entry: this.#entry(one, { account, budget, rule: record }, timeMs) }]
    })
    if (sent.length > 0) {
      await this.#options.details?.flush()
      const entries = sent.map(({ entry }) => entry)
      const { statuses, existed } = await submit(entries, await keyReaching(timeMs))
      // One that was there before may have been followed by another since.
      const before = new Set(existed.map(([position]) => position))
      for (const [i, { one }] of sent.entries())
        if (statuses[i] === ACCEPTED && !before.has(i)) rows.push(...this.#toldRows(one))
    }
    await store.write(rows)
  }

  #entry(
    { member, given: { tier, untilMs, details: text } }: TierToTell,
    place: { readonly account: number; readonly budget: number; readonly rule: number },
    timeMs: number,
  ): Uint8Array {
    const { secret, name } = this.#options
    const about = { programme: name, member, timeMs, says: [tier, untilMs, text ?? ''] }
    const behind = text === undefined ? undefined : { salt: secret.tierSalt(about), text }
    const details = behind === undefined ? null : commitmentOf(behind)
    if (behind !== undefined) this.#options.details?.add(place.account, details!, behind)
    return makeEntry('set-status', { id: secret.tierId(about), ...place, tier, until: untilMs, details })
  }

  #told(member: string): StatedTier | undefined {
    const row = this.#options.store.note('told', member)
    return row === undefined ? undefined : (JSON.parse(row) as StatedTier)
  }

  /** The rows of a tier that the ledger shows. */
  #toldRows({ member, given: { tier, untilMs }, before }: TierToTell): RowChange[] {
    const { store } = this.#options
    const rows = [store.noteRow(['retier', member], undefined)]
    if (before !== undefined && before.untilMs > 0)
      rows.push(store.noteRow(['tier-until', untilName(before.untilMs), member], undefined))
    if (untilMs > 0) rows.push(store.noteRow(['tier-until', untilName(untilMs), member], ''))
    if (tier > 0 || before !== undefined) rows.push(store.noteRow(['told', member], JSON.stringify({ tier, untilMs })))
    return rows
  }
}

/** Digits of a time in a key: 2^53 has so many. */
const PLACE_DIGITS = 16
const untilName = (untilMs: number) => String(untilMs).padStart(PLACE_DIGITS, '0')
