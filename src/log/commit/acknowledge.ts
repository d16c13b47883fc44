import { equalBytes } from '../../core/bytes.ts'
import { decodeBatch } from '../../core/entry/batch.ts'
import { ACCEPTED, EXISTS } from '../../core/entry/outcome.ts'
import type { Submission } from '../../core/entry/submission.ts'
import { KINDS, kindOf } from '../../core/entry/transaction.ts'
import type { Ledger } from '../../ledger/index.ts'
import type { IdMatches } from '../../lookup/index.ts'
import type { Positions } from '../../lookup/postings/positions.ts'
import type { EntryStore } from '../../store/index.ts'
import type { BatchAnswer } from '../../verify/batch-answer.ts'
import { type BatchPromise, promiseMessage } from '../../verify/promise.ts'
import type { QueuedBatch } from '../intake/queued-batch.ts'
import type { LogSigner } from '../log-signer.ts'
import { batchOf } from '../tree/stored-entries.ts'
import type { Head } from '../tree/tree-head.ts'

const KIND_OPEN_ACCOUNT = KINDS.indexOf('open-account')

/** An applied batch: in the log now, or found to be there already. */
export interface AppliedBatch {
  /** Its sender. */
  readonly queued: QueuedBatch
  readonly batch: Submission
  /** Earlier uses of its ids, if any. */
  readonly matches: IdMatches | undefined
  /** Its entry; undefined if all of its transactions were in the log before. */
  readonly written: ReturnType<Ledger['commit']> | undefined
}

/** The part that the promises of a group share. */
type PromiseWord = Omit<BatchPromise, 'index' | 'batch' | 'path'>

export interface AcknowledgerParts {
  readonly store: EntryStore
  readonly positions: Positions
  /** Signs promises. */
  readonly signer: LogSigner
}

/** Makes the answers to the batches of a durable group, under one signature. */
export class Acknowledger {
  readonly #parts: AcknowledgerParts

  constructor(parts: AcknowledgerParts) {
    this.#parts = parts
  }

  /**
   * The part that the promises of a group share: the head of the log after the group, the deadline for its checkpoint,
   * and the signature over both. SPEC §9.
   */
  async word(head: Head, ledgerId: Uint8Array, deadline: number): Promise<PromiseWord> {
    const signed = { ledgerId, size: head.size, root: head.root, deadline }
    return { ...signed, signature: await this.#parts.signer.sign(promiseMessage(signed)) }
  }

  /** The answer to a batch: at once, unless entries have to be read for it. */
  answer(applied: AppliedBatch, head: Head, word: PromiseWord): BatchAnswer | Promise<BatchAnswer> {
    const { written, matches } = applied
    if (written === undefined || matches !== undefined) return this.#answerExisting(applied, head, word)
    const { index, entry, statuses } = written
    const path = head.pathNow(index)
    if (path === undefined) return this.#answerExisting(applied, head, word)
    const { ledgerId, size, root, deadline, signature } = word
    const promise = { ledgerId, size, root, deadline, signature, index, batch: entry, path }
    return { index, size, statuses, existed: NONE, accounts: this.#opened(written), promise, checkpoint: null }
  }

  async #answerExisting(
    { written, matches, batch }: AppliedBatch,
    head: Head,
    word: PromiseWord,
  ): Promise<BatchAnswer> {
    const { store } = this.#parts
    const { bytes, starts } = batch.transactions
    const statuses = written?.statuses.slice() ?? new Uint8Array(batch.transactions.count)
    const existed: [number, number][] = []
    matches?.status.forEach((status, position) => {
      if (status === EXISTS) existed.push([position, matches.index[position]!])
    })
    const accounts = written === undefined ? [] : [...this.#opened(written)]
    let first: { readonly index: number; readonly statuses: Uint8Array } | undefined
    for (const [position, logIndex] of existed) {
      // Transactions that are sent again were mostly in one batch before.
      if (first === undefined || !(logIndex > first.index && logIndex <= first.index + first.statuses.length)) {
        const index = await batchOf(store, logIndex)
        first = { index, statuses: decodeBatch(await store.readEntry(index)).statuses }
      }
      statuses[position] = first.statuses[logIndex - first.index - 1]!
      if (statuses[position] !== ACCEPTED || kindOf(bytes, starts[position]!) !== KIND_OPEN_ACCOUNT) continue
      accounts.push([position, (await this.#parts.positions.accountOpenedAt(logIndex))!])
    }
    accounts.sort(([a], [b]) => a - b)
    const index = written?.index ?? (await this.#sameBatchBefore(existed[0]![1], batch))
    const promise =
      index === undefined
        ? null
        : {
            ...word,
            index,
            batch: written?.entry ?? (await store.readEntry(index)),
            path: await head.path(index),
          }
    return { index: written?.index ?? null, size: head.size, statuses, existed, accounts, promise, checkpoint: null }
  }

  /** The accounts that a batch opened, by position. */
  #opened({ index, statuses }: NonNullable<AppliedBatch['written']>): readonly (readonly [number, number])[] {
    const opened = this.#parts.positions.accountsOpenedIn(index + 1, index + 1 + statuses.length)
    return opened.length === 0 ? NONE : opened.map(({ logIndex, account }) => [logIndex - index - 1, account])
  }

  /** The log index of the earlier batch entry with exactly these transactions; undefined if there is none. */
  async #sameBatchBefore(logIndex: number, batch: Submission): Promise<number | undefined> {
    const index = await batchOf(this.#parts.store, logIndex)
    const entry = decodeBatch(await this.#parts.store.readEntry(index))
    return equalBytes(entry.root, batch.transactions.root) ? index : undefined
  }
}

const NONE: readonly (readonly [number, number])[] = []
