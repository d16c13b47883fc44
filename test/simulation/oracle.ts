import { equalBytes, toHex } from '../../src/core/bytes.ts'
import { decodeBatch, SIGNER_OWNER, SIGNER_RECORD, SIGNER_RECOVERY } from '../../src/core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL } from '../../src/core/entry/entry-type.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { decodeSeal, type Seal } from '../../src/core/entry/seal.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { parseNote, type VerifierKey, verifyNote } from '../../src/core/note/note.ts'
import { openSigned } from '../../src/core/note/signed.ts'
import type { Ledger } from '../../src/ledger/index.ts'
import type { BatchAnswer } from '../../src/verify/batch-answer.ts'
import { leaf, NaiveLedger, type NaiveSigner } from '../ledger/naive/index.ts'
import { rootsOf } from '../ledger/naive/roots.ts'
import { Peaks } from './peaks.ts'
import type { Trace } from './trace.ts'
import type { Call } from './workload.ts'

/** The first thing that was done under an id. */
interface First {
  readonly bytes: Uint8Array
  readonly index: number
  readonly outcome: string
}

interface KeptPromise {
  readonly size: number
  readonly deadline: number
}

/**
 * Sees everything, and believes nothing: the entries as they become durable, what the naive ledger makes of them, what
 * was answered and signed. Each method that finds a promise of DESIGN broken says so to the trace.
 */
export class Oracle {
  readonly naive = new NaiveLedger()
  readonly entries: Uint8Array[] = []
  /** The ledger id, once there is one. */
  ledgerId: Uint8Array | undefined
  /** How many batches were acknowledged. */
  acknowledged = 0
  /** The largest size of a checkpoint that anybody saw. */
  published = 0
  readonly #trace: Trace
  readonly #logKey: VerifierKey
  readonly #witnessKeys: readonly VerifierKey[]
  readonly #peaks = new Peaks()
  /** The root after each whole batch and each seal. */
  readonly #roots = new Map<number, Uint8Array>()
  readonly #firsts = new Map<string, First>()
  readonly #seals = new Map<number, Seal>()
  readonly #promises: KeptPromise[] = []
  /** Notes that were looked at. */
  readonly #seen = new WeakSet<Uint8Array>()
  #lastTime = 0

  constructor(trace: Trace, logKey: VerifierKey, witnessKeys: readonly VerifierKey[]) {
    this.#trace = trace
    this.#witnessKeys = witnessKeys
    this.#logKey = logKey
    this.naive.rootOfLog = () => this.#peaks.root()
  }

  /** How many entries are durable. */
  get size(): number {
    return this.entries.length
  }

  /** Entries have become durable after all before: whole batches, and seals. */
  append(firstIndex: number, entries: readonly Uint8Array[]): void {
    if (firstIndex !== this.size) {
      this.#trace.broken('lost', `entries were appended at ${firstIndex} of a log that has ${this.size}`)
      return
    }
    for (let at = 0; at < entries.length; ) {
      const entry = entries[at]!
      const count = entry[0] === ENTRY_BATCH ? decodeBatch(entry).count : 0
      const list = entries.slice(at + 1, at + 1 + count)
      if (entry[0] === ENTRY_BATCH) this.#batch(entry, list)
      else if (entry[0] === ENTRY_SEAL) this.#seal(entry)
      else this.#trace.broken('order', `entry ${this.size} is neither batch nor seal`)
      for (const one of [entry, ...list]) {
        this.entries.push(one)
        this.#peaks.add(one)
      }
      this.#roots.set(this.size, this.#peaks.root())
      at += 1 + count
    }
  }

  /** A process has opened the log, and has these entries. */
  opened(entries: readonly Uint8Array[]): void {
    if (entries.length < this.size) {
      this.#trace.broken('lost', `a start has ${entries.length} entries of ${this.size} that were durable`)
      return
    }
    const other = this.entries.findIndex((entry, i) => !equalBytes(entry, entries[i]!))
    if (other >= 0) this.#trace.broken('lost', `entry ${other} is another after a start`)
    else this.append(this.size, entries.slice(this.size))
  }

  /** A copy of the log elsewhere has these entries from an index on. */
  copied(where: string, firstIndex: number, entries: readonly Uint8Array[]): void {
    const other = entries.findIndex((entry, i) => !equalBytes(entry, this.entries[firstIndex + i] ?? new Uint8Array(0)))
    if (other >= 0) this.#trace.broken('copy', `${where} has another entry ${firstIndex + other}`)
  }

