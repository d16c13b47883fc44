import { concatBytes, equalBytes } from '../../core/bytes.ts'
import { assert } from '../../core/failure.ts'
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
} from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, entryPlaces } from '../../core/tree/tile.ts'
import { openRow, type Rows, rowKey, sealRow } from '../../lookup/index.ts'
import { StoreError } from '../../store/index.ts'

/** Levels inside a tile: 2^8 = 256 leaves. */
const TILE_LEVELS = 8
/** Level-0 tiles kept since they grew: the newest, from which promises are made, and all that are not durable. */
const TILES_GROWN = 64
/** Tiles that are kept since they were read, 16 kB each: of those from which statements are made. */
const TILES_READ = 256

/** A row holds the roots of 256 level-0 tiles, so one level-1 tile: of 65,536 entries, 8 kB. `iT tile`. */
const ROW = 'iT'
const ROW_TILES = BUNDLE_ENTRIES
const ROW_ENTRIES = BUNDLE_ENTRIES * ROW_TILES

/** Hashes of one level of the tree, flat, that only grow. */
class LevelRow {
  #bytes = new Uint8Array(32 * 64)
  count = 0

  /** Adds hashes, `32 n` bytes. */
  push(hashes: Uint8Array): void {
    const end = 32 * this.count + hashes.length
    if (end > this.#bytes.length) {
      const bytes = new Uint8Array(2 * end)
      bytes.set(this.#bytes)
      this.#bytes = bytes
    }
    this.#bytes.set(hashes, 32 * this.count)
    this.count += hashes.length / 32
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
 * The complete subtrees inside one level-0 tile: its leaves, then each level above them. Leaves are put in as they
 * come, and hashed when someone asks: a level at a time, so a run of leaves costs a few calls.
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

  /**
   * The hash of the complete subtree `index` of the whole tree's `level`, which lies in this tile. A view of what
   * stays.
   */
  at(level: number, index: number): Uint8Array {
    if (level > 0 && this.#hashed < this.#count) this.#hash()
    const at = 32 * (levelAt(level) + (index % (BUNDLE_ENTRIES >>> level)))
    return this.#bytes.subarray(at, at + 32)
  }

  /** All hashes of a level of a whole tile. A copy. */
  level(level: number): Uint8Array {
    this.#hash()
    return this.#bytes.slice(32 * levelAt(level), 32 * levelAt(level + 1))
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

/**
 * Entries of a complete subtree, by level: powers of two, of which there is a table as a node is asked for several
 * times a batch.
 */
const SUBTREE_ENTRIES = Float64Array.from({ length: 64 }, (_, level) => 2 ** level)

/** Nodes of a tile below a level: 256, then 128 more, … */
function levelAt(level: number): number {
  return 2 * BUNDLE_ENTRIES - ((2 * BUNDLE_ENTRIES) >>> level)
}

/** The level-0 tile in which a complete subtree below level 8 lies. */
function tileOf(level: number, index: number): number {
  return Math.floor(index / (BUNDLE_ENTRIES >>> level))
}

/**
 * The Merkle tree of a log (RFC 6962 §2.1): every hash from level 8 up in memory, a quarter of a byte an entry; the
 * levels below are hashed again from the entries when they are asked for, but for the newest tiles.
 */
export class LogTree {
  /** Levels 8 and above. `#upper[0]` has the root of every whole level-0 tile. */
  readonly #upper: LevelRow[] = [new LevelRow()]
  /** Log size up to which entries can be read, as far as anybody said. */
  #durable = Number.POSITIVE_INFINITY
  readonly #grown = new Map<number, TileNodes>([[0, new TileNodes()]])
  readonly #read = new Map<number, TileNodes>()
  readonly #reading = new Map<number, Promise<TileNodes>>()
  readonly #readBundle: (bundle: number) => Promise<Uint8Array>
  readonly #rows: Rows | undefined
  #rowsWritten = 0
  #size = 0

  /**
   * The tree of an empty log.
   *
   * @param readBundle - the entry bundle `n`, whole.
   * @param rows - where the roots of tiles are kept, if anywhere.
   */
  constructor(readBundle: (bundle: number) => Promise<Uint8Array>, rows?: Rows) {
    this.#readBundle = readBundle
    this.#rows = rows
  }

  /**
   * The tree of the first `size` entries of a log: from rows, and from at most 65,536 entries. What does not hold of
   * the rows is made again, and what stands for entries from `size` on is deleted.
   */
  static async open(readBundle: (bundle: number) => Promise<Uint8Array>, rows: Rows, size: number): Promise<LogTree> {
    const tree = new LogTree(readBundle, rows)
    const count = Math.floor(size / ROW_ENTRIES)
    await rows.deleteRows(rowKey(ROW, count), rowKey(ROW, 2 ** 32 - 1))
    const found = new Map<number, Uint8Array>()
    for await (const { key, value } of rows.readRows(rowKey(ROW, 0), rowKey(ROW, count))) {
      const roots = openRow(key, value)
      if (roots?.length === 32 * ROW_TILES)
        found.set(new DataView(key.buffer, key.byteOffset).getUint32(ROW.length), roots)
    }
    for (let row = 0; row < count; row++) {
      const roots = found.get(row)
      if (roots === undefined) {
        await tree.#appendFrom((row + 1) * ROW_ENTRIES)
        await tree.flush(tree.size)
      } else tree.#appendRow(roots)
    }
    await tree.#appendFrom(size)
    return tree
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
        this.#grown.set(tile + 1, new TileNodes())
        this.#forgetGrown()
      }
    }
  }

  /** Forgets tiles that grew long ago and can be read. */
  #forgetGrown(): void {
    for (const tile of this.#grown.keys()) {
      if (this.#grown.size <= TILES_GROWN || (tile + 1) * BUNDLE_ENTRIES > this.#durable) return
      this.#grown.delete(tile)
    }
  }

  /**
   * Writes what is whole of the rows. From here on, what is not durable is kept.
   *
   * @param durable - log size up to which entries are durable, of which some may be appended later.
   * @returns what has to be waited for, where there is something to write: 8 kB for 65,536 entries.
   */
  flush(durable: number): Promise<void> | undefined {
    this.#durable = durable
    const first = this.#rowsWritten
    const count = Math.floor(Math.min(durable, this.#size) / ROW_ENTRIES) - first
    if (this.#rows === undefined || count <= 0) return undefined
    this.#rowsWritten += count
    const puts = Array.from({ length: count }, (_, i) =>
      sealRow(rowKey(ROW, first + i), this.#upper[0]!.slice((first + i) * ROW_TILES, (first + i + 1) * ROW_TILES)),
    )
    return this.#rows.writeRows({ puts }, { sync: false })
  }

  /** How many of the rows somewhere that should hold roots of this tree hold others. Reads them all. */
  async rowsUnlike(rows: Rows): Promise<number> {
    let count = 0
    for await (const { key, value } of rows.readRows(
      rowKey(ROW, 0),
      rowKey(ROW, Math.floor(this.#size / ROW_ENTRIES)),
    )) {
      const row = new DataView(key.buffer, key.byteOffset).getUint32(ROW.length)
      const roots = openRow(key, value)
      const own = this.#upper[0]!.slice(row * ROW_TILES, (row + 1) * ROW_TILES)
      if (roots !== undefined && !equalBytes(roots, own)) count++
    }
    return count
  }

  /** Appends the roots of the next 256 tiles, as a row holds them. */
  #appendRow(roots: Uint8Array): void {
    const nodes = new TileNodes()
    nodes.push(roots)
    for (let i = 0; i < TILE_LEVELS; i++) {
      this.#upper[i] ??= new LevelRow()
      this.#upper[i]!.push(nodes.level(i))
    }
    this.#pushUpper(nodes.level(TILE_LEVELS), TILE_LEVELS)
    // The tile that was to grow next is one of the row's: it is read when it is asked for.
    this.#grown.delete(this.#size / BUNDLE_ENTRIES)
    this.#size += ROW_ENTRIES
    this.#rowsWritten++
    this.#grown.set(this.#size / BUNDLE_ENTRIES, new TileNodes())
  }

  /** Appends the entries of the log from where the tree ends to below `size`, hashed from their bundles. */
  async #appendFrom(size: number): Promise<void> {
    while (this.#size < size) {
      const width = Math.min(BUNDLE_ENTRIES, size - this.#size)
      this.append(await this.#leavesOf(this.#size / BUNDLE_ENTRIES, width))
    }
  }

  /** The hash of a complete subtree, without waiting; undefined where its entries have to be read first. */
  nodeNow({ level, index }: Node): Uint8Array | undefined {
    return this.hashNow(level, index)
  }

  /** As `nodeNow`, of the subtree `index` of a level. */
  hashNow(level: number, index: number): Uint8Array | undefined {
    if ((index + 1) * SUBTREE_ENTRIES[level]! > this.#size)
      assert(false, `node ${level}/${index} lies outside a tree of ${this.#size}`)
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

  /**
   * The leaf hashes of the entries `[first, first + count)`: `32 count` bytes. Reads the entry bundles they need, all
   * at once.
   */
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
   * The first `width` hashes of tile `index` at tile level `level`: `32 width` bytes, as c2sp.org/tlog-tiles serves
   * them; undefined when the tree has not grown so far. The leaves of entries whose sums hold (`store/sum.ts`): they
   * are not hashed up to the root again, which costs as much as they do. Anyone who fetches a tile does that.
   */
  async tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const first = index * BUNDLE_ENTRIES
    if ((first + width) * 2 ** (TILE_LEVELS * level) > this.#size) return undefined
    if (level > 0) return this.#upper[TILE_LEVELS * (level - 1)]!.slice(first, first + width)
    return this.#tileNow(index)?.leaves(width) ?? this.#leavesOf(index, width)
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
    const nodes = await this.#tileOf(tile)
    keep(this.#read, TILES_READ, tile, nodes)
    return nodes
  }

  /**
   * A whole tile, made again from its entries, which are those that the tree was made of. @throws StoreError
   * `store-corrupt`.
   */
  async #tileOf(tile: number): Promise<TileNodes> {
    const nodes = new TileNodes()
    nodes.push(await this.#leavesOf(tile))
    if (!equalBytes(nodes.at(TILE_LEVELS, tile), this.#upper[0]!.at(tile)))
      throw new StoreError('store-corrupt', `The entries of bundle ${tile} in the store are not those of the tree.`)
    return nodes
  }

  /** The first leaf hashes of a tile, by default of a whole one, made from its entries. */
  async #leavesOf(tile: number, width = BUNDLE_ENTRIES): Promise<Uint8Array> {
    const bundle = await this.#readBundle(tile)
    const { starts, ends } = entryPlaces(bundle)
    assert(starts.length >= width, `bundle ${tile} has ${starts.length} entries, not ${width}`)
    const leaves = new Uint8Array(32 * width)
    leafHashes(bundle, starts.subarray(0, width), ends.subarray(0, width), leaves)
    return leaves
  }

  /** Puts a hash onto a level from 8 on, and above it what it makes whole. @param from - the level, less 8. */
  #pushUpper(hash: Uint8Array, from = 0): void {
    let up = hash
    for (let i = from; ; i++) {
      this.#upper[i] ??= new LevelRow()
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
