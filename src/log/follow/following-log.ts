import { equalBytes } from '../../core/bytes.ts'
import { FormatError, VerifyError } from '../../core/failure.ts'
import type { VerifierKey } from '../../core/note/note.ts'
import { isTestOrigin } from '../../core/note/test-origin.ts'
import { BUNDLE_ENTRIES, type EntryRun, joinRuns, partOfRun, runOfBundle } from '../../core/tree/tile.ts'
import { type Ledger, Replay } from '../../ledger/index.ts'
import { Turns } from '../../node/turns.ts'
import { type Store, StoreError } from '../../store/index.ts'
import { PieceBuilder } from '../commit/piece-builder.ts'
import { FatalError, fatalOf, HeldError } from '../failure.ts'
import type { ArchiveFiles } from '../publish/archive.ts'
import { Prover } from '../publish/prover.ts'
import { publishedBundle, publishedTile } from '../publish/published.ts'
import type { Random } from '../random.ts'
import { openOwn } from '../recover/elsewhere.ts'
import { checkIdentity, type Recovered, recover } from '../recover/recover.ts'
import type { Following, ServedLog } from '../served-log.ts'
import { Head } from '../tree/tree-head.ts'
import { wholeBatches } from './batch-ends.ts'
import { LeaderView } from './leader-view.ts'

/** Bundles that are fetched, checked and replayed at once: more than the largest batch has. */
const BUNDLES_AT_ONCE = 64

/** A checkpoint that was accepted under a policy. */
export interface FollowedCheckpoint {
  readonly note: Uint8Array
  readonly size: number
  readonly root: Uint8Array
}

/** The log that is followed, as it is reached from here. */
export interface Leader {
  /** For people: where it is. */
  readonly name: string
  /** Its latest checkpoint, accepted under the policy. */
  checkpoint(): Promise<FollowedCheckpoint>
  /** The first `width` entries of bundle `index`. Untrusted. */
  bundle(index: number, width: number): Promise<Uint8Array>
  /** The root of the first `size` entries of the tree of a checkpoint, proven. */
  rootAt(size: number, of: FollowedCheckpoint): Promise<Uint8Array>
  /** Called after each checkpoint: brings what is published beside the log up to date. */
  copyBeside?(): Promise<void>
}

export interface FollowingLogOptions {
  readonly store: Store
  readonly leader: Leader
  readonly logKey: VerifierKey
  /** How often the leader is asked. */
  readonly periodMs: number
  /** The time, for tokens. */
  readonly nowMs: () => number
  readonly archive?: ArchiveFiles
  readonly opened?: ArchiveFiles
  /** Is told that the log has stopped, and why. */
  readonly onFailure: (error: unknown) => void
  /** Is told why the leader could not be followed for now; with undefined, that it is again. */
  readonly onTrouble?: (why: Error | undefined) => void
  readonly onNotice?: (what: string) => void
  readonly onProgress?: (entries: number, size: number) => void
  readonly snapshotEntries?: number
  readonly runBits?: number
  /** As in `LogOptions`. */
  readonly random?: Random
}

/**
 * A log that follows another: fetches its entries, holds them against its checkpoints, replays every rule and
 * signature as an auditor does, and shows what the other published. It signs nothing and takes nothing.
 *
 * An entry is stored when a signed checkpoint has it, and before it is replayed: so what breaks a rule stays here, as
 * evidence, and ends the following.
 */
export class FollowingLog implements ServedLog {
  readonly ledger: Ledger
  readonly logKey: VerifierKey
  readonly publisher: LeaderView
  readonly prover: Prover
  readonly details: ServedLog['details']
  readonly operator: ServedLog['operator']
  readonly witnesses = []
  readonly #options: FollowingLogOptions
  readonly #recovered: Recovered
  readonly #replay: Replay
  #sealedSize: number
  #leaderSize = 0
  #stopped: FatalError | undefined
  #trouble: Error | undefined
  #timer: NodeJS.Timeout | undefined
  #following: Promise<void> | undefined
  #isClosed = false