  /** Somebody has seen a checkpoint that the log's key signed. */
  checkpoint(where: string, note: Uint8Array): void {
    if (this.#seen.has(note)) return
    this.#seen.add(note)
    const policy = { logs: [{ key: this.#logKey }], witnesses: [], groups: [], quorum: 'none' }
    const { size, root } = openSigned(note, policy)
    try {
      verifyNote(parseNote(note), [this.#logKey, ...this.#witnessKeys])
    } catch (error) {
      this.#trace.broken(
        'cosigned',
        `${where} shows a checkpoint of ${size} entries: ${(error as Error).message}`,
        error,
      )
    }
    const own = this.#roots.get(size)
    if (own === undefined)
      this.#trace.broken('durable', `${where} shows a checkpoint of ${size} entries of ${this.size}`)
    else if (!equalBytes(own, root)) this.#trace.broken('one history', `${where} shows another root of ${size} entries`)
    const seal = this.#seals.get(size)
    if (seal === undefined) this.#trace.broken('sealed', `the checkpoint of ${size} entries does not end with a seal`)
    else {
      const late = this.#promises.find(promise => promise.size > size && promise.deadline < seal.time)
      if (late !== undefined)
        this.#trace.broken('promise', `the checkpoint of ${size} entries is too late for a promise of ${late.size}`)
    }
    this.published = Math.max(this.published, size)
  }

  /** A batch was answered, and its sender has verified the answer. */
  answered(call: Call, answer: BatchAnswer): void {
    this.acknowledged++
    if (call.isForged) this.#trace.broken('authority', 'a batch was taken that nobody signed')
    const { promise, size, statuses } = answer
    if (size > this.size) this.#trace.broken('durable', `an answer is of ${size} entries of ${this.size}`)
    call.list.forEach((bytes, position) => {
      const first = this.#firsts.get(idOf(bytes))
      const said = OUTCOMES[statuses[position]!]
      if (first === undefined) {
        const isUnused = said === 'not-entitled'
        if (!isUnused) this.#trace.broken('acknowledged', `a transaction was answered ${said} and is not in the log`)
      } else if (
        equalBytes(first.bytes, bytes) ? said !== first.outcome && said !== 'not-entitled' : said === 'accepted'
      )
        this.#trace.broken('first outcome', `the id of entry ${first.index} had ${first.outcome}, and now ${said}`)
    })
    if (promise === null) return
    const root = this.#roots.get(promise.size)
    if (root === undefined || !equalBytes(root, promise.root))
      this.#trace.broken('promise', `a root of ${promise.size} entries was promised that is not the log's`)
    this.#promises.push({ size: promise.size, deadline: promise.deadline })
  }

  /** The state of a ledger that has applied exactly what is durable, or of a copy that has some of it. */
  compare(where: string, { size, state }: Ledger): void {
    if (size !== this.size) return
    const { accounts } = state
    if (accounts.count !== this.naive.accounts.length)
      this.#trace.broken('balance', `${where} has ${accounts.count} accounts, not ${this.naive.accounts.length}`)
    else
      for (const { number, balance, entries } of this.naive.accounts) {
        const own = accounts.get(number)
        if (accounts.balance(number) !== Number(balance) || own.entries !== entries)
          this.#trace.broken(
            'balance',
            `account ${number} at ${where} has ${accounts.balance(number)} in ${own.entries} entries, ` +
              `not ${balance} in ${entries}`,
          )
      }
  }

  /** Each seal that was ordered is in the log once. @param ordered - how many were. */
  compareSeals(ordered: number): void {
    if (this.#seals.size !== ordered)
      this.#trace.broken('once', `the log has ${this.#seals.size} seals, and ${ordered} were ordered`)
  }

  /** Everything that was promised is in a checkpoint that somebody has seen. */
  kept(): void {
    const open = this.#promises.find(({ size }) => size > this.published)
    if (open !== undefined)
      this.#trace.broken('promise', `${open.size} entries were promised, and ${this.published} are published`)
  }

  /** The seal that was made last commits to the very state that the naive ledger has, if nothing came after it. */
  compareLastSeal(): void {
    const seal = this.#seals.get(this.size)
    if (seal === undefined) return
    const { accounts, stateRoot, registryRoot } = rootsOf(this.naive)
    const isSame =
      seal.accounts === accounts && toHex(seal.stateRoot) === stateRoot && toHex(seal.registryRoot) === registryRoot
    if (!isSame) this.#trace.broken('sealed', `the seal at ${this.size - 1} commits to another state`)
  }

  #batch(entry: Uint8Array, list: readonly Uint8Array[]): void {
    const { signatures, groups, statuses, time } = decodeBatch(entry)
    const index = this.size
    if (index === 0) this.ledgerId = leaf(entry)
    this.#goOn(time)
    const signers = signatures.map(({ class: of, number }): NaiveSigner => {
      if (of === SIGNER_RECORD) return { record: number }
      return of === SIGNER_OWNER ? { account: number } : { account: number, recovery: of - SIGNER_RECOVERY }
    })
    const expected = this.naive.submit(signers, list, time, groups)
    const outcomes = Array.from(statuses, status => OUTCOMES[status]!)
    if (!Array.isArray(expected) || expected.join() !== outcomes.join())
      this.#trace.broken('rules', `the batch at ${index} has ${outcomes}, not ${expected ?? 'nothing that is new'}`)
    list.forEach((bytes, position) => {
      const id = idOf(bytes)
      const first = this.#firsts.get(id)
      const outcome = outcomes[position]!
      if (first !== undefined && outcome === 'accepted')
        this.#trace.broken('once', `the id of entry ${first.index} was taken again at ${index + 1 + position}`)
      if (first === undefined && outcome !== 'not-entitled')
        this.#firsts.set(id, { bytes, index: index + 1 + position, outcome })
    })
  }

  #seal(entry: Uint8Array): void {
    const seal = decodeSeal(entry)
    this.#goOn(seal.time)
    if (seal.epoch !== this.naive.epoch)
      this.#trace.broken('sealed', `epoch ${seal.epoch} comes after ${this.naive.epoch} epochs`)
    this.naive.size++
    this.naive.sealed = this.naive.size
    this.naive.epoch++
    this.#seals.set(this.size + 1, seal)
  }

  #goOn(time: number): void {
    if (time < this.#lastTime) this.#trace.broken('time', `ledger time went back from ${this.#lastTime} to ${time}`)
    this.#lastTime = Math.max(time, this.#lastTime)
  }
}

function idOf(bytes: Uint8Array): string {
  return toHex(decodeTransaction(bytes).id)
}
