import { NO_LEDGER_ID } from '../../core/entry/batch.ts'
import { type BatchRefusal, EXISTS } from '../../core/entry/outcome.ts'
import type { VerifierKey } from '../../core/note/note.ts'
import { type Ledger, type Signers, type Submission, signaturesHold } from '../../ledger/index.ts'
import { type Hit, latestTime, type Seen } from '../../lookup/index.ts'
import { type EntryStore, type Piece, StoreError } from '../../store/index.ts'
import { endOf, type Holds } from '../holds.ts'
import type { Clock } from '../intake/clock.ts'
import type { Waiting } from '../intake/queue.ts'
import type { Snapshots } from '../recover/snapshots.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'
import type { Taken } from './acknowledge.ts'
import { LeafBuilder } from './leaf-builder.ts'
import { entryIn, PieceBuilder } from './piece-builder.ts'
import { refusalOf } from './refusal.ts'

/** Who is to be told that the epoch is closed. */
export interface SealRequest {
  readonly resolve: (size: number) => void
  readonly reject: (error: unknown) => void
}

/** What is written with one sync: batches that have been applied, one after another, or a seal. */
export interface Group {
  /** All of them, to be told when the group fails. */
  readonly members: Waiting[]
  /** In the order of their turns, those that were not refused. */
  readonly taken: (Taken & Pick<Waiting, 'resolve' | 'reject'>)[]
  /** What those are told that were refused. */
  readonly refused: (() => void)[]
  readonly seals: readonly SealRequest[]
  pieces: Piece[]
  /** The log behind the group, once it is closed, and ledger time then. */
  head: Head | undefined
  time: number
}

export interface ApplierParts {
  readonly ledger: Ledger
  readonly store: EntryStore
  readonly tree: LogTree
  readonly snapshots: Snapshots
  readonly clock: Clock
  readonly holds: Holds
  readonly logKey: VerifierKey
  /** Seed of the log's key, which signs promises and refusals. */
  readonly logSeed: Uint8Array
  /** The salt of an epoch's totals. */
  readonly saltOf: (epoch: number) => Uint8Array
}

/** Applies batches and seals, one after another, to the group that is open. Nothing of it is on disk. */
export class Applier {
  readonly #parts: ApplierParts
  readonly #pieces: PieceBuilder
  readonly #leaves = new LeafBuilder()
  #unsealed: number
  #sealedSize: number

  constructor(parts: ApplierParts, unsealed: number) {
    this.#parts = parts
    this.#pieces = new PieceBuilder(parts.ledger.size)
    this.#unsealed = unsealed
    this.#sealedSize = parts.ledger.size - unsealed
  }

  /** How many entries stand behind the last seal. */
  get unsealed(): number {
    return this.#unsealed
  }

  /**
   * How many entries the log had behind the last seal, which may not be durable yet: the state is sealed as of then.
   */
  get sealedSize(): number {
    return this.#sealedSize
  }

  /**
   * Applies one batch and adds it to the group, in whose log it may be refused.
   *
   * @param writing - the pieces of the group that is being written, if one is.
   * @returns what has to be waited for, where ids of the batch may have been used before.
   */
  apply(waiting: Waiting, group: Group, writing: readonly Piece[] = []): Promise<void> | undefined {
    const { ledger, clock, holds } = this.#parts
    const { prepared, place } = waiting
    const { ended } = holds
    if (ended !== undefined) {
      // Not before what ended it is durable.
      group.refused.push(() => waiting.reject(ended))
      return undefined
    }
    const batch = prepared.batch(place)
    const { transactions } = batch
    const signers = ledger.signers(batch)
    if (typeof signers === 'string') {
      this.#refuse(waiting, signers, batch, group)
      return undefined
    }
    if (!signaturesHold(ledger.state, batch, signers, prepared.holds(place, signers.publicKeys))) {
      this.#refuse(waiting, 'signature-invalid', batch, group)
      return undefined
    }
    // Behind the signatures: what time it is is nothing for strangers to say.
    clock.observe?.(latestTime(transactions))
    const time = this.#time()
    const hits = ledger.claim(transactions)
    if (hits.length > 0) return this.#look(waiting, batch, signers, time, hits, group, writing)
    this.#take(waiting, batch, signers, time, undefined, group)
    return undefined
  }