  private constructor(options: FollowingLogOptions, recovered: Recovered) {
    const { store, leader, logKey, archive, opened } = options
    const { ledger, tree, positions, snapshots } = recovered
    this.ledger = ledger
    this.logKey = logKey
    this.operator = {
      get timeMs() {
        // The time of a test ledger is where its last entry shows that it was moved.
        return isTestOrigin(logKey.name) ? Math.max(options.nowMs(), ledger.state.time) : options.nowMs()
      },
    }
    this.#options = options
    this.#recovered = recovered
    this.#sealedSize = recovered.sealedSize
    this.#replay = new Replay({
      ledger,
      saltOf: () => undefined,
      entryAt: index => store.readEntry(index),
      rootAt: size => tree.rootAt(size),
      verifySignatures: true,
      onSeal: (_, size) => {
        this.#sealedSize = size
        snapshots.sealed(size)
      },
    })
    this.publisher = new LeaderView({
      tree,
      readEntry: index => store.readEntry(index),
      sealedSize: () => this.#sealedSize,
      stopped: () => this.#stopped,
      isFarBehind: () => this.#isFarBehind,
      opened,
    })
    this.prover = new Prover({ ledger, store, tree, positions, publisher: this.publisher })
    const refuse = () => Promise.reject(this.held)
    this.details = { put: refuse, get: refuse, disclose: refuse, erase: refuse }
    this.held = new HeldError('follower', `This server follows ${leader.name}: send there what is to be written.`)
    this.archived = async n => archive?.read(n)
  }

  /** Why nothing is taken here: it never is. */
  readonly held: HeldError
  readonly archived: (n: number) => Promise<Uint8Array | undefined>

  /**
   * Opens the store, which is the log's from here on, and begins to follow. What was shown before is shown at once.
   *
   * @throws FatalError `ledger-mismatch` where the store is of another log, or breaks its rules; StoreError.
   */
  static async open(options: FollowingLogOptions): Promise<FollowingLog> {
    const { store, logKey, snapshotEntries, runBits, random, onNotice = () => {}, onProgress = () => {} } = options
    try {
      let failed: (error: unknown) => void = options.onFailure
      const recovered = await recover({
        ...{ store, logKey, snapshotEntries, runBits, random, onNotice, onProgress, turns: new Turns() },
        saltOf: () => undefined,
        onFailure: error => failed(error),
      })
      const log = new FollowingLog(options, recovered)
      failed = error => log.#stop(error)
      const last = await store.readDocument('checkpoint')
      if (last !== undefined && recovered.sealedSize > 0) await log.#showStored(last)
      log.#timer = setInterval(() => void log.follow(), options.periodMs)
      void log.follow()
      return log
    } catch (error) {
      await store.close()
      throw error
    }
  }

  get ledgerId(): Uint8Array | undefined {
    return this.ledger.state.ledgerId
  }

  get size(): number {
    return this.#options.store.size
  }

  get timeMs(): number {
    return this.#options.nowMs()
  }

  get stopped(): FatalError | undefined {
    return this.#stopped
  }

  /** What is followed, and how far. */
  get following(): Following {
    const { leader, store } = this.#options
    const behind = Math.max(0, this.#leaderSize - store.size)
    const trouble = this.#trouble === undefined ? {} : { trouble: this.#trouble.message }
    const isReady = this.publisher.published !== undefined && this.#trouble === undefined && !this.#isFarBehind
    const notReady = isReady
      ? undefined
      : new HeldError('follower-behind', `This server is ${behind} entries behind ${leader.name}, or more.`)
    return { leader: leader.name, size: this.#leaderSize, behind, ...trouble, notReady }
  }

  /** Whether so much is missing that nobody should wait for it. */
  get #isFarBehind(): boolean {
    return this.#leaderSize - this.#options.store.size > BUNDLES_AT_ONCE * BUNDLE_ENTRIES
  }

  /** Asks the leader now, and follows it as far as it says. Never rejects: what goes wrong is told. */
  follow(): Promise<void> {
    if (this.#isClosed || this.#stopped !== undefined) return Promise.resolve()
    this.#following ??= this.#followOnce()
      .then(() => this.#say(undefined))
      .catch(error => {
        // What the leader does not give, or somebody on the way alters, is asked for again.
        if (error instanceof FatalError || error instanceof StoreError) this.#stop(error)
        else this.#say(error as Error)
      })
      .finally(() => {
        this.#following = undefined
        this.publisher.wake()
      })
    return this.#following
  }

  async #followOnce(): Promise<void> {
    const { leader, store, onProgress = () => {} } = this.#options
    const checkpoint = await leader.checkpoint()
    const shown = this.publisher.published
    if (checkpoint.size < (shown?.size ?? 0))
      throw new VerifyError('rolled-back', `${leader.name} shows ${checkpoint.size} entries, and showed more before`)
    this.#leaderSize = checkpoint.size
    while (store.size < checkpoint.size && !this.#isClosed) {
      await this.#advance(checkpoint)
      onProgress(store.size, checkpoint.size)
    }
    if (this.#isClosed) return
    // Also where nothing came: it may be cosigned by more.
    if (shown === undefined || !equalBytes(shown.checkpoint, checkpoint.note)) {
      await this.#compare(checkpoint.size, checkpoint.root)
      await this.publisher.show(checkpoint.note, checkpoint.size)
      await store.writeDocument('checkpoint', checkpoint.note)
    }
    await leader.copyBeside?.()
  }

  /** Fetches what follows, holds it against the checkpoint, stores and replays it. */
  async #advance(checkpoint: FollowedCheckpoint): Promise<void> {
    const { leader, store } = this.#options
    const { tree, snapshots } = this.#recovered
    const run = await this.#fetch(checkpoint.size)
    const to = store.size + run.starts.length
    const root = to === checkpoint.size ? checkpoint.root : await leader.rootAt(to, checkpoint)
    const before = tree.size
    tree.append(run.leaves)
    if (!equalBytes(new Head(tree).root, root)) {
      // The tree cannot go back; a start reads it again from what is stored, which has none of this.
      throw new FatalError(
        'ledger-mismatch',
        `${leader.name} served entries ${before} to ${to - 1} that are not those of its checkpoint, or it forked. ` +
          'Nothing of them was stored. Start again; if it happens again, compare with tally watch.',
      )
    }
    // COMMIT POINT. A crash before this write leaves the log as it was; after it the entries are there, and a start
    // replays them through the same code.
    await store.append(piecesOf(run, before))
    await this.#replay.feedRun(run).catch(error => {
      throw error instanceof StoreError ? error : broken(error)
    })
    checkIdentity(this.ledger.state, this.logKey, store.size)
    await this.ledger.flush(store.size)
    await tree.flush(store.size)
    snapshots.durable(store.size)
  }

  /** The entries that follow, as far as whole batches go. */
  async #fetch(size: number): Promise<EntryRun> {
    const { leader, store } = this.#options
    const first = Math.floor(store.size / BUNDLE_ENTRIES)
    const count = Math.min(BUNDLES_AT_ONCE, Math.ceil(size / BUNDLE_ENTRIES) - first)
    const bundles = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const width = Math.min(BUNDLE_ENTRIES, size - (first + i) * BUNDLE_ENTRIES)
        return runOfBundle(await leader.bundle(first + i, width), width)
      }),
    )
    const all = joinRuns(bundles)
    const skipped = store.size - first * BUNDLE_ENTRIES
    const run = partOfRun(all, skipped, all.starts.length)
    const whole = wholeBatches(run)
    if (whole === 0) throw broken(new FormatError('entry-order', 'its checkpoint ends inside a batch'))
    return partOfRun(run, 0, whole)
  }

  async #compare(size: number, root: Uint8Array): Promise<void> {
    if (equalBytes(await this.#recovered.tree.rootAt(size), root)) return
    throw new FatalError(
      'ledger-mismatch',
      `${this.#options.leader.name} signed a checkpoint of ${size} entries that is not of the log that it showed ` +
        'before: it forked. Keep both: tally watch makes evidence of them.',
    )
  }

  /** Shows the checkpoint that the store has; one that is not of its entries was found before. */
  async #showStored(note: Uint8Array): Promise<void> {
    await this.publisher.show(note, openOwn(note, [this.logKey]).size)
  }

  #say(why: Error | undefined): void {
    const isNew = why?.message !== this.#trouble?.message
    this.#trouble = why
    if (isNew) this.#options.onTrouble?.(why)
  }

  #stop(error: unknown): void {
    if (this.#stopped !== undefined) return
    this.#stopped = fatalOf(error)
    this.publisher.wake()
    this.#options.onFailure(this.#stopped)
  }

  submitBytes(): Promise<never> {
    return Promise.reject(this.held)
  }

  durable(): Promise<void> {
    return this.#stopped === undefined ? Promise.resolve() : Promise.reject(this.#stopped)
  }

  readEntry(index: number): Promise<Uint8Array> {
    return this.#options.store.readEntry(index)
  }

  readEntries(indexes: readonly number[]): Promise<Uint8Array[]> {
    return this.#options.store.readEntries(indexes)
  }

  entryBundle(n: number, width: number): Promise<Uint8Array | undefined> {
    return publishedBundle(this.#options.store, this.publisher.published, n, width)
  }

  tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    return publishedTile(this.#recovered.tree, this.publisher.published, level, index, width)
  }

  /** None: the salts are the leader's to show. */
  salt(): undefined {
    return undefined
  }

  async signSalts(): Promise<Uint8Array> {
    throw this.held
  }

  /** Ends the following, writes a last snapshot, and closes the store. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    const { store } = this.#options
    const { snapshots } = this.#recovered
    try {
      await this.#following
      if (this.#stopped === undefined && this.#sealedSize === store.size && store.size > 0)
        await snapshots.close(store.size)
      else await snapshots.idle()
      await this.ledger.idle()
    } finally {
      await store.close()
    }
  }
}

/** The log that is followed is one that signs what its own rules do not allow. */
function broken(error: Error): FatalError {
  const what = `The log that is followed breaks its rules: ${error.message}. Audit it: its entries are stored here.`
  return new FatalError('ledger-mismatch', what, { cause: error })
}

/** A run as pieces of a store, cut where bundles end. */
function piecesOf({ bytes, starts, ends }: EntryRun, firstIndex: number) {
  const pieces = new PieceBuilder(firstIndex)
  for (let i = 0; i < starts.length; i++) pieces.add(bytes, starts[i], ends[i])
  return pieces.take()
}
