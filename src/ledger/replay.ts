import { equalBytes } from '../core/bytes.ts'
import { type BatchEntry, decodeBatch, hashedTransactions } from '../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL, ENTRY_TRANSACTION } from '../core/entry/entry-type.ts'
import { OUTCOMES } from '../core/entry/outcome.ts'
import { decodeSeal, type Seal } from '../core/entry/seal.ts'
import { checkTransactions, type Submission } from '../core/entry/submission.ts'
import { VerifyError } from '../core/failure.ts'
import { type EntryRun, joinRuns, partOfRun, runOf } from '../core/tree/tile.ts'
import type { Ids } from '../lookup/ids/ids.ts'
import type { Postings } from '../lookup/postings/postings.ts'
import { Ledger, type LedgerBegin } from './ledger.ts'
import { holdsUnder, signaturesHold, type VerifiedSignatures } from './signers.ts'

/** What stands for a salt that is not known. */
const NO_SALT = new Uint8Array(32)

export interface ReplayOptions {
  /**
   * The salt of an epoch's totals, 32 bytes; undefined where it is not known, and the totals sealed are not compared.
   */
  readonly saltOf: (epoch: number) => Uint8Array | undefined
  /** The entry at a log index that was fed before; asked for only where an id seems to be used twice. */
  readonly entryAt: (index: number) => Promise<Uint8Array>
  /**
   * The root of the first `size` entries, right after a seal: asked for only where the log is continued there. A log
   * that may be has it.
   */
  readonly rootAt?: (size: number) => Promise<Uint8Array>
  /** Whether to verify every signature. A ledger that reads back its own log has done so before. */
  readonly verifySignatures: boolean
  /** What came of signatures that were verified before their batch's turn: of the batch at a log index. */
  readonly checkedAt?: (index: number) => VerifiedSignatures | undefined
  /** Is told at which log index a batch entry stands, and how many transactions follow it. */
  readonly onBatch?: (index: number, count: number) => void
  /** Is given every batch that was found right, with its statuses, once it has taken effect; valid during the call. */
  readonly onApplied?: (batch: Submission, statuses: Uint8Array) => void
  /** Is given the leaf hashes of all entries in log order, `32 n` bytes a call. */
  readonly onLeaves?: (leaves: Uint8Array) => void
  /** Is told of every seal that was found right, with the log size after it. */
  readonly onSeal?: (seal: Seal, size: number) => void
  readonly postings?: Postings
  /** Where the ids used are kept: by default in memory, 8 bytes an id. */
  readonly ids?: Ids
  /** Where it begins: with the first entry by default. */
  readonly from?: LedgerBegin
  /** A ledger that is gone on with, in place of `from`, `ids` and `postings`: those are its own. */
  readonly ledger?: Ledger
}

/**
 * Replays a log entry by entry through the live path's own code, and compares: what the rules make of the transactions
 * must be, byte for byte, what the log says. SPEC §4, §7.
 */
export class Replay {
  readonly ledger: Ledger
  readonly #options: ReplayOptions
  /** The batch whose transactions are still to come, and those of them that came. */
  #open: { readonly entry: Uint8Array; readonly leaf: Uint8Array; readonly decoded: BatchEntry } | undefined
  #came: EntryRun[] = []
  #cameCount = 0
  #at = 0

  constructor(options: ReplayOptions) {
    this.#options = options
    this.ledger = options.ledger ?? new Ledger(options.postings, options.ids, options.from)
  }

  /** Log index of the batch, seal or misplaced entry that is being judged, or was when it was found wrong. */
  get at(): number {
    return this.#at
  }

  /** Log index of the batch whose transactions are still to come. */
  get openBatch(): number | undefined {
    return this.#open === undefined ? undefined : this.ledger.size
  }

  /** Whether the log could end here: not inside a batch. */
  get isBetweenBatches(): boolean {
    return this.#open === undefined
  }

  /**
   * Replays entries that follow those fed before.
   *
   * @param entries - untrusted: whole entries in log order.
   * @throws FormatError where an entry is malformed; VerifyError `entry-order`, `batch-refused`, `batch-root`,
   *   `batch-time`, `batch-statuses`, `seal-…` for the first entry that does not follow from those before it.
   */
  feed(entries: readonly Uint8Array[]): Promise<void> {
    return this.feedRun(runOf(entries))
  }

