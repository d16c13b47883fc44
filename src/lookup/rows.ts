/** A row: what an index keeps under a key. */
export interface Row {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/**
 * Where an index keeps what it made from the log: rows that may be lost, as they can be made again. A `Store` is one;
 * the ledger itself has no disk. Takes effect in the order of the calls; what is read is the caller's own.
 */
export interface Rows {
  writeRows(changes: { readonly puts: readonly Row[] }, options: { readonly sync: boolean }): Promise<void>
  readRow(key: Uint8Array): Promise<Uint8Array | undefined>
  /** The values of some rows, in the order of the keys, as one read. */
  readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  /** The rows from `from` to below `to`, in the order of their keys. */
  readRows(from: Uint8Array, to: Uint8Array): AsyncIterable<Row>
  deleteRows(from: Uint8Array, to: Uint8Array): Promise<void>
}

/** Resolves when anyone else who waits for this thread has had a turn: between the pieces of a long computation. */
export type Turn = () => Promise<void>

/** The turn of a computation that keeps nobody waiting: at once. */
export const AT_ONCE: Turn = () => Promise.resolve()

/** Rows in memory, for a log that is read once: gone with the process. */
export class MemoryRows implements Rows {
  readonly #rows = new Map<string, Uint8Array>()

  async writeRows({ puts }: { readonly puts: readonly Row[] }): Promise<void> {
    for (const { key, value } of puts) this.#rows.set(nameOf(key), value.slice())
  }

  async readRow(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#rows.get(nameOf(key))?.slice()
  }

  readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return Promise.all(keys.map(key => this.readRow(key)))
  }

  async *readRows(from: Uint8Array, to: Uint8Array): AsyncGenerator<Row, void, void> {
    for (const name of this.#between(from, to)) {
      const value = this.#rows.get(name)
      if (value !== undefined) yield { key: Uint8Array.from(name, c => c.charCodeAt(0)), value: value.slice() }
    }
  }

  async deleteRows(from: Uint8Array, to: Uint8Array): Promise<void> {
    for (const name of this.#between(from, to)) this.#rows.delete(name)
  }

  #between(from: Uint8Array, to: Uint8Array): string[] {
    const [first, end] = [nameOf(from), nameOf(to)]
    return [...this.#rows.keys()].filter(name => name >= first && name < end).sort()
  }
}

/** A key as a string of one character a byte, which sorts as the bytes do. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key)
}

/**
 * The key of a row: letters that say whose it is, then numbers of 32 bits, big-endian, so that they sort as numbers.
 */
export function rowKey(letters: string, ...numbers: readonly number[]): Uint8Array {
  const key = new Uint8Array(letters.length + 4 * numbers.length)
  const view = new DataView(key.buffer)
  for (let i = 0; i < letters.length; i++) key[i] = letters.charCodeAt(i)
  numbers.forEach((number, i) => {
    view.setUint32(letters.length + 4 * i, number)
  })
  return key
}

/** Bytes of the checksum after a row's payload. */
export const CHECKSUM_BYTES = 4

/** A row whose value is `payload` behind which stands a checksum over key and payload: `openRow` takes nothing else. */
export function sealRow(key: Uint8Array, payload: Uint8Array): Row {
  const value = new Uint8Array(payload.length + CHECKSUM_BYTES)
  value.set(payload)
  return sealRowInPlace(key, value)
}

/**
 * As `sealRow`, without a copy: the last four bytes of the value, which begins its memory, are the checksum's place.
 */
export function sealRowInPlace(key: Uint8Array, value: Uint8Array): Row {
  const length = value.length - CHECKSUM_BYTES
  new DataView(value.buffer, value.byteOffset).setUint32(length, checksum(key, value, length))
  return { key, value }
}

/** What `sealRow` put under a key; undefined where that is missing, cut off, of another key or changed by accident. */
export function openRow(key: Uint8Array, value: Uint8Array | undefined): Uint8Array | undefined {
  const length = (value?.length ?? 0) - CHECKSUM_BYTES
  if (value === undefined || length < 0) return undefined
  const whole = value.byteOffset % 4 === 0 ? value : value.slice()
  const sum = new DataView(whole.buffer, whole.byteOffset, whole.length).getUint32(length)
  return sum === checksum(key, whole, length) ? whole.subarray(0, length) : undefined
}

/**
 * 32 bits over a key and the first `length` bytes of a value, whose memory begins at a multiple of four: against
 * accidents, four words at a time, as each of four sums waits for nothing but itself.
 */
function checksum(key: Uint8Array, bytes: Uint8Array, length: number): number {
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, length >>> 2)
  const whole = words.length - (words.length % 4)
  let [a, b, c, d] = [length, 1, 2, 3]
  for (let i = 0; i < whole; i += 4) {
    a = mix(a, words[i]!)
    b = mix(b, words[i + 1]!)
    c = mix(c, words[i + 2]!)
    d = mix(d, words[i + 3]!)
  }
  let sum = mix(mix(mix(a, b), c), d)
  for (let i = 4 * whole; i < length; i++) sum = mix(sum, bytes[i]!)
  for (let i = 0; i < key.length; i++) sum = mix(sum, key[i]!)
  return sum >>> 0
}

/** One step of MurmurHash3's body: every step can be undone, so no single change is lost. */
export function mix(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593) | 0
}

/**
 * What `read` makes of the rows under some letters and a number below `count`, by that number; those that are missing
 * or damaged, and those of which it makes nothing, are left out.
 */
export async function rowsByNumber<T>(
  rows: Rows,
  letters: string,
  count: number,
  read: (payload: Uint8Array | undefined) => T | undefined,
): Promise<Map<number, T>> {
  const found = new Map<number, T>()
  for await (const { key, value } of rows.readRows(rowKey(letters, 0), rowKey(letters, count))) {
    const made = read(openRow(key, value))
    if (made !== undefined) found.set(new DataView(key.buffer, key.byteOffset).getUint32(letters.length), made)
  }
  return found
}

/** What one write brings: little, as the entries of the next group may wait behind it. */
const WRITE_BYTES = 65_536

/** Puts rows, some at a time, each with its checksum. */
export class RowWriter {
  readonly #rows: Rows
  #puts: Row[] = []
  #bytes = 0

  constructor(rows: Rows) {
    this.#rows = rows
  }

  async put(key: Uint8Array, payload: Uint8Array): Promise<void> {
    this.#puts.push(sealRow(key, payload))
    this.#bytes += payload.length
    if (this.#bytes >= WRITE_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const puts = this.#puts
    this.#puts = []
    this.#bytes = 0
    if (puts.length > 0) await this.#rows.writeRows({ puts }, { sync: false })
  }
}
