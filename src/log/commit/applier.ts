import type { UnitTotals } from '../../account/account.ts'
import { NO_LEDGER_ID } from '../../core/entry/batch.ts'
import { type BatchRefusal, EXISTS } from '../../core/entry/outcome.ts'
import type { Submission } from '../../core/entry/submission.ts'
import type { VerifierKey } from '../../core/note/note.ts'
import type { BatchCommand, Journal, SealCommand } from '../../journal/index.ts'
import { type Ledger, type SignerRates, type Signers, signaturesHold } from '../../ledger/index.ts'
import type { Hit, IdMatches } from '../../lookup/index.ts'
import { type EntryStore, type Piece, StoreError } from '../../store/index.ts'
import { BusyError } from '../failure.ts'
import { endOf, type Holds } from '../holds.ts'
import { QueuedBatch } from '../intake/queued-batch.ts'
import type { LogSigner } from '../log-signer.ts'
import type { Snapshots } from '../recover/snapshots.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'
import type { CommitGroup } from './commit-group.ts'
import { LeafBuilder } from './leaf-builder.ts'
import { entryIn, PieceBuilder } from './piece-builder.ts'
import { refusalOf } from './refusal.ts'

export interface ApplierParts {
  readonly ledger: Ledger
  readonly store: EntryStore
  readonly tree: LogTree
  readonly snapshots: Snapshots
  readonly holds: Holds
  readonly journal: Pick<Journal, 'isShared'>
  readonly rates: SignerRates
  readonly logKey: VerifierKey
  /** Signs promises and refusals. */
  readonly signer: LogSigner
  /** The salt of an epoch's totals. */
  readonly saltOf: (epoch: number) => Uint8Array
}

/** A batch on its way through the applier: at which time, and who is to be told, if it was submitted here. */
interface BatchTurn {
  readonly batch: Submission
  readonly waitMs: number
  readonly time: number
  readonly queued: QueuedBatch | undefined
  readonly group: CommitGroup
}

/**
 * Applies commands, one after another, to the group that is open. Nothing of it is on disk, and nothing of it depends
 * on anything but the commands before: it knows no clock.
 */
export class Applier {
  readonly #parts: ApplierParts
  readonly #pieces: PieceBuilder
  readonly #leaves = new LeafBuilder()
  #unsealed: number
  #sealedSize: number
  #sealedTotals: { readonly size: number; readonly totals: readonly UnitTotals[] } | undefined

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

  /** The totals that the seal at the end of `size` entries commits to; undefined where it is not the last made here. */
  totalsAt(size: number): readonly UnitTotals[] | undefined {
    return this.#sealedTotals?.size === size ? this.#sealedTotals.totals : undefined
  }

