import { concatBytes } from '../core/bytes.ts'
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
/** Level-0 tiles that are kept since they grew: of the newest, from which promises are made, also before they are durable. */
const TILES_GROWN = 64
/** Tiles that are kept since they were read, 16 kB each: of those from which statements are made. */
const TILES_READ = 256

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
  readonly #grown = new Map<number, TileNodes>([[0, new TileNodes()]])
  readonly #read = new Map<number, TileNodes>()
  readonly #reading = new Map<number, Promise<TileNodes>>()
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
      const nodes = this.#grown.get(tile)!
      const end = Math.min(leaves.length, at + 32 * (BUNDLE_ENTRIES - nodes.count))
      nodes.push(leaves.subarray(at, end))
      this.#size += (end - at) / 32
      at = end
      if (this.#size % BUNDLE_ENTRIES === 0) {
        this.#pushUpper(nodes.at(TILE_LEVELS, tile))
        keep(this.#grown, TILES_GROWN, tile + 1, new TileNodes())
      }
    }
  }

  /** The hash of a complete subtree, without waiting; undefined where its entries have to be read first. */
  nodeNow({ level, index }: Node): Uint8Array | undefined {
    assert((index + 1) * 2 ** level <= this.#size, `node ${level}/${index} lies outside a tree of ${this.#size}`)
    if (level >= TILE_LEVELS) return this.#upper[level - TILE_LEVELS]!.at(index)
    return this.#tileNow(tileOf(level, index))?.at(level, index)
  }

  /** The hashes of complete subtrees, in the order asked for. Reads the entry bundles they need, all at once. */
  async nodes(wanted: readonly Node[]): Promise<Uint8Array[]> {
    const now = wanted.map(node => this.nodeNow(node))
    return Promise.all(
      wanted.map(async ({ level, index }, i) => now[i] ?? (await this.#tile(tileOf(level, index))).at(level, index)),
    )
  }

  /** The leaf hashes of the entries `[first, first + count)`: `32 count` bytes. Reads the entry bundles they need, all at once. */
  async leaves(first: number, count: number): Promise<Uint8Array> {
    const [from, to] = [Math.floor(first / BUNDLE_ENTRIES), Math.floor((first + count - 1) / BUNDLE_ENTRIES)]
    const tiles = await Promise.all(Array.from({ length: to - from + 1 }, (_, i) => this.#tile(from + i)))
    const all = concatBytes(...tiles.map(tile => tile.leaves(BUNDLE_ENTRIES)))
    return all.subarray(32 * (first - BUNDLE_ENTRIES * from)).subarray(0, 32 * count)
  }

  /** Has the tile of an entry in memory when it resolves: `nodeNow` gives what lies in it for a while. */
  async ready(index: number): Promise<void> {
    await this.#tile(Math.floor(index / BUNDLE_ENTRIES))
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
    const leaves = this.#tileNow(index)?.leaves(width) ?? (await this.#leavesOf(index))
    return leaves.subarray(0, 32 * width)
  }

  #tileNow(tile: number): TileNodes | undefined {
    return this.#grown.get(tile) ?? this.#read.get(tile)
  }

  /** A tile, from memory or read, once where several ask for it at a time. */
  #tile(tile: number): TileNodes | Promise<TileNodes> {
    const now = this.#tileNow(tile)
    if (now !== undefined) return now
    const reading = this.#reading.get(tile) ?? this.#load(tile).finally(() => this.#reading.delete(tile))
    this.#reading.set(tile, reading)
    return reading
  }

  async #load(tile: number): Promise<TileNodes> {
    const nodes = new TileNodes()
    nodes.push(await this.#leavesOf(tile))
    keep(this.#read, TILES_READ, tile, nodes)
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

/** Puts a tile among at most so many, of which the one that came first goes. */
function keep(tiles: Map<number, TileNodes>, max: number, tile: number, nodes: TileNodes): void {
  tiles.set(tile, nodes)
  if (tiles.size <= max) return
  const [first] = tiles.keys()
  tiles.delete(first!)
}
