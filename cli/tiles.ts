import { EMPTY_ROOT, type Node, nodeHash, nodeHashes } from '../src/core/merkle.ts'
import { BUNDLE_ENTRIES, type TileAddress } from '../src/core/tile.ts'

/** log2 of the hashes in a tile. */
const TILE_LEVELS = 8
const TILE_BYTES = 32 * BUNDLE_ENTRIES

export interface HashTile {
  readonly level: number
  readonly index: number
  /** `32 width` bytes. */
  readonly hashes: Uint8Array
}

/** The incomplete tiles at the right edge of a tree, by level: the hashes of each, `32 width` bytes, width below 256. */
export type TreeEdge = readonly Uint8Array[]

/**
 * All hash tiles of a log, made from its leaves as they come: holds one tile a level and no more, however long the log.
 * c2sp.org/tlog-tiles.
 */
export class TileMaker {
  readonly #levels: { index: number; width: number; readonly hashes: Uint8Array }[] = []
  readonly #pairs = new Uint8Array(TILE_BYTES)
  #size = 0

  /** @param edge - that of the tree to go on from, of `size` leaves. */
  constructor(size = 0, edge: TreeEdge = []) {
    this.#size = size
    edge.forEach((hashes, level) => {
      const index = Math.floor(size / BUNDLE_ENTRIES ** (level + 1))
      const tile = { index, width: hashes.length / 32, hashes: new Uint8Array(TILE_BYTES) }
      tile.hashes.set(hashes)
      this.#levels.push(tile)
    })
  }

  get size(): number {
    return this.#size
  }

  get edge(): TreeEdge {
    return this.#levels.map(({ width, hashes }) => hashes.slice(0, 32 * width))
  }

  /** Appends leaf hashes, `32 n` bytes, and returns the tiles that they fill, lowest first where they stand. */
  append(leaves: Uint8Array): HashTile[] {
    const whole: HashTile[] = []
    for (let at = 0; at < leaves.length; ) {
      const level = this.#level(0)
      const end = Math.min(leaves.length, at + 32 * (BUNDLE_ENTRIES - level.width))
      const part = leaves.subarray(at, end)
      this.#size += part.length / 32
      at = end
      this.#push(0, part, whole)
    }
    return whole
  }

  /** Appends hashes to the tile of a level, which has room for them. */
  #push(level: number, hashes: Uint8Array, whole: HashTile[]): void {
    const tile = this.#level(level)
    tile.hashes.set(hashes, 32 * tile.width)
    tile.width += hashes.length / 32
    if (tile.width < BUNDLE_ENTRIES) return
    whole.push({ level, index: tile.index, hashes: tile.hashes.slice() })
    this.#push(level + 1, this.#root(tile.hashes), whole)
    tile.index++
    tile.width = 0
  }

  #level(level: number): { index: number; width: number; readonly hashes: Uint8Array } {
    this.#levels[level] ??= { index: 0, width: 0, hashes: new Uint8Array(TILE_BYTES) }
    return this.#levels[level]
  }

  /** The root of a whole tile, a level a call. */
  #root(hashes: Uint8Array): Uint8Array {
    let from = hashes
    let at = 0
    for (let width = BUNDLE_ENTRIES / 2; width >= 1; width /= 2) {
      const to = this.#pairs.subarray(at, at + 32 * width)
      nodeHashes(from, to)
      from = to
      at += 32 * width
    }
    return from.slice()
  }

  /** The partial tiles at the right edge of the tree, lowest first. */
  partial(): HashTile[] {
    return this.#levels.flatMap(({ index, width, hashes }, level) =>
      width === 0 ? [] : [{ level, index, hashes: hashes.slice(0, 32 * width) }],
    )
  }

  /** The root of the tree. RFC 6962 §2.1. */
  root(): Uint8Array {
    let right: Uint8Array | undefined
    for (const { width, hashes } of this.#levels) {
      // Below this level's tile stands one more, incomplete subtree to its right: the hash carried up so far.
      const all = hashesOf(hashes.slice(0, 32 * width))
      if (right !== undefined) all.push(right)
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
