import type { TransactionOf } from '../../src/core/entry/transaction.ts'
import { FormatError, VerifyError } from '../../src/core/failure.ts'
import { JournalError } from '../../src/journal/index.ts'
import { BusyError, FatalError, HeldError, RefusedError } from '../../src/log/index.ts'
import { StoreError } from '../../src/store/index.ts'
import { type BatchAnswer, decodeAnswer } from '../../src/verify/batch-answer.ts'
import { verifyAnswer } from '../../src/verify/verify-answer.ts'
import { Random } from './random.ts'
import { SimProcess } from './time.ts'
import { type Call, Workload } from './workload.ts'
import type { World } from './world.ts'

/** How long a caller waits for an answer before he sends the same bytes again. */
const PATIENCE_MS = 4000

/** Members, shops and issuers: each sends a batch until it is answered, and checks the answer as a client does. */
export class Callers {
  readonly #world: World
  readonly #workload: Workload
  readonly #process = new SimProcess('callers')
  readonly #calls: Call[] = []
  /** Calls without an answer yet. */
  underWay = 0
  refused = 0

  constructor(world: World) {
    this.#world = world
    this.#workload = new Workload(world.oracle.naive, () => world.oracle.ledgerId)
  }

  /** Founds the ledger: resolves when it is there. */
  async found(): Promise<void> {
    const { trueMs, random, trace } = this.#world
    for (const call of this.#workload.beginning(trueMs, random)) await this.#send(call)
    if (this.refused > 0) trace.broken('live', 'what founds the ledger is refused')
  }

  call(seed: number, count: number): void {
    this.#begin(random => this.#workload.call(this.#world.trueMs(), random, count), seed)
  }

  again(seed: number): void {
    if (this.#calls.length === 0) return
    this.#begin(random => this.#workload.again(random.pick(this.#calls), this.#world.trueMs(), random), seed)
  }

  forge(seed: number): void {
    this.#begin(random => this.#workload.forge(this.#world.trueMs(), random), seed)
  }

  #begin(make: (random: Random) => Call, seed: number): void {
    const random = new Random(seed)
    void this.#send(make(random))
  }

  async #send(call: Call): Promise<void> {
    const { time, random, trace } = this.#world
    this.#calls.push(call)
    const n = this.#calls.length
    this.underWay++
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#once(call)
      if (answer === 'refused' || (answer instanceof Error && this.#isFinal(answer))) {
        this.refused++
        trace.note(`call ${n} is refused`)
        break
      }
      if (!(answer instanceof Error)) {
        trace.note(`call ${n} is answered: ${answer.statuses.join()} of ${answer.size}`)
        this.#check(call, answer)
        break
      }
      await time.after(random.between(100, 1000 * Math.min(4, 1 + attempt)), null)
    }
    this.underWay--
  }

  /** One try: the answer, or why there is none. */
  async #once(call: Call): Promise<BatchAnswer | 'refused' | Error> {
    const { network, ledger, time } = this.#world
    const asked = network.ask(
      this.#process,
      () => ledger.process,
      () => ledger.submit(call.bytes),
    )
    const late = time.after(PATIENCE_MS, null).then(() => new Error('no answer'))
    try {
      const answered = await Promise.race([asked, late])
      return answered instanceof Error ? answered : decodeAnswer(answered)
    } catch (error) {
      return error instanceof RefusedError ? 'refused' : (error as Error)
    }
  }

  /** Whether an error says that there is no use in another try. One that should not be is told. */
  #isFinal(error: Error): boolean {
    if (error instanceof FormatError) return true
    const isForNow =
      error instanceof HeldError ||
      error instanceof BusyError ||
      error instanceof FatalError ||
      error instanceof StoreError ||
      error instanceof JournalError ||
      /^(no answer|connection refused)/.test(error.message)
    if (!isForNow) this.#world.trace.broken('no assertion', `a caller is told: ${error.stack}`, error)
    return false
  }

  #check(call: Call, answer: BatchAnswer): void {
    const { oracle, trueMs, logKey, trace } = this.#world
    const genesis = oracle.naive.records[0]!.tx as TransactionOf<'genesis'>
    const ledgerId = oracle.ledgerId!
    const rest = { origin: logKey.name, ledgerIds: [ledgerId], origins: [logKey.name], from: 1 }
    const identity = { ledgerId, genesis, logs: [logKey], ...rest }
    try {
      verifyAnswer(answer, { identity, transactions: call.list, groups: call.groups, nowMs: trueMs() })
    } catch (error) {
      if (!(error instanceof VerifyError) && !(error instanceof FormatError)) throw error
      trace.broken('answer', `a client does not believe its answer: ${error.message}`, error)
    }
    oracle.answered(call, answer)
  }
}
