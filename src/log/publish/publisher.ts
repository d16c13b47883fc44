import { formatCheckpoint } from '../../core/note/checkpoint.ts'
import { formatNote, type VerifierKey } from '../../core/note/note.ts'
import { JournalError } from '../../journal/index.ts'
import type { DocumentStore, EntryStore } from '../../store/index.ts'
import type { Agreement } from '../commit/agreement.ts'
import type { Follower } from '../commit/follower.ts'
import { HeldError } from '../failure.ts'
import type { Holds } from '../holds.ts'
import type { Clock } from '../intake/clock.ts'
import { type LogSigner, signNoteBy } from '../log-signer.ts'
import { openOwn } from '../recover/elsewhere.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'
import type { Archive } from './archive.ts'
import type { OpenedDays } from './opened-days.ts'
import { type Published, PublishedView } from './published.ts'
import type { Witnesses } from './witnesses.ts'

export interface PublisherParts {
  readonly store: EntryStore & DocumentStore
  readonly tree: LogTree
  /** The follower, where the log grows. */
  readonly follower: Follower
  /** The agreement of all processes that apply the same commands. */
  readonly agreement: Agreement
  /** Seals the epoch; resolves with the log size after the seal, when the seal is durable. */
  readonly seal: () => Promise<number>
  readonly logKey: VerifierKey
  readonly signer: LogSigner
  readonly witnesses: Witnesses
  readonly holds: Holds
  /** Is told the times of the cosignatures. */
  readonly clock: Clock
  /** Keeps a cosigned checkpoint from time to time. */
  readonly archive: Archive | undefined
  /** Opens the totals of one checkpoint a day. */
  readonly opened: OpenedDays | undefined
  /** Enters due expiries and ended holds before a seal. Rejects if it cannot. */
  readonly sweep: () => Promise<unknown>
  /** Whether other processes seal the same log as well. */
  readonly isShared: boolean
  /** Time between seals while there are new entries. */
  readonly periodMs: number
  /** Time between seals while there are none; half the ledger's beat, where that is shorter. */
  readonly heartbeatMs: number
  /** The beat of the genesis; 0 before there is one. */
  readonly beatMs: () => number
  /** Is told why publishing failed; the log has stopped. */
  readonly onFailure: (error: unknown) => void
}

/** While the clock is in doubt, witnesses are asked for the time at this interval. */
const DOUBT_MS = 5000

/** Whether an error says that a command may have no place in the journal: its sender sends it again. */
function isUnplaced(error: unknown): boolean {
  return error instanceof JournalError && error.code === 'journal-write'
}

/**
 * Seals and publishes: every period while there are new entries, every heartbeat while there are none. One publication
 * after another, never two at a time.
 */
export class Publisher extends PublishedView {
  readonly #parts: PublisherParts
  #publishing: Promise<void> | undefined
  #asking: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isClosing = false
  #lastMs = performance.now()
  #askedMs = Number.NEGATIVE_INFINITY

  constructor(parts: PublisherParts) {
    super()
    this.#parts = parts
  }

  override async openedTotals(n: number): Promise<Uint8Array | undefined> {
    return this.#parts.opened?.read(n)
  }

  /** Whether a checkpoint may be signed now. */
  get maySign(): boolean {
    return this.#parts.holds.signing === undefined
  }

  start(): void {
    const { periodMs } = this.#parts
    this.#timer = setInterval(() => this.#tick(), periodMs)
  }

  /** Publishes a last time if need be, and stops. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#isClosing = true
    // What has no place is sealed by others, or at the next start.
    const unlessUnplaced = (error: unknown) => {
      if (!isUnplaced(error)) throw error
    }
    await (this.#publishing ?? this.#asking)?.catch(unlessUnplaced)
    const { follower, holds } = this.#parts
    if (follower.unsealed > 0 && follower.stopped === undefined && holds.signing === undefined)
      await this.publish().catch(unlessUnplaced)
    await this.#parts.opened?.close()
    this.#parts.witnesses.close()
    this.wake()
  }

  /**
   * Resolves when the state that was sealed last is the state that is published: at once, but for the moment between a
   * seal and its checkpoint.
   *
   * @throws FatalError when the log stopped in that moment; HeldError where it may not sign, so that nobody knows how
   * long it is.
   */
  override async settled(): Promise<void> {
    const { follower, holds } = this.#parts
    while (this.size !== follower.sealedSize) {
      const why = follower.stopped ?? holds.signing
      if (why !== undefined) throw why
      await this.news()
    }
  }

  /**
   * Resolves with the first publication of at least `size` entries, or undefined when the log stops before that.
   *
   * @throws HeldError where it may not sign, so that nobody knows how long it is.
   */
  override async reached(size: number): Promise<Published | undefined> {
    const { follower, holds } = this.#parts
    while (this.size < size) {
      if (follower.stopped !== undefined) return undefined
      const held = holds.signing
      if (held !== undefined) throw held
      await this.news()
    }
    return this.published
  }

