import { ROLES } from '../../src/core/entry/transaction.ts'
import { LocalJournal } from '../../src/journal/index.ts'
import { BusyError, GuardedClock, type HeldError, type Place, TallyLog } from '../../src/log/index.ts'
import type { Store } from '../../src/store/index.ts'
import { encodeAnswer } from '../../src/verify/batch-answer.ts'
import { keyNumber } from '../world.ts'
import { entriesOf, SimDisk, watched } from './disk.ts'
import { SimJournal, SimOrder } from './journal.ts'
import { SimProcess } from './time.ts'
import type { World } from './world.ts'

/** The log's key, and the operator's: those of `test/ledger/beginning.ts`. */
export const LOG_KEY = keyNumber(90)
const OPERATOR_KEY = keyNumber(30 + ROLES.operator)
export const ORIGIN = 'model'
export const SALT_SECRET = new Uint8Array(32).fill(9)

/** The machine of the ledger: its disk, its clock, and the process that runs on it, if one does. */
export class LedgerNode {
  readonly disk: SimDisk
  readonly order = new SimOrder()
  process: SimProcess | undefined
  log: TallyLog | undefined
  /** Why it has stopped, or could not be opened. */
  failure: unknown
  /** How far its wall clock is from the truth, and how much it gains. */
  clockOffMs = 0
  clockGain = 0
  /** Whether a person says that the clock is right. */
  isClockConfirmed = false
  /** Whether it runs on an older copy of its disk, behind the state that others have seen. */
  isOldCopy = false
  /** Since when it takes nothing, and why. */
  held: HeldError | undefined
  readonly #world: World
  #gainedSinceMs = 0

  constructor(world: World) {
    this.#world = world
    this.disk = new SimDisk(world, write => world.trace.note(`ledger writes ${write}`))
  }

  /** What the clock on its wall shows. */
  get wallMs(): number {
    const { time, trueMs } = this.#world
    return trueMs() + this.clockOffMs + this.clockGain * (time.nowMs - this.#gainedSinceMs)
  }

  /** Sets the clock right, or wrong by so much: what anybody said of it before is of another time. */
  setClock(offMs: number, gain: number): void {
    this.isClockConfirmed = false
    this.clockOffMs = offMs
    this.clockGain = gain
    this.#gainedSinceMs = this.#world.time.nowMs
  }

  /** Begins a process; what becomes of it shows later. */
  start(): void {
    const process = new SimProcess('ledger')
    this.process = process
    this.log = undefined
    this.failure = undefined
    this.held = undefined
    this.#world.trace.note('ledger starts')
    process.run(() => this.#open(process)).catch(error => this.#failed(process, error))
  }

  /** Ends the process, or the power of its machine. */
  kill(how: 'kill' | 'power'): void {
    if (this.process === undefined) return
    this.#world.trace.note(`ledger ends: ${how}`)
    this.process.isDead = true
    this.process = undefined
    this.log = undefined
    this.order.onPlaced = () => {}
    this.disk.crash(how)
    if (!this.isOldCopy) this.#world.oracle.opened(this.disk.entries())
  }

  /** Ends it as an operator does, who waits for it; not for ever. */
  async stop(): Promise<void> {
    const { log, process } = this
    if (log === undefined || process === undefined) return
    this.#world.trace.note('ledger is stopped')
    await process.run(() => log.close()).catch(error => this.#world.unexpected('ledger closes', error, this))
    if (this.process === process) this.kill('kill')
  }

  /** What its server answers to a batch, in bytes. */
  async submit(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.log === undefined) throw new BusyError('busy', 'The ledger is starting.')
    return encodeAnswer(await this.log.submitBytes(bytes))
  }

  async #open(process: SimProcess): Promise<void> {
    const world = this.#world
    const { setting, random, time } = world
    const store = await this.disk.open(process)
    const clock = new GuardedClock({
      wallMs: () => Math.floor(this.wallMs),
      steadyMs: () => time.nowMs,
      isQuorum: names => names.length >= setting.quorum,
    })
    const journal = (next: number) =>
      setting.isOrderKept ? new SimJournal(this.order, time, random, process) : new LocalJournal(next)
    const log = await TallyLog.open({
      store: this.#watched(store, process),
      clock,
      journal,
      origin: ORIGIN,
      logSeed: LOG_KEY.seed,
      saltSecret: SALT_SECRET,
      operatorSeed: OPERATOR_KEY.seed,
      periodMs: setting.periodMs,
      heartbeatMs: 20 * setting.periodMs,
      snapshotEntries: setting.snapshotEntries,
      runBits: setting.runBits,
      witnesses: world.witnesses.map(witness => witness.portFor(process, world.network)),
      isQuorum: names => names.length >= setting.quorum,
      places: this.#places(process),
      startPauseMs: 1000,
      random: count => random.bytes(count),
      isClockConfirmed: async () => {
        const isConfirmed = this.isClockConfirmed
        this.isClockConfirmed = false
        return isConfirmed
      },
      onHeld: held => {
        this.held = held
        world.trace.note(`ledger holds: ${held?.code ?? 'nothing'}`)
      },
      onWitnessTrouble: (name, what) => world.trace.note(`${name}: ${what}`),
      onNotice: what => world.noticed('ledger', what, this),
      onFailure: error => this.#failed(process, error),
    })
    if (process.isDead) return
    world.trace.note(`ledger is open with ${log.size} entries`)
    this.log = log
  }

  /** The store, each append and each checkpoint of which is shown to the oracle once it is durable. */
  #watched(store: Store, process: SimProcess): Store {
    const { oracle, trace } = this.#world
    if (!this.isOldCopy && store.size !== oracle.size)
      trace.broken('lost', `the ledger opens its store with ${store.size} entries of ${oracle.size}`)
    return watched(store, (pieces, size) => {
      if (process.isDead) return
      if (this.isOldCopy) trace.broken('old copy', 'a copy that others have seen more of wrote entries')
      else oracle.append(pieces[0]!.firstIndex, entriesOf(pieces))
      trace.note(`ledger has ${size} entries`)
    })
  }

  #places(process: SimProcess): Place[] {
    const { network, follower } = this.#world
    if (follower === undefined) return []
    const shown = () => follower.log?.publisher.published?.checkpoint
    const checkpoint = () => network.ask(process, () => follower.process, shown)
    return [{ name: 'follower', isNeeded: false, checkpoint }]
  }

  #failed(process: SimProcess, error: unknown): void {
    if (process.isDead || this.failure !== undefined) return
    this.failure = error
    this.#world.unexpected('ledger', error, this)
  }
}
