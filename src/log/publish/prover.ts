import { bookKindOf } from '../../account/book.ts'
import { AccountHistory } from '../../account/history.ts'
import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { ACCOUNT_KINDS, decodeTransaction } from '../../core/entry/transaction.ts'
import { PAGE_LINES_MAX, STATEMENT_BYTES_MAX } from '../../core/limits.ts'
import { type Ledger, listingOf } from '../../ledger/index.ts'
import type { Positions } from '../../lookup/postings/positions.ts'
import { Turns } from '../../node/turns.ts'
import type { EntryStore } from '../../store/index.ts'
import { encodePage } from '../../verify/page.ts'
import { formatReceipt } from '../../verify/receipt.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { batchOf } from '../tree/stored-entries.ts'
import { entriesOfAccount, LinkEnds } from './account-entries.ts'
import { type Judgement, Places } from './places.ts'
import type { PublishedView } from './published.ts'
import { recordsIn, StatementMaker, type StatementOptions } from './statement-maker.ts'

export type { StatementOptions } from './statement-maker.ts'

export interface ProverParts {
  readonly ledger: Ledger
  readonly store: EntryStore
  readonly tree: LogTree
  readonly positions: Positions
  readonly publisher: PublishedView
}

/** Why there is no statement or receipt to be had. */
export type NoProof =
  | 'not-published'
  | 'no-such-account'
  | 'no-statement'
  | 'since-beyond'
  | 'since-amid-batch'
  | 'statement-size'

/** What a page is to show. */
export interface PageOptions extends StatementOptions {
  readonly lines: number
  /** Size of the checkpoint of the page before. */
  readonly grown?: number | undefined
}

/** Builds what members take home: statements and receipts, all of one checkpoint, the latest. */
export class Prover {
  readonly #parts: ProverParts
  /** Whose turn it is among all who ask for proofs: one slice of the thread at a time. */
  readonly #turns = new Turns()
  readonly #ends = new LinkEnds()

  constructor(parts: ProverParts) {
    this.#parts = parts
  }

  /** The receipt of the entry at a log index (SPEC §10), of the latest checkpoint that has it. */
  async receipt(index: number): Promise<Uint8Array | NoProof> {
    const { store, publisher } = this.#parts
    const published = publisher.published
    if (published === undefined || index >= published.size) return 'not-published'
    const { head, checkpoint } = published
    const [entry, proof] = await Promise.all([store.readEntry(index), head.path(index)])
    if (entry[0] !== ENTRY_TRANSACTION) return formatReceipt({ entry, evidence: null, index, proof, checkpoint })
    const places = this.#places()
    await places.gather([index])
    const { batch, position, batchPath } = places.of(index)!
    const logPath = await head.path(batch)
    const evidence = { index: batch, batch: places.batches.get(batch)!.entry, logPath, position, batchPath }
    return formatReceipt({ entry, evidence, index, proof, checkpoint })
  }

  /** The accounts that the transaction at a log index names; none where the entry is not a transaction. */
  async accountsNamedBy(index: number): Promise<number[]> {
    const { store, positions } = this.#parts
    const entry = await store.readEntry(index)
    if (entry[0] !== ENTRY_TRANSACTION) return []
    const transaction = decodeTransaction(entry)
    const named = 'debit' in transaction ? [transaction.debit, transaction.credit] : []
    if ('account' in transaction) named.push(transaction.account)
    const opened = await positions.accountOpenedAt(index)
    return opened === undefined ? named : [...named, opened]
  }

  /**
   * The records whose keys signed the batch of the transaction at a log index, or that batch entry; none for a seal.
   */
  async recordsBehind(index: number): Promise<number[]> {
    const { store } = this.#parts
    if ((await store.readEntry(index))[0] === ENTRY_SEAL) return []
    const { signatures } = decodeBatch(await store.readEntry(await batchOf(store, index)))
    return recordsIn(signatures)
  }

