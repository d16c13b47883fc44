import { beginningOf, inclusionFromTiles, type TileSource, tilesOf } from '../../client/index.ts'
import { equalBytes } from '../../core/bytes.ts'
import { VerifyError } from '../../core/failure.ts'
import type { Checkpoint } from '../../core/note/checkpoint.ts'
import { leafHash, rootFromInclusionProof } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle, formatTilePath } from '../../core/tree/tile.ts'
import type { LogSource } from './log-source.ts'

/** Bundles that are fetched ahead of the one that is looked at. */
const AHEAD = 8
/** Hash tiles that are remembered, so that one entry after another is proven with few fetches. */
const TILES_KEPT = 256

/** Single entries of a log, and all of it once more: for a second look. */
export class Bundles {
  readonly #source: Pick<LogSource, 'tile'>
  readonly #checkpoint: Pick<Checkpoint, 'size' | 'root'>
  readonly #tiles = new Map<string, Promise<Uint8Array>>()
  #last: { readonly index: number; readonly entries: Promise<Uint8Array[]> } | undefined

  constructor(source: Pick<LogSource, 'tile'>, checkpoint: Pick<Checkpoint, 'size' | 'root'>) {
    this.#source = source
    this.#checkpoint = checkpoint
  }

  /** The bytes of a bundle, as it is served. @throws ClientError. */
  bytes(index: number): Promise<Uint8Array> {
    return this.#source.tile({ level: 'entries', index, width: this.#widthOf(index) })
  }

  /** The entries of a bundle, 256 but for the last one. @throws ClientError; FormatError `entry-bundle`. */
  async read(index: number): Promise<Uint8Array[]> {
    return decodeEntryBundle(await this.bytes(index), this.#widthOf(index))
  }

  #widthOf(index: number): number {
    return Math.min(BUNDLE_ENTRIES, this.#checkpoint.size - index * BUNDLE_ENTRIES)
  }

  /** The entry at a log index, as it is served. */
  async entry(index: number): Promise<Uint8Array> {
    return (await this.read(Math.floor(index / BUNDLE_ENTRIES)))[index % BUNDLE_ENTRIES]!
  }

  /**
   * The entry at a log index, proven to be that of the checkpoint: what is served the second time need not be what was
   * served, and hashed, the first time.
   *
   * @throws VerifyError `log-root` where it is not.
   */
  async proven(index: number): Promise<Uint8Array> {
    return (await this.provenWith(index)).entry
  }

  /** As `proven`, with the inclusion proof. */
  async provenWith(index: number): Promise<{ readonly entry: Uint8Array; readonly proof: Uint8Array[] }> {
    const { size, root } = this.#checkpoint
    const bundle = Math.floor(index / BUNDLE_ENTRIES)
    if (this.#last?.index !== bundle) this.#last = { index: bundle, entries: this.read(bundle) }
    const entry = (await this.#last.entries)[index % BUNDLE_ENTRIES]!
    const proof = await inclusionFromTiles(index, size, this.tileAt)
    const made = rootFromInclusionProof(index, size, leafHash(entry), proof)
    if (!equalBytes(made, root))
      throw new VerifyError('log-root', `entry ${index}, served a second time, is not the one that the checkpoint has`)
    return { entry, proof }
  }

  /**
   * The root of the first `size` entries, proven to be the beginning of the checkpoint's tree. @throws VerifyError
   * `tile`.
   */
  async rootAt(size: number): Promise<Uint8Array> {
    return (await beginningOf(size, this.#checkpoint, this.tileAt)).root
  }

  /** Hash tiles as they are served, some of them remembered: nobody vouches for them. */
  readonly tileAt: TileSource = async address => {
    const path = formatTilePath(address)
    const asked = this.#tiles.get(path) ?? tilesOf(this.#source)(address)
    // A Map iterates in the order of insertion: what is inserted again is last to go.
    this.#tiles.delete(path)
    this.#tiles.set(path, asked)
    if (this.#tiles.size > TILES_KEPT) this.#tiles.delete(this.#tiles.keys().next().value!)
    const bytes = await asked
    if (bytes.length !== 32 * address.width) throw new VerifyError('log-root', `${path} has ${bytes.length} bytes`)
    return bytes
  }

  /** The first `count` bundles in order, by default all of them, some of them fetched ahead: their bytes. */
  async *first(count = Math.ceil(this.#checkpoint.size / BUNDLE_ENTRIES)): AsyncGenerator<Uint8Array> {
    const ahead: Promise<Uint8Array>[] = []
    for (let next = 0, index = 0; index < count; index++) {
      for (; next < count && next < index + AHEAD; next++) {
        const fetching = this.bytes(next)
        // Its error is thrown where it is awaited; until then it is nobody's unhandled one.
        fetching.catch(() => {})
        ahead.push(fetching)
      }
      yield await ahead.shift()!
    }
  }

  /** The entries of all bundles, in order. @throws ClientError; FormatError `entry-bundle`. */
  async *all(): AsyncGenerator<Uint8Array[]> {
    let index = 0
    for await (const bytes of this.first()) yield decodeEntryBundle(bytes, this.#widthOf(index++))
  }
}
