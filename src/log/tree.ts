import { assert } from '../core/failure.ts'
import {
  leafHashes,
  type Node,
  nodeHash,
  nodeHashes,
  type ProofPlan,
  planConsistency,
  planInclusion,
  proofFromNodes,
  rootFromNodes,
  rootNodes,
} from '../core/merkle.ts'
import { BUNDLE_ENTRIES, entryPlaces } from '../core/tile.ts'

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

/**
 * The complete subtrees inside one level-0 tile: its leaves, then each level above them. Leaves are put in as they come,
 * and hashed when someone asks: a level at a time, so that a run of leaves costs some calls and not some for each.
 */
class TileNodes {
  readonly #bytes = new Uint8Array(32 * (2 * BUNDLE_ENTRIES - 1))
  #count = 0
  /** Leaves over which everything is hashed. */
  #hashed = 0

  /** How many leaves there are. */
  get count(): number {
    return this.#count
  }

  /** Adds leaf hashes, `32 n` bytes for which there is room. */
  push(leaves: Uint8Array): void {
    this.#bytes.set(leaves, 32 * this.#count)
    this.#count += leaves.length / 32
  }

  /** The hash of the complete subtree `index` of the whole tree's `level`, which lies in this tile. A copy. */
  at(level: number, index: number): Uint8Array {
    if (level > 0) this.#hash()
    const at = 32 * (levelAt(level) + (index % 2 ** (TILE_LEVELS - level)))
    return this.#bytes.slice(at, at + 32)
  }

  /** The first `width` leaf hashes. A copy. */
  leaves(width: number): Uint8Array {
    return this.#bytes.slice(0, 32 * width)
  }

  #hash(): void {
    for (let level = 1; level <= TILE_LEVELS && this.#hashed < this.#count; level++) {
      const [from, to] = [this.#hashed >>> level, this.#count >>> level]
      const [below, here] = [32 * levelAt(level - 1), 32 * levelAt(level)]
      if (from < to)
        nodeHashes(
          this.#bytes.subarray(below + 64 * from, below + 64 * to),
          this.#bytes.subarray(here + 32 * from, here + 32 * to),
        )
    }
    this.#hashed = this.#count
  }
}

/** Nodes of a tile below a level: 256, then 128 more, … */
function levelAt(level: number): number {
  return 2 * BUNDLE_ENTRIES - ((2 * BUNDLE_ENTRIES) >>> level)
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

  /** Appends leaf hashes, `32 n` bytes. One hash a leaf, when it is asked for. */
  append(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length; ) {
      const tile = Math.floor(this.#size / BUNDLE_ENTRIES)
      const nodes = this.#tiles.get(tile)!
      const end = Math.min(leaves.length, at + 32 * (BUNDLE_ENTRIES - nodes.count))
      nodes.push(leaves.subarray(at, end))
      this.#size += (end - at) / 32
      at = end
      if (this.#size % BUNDLE_ENTRIES === 0) {
        this.#pushUpper(nodes.at(TILE_LEVELS, tile))
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
    const leaves = this.#tiles.get(index)?.leaves(width) ?? (await this.#leavesOf(index))
    return leaves.subarray(0, 32 * width)
  }

  async #load(tile: number): Promise<TileNodes> {
    const nodes = new TileNodes()
    nodes.push(await this.#leavesOf(tile))
    this.#keep(tile, nodes)
    return nodes
  }

  /** The leaf hashes of a whole tile, made again from its entries. */
  async #leavesOf(tile: number): Promise<Uint8Array> {
    const bundle = await this.#readBundle(tile)
    const { starts, ends } = entryPlaces(bundle, BUNDLE_ENTRIES)
    const leaves = new Uint8Array(32 * BUNDLE_ENTRIES)
    leafHashes(bundle, starts, ends, leaves)
    return leaves
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
