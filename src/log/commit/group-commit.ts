import type { Journal } from '../../journal/index.ts'
import type { Ledger } from '../../ledger/index.ts'
import { type EntryStore, StoreError } from '../../store/index.ts'
import { FatalError } from '../failure.ts'
import type { Holds } from '../holds.ts'
import type { QueuedBatch } from '../intake/queued-batch.ts'
import type { Snapshots } from '../recover/snapshots.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Acknowledger, type AcknowledgerParts } from './acknowledge.ts'
import type { CommitGroup } from './commit-group.ts'

export interface GroupCommitParts extends AcknowledgerParts {
  readonly ledger: Ledger
  readonly store: EntryStore
  readonly tree: LogTree
  readonly snapshots: Snapshots
  readonly journal: Journal
  readonly holds: Holds
  /** Is told that a seal is durable for which this process did not ask. */
  readonly onSealOfOthers: () => void
  /** Is told why the log stopped, when a group failed: anyone who runs it has to start it again. */
  readonly onFailure: (error: FatalError) => void
}

/** Writes groups in one synced write each, promises with one signature, and only then answers. */
export class GroupCommit {
  readonly #parts: GroupCommitParts
  readonly #acknowledger: Acknowledger
  #stopped: FatalError | undefined
  /** Who waits until the log is durable up to a size. */
  #undurable: { readonly size: number; readonly resolve: () => void; readonly reject: (error: FatalError) => void }[] =
    []

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
    this.#acknowledger = new Acknowledger(parts)
  }

  /** Why nothing is written any more, if nothing is. */
  get stopped(): FatalError | undefined {
    return this.#stopped
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

  /** Stops for good, with the reason that everyone is given. */
  stop(error: FatalError): void {
    this.#stopped ??= error
    this.#tellDurable()
  }

  /** Stops, as what a group made of the log is not known. Its members are told. */
  fail(error: unknown, { members }: CommitGroup): void {
    const isFirst = this.#stopped === undefined
    if (error instanceof FatalError) this.#stopped ??= error
    this.#stopped ??= new FatalError(
      'ledger-stopped',
      'The ledger has stopped, as it cannot tell what of its last write is durable. Start it again: it reads its ' +
        'log back first.',
      { cause: error },
    )
    for (const member of members) member.fail(this.#stopped)
    this.#tellDurable()
    if (isFirst) this.#parts.onFailure(this.#stopped)
  }

  /** Writes a group that is closed, and answers. Never rejects: it stops the log. */
  async write(group: CommitGroup): Promise<void> {
    const { store, ledger, snapshots, tree, holds, journal, onSealOfOthers } = this.#parts
    const { members, refused, seals, pieces, next } = group
    try {
      // COMMIT POINT 1. Before this write nothing of the group is on disk and nobody was told anything: a crash loses
      // it whole, with the group that is being applied behind it, and clients send it again. After it, all of the group
      // is on disk, and with it how far the journal was followed: a crash before the answers leaves clients without
      // one, and the same ids sent again get the first outcomes.
      if (pieces.length > 0) await store.append(pieces, next)
      journal.forget(next)
      this.#tellDurable()
      const held = holds.signing
      // Nothing is promised or refused that another process could contradict: sent again later, it gets its first
      // outcome.
      if (held !== undefined) for (const member of members) if (member.kind === 'batch') member.fail(held)
      // A refusal is signed too, and its reason may be in this group: it holds in a log that has it.
      if (held === undefined) {
        await Promise.all(refused.map(tell => tell()))
        await this.#answer(group)
      }
      for (const seal of seals) seal.answer(group.sealedSize)
      if (group.isSealOfOthers) onSealOfOthers()
      await ledger.flush(store.size)
      await tree.flush(store.size)
      snapshots.durable(store.size)
    } catch (error) {
      this.fail(error, group)
    }
  }

  async #answer({ applied, head, time }: CommitGroup): Promise<void> {
    if (applied.length === 0) return
    const { ledger, holds } = this.#parts
    const { ledgerId, promiseMs } = ledger.state
    // What ended the log is promised for the ledger as it is called in this one.
    const word = await this.#acknowledger.word(head!, holds.idBefore ?? ledgerId!, time + promiseMs)
    for (const one of applied) {
      const answer = this.#acknowledger.answer(one, head!, word)
      if (!(answer instanceof Promise)) one.queued.answer(answer)
      else
        await answer.then(
          made => one.queued.answer(made),
          error => this.#failAnswer(error, one.queued),
        )
    }
  }

  /**
   * Tells anyone who sent a batch that is durable that its answer cannot be read back. @throws what is no fault of the
   * disk.
   */
  #failAnswer(error: unknown, queued: QueuedBatch): void {
    if (!(error instanceof StoreError)) throw error
    queued.fail(error)
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
}
