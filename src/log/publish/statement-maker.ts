import { concatBytes, toHex } from '../../core/bytes.ts'
import type { CborValue } from '../../core/cbor.ts'
import { arrayHead, encodeCbor } from '../../core/cbor-writer.ts'
import { SIGNER_RECORD, type Signature } from '../../core/entry/batch.ts'
import { ACCOUNT_KINDS, decodeTransaction, encodeTransaction, type Transaction } from '../../core/entry/transaction.ts'
import { BATCH_TRANSACTIONS_MAX, STATEMENT_BYTES_MAX } from '../../core/limits.ts'
import type { Ledger } from '../../ledger/index.ts'
import type { EntryStore } from '../../store/index.ts'
import { isOfAnother, needsPlace } from '../../verify/line-kinds.ts'
import {
  accountFields,
  batchFields,
  linkFields,
  placeFields,
  recordFields,
  STATEMENT_TAG,
  type Statement,
  type StatementSeries,
  seriesFields,
} from '../../verify/statement.ts'
import type { AccountEntries } from './account-entries.ts'
import type { BatchRun, Places } from './places.ts'
import type { Published } from './published.ts'

export interface StatementOptions {
  /** How many of the account's entries the reader has verified before. */
  readonly since: number
  /** Places for every line, not only where they must be. */
  readonly allSignatures: boolean
  /** How many lines it shows at most, if not all: it ends where a link does, and shows one link at least. */
  readonly lines?: number | undefined
  /** Ends it: nobody waits for the statement any more. */
  readonly signal?: AbortSignal | undefined
}

/** A record as the last seal has it, without its place in the log. */
export interface SealedRecord {
  readonly number: number
  readonly transaction: Transaction
  /** Log index of the transaction. */
  readonly from: number
  readonly until: number
  readonly next: number
  readonly path: readonly Uint8Array[]
}

/** A line whose place is shown: its number, and log index. */
interface ShownLine {
  readonly line: number
  readonly index: number
}

/** Lines that are read, and items that are encoded, at once. */
const CHUNK = 1024
/** Bytes of a place that are there whatever it is. */
const PLACE_BYTES_MIN = 6

/**
 * Makes the statement of one account (SPEC §10): gathers in slices what of it does not depend on the checkpoint, and
 * puts it together under one.
 */
export class StatementMaker {
  readonly #ledger: Ledger
  readonly #store: EntryStore
  readonly #places: Places
  readonly #account: number
  readonly #ofMember: boolean
  readonly #options: StatementOptions
  /** The entries behind `since`, from the first on; and the places that are shown, by line. */
  readonly #lines: Uint8Array[] = []
  readonly #placed: ShownLine[] = []
  /** Of an account that is no member's, the lines of each batch; `isPlaced` where the batch shows their places. */
  readonly #links: (BatchRun & { readonly isPlaced: boolean })[] = []
  /** Lines whose places their batches show. */
  readonly #whole = new Set<number>()
  /** What is taken back, and whose places are not shown otherwise. */
  readonly #originals = new Map<number, ShownLine>()
  /** What can be taken back, by its id: of the lines that are shown, and as far back as was looked. */
  readonly #byId = new Map<string, ShownLine>()
  #lookedBack: number
  /** Claims among the lines, in order. */
  readonly #claims: (ShownLine & { readonly series: number })[] = []
  /** Records that the lines need; and log indexes of records whose places are not gathered. */
  readonly #needed = new Set<number>([0])
  #missing: number[] = []
  #bytes = 0

  constructor(ledger: Ledger, store: EntryStore, places: Places, account: number, options: StatementOptions) {
    this.#ledger = ledger
    this.#store = store
    this.#places = places
    this.#account = account
    this.#ofMember = ledger.state.accounts.kind(account) === ACCOUNT_KINDS.member
    this.#options = options
    this.#lookedBack = options.since
  }

  /** Whether more was gathered than a verifier reads. */
  get isTooLong(): boolean {
    return this.#bytes + this.#places.bytes > STATEMENT_BYTES_MAX
  }

