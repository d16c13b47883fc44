import { randomBytes } from 'node:crypto'
import { concatBytes, equalBytes, utf8Encode } from '../core/bytes.ts'
import { publicKeyFromSeed } from '../core/ed25519.ts'
import { engine } from '../core/engine.ts'
import { CodedError } from '../core/failure.ts'
import { ID_RANDOM_BYTES, makeId } from '../core/id.ts'
import { ED25519_KEY, type VerifierKey, verifierKey } from '../core/note.ts'
import { openCheckpoint, type Policy } from '../core/policy.ts'
import { BUNDLE_ENTRIES, runOfBundle } from '../core/tile.ts'
import { ACCOUNT_KINDS } from '../core/transaction.ts'
import { Ids, type Ledger, Replay, type Submission } from '../ledger/index.ts'
import type { Store } from '../store/index.ts'
import type { Acknowledgement } from './acknowledge.ts'
import type { Clock } from './clock.ts'
import { DetailsKeeper } from './details.ts'
import { batchOf, entriesOf } from './entries.ts'
import { FatalError } from './failure.ts'
import { Intake } from './intake.ts'
import { Operator } from './operator.ts'
import { Positions } from './positions.ts'
import { inlinePreparer, type Preparer } from './prepare.ts'
import { Prover } from './prover.ts'
import { Publisher } from './publisher.ts'
import { Sequencer } from './sequencer.ts'
import { LogTree } from './tree.ts'
import { Witnesses, type WitnessPort } from './witnesses.ts'

/** How long a publication waits for its witnesses. */
const WITNESS_TIMEOUT_MS = 1000