  /** Whether the entries of an account that there is can be listed: of members and merchants. */
  isListed(account: number): boolean {
    return listingOf(this.#parts.ledger.state.accounts.kind(account)) === 'all'
  }

  /** Log indexes of the durable entries of a member account, in order. */
  async entriesOf(account: number): Promise<number[]> {
    const indexes = await this.#parts.positions.entriesOf(account)
    return indexes.filter(index => index < this.#parts.store.size)
  }

  /** Ledger time of the batches of transactions at increasing log indexes. */
  timesOf(indexes: readonly number[]): Promise<number[]> {
    return this.#places().times(indexes)
  }

  /** How each of the transactions at these log indexes, increasing, was taken. Reads their batches. */
  takenOf(indexes: readonly number[]): Promise<Judgement[]> {
    return this.#places().taken(indexes)
  }

  /** The account that the entry at a log index opened, if it did. */
  accountOpenedAt(index: number): Promise<number | undefined> {
    return this.#parts.positions.accountOpenedAt(index)
  }

  /**
   * The durable entries of a member account with their log indexes, in order: in slices, so that nobody else waits
   * long.
   */
  async *readEntriesOf(account: number): AsyncGenerator<{ index: number; entry: Uint8Array }> {
    const [indexes, places] = [await this.entriesOf(account), this.#places()]
    for (let from = 0; from < indexes.length; from += READ_AT_ONCE) {
      const some = indexes.slice(from, from + READ_AT_ONCE)
      const entries = await this.#parts.store.readEntries(some)
      await places.spend(some.length)
      for (let i = 0; i < some.length; i++) yield { index: some[i]!, entry: entries[i]! }
    }
  }

  /**
   * A member account as the first `size` entries of the log make it; undefined while it had none. Costs its history, in
   * slices.
   */
  async asOf(account: number, size: number): Promise<AccountHistory | undefined> {
    const { ledger, store } = this.#parts
    const { accounts, registry } = ledger.state
    const indexes = (await this.entriesOf(account)).filter(index => index < size)
    if (indexes.length === 0) return undefined
    const history = new AccountHistory(account, registry.unit(accounts.unit(account))!.terms)
    const places = this.#places()
    for (let from = 0; from < indexes.length; from += READ_AT_ONCE) {
      const some = indexes.slice(from, from + READ_AT_ONCE)
      const entries = await store.readEntries(some)
      const times = await places.times(some)
      entries.forEach((entry, i) => {
        history.take(entry, times[i])
      })
    }
    return history
  }

  /**
   * The statement of an account as of the latest checkpoint (SPEC §10). In slices: nobody else waits for more than one.
   */
  async statement(account: number, options: StatementOptions): Promise<Uint8Array | NoProof> {
    const made = await this.#make(account, { ...options, lines: undefined })
    return typeof made === 'string' ? made : made.statement
  }

  /**
   * A page of it, with the proof that the log grew out of the one of the page before: as many lines as were asked for,
   * or fewer, where it would be longer than a verifier reads. Costs what it shows, in slices.
   *
   * @param grown - size of the checkpoint of the page before; undefined for the first.
   */
  async page(account: number, options: PageOptions): Promise<Uint8Array | NoProof> {
    const { grown, ...shown } = options
    for (let lines = Math.min(options.lines, PAGE_LINES_MAX); ; lines = Math.ceil(lines / 2)) {
      const made = await this.#make(account, { ...shown, lines })
      if (made === 'statement-size' && lines > 1) continue
      if (typeof made === 'string') return made
      const { size, statement } = made
      if (grown !== undefined && grown > size) return 'not-published'
      const isGrown = grown !== undefined && grown > 0 && grown < size
      const growth = isGrown ? await this.#parts.tree.proveConsistency(grown, size) : []
      return encodePage({ growth, statement })
    }
  }

  async #make(account: number, options: StatementOptions): Promise<Made | NoProof> {
    const { ledger, store, publisher, positions } = this.#parts
    const { accounts } = ledger.state
    if (account >= accounts.count) return 'no-such-account'
    const kind = accounts.kind(account)
    if (kind !== ACCOUNT_KINDS.member && bookKindOf(kind) === undefined) return 'no-statement'
    const places = this.#places()
    const maker = new StatementMaker(ledger, store, places, account, options)
    const parts = { store, positions, spend: (work: number) => places.spend(work), signal: options.signal }
    const { since, lines = Number.POSITIVE_INFINITY } = options
    // As far as it was read: what stands after only grows.
    const all = entriesOfAccount(parts, { account, kind, since }, options.lines === undefined ? undefined : this.#ends)
    /** Where a page ends that is not the last. */
    let end: number | undefined
    for (;;) {
      if (maker.isTooLong) return 'statement-size'
      await publisher.settled()
      // From here to where the paths are made nothing is awaited that was not there, so that seal, account and records
      // are of one moment.
      const { published } = publisher
      if (published === undefined) return 'not-published'
      const state = accounts.sealed(account)
      if (state === undefined) return 'no-such-account'
      if (since > state.entries) return 'since-beyond'
      const wanted = Math.min(state.entries, since + lines)
      if (wanted - since > LINES_MAX) return 'statement-size'
      if (all.count < wanted) {
        await all.learn(published.size, wanted)
        if (kind !== ACCOUNT_KINDS.member && (await all.isAmidBatch(since))) return 'since-amid-batch'
        continue
      }
      if (wanted < state.entries && end === undefined) {
        end = await all.endOfLink(since, wanted)
        continue
      }
      const count = wanted < state.entries ? end! : wanted
      const records = maker.recordsOf(count, state.unit, accounts.sealedCustodian(account))
      if (records === undefined) {
        await maker.gather(all, count)
        continue
      }
      const accountPath = accounts.path(account)
      const [shown, series] = [{ number: account, ...state }, maker.seriesOf()]
      const statement = await maker.encode(published, shown, accountPath, records, series)
      return statement === undefined ? 'statement-size' : { statement, size: published.size }
    }
  }

  #places(): Places {
    return new Places(this.#parts.store, this.#parts.tree, this.#turns)
  }
}

/** A statement, and the size of its checkpoint. */
interface Made {
  readonly statement: Uint8Array
  readonly size: number
}

/** Lines above which no statement is small enough to be read: each has more bytes than this. */
const LINES_MAX = STATEMENT_BYTES_MAX / 32
/** Entries that are read at once where a history is made again. */
const READ_AT_ONCE = 1024
