import { equalBytes } from '../core/bytes.ts'
import { encodeBatch, type Transactions } from '../core/entry/batch.ts'
import type { BatchRefusal } from '../core/entry/outcome.ts'
import { encodeSeal, type Seal } from '../core/entry/seal.ts'
import type { Submission } from '../core/entry/submission.ts'
import { KIND_CONTINUE, kindOf } from '../core/entry/transaction.ts'
import { assert } from '../core/failure.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { idOf } from '../lookup/ids/fingerprint.ts'
import type { Hit, IdMatches } from '../lookup/ids/hit.ts'
import { Ids } from '../lookup/ids/ids.ts'
import type { Postings } from '../lookup/postings/postings.ts'
import { apply, tryOut } from './apply/apply.ts'
import { type Earlier, idMatchesFrom } from './id-matches.ts'
import { type Signers, signersOf } from './signers.ts'
import { LedgerState } from './state.ts'

/** The state of a ledger after a seal, and the log size there. */
export interface LedgerBegin {
  readonly state: LedgerState
  readonly size: number
}

/**
 * A ledger at some size of its log: the state, and the ids used. The live log, recovery and the auditor all go through
 * this class, and so make the same entries from the same input: anyone who replays compares bytes.
 *
 * A batch takes three steps, so that anyone who drives can read entries in between: `signers`, `claim`, `commit` (or
 * `unclaim`). Between `claim` and `commit` of one batch, no other is claimed.
 */
export class Ledger {
  readonly state: LedgerState
  readonly #ids: Ids
  readonly #postings: Postings | undefined
  #size: number
  /** Log size after the last seal. */
  #sealedSize: number

  /** @param from - where it begins: by default with the first entry. The ids are those below that size. */
  constructor(postings?: Postings, ids: Ids = new Ids(), from: LedgerBegin = { state: new LedgerState(), size: 0 }) {
    this.#postings = postings
    this.#ids = ids
    this.state = from.state
    this.#size = from.size
    this.#sealedSize = from.size
  }

  /** How many entries the log has. */
  get size(): number {
    return this.#size
  }

  /** The signers of a batch, or why it is refused whole. Signatures are checked by `signaturesHold`. SPEC §7. */
  signers(batch: Submission): Signers | BatchRefusal {
    return signersOf(this.state, batch)
  }

  /** Whether a batch may continue the log: who commits it has to know the root of the log below it. SPEC §7. */
  mayContinue({ bytes, starts, count }: Transactions): boolean {
    return this.#size === this.#sealedSize && count === 1 && kindOf(bytes, starts[0]!) === KIND_CONTINUE
  }

  /** Claims the ids of a batch for the next place in the log, and returns where entries may stand that it must know. */
  claim(transactions: Transactions): Hit[] {
    return this.#ids.claim(transactions, this.#size + 1)
  }

  /** Gives up what `claim` claimed. */
  unclaim(transactions: Transactions): void {
    this.#ids.forget(transactions, this.#size + 1)
  }

