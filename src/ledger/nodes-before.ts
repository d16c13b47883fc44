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
 * be had while the next one is in the making. 36 bytes for each such node. The tree is hashed in rounds: what a node was
 * before the first that came to it is what it was.
 */
export class NodesBefore {
  readonly #depth: number
  /** By round, the one that goes on last, and level. */
  readonly #rounds: Kept[][] = []

  /** @param depth - the highest level. */
  constructor(depth: number) {
    this.#depth = depth
    this.nextRound()
  }

  /** Begins a round, in which every node may come once more. */
  nextRound(): void {
    this.#rounds.push(Array.from({ length: this.#depth + 1 }, nothingKept))
  }

  /** Keeps the node that stands in `nodes` at `place`. Indexes of a level come in increasing order in a round. */
  keep(level: number, index: number, nodes: Int32Array, place: number): void {
    const last = this.#rounds.length - 1
    for (let round = 0; round < last; round++) if (placeOf(this.#rounds[round]![level]!, index) >= 0) return
    const kept = this.#rounds[last]![level]!
    assert(kept.count === 0 || kept.indexes[kept.count - 1]! < index, 'nodes are hashed again in order')
    if (kept.count === kept.indexes.length) grow(kept)
    kept.indexes[kept.count] = index
    const at = HASH_WORDS * kept.count++
    for (let w = 0; w < HASH_WORDS; w++) kept.words[at + w] = nodes[place + w]!
  }

  /** The node as it was, a copy; undefined if it is as it was. */
  find(level: number, index: number): Uint8Array | undefined {
    for (const levels of this.#rounds) {
      const { words } = levels[level]!
      const place = placeOf(levels[level]!, index)
      if (place >= 0) return new Uint8Array(words.slice(HASH_WORDS * place, HASH_WORDS * (place + 1)).buffer)
    }
    return undefined
  }

  /** Forgets all of them, and lets go of what was much more than usual. */
  clear(): void {
    this.#rounds.length = 1
    for (const kept of this.#rounds[0]!) {
      kept.count = 0
      if (kept.indexes.length > NODES_USUAL) Object.assign(kept, nothingKept())
    }
  }
}

function nothingKept(): Kept {
  return { indexes: new Uint32Array(0), words: new Int32Array(0), count: 0 }
}

/** Where a node stands among those kept, or -1. */
function placeOf({ indexes, count }: Kept, index: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (indexes[middle]! < index) low = middle + 1
    else high = middle
  }
  return low < count && indexes[low] === index ? low : -1
}

function grow(kept: Kept): void {
  const length = Math.max(256, 2 * kept.count)
  const [indexes, words] = [new Uint32Array(length), new Int32Array(HASH_WORDS * length)]
  indexes.set(kept.indexes)
  words.set(kept.words)
  kept.indexes = indexes
  kept.words = words
}