  /**
   * Applies one batch and adds it to the group, in whose log it may be refused.
   *
   * @param writing - the pieces of the group that is being written, if one is.
   * @returns what has to be waited for, where ids of the batch may have been used before.
   */
  apply(command: BatchCommand, group: CommitGroup, writing: readonly Piece[] = []): Promise<void> | undefined {
    const { ledger, holds } = this.#parts
    const queued = command instanceof QueuedBatch ? command : undefined
    const { ended } = holds
    if (ended !== undefined) {
      // Not before what ended it is durable.
      group.refused.push(() => queued?.fail(ended))
      return undefined
    }
    const { batch } = command
    const turn = { batch, waitMs: command.waitMs, time: this.#timeOf(command.time), queued, group }
    const signers = ledger.signers(batch)
    if (typeof signers === 'string') {
      this.#refuse(turn, signers)
      return undefined
    }
    if (!signaturesHold(ledger.state, batch, signers, queued?.holds(signers.publicKeys))) {
      this.#refuse(turn, 'signature-invalid')
      return undefined
    }
    const hits = ledger.claim(batch.transactions)
    if (hits.length > 0) return this.#look(turn, signers, hits, writing)
    this.#take(turn, signers, undefined)
    return undefined
  }

  /** Looks up what the ids of a claimed batch have met, and goes on: reads what it takes of the log. */
  async #look(turn: BatchTurn, signers: Signers, hits: Hit[], writing: readonly Piece[]): Promise<void> {
    const { ledger, journal } = this.#parts
    const { batch, queued, group } = turn
    const { transactions } = batch
    let matches: IdMatches | undefined
    try {
      matches = await ledger.look(transactions, hits, index => this.#entryAt(index, writing))
    } catch (error) {
      // Others can read it, and take it: this one does not know the ledger any more.
      if (!(error instanceof StoreError) || journal.isShared) throw error
      // What it names cannot be read, so nobody knows what it does; everybody else's does not depend on it.
      ledger.unclaim(transactions)
      queued?.fail(error)
      return
    }
    if (!matches?.status.every(status => status === EXISTS)) this.#take(turn, signers, matches)
    else {
      ledger.unclaim(transactions)
      if (queued !== undefined) group.applied.push({ queued, batch, matches, written: undefined })
    }
  }

  /** Takes a claimed batch into the log, unless one of its signers has had too much taken. */
  #take(turn: BatchTurn, signers: Signers, matches: IdMatches | undefined): void {
    const { batch, waitMs, time, queued, group } = turn
    const { transactions, signatures } = batch
    const { ledger, tree, holds, journal, logKey, rates } = this.#parts
    // Others have ordered more since it was counted: what is not certain at this ledger time is not signed.
    if (waitMs > 0 && journal.isShared) {
      ledger.unclaim(transactions)
      group.refused.push(() => queued?.fail(overRate()))
      return
    }
    if (waitMs > 0) {
      ledger.unclaim(transactions)
      this.#refuse(turn, 'rate', waitMs)
      return
    }
    // Right behind a seal, nothing is applied that the tree has not.
    const root = ledger.mayContinue(transactions) ? new Head(tree).root : undefined
    const idBefore = ledger.state.ledgerId
    const written = ledger.commit(batch, signers, time, matches, root)
    rates.took(ledger.state, signatures, transactions.count, time)
    holds.ended ??= endOf(ledger.state, logKey.publicKey)
    if (holds.ended !== undefined) holds.idBefore ??= idBefore
    this.#pieces.add(written.entry)
    for (let i = 0; i < transactions.count; i++)
      this.#pieces.add(transactions.bytes, transactions.starts[i], transactions.ends[i])
    this.#leaves.entry(written.entry)
    this.#leaves.hashed(transactions.leaves)
    this.#unsealed += 1 + transactions.count
    if (queued !== undefined) group.applied.push({ queued, batch, matches, written })
  }

  /** Closes the epoch: a seal of the state as it is. Returns whether it did: one that was sealed before is not. */
  seal({ time, epoch }: SealCommand): boolean {
    const { ledger, saltOf, snapshots } = this.#parts
    if (epoch !== ledger.state.epoch) return false
    const entry = ledger.applySeal(ledger.makeSeal(this.#timeOf(time), saltOf(epoch)))
    this.#sealedTotals = { size: ledger.size, totals: ledger.state.totals() }
    this.#pieces.add(entry)
    this.#leaves.entry(entry)
    this.#unsealed = 0
    this.#sealedSize = ledger.size
    snapshots.sealed(ledger.size)
    return true
  }

  /** Closes a group: its pieces, the log behind it, and ledger time then. */
  close(group: CommitGroup): void {
    const { ledger, tree } = this.#parts
    group.pieces = this.#pieces.take()
    tree.append(this.#leaves.take())
    group.head = new Head(tree)
    group.time = ledger.state.time
  }

  /** Ledger time of a command that was stamped then: it does not go back. */
  #timeOf(timeMs: number): number {
    return Math.max(timeMs, this.#parts.ledger.state.time)
  }

  #refuse({ batch, time, queued, group }: BatchTurn, code: BatchRefusal, waitMs = 0): void {
    if (queued === undefined) return
    const { ledger, signer } = this.#parts
    const { state, size } = ledger
    const head = { ledgerId: state.ledgerId ?? NO_LEDGER_ID, size, time, code }
    group.refused.push(async () => queued.fail(await refusalOf(batch, head, signer, waitMs)))
  }

  async #entryAt(index: number, writing: readonly Piece[]): Promise<Uint8Array> {
    // What is applied and not durable yet stands in the group that is open, or in the one that is being written.
    const pending = this.#pieces.entryAt(index) ?? entryIn(writing, index)
    return pending ?? (await this.#parts.store.readEntry(index))
  }
}

function overRate(): BusyError {
  return new BusyError(
    'busy',
    'Too much was taken of one of its signers in this minute. Send the same batch again later.',
  )
}
