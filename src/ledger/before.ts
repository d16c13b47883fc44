import { type AccountPage, HOT_BYTES, inPage } from './account-page.ts'

/** Records kept together. */
const CHUNK = 1024

/** The hot records of accounts that changed since the last seal, as they were then: 68 bytes each. */
export class Before {
  readonly #records: Int32Array<ArrayBuffer>[] = []
  readonly #accounts: Uint32Array[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Keeps an account's record and returns its place. */
  keep(account: number, { words }: AccountPage): number {
    const place = this.#count++
    const [chunk, at] = [Math.floor(place / CHUNK), place % CHUNK]
    if (chunk === this.#records.length) {
      this.#records.push(new Int32Array(CHUNK * 16))
      this.#accounts.push(new Uint32Array(CHUNK))
    }
    const [records, to, from] = [this.#records[chunk]!, at * 16, inPage(account) * 16]
    for (let i = 0; i < 16; i++) records[to + i] = words[from + i]!
    this.#accounts[chunk]![at] = account
    return place
  }

  /** The record at a place, a copy. */
  record(place: number): Uint8Array {
    const { buffer } = this.#records[Math.floor(place / CHUNK)]!
    return new Uint8Array(buffer, (place % CHUNK) * HOT_BYTES, HOT_BYTES).slice()
  }

  /** The account whose record is at a place. */
  account(place: number): number {
    return this.#accounts[Math.floor(place / CHUNK)]![place % CHUNK]!
  }

  /** Forgets all of it, and gives back memory that it had no use for this time. */
  clear(): void {
    this.#records.length = this.#accounts.length = Math.ceil(this.#count / CHUNK)
    this.#count = 0
  }
}
