import { assert } from '../core/failure.ts'

/** Words of a hash. */
const HASH_WORDS = 8

/** Nodes of a level for which memory is kept from one root to the next. */
const NODES_USUAL = 2 ** 16

/** Hashes of one level, by increasing index. */
interface Kept {
  indexes: Uint32Array<ArrayBuffer>
  words: Int32Array<ArrayBuffer>
  count: number
}

/**
 * Nodes of a tree as they were before they were hashed again, by level and index: with them paths under the last root can
 * be had while the next one is in the making. 36 bytes for each such node.
 */
export class NodesBefore {
  readonly #levels: Kept[] = []

  /** @param depth - the highest level. */
  constructor(depth: number) {
    for (let level = 0; level <= depth; level++)
      this.#levels.push({ indexes: new Uint32Array(0), words: new Int32Array(0), count: 0 })
  }

  /** Keeps the node that stands in `nodes` at `place`. Indexes of a level come in increasing order. */
  keep(level: number, index: number, nodes: Int32Array, place: number): void {
    const kept = this.#levels[level]!
    assert(kept.count === 0 || kept.indexes[kept.count - 1]! < index, 'nodes are hashed again in order')
    if (kept.count === kept.indexes.length) grow(kept)
    kept.indexes[kept.count] = index
    const at = HASH_WORDS * kept.count++
    for (let w = 0; w < HASH_WORDS; w++) kept.words[at + w] = nodes[place + w]!
  }

  /** The node as it was, a copy; undefined if it is as it was. */
  find(level: number, index: number): Uint8Array | undefined {
    const { indexes, words, count } = this.#levels[level]!
    let [low, high] = [0, count]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (indexes[middle]! < index) low = middle + 1
      else high = middle
    }
    if (low === count || indexes[low] !== index) return undefined
    return new Uint8Array(words.slice(HASH_WORDS * low, HASH_WORDS * (low + 1)).buffer)
  }

  /** Forgets all of them, and lets go of what was much more than usual. */
  clear(): void {
    for (const kept of this.#levels) {
      kept.count = 0
      if (kept.indexes.length <= NODES_USUAL) continue
      kept.indexes = new Uint32Array(0)
      kept.words = new Int32Array(0)
    }
  }
}

function grow(kept: Kept): void {
  const length = Math.max(256, 2 * kept.count)
  const [indexes, words] = [new Uint32Array(length), new Int32Array(HASH_WORDS * length)]
  indexes.set(kept.indexes)
  words.set(kept.words)
  kept.indexes = indexes
  kept.words = words
}
