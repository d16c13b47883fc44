import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Draft, fromDraft, signerName } from '../src/client/index.ts'
import { publicKeyFromSeed, signEd25519 } from '../src/core/crypto/ed25519.ts'
import { batchMessage, NO_GROUPS, NO_LEDGER_ID, type Signature, transactionsFrom } from '../src/core/entry/batch.ts'
import type { Group } from '../src/core/entry/group.ts'
import { ID_RANDOM_BYTES, makeId } from '../src/core/entry/id.ts'
import { encodeSubmission } from '../src/core/entry/submission.ts'
import { type Custodian, encodeTransaction, type Role } from '../src/core/entry/transaction.ts'
import type { Policy } from '../src/core/note/policy.ts'
import type { Journal } from '../src/journal/index.ts'
import type { Submission } from '../src/ledger/index.ts'
import {
  type ArchiveFiles,
  type Clock,
  type DiskOptions,
  type HeldError,
  inlinePreparer,
  type Lease,
  type OpenedFiles,
  type Place,
  type Preparer,
  TallyLog,
  type WitnessPort,
} from '../src/log/index.ts'
import { type LevelStoreOptions, openLevelStore, type Store } from '../src/store/index.ts'
import type { BatchAnswer } from '../src/verify/batch-answer.ts'

/** A key that tests sign with: a seed and its public key. */
export interface TestKey {
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
}

/** A key made from a number, always the same. */
export function keyNumber(n: number): TestKey {
  const seed = new Uint8Array(32).fill(n & 255)
  seed[0] = n >> 8
  return { seed, publicKey: publicKeyFromSeed(seed) }
}

export type Signer =
  | { readonly record: number; readonly key: TestKey }
  | { readonly account: number; readonly recovery?: number; readonly key: TestKey }

/** A batch of those transactions, signed by those signers in order. */
export function signed(
  ledgerId: Uint8Array,
  signers: readonly Signer[],
  list: readonly Uint8Array[],
  groups: readonly Group[] = NO_GROUPS,
): Submission {
  const transactions = transactionsFrom(list, groups)
  const names = signers.map(signer => signerName(signer))
  const message = batchMessage(ledgerId, names, transactions)
  const signatures = signers.map(
    (signer, i): Signature => ({ ...names[i]!, ed25519: signEd25519(signer.key.seed, message) }),
  )
  return { signatures, transactions }
}

export { type Draft, fromDraft }

/** A draft in which a unit is enough where its terms are named too, and a record where its leaf hash is. */
export type WorldDraft = Draft | Naming<'open-account', 'terms'> | Naming<'set-custody', never>

type Naming<K extends Draft['kind'], Found extends string> = Omit<Extract<Draft, { kind: K }>, Found | 'custodian'> & {
  readonly custodian?: number | Custodian | null
}

/** Numbers that every world has, made by `World.create`. */
const ROOT = 0
export const REGISTRAR = 1
export const TREASURER = 2
export const COINS = 3
export const ISSUER = 4
export const TREASURY = 0
export const BUDGET = 1
export const FIRST_MEMBER = 2
/** As budgets of a rule: whichever of a small ledger's accounts are budgets. */
export const EVERY_BUDGET: readonly number[] = Array.from({ length: 64 }, (_, account) => account)
export const FUNDED = 1_000_000

/** From which the salts of a world's totals are made. */
export const SALT_SECRET: Uint8Array = new Uint8Array(32).fill(9)
/** How long a movement of the world's unit can be reversed. */
export const WINDOW_MS = 7 * 86_400_000
/** The key that a world acts with of itself, once it is registered as an operator's. */
export const OPERATOR_KEY: TestKey = keyNumber(60)

export interface WorldOptions {
  /** Without unit, accounts and keys. */
  readonly empty?: boolean
  readonly store?: LevelStoreOptions
  /** Puts something in front of the store. */
  readonly beforeStore?: (store: Store) => Store
  /** Time between seals; by default an hour, so that tests seal by hand. */
  readonly periodMs?: number
  readonly preparer?: Preparer
  /** By default one of each log alone. */
  readonly journal?: (next: number) => Journal
  /** By default one that stands still until `nowMs` is set. */
  readonly clock?: Clock
  /** Where that stands at first: by default early in 2027, whatever time it is. */
  readonly nowMs?: number
  readonly witnesses?: readonly WitnessPort[]
  readonly witnessTimeoutMs?: number
  readonly onWitnessTrouble?: (name: string, what: string) => void
  /** Where ids and nonces come from; by default from the system. */
  readonly random?: (bytes: number) => Uint8Array
  /** Entries between two snapshots of the state; by default more than a test has, so that only closing makes one. */
  readonly snapshotEntries?: number
  /** Ids and postings in runs of so many entries, as a power of two; by default few, so that there are many. */
  readonly runBits?: number
  /** By default it has no end. */
  readonly disk?: DiskOptions
  readonly onNotice?: (what: string) => void
  readonly onProgress?: (entries: number, size: number) => void
  readonly isClockConfirmed?: () => Promise<boolean>
  readonly isQuorum?: (names: readonly string[]) => boolean
  readonly places?: readonly Place[]
  readonly lease?: Lease
  readonly archive?: ArchiveFiles
  readonly opened?: OpenedFiles
  readonly onHeld?: (why: HeldError | undefined) => void
  /** Of the genesis; by default the longest. */
  readonly beatMs?: number
  /** Of its unit; by default any number. */
  readonly memberRate?: number
}

