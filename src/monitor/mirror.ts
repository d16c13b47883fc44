import {
  archivedSince,
  hashesOf,
  linesOf,
  nodeFromTiles,
  openedSince,
  rootOf,
  type TallyClient,
} from '../client/index.ts'
import { equalBytes } from '../core/bytes.ts'
import { VerifyError } from '../core/failure.ts'
import { OPENED_LINES } from '../core/limits.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../core/note/policy.ts'
import { rootFromNodes, rootNodes } from '../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, formatTilePath, type TileAddress } from '../core/tree/tile.ts'
import { ArchiveFolder } from '../files/archive-folder.ts'
import { ObjectChangedError, type Objects } from '../files/objects.ts'
import { openObjects } from '../files/open-objects.ts'
import { beginningOf, GENESIS_INDEX } from '../verify/identity.ts'
import { parseOpened, signedTotals } from '../verify/opened-totals.ts'
import { parseReceipt } from '../verify/receipt.ts'
import { openSealed, parseSealed } from '../verify/sealed-checkpoint.ts'

/** Where checkpoint and tiles come from: a ledger over HTTP, or the one of this process. */
export type MirrorSource = Pick<TallyClient, 'checkpoint' | 'tile' | 'seal' | 'archive'> &
  Partial<Pick<TallyClient, 'receipt' | 'totals'>>

export interface MirrorOptions {
  readonly source: MirrorSource
  readonly policy: Policy
  /** The folder that a file server is to serve, or `s3://BUCKET/PREFIX`. */
  readonly directory: string
  /**
   * Size of the checkpoint that this process brought the folder up to before: what is whole below it is not looked for
   * again.
   */
  readonly from?: number
  readonly onProgress: (done: number, total: number) => void
}

export interface MirrorReport {
  readonly origin: string
  readonly size: number
  /** Tiles written by this run; those that were there are left. */
  readonly written: number
}

const CHECKPOINT = 'checkpoint'

/**
 * Brings a folder, or a bucket, up to the latest checkpoint of a log: its hash tiles first, the checkpoint last, each
 * file whole or not at all. Every tile is checked against the one above it, the topmost against the checkpoint: nothing
 * is published that was not signed for. Cut off, it goes on where it was; where several processes do it, the folder
 * only goes forward. c2sp.org/tlog-tiles.
 *
 * @throws VerifyError `tile`, `rolled-back`, `forked`, or of `openCheckpoint`; ClientError; UsageError `file`,
 * `bucket`, `state`.
 *
 * @example
 * const onProgress = (done: number, total: number) => console.log(done, '/', total)
 * const { size, written } = await mirror({ source: client, policy, directory: '/var/www/points', onProgress })
 */
export async function mirror(options: MirrorOptions): Promise<MirrorReport> {
  const { source, policy, directory, from = 0, onProgress } = options
  const objects = await openObjects(directory)
  // First what is there, then what the log has: another process may publish what comes between.
  const before = await checkpointIn(objects, policy)
  const note = await source.checkpoint()
  const { origin, size, root } = openCheckpoint(note, policy)
  if (before !== undefined && before.size > size)
    throw new VerifyError(
      'rolled-back',
      `the log has ${size} entries, and had ${before.size} when it was published here`,
    )
  const tiles = new Tiles(source, objects)
  const wanted = tilesOf(size, from)
  const isPartial = ({ width }: TileAddress) => width < BUNDLE_ENTRIES
  // The partial tiles are the right edge of the tree: they make the root, and so vouch for all that they are above of.
  for (const address of wanted.filter(isPartial)) await tiles.take(address, size)
  if (!equalBytes(await tiles.rootAt(size, size), root))
    throw new VerifyError('tile', 'the tiles served are not those of the checkpoint')
  const whole = wanted.filter(address => !isPartial(address))
  for (const [done, address] of whole.entries()) {
    await tiles.take(address, size)
    onProgress(done + 1, whole.length)
  }
  return objects.alone(async () => {
    const there = await checkpointIn(objects, policy)
    if (there !== undefined) await tiles.mustBeOne({ size, root }, there)
    // Another process was faster: what it published stays.
    if (there !== undefined && there.size > size) return { origin, size, written: tiles.written }
    await tiles.write()
    await objects.write(CHECKPOINT, note)
    await mirrorTimes(options, objects, tiles, size)
    // Partial tiles whose whole one is there: readers of older checkpoints take that instead. c2sp.org/tlog-tiles,
    // "Partial tiles".
    for (const address of whole)
      for (const path of await objects.list(`${formatTilePath(address)}.p`)) await objects.remove(path)
    return { origin, size, written: tiles.written }
  })
}