  /**
   * As `feed`, of entries that are hashed already. Copies only a batch that does not stand in one run, and keeps
   * nothing of the run when it resolves.
   */
  async feedRun(run: EntryRun): Promise<void> {
    const { bytes, starts, ends, leaves } = run
    for (let i = 0; i < starts.length; ) {
      if (this.#open !== undefined) {
        i = await this.#feedTransactions(run, i)
        continue
      }
      this.#at = this.ledger.size
      const entry = bytes.subarray(starts[i], ends[i])
      const leaf = leaves.subarray(32 * i, 32 * i + 32)
      if (entry[0] === ENTRY_BATCH) this.#open = { entry, leaf, decoded: decodeBatch(entry) }
      else if (entry[0] === ENTRY_SEAL && this.#at > 0) this.#replaySeal(entry, leaf)
      else throw this.#fault('entry-order', this.#at === 0 ? 'expected a batch' : 'expected a batch or a seal')
      i++
    }
    if (this.#open === undefined) return
    const { entry, leaf, decoded } = this.#open
    this.#open = { entry: entry.slice(), leaf: leaf.slice(), decoded }
  }

  /** Takes the transactions of the open batch from entry `from` of a run on, and returns where they end. */
  async #feedTransactions(run: EntryRun, from: number): Promise<number> {
    const { bytes, starts, ends } = run
    const { count } = this.#open!.decoded
    const to = Math.min(starts.length, from + count - this.#cameCount)
    for (let i = from; i < to; i++) {
      if (starts[i]! < ends[i]! && bytes[starts[i]!] === ENTRY_TRANSACTION) continue
      this.#at = this.ledger.size + 1 + this.#cameCount + i - from
      throw this.#fault('entry-order', 'a batch is followed by its transactions')
    }
    const part = partOfRun(run, from, to)
    this.#cameCount += to - from
    if (this.#cameCount < count) this.#came.push(joinRuns([part]))
    else await this.#replayBatch(this.#came.length === 0 ? part : joinRuns([...this.#came, part]))
    return to
  }

  async #replayBatch({ bytes, starts, ends, leaves }: EntryRun): Promise<void> {
    const { entry, leaf, decoded } = this.#open!
    const { ledger } = this
    this.#at = ledger.size
    this.#open = undefined
    this.#came = []
    this.#cameCount = 0
    const transactions = hashedTransactions(bytes, starts, ends, leaves, decoded.groups)
    checkTransactions(transactions)
    if (!equalBytes(transactions.root, decoded.root))
      throw this.#fault('batch-root', 'the batch root is not that of its transactions: one was altered after signing')
    if (decoded.time < ledger.state.time) throw this.#fault('batch-time', 'ledger time goes back')
    const batch = { signatures: decoded.signatures, transactions }
    const signers = ledger.signers(batch)
    if (typeof signers === 'string') throw this.#fault('batch-refused', `the batch had to be refused: ${signers}`)
    const { verifySignatures, checkedAt } = this.#options
    const checked = verifySignatures ? checkedAt?.(this.#at) : undefined
    const known = checked && holdsUnder(checked, signers.publicKeys, ledger.state.ledgerId)
    if (verifySignatures && !signaturesHold(ledger.state, batch, signers, known))
      throw this.#fault('batch-refused', 'the batch had to be refused: signature-invalid')
    const hits = ledger.claim(transactions)
    const seen = hits.length === 0 ? undefined : await ledger.look(transactions, hits, this.#options.entryAt)
    const root = ledger.mayContinue(transactions) ? await this.#options.rootAt?.(this.#at) : undefined
    const committed = ledger.commit(batch, signers, decoded.time, seen, root)
    if (!equalBytes(committed.entry, entry)) throw this.#statusFault(committed.index, committed.statuses, decoded)
    this.#options.onBatch?.(committed.index, transactions.count)
    this.#options.onApplied?.(batch, committed.statuses)
    this.#options.onLeaves?.(leaf)
    this.#options.onLeaves?.(transactions.leaves)
    await ledger.flush(ledger.size)
  }

  #statusFault(index: number, statuses: Uint8Array, decoded: BatchEntry): VerifyError {
    const position = statuses.findIndex((status, i) => status !== decoded.statuses[i])
    if (position < 0)
      return new VerifyError('batch-statuses', `entry ${index}: the batch is not encoded as SPEC §4 says`)
    const [ours, theirs] = [statuses[position]!, decoded.statuses[position]!]
    return new VerifyError(
      'batch-statuses',
      `entry ${index + 1 + position}: by the rules the transaction is ${OUTCOMES[ours]}, the log says ` +
        `${OUTCOMES[theirs] ?? theirs}`,
    )
  }

  #replaySeal(entry: Uint8Array, leaf: Uint8Array): void {
    const { ledger } = this
    const claimed = decodeSeal(entry)
    if (claimed.epoch !== ledger.state.epoch)
      throw this.#fault('seal-epoch', `this is epoch ${ledger.state.epoch}, the seal says ${claimed.epoch}`)
    if (claimed.time < ledger.state.time) throw this.#fault('seal-time', 'ledger time goes back')
    const salt = this.#options.saltOf(claimed.epoch)
    const made = ledger.makeSeal(claimed.time, salt ?? NO_SALT)
    const seal = salt === undefined ? { ...made, totalsRoot: claimed.totalsRoot } : made
    if (seal.accounts !== claimed.accounts || !equalBytes(seal.stateRoot, claimed.stateRoot))
      throw this.#fault('seal-state', 'the accounts sealed are not those that follow from the entries')
    if (seal.records !== claimed.records || !equalBytes(seal.registryRoot, claimed.registryRoot))
      throw this.#fault('seal-registry', 'the registry sealed is not that which follows from the entries')
    if (!equalBytes(seal.totalsRoot, claimed.totalsRoot))
      throw this.#fault('seal-totals', 'the totals sealed, or their salt, are not those that follow from the entries')
    const remade = ledger.applySeal(seal)
    if (!equalBytes(remade, entry)) throw this.#fault('seal-state', 'the seal is not encoded as SPEC §4 says')
    this.#options.onLeaves?.(leaf)
    this.#options.onSeal?.(seal, ledger.size)
  }

  #fault(code: string, what: string): VerifyError {
    return new VerifyError(code, `entry ${this.#at}: ${what}`)
  }
}