  /**
   * What the ids of a claimed batch have met before: `undefined` when nothing. SPEC §7, ids. Reads what hits may stand
   * in of old runs of the ids, the entries that it takes, and those before an original that say when that was.
   *
   * @param entryAt - the entry at a log index below `size`.
   */
  async look(
    transactions: Transactions,
    hits: readonly Hit[],
    entryAt: (index: number) => Promise<Uint8Array>,
  ): Promise<IdMatches | undefined> {
    const earlier = await this.#earlier(hits, entryAt)
    return earlier && idMatchesFrom(transactions, this.#size + 1, hits, index => earlier.get(index)!)
  }

  /**
   * The statuses that a batch of a few transactions would get, were it committed now at ledger time `time`, or why it
   * would be refused whole, its signatures left aside. Leaves no trace.
   *
   * @param batch - without groups, of transactions that may stand in one.
   * @param entryAt - as for `look`; what it reads is of the log as it is when it is asked.
   */
  async tryOut(
    batch: Submission,
    time: () => number,
    entryAt: (index: number) => Promise<Uint8Array>,
  ): Promise<Uint8Array | BatchRefusal> {
    for (;;) {
      const size = this.#size
      const hits = this.#ids.peek(batch.transactions, size + 1)
      const earlier = await this.#earlier(hits, entryAt)
      // What came meanwhile may have used the ids.
      if (this.#size !== size) continue
      const signers = this.signers(batch)
      if (typeof signers === 'string') return signers
      const seen = earlier && idMatchesFrom(batch.transactions, size + 1, hits, index => earlier.get(index)!)
      return tryOut(this.state, size, batch.transactions, signers, Math.max(time(), this.state.time), seen)
    }
  }

  /** The entries below that hits point at, by their log indexes; undefined where there are none. */
  async #earlier(
    hits: readonly Hit[],
    entryAt: (index: number) => Promise<Uint8Array>,
  ): Promise<Map<number, Earlier> | undefined> {
    await this.#ids.look(hits)
    if (hits.every(({ candidates }) => candidates.length === 0)) return undefined
    const earlier = new Map<number, { readonly entry: Uint8Array; time: number | undefined }>()
    for (const { candidates, as, id } of hits)
      for (const index of candidates) {
        if (index >= this.#size) continue
        let one = earlier.get(index)
        if (one === undefined) {
          one = { entry: await entryAt(index), time: undefined }
          earlier.set(index, one)
        }
        if (as === 'original' && one.time === undefined && equalBytes(idOf(one.entry), id))
          one.time = await this.state.times.at(index, entryAt)
      }
    return earlier
  }

  /**
   * Applies a claimed batch at ledger time `time`. SPEC §4, §7.
   *
   * @param rootBefore - of the log as it is, where `mayContinue`.
   * @returns the batch entry, after which its transactions follow in the log; its log index; and the statuses.
   */
  commit(
    batch: Submission,
    signers: Signers,
    time: number,
    matches: IdMatches | undefined,
    rootBefore?: Uint8Array,
  ): { readonly index: number; readonly entry: Uint8Array; readonly statuses: Uint8Array } {
    assert(rootBefore !== undefined || !this.mayContinue(batch.transactions), 'the root is known where it is named')
    assert(time >= this.state.time, 'ledger time does not go back')
    const { transactions, signatures } = batch
    const index = this.#size
    const statuses = apply(this.state, index, transactions, signers, time, matches, this.#postings, rootBefore)
    this.#ids.settle(transactions, statuses, matches, index + 1)
    const { groups, count, root } = transactions
    const entry = encodeBatch({ version: this.state.version, time, signatures, groups, count, root, statuses })
    this.state.ledgerId ??= leafHash(entry)
    this.#size += 1 + count
    this.state.times.grow(this.#size, time)
    return { index, entry, statuses }
  }

  /**
   * Does a millisecond of the work of the next `makeSeal` ahead. Returns what is to be done before that: `behind`,
   * while which batches may be committed, then `last-round`, while which none should be, then `done`.
   */
  hashAhead(): 'behind' | 'last-round' | 'done' {
    return this.state.accounts.hashSome()
  }

  /**
   * Has what stands in memory of the ids and the postings written away, a run at a time and beside what else is done.
   *
   * @param durable - log size up to which entries are durable.
   * @returns what has to be waited for, where writing has fallen behind.
   */
  flush(durable: number): Promise<unknown> | undefined {
    const [ids, postings] = [this.#ids.flush(durable), this.#postings?.flush?.(durable)]
    return ids === undefined && postings === undefined ? undefined : Promise.all([ids, postings])
  }

  /** Waits for what is being written. */
  async idle(): Promise<void> {
    await this.#ids.idle()
    await this.#postings?.idle?.()
  }

  /** The seal of the state as it is. Changes nothing: `applySeal` takes it into the log. */
  makeSeal(time: number, salt: Uint8Array): Seal {
    assert(time >= this.state.time, 'ledger time does not go back')
    return this.state.seal(time, salt)
  }

  /** Takes a seal into the log and returns its entry. */
  applySeal(seal: Seal): Uint8Array {
    this.state.applySeal(seal)
    this.#size += 1
    this.#sealedSize = this.#size
    this.state.times.grow(this.#size, seal.time)
    return encodeSeal(seal)
  }
}
