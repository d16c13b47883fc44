import type { FatalError } from '../failure.ts'
import { HeldError } from '../failure.ts'
import type { ArchiveFiles } from '../publish/archive.ts'
import { type Published, PublishedView } from '../publish/published.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'

export interface LeaderViewParts {
  readonly tree: LogTree
  readonly readEntry: (index: number) => Promise<Uint8Array>
  /** Log size after the last seal that was replayed. */
  readonly sealedSize: () => number
  readonly stopped: () => FatalError | undefined
  /** Whether so much is missing here that nobody should wait for it. */
  readonly isFarBehind: () => boolean
  readonly opened: ArchiveFiles | undefined
}

/** What another log published, as it is shown here: its checkpoints word for word, under its own signatures. */
export class LeaderView extends PublishedView {
  readonly #parts: LeaderViewParts

  constructor(parts: LeaderViewParts) {
    super()
    this.#parts = parts
  }

  override async openedTotals(n: number): Promise<Uint8Array | undefined> {
    return this.#parts.opened?.read(n)
  }

  /** Shows a checkpoint of `size` entries, all of which are replayed and durable here. */
  async show(checkpoint: Uint8Array, size: number): Promise<void> {
    const { tree, readEntry } = this.#parts
    await this.put(await Head.at(tree, size), checkpoint, readEntry)
  }

  /**
   * Resolves when the state that was sealed last is the state that is shown.
   *
   * @throws FatalError where this log has stopped; HeldError `follower-behind` where much is missing.
   */
  override async settled(): Promise<void> {
    const { sealedSize, isFarBehind } = this.#parts
    while (this.size !== sealedSize()) {
      this.#throwIfStopped()
      if (isFarBehind())
        throw new HeldError(
          'follower-behind',
          'This server follows another, and has much to catch up with: ask the other, or again in a while.',
        )
      await this.news()
    }
  }

  /** Resolves with the first checkpoint of at least `size` entries; undefined where this log stops before that. */
  override async reached(size: number): Promise<Published | undefined> {
    while (this.size < size) {
      if (this.#parts.stopped() !== undefined) return undefined
      await this.news()
    }
    return this.published
  }

  #throwIfStopped(): void {
    const stopped = this.#parts.stopped()
    if (stopped !== undefined) throw stopped
  }
}