/** A real log on a real LevelDB in a folder of its own, with a clock that tests turn by hand, and everyone's keys. */
export class World {
  readonly keys = {
    log: keyNumber(1),
    root: keyNumber(2),
    registrar: keyNumber(3),
    treasurer: keyNumber(4),
    issuer: keyNumber(5),
    member: keyNumber(6),
  }
  origin = 'ledger.example/points'
  nowMs: number
  log!: TallyLog
  failure: unknown
  readonly directory: string

  readonly #options: WorldOptions
  readonly #random: (bytes: number) => Uint8Array

  private constructor(directory: string, options: WorldOptions) {
    this.directory = directory
    this.#options = options
    this.nowMs = options.nowMs ?? 1_800_000_000_000
    this.#random = options.random ?? randomBytes
  }

  /** A world with a unit, a treasury, a funded budget and a member, unless it is to be empty. */
  static async create(options: WorldOptions = {}): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'tally-')), options)
    await world.open(options.store)
    if (!options.empty) await world.setUp()
    return world
  }

  /** The world that another process made in a directory. */
  static async at(directory: string, options: WorldOptions = {}): Promise<World> {
    const world = new World(directory, options)
    await world.open(options.store)
    return world
  }

  get ledgerId(): Uint8Array {
    return this.log.ledger.state.ledgerId ?? NO_LEDGER_ID
  }

  get policy(): Policy {
    return { logs: [{ key: this.log.logKey }], witnesses: [], groups: [], quorum: 'none' }
  }

  async open(store: LevelStoreOptions = {}): Promise<void> {
    const { beforeStore = (store: Store) => store } = this.#options
    this.log = await TallyLog.open({
      store: beforeStore(await openLevelStore(join(this.directory, 'store'), store)),
      clock: this.#options.clock ?? { nowMs: () => this.nowMs },
      origin: this.origin,
      logSeed: this.keys.log.seed,
      saltSecret: SALT_SECRET,
      operatorSeed: OPERATOR_KEY.seed,
      periodMs: this.#options.periodMs ?? 3_600_000,
      heartbeatMs: 3_600_000,
      preparer: this.#options.preparer ?? inlinePreparer,
      ...(this.#options.journal === undefined ? {} : { journal: this.#options.journal }),
      witnesses: this.#options.witnesses ?? [],
      witnessTimeoutMs: this.#options.witnessTimeoutMs ?? 1000,
      onWitnessTrouble: this.#options.onWitnessTrouble ?? (() => {}),
      snapshotEntries: this.#options.snapshotEntries ?? 65_536,
      runBits: this.#options.runBits ?? 5,
      ...(this.#options.disk === undefined ? {} : { disk: this.#options.disk }),
      onNotice: this.#options.onNotice ?? (() => {}),
      onProgress: this.#options.onProgress ?? (() => {}),
      isClockConfirmed: this.#options.isClockConfirmed ?? (async () => false),
      isQuorum: this.#options.isQuorum ?? (() => true),
      places: this.#options.places ?? [],
      startPauseMs: 5,
      onHeld: this.#options.onHeld ?? (() => {}),
      ...(this.#options.lease === undefined ? {} : { lease: this.#options.lease }),
      ...(this.#options.archive === undefined ? {} : { archive: this.#options.archive }),
      ...(this.#options.opened === undefined ? {} : { opened: this.#options.opened }),
      onFailure: error => {
        this.failure = error
      },
    })
  }

  /** Puts bytes under a commitment while the log is closed, as a restored copy of the store would have them. */
  async restoreDetails(commitment: Uint8Array, bytes: Uint8Array, look: () => void): Promise<void> {
    await this.log.close()
    const store = await openLevelStore(join(this.directory, 'store'))
    await store.writeDetails(commitment, bytes)
    look()
    await store.close()
    await this.open()
  }

  /** What continues the log from where it is, sealed, under another name and key. */
  continuing(origin: string, key: TestKey, seen: number | null = null): Draft {
    const { size, root } = this.log.publisher.published!
    return { kind: 'continue-log', origin, logKey: key.publicKey, size, root, seen }
  }

  /** Closes the log, and opens the store under another name and key. */
  async reopenAs(origin: string, key: TestKey): Promise<void> {
    await this.log.close()
    this.origin = origin
    this.keys.log = key
    await this.open()
  }

  async reopen(): Promise<void> {
    await this.log.close()
    await this.open()
  }

  async destroy(): Promise<void> {
    await this.log.close()
    await rm(this.directory, { recursive: true, force: true })
  }

  id(timeMs = this.nowMs): Uint8Array {
    return makeId(timeMs, this.#random(ID_RANDOM_BYTES))
  }

  /** The entry of a draft. Of an opening, and of a custody, what it names by leaf hash is looked up. */
  bytes(draft: WorldDraft, id = this.id()): Uint8Array {
    return encodeTransaction(fromDraft(this.named(draft), id))
  }

  /** A draft with the leaf hashes of the records that it names. */
  named(draft: WorldDraft): Draft {
    if (draft.kind !== 'open-account' && draft.kind !== 'set-custody') return draft as Draft
    const { custodian = null } = draft
    const isNumber = typeof custodian === 'number'
    const named = isNumber ? { record: custodian, leaf: this.leaf(custodian) } : custodian
    const terms = draft.kind === 'open-account' ? { terms: this.leaf(draft.unit) } : {}
    return { ...terms, ...draft, custodian: named } as Draft
  }

  /** Leaf hash of the transaction that made a record. */
  leaf(record: number): Uint8Array {
    return this.log.ledger.state.registry.records[record]?.body ?? new Uint8Array(32)
  }

  /** A batch of those transactions, signed by those signers, as it is submitted in CBOR. */
  submission(signers: readonly Signer[], ...list: readonly Uint8Array[]): Uint8Array {
    return this.groupedSubmission(signers, NO_GROUPS, ...list)
  }

  /** The same of a batch with groups. */
  groupedSubmission(signers: readonly Signer[], groups: readonly Group[], ...list: readonly Uint8Array[]): Uint8Array {
    return encodeSubmission(signed(this.ledgerId, signers, list, groups).signatures, list, groups)
  }

  submit(signers: readonly Signer[], ...list: readonly Uint8Array[]): Promise<BatchAnswer> {
    return this.log.submit(signed(this.ledgerId, signers, list))
  }

  get root(): Signer {
    return { record: ROOT, key: this.keys.root }
  }
  get registrar(): Signer {
    return { record: REGISTRAR, key: this.keys.registrar }
  }
  get treasurer(): Signer {
    return { record: TREASURER, key: this.keys.treasurer }
  }
  get issuer(): Signer {
    return { record: ISSUER, key: this.keys.issuer }
  }
  owner(account: number, key: TestKey = this.keys.member): Signer {
    return { account, key }
  }

  genesis(): Draft {
    const { log, root } = this.keys
    return {
      kind: 'genesis',
      origin: this.origin,
      logKey: log.publicKey,
      roots: [root.publicKey],
      skewMs: 600_000,
      promiseMs: 10_000,
      ...(this.#options.beatMs === undefined ? {} : { beatMs: this.#options.beatMs }),
    }
  }

  registerKey(role: Role, key: TestKey, scope: number[] = []): Draft {
    return { kind: 'register-key', key: key.publicKey, role, scope }
  }

  openMember(key: TestKey = this.keys.member): Draft {
    return {
      kind: 'open-account',
      accountKind: 'member',
      unit: COINS,
      terms: this.terms(COINS),
      owner: key.publicKey,
      nonce: this.#random(32),
    }
  }

  /** The terms of a unit, as an opening names them: leaf hash of what defines it. */
  terms(unit: number): Uint8Array {
    return this.log.ledger.state.registry.records[unit]!.body
  }

  issue(credit: number, amount: number): Draft {
    return { kind: 'issue', debit: BUDGET, credit, amount }
  }

  redeem(debit: number, amount: number): Draft {
    return { kind: 'redeem', debit, credit: TREASURY, amount }
  }

  #rate() {
    const { memberRate } = this.#options
    return memberRate === undefined ? {} : { memberRate }
  }

  async setUp(): Promise<void> {
    await this.submit([this.root], this.bytes(this.genesis()))
    await this.submit(
      [this.root],
      this.bytes(this.registerKey('registrar', this.keys.registrar)),
      this.bytes(this.registerKey('treasurer', this.keys.treasurer)),
      this.bytes({ kind: 'define-unit', name: 'coins', cap: 10 * FUNDED, windowMs: WINDOW_MS, ...this.#rate() }),
    )
    const plain = { unit: COINS, terms: this.terms(COINS), nonce: new Uint8Array(32) }
    await this.submit(
      [this.treasurer],
      this.bytes({ kind: 'open-account', accountKind: 'treasury', ...plain }),
      this.bytes({ kind: 'open-account', accountKind: 'budget', ...plain }),
      this.bytes({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount: FUNDED }),
    )
    await this.submit([this.root], this.bytes(this.registerKey('issuer', this.keys.issuer, [BUDGET])))
    await this.submit([this.registrar], this.bytes(this.openMember()))
  }
}