export interface LogOptions {
  readonly store: Store
  readonly clock: Clock
  /** Name of the log's key, and first line of its checkpoints. */
  readonly origin: string
  /** Seed of the log's key. */
  readonly logSeed: Uint8Array
  /** 32 secret bytes from which the salts of the totals are made. */
  readonly saltSecret: Uint8Array
  readonly periodMs: number
  readonly heartbeatMs: number
  /** Seed of the key with which the ledger itself writes down what is due, erased or shown; without one it does not. */
  readonly operatorSeed?: Uint8Array
  /** Witnesses to ask for cosignatures; none by default. */
  readonly witnesses?: readonly WitnessPort[]
  /** How long a publication waits for them, 1 s by default. */
  readonly witnessTimeoutMs?: number
  /** Is told when a witness does not cosign. */
  readonly onWitnessTrouble?: (name: string, what: string) => void
  /** Prepares what is submitted as bytes; by default it is done in this thread. The log's from here on: `close` closes it. */
  readonly preparer?: Preparer
  /** Is told that the log has stopped, and why. */
  readonly onFailure: (error: unknown) => void
  /** Is told how many entries of the log have been read back so far. */
  readonly onProgress?: (entries: number, size: number) => void
}

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
  readonly logKey: VerifierKey
  readonly #store: Store
  readonly #sequencer: Sequencer
  readonly #preparer: Preparer
  readonly #intake: Intake
  readonly #saltOf: (epoch: number) => Uint8Array
  #timer: NodeJS.Timeout | undefined

  private constructor(
    options: LogOptions,
    logKey: VerifierKey,
    saltOf: (epoch: number) => Uint8Array,
    recovered: Recovered,
  ) {
    const { store, clock, logSeed, periodMs, heartbeatMs, onFailure } = options
    const { ledger, tree, positions, unsealed } = recovered
    this.ledger = ledger
    this.tree = tree
    this.logKey = logKey
    this.#store = store
    this.#saltOf = saltOf
    const sequencer = new Sequencer({ ledger, store, tree, positions, clock, logSeed, saltOf }, unsealed)
    this.#sequencer = sequencer
    this.#preparer = options.preparer ?? inlinePreparer
    this.#intake = new Intake(ledger, sequencer, this.#preparer)
    const failed = (error: unknown) => {
      sequencer.stop(new FatalError('ledger-stopped', 'The ledger has stopped: publishing failed.', { cause: error }))
      onFailure(error)
    }
    const witnesses = new Witnesses(
      options.witnesses ?? [],
      tree,
      options.witnessTimeoutMs ?? WITNESS_TIMEOUT_MS,
      options.onWitnessTrouble ?? (() => {}),
    )
    this.publisher = new Publisher(
      { store, tree, sequencer, logKey, logSeed, witnesses, periodMs, heartbeatMs, onFailure: failed },
      undefined,
    )
    this.operator = new Operator({
      ledger,
      seed: options.operatorSeed,
      submit: batch => sequencer.submit(batch),
      freshId: timeMs => makeId(timeMs, new Uint8Array(randomBytes(ID_RANDOM_BYTES))),
      nowMs: () => clock.nowMs(),
    })
    this.details = new DetailsKeeper(store, ledger, this.operator)
    this.prover = new Prover({ ledger, store, tree, positions, publisher: this.publisher })
  }

  /**
   * Opens the log in a store: replays it, checks it against the checkpoint published last, publishes what a crash left
   * unpublished, and starts the clock. The store is the log's from here on: `close` closes it, and so does a failure to open.
   *
   * @throws FatalError `ledger-mismatch` when log, checkpoint and keys do not belong together.
   */
  static async open(options: LogOptions): Promise<TallyLog> {
    try {
      return await TallyLog.#open(options)
    } catch (error) {
      await options.preparer?.close()
      await options.store.close()
      throw error
    }
  }

  static async #open(options: LogOptions): Promise<TallyLog> {
    const logKey = verifierKey(options.origin, ED25519_KEY, publicKeyFromSeed(options.logSeed))
    const saltOf = (epoch: number) => saltFrom(options.saltSecret, epoch)
    const recovered = await recover(options, saltOf)
    checkIdentity(recovered.ledger, logKey)
    const log = new TallyLog(options, logKey, saltOf, recovered)
    await checkCheckpoint(options.store, recovered, logKey)
    if (recovered.sealedSize > 0) await log.publisher.publishAt(recovered.sealedSize)
    await log.details.eraseAgain()
    log.publisher.start()
    log.#timer = setInterval(() => {
      // What stops the log is told to everyone who submits; here it only ends the work.
      if (log.stopped === undefined) log.operator.endWhatIsDue().catch(() => {})
    }, options.periodMs)
    return log
  }

  /** How many entries are durable. */
  get size(): number {
    return this.#store.size
  }

  /** Why the log has stopped, if it has. */
  get stopped(): FatalError | undefined {
    return this.#sequencer.stopped
  }

  /** Takes a batch into the log. @throws RefusedError, FatalError. */
  submit(batch: Submission): Promise<Acknowledgement> {
    return this.#sequencer.submit(batch)
  }

  /**
   * Takes a batch as submitted in CBOR into the log (SPEC §11). Of those that are under way at once, any may come first.
   *
   * @param bytes - untrusted; must not change afterwards.
   * @throws FormatError as `decodeSubmission`; RefusedError, BusyError, FatalError.
   */
  submitBytes(bytes: Uint8Array): Promise<Acknowledgement> {
    return this.#intake.submit(bytes)
  }

  /** A durable entry. */
  readEntry(index: number): Promise<Uint8Array> {
    return this.#store.readEntry(index)
  }

  /** The first `width` entries of bundle `n` as an entry bundle; undefined when the published log is shorter. */
  async entryBundle(n: number, width: number): Promise<Uint8Array | undefined> {
    if (n * BUNDLE_ENTRIES + width > (this.publisher.published?.size ?? 0)) return undefined
    const bundle = await this.#store.readBundle(n)
    if (width === BUNDLE_ENTRIES) return bundle
    let at = 0
    for (let i = 0; i < width; i++) at += 2 + bundle[at]! * 256 + bundle[at + 1]!
    return bundle.subarray(0, at)
  }

  /** Tile of hashes, of the published log only: c2sp.org/tlog-tiles. */
  async tile(level: number, index: number, width: number): Promise<Uint8Array | undefined> {
    const end = (index * BUNDLE_ENTRIES + width) * 2 ** (8 * level)
    return end > (this.publisher.published?.size ?? 0) ? undefined : this.tree.tile(level, index, width)
  }

  /** The salt of the totals of a published epoch; undefined for one to come. */
  salt(epoch: number): Uint8Array | undefined {
    return epoch <= (this.publisher.published?.seal.epoch ?? -1) ? this.#saltOf(epoch) : undefined
  }

  /** Answers what was submitted, publishes a last time, and closes the store. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#intake.idle()
    await this.#sequencer.idle()
    await this.publisher.close()
    await this.#preparer.close()
    await this.ledger.idle()
    await this.#store.close()
  }
}

/** The salt of an epoch: `H("tallystick/salt/v1" ‖ 0x00 ‖ secret ‖ u64be(epoch))`. Nobody without the secret can tell it from random. */
function saltFrom(secret: Uint8Array, epoch: number): Uint8Array {
  const number = new Uint8Array(8)
  new DataView(number.buffer).setUint32(0, Math.floor(epoch / 2 ** 32))
  new DataView(number.buffer).setUint32(4, epoch % 2 ** 32)
  return engine().sha256(concatBytes(utf8Encode('tallystick/salt/v1\0'), secret, number))
}

