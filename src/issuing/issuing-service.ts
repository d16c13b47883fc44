import type { SigningKey } from '../client/index.ts'
import { toBase64 } from '../core/bytes.ts'
import { signEd25519 } from '../core/crypto/ed25519.ts'
import { commitmentOf, type SaltedText } from '../core/entry/details.ts'
import { CodedError } from '../core/failure.ts'
import {
  answerMessage,
  type Counters,
  canonicalText,
  type Evaluation,
  evaluate,
  glanceAtEvent,
  type ProgrammeEvent,
  parseEvent,
  RewardSecret,
  type Tier,
  tierAt,
} from '../programmes/index.ts'
import { CountersAhead } from './counters-ahead.ts'
import { answerTo, type EventAnswer, notTaken, type SignedAnswer } from './event-answer.ts'
import { dataOf, type EventRecord, isRetryable, NO_EVENT, type RewardState, recordOf } from './event-record.ts'
import { FoundRewards } from './found-rewards.ts'
import { HandOver } from './hand-over.ts'
import type { IssuingOptions } from './issuing-options.ts'
import { IssuingStore, type RowChange } from './issuing-store.ts'
import { type MemberEvents, memberChains } from './member-chains.ts'
import { type PublishedProgramme, versionAt } from './published.ts'
import { submitProven } from './submit-proven.ts'
import { TierTeller } from './tier-teller.ts'

/** Events that are evaluated and written down at once, at most. */
const GROUP_EVENTS = 1000
/** Of so many events of a member, one looks for counters that nobody can read any more. */
const FORGET_EVERY = 64

/** An event that waits, and who asked. */
interface Asked {
  readonly bytes: Uint8Array | string
  resolve(answer: EventAnswer | Promise<EventAnswer>): void
  reject(error: unknown): void
}

/**
 * The issuing service of one programme: takes its events, numbers those of each member, evaluates them with the
 * function that auditors and members have, keeps the counters, and hands over what is due as batches that the issuer's
 * key signs. An event is paid once, whenever, how often and in which part of a file it comes: its id, and the ids of
 * its rewards, follow from it. docs/programmes.md §14.
 *
 * @example
 * const service = await IssuingService.open({ folder, client, versions, secret, issuer, accounts, placeOf })
 * const [answer] = await service.take([JSON.stringify(event)])
 */
export class IssuingService {
  readonly #options: IssuingOptions
  readonly #store: IssuingStore
  readonly #name: string
  readonly #handOver: HandOver
  readonly #tiers: TierTeller
  readonly #found: FoundRewards
  readonly #secret: RewardSecret
  #waiting: Asked[] = []
  #isRunning = false

