import type { Submission } from '../../ledger/index.ts'
import type { Positions } from '../../lookup/postings/positions.ts'
import type { Turns } from '../../node/turns.ts'
import { StoreError } from '../../store/index.ts'
import type { BatchAnswer } from '../../verify/batch-answer.ts'
import { FatalError } from '../failure.ts'
import { Room } from '../intake/admission.ts'
import { PreparedOne } from '../intake/prepare.ts'
import { Queue, type Waiting } from '../intake/queue.ts'
import { Acknowledger } from './acknowledge.ts'
import { Applier, type ApplierParts, type Group, type SealRequest } from './applier.ts'

/** A group is closed when its batches took this long: what waits behind it goes into the next. */
const GROUP_MS = 4

/** Anyone else who has something to do in this thread waits for no more than this and one batch. */
const TURN_MS = 1

/**
 * In a flood, which is where so many light ones are on their way here, a group stays open until it has as many: fewer
 * syncs.
 */
const FLOOD = 384
/** But no longer than this, twice what so many take: those that it waits for may be with a thread that is stuck. */
const FILL_MS = 20

export interface SequencerParts extends ApplierParts {
  readonly positions: Positions
  /** Of those who make rows beside the log, who have none while a seal is hashed. */
  readonly turns: Turns
  /** Is told why the log stopped, when a group failed: anyone who runs it has to start it again. */
  readonly onFailure: (error: FatalError) => void
}

/**
 * The one place where the log grows. Batches queue up; what waits is taken as a group, applied one after another,
 * written in one synced write, promised with one signature, and only then acknowledged. A seal is a group of its own.
 * While a group is being written the next is applied: the ledger does not wait for the disk.
 */
export class Sequencer {
  readonly #parts: SequencerParts
  readonly #acknowledger: Acknowledger
  readonly #applier: Applier
  /** Is called when a batch comes or a write is done. */
  #onChange: () => void = () => {}
  readonly #queue = new Queue()
  readonly #room = new Room()
  /** Light ones for which room was reserved and that are not here yet. */
  #coming = 0
  #sealRequests: SealRequest[] = []
  #running: Promise<void> | undefined
  #stopped: FatalError | undefined
  /** Who waits until the log is durable up to a size. */
  #undurable: { readonly size: number; readonly resolve: () => void; readonly reject: (error: FatalError) => void }[] =
    []
  /** How long others have been waiting for their turn because of what is done here, about. */
  #sinceTurnMs = 0
  /** The group that is being written, and when that is done, well or not. */
  #writing: { readonly group: Group; readonly done: Promise<void> } | undefined

  constructor(parts: SequencerParts, unsealed: number) {
    this.#parts = parts
    this.#acknowledger = new Acknowledger(parts)
    this.#applier = new Applier(parts, unsealed)
  }

  /** How many entries stand behind the last seal. */
  get unsealed(): number {
    return this.#applier.unsealed
  }

  /**
   * How many entries the log had behind the last seal, which may not be durable yet: the state is sealed as of then.
   */
  get sealedSize(): number {
    return this.#applier.sealedSize
  }

  /** Why the log does not grow any more, if it does not. */
  get stopped(): FatalError | undefined {
    return this.#stopped
  }

  /**
   * Takes a batch into the log, behind those that were given here before; resolves when it is durable.
   *
   * @throws RefusedError when the batch is refused whole (SPEC §7); BusyError when too much waits; HeldError while
   * nothing is taken; FatalError when the log has stopped.
   */
  submit(batch: Submission): Promise<BatchAnswer> {
    return new Promise((resolve, reject) => {
      const room = batch.transactions.count
      const waiting = { prepared: new PreparedOne(batch), place: 0, room, isLight: false, resolve, reject }
      this.reserve(waiting)
      this.enqueue(waiting)
    })
  }

