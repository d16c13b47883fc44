import { AT_ONCE, type MemoryRows, type Row, type Rows } from '../../src/lookup/index.ts'

/** Rows that can be cut off from anyone who writes them, at any await: what was written until then stays. */
export class CutRows implements Rows {
  readonly #rows: Rows
  readonly #turns: () => number
  isCut = false

  constructor(rows: Rows, turns: () => number) {
    this.#rows = rows
    this.#turns = turns
  }

  async #pass<T>(what: () => Promise<T>): Promise<T> {
    for (let turns = this.#turns(); turns > 0; turns--) await Promise.resolve()
    if (this.isCut) return new Promise<T>(() => {})
    return what()
  }

  writeRows(changes: { readonly puts: readonly Row[] }, options: { readonly sync: boolean }): Promise<void> {
    return this.#pass(() => this.#rows.writeRows(changes, options))
  }
  readRow(key: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#pass(() => this.#rows.readRow(key))
  }
  readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    return this.#pass(() => this.#rows.readMany(keys))
  }
  readRows(from: Uint8Array, to: Uint8Array): AsyncIterable<Row> {
    return this.#rows.readRows(from, to)
  }
  deleteRows(from: Uint8Array, to: Uint8Array): Promise<void> {
    return this.#pass(() => this.#rows.deleteRows(from, to))
  }
  /** For those who wait between the pieces of what they write. */
  turn(): Promise<void> {
    return this.#pass(AT_ONCE)
  }
}

/** All rows there are. */
export async function rowsOf(rows: MemoryRows): Promise<Row[]> {
  const list: Row[] = []
  for await (const row of rows.readRows(new Uint8Array(0), Uint8Array.of(255))) list.push(row)
  return list
}

/** Deletes a row, or changes a byte of one. Returns false when there is none. */
export async function damage(rows: MemoryRows, below: (n: number) => number): Promise<boolean> {
  const list = await rowsOf(rows)
  const row = list[below(list.length)]
  if (row === undefined) return false
  if (below(2) === 0) await rows.deleteRows(row.key, Uint8Array.from([...row.key, 0]))
  else {
    row.value[below(row.value.length)]! ^= 1 + below(255)
    await rows.writeRows({ puts: [row] })
  }
  return true
}

/** Numbers from 0 to below 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
