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

/** A batch on its way through the applier, with its time, its group, and its sender, if it was submitted here. */
interface BatchTurn {
  readonly batch: Submission
  readonly waitMs: number
  readonly time: number
  readonly queued: QueuedBatch | undefined
  readonly group: CommitGroup
}

/**
 * Applies commands, one after another, and adds the results to the open group. Nothing of it is on disk yet. The result
 * depends on the commands before, and on nothing else: there is no clock.
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

  /** Number of entries after the last seal. */
  get unsealed(): number {
    return this.#unsealed
  }

  /** Log size after the last seal, which may not be durable yet: the sealed state is of that size. */
  get sealedSize(): number {
    return this.#sealedSize
  }

  /** The totals of the seal that ends the first `size` entries; undefined if that is not the last seal made here. */
  totalsAt(size: number): readonly UnitTotals[] | undefined {
    return this.#sealedTotals?.size === size ? this.#sealedTotals.totals : undefined
  }

  /**
   * Applies one batch and adds it to the group, with its entries or its refusal.
   *
   * @param writing - the pieces of the group that is being written, if one is.
   * @returns a promise if ids of the batch may have been used before, and the log has to be read; else undefined.
   */
  apply(command: BatchCommand, group: CommitGroup, writing: readonly Piece[] = []): Promise<void> | undefined {
    const { ledger, holds } = this.#parts
    const queued = command instanceof QueuedBatch ? command : undefined
    const { ended } = holds
    if (ended !== undefined) {
      // The answer waits until the entry that ended the log is durable.
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

  /** Finds out which ids of a claimed batch were used before, reading entries of the log, and then takes the batch. */
  async #look(turn: BatchTurn, signers: Signers, hits: Hit[], writing: readonly Piece[]): Promise<void> {
    const { ledger, journal } = this.#parts
    const { batch, queued, group } = turn
    const { transactions } = batch
    let matches: IdMatches | undefined
    try {
      matches = await ledger.look(transactions, hits, index => this.#entryAt(index, writing))
    } catch (error) {
      // Other processes can read the entry and take the batch: this one no longer knows the state of the ledger.
      if (!(error instanceof StoreError) || journal.isShared) throw error
      // An entry that the batch names cannot be read, so the batch fails. Other batches do not depend on it.
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

  /** Takes a claimed batch into the log, unless one of its signers is above its rate. */
  #take(turn: BatchTurn, signers: Signers, matches: IdMatches | undefined): void {
    const { batch, waitMs, time, queued, group } = turn
    const { transactions, signatures } = batch
    const { ledger, tree, holds, journal, logKey, rates } = this.#parts
    // Other processes have ordered more since the count, so the rate at this ledger time is not certain, and no refusal
    // is signed.
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
    // Right after a seal, the tree has all applied entries.
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

  /** Seals the state as it is. Returns false if the epoch is sealed already. */
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

  /** Closes a group: sets its pieces, the head of the log after it, and ledger time then. */
  close(group: CommitGroup): void {
    const { ledger, tree } = this.#parts
    group.pieces = this.#pieces.take()
    tree.append(this.#leaves.take())
    group.head = new Head(tree)
    group.time = ledger.state.time
  }

  /** Ledger time of a command with this stamp: it never goes back. */
  #timeOf(timeMs: number): number {
    return Math.max(timeMs, this.#parts.ledger.state.time)
  }

  #refuse({ batch, time, queued, group }: BatchTurn, code: BatchRefusal, waitMs = 0): void {
    if (queued === undefined) return
    const { ledger, signer } = this.#parts
    const { state, size } = ledger
    // What is refused as of entries that are older than the beat, somebody could take for an old state: SPEC §9.
    if (size > 0 && time - state.time > state.beatMs) {
      group.refused.push(() => queued.fail(new BusyError('busy', SEALS_FIRST)))
      return
    }
    const head = { ledgerId: state.ledgerId ?? NO_LEDGER_ID, size, time, code }
    group.refused.push(async () => queued.fail(await refusalOf(batch, head, signer, waitMs)))
  }

  async #entryAt(index: number, writing: readonly Piece[]): Promise<Uint8Array> {
    // An applied entry that is not durable yet is in the open group, or in the group that is being written.
    const pending = this.#pieces.entryAt(index) ?? entryIn(writing, index)
    return pending ?? (await this.#parts.store.readEntry(index))
  }
}

const SEALS_FIRST =
  'The ledger refuses this batch, and cannot sign that before its next seal, as its last entry is older than its beat. ' +
  'Send the same batch again in a minute.'

function overRate(): BusyError {
  return new BusyError(
    'busy',
    'One of its signers has sent too many transactions in this minute. Send the same batch again later.',
  )
}
