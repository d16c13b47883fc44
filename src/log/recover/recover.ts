import { equalBytes } from '../../core/bytes.ts'
import { CodedError } from '../../core/failure.ts'
import { ED25519_KEY, sameKey, type VerifierKey, verifierKey } from '../../core/note/note.ts'
import { openCheckpoint, type Policy } from '../../core/note/policy.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, partOfRun, runOfBundle } from '../../core/tree/tile.ts'
import { type Ledger, type LedgerState, listingOf, Replay } from '../../ledger/index.ts'
import { FINGERPRINT_SECRET_BYTES, Ids } from '../../lookup/index.ts'
import { Positions } from '../../lookup/postings/positions.ts'
import type { Turns } from '../../node/turns.ts'
import { type Store, StoreError } from '../../store/index.ts'
import { FatalError } from '../failure.ts'
import { type Random, systemRandom } from '../random.ts'
import { LogTree } from '../tree/log-tree.ts'
import { entriesOf } from '../tree/stored-entries.ts'
import { type Loaded, loadSnapshot, nothingLoaded, Snapshots } from './snapshots.ts'

export interface RecoverOptions {
  readonly store: Store
  /** For whatever is made beside the log, in long computations. */
  readonly turns: Turns
  readonly logKey: VerifierKey
  /** Undefined where it is not known, and the totals sealed are not compared. */
  readonly saltOf: (epoch: number) => Uint8Array | undefined
  readonly snapshotEntries: number | undefined
  readonly runBits: number | undefined
  /** By default the system's. */
  readonly random?: Random | undefined
  readonly onNotice: (what: string) => void
  readonly onProgress: (entries: number, size: number) => void
  /** Is told when a snapshot cannot be written. */
  readonly onFailure: (error: unknown) => void
}

/** A ledger as a store has it, and what goes with it. */
export interface Recovered {
  readonly ledger: Ledger
  readonly tree: LogTree
  readonly positions: Positions
  readonly snapshots: Snapshots
  /** Log size after the last seal. */
  readonly sealedSize: number
  readonly unsealed: number
}

/**
 * The ledger in a store: its last snapshot with the entries behind it, through the live path's own code; all entries
 * from the first where there is no snapshot, or none that holds. It has the roots of every seal that was replayed and
 * of the one that its snapshot stands for, and the root of the checkpoint published last.
 *
 * @throws FatalError `ledger-mismatch` when log, checkpoint and key do not belong together; StoreError where the log is
 *   damaged, or the checkpoint.
 */
export async function recover(options: RecoverOptions): Promise<Recovered> {
  const { store, saltOf, onNotice } = options
  const loaded = await loadSnapshot(store, saltOf).catch((error: Error) => {
    onNotice(`${sentence(error.message)} The log is replayed from its first entry.`)
    return undefined
  })
  if (loaded !== undefined) {
    // What stands after it may continue the log under another key.
    if (loaded.size === store.size) checkIdentity(loaded.state, options.logKey, store.size)
    try {
      return await replay(options, loaded)
    } catch (error) {
      // What the disk does not give, or gives damaged, it does not give again.
      if (!(error instanceof CodedError) || error instanceof StoreError) throw error
      // What no root covers may be wrong in a snapshot, or in an index; if it is the log, that is found again.
      onNotice('What was kept beside the log does not fit the log, which is replayed from its first entry.')
    }
  }
  return replay(options, nothingLoaded())
}