  /** Seals what there is, and publishes its checkpoint. */
  publish(): Promise<void> {
    this.#publishing ??= (this.#asking ?? Promise.resolve())
      .then(() => this.#publishOnce())
      .finally(() => {
        this.#publishing = undefined
        this.wake()
      })
    return this.#publishing
  }

  /** A seal is durable that another process asked for: it is published here as well. */
  sealedByOthers(): void {
    if (!this.#isClosing) this.#tick()
  }

  #tick(): void {
    const { follower, heartbeatMs, beatMs, holds, onFailure, periodMs, isShared } = this.#parts
    const idleMs = Math.min(heartbeatMs, beatMs() / 2 || heartbeatMs)
    // What ended the log is sealed, and cosigned again as long as it runs.
    const isLate = performance.now() - this.#lastMs >= idleMs
    // Of several that seal the same log, one is enough in a period.
    const isOurTurn = !isShared || follower.sinceSealMs >= periodMs / 2
    const isDue = isOurTurn && (follower.unsealed > 0 || (isLate && holds.ended === undefined))
    // Nothing is published now, and anyone who waits for it is to hear so.
    if (follower.stopped !== undefined || holds.signing !== undefined) {
      this.wake()
      return
    }
    // A seal of which nobody knows whether it has a place among the commands is ordered again, if it has none.
    const fail = (error: unknown) => {
      if (!(error instanceof HeldError) && !isUnplaced(error)) onFailure(error)
    }
    if (isDue) this.publish().catch(fail)
    else if (this.#isUnshown) this.#again(follower.sealedSize).catch(fail)
    else if (isLate || this.#isToAsk()) this.#again(this.published!.size).catch(fail)
  }

  /**
   * Whether there is a durable seal without a checkpoint, and nobody is making one: it could not be signed when it was
   * made.
   */
  get #isUnshown(): boolean {
    const { follower, store } = this.#parts
    const isIdle = this.#publishing === undefined && this.#asking === undefined
    return isIdle && this.size < follower.sealedSize && follower.sealedSize <= store.size
  }

  /** Whether witnesses are to be asked for the time: it is in doubt, and they were not just asked. */
  #isToAsk(): boolean {
    const { witnesses, clock } = this.#parts
    if (this.#publishing !== undefined || this.#asking !== undefined || this.published === undefined) return false
    return !witnesses.isEmpty && performance.now() - this.#askedMs >= DOUBT_MS && clock.doubt !== undefined
  }

  /**
   * Publishes what is sealed already: for the first time, or to have it cosigned again, which dates the cosignatures
   * again.
   */
  #again(size: number): Promise<void> {
    this.#lastMs = performance.now()
    this.#asking = this.publishAt(size).finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #publishOnce(): Promise<void> {
    const { follower, seal, holds, sweep } = this.#parts
    this.#lastMs = performance.now()
    const held = holds.signing
    if (held !== undefined) throw held
    // What stops the log is told to everyone who submits; what is due stands in the next seal, then.
    await sweep().catch(() => {})
    if (holds.ended !== undefined && follower.unsealed === 0) return this.publishAt(follower.sealedSize)
    // COMMIT POINT 2. When this resolves the seal is on disk, and with it every entry below it. A crash before the
    // checkpoint is written leaves a seal without one: it is signed and published on the next start.
    await this.publishAt(await seal())
  }

  /**
   * Signs the checkpoint of the first `size` entries, whose last is a durable seal, has it cosigned, and publishes it.
   *
   * @throws HeldError where nothing may be signed; FatalError where a witness shows that another copy of the log has.
   */
  async publishAt(size: number): Promise<void> {
    const { store, tree, logKey, signer, follower, agreement, witnesses, holds, clock, archive, opened } = this.#parts
    const head = await Head.at(tree, size)
    await agreement.agreed(size)
    const held = holds.signing
    if (held !== undefined) throw held
    const text = formatCheckpoint({ origin: logKey.name, size, root: head.root })
    const own = await signNoteBy(signer, text, logKey)
    // A crash after this line leaves witnesses with a checkpoint that nobody was shown: its seal is durable, so the
    // next start publishes it, or a later one that it is the beginning of.
    this.#askedMs = performance.now()
    const cosigned = await witnesses.cosign({ text, signatures: [own] }, size)
    clock.witnessed?.(cosigned)
    if (follower.stopped !== undefined) throw follower.stopped
    const checkpoint = formatNote({ text, signatures: [own, ...cosigned.map(({ signature }) => signature)] })
    // Anybody may see it from here on: its seal is on disk, so no restart publishes a smaller one. What is written next
    // shows when a part of the log was lost, and has the cosignatures.
    await this.put(head, checkpoint, index => store.readEntry(index))
    await store.writeDocument('checkpoint', checkpoint)
    await archive?.published(this.sealed!, cosigned)
    await opened?.published({ sealed: this.sealed!, totals: follower.totalsAt(size), times: cosigned })
  }

  /** Shows a checkpoint of this log that was signed and published before. */
  async show(checkpoint: Uint8Array): Promise<void> {
    const { store, tree, logKey } = this.#parts
    const head = await Head.at(tree, openOwn(checkpoint, [logKey]).size)
    await this.put(head, checkpoint, index => store.readEntry(index))
  }
}
