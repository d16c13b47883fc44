import { makeEntry, type ProvenAnswer, type SigningKey } from '../client/index.ts'
import { fromHex, toHex } from '../core/bytes.ts'
import { commitmentOf } from '../core/entry/details.ts'
import { ACCEPTED, OUTCOMES } from '../core/entry/outcome.ts'
import { assert, check } from '../core/failure.ts'
import type { RewardSecret } from '../programmes/index.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'
import type { EventRecord, RewardRecord, RewardState } from './event-record.ts'
import type { DetailsSink, MemberAccounts } from './issuing-options.ts'
import type { IssuingStore } from './issuing-store.ts'
import type { UnitPlace } from './published.ts'
import type { Accepted, TierTeller } from './tier-teller.ts'

/** Transactions of a batch, at most. */
const BATCH_TRANSACTIONS = 1000
/** Batches on their way at once: enough that the ledger is never without work. */
const BATCHES_UNDERWAY = 4
/** How often a refusal that stands on the ledger from before is tried under the next id, in one go. */
const ATTEMPTS_AT_ONCE = 64

export interface HandOverOptions {
  readonly store: IssuingStore
  readonly secret: RewardSecret
  /** Name of the programme. */
  readonly name: string
  readonly accounts: MemberAccounts
  /** Places of units by their names. */
  placeOf(unit: string, record: EventRecord): UnitPlace
  /** Record of the rule with a digest. */
  ruleOf(digest: string): number
  /** The key that signs issues of events of that time and later. */
  keyReaching(timeMs: number): Promise<SigningKey>
  submit(entries: readonly Uint8Array[], key: SigningKey): Promise<ProvenAnswer>
  readonly details?: DetailsSink
  /** Time of the id of a reversal. */
  reversalMs(record: EventRecord): number
}

/** What is told of what the ledger took, and holds back what else is sent of a member: `TierTeller`. */
export type TierGate = Pick<TierTeller, 'count' | 'isBusy' | 'idle' | 'wake'>

/** An event whose rewards are on their way. */
interface EventJob {
  readonly record: EventRecord
  readonly place: string
  states: readonly RewardState[]
  readonly done: Promise<readonly RewardState[]>
  resolve(states: readonly RewardState[]): void
  reject(error: unknown): void
}

/** A reward in a batch. */
interface Sent {
  readonly job: EventJob
  /** Which of its rewards. */
  readonly i: number
  readonly entry: Uint8Array
}

/**
 * Hands rewards over to the ledger, in batches that the issuer's key signs, and writes down what became of each. What
 * is on its way stands in the store until then, so that after a crash the very same is handed over again.
 */
export class HandOver {
  readonly #options: HandOverOptions
  readonly #jobs = new Map<string, EventJob>()
  #queue: EventJob[] = []
  readonly #underway = new Set<Promise<void>>()
  readonly #tiers: TierGate
  /** Of members, the events that the ledger has not answered for. */
  readonly #open = new Map<string, Set<string>>()
  #isRunning = false

  constructor(options: HandOverOptions, tiers: TierGate) {
    this.#options = options
    this.#tiers = tiers
  }

  /** Whether a member has rewards that the ledger has not answered for. */
  isOpen(member: string): boolean {
    return this.#open.has(member)
  }

  /** What is on its way of an event; undefined where nothing is. */
  underway(id: string): Promise<readonly RewardState[]> | undefined {
    return this.#jobs.get(id)?.done
  }

