import { engine } from '../core/crypto/engine.ts'
import { REF_BYTES } from '../core/limits.ts'
import type { Growth, RefNote } from './growth.ts'

/** Bytes of what must be unique: unit, sponsor, reference. */
const KEY_BYTES = 8 + REF_BYTES
/** Mark a unit's number where there is a sponsor, and where it is a reference of an old system: records are fewer. */
const SPONSORED = 0x8000_0000
const SOURCED = 0x4000_0000
const NONE = 0xffff_ffff

/**
 * Under which reference a sponsor has which account (SPEC §6): each once in a unit, found in one step. 40 bytes an
 * account that has a reference, and nothing for one that has none. Slots go by a hash, so that nobody who chooses
 * references chooses slots.
 */
export class Refs {
  #keys = new Uint8Array(16 * KEY_BYTES)
  #accounts = new Uint32Array(16)
  #count = 0
  /** Open addressing: place among the keys, or `NONE`. Never more than half full. */
  #slots = new Uint32Array(32).fill(NONE)
  #told = 0
  #isHeld = false
  readonly #key = new Uint8Array(KEY_BYTES)
  /** Is told of every reference, while a snapshot is kept. */
  growth: Growth | undefined
  readonly #note: RefNote

  /** @param note - by which the growth knows whose references these are. */
  constructor(note: RefNote = 'ref') {
    this.#note = note
  }

  /** How many accounts have one. */
  get count(): number {
    return this.#count
  }

  /** The account that has the reference of a sponsor, or, without one, of the platform, in a unit. */
  find(unit: number, sponsor: number | null, ref: Uint8Array): number | undefined {
    this.#put(sponsor === null ? unit : (unit | SPONSORED) >>> 0, sponsor ?? 0, ref)
    const place = this.#slots[this.#slotOf(this.#key, 0)]!
    return place === NONE ? undefined : this.#accounts[place]
  }

  /** Notes an account under a reference that nobody has. */
  add(unit: number, sponsor: number | null, ref: Uint8Array, account: number): void {
    this.#addUnder(sponsor === null ? unit : (unit | SPONSORED) >>> 0, sponsor ?? 0, ref, account)
  }

  #addUnder(unit: number, holder: number, ref: Uint8Array, account: number): void {
    if (this.#count === this.#accounts.length) this.#grow()
    this.#put(unit, holder, ref)
    this.#slots[this.#slotOf(this.#key, 0)] = this.#count
    this.#keys.set(this.#key, this.#count * KEY_BYTES)
    this.#accounts[this.#count++] = account
    if (!this.#isHeld) this.#tell()
  }

  /** Whether an old system, by the record of its key, handed over a balance under a reference, in a unit. */
  hasOpened(unit: number, source: number, ref: Uint8Array): boolean {
    this.#put((unit | SOURCED) >>> 0, source, ref)
    return this.#slots[this.#slotOf(this.#key, 0)] !== NONE
  }

  /** Notes that it did, to an account. */
  open(unit: number, source: number, ref: Uint8Array, account: number): void {
    this.#addUnder((unit | SOURCED) >>> 0, source, ref, account)
  }

  /** Holds back what is told, until `stand` or `drop`. */
  hold(): void {
    this.#isHeld = true
  }

  /** Tells what was held back. */
  stand(): void {
    this.#isHeld = false
    this.#tell()
  }

  /** Takes back what was added since `hold`, the last first: nothing stands after it in its row of slots. */
  drop(): void {
    this.#isHeld = false
    while (this.#count > this.#told) this.#slots[this.#slotOf(this.#keys, --this.#count * KEY_BYTES)] = NONE
  }

  #tell(): void {
    for (; this.#told < this.#count; this.#told++) {
      const at = this.#told * KEY_BYTES
      this.growth?.referred(this.#note, this.#accounts[this.#told]!, this.#keys.subarray(at, at + KEY_BYTES))
    }
  }

  /** Puts in place what the growth was told. */
  restore(account: number, key: Uint8Array): void {
    const view = new DataView(key.buffer, key.byteOffset)
    this.#addUnder(view.getUint32(0), view.getUint32(4), key.subarray(8), account)
  }

  #put(unit: number, holder: number, ref: Uint8Array): void {
    const view = new DataView(this.#key.buffer)
    view.setUint32(0, unit)
    view.setUint32(4, holder)
    this.#key.set(ref, 8)
  }

  /** The slot of the key at a place in `keys`, or the free one where it belongs. */
  #slotOf(keys: Uint8Array, at: number): number {
    const hash = engine().sha256(keys.slice(at, at + KEY_BYTES))
    const mask = this.#slots.length - 1
    let slot = new DataView(hash.buffer, hash.byteOffset).getUint32(0) & mask
    for (; this.#slots[slot] !== NONE; slot = (slot + 1) & mask)
      if (isSame(keys, at, this.#keys, this.#slots[slot]! * KEY_BYTES)) break
    return slot
  }

  #grow(): void {
    const keys = new Uint8Array(2 * this.#keys.length)
    keys.set(this.#keys)
    this.#keys = keys
    const accounts = new Uint32Array(2 * this.#accounts.length)
    accounts.set(this.#accounts)
    this.#accounts = accounts
    this.#slots = new Uint32Array(2 * this.#slots.length).fill(NONE)
    for (let place = 0; place < this.#count; place++) this.#slots[this.#slotOf(keys, place * KEY_BYTES)] = place
  }
}

/** Bytes of a reference in the growth. */
export const REF_KEY_BYTES: number = KEY_BYTES

function isSame(one: Uint8Array, at: number, other: Uint8Array, otherAt: number): boolean {
  for (let i = 0; i < KEY_BYTES; i++) if (one[at + i] !== other[otherAt + i]) return false
  return true
}
