import type { Transactions } from '../core/batch.ts'
import { TransactionView } from '../core/transaction.ts'
import { type BatchRefusal, EXISTS, type Ledger, type Submission, signaturesHold } from '../ledger/index.ts'
import type { Piece, Store } from '../store/index.ts'
import { type Acknowledgement, Acknowledger, type Taken } from './acknowledge.ts'
import type { Clock } from './clock.ts'
import { FatalError } from './failure.ts'
import { Head } from './head.ts'
import { LeafBuilder } from './leaves.ts'
import { entryIn, PieceBuilder } from './pieces.ts'
import type { Positions } from './positions.ts'
import { PreparedOne } from './prepare.ts'
import { Queue, type Waiting } from './queue.ts'
import { refusalOf } from './refusal.ts'
import { Room } from './room.ts'
import type { Snapshots } from './snapshots.ts'
import type { LogTree } from './tree.ts'

interface SealRequest {
  readonly resolve: (size: number) => void
  readonly reject: (error: unknown) => void
}

/** What is written with one sync: batches that have been applied, one after another, and the seal behind them. */
interface Group {
  /** All of them, to be told when the group fails. */
  readonly members: Waiting[]
  /** In the order of their turns, those that were not refused. */
  readonly taken: (Taken & Pick<Waiting, 'resolve'>)[]
  /** What those are told that were refused. */
  readonly refused: (() => void)[]
  readonly seals: readonly SealRequest[]
  pieces: Piece[]
  /** The log behind the group, once it is closed, and ledger time then. */
  head: Head | undefined
  time: number
}

/** A group is closed when its batches took this long: what waits behind it goes into the next. */
const GROUP_MS = 4

/** Whoever else has something to do in this thread waits for no more than this, or for one batch. */
const TURN_MS = 2

/** The latest time of a batch's transactions. */
function latestTime({ count, bytes, starts, ends }: Transactions): number {
  const view = new TransactionView()
  let latest = 0
  for (let i = 0; i < count; i++) latest = Math.max(latest, view.read(bytes, starts[i], ends[i]).timeMs)
  return latest
}

export interface SequencerParts {
  readonly ledger: Ledger
  readonly store: Store
  readonly tree: LogTree
  readonly positions: Positions
  readonly snapshots: Snapshots
  readonly clock: Clock
  /** Seed of the log's key, which signs promises and refusals. */
  readonly logSeed: Uint8Array
  /** The salt of an epoch's totals. */
  readonly saltOf: (epoch: number) => Uint8Array
  /** Is told why the log stopped, when a group failed: whoever runs it has to start it again. */
  readonly onFailure: (error: FatalError) => void
}

/**
 * The one place where the log grows. Batches queue up; what waits is taken as a group, applied one after another, written
 * in one synced write, promised with one signature, and only then acknowledged. A seal is an item of the same queue. While
 * a group is being written the next is applied: the ledger does not wait for the disk.
 */
export class Sequencer {
  readonly #parts: SequencerParts
  readonly #acknowledger: Acknowledger
  readonly #pieces: PieceBuilder
  readonly #leaves = new LeafBuilder()
  /** Is called when a batch comes or a write is done. */
  #onChange: () => void = () => {}
  readonly #queue = new Queue()
  readonly #room = new Room()
  #sealRequests: SealRequest[] = []
  #running: Promise<void> | undefined
  #stopped: FatalError | undefined
  #unsealed: number
  #sealedSize: number
  /** The group that is being written, and when that is done, well or not. */
  #writing: { readonly group: Group; readonly done: Promise<void> } | undefined

  constructor(parts: SequencerParts, unsealed: number) {
    this.#parts = parts
    this.#acknowledger = new Acknowledger(parts)
    this.#pieces = new PieceBuilder(parts.ledger.size)
    this.#unsealed = unsealed
    this.#sealedSize = parts.ledger.size - unsealed
  }

  /** How many entries stand behind the last seal. */
  get unsealed(): number {
    return this.#unsealed
  }

  /** How many entries the log had behind the last seal, which may not be durable yet: the state is sealed as of then. */
  get sealedSize(): number {
    return this.#sealedSize
  }

  /** Why the log does not grow any more, if it does not. */
  get stopped(): FatalError | undefined {
    return this.#stopped
  }

