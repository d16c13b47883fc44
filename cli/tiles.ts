import { concatBytes } from '../src/core/bytes.ts'
import { EMPTY_ROOT, nodeHash } from '../src/core/merkle.ts'
import { BUNDLE_ENTRIES } from '../src/core/tile.ts'

export interface HashTile {
  readonly level: number
  readonly index: number
  /** `32 width` bytes. */
  readonly hashes: Uint8Array
}

/**
 * All hash tiles of a log, made from its leaves as they come: holds one tile a level and no more, however long the log.
 * c2sp.org/tlog-tiles.
 */
export class TileMaker {
  readonly #levels: { index: number; hashes: Uint8Array[] }[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Appends a leaf hash and returns the tiles that it fills, lowest first. */
  append(leaf: Uint8Array): HashTile[] {
    this.#size++
    const whole: HashTile[] = []
    let hash = leaf
    for (let level = 0; ; level++) {
      this.#levels[level] ??= { index: 0, hashes: [] }
      const tile = this.#levels[level]!
      tile.hashes.push(hash)
      if (tile.hashes.length < BUNDLE_ENTRIES) return whole
      whole.push({ level, index: tile.index, hashes: concatBytes(...tile.hashes) })
      hash = rootOf(tile.hashes)
      tile.index++
      tile.hashes = []
    }
  }

  /** The partial tiles at the right edge of the tree, lowest first. */
  partial(): HashTile[] {
    return this.#levels.flatMap(({ index, hashes }, level) =>
      hashes.length === 0 ? [] : [{ level, index, hashes: concatBytes(...hashes) }],
    )
  }

  /** The root of the tree. RFC 6962 §2.1. */
  root(): Uint8Array {
    let right: Uint8Array | undefined
    for (const { hashes } of this.#levels) {
      // Below this level's tile stands one more, incomplete subtree to its right: the hash carried up so far.
      const all = right === undefined ? hashes : [...hashes, right]
      if (all.length > 0) right = rootOf(all)
    }
    return right ?? EMPTY_ROOT
  }
}

/** The root over the hashes of subtrees that stand side by side, complete but for the last. RFC 6962 §2.1. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let level = [...hashes]
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(level[i]!, level[i + 1]!))
    if (level.length % 2 === 1) above.push(level.at(-1)!)
    level = above
  }
  return level[0]!
}
