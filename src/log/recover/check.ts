import { equalBytes, toHex } from '../../core/bytes.ts'
import { CodedError } from '../../core/failure.ts'
import type { VerifierKey } from '../../core/note/note.ts'
import { openCheckpoint } from '../../core/note/policy.ts'
import { BUNDLE_ENTRIES, runOfBundle } from '../../core/tree/tile.ts'
import { type Ledger, type LedgerState, Replay } from '../../ledger/index.ts'
import { openRow, rowKey } from '../../lookup/index.ts'
import { type Store, StoreError } from '../../store/index.ts'
import { detailsFrom } from '../details-keeper.ts'
import { LogTree } from '../tree/log-tree.ts'
import { checkIdentity, logKeysOf } from './recover.ts'
import { loadSnapshot } from './snapshots.ts'

/** Something that is not what it should be. */
interface StoreFault {
  readonly code: string
  readonly message: string
}

/** What a look at everything in a store found. */
export interface StoreReport {
  readonly entries: number
  readonly seals: number
  /** Size of the checkpoint that was published last. */
  readonly published: number | undefined
  /** What is kept under commitments. */
  readonly details: number
  /** What is damaged of what cannot be made again. */
  readonly faults: readonly StoreFault[]
  /** What is damaged of what is made from the log: it is made again when it is needed. */
  readonly madeAgain: readonly string[]
}

export interface CheckOptions {
  readonly store: Store
  readonly logKey: VerifierKey
  readonly saltOf: (epoch: number) => Uint8Array
  readonly onProgress?: (entries: number, size: number) => void
}

/** Faults of a kind that are named one by one. */
const NAMED_MAX = 20

/**
 * Reads all that is in a store and derives it again: every entry has its sum; the log is replayed from its first entry,
 * every signature verified, by the ledger's own rules; its tree has the root of the checkpoint; what is kept of the
 * state has the roots of the seal that it stands for; rows made from the log have their sums, and those of the tree its
 * hashes; details are those under their commitments, and nothing is kept that was erased. Writes nothing. Takes what
 * an audit takes, and the memory of the accounts and 8 bytes an id.
 */
export async function checkStore(options: CheckOptions): Promise<StoreReport> {
  const { store, saltOf } = options
  const faults = new Faults()
  const madeAgain: string[] = []
  const isReadable = await readAll(options, faults)
  const replayed = isReadable ? await replayAll(options, faults) : undefined
  const published = await checkPublished(options, replayed, faults)
  await loadSnapshot(store, saltOf).catch((error: Error) => madeAgain.push(error.message))
  madeAgain.push(...(await checkIndex(store, replayed?.tree)))
  const details = await checkDetails(store, replayed?.ledger.state, faults)
  return { entries: store.size, seals: replayed?.seals ?? 0, published, details, faults: faults.all(), madeAgain }
}

interface Replayed {
  readonly ledger: Ledger
  readonly tree: LogTree
  readonly seals: number
}

/** Faults as they are found, of which there may be very many. */
class Faults {
  readonly #all: StoreFault[] = []
  readonly #counts = new Map<string, number>()

  /** Notes a fault. @throws what is none. */
  add(kind: string, error: unknown): void {
    if (!(error instanceof CodedError)) throw error
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    if (count <= NAMED_MAX) this.#all.push({ code: error.code, message: error.message })
  }

  all(): StoreFault[] {
    const more = [...this.#counts].filter(([, count]) => count > NAMED_MAX)
    return [
      ...this.#all,
      ...more.map(([kind, n]) => ({ code: 'store-corrupt', message: `${n - NAMED_MAX} more faults of ${kind}.` })),
    ]
  }
}

/** Reads every bundle, so that all that are damaged are named; returns whether none is. */
async function readAll({ store, onProgress }: CheckOptions, faults: Faults): Promise<boolean> {
  let isWhole = true
  for (let n = 0; n * BUNDLE_ENTRIES < store.size; n++) {
    try {
      await store.viewBundle(n)
    } catch (error) {
      faults.add('entries', error)
      isWhole = false
    }
    if (n % 64 === 0) onProgress?.((n * BUNDLE_ENTRIES) / 2, store.size)
  }
  return isWhole
}

/** Replays the log from its first entry; undefined where it does not follow its rules. */
async function replayAll(
  { store, logKey, saltOf, onProgress }: CheckOptions,
  faults: Faults,
): Promise<Replayed | undefined> {
  const tree = new LogTree(bundle => store.viewBundle(bundle))
  let seals = 0
  const replay = new Replay({
    saltOf,
    entryAt: index => store.readEntry(index),
    rootAt: size => tree.rootAt(size),
    verifySignatures: true,
    onLeaves: leaves => tree.append(leaves),
    onSeal: () => {
      seals++
    },
  })
  try {
    for await (const { index, bytes } of store.scan(0)) {
      const first = index * BUNDLE_ENTRIES
      const width = Math.min(BUNDLE_ENTRIES, store.size - first)
      await replay.feedRun(runOfBundle(bytes, width))
      onProgress?.((store.size + first + width) / 2, store.size)
    }
    checkIdentity(replay.ledger.state, logKey, store.size)
    return { ledger: replay.ledger, tree, seals }
  } catch (error) {
    faults.add('the log', error)
    return undefined
  }
}

/** The checkpoint that was published last is signed, and of this log. */
async function checkPublished(
  { store, logKey }: CheckOptions,
  replayed: Replayed | undefined,
  faults: Faults,
): Promise<number | undefined> {
  try {
    const bytes = await store.readDocument('checkpoint')
    if (bytes === undefined) return undefined
    const keys = replayed === undefined ? [logKey] : logKeysOf(replayed.ledger.state, logKey)
    const policy = { logs: keys.map(key => ({ key })), witnesses: [], groups: [], quorum: 'none' as const }
    const { size, root } = openCheckpoint(bytes, policy)
    if (size > store.size)
      throw new StoreError(
        'store-corrupt',
        `A checkpoint of ${size} entries was published, the store has ${store.size}.`,
      )
    if (replayed !== undefined && !equalBytes(await replayed.tree.rootAt(size), root))
      throw new StoreError('store-corrupt', `The checkpoint of ${size} entries is not of the log in the store.`)
    return size
  } catch (error) {
    faults.add('the checkpoint', error)
    return undefined
  }
}

/** What of the index is damaged: rows without their sums, and rows of the tree that are not of the log. */
async function checkIndex(store: Store, tree: LogTree | undefined): Promise<string[]> {
  const found: string[] = []
  let damaged = 0
  for await (const { key, value } of store.readRows(rowKey('i'), rowKey('j')))
    if (openRow(key, value) === undefined) damaged++
  if (damaged > 0) found.push(`${damaged} rows of the index are damaged.`)
  const wrong = tree === undefined ? 0 : await tree.rowsUnlike(store)
  if (wrong > 0) found.push(`${wrong} rows of the tree are not of this log.`)
  return found
}

/**
 * Whether details are those under their commitments, and nothing is kept that was erased. Returns how many there are.
 */
async function checkDetails(store: Store, state: LedgerState | undefined, faults: Faults): Promise<number> {
  let count = 0
  for await (const commitment of store.commitments()) {
    count++
    try {
      const bytes = await store.readDetails(commitment)
      if (bytes !== undefined) detailsFrom(bytes, commitment)
      if (state?.erased.has(toHex(commitment)))
        throw new StoreError(
          'store-corrupt',
          `The details under ${toHex(commitment)} were erased and are there: the next start erases them again.`,
        )
    } catch (error) {
      faults.add('details', error)
    }
  }
  return count
}
