import { equalBytes } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import { VerifyError } from '../../core/failure.ts'
import { leafHashes } from '../../core/tree/merkle.ts'
import {
  BUNDLE_ENTRIES,
  type EntryPlaces,
  entryPlaces,
  formatTilePath,
  type TileAddress,
} from '../../core/tree/tile.ts'
import type { LogSource } from './log-source.ts'
import { TileMaker } from './tile-maker.ts'

/**
 * Bundles that are remembered while they are looked at: those that are read ahead, each for its entries and its hashes.
 */
const BUNDLES_KEPT = 32

/** Where the entries of a copy are, a bundle at a time: untrusted bytes. */
export interface BundleSource {
  /** The first bundles in order; the last may have more entries than are wanted of it. */
  first(count: number): AsyncIterable<Uint8Array>
  /** One that came before, again. */
  bytes(index: number): Promise<Uint8Array>
}

/** A salt of the totals, and the epoch that it is of. */
export interface KnownSalt {
  readonly epoch: number
  readonly salt: Uint8Array
}

interface CopiedBundle {
  readonly bytes: Uint8Array
  readonly places: EntryPlaces
}

/**
 * A log, or its beginning, from entries that nobody vouches for: read once and hashed, and a copy only if they make the
 * root that was signed. Its hash tiles are made from the entries, so it can be audited like any other source. Holds 64
 * bytes for 256 entries; what is read again has to be what was hashed.
 */
export class LogCopy implements LogSource {
  readonly size: number
  readonly #bundles: BundleSource
  readonly #salt: KnownSalt | undefined
  /** SHA-256 of each bundle that was read, and room for more. */
  #digests = new Uint8Array(32 * BUNDLES_KEPT)
  #count = 0
  /** Hash tiles above the lowest level, and the partial ones, by path. */
  readonly #tiles = new Map<string, Uint8Array>()
  readonly #kept = new Map<number, Promise<CopiedBundle>>()

  private constructor(bundles: BundleSource, size: number, salt: KnownSalt | undefined) {
    this.size = size
    this.#bundles = bundles
    this.#salt = salt
  }

  /**
   * Reads the entries of a tree head, all of them.
   *
   * @param bundles - untrusted.
   * @param salt - that of a seal whose totals are to be compared; those of others are not.
   * @throws VerifyError `log-root` where they are not the entries of that tree; FormatError `entry-bundle`, and what
   *   `bundles` throws.
   */
  static async of(
    bundles: BundleSource,
    head: { readonly size: number; readonly root: Uint8Array },
    salt: KnownSalt | undefined,
    onProgress: (entries: number, size: number) => void,
  ): Promise<LogCopy> {
    const { size, root } = head
    const copy = new LogCopy(bundles, size, salt)
    const made = new TileMaker()
    for await (const bytes of bundles.first(Math.ceil(size / BUNDLE_ENTRIES))) {
      const bundle = copy.#opened(bytes, copy.#count)
      copy.#note(engine().sha256(bundle.bytes))
      for (const { level, index, hashes } of made.append(leavesOf(bundle)))
        if (level > 0) copy.#tiles.set(formatTilePath({ level, index, width: BUNDLE_ENTRIES }), hashes)
      onProgress(made.size, size)
    }
    if (made.size !== size || !equalBytes(made.root(), root))
      throw new VerifyError('log-root', `these are not the first ${size} entries of the log that was signed`)
    for (const { level, index, hashes } of made.partial())
      copy.#tiles.set(formatTilePath({ level, index, width: hashes.length / 32 }), hashes)
    return copy
  }

  /** Entry 0. */
  async begin(): Promise<Uint8Array> {
    const { bytes, places } = await this.#bundle(0)
    return bytes.subarray(places.starts[0], places.ends[0])
  }

  async tile(address: TileAddress): Promise<Uint8Array> {
    const { level, index, width } = address
    if (level === 'entries') return (await this.#bundle(index)).bytes
    const path = formatTilePath(address)
    const tile = this.#tiles.get(path)
    if (tile !== undefined) return tile
    if (level > 0 || width < BUNDLE_ENTRIES) throw new VerifyError('tile', `${path} is no tile of this copy`)
    return leavesOf(await this.#bundle(index))
  }

  async salts(from: number, count: number): Promise<(Uint8Array | null)[]> {
    return Array.from({ length: count }, (_, i) => (from + i === this.#salt?.epoch ? this.#salt.salt : null))
  }

  #bundle(index: number): Promise<CopiedBundle> {
    const kept = this.#kept.get(index) ?? this.#read(index)
    // A Map iterates in the order of insertion: what is inserted again is last to go.
    this.#kept.delete(index)
    this.#kept.set(index, kept)
    if (this.#kept.size > BUNDLES_KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return kept
  }

  async #read(index: number): Promise<CopiedBundle> {
    const bundle = this.#opened(await this.#bundles.bytes(index), index)
    if (!equalBytes(engine().sha256(bundle.bytes), this.#digests.subarray(32 * index, 32 * index + 32)))
      throw new VerifyError('log-root', `bundle ${index} has other bytes than when it was read first`)
    return bundle
  }

  #note(digest: Uint8Array): void {
    if (32 * this.#count === this.#digests.length) {
      const more = new Uint8Array(2 * this.#digests.length)
      more.set(this.#digests)
      this.#digests = more
    }
    this.#digests.set(digest, 32 * this.#count++)
  }

  /** A bundle, as many of its entries as are wanted. */
  #opened(bytes: Uint8Array, index: number): CopiedBundle {
    const width = Math.min(BUNDLE_ENTRIES, this.size - BUNDLE_ENTRIES * index)
    const { starts, ends } = entryPlaces(bytes)
    if (starts.length < width)
      throw new VerifyError('log-root', `bundle ${index} has ${starts.length} entries, and needs ${width}`)
    const places = { starts: starts.subarray(0, width), ends: ends.subarray(0, width) }
    return { bytes: bytes.subarray(0, ends[width - 1]), places }
  }
}

function leavesOf({ bytes, places: { starts, ends } }: CopiedBundle): Uint8Array {
  const leaves = new Uint8Array(32 * starts.length)
  leafHashes(bytes, starts, ends, leaves)
  return leaves
}