  private constructor(options: IssuingOptions, store: IssuingStore) {
    this.#options = options
    this.#store = store
    this.#name = options.versions[0]!.programme.name
    this.#secret = new RewardSecret(options.secret)
    const { issuer, client, signal = new AbortController().signal, versions } = options
    const shared = {
      ...options,
      store,
      secret: this.#secret,
      name: this.#name,
      keyReaching: typeof issuer === 'function' ? issuer : async () => issuer,
      submit: (entries: readonly Uint8Array[], key: SigningKey) => submitProven(client, entries, [key], signal),
    }
    this.#tiers = new TierTeller({
      ...shared,
      placeOf: unit => options.placeOf(unit, NO_EVENT),
      nowMs: () => (options.tierMs ?? options.nowMs ?? Date.now)(),
      isOpen: member => this.#handOver.isOpen(member),
    })
    this.#found = new FoundRewards({ ...shared, tiers: this.#tiers })
    this.#handOver = new HandOver(
      {
        ...shared,
        ruleOf: digest => versions.find(({ programme }) => programme.digest === digest)!.record,
        reversalMs: event => this.#reversalMs(event),
      },
      this.#tiers,
    )
  }

  /**
   * Opens the service: what was on its way when it was closed is handed over again, under the same ids and with the
   * same details.
   *
   * @throws UsageError `state`, `file`; `details-missing` where rewards of before cannot be counted; ClientError.
   */
  static async open(options: IssuingOptions): Promise<IssuingService> {
    const store = await IssuingStore.open(options.folder, options.versions[0]!.programme.name)
    const service = new IssuingService(options, store)
    try {
      await service.#found.begin()
    } catch (error) {
      await store.close()
      throw error
    }
    for await (const [place, id] of store.waiting()) {
      const record = store.event(id)!
      void service.#give(record, store.states(id) ?? service.#begin(record), place).catch(() => {})
    }
    await service.#tiers.begin()
    return service
  }

  /** The versions of its programme. */
  get versions(): readonly PublishedProgramme[] {
    return this.#options.versions
  }

  /**
   * Takes events, in the order given, and resolves when the ledger has answered for all that they earned. An event that
   * came before is a duplicate: it is paid no second time, and what was refused of it is tried again. What no member or
   * programme can have is answered `invalid`, and nothing of it counts.
   *
   * @param events - untrusted: JSON of docs/programmes.md §4. @returns an answer each, in their order.
   * @throws ClientError where the ledger does not answer: the events were taken, and are handed over when they, or
   * others, are sent again; UsageError `file`.
   */
  take(events: readonly (Uint8Array | string)[]): Promise<EventAnswer[]> {
    const answers = events.map(
      bytes => new Promise<EventAnswer>((resolve, reject) => this.#waiting.push({ bytes, resolve, reject })),
    )
    if (!this.#isRunning) {
      this.#isRunning = true
      queueMicrotask(() => void this.#run())
    }
    return Promise.all(answers)
  }

  /**
   * Tries all rewards again that were refused for a cause that can go, such as an empty budget or a frozen account.
   *
   * @returns the answers to their events. @throws as `take`.
   */
  async retry(): Promise<EventAnswer[]> {
    const ids = await this.#store.refused()
    return Promise.all(ids.map(id => this.#again(this.#store.event(id)!)))
  }

  /**
   * Sets the tiers of members that ended with time, and waits for those that are on their way. To be called once in a
   * while, such as each hour: what events change is set without it. docs/programmes.md §7.
   *
   * @throws ClientError.
   */
  async tellTiers(): Promise<void> {
    await this.#tiers.tellDue()
  }

  /** What became of an event; undefined where none with the id was taken. */
  async answerTo(id: string): Promise<EventAnswer | undefined> {
    const record = this.#store.event(id)
    if (record === undefined) return undefined
    return this.#answer(record, this.#store.states(id) ?? this.#begin(record))
  }

  /** An event that was taken, as it was evaluated: what was due, why, and the details of it. */
  recordOf(id: string): EventRecord | undefined {
    return this.#store.event(id)
  }

  /** The tier of a member at a time, and until when it lasts if nothing else happens; without one, empty and 0. */
  tierOf(member: string, timeMs: number): Tier {
    return tierAt(versionAt(this.versions, timeMs).programme, this.#store.countersOf(member), timeMs)
  }

  /**
   * What reversals may take back of a member's events of a type: by what they match, when that was, and how much of it
   * is left.
   */
  async originals(
    member: string,
    type: string,
  ): Promise<readonly { readonly match: string; readonly timeMs: number; readonly left: number }[]> {
    await this.#found.need([member])
    const found = await this.#store.countersBeginning(member, `was ${type} `)
    return found.map(([key, value]) => {
      const [whole, refunded, timeMs] = value as [number, number, number]
      return { match: key, timeMs, left: whole - refunded }
    })
  }

  /**
   * The details of a member, also of what earned nothing: what `checkChain` computes again. Cost: looks at all events
   * that were taken.
   */
  async *detailsOf(member: string): AsyncGenerator<string> {
    for await (const record of this.#store.events())
      if (record.member === member)
        yield* record.nothing === undefined ? record.rewards.map(({ text }) => text) : [record.nothing]
  }

  /**
   * The events of all members, for an auditor who checks that none is missing: their accounts, and their details, also
   * of what earned nothing. Holds the details of all of them while it is asked.
   *
   * @throws ClientError.
   */
  chains(): AsyncGenerator<MemberEvents> {
    return memberChains({ ...this.#options, store: this.#store })
  }

  /** The details of everything that was taken, for auditors: also of what earned nothing. */
  async *details(): AsyncGenerator<SaltedText & { readonly commitment: Uint8Array }> {
    for await (const record of this.#store.events()) {
      const states = this.#store.states(record.id) ?? []
      for (const [i, { rule, text, original }] of record.rewards.entries()) {
        const attempt = states[i]?.attempt ?? 0
        const name = { programme: this.#name, rule, event: record.id, isReversal: original !== undefined, attempt }
        const salt = this.#secret.salt(name)
        yield { salt, text, commitment: commitmentOf({ salt, text }) }
      }
    }
  }

  /** Deletes all that is kept of a member: events, counters. @returns how many events there were. */
  erase(member: string): Promise<number> {
    return this.#handOver.idle().then(() => this.#store.erase(member))
  }

  /** Waits until nothing is on its way, and lets go of the folder. */
  async close(): Promise<void> {
    await Promise.all([this.#handOver.idle(), this.#tiers.idle()])
    await this.#store.close()
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const group = this.#waiting.splice(0, GROUP_EVENTS)
        await this.#evaluateAll(group).catch((error: unknown) => {
          for (const { reject } of group) reject(error)
        })
      }
    } finally {
      this.#isRunning = false
    }
  }

  /** Evaluates some events and writes down what they are; then what is due of them goes on its way. */
  async #evaluateAll(group: readonly Asked[]): Promise<void> {
    const read = group.map(({ bytes }) => this.#read(bytes))
    await this.#found.need(read.flatMap(one => ('event' in one ? [one.event.member] : [])))
    const ahead = new CountersAhead(this.#store)
    const rows: RowChange[] = []
    const after: (() => void)[] = []
    const forgets = new Map<string, number>()
    group.forEach(({ resolve, reject }, i) => {
      const one = read[i]!
      if (!('event' in one)) {
        after.push(() => resolve(one))
        return
      }
      const { event, published } = one
      const found = this.#evaluate(published, ahead.of(event.member), event)
      if ('code' in found) {
        after.push(() => resolve(found))
        return
      }
      if (found.status === 'duplicate') {
        after.push(() => this.#duplicate(event).then(resolve, reject))
        return
      }
      if (found.status !== 'taken') {
        after.push(() => resolve(notTaken(event.id, found.status as 'late' | 'outside')))
        return
      }
      const record = recordOf(published, found)
      ahead.apply(event.member, found.changes)
      this.#store.addCounters(rows, event.member, found.changes)
      rows.push(this.#store.eventRow(record))
      if (found.n % FORGET_EVERY === 0) forgets.set(event.member, event.timeMs)
      if (record.rewards.length === 0) {
        after.push(() => resolve(this.#answer(record, [])))
        return
      }
      const states = this.#begin(record)
      const { place, row } = this.#store.enqueue(record.id)
      rows.push(row)
      // The time of a reversal is not the event's: what it was has to be known after a crash.
      if (record.rewards.some(({ original }) => original !== undefined))
        rows.push(...this.#store.stateRows(record.id, states))
      after.push(() => {
        this.#give(record, states, place)
          .then(answered => this.#answer(record, answered))
          .then(resolve, reject)
      })
    })
    rows.push(...ahead.everyoneRows())
    await this.#store.write(rows)
    for (const step of after) step()
    for (const [member, timeMs] of forgets) await this.#store.forget(member, timeMs)
  }

  /** The event of some bytes with the version that it belongs to, or the answer that it is none. */
  #read(bytes: Uint8Array | string): { event: ProgrammeEvent; published: PublishedProgramme } | EventAnswer {
    const { versions, nowMs, aheadMs = 600_000, reachMs } = this.#options
    let id = ''
    try {
      const glance = glanceAtEvent(bytes)
      id = glance.id
      const published = versionAt(versions, glance.timeMs)
      const event = parseEvent(published.programme, bytes)
      const now = nowMs?.()
      if (now !== undefined && event.timeMs > now + aheadMs)
        return notTaken(event.id, 'invalid', {
          code: 'event-ahead',
          message: `/time: the event is of ${new Date(event.timeMs).toISOString()}, which is still to come`,
          retryable: true,
        })
      if (now !== undefined && reachMs !== undefined && event.timeMs < now - reachMs) return notTaken(event.id, 'late')
      return { event, published }
    } catch (error) {
      return invalid(error, id)
    }
  }

  #evaluate({ programme }: PublishedProgramme, counters: Counters, event: ProgrammeEvent): Evaluation | EventAnswer {
    try {
      return evaluate(programme, counters, event)
    } catch (error) {
      return invalid(error, event.id)
    }
  }

  /** An event that came before: what was refused of it, or is on its way, is seen to. */
  async #duplicate({ id, data }: ProgrammeEvent): Promise<EventAnswer> {
    const record = this.#store.event(id)
    if (record === undefined) return { ...notTaken(id, 'invalid'), status: 'duplicate' }
    const answer = await this.#again(record)
    const before = canonicalText(dataOf(record))
    const differs =
      canonicalText(data) === before
        ? {}
        : { code: 'event-differs', message: `/data: the event with this id was ${before.slice(0, 200)}` }
    if (answer.status === 'refused') return { ...answer, ...differs, isRepeated: true }
    return { ...answer, ...differs, status: 'duplicate', was: answer.status }
  }

  async #again(record: EventRecord): Promise<EventAnswer> {
    const { id } = record
    const underway = this.#handOver.underway(id)
    if (underway !== undefined) return this.#answer(record, await underway)
    const states = this.#store.states(id) ?? this.#begin(record)
    if (!states.some(state => state.outcome === '' || isRetryable(state))) return this.#answer(record, states)
    const next = this.#handOver.again(record, states, isRetryable)
    const { place, row } = this.#store.enqueue(id)
    await this.#store.write([row, ...this.#store.stateRows(id, next)])
    return this.#answer(record, await this.#give(record, next, place))
  }

  #begin(record: EventRecord): readonly RewardState[] {
    return this.#handOver.begin(record, this.#reversalMs(record))
  }

  #reversalMs(record: EventRecord): number {
    const { reversalMs, nowMs } = this.#options
    return reversalMs?.(record) ?? nowMs?.() ?? record.timeMs
  }

  async #give(record: EventRecord, states: readonly RewardState[], place: string): Promise<readonly RewardState[]> {
    const answered = await this.#handOver.give(record, states, place)
    this.#options.onHanded?.(record, answered)
    return answered
  }

  async #answer(record: EventRecord, states: readonly RewardState[]): Promise<EventAnswer> {
    const { programme } = versionAt(this.versions, record.timeMs)
    const answer = answerTo(record, states, programme.unit)
    const { issuer } = this.#options
    if (record.nothing === undefined || typeof issuer === 'function') return answer
    return { ...answer, answer: await this.#sign(record, issuer) }
  }

  async #sign({ member, nothing }: EventRecord, issuer: SigningKey): Promise<SignedAnswer> {
    const { ledgerId } = await this.#options.client.identity()
    const signature = signEd25519(issuer.seed, answerMessage(ledgerId, member, nothing!))
    const record = 'record' in issuer.holder ? issuer.holder.record : 0
    return { text: nothing!, record, signature: toBase64(signature) }
  }
}

function invalid(error: unknown, id: string): EventAnswer {
  if (!(error instanceof CodedError)) throw error
  return notTaken(id, 'invalid', { code: error.code, message: error.message })
}