  /**
   * Reserves room for a batch on its way here: `enqueue` follows, or `release`. @throws BusyError; HeldError;
   * FatalError.
   */
  reserve({ room, isLight }: Pick<Waiting, 'room' | 'isLight'>): void {
    if (this.#stopped !== undefined) throw this.#stopped
    const held = this.#parts.holds.intake
    if (held !== undefined) throw held
    this.#room.take(room)
    if (isLight) this.#coming++
  }

  /** Gives up what was reserved for a batch that does not come. */
  release({ room, isLight }: Pick<Waiting, 'room' | 'isLight'>): void {
    this.#room.give(room)
    if (isLight) this.#coming--
    this.#onChange()
  }

  /** Transactions that are on their way to an answer. */
  get waiting(): number {
    return this.#room.taken
  }

  /** Queues a batch for which there is room, as `submit` does. */
  enqueue(waiting: Waiting): void {
    if (waiting.isLight) this.#coming--
    this.#queue.push(waiting)
    this.#onChange()
    this.#wake()
  }

  /** Closes the epoch behind what has been applied; resolves with the log size behind the seal when that is durable. */
  seal(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#sealRequests.push({ resolve, reject })
      this.#wake()
    })
  }

  /**
   * Resolves when the state as it is now is durable: anyone who read of it may be told then.
   *
   * @throws FatalError when the log has stopped before that.
   */
  durable(): Promise<void> {
    const { ledger, store } = this.#parts
    const { size } = ledger
    if (store.size >= size) return Promise.resolve()
    if (this.#stopped !== undefined) return Promise.reject(this.#stopped)
    return new Promise((resolve, reject) => this.#undurable.push({ size, resolve, reject }))
  }

  /** Tells those who wait for what is durable now; all of them where the log has stopped. */
  #tellDurable(): void {
    const { store } = this.#parts
    const waiting = this.#undurable
    if (waiting.length === 0) return
    this.#undurable = waiting.filter(({ size }) => size > store.size)
    for (const { size, resolve } of waiting) if (size <= store.size) resolve()
    if (this.#stopped !== undefined) for (const { reject } of this.#undurable.splice(0)) reject(this.#stopped)
  }

  /** Resolves when all that was submitted so far is answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#writing !== undefined) await (this.#running ?? this.#writing?.done)
  }

  /** Stops the log for good, with the reason that every later call is given. */
  stop(error: FatalError): void {
    this.#stopped ??= error
    this.#tellDurable()
    this.#wake()
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      if (this.#queue.length + this.#sealRequests.length > 0) this.#wake()
    })
  }

  async #run(): Promise<void> {
    // One turn of the event loop later, so that submissions that arrive together share a write.
    await this.#turn()
    while (this.#queue.length + this.#sealRequests.length > 0) {
      if (this.#stopped !== undefined) break
      // Most of a seal's work is done ahead, so that nobody waits longer than for a slice of it, and batches are
      // applied between, so that a log that is never idle is sealed on time all the same.
      const isToSeal = this.#sealRequests.length > 0 && (await this.#hashAhead())
      if (this.#sealRequests.length > 0 && !isToSeal && this.#queue.length === 0) continue
      const group: Group = {
        members: [],
        taken: [],
        refused: [],
        seals: isToSeal ? this.#sealRequests.splice(0) : [],
        pieces: [],
        head: undefined,
        time: 0,
      }
      try {
        await (isToSeal ? this.#seal(group) : this.#apply(group))
      } catch (error) {
        this.#fail(error, group)
        break
      }
      await this.#writing?.done
      if (this.#stopped !== undefined) {
        // It stands behind a group of which nobody knows whether it is durable.
        this.#reject(group, this.#stopped)
        break
      }
      // Nobody waits for it here: what arrives meanwhile is the next group.
      const writing = { group, done: this.#write(group) }
      this.#writing = writing
      void writing.done.then(() => {
        if (this.#writing === writing) this.#writing = undefined
        this.#onChange()
      })
    }
    if (this.#stopped !== undefined) this.#rejectAll(this.#stopped)
  }

  /**
   * Hashes for the next seal about as long as a group may take, a slice at a time, and to the end when little is left,
   * so that nothing changes any more; returns whether that is reached. Runs and snapshots can wait that long: one of
   * their pieces beside each slice would double the time to the seal.
   */
  async #hashAhead(): Promise<boolean> {
    const { ledger, turns } = this.#parts
    turns.hold()
    try {
      for (let spentMs = 0, left = 'more'; left === 'still' || spentMs < GROUP_MS; ) {
        const begin = performance.now()
        left = ledger.hashAhead()
        if (left === 'nothing') return true
        spentMs += performance.now() - begin
        await this.#turn()
      }
      return false
    } finally {
      turns.release()
    }
  }

  /**
   * Closes a group that is a seal and nothing else. From here to its checkpoint there are no statements, so it is made
   * when it can be written at once.
   */
  async #seal(group: Group): Promise<void> {
    await this.#writing?.done
    this.#applier.seal()
    this.#applier.close(group)
  }

  #rejectAll(error: FatalError): void {
    while (this.#queue.length > 0) {
      const { room, reject } = this.#queue.take()
      this.#room.give(room)
      reject(error)
    }
    for (const { reject } of this.#sealRequests.splice(0)) reject(error)
  }

  #reject(group: Group, error: FatalError): void {
    this.#releaseAll(group)
    for (const { reject } of [...group.members, ...group.seals]) reject(error)
  }

  /** Gives up the room of a group's batches, which are answered now. */
  #releaseAll({ members }: Group): void {
    for (const { room } of members) this.#room.give(room)
  }

  /** Stops the log, as what a group made of it is not known. */
  #fail(error: unknown, group: Group): void {
    const isFirst = this.#stopped === undefined
    this.#stopped ??= new FatalError(
      'ledger-stopped',
      'The ledger has stopped, as it cannot tell what of its last write is durable. Start it again: it reads its ' +
        'log back first.',
      { cause: error },
    )
    this.#reject(group, this.#stopped)
    this.#tellDurable()
    if (isFirst) this.#parts.onFailure(this.#stopped)
  }

  /**
   * Tells anyone who sent a batch that is durable that its answer cannot be read back. @throws what is no fault of the
   * disk.
   */
  #failAnswer(error: unknown, { reject }: Pick<Waiting, 'reject'>): void {
    if (!(error instanceof StoreError)) throw error
    reject(error)
  }

  /**
   * Applies what waits, for as long as a group may take, and closes the group. Nothing of it is on disk and nobody is
   * told anything, not even anyone who is refused: a crash loses the group whole.
   */
  async #apply(group: Group): Promise<void> {
    let spentMs = 0
    // Anyone who pays at a counter waits for nothing that can be written just as well in the next group.
    let hasLight = false
    const fillUntil = performance.now() + FILL_MS
    const isFilling = () => this.#coming >= FLOOD && group.members.length < FLOOD && performance.now() < fillUntil
    const isToGo = () => hasLight && !this.#queue.isUrgent && this.#writing === undefined && !isFilling()
    for (;;) {
      let begin = performance.now()
      while (this.#queue.length > 0 && spentMs < GROUP_MS && !isToGo()) {
        if (this.#sinceTurnMs >= TURN_MS) {
          await this.#turn()
          begin = performance.now()
        }
        const waiting = this.#queue.take()
        group.members.push(waiting)
        const looking = this.#applier.apply(waiting, group, this.#writing?.group.pieces)
        if (looking !== undefined) await looking
        hasLight ||= waiting.isLight
        const now = performance.now()
        spentMs += now - begin
        this.#sinceTurnMs += now - begin
        begin = now
      }
      // While the group before is being written this one stays open: it could not be written yet.
      const canGo = this.#writing === undefined && !(hasLight && isFilling())
      if (canGo || spentMs >= GROUP_MS) break
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#onChange = resolve
        if (this.#writing === undefined) timer = setTimeout(resolve, FILL_MS)
      })
      clearTimeout(timer)
    }
    // What is hashed here takes half as long as applying did.
    if (this.#sinceTurnMs >= TURN_MS) await this.#turn()
    const begin = performance.now()
    this.#applier.close(group)
    this.#sinceTurnMs += performance.now() - begin
  }

  /** As `turn`, and begins to count again. */
  async #turn(): Promise<void> {
    await turn()
    this.#sinceTurnMs = 0
  }

  /** Writes a group, and answers. Never rejects: it stops the log. */
  async #write(group: Group): Promise<void> {
    const { store, ledger, snapshots, tree, holds } = this.#parts
    const { members, taken, refused, seals, pieces } = group
    const head = group.head!
    try {
      // COMMIT POINT 1. Before this write nothing of the group is on disk and nobody was told anything: a crash loses
      // it whole, with the group that is being applied behind it, and clients send it again. After it, all of the group
      // is on disk: a crash before the answers leaves clients without one, and the same ids sent again get the first
      // outcomes.
      if (pieces.length > 0) await store.append(pieces)
      this.#tellDurable()
      this.#releaseAll(group)
      const held = holds.signing
      // Nothing is promised or refused that another process could contradict: sent again later, it gets its first
      // outcome.
      if (held !== undefined) for (const { reject } of members) reject(held)
      // A refusal is signed too, and its reason may be in this group: it holds in a log that has it.
      else for (const tell of refused) tell()
      if (held === undefined && taken.length > 0) {
        const { ledgerId, promiseMs } = ledger.state
        // What ended the log is promised for the ledger as it is called in this one.
        const word = this.#acknowledger.word(head, holds.idBefore ?? ledgerId!, group.time + promiseMs)
        for (const one of taken) {
          const answer = this.#acknowledger.answer(one, head, word)
          if (answer instanceof Promise) await answer.then(one.resolve, error => this.#failAnswer(error, one))
          else one.resolve(answer)
        }
      }
      for (const { resolve } of seals) resolve(head.size)
      await ledger.flush(store.size)
      await tree.flush(store.size)
      snapshots.durable(store.size)
    } catch (error) {
      this.#fail(error, group)
    }
  }
}

/** Lets everything else in this thread have its turn. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
