import {
  type AccountState,
  accountRoot,
  firstHead,
  nextHead,
  recordRoot,
  totalsRoot,
  type UnitTotals,
} from '../../../src/account/account.ts'
import { AccountHistory } from '../../../src/account/history.ts'
import { holdingsRoot } from '../../../src/account/holdings-root.ts'
import { concatBytes, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { engine } from '../../../src/core/crypto/engine.ts'
import { type BatchEntry, decodeBatch, encodeBatch, NO_LEDGER_ID } from '../../../src/core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL } from '../../../src/core/entry/entry-type.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../../src/core/entry/seal.ts'
import {
  ACCOUNT_KINDS,
  type DefineUnit,
  decodeTransaction,
  encodeTransaction,
  type Transaction,
} from '../../../src/core/entry/transaction.ts'
import { VerifyError } from '../../../src/core/failure.ts'
import { ACCOUNT_DEPTH, BATCH_DEPTH, RECORD_DEPTH, SERIES_DEPTH } from '../../../src/core/limits.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
import { formatNote, type NoteSignature, signNote, type VerifierKey } from '../../../src/core/note/note.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { listPath, listRootOfHashes } from '../../../src/core/tree/ssz.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { type Draft, fromDraft, type Signer, signed } from '../../world.ts'
import type { Telling } from './telling.ts'

/** Whose key signs for the log. */
export interface LogKey {
  readonly key: VerifierKey
  readonly seed: Uint8Array
  readonly saltOf: (epoch: number) => Uint8Array
}

/** A member account as the entries make it, and where those stand. */
export interface Chain {
  readonly indexes: number[]
  readonly history: AccountHistory
}

/** A record as the registry of the books has it. */
export interface Row {
  readonly entry: Uint8Array
  readonly from: number
  until: number
  next: number
}

/**
 * The books of an operator who writes what he likes: a log of entries, of which no rule is asked, and the state that
 * they would make if the rules allowed them. What honest entries make here is what the ledger makes of them, to the
 * byte: the corpus tests that. So whatever is told here is consistent in everything but the lie itself.
 */
export class Books {
  readonly log: LogKey
  /** Without the seal that is to come. */
  readonly entries: readonly Uint8Array[]
  readonly accounts: AccountState[] = []
  readonly chains = new Map<number, Chain>()
  /** Of merchants and budgets where their entries stand, and how many are of each batch. */
  readonly lists = new Map<number, { readonly indexes: number[]; readonly links: number[] }>()
  readonly records: Row[] = []
  readonly totals: UnitTotals[] = []
  /** Log indexes of the claims of each series. */
  readonly claims = new Map<number, number[]>()
  readonly #originals = new Map<string, string>()
  /** The records that name the logs that the ledger was in. */
  readonly #naming: number[] = []
  #epoch = 0
  #timeMs = 0

  constructor(log: LogKey, entries: readonly Uint8Array[]) {
    this.log = log
    this.entries = entries
    for (let at = 0; at < entries.length; at++) {
      const entry = entries[at]!
      if (entry[0] === ENTRY_BATCH)
        this.#readBatch(
          at,
          lenient(() => decodeBatch(entry)),
        )
      if (entry[0] === ENTRY_SEAL) {
        const { epoch, time } = decodeSeal(entry)
        this.#epoch = epoch + 1
        this.#timeMs = Math.max(this.#timeMs, time)
      }
    }
  }

  get ledgerId(): Uint8Array {
    if (this.#naming.length > 1) return leafHash(this.records[this.#naming.at(-1)!]!.entry)
    return this.entries.length === 0 ? NO_LEDGER_ID : leafHash(this.entries[0]!)
  }

  /** The records that name the logs that the ledger was in. */
  get naming(): readonly number[] {
    return this.#naming
  }

  /** Ledger time. */
  get timeMs(): number {
    return this.#timeMs
  }

  /** These books with a batch more: signed, accepted, and entered, whatever the rules say. */
  tell(signers: readonly Signer[], drafts: readonly Draft[], telling: Telling = {}): Books {
    const time = this.#timeMs + (telling.afterMs ?? 1000)
    const list = drafts.map((draft, i) => {
      const random = engine()
        .sha256(utf8Encode(`told ${this.entries.length} ${i}`))
        .subarray(0, 10)
      return encodeTransaction(fromDraft(draft, telling.ids?.[i] ?? makeId(time + (telling.skewMs ?? 0), random)))
    })
    return this.enter(signers, list, time, telling)
  }

  /** The same with entries that are there already. */
  enter(signers: readonly Signer[], list: readonly Uint8Array[], time: number, telling: Telling = {}): Books {
    const { signatures, transactions } = signed(telling.ledgerId ?? this.ledgerId, signers, list, telling.groups)
    const { groups, count, root } = transactions
    const batch = { version: 1, time, signatures, groups, count, root, statuses: new Uint8Array(count) }
    return new Books(this.log, [...this.entries, encodeBatch({ ...batch, ...telling.batch?.(batch) }), ...list])
  }

  /** These books with other entries. */
  with(change: (entries: Uint8Array[]) => readonly Uint8Array[]): Books {
    return new Books(this.log, change([...this.entries]))
  }

  /** The id of the transaction at a log index. */
  idAt(index: number): Uint8Array {
    return decodeTransaction(this.entries[index]!).id
  }

  /** The leaf hash of a record's transaction, by which openings name a unit and a custodian. */
  leafOf(record: number): Uint8Array {
    return leafHash(this.records[record]!.entry)
  }

  /** The batch entry at a log index. */
  batchAt(index: number): BatchEntry {
    return decodeBatch(this.entries[index]!)
  }

  /** Closes the epoch: the seal that fits the books, the tree over all, and the log's signature. */
  close(change: Closing = {}): Closed {
    const time = this.#timeMs + (change.afterMs ?? 1000)
    const accounts = this.accounts.map((state, number) => ({ ...state, ...change.accounts?.[number] }))
    const records = [...this.records, ...(change.added ?? [])].map((row, number) => ({
      ...row,
      ...change.records?.[number],
    }))
    const accountRoots = concatBytes(...accounts.map(accountRoot))
    const recordRoots = concatBytes(
      ...records.map(({ entry, from, until, next }) => recordRoot({ body: leafHash(entry), from, until, next })),
    )
    const seal: Seal = {
      version: 1,
      epoch: this.#epoch,
      time,
      accounts: this.accounts.length,
      stateRoot: listRootOfHashes(accountRoots, ACCOUNT_DEPTH),
      records: records.length,
      registryRoot: listRootOfHashes(recordRoots, RECORD_DEPTH),
      totalsRoot: totalsRoot(this.log.saltOf(this.#epoch), this.totals),
      ...change.seal,
    }
    const sealEntry = encodeSeal(seal)
    const entries = [...this.entries, sealEntry]
    return {
      books: this,
      entries,
      accounts,
      records,
      seal,
      sealEntry,
      checkpoint: this.sign(entries.length, naiveRoot(entries)),
      accountPath: number => listPath(accountRoots, number),
      recordPath: number => listPath(recordRoots, number),
    }
  }

  /** A checkpoint that the log signs, with whatever else is to stand under it. */
  sign(size: number, root: Uint8Array, more: (text: string) => NoteSignature[] = () => []): Uint8Array {
    const text = formatCheckpoint({ origin: this.log.key.name, size, root })
    return formatNote({ text, signatures: [signNote(text, this.log.key, this.log.seed), ...more(text)] })
  }

  #readBatch(at: number, batch: BatchEntry | undefined): void {
    if (batch === undefined) return
    this.#timeMs = Math.max(this.#timeMs, batch.time)
    const linked = new Map<number, Uint8Array[]>()
    for (let position = 0; position < batch.count; position++) {
      const entry = this.entries[at + 1 + position]
      const tx = entry === undefined ? undefined : lenient(() => decodeTransaction(entry))
      if (tx === undefined || batch.statuses[position] !== 0) continue
      this.#read(at + 1 + position, entry!, tx, batch.time, linked)
    }
    for (const [number, leaves] of linked) {
      const state = this.accounts[number]!
      const link = listRootOfHashes(concatBytes(...leaves), BATCH_DEPTH)
      this.accounts[number] = { ...state, head: nextHead(state.head, link) }
      this.lists.get(number)?.links.push(leaves.length)
    }
  }

  #read(index: number, entry: Uint8Array, tx: Transaction, time: number, linked: Map<number, Uint8Array[]>): void {
    if (tx.kind === 'open-account') this.#open(entry, tx)
    // A genesis makes a record of each of its root keys.
    const made = tx.kind === 'genesis' ? tx.roots.length : RECORDED.has(tx.kind) ? 1 : 0
    for (let i = 0; i < made; i++) this.records.push({ entry, from: index, until: 0, next: 0 })
    if ('logKey' in tx) {
      const number = this.records.length - made
      const before = this.#naming.at(-1)
      if (before !== undefined) this.#change(before, { next: number })
      this.#naming.push(number)
    }
    if (tx.kind === 'revoke') this.#change(tx.record, { until: index })
    if (tx.kind === 'register-key' && tx.succeeds !== null) this.#change(tx.succeeds, { next: this.records.length - 1 })
    if (tx.kind === 'define-unit')
      this.totals.push({
        unit: this.records.length - 1,
        issued: 0n,
        opened: 0n,
        redeemed: 0n,
        expired: 0n,
        reinstated: 0n,
        reversed: 0n,
        owed: 0n,
      })
    for (const number of this.#named(tx)) {
      const state = this.accounts[number]
      if (state === undefined) continue
      this.accounts[number] = { ...state, ...this.#moved(state, number, tx, time) }
      const chain = this.chains.get(number)
      this.lists.get(number)?.indexes.push(index)
      if (chain === undefined) linked.set(number, [...(linked.get(number) ?? []), leafHash(entry)])
      else this.#chain(number, chain, index, entry, time)
    }
    if (tx.kind === 'claim') this.#claim(tx.series, index)
    this.#total(tx)
  }

  #claim(series: number, index: number): void {
    const claims = [...(this.claims.get(series) ?? []), index]
    this.claims.set(series, claims)
    const state = this.accounts[series]
    if (state === undefined) return
    this.accounts[series] = { ...state, more: listRootOfHashes(this.claimLeaves(series), SERIES_DEPTH) }
  }

  /** The leaf hashes of the claims of a series. */
  claimLeaves(series: number): Uint8Array {
    return concatBytes(...(this.claims.get(series) ?? []).map(index => leafHash(this.entries[index]!)))
  }

  #change(number: number, part: Partial<Row>): void {
    const row = this.records[number]
    if (row !== undefined) this.records[number] = { ...row, ...part }
  }

  #open(entry: Uint8Array, tx: Extract<Transaction, { kind: 'open-account' }>): void {
    const number = this.accounts.length
    const unit = decodeTransaction(this.records[tx.unit]!.entry) as DefineUnit
    if (tx.accountKind === 'member') this.chains.set(number, { indexes: [], history: new AccountHistory(number, unit) })
    if (tx.accountKind === 'merchant' || tx.accountKind === 'budget') this.lists.set(number, { indexes: [], links: [] })
    this.accounts.push({
      kind: ACCOUNT_KINDS[tx.accountKind],
      unit: tx.unit,
      owner: tx.owner,
      opening: leafHash(entry),
      status: 0,
      entries: 0,
      time: 0,
      credit: 0,
      debit: 0,
      head: firstHead(),
      more: new Uint8Array(32),
    })
  }

  /** The accounts that a transaction names (SPEC §6, "Names"). */
  #named(tx: Transaction): number[] {
    if (tx.kind === 'open-account') return [this.accounts.length - 1]
    const named = new Set<number>()
    if ('debit' in tx) {
      named.add(tx.debit)
      if (tx.kind !== 'hold') named.add(tx.credit)
    }
    if ('account' in tx) named.add(tx.account)
    if (tx.kind === 'convert') named.add(tx.budget)
    if (tx.kind === 'claim') named.add(tx.series)
    return [...named]
  }

  #moved(state: AccountState, number: number, tx: Transaction, time: number): Partial<AccountState> {
    let balance = state.credit - state.debit
    if ('debit' in tx && tx.kind !== 'hold') {
      if (tx.credit === number) balance += tx.amount
      if (tx.debit === number) balance -= tx.amount
    }
    if (tx.kind === 'convert') {
      if (tx.account === number) balance += tx.gained
      if (tx.budget === number) balance -= tx.gained
    }
    return { credit: Math.max(0, balance), debit: Math.max(0, -balance), entries: state.entries + 1, time }
  }

  /** A link of a member's chain. Status, owner and lots are what the rules make, until they refuse: then they stay. */
  #chain(number: number, chain: Chain, index: number, entry: Uint8Array, time: number): void {
    chain.indexes.push(index)
    const state = this.accounts[number]!
    let { status, owner, more } = state
    const made = lenient(() => chain.history.take(entry, time))
    if (made !== undefined) {
      const { member } = chain.history
      ;({ status, owner } = member)
      more = holdingsRoot(member.holdings)
    }
    this.accounts[number] = { ...state, status, owner, more, head: nextHead(state.head, leafHash(entry)) }
  }

  #total(tx: Transaction): void {
    if (!('debit' in tx)) return
    const id = toHex(tx.id)
    if (['issue', 'opening-balance', 'redeem', 'capture', 'claim'].includes(tx.kind)) this.#originals.set(id, tx.kind)
    const amount = BigInt(tx.amount)
    this.#sum(tx.debit, sums => {
      if (tx.kind === 'issue') sums.issued += amount
      if (tx.kind === 'opening-balance') sums.opened += amount
      if (['redeem', 'claim', 'capture', 'convert'].includes(tx.kind)) sums.redeemed += amount
      if (tx.kind === 'expire') sums.expired += amount
      if (tx.kind === 'reinstate') sums.reinstated += amount
      if (tx.kind !== 'reverse') return
      const original = this.#originals.get(toHex(tx.original))
      if (original === 'issue' || original === 'opening-balance') sums.reversed += amount
      else if (original !== undefined) sums.redeemed = sums.redeemed > amount ? sums.redeemed - amount : 0n
    })
    if (tx.kind === 'convert')
      this.#sum(tx.budget, sums => {
        sums.issued += BigInt(tx.gained)
      })
  }

  /** Changes the totals of the unit of an account, and counts what is owed in it again. */
  #sum(account: number, change: (sums: Writable<UnitTotals>) => void): void {
    const at = this.totals.findIndex(({ unit }) => unit === this.accounts[account]?.unit)
    if (at < 0) return
    const sums: Writable<UnitTotals> = { ...this.totals[at]! }
    change(sums)
    sums.owed = 0n
    for (const { kind, unit, credit } of this.accounts)
      if (unit === sums.unit && (kind === ACCOUNT_KINDS.member || kind === ACCOUNT_KINDS.merchant))
        sums.owed += BigInt(credit)
    this.totals[at] = sums
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What the operator makes of the seal: other states of accounts and records than the entries make, other fields. */
export interface Closing {
  readonly accounts?: Readonly<Record<number, Partial<AccountState>>>
  readonly records?: Readonly<Record<number, Partial<Row>>>
  /** Records that no entry makes. */
  readonly added?: readonly Row[]
  readonly seal?: Partial<Seal>
  readonly afterMs?: number
}

/** Books with their seal, and all that proofs are made of. */
export interface Closed {
  readonly books: Books
  readonly entries: readonly Uint8Array[]
  readonly accounts: readonly AccountState[]
  readonly records: readonly Row[]
  readonly seal: Seal
  readonly sealEntry: Uint8Array
  readonly checkpoint: Uint8Array
  readonly accountPath: (number: number) => Uint8Array[]
  readonly recordPath: (number: number) => Uint8Array[]
}

const RECORDED: ReadonlySet<string> = new Set([
  'genesis',
  'register-key',
  'define-unit',
  'publish-rule',
  'publish-rate',
  'set-budget',
  'continue-log',
])

/** What it makes, or undefined where the bytes or the rules do not allow it: the operator goes on. */
function lenient<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof VerifyError || (error as Error).name === 'FormatError') return undefined
    throw error
  }
}
