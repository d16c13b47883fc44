import { decodeBatch, type Transactions } from '../core/batch.ts'
import { equalBytes } from '../core/bytes.ts'
import { signEd25519 } from '../core/ed25519.ts'
import { leafHash } from '../core/merkle.ts'
import { type BatchPromise, promiseMessage, refusalMessage } from '../core/promise.ts'
import { TransactionView } from '../core/transaction.ts'
import {
  ACCEPTED,
  type BatchRefusal,
  type Committed,
  EXISTS,
  type Hit,
  type Ledger,
  type Seen,
  type Signers,
  type Submission,
  signaturesHold,
} from '../ledger/index.ts'
import type { Store } from '../store/index.ts'
import type { Clock } from './clock.ts'
import { BusyError, FatalError, RefusedError } from './failure.ts'
import { PieceBuilder } from './pieces.ts'
import type { Positions } from './positions.ts'
import type { LogTree } from './tree.ts'

/** What the ledger answers to a batch that it took (SPEC §9, §11). */
export interface Acknowledgement {
  /** Log index of the batch entry; undefined when nothing was written, as every transaction existed. */
  readonly index: number | undefined
  /** Size of the log from which on everything acknowledged here is in it. */
  readonly size: number
  /** Per position, the status that stands: for one that existed before, that of the first time. */
  readonly statuses: Uint8Array
  /** Per position, whether it existed before. */
  readonly existed: (position: number) => boolean
  /** Per position, the log index of the transaction. */
  readonly logIndex: (position: number) => number
  /** The number of the account that the transaction at `position` opened, if it did. */
  readonly account: (position: number) => number | undefined
  /** Undefined only where nothing was written and the batch is not the one that was written then. */
  readonly promise: BatchPromise | undefined
}

interface Waiting {
  readonly batch: Submission
  readonly resolve: (acknowledgement: Acknowledgement) => void
  readonly reject: (error: unknown) => void
}

/** A batch of the group that is being written. */
interface Taken extends Waiting {
  readonly committed: Committed | undefined
  readonly seen: Seen | undefined
}

/** Transactions after which a group is closed: what waits behind it goes into the next. */
const GROUP_TRANSACTIONS = 16_384

/** Transactions that may wait: some seconds' work. What comes on top is told to come again. */
const WAITING_TRANSACTIONS_MAX = 262_144

const REFUSAL_TEXT: Readonly<Record<BatchRefusal, string>> = {
  'batch-genesis': 'A genesis transaction is the only one of the first batch, and of no other.',
  'signer-unknown': 'A signature names a registry record that is no key, or an account that has no owner key.',
  'signer-revoked': 'A signature names a key that was revoked.',
  'signature-invalid': 'A signature does not verify under its key over this ledger id, count and batch root.',
}

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
  readonly clock: Clock
  /** Seed of the log's key, which signs promises and refusals. */
  readonly logSeed: Uint8Array
  /** The salt of an epoch's totals. */
  readonly saltOf: (epoch: number) => Uint8Array
}

/**
 * The one place where the log grows. Batches queue up; whatever waits is taken as a group, applied one after another,
 * written in one synced write, promised with one signature, and only then acknowledged. A seal is an item of the same
 * queue.
 */
export class Sequencer {
  readonly #parts: SequencerParts
  readonly #pieces: PieceBuilder
  #queue: Waiting[] = []
  #waitingTransactions = 0
  #sealRequests: { resolve: (size: number) => void; reject: (error: unknown) => void }[] = []
  #running: Promise<void> | undefined
  #stopped: FatalError | undefined
  #unsealed: number

  constructor(parts: SequencerParts, unsealed: number) {
    this.#parts = parts
    this.#pieces = new PieceBuilder(parts.ledger.size)
    this.#unsealed = unsealed
  }