interface Recovered {
  readonly ledger: Ledger
  readonly tree: LogTree
  readonly positions: Positions
  /** Log size behind the last seal. */
  readonly sealedSize: number
  readonly unsealed: number
}

/** Makes everything from the entries: the live path's own code, on the bytes that are durable. */
async function recover({ store, onProgress }: LogOptions, saltOf: (epoch: number) => Uint8Array): Promise<Recovered> {
  const entries = entriesOf(store)
  const positions = await Positions.open(
    {
      rows: store,
      entries,
      batchOf: index => batchOf(store, index),
      isMember: account => replay.ledger.state.accounts.kind(account) === ACCOUNT_KINDS.member,
    },
    0,
  )
  const tree = await LogTree.open(bundle => store.readBundle(bundle), store, 0)
  let sealedSize = 0
  const replay = new Replay({
    saltOf,
    entryAt: index => store.readEntry(index),
    // Every signature was verified before its batch was written, and whoever can write here can also write around us.
    verifySignatures: false,
    onLeaves: leaves => tree.append(leaves),
    onSeal: (_, size) => {
      sealedSize = size
    },
    postings: positions,
    ids: await Ids.open({ rows: store, entries }, 0),
  })
  try {
    for (let bundle = 0; bundle * BUNDLE_ENTRIES < store.size; bundle++) {
      const width = Math.min(BUNDLE_ENTRIES, store.size - bundle * BUNDLE_ENTRIES)
      await replay.feedRun(runOfBundle(await store.readBundle(bundle), width))
      onProgress?.(Math.min(store.size, (bundle + 1) * BUNDLE_ENTRIES), store.size)
    }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw mismatch(`The log in the store does not follow its own rules: ${error.message}`, error)
  }
  if (!replay.isBetweenBatches) throw mismatch('The log in the store ends inside a batch.')
  return { ledger: replay.ledger, tree, positions, sealedSize, unsealed: store.size - sealedSize }
}

function checkIdentity({ state }: Ledger, logKey: VerifierKey): void {
  if (state.ledgerId === undefined) return
  if (state.origin !== logKey.name)
    throw mismatch(`The log in the store is of "${state.origin}", the configuration names "${logKey.name}".`)
  if (!equalBytes(state.logKey, logKey.publicKey))
    throw mismatch('The log key is not the one that the genesis of the log in the store names.')
}

/** The checkpoint published last must be of this very log: no longer than it, and with its root. */
async function checkCheckpoint(store: Store, { tree, sealedSize }: Recovered, logKey: VerifierKey): Promise<void> {
  const bytes = await store.readDocument('checkpoint')
  if (bytes === undefined) return
  const policy: Policy = { logs: [{ key: logKey }], witnesses: [], groups: [], quorum: 'none' }
  let checkpoint: ReturnType<typeof openCheckpoint>
  try {
    checkpoint = openCheckpoint(bytes, policy)
  } catch (error) {
    throw mismatch(`The checkpoint in the store does not hold: ${(error as Error).message}`, error)
  }
  if (checkpoint.size > sealedSize)
    throw mismatch(
      `A checkpoint of ${checkpoint.size} entries was published, the store has ${sealedSize}: entries are lost.`,
    )
  if (!equalBytes(await tree.rootAt(checkpoint.size), checkpoint.root))
    throw mismatch(`The checkpoint of ${checkpoint.size} entries that was published is not of the log in the store.`)
}

function mismatch(what: string, cause?: unknown): FatalError {
  return new FatalError(
    'ledger-mismatch',
    `${what} Nothing was signed. Restore the data directory from a backup that fits.`,
    {
      cause,
    },
  )
}