/** Replays what stands after a state, and checks it all against the checkpoint published last. */
async function replay(options: RecoverOptions, loaded: Loaded): Promise<Recovered> {
  const { store, turns, saltOf, onProgress, onFailure, snapshotEntries, random = systemRandom } = options
  const turn = () => turns.turn()
  const runs = options.runBits === undefined ? {} : { runBits: options.runBits }
  const { state, size } = loaded
  const entries = entriesOf(store)
  const positions = await Positions.open(
    {
      rows: store,
      turn,
      entries,
      listing: account => listingOf(state.accounts.kind(account)),
      ...runs,
    },
    size,
  )
  const tree = await LogTree.open(bundle => store.viewBundle(bundle), store, size)
  await tree.flush(store.size)
  const snapshots = await Snapshots.open(store, turns, loaded, onFailure, snapshotEntries)
  let sealedSize = size
  const replay = new Replay({
    from: loaded,
    saltOf,
    entryAt: index => store.readEntry(index),
    rootAt: size => tree.rootAt(size),
    // Every signature was verified before its batch was written, and anyone who can write here can also write around
    // us.
    verifySignatures: false,
    onLeaves: leaves => tree.append(leaves),
    onSeal: (_, size) => {
      sealedSize = size
      snapshots.sealed(size)
    },
    postings: positions,
    ids: await Ids.open({ rows: store, turn, entries, ...runs, secret: random(FINGERPRINT_SECRET_BYTES) }, size),
  })
  try {
    for (let at = size; at < store.size; ) {
      const bundle = Math.floor(at / BUNDLE_ENTRIES)
      const first = bundle * BUNDLE_ENTRIES
      const width = Math.min(BUNDLE_ENTRIES, store.size - first)
      await replay.feedRun(partOfRun(runOfBundle(await store.readBundle(bundle), width), at - first, width))
      at = first + width
      onProgress(at, store.size)
      // What is read back is durable: a start that is cut off goes on from there the next time.
      snapshots.durable(store.size)
      await tree.flush(store.size)
    }
    if (!replay.isBetweenBatches) throw mismatch('The log in the store ends inside a batch.')
    const { ledger } = replay
    const recovered = { ledger, tree, positions, snapshots, sealedSize, unsealed: store.size - sealedSize }
    checkIdentity(ledger.state, options.logKey, store.size)
    await checkCheckpoint(store, recovered, options.logKey)
    return recovered
  } catch (error) {
    // Anyone who makes it all again is the only one who writes.
    await Promise.all([snapshots.idle(), replay.ledger.idle()])
    if (!(error instanceof CodedError) || error instanceof FatalError || error instanceof StoreError) throw error
    throw mismatch(`The log in the store does not follow its own rules: ${error.message}`, error)
  }
}

/**
 * The log must be of this name and key; or it has ended in the store, and goes on elsewhere.
 *
 * @param size - of the log.
 * @throws FatalError `ledger-mismatch`.
 */
export function checkIdentity(
  { ledgerId, registry }: LedgerState,
  { name, publicKey }: VerifierKey,
  size: number,
): void {
  if (ledgerId === undefined) return
  const [before, now] = [registry.logs.at(-2), registry.logs.at(-1)!]
  // After what continues a log stands its last seal, and no more.
  const isLast = before?.transaction.origin === name && size <= now.from + 2
  const log = (isLast ? before : now).transaction
  if (log.origin !== name)
    throw mismatch(`The log in the store is of "${log.origin}", the configuration names "${name}".`)
  if (!equalBytes(log.logKey, publicKey))
    throw mismatch(`The log key is not the one that the log in the store names for "${name}".`)
}

/** The key of a log, and those of all logs that the ledger in it was in before. */
export function logKeysOf({ registry }: LedgerState, own: VerifierKey): VerifierKey[] {
  const keys = registry.logs.map(({ transaction: { origin, logKey } }) => verifierKey(origin, ED25519_KEY, logKey))
  return [own, ...keys.filter(key => !sameKey(key, own))]
}

/** The checkpoint published last must be of this very log: no longer than it, and with its root. */
async function checkCheckpoint(
  store: Store,
  { tree, sealedSize, ledger }: Recovered,
  logKey: VerifierKey,
): Promise<void> {
  const bytes = await store.readDocument('checkpoint')
  if (bytes === undefined) return
  const logs = logKeysOf(ledger.state, logKey).map(key => ({ key }))
  const policy: Policy = { logs, witnesses: [], groups: [], quorum: 'none' }
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

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`
}

function mismatch(what: string, cause?: unknown): FatalError {
  return new FatalError(
    'ledger-mismatch',
    `${sentence(what)} Nothing was signed. Restore the data directory from a backup that fits.`,
    {
      cause,
    },
  )
}

/** What a ledger was called in the log before the one that it is in. */
export async function idBefore({ state: { registry } }: Ledger, store: Store): Promise<Uint8Array> {
  const { transaction, body } = registry.logs.at(-2)!
  return transaction.kind === 'genesis' ? leafHash(await store.readEntry(0)) : body
}
