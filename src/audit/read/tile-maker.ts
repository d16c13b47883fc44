import { hashesOf, rootOf } from '../../client/index.ts'
import { EMPTY_ROOT, nodeHashes } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES } from '../../core/tree/tile.ts'

const TILE_BYTES = 32 * BUNDLE_ENTRIES

export interface HashTile {
  readonly level: number
  readonly index: number
  /** `32 width` bytes. */
  readonly hashes: Uint8Array
}

/**
 * The incomplete tiles at the right edge of a tree, by level: the hashes of each, `32 width` bytes, width below 256.
 */
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
