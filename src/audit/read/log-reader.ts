import { ENTRY_SEAL } from '../../core/entry/entry-type.ts'
import { leafHashes } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, type EntryPlaces, type EntryRun, entryPlaces, formatTilePath } from '../../core/tree/tile.ts'
import type { LogSource } from './log-source.ts'
import { type HashTile, TileMaker, type TreeEdge } from './tile-maker.ts'

/** Bundles that make a run, by default: some millisecond's work for anyone who replays it. */
const RUN_BUNDLES = 16
/** Bundles that are fetched ahead of the one that is hashed, each with its tile of hashes. */
const AHEAD = 12

/** What is to be read of a log. */
export interface ReadTask {
  /** Entries of the checkpoint. */
  readonly size: number
  /** Entries that were read before, and the right edge of the tree of those. */
  readonly from: number
  readonly edge: TreeEdge
  /** Sizes at which the root of the tree is wanted. */
  readonly sizes: readonly number[]
  /** Bundles that make a run. */
  readonly bundles?: number | undefined
}

/** A hash tile that is not what the entries make, and how many entries it takes to know. */
export interface WrongTile {
  readonly size: number
  readonly path: string
}

/** Entries that follow those of the run before, hashed, and what their hashes show. */
export interface ReadRun {
  readonly first: number
  readonly run: EntryRun
  /** Entries that call themselves seals. */
  readonly seals: number
  readonly wrong: readonly WrongTile[]
  /** Roots that were wanted. */
  readonly roots: readonly { readonly size: number; readonly root: Uint8Array }[]
  /** The size after the last seal in the run, and the right edge of the tree there. */
  readonly sealed: { readonly size: number; readonly edge: TreeEdge } | undefined
}

/** What the whole log makes. */
export interface ReadEnd {
  readonly root: Uint8Array
  readonly wrong: readonly WrongTile[]
}

/** Makes a run for entries and bytes of a number, its contents whatever they are. */
export type MakeRun = (count: number, bytes: number) => EntryRun

const newRun: MakeRun = (count, bytes) => ({
  bytes: new Uint8Array(bytes),
  starts: new Uint32Array(count),
  ends: new Uint32Array(count),
  leaves: new Uint8Array(32 * count),
})

/** A bundle, where its entries stand, and the hashes of a whole one as they are served. */
interface Fetched {
  readonly bytes: Uint8Array
  readonly places: EntryPlaces
  readonly tile: Uint8Array | undefined
}

/**
 * Reads a log from some entry on: fetches its bundles and hash tiles, several at a time, hashes every entry, makes
 * every tile and compares. Judges no entry. Holds a run and what is fetched ahead, however long the log.
 *
 * @param makeRun - makes the memory of a run; new by default.
 * @returns at the end, the root that all entries make, and the partial tiles that are not as they are served.
 * @throws ClientError where the ledger does not answer; FormatError `entry-bundle`, once what stands before is out.
 */
export async function* readLog(
  source: LogSource,
  task: ReadTask,
  makeRun: MakeRun = newRun,
): AsyncGenerator<ReadRun, ReadEnd> {
  const { size, from, bundles: most = RUN_BUNDLES } = task
  const tree = new ComparedTree(source, task)
  const count = Math.ceil(size / BUNDLE_ENTRIES)
  const ahead: Promise<Fetched>[] = []
  let bundle = Math.floor(from / BUNDLE_ENTRIES)
  let next = bundle
  for (let first = from; bundle < count; ) {
    const bundles: Fetched[] = []
    let failure: unknown
    for (; bundle < count && bundles.length < most && failure === undefined; bundle++) {
      for (; next < count && next <= bundle + AHEAD; next++) {
        const fetching = fetchBundle(source, next, size)
        // Its error is thrown where it is awaited; until then it is nobody's unhandled one.
        fetching.catch(() => {})
        ahead.push(fetching)
      }
      try {
        bundles.push(await ahead.shift()!)
      } catch (error) {
        failure = error
      }
    }
    if (bundles.length > 0) {
      const run = runOfBundles(bundles, first % BUNDLE_ENTRIES, makeRun)
      const served = bundles.flatMap(({ tile }) => (tile === undefined ? [] : [tile]))
      const seals = sealsOf(run)
      const read = { first, run, seals: seals.count, ...(await tree.append(run.leaves, served, first + seals.end)) }
      // Anyone who takes it may hand its buffers on.
      first += run.starts.length
      yield read
    }
    if (failure !== undefined) throw failure
  }
  return tree.end()
}