  /** How many entries stand behind the last seal. */
  get unsealed(): number {
    return this.#unsealed
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
      if (this.#waitingTransactions > WAITING_TRANSACTIONS_MAX)
        return reject(
          new BusyError(
            'busy',
            'The ledger has more waiting than it can take at once. Send the same batch again in a second.',
          ),
        )
      this.#waitingTransactions += batch.transactions.count
      this.#queue.push({ batch, resolve, reject })
      this.#wake()
    })
  }

  /** Closes the epoch behind the next group; resolves with the log size behind the seal when that is durable. */
  seal(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#sealRequests.push({ resolve, reject })
      this.#wake()
    })
  }

  /** Resolves when all that was submitted so far is answered. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
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
    await new Promise<void>(resolve => setImmediate(resolve))
    while (this.#queue.length + this.#sealRequests.length > 0) {
      if (this.#stopped !== undefined) return this.#rejectAll(this.#stopped)
      const group = this.#takeGroup()
      // With whatever group comes next, so that a log that is never idle is sealed on time all the same.
      const seals = this.#sealRequests.splice(0)
      try {
        await this.#commitGroup(group, seals.length > 0)
        for (const { resolve } of seals) resolve(this.#parts.ledger.size)
      } catch (error) {
        this.#stopped ??= new FatalError(
          'ledger-stopped',
          'The ledger has stopped, as it cannot tell what of its last write is durable. Start it again: it reads its log back first.',
          { cause: error },
        )
        for (const { reject } of [...group, ...seals]) reject(this.#stopped)
      }
    }
  }

  #rejectAll(error: FatalError): void {
    this.#waitingTransactions = 0
    for (const { reject } of [...this.#queue.splice(0), ...this.#sealRequests.splice(0)]) reject(error)
  }

  #takeGroup(): Waiting[] {
    let transactions = 0
    let take = 0
    while (take < this.#queue.length && transactions < GROUP_TRANSACTIONS)
      transactions += this.#queue[take++]!.batch.transactions.count
    this.#waitingTransactions -= transactions
    return this.#queue.splice(0, take)
  }

  async #commitGroup(group: readonly Waiting[], seal: boolean): Promise<void> {
    const { ledger, store, tree } = this.#parts
    const taken: Taken[] = []
    for (const waiting of group) {
      const one = await this.#commit(waiting)
      if (one !== undefined) taken.push(one)
    }
    if (seal) this.#commitSeal()
    // COMMIT POINT 1. Before this write nothing of the group is on disk and nobody was told anything: a crash loses it
    // whole, and clients send it again. After it, all of the group is on disk: a crash before the answers leaves clients
    // without one, and the same ids sent again get the first outcomes.
    const pieces = this.#pieces.take()
    if (pieces.length > 0) await store.append(pieces)
    await this.#acknowledge(taken, { size: ledger.size, root: await tree.rootAt(ledger.size) })
  }

  /** Applies one batch. Undefined when it was refused, of which its sender has been told. */
  async #commit(waiting: Waiting): Promise<Taken | undefined> {
    const { ledger, clock, positions } = this.#parts
    const { batch } = waiting
    const { transactions } = batch
    clock.observe?.(latestTime(transactions))
    const time = Math.max(clock.nowMs(), ledger.state.time)
    const signers: Signers | BatchRefusal = ledger.signers(batch)
    if (typeof signers === 'string') return this.#refuse(waiting, signers, time)
    if (!signaturesHold(ledger.state, batch, signers)) return this.#refuse(waiting, 'signature-invalid', time)
    const hits = ledger.claim(transactions)
    const seen = hits.length === 0 ? undefined : await this.#look(batch, hits)
    if (seen?.status.every(status => status === EXISTS)) {
      ledger.unclaim(transactions)
      return { ...waiting, committed: undefined, seen }
    }
    const committed = ledger.commit(batch, signers, time, seen)
    positions.batch(committed.index)
    this.#pieces.add(committed.entry)
    for (let i = 0; i < transactions.count; i++)
      this.#pieces.add(transactions.bytes, transactions.starts[i], transactions.ends[i])
    this.#parts.tree.append(committed.leaf)
    this.#parts.tree.append(transactions.leaves)
    this.#unsealed += 1 + transactions.count
    return { ...waiting, committed, seen }
  }

  #commitSeal(): void {
    const { ledger, clock, saltOf, tree } = this.#parts
    const time = Math.max(clock.nowMs(), ledger.state.time)
    const entry = ledger.applySeal(ledger.makeSeal(time, saltOf(ledger.state.epoch)))
    this.#pieces.add(entry)
    tree.append(leafHash(entry))
    this.#unsealed = 0
  }

  #refuse({ batch, reject }: Waiting, code: BatchRefusal, time: number): undefined {
    const { ledger, logSeed } = this.#parts
    const { count, root } = batch.transactions
    const message = refusalMessage(ledger.state.ledgerId ?? new Uint8Array(32), count, root, time, code)
    reject(new RefusedError(code, REFUSAL_TEXT[code], time, signEd25519(logSeed, message)))
    return undefined
  }

  /** What the ids that may be used have met: reads the entries that they point at. */
  async #look(batch: Submission, hits: readonly Hit[]): Promise<Seen | undefined> {
    const { ledger } = this.#parts
    const earlier = new Map<number, Uint8Array>()
    for (const { candidates } of hits)
      for (const index of candidates)
        if (index < ledger.size && !earlier.has(index)) earlier.set(index, await this.#entryAt(index))
    return ledger.seen(batch.transactions, hits, index => earlier.get(index)!)
  }

  async #entryAt(index: number): Promise<Uint8Array> {
    return this.#pieces.entryAt(index) ?? (await this.#parts.store.readEntry(index))
  }

  async #acknowledge(taken: readonly Taken[], head: { size: number; root: Uint8Array }): Promise<void> {
    if (taken.length === 0) return
    const { ledger, logSeed } = this.#parts
    const { state } = ledger
    const signed = { ledgerId: state.ledgerId!, ...head, deadline: state.time + state.promiseMs }
    const signature = signEd25519(logSeed, promiseMessage(signed))
    for (const one of taken) {
      const first = one.seen === undefined ? undefined : await this.#firstStatuses(one.seen)
      const index = one.committed?.index ?? (await this.#sameBatchBefore(one))
      const promise =
        index === undefined
          ? undefined
          : {
              ...signed,
              signature,
              index,
              batch: one.committed?.entry ?? (await this.#parts.store.readEntry(index)),
              path: await this.#parts.tree.proveInclusion(index, head.size),
            }
      one.resolve(this.#answer(one, head.size, first, promise))
    }
  }

  #answer(
    { committed, seen, batch }: Taken,
    size: number,
    first: Uint8Array | undefined,
    promise: BatchPromise | undefined,
  ): Acknowledgement {
    const statuses = committed?.statuses.slice() ?? new Uint8Array(batch.transactions.count)
    const existed = (position: number) => seen?.status[position] === EXISTS
    if (first !== undefined)
      for (let position = 0; position < statuses.length; position++)
        if (existed(position)) statuses[position] = first[position]!
    const logIndex = (position: number) =>
      existed(position) ? seen!.index[position]! : committed!.index + 1 + position
    const account = (position: number) =>
      statuses[position] === ACCEPTED ? this.#parts.positions.accountOpenedAt(logIndex(position)) : undefined
    return { index: committed?.index, size, statuses, existed, logIndex, account, promise }
  }

  /** Per position that existed before, the status that it was given the first time. */
  async #firstStatuses(seen: Seen): Promise<Uint8Array> {
    const statuses = new Uint8Array(seen.status.length)
    const batches = new Map<number, Uint8Array>()
    for (let position = 0; position < statuses.length; position++) {
      if (seen.status[position] !== EXISTS) continue
      const index = seen.index[position]!
      const batchIndex = this.#parts.positions.batchOf(index)
      let first = batches.get(batchIndex)
      if (first === undefined) {
        first = decodeBatch(await this.#parts.store.readEntry(batchIndex)).statuses
        batches.set(batchIndex, first)
      }
      statuses[position] = first[index - batchIndex - 1]!
    }
    return statuses
  }

  /** The log index of the batch entry that these very transactions were written under before, if they were. */
  async #sameBatchBefore({ seen, batch }: Taken): Promise<number | undefined> {
    const index = this.#parts.positions.batchOf(seen!.index[0]!)
    const entry = decodeBatch(await this.#parts.store.readEntry(index))
    return equalBytes(entry.root, batch.transactions.root) ? index : undefined
  }
}
