import { assert } from '../../core/failure.ts'

/** Words of a hash. */
const HASH_WORDS = 8

/** Nodes of a level for which memory is kept from one root to the next in any case. */
const NODES_USUAL = 2 ** 14

/** Hashes of one level, by increasing index. */
interface LevelHashes {
  indexes: Uint32Array<ArrayBuffer>
  words: Int32Array<ArrayBuffer>
  count: number
}

/**
 * Nodes of a tree as they were before they were hashed again, by level and index: with them paths under the last root
 * can be had while the next one is in the making. 36 bytes for each such node. The tree is hashed in rounds: what a
 * node was before the first that came to it is what it was.
 */
export class SealedNodes {
  readonly #depth: number
  /** By round and level; and the round that goes on. Memory for more rounds follows. */
  readonly #rounds: LevelHashes[][] = []
  #last = -1

  /** @param depth - the highest level. */
  constructor(depth: number) {
    this.#depth = depth
    this.nextRound()
  }

  /** Begins a round, in which every node may come once more. */
  nextRound(): void {
    if (++this.#last === this.#rounds.length) this.#rounds.push(Array.from({ length: this.#depth + 1 }, nothingKept))
  }

  /**
   * Keeps `count` nodes from `index` on, the first of which stands in `nodes` at `place`. Those of a level come in
   * increasing order in a round.
   */
  keep(level: number, index: number, count: number, nodes: Int32Array, place: number): void {
    const last = this.#last
    const kept = this.#rounds[last]![level]!
    assert(kept.count === 0 || kept.indexes[kept.count - 1]! < index, 'nodes are hashed again in order')
    if (kept.count + count > kept.indexes.length) grow(kept, kept.count + count)
    const { indexes, words } = kept
    for (let n = 0; n < count; n++) {
      if (last > 0 && this.#isKept(last, level, index + n)) continue
      const [at, from] = [HASH_WORDS * kept.count, place + HASH_WORDS * n]
      indexes[kept.count++] = index + n
      for (let w = 0; w < HASH_WORDS; w++) words[at + w] = nodes[from + w]!
    }
  }

  /** Whether a node was kept in one of the first `rounds` rounds. */
  #isKept(rounds: number, level: number, index: number): boolean {
    for (let round = 0; round < rounds; round++) if (placeOf(this.#rounds[round]![level]!, index) >= 0) return true
    return false
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

  /**
   * Forgets all of them, and lets go of memory most of which had no use this time: making it again costs more than
   * keeping it.
   */
  clear(): void {
    this.#last = 0
    for (const kept of this.#rounds.flat()) {
      if (kept.indexes.length > Math.max(NODES_USUAL, 4 * kept.count)) Object.assign(kept, nothingKept())
      kept.count = 0
    }
  }
}

function nothingKept(): LevelHashes {
  return { indexes: new Uint32Array(0), words: new Int32Array(0), count: 0 }
}

/** Where a node stands among those kept, or -1. */
function placeOf({ indexes, count }: LevelHashes, index: number): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (indexes[middle]! < index) low = middle + 1
    else high = middle
  }
  return low < count && indexes[low] === index ? low : -1
}

function grow(kept: LevelHashes, needed: number): void {
  const length = Math.max(256, needed, 2 * kept.count)
  const [indexes, words] = [new Uint32Array(length), new Int32Array(HASH_WORDS * length)]
  indexes.set(kept.indexes)
  words.set(kept.words)
  kept.indexes = indexes
  kept.words = words
}
