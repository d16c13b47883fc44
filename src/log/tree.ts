import { assert } from '../core/failure.ts'
import {
  leafHash,
  type Node,
  nodeHash,
  type ProofPlan,
  planConsistency,
  planInclusion,
  proofFromNodes,
  rootFromNodes,
  rootNodes,
} from '../core/merkle.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle } from '../core/tile.ts'

/** Levels inside a tile: 2^8 = 256 leaves. */
const TILE_LEVELS = 8
/** Level-0 tiles whose inner nodes are kept: the newest are read for every promise, others now and then. */
const TILES_KEPT = 64

/** Hashes of one level of the tree, flat, that only grow. */
class Level {
  #bytes = new Uint8Array(32 * 64)
  count = 0

  push(hash: Uint8Array): void {
    if (32 * this.count === this.#bytes.length) {
      const bytes = new Uint8Array(2 * this.#bytes.length)
      bytes.set(this.#bytes)
      this.#bytes = bytes
    }
    this.#bytes.set(hash, 32 * this.count++)
  }

  /** Hash `index`, a copy. */
  at(index: number): Uint8Array {
    return this.#bytes.slice(32 * index, 32 * index + 32)
  }

  slice(from: number, to: number): Uint8Array {
    return this.#bytes.slice(32 * from, 32 * to)
  }
}

/** The complete subtrees inside one level-0 tile, by level. */
class TileNodes {
  readonly levels: Level[] = Array.from({ length: TILE_LEVELS + 1 }, () => new Level())

  /** The hash of the complete subtree `index` of the whole tree's `level`, which lies in this tile. A copy. */
  at(level: number, index: number): Uint8Array {
    return this.levels[level]!.at(index % 2 ** (TILE_LEVELS - level))
  }

  push(leaf: Uint8Array): void {
    this.levels[0]!.push(leaf)
    // Two complete subtrees of one level make one of the next: as many as the new count has trailing zero bits.
    for (let level = 0; level < TILE_LEVELS && this.levels[level]!.count % 2 === 0; level++) {
      const { count } = this.levels[level]!
      this.levels[level + 1]!.push(nodeHash(this.levels[level]!.at(count - 2), this.levels[level]!.at(count - 1)))
    }
  }
}

/** The level-0 tile in which a complete subtree below level 8 lies. */
function tileOf(level: number, index: number): number {
  return Math.floor(index / 2 ** (TILE_LEVELS - level))
}

/**
 * The Merkle tree of a log (RFC 6962 §2.1): every hash from level 8 up in memory, a quarter of a byte an entry; the
 * levels below are hashed again from the entries when they are asked for, but for the newest tiles.
 */
export class LogTree {
  /** Levels 8 and above. `#upper[0]` has the root of every whole level-0 tile. */
  readonly #upper: Level[] = [new Level()]
  readonly #tiles = new Map<number, TileNodes>([[0, new TileNodes()]])
  readonly #readBundle: (bundle: number) => Promise<Uint8Array>
  #size = 0

  /** @param readBundle - the entry bundle `n`, whole. */
  constructor(readBundle: (bundle: number) => Promise<Uint8Array>) {
    this.#readBundle = readBundle
  }

  /** How many entries the tree has. */
  get size(): number {
    return this.#size
  }

  /** Appends leaf hashes, `32 n` bytes. Two hashes a leaf. */
  append(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length; at += 32) {
      const tile = Math.floor(this.#size / BUNDLE_ENTRIES)
      const nodes = this.#tiles.get(tile)!
      nodes.push(leaves.subarray(at, at + 32))
      this.#size++
      if (this.#size % BUNDLE_ENTRIES === 0) {
        this.#pushUpper(nodes.levels[TILE_LEVELS]!.at(0))
        this.#keep(tile + 1, new TileNodes())
      }
    }
  }

  /** The hash of a complete subtree, without waiting; undefined where its entries have to be read first. */
  nodeNow({ level, index }: Node): Uint8Array | undefined {
    assert((index + 1) * 2 ** level <= this.#size, `node ${level}/${index} lies outside a tree of ${this.#size}`)
    if (level >= TILE_LEVELS) return this.#upper[level - TILE_LEVELS]!.at(index)
    return this.#tiles.get(tileOf(level, index))?.at(level, index)
  }

  /** The hashes of complete subtrees, in the order asked for. Reads each entry bundle they need once. */
  async nodes(wanted: readonly Node[]): Promise<Uint8Array[]> {
    const hashes: Uint8Array[] = []
    for (const node of wanted) {
      const { level, index } = node
      hashes.push(this.nodeNow(node) ?? (await this.#load(tileOf(level, index))).at(level, index))
    }
    return hashes
  }

  /** The root of the tree when it had `size` entries. */
  async rootAt(size: number): Promise<Uint8Array> {
    return rootFromNodes(await this.nodes(rootNodes(size)))
  }

  /** The inclusion proof of entry `index` in the tree of `size` entries. RFC 6962 §2.1.1. */
  proveInclusion(index: number, size: number): Promise<Uint8Array[]> {
    return this.#prove(planInclusion(index, size))
  }

  /** The consistency proof between the trees of `oldSize` and `newSize` entries. RFC 6962 §2.1.2. */
  proveConsistency(oldSize: number, newSize: number): Promise<Uint8Array[]> {
    return this.#prove(planConsistency(oldSize, newSize))
  }

  async #prove(plan: ProofPlan): Promise<Uint8Array[]> {
    return proofFromNodes(plan, await this.nodes(plan.flat()))
  }

  /**
   * The first `width` hashes of tile `index` at tile level `level`: `32 width` bytes, as c2sp.org/tlog-tiles serves them;
   * undefined when the tree has not grown so far.
   */
  async tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const first = index * BUNDLE_ENTRIES
    if ((first + width) * 2 ** (TILE_LEVELS * level) > this.#size) return undefined
    if (level > 0) return this.#upper[TILE_LEVELS * (level - 1)]!.slice(first, first + width)
    const nodes = this.#tiles.get(index) ?? (await this.#load(index))
    return nodes.levels[0]!.slice(0, width)
  }

  async #load(tile: number): Promise<TileNodes> {
    const nodes = new TileNodes()
    for (const entry of decodeEntryBundle(await this.#readBundle(tile), BUNDLE_ENTRIES)) nodes.push(leafHash(entry))
    this.#keep(tile, nodes)
    return nodes
  }

  #keep(tile: number, nodes: TileNodes): void {
    this.#tiles.set(tile, nodes)
    if (this.#tiles.size <= TILES_KEPT) return
    const last = Math.floor(this.#size / BUNDLE_ENTRIES)
    for (const oldest of this.#tiles.keys()) {
      if (oldest === last || oldest === tile) continue
      this.#tiles.delete(oldest)
      return
    }
  }

  #pushUpper(hash: Uint8Array): void {
    let up = hash
    for (let i = 0; ; i++) {
      this.#upper[i] ??= new Level()
      const level = this.#upper[i]!
      level.push(up)
      if (level.count % 2 === 1) return
      up = nodeHash(level.at(level.count - 2), level.at(level.count - 1))
    }
  }
}