/**
 * What shows at which times the log was what it was, and what it owed: the archive of cosigned checkpoints, and the
 * totals that were opened, of which no line that is there is ever replaced, and the latest checkpoint with its seal.
 * Each is of the log that the tiles are of.
 */
async function mirrorTimes(
  { source, policy }: MirrorOptions,
  objects: Objects,
  tiles: Tiles,
  size: number,
): Promise<void> {
  const isOfLog = async ({ checkpoint }: { readonly checkpoint: MirroredTree }) =>
    checkpoint.size <= size && equalBytes(await tiles.rootAt(checkpoint.size, size), checkpoint.root)
  const archive = await ArchiveFolder.in(objects, 'archive')
  const last = await archive.last()
  const from = last === undefined ? 0 : openSealed(parseSealed(last), policy).checkpoint.size
  for await (const one of archivedSince(source, from, policy))
    if (await isOfLog(one)) await archive.add(`${one.line}\n`)
  if (source.totals !== undefined) {
    const opened = await ArchiveFolder.in(objects, 'totals', OPENED_LINES)
    const latest = await opened.last()
    const since = latest === undefined ? 0 : signedTotals(parseOpened(latest), policy).checkpoint.size
    for await (const one of openedSince({ totals: n => source.totals!(n) }, since, policy))
      if (one.isTrue && (await isOfLog(one))) await opened.add(`${one.line}\n`)
  }
  await mirrorGenesis(source, policy, objects)
  const seal = await source.seal()
  if (seal !== undefined && (await isOfLog(openSealed(parseSealed(linesOf(seal)[0] ?? ''), policy))))
    await objects.write('seal', seal)
}

/**
 * The receipt of the genesis, once, where the ledger has it: by it a reader of the folder knows which ledger it is, and
 * its beat. Of a ledger that went on, it names a log of before.
 */
async function mirrorGenesis(source: MirrorSource, policy: Policy, objects: Objects): Promise<void> {
  const path = `v1/receipts/${GENESIS_INDEX}`
  if (source.receipt === undefined || (await objects.has(path))) return
  const receipt = await source.receipt(GENESIS_INDEX)
  beginningOf(parseReceipt(receipt), policy)
  await objects.write(path, receipt)
}

/** The checkpoint that was published last; undefined where none was. */
async function checkpointIn(objects: Objects, policy: Policy): Promise<TrustedCheckpoint | undefined> {
  const note = await objects.read(CHECKPOINT)
  return note === undefined ? undefined : openCheckpoint(note, policy)
}

/**
 * The tiles of a log of `size` entries that were not whole when it had `from`, the highest level first: a tile is
 * checked against the one above it.
 */
function tilesOf(size: number, from: number): TileAddress[] {
  const tiles: TileAddress[] = []
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / BUNDLE_ENTRIES)) {
    const ofLevel: TileAddress[] = []
    for (let index = Math.floor(from / BUNDLE_ENTRIES ** (level + 1)); index * BUNDLE_ENTRIES < count; index++)
      ofLevel.push({ level, index, width: Math.min(BUNDLE_ENTRIES, count - index * BUNDLE_ENTRIES) })
    tiles.unshift(...ofLevel)
  }
  return tiles
}

type MirroredTree = Pick<TrustedCheckpoint, 'size' | 'root'>

