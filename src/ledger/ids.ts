import type { Transactions } from '../core/batch.ts'
import { equalBytes } from '../core/bytes.ts'
import { ID_BYTES } from '../core/id.ts'
import { ACCEPTED, EXISTS, ID_TAKEN } from '../core/outcome.ts'
import { decodeTransaction, type TransactionView } from '../core/transaction.ts'
import type { Referred } from './originals.ts'

/** What the ids of a batch have met before. */
export interface Seen {
  /** Per position, `ACCEPTED` (nothing), `EXISTS` or `ID_TAKEN`. */
  readonly status: Uint8Array
  /** Log index of the transaction that has the id, where there is one. */
  readonly index: Float64Array
  /** By position, the transaction that it names by its id, where there is one. */
  readonly referred: ReadonlyMap<number, Referred>
}

/** A position whose id, or the id that it names, may stand in the log already, at one of the indexes. */
export interface Hit {
  readonly position: number
  readonly candidates: readonly number[]
  /** The id that it names, where that is what was looked for. */
  readonly named?: Uint8Array
}

/** The id of a transaction entry, behind type byte, array head, kind (one byte below 24, else two) and its own head. */
function idOf(entry: Uint8Array): Uint8Array {
  const at = entry[2]! < 24 ? 4 : 5
  return entry.subarray(at, at + ID_BYTES)
}

/** Bytes of an id from which its fingerprint is taken: the half that is random. */
const FINGERPRINT_AT = 8

/**
 * Every id that stands in the log, as an 8-byte fingerprint and a log index: an open-addressing table, 16 bytes a slot.
 * A fingerprint only points at candidates. Whether the id is the same, and whether the bytes are, is decided by the
 * entries themselves, so nobody gains by choosing bits.
 */
export class Ids {
  #low = new Uint32Array(0)
  #high = new Uint32Array(0)
  /** Log index + 1, so that 0 is an empty slot. */
  #index = new Float64Array(0)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The positions of a batch whose ids may have been used, by earlier batches or by earlier positions of this one. */
  hits(transactions: Transactions, view: TransactionView, batchIndex: number): Hit[] {
    const hits: Hit[] = []
    for (let position = 0; position < transactions.count; position++) {
      view.read(transactions.bytes, transactions.starts[position], transactions.ends[position])
      const candidates = this.#add(view.bytes, view.idStart, batchIndex + 1 + position)
      if (candidates !== undefined) hits.push({ position, candidates })
      if (view.rare?.kind !== 'reverse') continue
      const named = view.rare.original
      hits.push({ position, candidates: this.#find(named, 0), named })
    }
    return hits
  }

  /** Takes back what `hits` added for a batch that will not be in the log. */
  forget(transactions: Transactions, view: TransactionView, batchIndex: number): void {
    for (let position = transactions.count - 1; position >= 0; position--) {
      view.read(transactions.bytes, transactions.starts[position], transactions.ends[position])
      this.#remove(view.bytes, view.idStart, batchIndex + 1 + position)
    }
  }

  /** The log indexes under the fingerprint of the id at `idStart`. */
  #find(bytes: Uint8Array, idStart: number): number[] {
    const found: number[] = []
    if (this.#index.length === 0) return found
    const low = word(bytes, idStart + FINGERPRINT_AT)
    const high = word(bytes, idStart + FINGERPRINT_AT + 4)
    const mask = this.#index.length - 1
    for (let slot = spread(low, high) & mask; this.#index[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#low[slot] === low && this.#high[slot] === high) found.push(this.#index[slot]! - 1)
    return found
  }

  /** Adds an id and returns the log indexes already there under its fingerprint, or undefined if there are none. */
  #add(bytes: Uint8Array, idStart: number, index: number): number[] | undefined {
    if ((this.#count + 1) * 2 > this.#index.length) this.#grow()
    const low = word(bytes, idStart + FINGERPRINT_AT)
    const high = word(bytes, idStart + FINGERPRINT_AT + 4)
    const mask = this.#index.length - 1
    let candidates: number[] | undefined
    let slot = spread(low, high) & mask
    for (; this.#index[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#low[slot] !== low || this.#high[slot] !== high) continue
      candidates ??= []
      candidates.push(this.#index[slot]! - 1)
    }
    this.#low[slot] = low
    this.#high[slot] = high
    this.#index[slot] = index + 1
    this.#count++
    return candidates
  }

  #remove(bytes: Uint8Array, idStart: number, index: number): void {
    const mask = this.#index.length - 1
    let slot = spread(word(bytes, idStart + FINGERPRINT_AT), word(bytes, idStart + FINGERPRINT_AT + 4)) & mask
    while (this.#index[slot] !== index + 1) slot = (slot + 1) & mask
    this.#count--
    // Backward-shift deletion: what probed past the freed slot moves up, so no slot is ever marked as deleted.
    for (let next = (slot + 1) & mask; this.#index[next] !== 0; next = (next + 1) & mask) {
      const home = spread(this.#low[next]!, this.#high[next]!) & mask
      if (((next - home) & mask) < ((next - slot) & mask)) continue
      this.#low[slot] = this.#low[next]!
      this.#high[slot] = this.#high[next]!
      this.#index[slot] = this.#index[next]!
      slot = next
    }
    this.#index[slot] = 0
  }

  #grow(): void {
    const [low, high, index] = [this.#low, this.#high, this.#index]
    const size = Math.max(1024, index.length * 2)
    this.#low = new Uint32Array(size)
    this.#high = new Uint32Array(size)
    this.#index = new Float64Array(size)
    for (let i = 0; i < index.length; i++) {
      if (index[i] === 0) continue
      let slot = spread(low[i]!, high[i]!) & (size - 1)
      while (this.#index[slot] !== 0) slot = (slot + 1) & (size - 1)
      this.#low[slot] = low[i]!
      this.#high[slot] = high[i]!
      this.#index[slot] = index[i]!
    }
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Mixes a fingerprint into a slot number (the finalizer of MurmurHash3), so that chosen low bits do not pile up. */
function spread(low: number, high: number): number {
  let h = low ^ Math.imul(high, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** What `Ids.hits` found nothing for: shared, never written. */
const NOTHING_SEEN: readonly Hit[] = []

/**
 * What the ids of a batch have met, decided from the entries that the hits point at. SPEC §7, §8: the same id and the
 * same bytes `exists`, the same id and other bytes is `id-taken`.
 *
 * @param entryAt - the entry at a log index, of an earlier batch or of this one.
 */
export function seenFrom(
  transactions: Transactions,
  hits: readonly Hit[] = NOTHING_SEEN,
  entryAt: (index: number) => Uint8Array,
): Seen | undefined {
  if (hits.length === 0) return undefined
  const status = new Uint8Array(transactions.count).fill(ACCEPTED)
  const index = new Float64Array(transactions.count)
  const referred = new Map<number, Referred>()
  for (const { position, candidates, named } of hits) {
    const bytes = transactions.bytes.subarray(transactions.starts[position], transactions.ends[position])
    const id = named ?? idOf(bytes)
    // The earliest entry of the id is the one whose outcome stands: later ones are its repetitions or refusals.
    for (const candidate of [...candidates].sort((a, b) => a - b)) {
      const earlier = entryAt(candidate)
      if (!equalBytes(idOf(earlier), id)) continue
      if (named === undefined) {
        status[position] = equalBytes(earlier, bytes) ? EXISTS : ID_TAKEN
        index[position] = candidate
      } else referred.set(position, { index: candidate, transaction: decodeTransaction(earlier) })
      break
    }
  }
  return { status, index, referred }
}