  /**
   * Takes a batch into the log; resolves when it is durable.
   *
   * @throws RefusedError when the batch is refused whole (SPEC §7); BusyError when too much waits; FatalError when the log
   *   has stopped.
   */
  submit(batch: Submission): Promise<Acknowledgement> {
    return new Promise((resolve, reject) => {
      const room = batch.transactions.count
      this.reserve(room)
      this.enqueue({ prepared: new PreparedOne(batch), place: 0, room, resolve, reject })
    })
  }

  /** Reserves room for a batch on its way here: `enqueue` follows, or `release`. @throws BusyError; FatalError. */
  reserve(room: number): void {
    if (this.#stopped !== undefined) throw this.#stopped
    this.#room.take(room)
  }

  /** Gives up room that was reserved. */
  release(room: number): void {
    this.#room.give(room)
  }

  /** Queues a batch for which there is room, as `submit` does. */
  enqueue(waiting: Waiting): void {
    this.#queue.push(waiting)
    this.#onChange()
    this.#wake()
  }

  /** Closes the epoch behind the next group; resolves with the log size behind the seal when that is durable. */
  seal(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#sealRequests.push({ resolve, reject })
      this.#wake()
    })
  }

  /**
   * Resolves when the state as it is now is durable: whoever read of it may be told then.
   *
   * @throws FatalError when the log has stopped before that.
   */
  async durable(): Promise<void> {
    const { ledger, store } = this.#parts
    const { size } = ledger
    while (store.size < size) {
      if (this.#stopped !== undefined) throw this.#stopped
      await this.#writing?.done
      await turn()
    }
  }

  /** Resolves when all that was submitted so far is answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined || this.#writing !== undefined) await (this.#running ?? this.#writing?.done)
  }

  /** Stops the log for good, with the reason that every later call is given. */
  stop(error: FatalError): void {
    this.#stopped ??= error
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
    await turn()
    while (this.#queue.length + this.#sealRequests.length > 0) {
      if (this.#stopped !== undefined) break
      // Most of a seal's work is done ahead, so that nobody waits longer than for a slice of it.
      const isMoreToHash = this.#sealRequests.length > 0 && (await this.#hashAhead())
      if (isMoreToHash && this.#queue.length === 0) continue
      // With whatever group comes next, so that a log that is never idle is sealed on time all the same.
      const group: Group = {
        members: [],
        taken: [],
        refused: [],
        seals: isMoreToHash ? [] : this.#sealRequests.splice(0),
        pieces: [],
        head: undefined,
        time: 0,
      }
      try {
        await this.#apply(group)
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
      writing.done.then(() => {
        if (this.#writing === writing) this.#writing = undefined
        this.#onChange()
      })
    }
    if (this.#stopped !== undefined) this.#rejectAll(this.#stopped)
  }

  /** Hashes for the next seal about as long as a group may take, a slice at a time; returns whether there is more. */
  async #hashAhead(): Promise<boolean> {
    const { ledger } = this.#parts
    for (let spentMs = 0; spentMs < GROUP_MS; ) {
      const begin = performance.now()
      if (!ledger.hashAhead()) return false
      spentMs += performance.now() - begin
      await turn()
    }
    return true
  }

  #rejectAll(error: FatalError): void {
    while (this.#queue.length > 0) {
      const { room, reject } = this.#queue.take()
      this.release(room)
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
    for (const { room } of members) this.release(room)
  }

  /** Stops the log, as what a group made of it is not known. */
  #fail(error: unknown, group: Group): void {
    const isFirst = this.#stopped === undefined
    this.#stopped ??= new FatalError(
      'ledger-stopped',
      'The ledger has stopped, as it cannot tell what of its last write is durable. Start it again: it reads its log back first.',
      { cause: error },
    )
    this.#reject(group, this.#stopped)
    if (isFirst) this.#parts.onFailure(this.#stopped)
  }

  /**
   * Applies what waits, for as long as a group may take, and closes the group. Nothing of it is on disk and nobody is told
   * anything, not even whoever is refused: a crash loses the group whole.
   */
  async #apply(group: Group): Promise<void> {
    const { ledger, tree } = this.#parts
    let [spentMs, sinceTurnMs] = [0, 0]
    for (;;) {
      while (this.#queue.length > 0 && spentMs < GROUP_MS) {
        if (sinceTurnMs >= TURN_MS) {
          await turn()
          sinceTurnMs = 0
        }
        const begin = performance.now()
        const waiting = this.#queue.take()
        group.members.push(waiting)
        await this.#commit(waiting, group)
        const tookMs = performance.now() - begin
        spentMs += tookMs
        sinceTurnMs += tookMs
      }
      // While the group before is being written this one stays open: it could not be written yet.
      if (this.#writing === undefined || spentMs >= GROUP_MS || group.seals.length > 0) break
      await new Promise<void>(resolve => {
        this.#onChange = resolve
      })
    }
    if (group.seals.length > 0) this.#commitSeal()
    group.pieces = this.#pieces.take()
    tree.append(this.#leaves.take())
    group.head = new Head(tree)
    group.time = ledger.state.time
  }

  /** Writes a group, and answers. Never rejects: it stops the log. */
  async #write(group: Group): Promise<void> {
    const { store, ledger, snapshots, tree } = this.#parts
    const { taken, refused, seals, pieces } = group
    const head = group.head!
    try {
      // COMMIT POINT 1. Before this write nothing of the group is on disk and nobody was told anything: a crash loses it
      // whole, with the group that is being applied behind it, and clients send it again. After it, all of the group is
      // on disk: a crash before the answers leaves clients without one, and the same ids sent again get the first outcomes.
      if (pieces.length > 0) await store.append(pieces)
      this.#releaseAll(group)
      // A refusal is signed too, and its reason may be in this group: it holds in a log that has it.
      for (const tell of refused) tell()
      if (taken.length > 0) {
        const { ledgerId, promiseMs } = ledger.state
        const word = this.#acknowledger.word(head, ledgerId!, group.time + promiseMs)
        for (const one of taken) {
          const answer = this.#acknowledger.answer(one, head, word)
          one.resolve(answer instanceof Promise ? await answer : answer)
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

  /** Applies one batch and adds it to the group, in whose log it may be refused. */
  async #commit(waiting: Waiting, group: Group): Promise<void> {
    const { ledger, clock } = this.#parts
    const { prepared, place, resolve } = waiting
    const batch = prepared.batch(place)
    const { transactions } = batch
    const signers = ledger.signers(batch)
    if (typeof signers === 'string') return this.#refuse(waiting, signers, batch, group)
    if (!signaturesHold(ledger.state, batch, signers, prepared.checked(place)))
      return this.#refuse(waiting, 'signature-invalid', batch, group)
    // Behind the signatures: what time it is is nothing for strangers to say.
    clock.observe?.(latestTime(transactions))
    const time = this.#time()
    const hits = ledger.claim(transactions)
    const seen = hits.length === 0 ? undefined : await ledger.look(transactions, hits, index => this.#entryAt(index))
    if (seen?.status.every(status => status === EXISTS)) {
      ledger.unclaim(transactions)
      group.taken.push({ batch, committed: undefined, seen, resolve })
      return
    }
    const committed = ledger.commit(batch, signers, time, seen)
    this.#pieces.add(committed.entry)
    for (let i = 0; i < transactions.count; i++)
      this.#pieces.add(transactions.bytes, transactions.starts[i], transactions.ends[i])
    this.#leaves.entry(committed.entry)
    this.#leaves.hashed(transactions.leaves)
    this.#unsealed += 1 + transactions.count
    group.taken.push({ batch, committed, seen, resolve })
  }

  #commitSeal(): void {
    const { ledger, saltOf, snapshots } = this.#parts
    const entry = ledger.applySeal(ledger.makeSeal(this.#time(), saltOf(ledger.state.epoch)))
    this.#pieces.add(entry)
    this.#leaves.entry(entry)
    this.#unsealed = 0
    this.#sealedSize = ledger.size
    snapshots.sealed(ledger.size)
  }

  /** Ledger time now, which does not go back. */
  #time(): number {
    return Math.max(this.#parts.clock.nowMs(), this.#parts.ledger.state.time)
  }

  #refuse({ reject }: Waiting, code: BatchRefusal, batch: Submission, group: Group): void {
    const { ledger, logSeed } = this.#parts
    const error = refusalOf(batch, ledger.state.ledgerId, this.#time(), code, logSeed)
    group.refused.push(() => reject(error))
  }

  async #entryAt(index: number): Promise<Uint8Array> {
    // What is applied and not durable yet stands in the group that is open, or in the one that is being written.
    const pending = this.#pieces.entryAt(index) ?? entryIn(this.#writing?.group.pieces ?? [], index)
    return pending ?? (await this.#parts.store.readEntry(index))
  }
}

/** Lets everything else in this thread have its turn. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