/** The tiles of a folder, and those that are to go there. */
class Tiles {
  written = 0
  readonly #source: MirrorSource
  readonly #objects: Objects
  readonly #fresh = new Map<string, Uint8Array>()
  /** By level, the tile that was read last: those below it are checked against it one after the other. */
  readonly #read = new Map<TileAddress['level'], { readonly path: string; readonly bytes: Uint8Array }>()

  constructor(source: MirrorSource, objects: Objects) {
    this.#source = source
    this.#objects = objects
  }

  /** Fetches a tile of a log of `size` entries that is not there yet, and checks a whole one against the one above. */
  async take(address: TileAddress, size: number): Promise<void> {
    const path = formatTilePath(address)
    if (await this.#objects.has(path)) return
    const { level, index, width } = address
    const bytes = await this.#source.tile(address)
    if (bytes.length !== 32 * width) throw new VerifyError('tile', `${path} has ${bytes.length} bytes`)
    if (width === BUNDLE_ENTRIES) {
      const above = Math.floor(index / BUNDLE_ENTRIES)
      const count = Math.floor(size / BUNDLE_ENTRIES ** ((level as number) + 1))
      const parent = {
        level: (level as number) + 1,
        index: above,
        width: Math.min(BUNDLE_ENTRIES, count - above * BUNDLE_ENTRIES),
      }
      const at = 32 * (index % BUNDLE_ENTRIES)
      const expected = (await this.#tile(parent)).subarray(at, at + 32)
      if (!equalBytes(rootOf(hashesOf(bytes)), expected))
        throw new VerifyError('tile', `${path} is not what ${formatTilePath(parent)} says`)
    }
    this.#fresh.set(path, bytes)
    // Whole tiles that were checked can go to disk at once: a log that is long is not held in memory.
    if (width === BUNDLE_ENTRIES) await this.#writeOne(path, bytes)
  }

  /** The root of the first `size` entries, from the tiles of the log when it has `grown` entries. */
  async rootAt(size: number, grown: number): Promise<Uint8Array> {
    const hashes: Uint8Array[] = []
    for (const node of rootNodes(size)) hashes.push(await nodeFromTiles(node, grown, address => this.#tile(address)))
    return rootFromNodes(hashes)
  }

  /** That the larger of two trees begins with the smaller, by the tiles of the larger. @throws VerifyError `forked`. */
  async mustBeOne(one: MirroredTree, there: MirroredTree): Promise<void> {
    const [smaller, larger] = one.size < there.size ? [one, there] : [there, one]
    const root = smaller.size === larger.size ? larger.root : await this.rootAt(smaller.size, larger.size)
    if (!equalBytes(root, smaller.root))
      throw new VerifyError('forked', `the first ${smaller.size} entries are not those that were published here before`)
  }

  /** The bytes of a tile that was taken or is there. */
  async #tile(address: TileAddress): Promise<Uint8Array> {
    const path = formatTilePath(address)
    const fresh = this.#fresh.get(path)
    if (fresh !== undefined) return fresh
    const read = this.#read.get(address.level)
    if (read?.path === path) return read.bytes
    const bytes = await this.#objects.read(path)
    if (bytes === undefined) throw new VerifyError('tile', `${path} is gone from ${this.#objects.name}`)
    this.#read.set(address.level, { path, bytes })
    return bytes
  }

  /** Writes the partial tiles, which are checked by now. */
  async write(): Promise<void> {
    for (const [path, bytes] of this.#fresh) await this.#writeOne(path, bytes)
  }

  async #writeOne(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#objects.write(path, bytes, { isFinal: true })
    } catch (error) {
      // Another process publishes the same log here, or another one.
      const there = error instanceof ObjectChangedError ? await this.#objects.read(path) : undefined
      if (there === undefined) throw error
      if (!equalBytes(there, bytes)) throw new VerifyError('forked', `${path} is of a log that is not this one`)
    }
    this.#fresh.delete(path)
    this.written++
  }
}