  /** The states that rewards begin with. */
  begin({ rewards, timeMs, id }: EventRecord, reversalMs: number): readonly RewardState[] {
    return rewards.map(reward => this.#state(reward, id, reward.original === undefined ? timeMs : reversalMs, 0))
  }

  #state(reward: RewardRecord, event: string, timeMs: number, attempt: number): RewardState {
    return {
      attempt,
      timeMs,
      id: toHex(this.#options.secret.id(timeMs, this.#name(reward, event, attempt))),
      outcome: '',
    }
  }

  #name({ rule, original }: RewardRecord, event: string, attempt: number) {
    return { programme: this.#options.name, rule, event, isReversal: original !== undefined, attempt }
  }

  /**
   * Hands over what of an event is not answered for. It stands in the store, at that place of the queue.
   *
   * @returns what became of all its rewards. @throws ClientError where the ledger does not answer: then it is handed
   * over again when this is called again.
   */
  give(record: EventRecord, states: readonly RewardState[], place: string): Promise<readonly RewardState[]> {
    const known = this.#jobs.get(record.id)
    if (known !== undefined) return known.done
    let resolve: EventJob['resolve'] = () => {}
    let reject: EventJob['reject'] = () => {}
    const done = new Promise<readonly RewardState[]>((yes, no) => {
      resolve = yes
      reject = no
    })
    // Those who ask hear of it; nobody has to.
    done.catch(() => {})
    const job: EventJob = { record, place, states, done, resolve, reject }
    this.#jobs.set(record.id, job)
    const open = this.#open.get(record.member)
    if (open === undefined) this.#open.set(record.member, new Set([record.id]))
    else open.add(record.id)
    this.#queue.push(job)
    if (!this.#isRunning) {
      this.#isRunning = true
      queueMicrotask(() => void this.#run())
    }
    return done
  }

  /** The states of rewards that were refused, as they are tried again. */
  again(record: EventRecord, states: readonly RewardState[], isRetried: (state: RewardState) => boolean) {
    return states.map((state, i) => {
      if (!isRetried(state)) return state
      const reward = record.rewards[i]!
      const timeMs = reward.original === undefined ? record.timeMs : this.#options.reversalMs(record)
      return this.#state(reward, record.id, timeMs, state.attempt + 1)
    })
  }

  /** Resolves when nothing is on its way. */
  async idle(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.allSettled([...this.#jobs.values()].map(({ done }) => done))
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const jobs = this.#next()
        await this.#originals(jobs)
        while (this.#underway.size >= BATCHES_UNDERWAY) await Promise.race(this.#underway)
        while (jobs.some(({ record }) => this.#tiers.isBusy(record.member))) await this.#tiers.idle()
        const sent: Promise<void> = this.#hand(jobs).finally(() => this.#underway.delete(sent))
        this.#underway.add(sent)
      }
    } finally {
      this.#isRunning = false
    }
  }

  /** Jobs of one batch. */
  #next(): EventJob[] {
    let [count, end] = [0, 0]
    for (; end < this.#queue.length; end++) {
      count += this.#queue[end]!.record.rewards.length
      if (count > BATCH_TRANSACTIONS && end > 0) break
    }
    return this.#queue.splice(0, end)
  }

  /** Waits for the answer to what is reversed: batches under way at once are taken in any order. */
  async #originals(jobs: readonly EventJob[]): Promise<void> {
    const here = new Set(jobs.map(({ record }) => record.id))
    const waited = new Set<Promise<unknown>>()
    for (const { record } of jobs)
      for (const { original } of record.rewards)
        if (original !== undefined && !here.has(original)) {
          const job = this.#jobs.get(original)
          if (job !== undefined) waited.add(job.done)
        }
    await Promise.allSettled(waited)
  }

  async #hand(jobs: readonly EventJob[]): Promise<void> {
    try {
      let left = jobs
      for (let round = 0; left.length > 0; round++) {
        check(
          round < ATTEMPTS_AT_ONCE,
          'attempts',
          `a reward was refused ${ATTEMPTS_AT_ONCE} times before: send it again`,
        )
        left = await this.#send(left)
      }
    } catch (error) {
      for (const job of jobs) if (this.#jobs.delete(job.record.id)) job.reject(error)
    }
  }

  /** Sends what is open of some jobs. Returns those of which something is to be sent again under another id. */
  async #send(jobs: readonly EventJob[]): Promise<EventJob[]> {
    const { store, details } = this.#options
    const oldest = Math.min(...jobs.map(({ record }) => record.timeMs))
    const key = await this.#options.keyReaching(oldest)
    const accounts = await this.#accounts(jobs)
    const sent: Sent[] = []
    for (const job of jobs)
      job.record.rewards.forEach((_, i) => {
        if (job.states[i]!.outcome === '') sent.push({ job, i, entry: this.#entry(job, i, accounts) })
      })
    await details?.flush()
    const entries = sent.map(({ entry }) => entry)
    const accepted = sent.length === 0 ? [] : this.#read(sent, await this.#options.submit(entries, key))
    const counted = this.#tiers.count(accepted)
    const again = jobs.filter(({ states }) => states.some(({ outcome }) => outcome === ''))
    const ended = again.length === 0 ? jobs : jobs.filter(job => !again.includes(job))
    // What of it is lost in a crash is handed over again, and answered in the same way.
    await store.write(
      [
        ...counted.rows,
        ...ended.flatMap(({ record, states, place }) => [...store.stateRows(record.id, states), store.dequeue(place)]),
        ...again.flatMap(({ record, states }) => store.stateRows(record.id, states)),
      ],
      { sync: false },
    )
    for (const { record, states, resolve } of ended) {
      this.#jobs.delete(record.id)
      this.#close(record)
      resolve(states)
    }
    counted.done()
    return again
  }

  #close({ id, member }: EventRecord): void {
    const open = this.#open.get(member)
    open?.delete(id)
    if (open?.size === 0) this.#open.delete(member)
  }

  async #accounts(jobs: readonly EventJob[]): Promise<Map<string, number>> {
    const times = new Map<number, Map<string, number>>()
    for (const { record } of jobs)
      for (const { unit: name } of record.rewards) {
        const { unit } = this.#options.placeOf(name, record)
        const wanted = times.get(unit) ?? new Map<string, number>()
        times.set(unit, wanted)
        wanted.set(record.member, Math.min(record.timeMs, wanted.get(record.member) ?? record.timeMs))
      }
    const found = new Map<string, number>()
    for (const [unit, wanted] of times)
      for (const [name, account] of await this.#options.accounts.open(wanted, unit))
        found.set(`${unit} ${name}`, account)
    return found
  }

  #entry({ record, states }: EventJob, i: number, accounts: ReadonlyMap<string, number>): Uint8Array {
    const { secret, details } = this.#options
    const reward = record.rewards[i]!
    const { unit, budget } = this.#options.placeOf(reward.unit, record)
    const account = accounts.get(`${unit} ${record.member}`)
    assert(account !== undefined, 'a member has an account')
    const state = states[i]!
    const behind = { salt: secret.salt(this.#name(reward, record.id, state.attempt)), text: reward.text }
    const commitment = commitmentOf(behind)
    details?.add(account, commitment, behind)
    const common = { id: fromHex(state.id), amount: reward.due, details: commitment }
    if (reward.original !== undefined)
      return makeEntry('reverse', {
        ...common,
        debit: account,
        credit: budget,
        original: fromHex(this.#originalId(reward)),
      })
    const cites = reward.cites === undefined ? {} : { cites: fromHex(reward.cites) }
    const { matures, expires } = reward
    const rule = this.#options.ruleOf(record.programme)
    return makeEntry('issue', { ...common, ...cites, debit: budget, credit: account, matures, expires, rule })
  }

  /** The id under which a reward was given that is taken back. */
  #originalId({ original, rule }: RewardRecord): string {
    const { store } = this.#options
    const record = this.#jobs.get(original!)?.record ?? store.event(original!)
    const states = this.#jobs.get(original!)?.states ?? store.states(original!)
    const i = record?.rewards.findIndex(one => one.rule === rule && one.original === undefined) ?? -1
    if (record !== undefined && states?.[i] !== undefined) return states[i].id
    const [reward, timeMs] = [{ rule } as RewardRecord, record?.timeMs ?? 0]
    return toHex(this.#options.secret.id(timeMs, this.#name(reward, original!, 0)))
  }

  /** What the ledger answered to each. Returns what it took. */
  #read(sent: readonly Sent[], answer: ProvenAnswer): Accepted[] {
    const before = new Set(answer.existed.map(([position]) => position))
    const indexes = logIndexesOf(answer)
    const accepted: Accepted[] = []
    sent.forEach(({ job, i }, position) => {
      const status = answer.statuses[position]!
      const outcome = OUTCOMES[status] ?? String(status)
      const states = [...job.states]
      states[i] = { ...states[i]!, outcome, index: indexes[position]! }
      job.states = states
      if (status === ACCEPTED) accepted.push({ record: job.record, reward: job.record.rewards[i]! })
      // It was refused in an earlier life of this service, and is wanted now.
      if (status !== ACCEPTED && before.has(position)) {
        const only = states[i]
        job.states = this.again(job.record, states, state => state === only)
      }
    })
    return accepted
  }
}
