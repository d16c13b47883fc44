import { decodeSeal } from '../../core/entry/seal.ts'
import type { SealedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import type { FatalError } from '../failure.ts'
import { HeldError } from '../failure.ts'
import type { ArchiveFiles } from '../publish/archive.ts'
import type { Published, PublishedView } from '../publish/publisher.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'

export interface ShownLogParts {
  readonly tree: LogTree
  readonly readEntry: (index: number) => Promise<Uint8Array>
  /** Log size behind the last seal that was replayed. */
  readonly sealedSize: () => number
  readonly stopped: () => FatalError | undefined
  /** Whether so much is missing here that nobody should wait for it. */
  readonly isFarBehind: () => boolean
  readonly opened: ArchiveFiles | undefined
}

/** What another log published, as it is shown here: its checkpoints word for word, under its own signatures. */
export class LeaderView implements PublishedView {
  readonly #parts: ShownLogParts
  #published: Published | undefined
  readonly #waiting = new Set<() => void>()

  constructor(parts: ShownLogParts) {
    this.#parts = parts
  }

  get published(): Published | undefined {
    return this.#published
  }

  get sealed(): SealedCheckpoint | undefined {
    if (this.#published === undefined) return undefined
    const { checkpoint, sealEntry, sealPath } = this.#published
    return { checkpoint, seal: sealEntry, path: sealPath }
  }

  async openedTotals(n: number): Promise<Uint8Array | undefined> {
    return this.#parts.opened?.read(n)
  }

  /** Shows a checkpoint of `size` entries, all of which are replayed and durable here. */
  async show(checkpoint: Uint8Array, size: number): Promise<void> {
    const { tree, readEntry } = this.#parts
    const head = await Head.at(tree, size)
    const [sealEntry, genesisPath, sealPath] = await Promise.all([
      readEntry(size - 1),
      head.path(0),
      head.path(size - 1),
    ])
    const { root } = head
    this.#published = { size, root, head, checkpoint, seal: decodeSeal(sealEntry), sealEntry, genesisPath, sealPath }
    this.wake()
  }

  /**
   * Resolves when the state that was sealed last is the state that is shown.
   *
   * @throws FatalError where this log has stopped; HeldError `follower-behind` where much is missing.
   */
  async settled(): Promise<void> {
    const { sealedSize, isFarBehind } = this.#parts
    while ((this.#published?.size ?? 0) !== sealedSize()) {
      this.#throwIfStopped()
      if (isFarBehind())
        throw new HeldError(
          'follower-behind',
          'This server follows another, and has much to catch up with: ask the other, or again in a while.',
        )
      await this.#change()
    }
  }

  /** Resolves with the first checkpoint of at least `size` entries; undefined where this log stops before that. */
  async reached(size: number): Promise<Published | undefined> {
    while ((this.#published?.size ?? 0) < size) {
      if (this.#parts.stopped() !== undefined) return undefined
      await this.#change()
    }
    return this.#published
  }

  /** Has those who wait look again. */
  wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  #throwIfStopped(): void {
    const stopped = this.#parts.stopped()
    if (stopped !== undefined) throw stopped
  }

  #change(): Promise<void> {
    return new Promise(resolve => this.#waiting.add(resolve))
  }
}
