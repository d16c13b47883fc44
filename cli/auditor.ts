import type { TallyClient } from '../src/client/index.ts'
import { equalBytes, utf8Decode } from '../src/core/bytes.ts'
import { CodedError, VerifyError } from '../src/core/failure.ts'
import { DAY_MS, dueToExpire } from '../src/core/holdings.ts'
import { openCheckpoint, type Policy } from '../src/core/policy.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle, formatTilePath } from '../src/core/tile.ts'
import { type LedgerState, Replay } from '../src/ledger/index.ts'
import type { Figures } from './figures.ts'
import { type HashTile, TileMaker } from './tiles.ts'

/** What an audit found (`tally audit --json`). */
export interface AuditReport {
  /** The signed note that was audited. */
  readonly checkpoint: string
  readonly origin: string
  readonly treeSize: number
  readonly entries: number
  readonly transactions: number
  readonly accounts: number
  readonly seals: number
  readonly totals: Readonly<Record<string, Totals>>
  readonly faults: readonly Fault[]
}

export interface Totals {
  readonly issued: number
  readonly redeemed: number
  readonly expired: number
  readonly reversed: number
  readonly owed: number
}

export interface Fault {
  readonly code: string
  readonly message: string
}

export interface AuditOptions {
  readonly client: TallyClient
  readonly policy: Policy
  /** The checkpoint of an earlier audit, a signed note: the log must have grown out of it. */
  readonly earlier?: Uint8Array
  readonly onProgress: (entries: number, size: number) => void
  /** Counts along, for a report with figures by day and by rule. */
  readonly figures?: Figures
}

/** Bundles that are fetched ahead of the one that is replayed. */
const AHEAD = 8
const SALTS_PAGE = 10_000

/**
 * Audits a whole log: fetches every entry, verifies every signature, replays every rule, makes every seal and tile anew, and
 * compares with the checkpoint. Trusts the policy and nobody else. The first entry that does not follow ends the replay, as
 * nothing behind it can be judged; tiles that differ are all reported.
 *
 * @throws ClientError where the ledger does not answer.
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const { client, policy, earlier: earlierNote, onProgress, figures } = options
  const faults: Fault[] = []
  const note = await client.checkpoint()
  const checkpoint = openCheckpoint(note, policy)
  const { size } = checkpoint
  const earlier = earlierNote === undefined ? undefined : openCheckpoint(earlierNote, policy)
  if (earlier !== undefined && earlier.size > size)
    faults.push({
      code: 'rolled-back',
      message: `the log has ${size} entries, and had ${earlier.size} when it was audited before: entries were taken back`,
    })
  const salts = await fetchSalts(client)
  const tiles = new TileMaker()
  const full: HashTile[] = []
  let [seals, transactions, sealedSize] = [0, 0, 0]
  const replay = new Replay({
    saltOf: epoch => salts[epoch] ?? new Uint8Array(32),
    entryAt: async index => {
      const bundle = await fetchBundle(client, Math.floor(index / BUNDLE_ENTRIES), size)
      return bundle[index % BUNDLE_ENTRIES]!
    },
    verifySignatures: true,
    onLeaves(leaves) {
      for (let at = 0; at < leaves.length; at += 32) {
        full.push(...tiles.append(leaves.slice(at, at + 32)))
        if (tiles.size === earlier?.size && !equalBytes(tiles.root(), earlier.root))
          faults.push({
            code: 'forked',
            message: `the first ${earlier.size} entries are not those that were audited before: keep both checkpoints, they convict the log`,
          })
      }
    },
    onBatch(_, count) {
      transactions += count
    },
    onSeal(_, sealed) {
      seals++
      sealedSize = sealed
    },
    ...(figures === undefined
      ? {}
      : { onApplied: (batch, statuses) => figures.add(replay.ledger.state, batch, statuses) }),
  })
  try {
    for await (const bundle of fetchBundles(client, size)) {
      await replay.feed(bundle)
      for (const tile of full.splice(0)) await compareTile(client, tile, faults)
      onProgress(tiles.size, size)
    }
    if (sealedSize !== size) throw new VerifyError('seal-last', 'the last entry of the checkpoint is not a seal')
    for (const tile of tiles.partial()) await compareTile(client, tile, faults)
    if (!equalBytes(tiles.root(), checkpoint.root))
      throw new VerifyError('log-root', 'the entries served are not those that the checkpoint was signed over')
    const { state } = replay.ledger
    if (state.origin !== checkpoint.origin || !equalBytes(state.logKey, checkpoint.log.publicKey))
      throw new VerifyError('log-identity', 'genesis names another origin or log key than your policy')
    const late = overdueAccounts(state)
    if (late.length > 0)
      throw new VerifyError(
        'overdue',
        `points of account ${late[0]} are more than a day past their expiry, and no entry says so${late.length > 1 ? `; so are those of ${late.length - 1} more` : ''}`,
      )
  } catch (error) {
    if (!(error instanceof CodedError) || error.name === 'ClientError') throw error
    faults.push({ code: error.code, message: error.message })
  }
  const { state } = replay.ledger
  return {
    checkpoint: utf8Decode(note),
    origin: checkpoint.origin,
    treeSize: size,
    entries: tiles.size,
    transactions,
    accounts: state.accounts.count,
    seals,
    totals: Object.fromEntries(
      state.totals().map(({ unit, ...totals }) => [state.registry.unit(unit)!.terms.name, totals] as const),
    ),
    faults,
  }
}

/** Accounts with points more than a day past their expiry at the last seal (SPEC §7), the first thousand of them. */
function overdueAccounts({ accounts, time }: LedgerState): number[] {
  const atMs = time - DAY_MS
  return accounts.due.at(atMs, 1000).filter(account => dueToExpire(accounts.holdings(account), atMs) > 0)
}

async function fetchSalts(client: TallyClient): Promise<Uint8Array[]> {
  const salts: Uint8Array[] = []
  for (;;) {
    const page = await client.salts(salts.length, SALTS_PAGE)
    salts.push(...page)
    if (page.length < SALTS_PAGE) return salts
  }
}

async function fetchBundle(client: TallyClient, index: number, size: number): Promise<Uint8Array[]> {
  const width = Math.min(BUNDLE_ENTRIES, size - index * BUNDLE_ENTRIES)
  return decodeEntryBundle(await client.tile({ level: 'entries', index, width }), width)
}

/** All entry bundles in order, some of them fetched ahead. */
async function* fetchBundles(client: TallyClient, size: number): AsyncGenerator<Uint8Array[]> {
  const count = Math.ceil(size / BUNDLE_ENTRIES)
  const ahead: Promise<Uint8Array[]>[] = []
  for (let next = 0, index = 0; index < count; index++) {
    for (; next < count && next < index + AHEAD; next++) {
      const fetching = fetchBundle(client, next, size)
      // Its error is thrown where it is awaited; until then it is nobody's unhandled one.
      fetching.catch(() => {})
      ahead.push(fetching)
    }
    yield await ahead.shift()!
  }
}

async function compareTile(client: TallyClient, { level, index, hashes }: HashTile, faults: Fault[]): Promise<void> {
  const address = { level, index, width: hashes.length / 32 }
  if (equalBytes(await client.tile(address), hashes)) return
  faults.push({ code: 'tile', message: `${formatTilePath(address)} is not what the entries make` })
}
