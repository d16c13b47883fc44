import { ID_RANDOM_BYTES, makeId } from '../core/entry/id.ts'
import type { Submission } from '../core/entry/submission.ts'
import { ED25519_KEY, type VerifierKey, verifierKey } from '../core/note/note.ts'
import { type Journal, LocalJournal } from '../journal/index.ts'
import type { Ledger } from '../ledger/index.ts'
import { Turns } from '../node/turns.ts'
import type { Store } from '../store/index.ts'
import type { BatchAnswer } from '../verify/batch-answer.ts'
import { saltsMessage } from '../verify/promise.ts'
import { Agreement } from './commit/agreement.ts'
import { Follower } from './commit/follower.ts'
import { DetailsKeeper } from './details-keeper.ts'
import { BusyError, type FatalError, fatalOf, type HeldError } from './failure.ts'
import { endOf, Holds } from './holds.ts'
import { DiskRoom } from './intake/disk-room.ts'
import { Intake } from './intake/intake.ts'
import { inlinePreparer, type Preparer } from './intake/prepare.ts'
import { Sequencer } from './intake/sequencer.ts'
import { TestClock } from './intake/test-clock.ts'
import { type LogSigner, seedSigner } from './log-signer.ts'
import { Operator } from './operator.ts'
import type { LogOptions } from './options.ts'
import { Archive } from './publish/archive.ts'
import { OpenedDays } from './publish/opened-days.ts'
import { Prover } from './publish/prover.ts'
import { publishedBundle, publishedTile } from './publish/published.ts'
import { Publisher } from './publish/publisher.ts'
import { Witnesses } from './publish/witnesses.ts'
import { systemRandom } from './random.ts'
import { idBefore, logKeysOf, type Recovered, recover } from './recover/recover.ts'
import type { Snapshots } from './recover/snapshots.ts'
import { startOf } from './recover/start.ts'
import { saltFrom } from './salt.ts'
import { TestTime } from './test-time.ts'
import type { LogTree } from './tree/log-tree.ts'
import { Head } from './tree/tree-head.ts'

/** How long a publication waits for its witnesses. */
const WITNESS_TIMEOUT_MS = 1000

/**
 * A running ledger: takes batches, seals, publishes, proves. Everything but the entries on disk is made from them on
 * `open`, through the code that made it the first time.
 */