async function fetchBundle(source: LogSource, index: number, size: number): Promise<Fetched> {
  const width = Math.min(BUNDLE_ENTRIES, size - index * BUNDLE_ENTRIES)
  const [bytes, tile] = await Promise.all([
    source.tile({ level: 'entries', index, width }),
    width === BUNDLE_ENTRIES ? source.tile({ level: 0, index, width }) : undefined,
  ])
  return { bytes, places: entryPlaces(bytes, width), tile }
}

/** Bundles one after another as one run, without the first `skipped` entries, hashed. */
function runOfBundles(bundles: readonly Fetched[], skipped: number, makeRun: MakeRun): EntryRun {
  let [count, length] = [0, 0]
  for (const { bytes, places } of bundles) {
    count += places.starts.length
    length += bytes.length
  }
  const run = makeRun(count - skipped, length)
  const { bytes: joined, starts, ends, leaves } = run
  let [n, at] = [-skipped, 0]
  for (const { bytes, places } of bundles) {
    joined.set(bytes, at)
    for (let i = Math.max(0, -n); i < places.starts.length; i++) {
      starts[n + i] = at + places.starts[i]!
      ends[n + i] = at + places.ends[i]!
    }
    n += places.starts.length
    at += bytes.length
  }
  leafHashes(joined, starts, ends, leaves)
  return run
}

/** How many entries of a run call themselves seals, and where the last of them ends. */
function sealsOf({ bytes, starts }: EntryRun): { count: number; end: number } {
  let [count, end] = [0, 0]
  for (let i = 0; i < starts.length; i++) {
    if (bytes[starts[i]!] !== ENTRY_SEAL) continue
    count++
    end = i + 1
  }
  return { count, end }
}

/** The tree of what was read, compared with the tiles that are served. */
class ComparedTree {
  readonly #source: LogSource
  readonly #sizes: readonly number[]
  readonly #tiles: TileMaker

  constructor(source: LogSource, { from, edge, sizes }: ReadTask) {
    this.#source = source
    this.#sizes = sizes
    this.#tiles = new TileMaker(from, edge)
  }

  /**
   * @param served - untrusted: the level-0 tiles that the leaves fill, in order.
   * @param sealed - a size at which the edge is wanted, if it is one that the leaves make.
   */
  async append(
    leaves: Uint8Array,
    served: readonly Uint8Array[],
    sealed: number,
  ): Promise<Pick<ReadRun, 'wrong' | 'roots' | 'sealed'>> {
    const tiles = this.#tiles
    const from = tiles.size
    const to = from + leaves.length / 32
    const roots: { size: number; root: Uint8Array }[] = []
    const full: HashTile[] = []
    let edge: TreeEdge | undefined
    for (let at = from; at < to; ) {
      const end = Math.min(...[...this.#sizes, sealed, to].filter(size => size > at))
      full.push(...tiles.append(leaves.subarray(32 * (at - from), 32 * (end - from))))
      if (this.#sizes.includes(end)) roots.push({ size: end, root: tiles.root() })
      if (end === sealed) edge = tiles.edge
      at = end
    }
    const low = full.filter(({ level }) => level === 0).map((tile, i) => this.#compare(tile, served[i]))
    const high = full.filter(({ level }) => level > 0).map(tile => this.#compare(tile))
    const wrong = (await Promise.all([...low, ...high])).flat()
    return { wrong: wrong.sort((a, b) => a.size - b.size), roots, sealed: edge && { size: sealed, edge } }
  }

  async end(): Promise<ReadEnd> {
    const wrong = await Promise.all(this.#tiles.partial().map(tile => this.#compare(tile)))
    return { root: this.#tiles.root(), wrong: wrong.flat() }
  }

  async #compare({ level, index, hashes }: HashTile, served?: Uint8Array): Promise<WrongTile[]> {
    const address = { level, index, width: hashes.length / 32 }
    const bytes = served ?? (await this.#source.tile(address))
    if (Buffer.compare(bytes, hashes) === 0) return []
    const size = Math.min(this.#tiles.size, (index * BUNDLE_ENTRIES + address.width) * BUNDLE_ENTRIES ** level)
    return [{ size, path: formatTilePath(address) }]
  }
}
