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
  /** Is told when a seal is durable that another process asked for. */
  readonly onSealOfOthers: () => void
  /** Is told why the log stopped, when a group failed: the operator has to start it again. */
  readonly onFailure: (error: FatalError) => void
}

/** Writes each group in one synced write, signs one promise for the group, and only then answers. */
export class GroupCommit {
  readonly #parts: GroupCommitParts
  readonly #acknowledger: Acknowledger
  #stopped: FatalError | undefined
  /** Callers that wait until the log is durable up to a size. */
  #undurable: { readonly size: number; readonly resolve: () => void; readonly reject: (error: FatalError) => void }[] =
    []

  constructor(parts: GroupCommitParts) {
    this.#parts = parts
    this.#acknowledger = new Acknowledger(parts)
  }

  /** Why the log has stopped; undefined while it grows. */
  get stopped(): FatalError | undefined {
    return this.#stopped
  }

  /**
   * Resolves when the state as it is now is durable, so that an answer may tell of it.
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

  /** Stops for ever; all that wait are answered with this error. */
  stop(error: FatalError): void {
    this.#stopped ??= error
    this.#tellDurable()
  }

  /**
   * Stops because a group failed, and nobody knows how much of it is on disk. Its members are answered with the error.
   */
  fail(error: unknown, { members }: CommitGroup): void {
    const isFirst = this.#stopped === undefined
    if (error instanceof FatalError) this.#stopped ??= error
    this.#stopped ??= new FatalError(
      'ledger-stopped',
      'The ledger has stopped, because it does not know how much of its last write is durable. Start it again: it ' +
        'first reads its log.',
      { cause: error },
    )
    for (const member of members) member.fail(this.#stopped)
    this.#tellDurable()
    if (isFirst) this.#parts.onFailure(this.#stopped)
  }

  /** Writes a closed group, and answers its members. Never rejects: an error stops the log. */
  async write(group: CommitGroup): Promise<void> {
    const { store, ledger, snapshots, tree, holds, journal, onSealOfOthers } = this.#parts
    const { members, refused, seals, pieces, next } = group
    try {
      // COMMIT POINT 1. Before this write nothing of the group is on disk, and nobody is answered: a crash loses the
      // whole group, and the next one that is being applied, and clients send them again. After it, all of the group is
      // on disk, with the position in the journal. A crash before the answers leaves clients without an answer; the
      // same ids, sent again, get the first outcomes.
      if (pieces.length > 0) await store.append(pieces, next)
      journal.forget(next)
      this.#tellDurable()
      const held = holds.signing
      // While signing is held, nothing is promised or refused, because another process could contradict it. The same
      // batch, sent again later, gets its first outcome.
      if (held !== undefined) for (const member of members) if (member.kind === 'batch') member.fail(held)
      // A refusal is signed too. Its reason may be in this group, which is in the log now.
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
    // A promise for the entry that ended the log names the ledger by its id in this log.
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
   * Answers the sender of a durable batch with an error, because the entries for its answer cannot be read. @throws the
   * error, if it is no fault of the disk.
   */
  #failAnswer(error: unknown, queued: QueuedBatch): void {
    if (!(error instanceof StoreError)) throw error
    queued.fail(error)
  }

  /** Answers the callers of `durable` whose size is reached; all of them if the log has stopped. */
  #tellDurable(): void {
    const { store } = this.#parts
    const waiting = this.#undurable
    if (waiting.length === 0) return
    this.#undurable = waiting.filter(({ size }) => size > store.size)
    for (const { size, resolve } of waiting) if (size <= store.size) resolve()
    if (this.#stopped !== undefined) for (const { reject } of this.#undurable.splice(0)) reject(this.#stopped)
  }
}