  /**
   * The records that a statement of the first `count` entries shows, as the last seal has them, by increasing number;
   * undefined where something has to be gathered first.
   *
   * @param custodian - the record that the account names as its custodian, if it does.
   */
  recordsOf(count: number, unit: number, custodian: number | null): SealedRecord[] | undefined {
    if (this.#options.since + this.#lines.length < count) return undefined
    const { registry } = this.#ledger.state
    const wanted = new Set(this.#needed).add(unit)
    for (const { number } of registry.logs) wanted.add(number)
    if (custodian !== null) for (const number of registry.chains.recordsOf(custodian)) wanted.add(number)
    const records: SealedRecord[] = []
    this.#missing = []
    // What is added while it goes on is gone through as well.
    for (const number of wanted) {
      const sealed = registry.sealed(number)
      if (sealed === undefined) continue
      const { transaction } = registry.records[number]!
      const { from, until, next } = sealed.state
      records.push({ number, transaction, from, until, next, path: sealed.path })
      const place = this.#places.of(from)
      if (place === undefined) this.#missing.push(from)
      else if (transaction.kind !== 'genesis')
        for (const signer of recordsIn(this.#places.signatures(place.batch))) wanted.add(signer)
      if (transaction.kind === 'register-key' && transaction.succeeds !== null) wanted.add(transaction.succeeds)
    }
    return this.#missing.length > 0 ? undefined : records.sort((a, b) => a.number - b.number)
  }

  /** The series of the claims among the lines, as the last seal has them, which has all of these claims. */
  seriesOf(): StatementSeries[] {
    const { accounts } = this.#ledger.state
    const numbers = [...new Set(this.#claims.map(({ series }) => series))].sort((a, b) => a - b)
    return numbers.map(number => {
      const account = { number, ...accounts.sealed(number)! }
      const serials = this.#claims.flatMap(({ series, line, index }) => {
        if (series !== number) return []
        const serial = accounts.series.serialOf(number, index)
        return { line, serial, path: accounts.series.path(number, serial, account.entries - 1) }
      })
      return { account, path: accounts.path(number), serials }
    })
  }

  /** Gathers what `recordsOf` lacked. @param all - the account's entries, `count` of them or more. */
  async gather(all: AccountEntries, count: number): Promise<void> {
    const step = this.#ofMember ? CHUNK : BATCH_TRANSACTIONS_MAX
    for (let from = this.#options.since + this.#lines.length; from < count && !this.isTooLong; ) {
      const some = all.slice(from, Math.min(count, from + step))
      const runs = this.#ofMember ? [] : await this.#places.batchesOf(some)
      // What is left of the last batch comes with the next lines, but where it is the only one.
      const isCut = runs.length > 1 && from + some.length < count
      const taken = isCut ? runs.slice(0, -1) : runs
      const indexes = isCut ? some.slice(0, -runs.at(-1)!.count) : some
      await this.#gatherLines(all, from, indexes, taken)
      from += indexes.length
    }
    await this.#places.gather(this.#missing, this.#options.signal)
    this.#missing = []
  }

  async #gatherLines(
    all: AccountEntries,
    from: number,
    indexes: readonly number[],
    runs: readonly BatchRun[],
  ): Promise<void> {
    const entries = await this.#store.readEntries(indexes)
    const transactions = entries.map(entry => decodeTransaction(entry))
    const shown: ShownLine[] = []
    const originals: ShownLine[] = []
    for (const [i, transaction] of transactions.entries()) {
      const placed = { line: from + i + 1, index: indexes[i]! }
      this.#see(transaction, placed)
      if (transaction.kind === 'claim') this.#claims.push({ ...placed, series: transaction.series })
      if (this.#options.allSignatures || needsPlace(transaction, this.#account, this.#ofMember)) shown.push(placed)
      const original = await this.#originalOf(transaction, all)
      if (original !== undefined && !this.#originals.has(original.line)) {
        this.#originals.set(original.line, original)
        originals.push(original)
      }
    }
    await this.#places.spend(entries.length)
    const singles = await this.#link(runs, from, indexes, shown)
    await this.#places.gather(
      [...singles, ...this.#originals.values()].map(({ index }) => index),
      this.#options.signal,
    )
    for (const { line, index } of singles) this.#need(transactions[line - from - 1]!, this.#places.of(index)!.batch)
    // What is taken back is shown with its place, so its rule and signers are needed as well.
    const reversed = await this.#store.readEntries(originals.map(({ index }) => index))
    reversed.forEach((entry, i) => {
      this.#need(decodeTransaction(entry), this.#places.of(originals[i]!.index)!.batch)
    })
    for (const entry of entries) this.#bytes += entry.length
    this.#bytes += singles.length * PLACE_BYTES_MIN
    this.#lines.push(...entries)
    this.#placed.push(...singles)
  }

  /**
   * Notes the lines of each batch. @returns those whose places are shown one by one: of the others the whole batch is
   * the account's.
   */
  async #link(
    runs: readonly BatchRun[],
    from: number,
    indexes: readonly number[],
    shown: readonly ShownLine[],
  ): Promise<ShownLine[]> {
    if (this.#ofMember) return [...shown]
    const wanted = new Set(shown.map(({ index }) => index))
    let at = 0
    for (const run of runs) {
      const first = at
      const those = indexes.slice(first, first + run.count)
      at += run.count
      const isPlaced = run.count === run.size && those.some(index => wanted.has(index))
      this.#links.push({ ...run, isPlaced })
      if (!isPlaced) continue
      await this.#places.show(run.batch)
      for (let i = 1; i <= run.count; i++) this.#whole.add(from + first + i)
      const entries = await this.#store.readEntries(those)
      for (const entry of entries) this.#need(decodeTransaction(entry), run.batch)
      this.#options.signal?.throwIfAborted()
    }
    return shown.filter(({ line }) => !this.#whole.has(line))
  }

  /**
   * Notes the records that a line with its place needs: its rule, and all who signed its batch. That the holder signed
   * it too says nothing of a line to which she is not entitled.
   */
  #need(transaction: Transaction, batch: number): void {
    const { kind } = transaction
    if (kind === 'convert' && transaction.budget === this.#account) this.#needed.add(transaction.rate)
    if (isOfAnother(transaction, this.#account)) return
    for (const number of recordsIn(this.#places.signatures(batch))) this.#needed.add(number)
    const isByRule = kind === 'issue' || kind === 'set-status'
    if (isByRule && transaction.rule !== 0) this.#needed.add(transaction.rule)
  }

  /** Notes what came to the account and can be taken back. */
  #see(tx: Transaction, placed: ShownLine): void {
    if ('credit' in tx && tx.credit === this.#account && tx.kind !== 'reverse') this.#byId.set(toHex(tx.id), placed)
  }

  /** What a line takes back, looked for among those before it: back from it, as far as it takes, and once. */
  async #originalOf(tx: Transaction, all: AccountEntries): Promise<ShownLine | undefined> {
    if (tx.kind !== 'reverse' || tx.debit !== this.#account) return undefined
    const id = toHex(tx.original)
    if (this.#byId.has(id) || this.#lookedBack === 0) return this.#byId.get(id)
    const before = await all.first(this.#lookedBack)
    while (this.#lookedBack > 0 && !this.#byId.has(id)) {
      const from = Math.max(0, this.#lookedBack - CHUNK)
      const indexes = before.slice(from, this.#lookedBack)
      const entries = await this.#store.readEntries(indexes)
      entries.forEach((entry, i) => {
        this.#see(decodeTransaction(entry), { line: from + i + 1, index: indexes[i]! })
      })
      this.#lookedBack = from
      await this.#places.spend(entries.length)
      this.#options.signal?.throwIfAborted()
    }
    return this.#byId.get(id)
  }

  /**
   * The statement of the account at a checkpoint, all of whose entries are gathered.
   *
   * @param records - of `recordsOf`. @param series - of `seriesOf`, at the same moment.
   * @returns undefined where it is longer than a verifier reads.
   */
  async encode(
    { checkpoint, head, sealEntry, sealPath }: Published,
    account: Statement['account'],
    accountPath: readonly Uint8Array[],
    records: readonly SealedRecord[],
    series: readonly StatementSeries[],
  ): Promise<Uint8Array | undefined> {
    const places = this.#places
    const batches = [...places.batches.keys()].sort((a, b) => a - b)
    const at = new Map(batches.map((batch, i) => [batch, i]))
    const placed = (index: number) => {
      const { batch, position, batchPath } = places.of(index)!
      return { at: at.get(batch)!, position, batchPath }
    }
    const parts = [
      arrayHead(12),
      ...[STATEMENT_TAG, checkpoint, [sealEntry, sealPath]].map(encodeCbor),
      ...[accountFields(account), accountPath, this.#options.since].map(encodeCbor),
    ]
    await this.#list(parts, this.#lines, async entry => entry)
    await this.#list(parts, this.#links, async ({ batch, count, isPlaced }) =>
      linkFields({ count, at: isPlaced ? at.get(batch)! : null }),
    )
    await this.#list(parts, batches, async index =>
      batchFields({ index, batch: places.batches.get(index)!.entry, path: await head.path(index) }),
    )
    await this.#list(parts, this.#allPlaced(), async ({ line, index }) => placeFields({ line, ...placed(index) }))
    await this.#list(parts, records, async ({ transaction, from, ...record }) =>
      recordFields({ ...record, entry: encodeTransaction(transaction), ...placed(from) }),
    )
    await this.#list(parts, series, async one => seriesFields(one))
    return parts.reduce((sum, { length }) => sum + length, 0) > STATEMENT_BYTES_MAX ? undefined : concatBytes(...parts)
  }

  /** Appends a list to the parts of an array, some items at a time. */
  async #list<T>(parts: Uint8Array[], items: readonly T[], item: (one: T) => Promise<CborValue>): Promise<void> {
    parts.push(arrayHead(items.length))
    for (let from = 0; from < items.length; from += CHUNK) {
      const some = await Promise.all(items.slice(from, from + CHUNK).map(item))
      parts.push(encodeCbor(some).subarray(arrayHead(some.length).length))
      await this.#places.spend(8 * some.length)
      this.#options.signal?.throwIfAborted()
    }
  }

  /** The lines whose places are shown, by number: of those that are taken back, also before `since`. */
  #allPlaced(): readonly ShownLine[] {
    const shown = new Set(this.#originals.keys())
    if (shown.size === 0) return this.#placed
    for (const { line } of this.#placed) shown.delete(line)
    for (const line of this.#whole) shown.delete(line)
    const more = [...shown].map(line => this.#originals.get(line)!)
    return [...this.#placed, ...more].sort((a, b) => a.line - b.line)
  }
}

/** The records whose keys made these signatures. */
export function recordsIn(signatures: readonly Signature[]): number[] {
  return signatures.filter(one => one.class === SIGNER_RECORD).map(({ number }) => number)
}