  /** Looks up what the ids of a claimed batch have met, and goes on: reads what it takes of the log. */
  async #look(
    waiting: Waiting,
    batch: Submission,
    signers: Signers,
    time: number,
    hits: Hit[],
    group: Group,
    writing: readonly Piece[],
  ): Promise<void> {
    const { ledger } = this.#parts
    const { transactions } = batch
    let seen: Seen | undefined
    try {
      seen = await ledger.look(transactions, hits, index => this.#entryAt(index, writing))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      // What it names cannot be read, so nobody knows what it does; everybody else's does not depend on it.
      ledger.unclaim(transactions)
      waiting.reject(error)
      return
    }
    if (seen?.status.every(status => status === EXISTS)) {
      ledger.unclaim(transactions)
      const { resolve, reject } = waiting
      group.taken.push({ batch, committed: undefined, seen, resolve, reject })
    } else this.#take(waiting, batch, signers, time, seen, group)
  }

  /** Takes a claimed batch into the log. */
  #take(
    { resolve, reject }: Waiting,
    batch: Submission,
    signers: Signers,
    time: number,
    seen: Seen | undefined,
    group: Group,
  ): void {
    const { transactions } = batch
    const { ledger, tree, holds, logKey } = this.#parts
    // Right behind a seal, nothing is applied that the tree has not.
    const root = ledger.mayContinue(transactions) ? new Head(tree).root : undefined
    const idBefore = ledger.state.ledgerId
    const committed = ledger.commit(batch, signers, time, seen, root)
    holds.ended ??= endOf(ledger.state, logKey.publicKey)
    if (holds.ended !== undefined) holds.idBefore ??= idBefore
    this.#pieces.add(committed.entry)
    for (let i = 0; i < transactions.count; i++)
      this.#pieces.add(transactions.bytes, transactions.starts[i], transactions.ends[i])
    this.#leaves.entry(committed.entry)
    this.#leaves.hashed(transactions.leaves)
    this.#unsealed += 1 + transactions.count
    group.taken.push({ batch, committed, seen, resolve, reject })
  }

  /** Closes the epoch: a seal of the state as it is. */
  seal(): void {
    const { ledger, saltOf, snapshots } = this.#parts
    const entry = ledger.applySeal(ledger.makeSeal(this.#time(), saltOf(ledger.state.epoch)))
    this.#pieces.add(entry)
    this.#leaves.entry(entry)
    this.#unsealed = 0
    this.#sealedSize = ledger.size
    snapshots.sealed(ledger.size)
  }

  /** Closes a group: its pieces, the log behind it, and ledger time then. */
  close(group: Group): void {
    const { ledger, tree } = this.#parts
    group.pieces = this.#pieces.take()
    tree.append(this.#leaves.take())
    group.head = new Head(tree)
    group.time = ledger.state.time
  }

  /** Ledger time now, which does not go back. */
  #time(): number {
    return Math.max(this.#parts.clock.nowMs(), this.#parts.ledger.state.time)
  }

  #refuse({ reject }: Waiting, code: BatchRefusal, batch: Submission, group: Group): void {
    const { ledger, logSeed } = this.#parts
    const { state, size } = ledger
    const head = { ledgerId: state.ledgerId ?? NO_LEDGER_ID, size, time: this.#time(), code }
    const error = refusalOf(batch, head, logSeed)
    group.refused.push(() => reject(error))
  }

  async #entryAt(index: number, writing: readonly Piece[]): Promise<Uint8Array> {
    // What is applied and not durable yet stands in the group that is open, or in the one that is being written.
    const pending = this.#pieces.entryAt(index) ?? entryIn(writing, index)
    return pending ?? (await this.#parts.store.readEntry(index))
  }
}
