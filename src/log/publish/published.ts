import { decodeSeal, type Seal } from '../../core/entry/seal.ts'
import { BUNDLE_ENTRIES } from '../../core/tree/tile.ts'
import type { EntryStore } from '../../store/index.ts'
import type { SealedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import type { LogTree } from '../tree/log-tree.ts'
import type { Head } from '../tree/tree-head.ts'

/** What is published last: the signed checkpoint, and the seal that is its last entry. */
export interface Published {
  readonly size: number
  readonly root: Uint8Array
  /** The log's tree of this size, for proofs. */
  readonly head: Head
  /** Signed note. */
  readonly checkpoint: Uint8Array
  readonly seal: Seal
  readonly sealEntry: Uint8Array
  /** Inclusion proofs of the first entry and of the seal, which every statement shows. */
  readonly genesisPath: readonly Uint8Array[]
  readonly sealPath: readonly Uint8Array[]
}

/** What is published, for those who show it to others: by the log that signs it, or by one that follows that. */
export abstract class PublishedView {
  #published: Published | undefined
  readonly #waiting = new Set<() => void>()

  /** What is published last; undefined before the first checkpoint. */
  get published(): Published | undefined {
    return this.#published
  }

  /** What is published last, as others are shown it with its seal (SPEC §11); undefined before the first checkpoint. */
  get sealed(): SealedCheckpoint | undefined {
    if (this.#published === undefined) return undefined
    const { checkpoint, sealEntry, sealPath } = this.#published
    return { checkpoint, seal: sealEntry, path: sealPath }
  }

  /** Resolves when the state that was sealed last is the state that is published. @throws FatalError; HeldError. */
  abstract settled(): Promise<void>

  /** Resolves with the first publication of at least `size` entries; undefined where the log stops before that. */
  abstract reached(size: number): Promise<Published | undefined>

  /** File `n` of the totals that were opened; undefined after the last, and where none are. */
  abstract openedTotals(n: number): Promise<Uint8Array | undefined>

  /** Entries of the checkpoint that is published last; 0 before the first. */
  protected get size(): number {
    return this.#published?.size ?? 0
  }

  /** Publishes a checkpoint of the tree with this head, whose last entry is a durable seal. */
  protected async put(
    head: Head,
    checkpoint: Uint8Array,
    readEntry: (index: number) => Promise<Uint8Array>,
  ): Promise<void> {
    const { size, root } = head
    const [sealEntry, genesisPath, sealPath] = await Promise.all([
      readEntry(size - 1),
      head.path(0),
      head.path(size - 1),
    ])
    this.#published = { size, root, head, checkpoint, seal: decodeSeal(sealEntry), sealEntry, genesisPath, sealPath }
    this.wake()
  }

  /** Resolves when there is news: another checkpoint, or a reason why there is none. */
  protected news(): Promise<void> {
    return new Promise(resolve => this.#waiting.add(resolve))
  }

  /** Has those who wait look again. */
  wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

/** The first `width` entries of bundle `n` as an entry bundle; undefined where fewer are published. */
export async function publishedBundle(
  store: Pick<EntryStore, 'viewBundle'>,
  published: Published | undefined,
  n: number,
  width: number,
): Promise<Uint8Array | undefined> {
  if (n * BUNDLE_ENTRIES + width > (published?.size ?? 0)) return undefined
  const bundle = await store.viewBundle(n)
  if (width === BUNDLE_ENTRIES) return bundle
  let at = 0
  for (let i = 0; i < width; i++) at += 2 + bundle[at]! * 256 + bundle[at + 1]!
  return bundle.subarray(0, at)
}

/** A tile of hashes (c2sp.org/tlog-tiles); undefined where it is not of the published log. */
export async function publishedTile(
  tree: LogTree,
  published: Published | undefined,
  level: number,
  index: number,
  width: number,
): Promise<Uint8Array | undefined> {
  const end = (index * BUNDLE_ENTRIES + width) * 2 ** (8 * level)
  return end > (published?.size ?? 0) ? undefined : tree.tile(level, index, width)
}