export class TallyLog {
  readonly ledger: Ledger
  readonly tree: LogTree
  readonly publisher: Publisher
  readonly prover: Prover
  readonly operator: Operator
  readonly details: DetailsKeeper
  readonly testTime: TestTime | undefined
  readonly logKey: VerifierKey
  readonly #store: Store
  readonly #journal: Journal
  readonly #follower: Follower
  readonly #snapshots: Snapshots
  readonly #fail: (error: unknown) => void
  readonly #preparer: Preparer
  readonly #intake: Intake
  readonly #saltOf: (epoch: number) => Uint8Array
  readonly #signer: LogSigner
  readonly #holds: Holds
  readonly #options: LogOptions
  readonly #disk: DiskRoom
  readonly #witnesses: Witnesses
  readonly #archive: Archive | undefined
  readonly #closing = new AbortController()
  /** The code of why nothing was taken when that was looked at last. */
  #heldBy: string | undefined
  #begun: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  private constructor(
    options: LogOptions,
    signer: LogSigner,
    logKey: VerifierKey,
    saltOf: (epoch: number) => Uint8Array,
    turns: Turns,
    recovered: Recovered,
    next: number,
  ) {
    const { store, clock, periodMs, heartbeatMs, onFailure, random = systemRandom } = options
    const { ledger, tree, positions, snapshots, unsealed } = recovered
    this.ledger = ledger
    this.tree = tree
    this.logKey = logKey
    this.#store = store
    this.#saltOf = saltOf
    this.#signer = signer
    this.#options = options
    this.#disk = new DiskRoom(options.disk)
    this.#holds = new Holds(clock, this.#disk, options.lease)
    this.#holds.ended = endOf(ledger.state, logKey.publicKey)
    const logKeys = logKeysOf(ledger.state, logKey)
    const journal = options.journal?.(next) ?? new LocalJournal(next)
    const { isShared } = journal
    const onNotice = options.onNotice ?? (() => {})
    const agreement = new Agreement({ journal, tree, store, onNotice })
    const sequencer = new Sequencer({ ledger, journal, clock, holds: this.#holds })
    const follower = new Follower(
      {
        ...{ ledger, store, tree, positions, turns, snapshots, logKey, signer, saltOf, holds: this.#holds, journal },
        ...{ feed: sequencer, rates: sequencer.rates, agreement, onNotice },
        onSealOfOthers: () => this.publisher.sealedByOthers(),
        onFailure: error => this.#fail(error),
      },
      unsealed,
      next,
    )
    this.#journal = journal
    this.#follower = follower
    this.#preparer = options.preparer ?? inlinePreparer
    this.#intake = new Intake(ledger, sequencer, this.#preparer)
    this.#snapshots = snapshots
    this.#fail = error => {
      const fatal = fatalOf(error)
      follower.stop(fatal)
      agreement.stop(fatal)
      sequencer.stop(follower.stopped ?? fatal)
      onFailure(error)
    }
    const witnesses = new Witnesses({
      ports: options.witnesses ?? [],
      ...{ tree, logKey, logKeys, isShared },
      timeoutMs: options.witnessTimeoutMs ?? WITNESS_TIMEOUT_MS,
      onTrouble: options.onWitnessTrouble ?? (() => {}),
      onOther: error => this.stop(error),
    })
    this.#witnesses = witnesses
    const holds = this.#holds
    this.operator = new Operator({
      ledger,
      seed: options.operatorSeed,
      submit: batch => this.#intake.submitBatch(batch),
      freshId: timeMs => makeId(timeMs, random(ID_RANDOM_BYTES)),
      nowMs: () => clock.nowMs(),
    })
    const archive = options.archive && new Archive(options.archive, options.isQuorum ?? (() => true), onNotice)
    this.#archive = archive
    const opened = OpenedDays.of(options, { store, tree, turns, ledger, saltOf, archive, logKey, signer })
    this.publisher = new Publisher({
      ...{ store, tree, follower, agreement, isShared, logKey, signer, witnesses },
      ...{ holds, clock, archive, opened, periodMs, heartbeatMs },
      seal: () => sequencer.seal(),
      beatMs: () => ledger.state.beatMs,
      onFailure: this.#fail,
      sweep: () => this.operator.sweep(this.publisher.published?.seal.time ?? 0),
    })
    this.details = new DetailsKeeper(store, ledger, this.operator, this.#holds)
    const { operator, publisher } = this
    this.testTime = clock instanceof TestClock ? new TestTime({ clock, ledger, operator, publisher }) : undefined
    this.prover = new Prover({ ledger, store, tree, positions, publisher: this.publisher })
  }

  /**
   * Opens the log in a store: replays it, checks it against the checkpoint published last, publishes what a crash left
   * unpublished, and starts the clock. The store is the log's from here on: `close` closes it, or a failure to open.
   * @throws FatalError `ledger-mismatch` when log, checkpoint and keys do not belong together.
   */
  static async open(options: LogOptions): Promise<TallyLog> {
    try {
      return await TallyLog.#open(options)
    } catch (error) {
      await options.preparer?.close()
      await options.store.close()
      await options.lease?.release()
      throw error
    }
  }

  static async #open(options: LogOptions): Promise<TallyLog> {
    const signer = options.logSeed instanceof Uint8Array ? seedSigner(options.logSeed) : options.logSeed
    const logKey = verifierKey(options.origin, ED25519_KEY, signer.publicKey)
    const saltOf = (epoch: number) => saltFrom(options.saltSecret, epoch)
    const { store, snapshotEntries, runBits, random, onNotice = () => {}, onProgress = () => {} } = options
    // Before there is a log, a snapshot that cannot be written ends its opening, as the store then refuses what
    // follows.
    let failed: (error: unknown) => void = options.onFailure
    const turns = new Turns()
    const recovered = await recover({
      ...{ store, turns, logKey, saltOf, snapshotEntries, runBits, random, onNotice, onProgress },
      onFailure: error => failed(error),
    })
    const { state } = recovered.ledger
    options.clock.begin?.(state.ledgerId === undefined ? undefined : state.time)
    const { tree } = recovered
    const rootAt = async (size: number) => (size <= tree.size ? (await Head.at(tree, size)).root : undefined)
    const next = (await options.joinAt?.(store.next, rootAt)) ?? store.next
    const log = new TallyLog(options, signer, logKey, saltOf, turns, recovered, next)
    failed = error => log.#fail(error)
    if (log.#holds.ended !== undefined) log.#holds.idBefore = await idBefore(recovered.ledger, store)
    await log.#begin(recovered.sealedSize)
    await log.details.eraseAgain()
    log.publisher.start()
    await log.#disk.start()
    await log.#lookAtClock()
    log.#timer = setInterval(() => log.#tick().catch(log.#fail), options.periodMs)
    return log
  }

  /** Begins, and waits for that until there is something to wait for: what was published before is shown meanwhile. */
  async #begin(sealedSize: number): Promise<void> {
    const { publisher } = this
    const { start, stored } = await startOf({
      options: this.#options,
      state: this.ledger.state,
      isShared: this.#journal.isShared,
      tree: this.tree,
      logKey: this.logKey,
      witnesses: this.#witnesses,
      holds: this.#holds,
      missing: () => this.#follower.missing(),
      signal: this.#closing.signal,
      onWait: () => this.#sayHeld(),
      // Witnesses say what time it is, too, before anything is taken.
      publish: async () => {
        if (sealedSize > 0) await publisher.publishAt(sealedSize)
      },
    })
    if (start.isHeld && stored !== undefined) await publisher.show(stored)
    this.#begun = start.run()
    await Promise.race([this.#begun, start.waits])
    // What is found later stops the log; a log that is closed before has not begun, and that is all.
    this.#begun.catch(error => {
      if (!this.#closing.signal.aborted) this.#fail(error)
    })
  }

  /**
   * Resolves when the log may sign, and takes batches: after a start, when nobody is known to have seen more of it.
   * @throws FatalError `ledger-mismatch` where someone has seen another history; Error when it is closed before.
   */
  begun(): Promise<void> {
    return this.#begun
  }

  get isBegun(): boolean {
    return this.#holds.start === undefined
  }

  async #tick(): Promise<void> {
    if (this.stopped !== undefined) return
    await this.#lookAtClock()
    // What stops the log is told to everyone who submits.
    if (this.held === undefined && this.#follower.isSealer) this.operator.endWhatIsDue().catch(() => {})
  }

  /** Takes the word of a person on the clock, where it is in doubt, and says what has changed. */
  async #lookAtClock(): Promise<void> {
    const { clock, isClockConfirmed } = this.#options
    // One that nothing waits for is taken as well: it is not to be found when the clock has been set since.
    if ((await isClockConfirmed?.()) && clock.doubt !== undefined) clock.confirm?.()
    this.#sayHeld()
  }

  #sayHeld(): void {
    const { held } = this
    if (held?.code === this.#heldBy) return
    this.#heldBy = held?.code
    this.#options.onHeld?.(held)
  }

  /** Stops the log for good: nothing is taken or signed any more. */
  stop(error: FatalError): void {
    this.#fail(error)
  }

  /** The ledger id for which is signed what stands in this log; undefined before there is one. */
  get ledgerId(): Uint8Array | undefined {
    return this.#holds.ended === undefined ? this.ledger.state.ledgerId : this.#holds.idBefore
  }

  /** How many entries are durable. */
  get size(): number {
    return this.#store.size
  }

  /** Why no batch is taken for now, if none is. */
  get held(): HeldError | undefined {
    return this.#holds.intake
  }

  /** Transactions that are on their way to an answer. */
  get waiting(): number {
    return this.#intake.admitted
  }

  /** The witnesses that are asked: what each cosigned last, and how often in a row it has not. */
  get witnesses(): { readonly name: string; readonly size: number; readonly failures: number }[] {
    return this.#witnesses.standing
  }

  /** The time, as well as the ledger knows it: also while its clock is in doubt. */
  get timeMs(): number {
    const { clock } = this.#options
    return clock.bestMs ?? Date.now()
  }

  /** Why the log has stopped, if it has. */
  get stopped(): FatalError | undefined {
    return this.#follower.stopped
  }

  /** Takes a batch into the log. @throws RefusedError, HeldError, FatalError. */
  async submit(batch: Submission): Promise<BatchAnswer> {
    this.#refuseIfClosing()
    return this.#intake.submitBatch(batch)
  }

  /** Whether there is no room for a light batch of a caller, who is refused then. */
  isFull(caller: string): boolean {
    return this.#intake.isFull(caller)
  }

  /**
   * Takes a batch as submitted in CBOR into the log (SPEC §11). Of those that are under way at once, any may come
   * first.
   *
   * @param bytes - untrusted; must not change afterwards.
   * @param caller - from where it came: callers take turns, and none has all of the room.
   * @throws FormatError as `decodeSubmission`; RefusedError, BusyError, HeldError, FatalError.
   */
  async submitBytes(bytes: Uint8Array, caller?: string): Promise<BatchAnswer> {
    this.#refuseIfClosing()
    return this.#intake.submit(bytes, caller)
  }

  #refuseIfClosing(): void {
    if (this.#closing.signal.aborted)
      throw new BusyError('busy', 'The ledger is being closed. Send the same batch again when it is back.')
  }

  /** Resolves when the state as it is now is durable. What was read of it is told only then. @throws FatalError. */
  durable(): Promise<void> {
    return this.#follower.durable()
  }

  /** A durable entry. */
  readEntry(index: number): Promise<Uint8Array> {
    return this.#store.readEntry(index)
  }

  /** Durable entries, in the order asked for. */
  readEntries(indexes: readonly number[]): Promise<Uint8Array[]> {
    return this.#store.readEntries(indexes)
  }

  /** The first `width` entries of a bundle, not to be changed; undefined when the published log is shorter. */
  entryBundle(n: number, width: number): Promise<Uint8Array | undefined> {
    return publishedBundle(this.#store, this.publisher.published, n, width)
  }

  /** Tile of hashes, of the published log only: c2sp.org/tlog-tiles. */
  tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    return publishedTile(this.tree, this.publisher.published, level, index, width)
  }

  /** File `n` of the archive of cosigned checkpoints; undefined after the last, and without an archive. */
  async archived(n: number): Promise<Uint8Array | undefined> {
    return this.#archive?.read(n)
  }

  /** The salt of the totals of a published epoch; undefined for one to come. */
  salt(epoch: number): Uint8Array | undefined {
    return epoch <= (this.publisher.published?.seal.epoch ?? -1) ? this.#saltOf(epoch) : undefined
  }

  /** The log's signature of the salts of epochs from `from` on, to show others what was served. SPEC §11. */
  async signSalts(from: number, salts: readonly Uint8Array[]): Promise<Uint8Array> {
    return this.#signer.sign(saltsMessage(this.ledgerId!, from, salts))
  }

  /** Answers what was submitted, publishes a last time, and closes the store. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#disk.close()
    this.#closing.abort(new Error('the log is closed'))
    await this.#begun.catch(() => {})
    try {
      await this.#intake.idle()
      await this.#follower.idle()
      await this.publisher.close()
      await this.#follower.end()
      // The next start finds the state as it is, and replays nothing.
      if (this.stopped === undefined && this.#follower.unsealed === 0) await this.#snapshots.close(this.#store.size)
      else await this.#snapshots.idle()
      await this.ledger.idle()
    } finally {
      // Whatever could not be written: a store that stays open is locked for the next start.
      await this.#preparer.close()
      await this.#journal.close()
      await this.#store.close()
      // After the store: anyone who has the lease next finds all that was written here.
      await this.#options.lease?.release()
    }
  }
}
