import { concatBytes } from '../src/core/bytes.ts'
import { EMPTY_ROOT, type Node, nodeHash } from '../src/core/merkle.ts'
import { BUNDLE_ENTRIES, type TileAddress } from '../src/core/tile.ts'

/** log2 of the hashes in a tile. */
const TILE_LEVELS = 8

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

/** Where the hash tiles of a log come from. */
export type TileSource = (address: TileAddress) => Promise<Uint8Array>

/** The hash of a complete subtree of a log of `size` entries, from the tile in which its hashes stand. c2sp.org/tlog-tiles. */
export async function nodeFromTiles({ level, index }: Node, size: number, tileAt: TileSource): Promise<Uint8Array> {
  const tileLevel = Math.floor(level / TILE_LEVELS)
  const span = 2 ** (level % TILE_LEVELS)
  const first = index * span
  const tile = Math.floor(first / BUNDLE_ENTRIES)
  const count = Math.floor(size / BUNDLE_ENTRIES ** tileLevel)
  const width = Math.min(BUNDLE_ENTRIES, count - tile * BUNDLE_ENTRIES)
  const bytes = await tileAt({ level: tileLevel, index: tile, width })
  const at = first % BUNDLE_ENTRIES
  return rootOf(hashesOf(bytes.subarray(32 * at, 32 * (at + span))))
}

/** The hashes of a tile, as views into it. */
export function hashesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))
}
