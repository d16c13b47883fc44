import type { TallyClient } from '../src/client/index.ts'
import { equalBytes, utf8Decode } from '../src/core/bytes.ts'
import { CodedError, FormatError, VerifyError } from '../src/core/failure.ts'
import { DAY_MS, dueToExpire } from '../src/core/holdings.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../src/core/policy.ts'
import { BUNDLE_ENTRIES, formatTilePath } from '../src/core/tile.ts'
import { type LedgerState, Replay } from '../src/ledger/index.ts'
import { Bundles, readSalts } from './bundles.ts'
import type { Figures } from './figures.ts'
import type { KeptLog, Mark } from './kept-log.ts'
import { type HashTile, TileMaker } from './tiles.ts'

/** What an audit found (`tally audit --json`). */
export interface AuditReport {
  /** The signed note that was audited. */
  readonly checkpoint: string
  readonly origin: string
  readonly treeSize: number
  readonly entries: number
  /** Of these the signatures were verified, and the tiles compared, in earlier audits: the root of the log there is the same. */
  readonly verifiedBefore: number
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
  /** Where to keep what was fetched and verified, and take it from the next time. */
  readonly kept?: KeptLog
  readonly onProgress: (entries: number, size: number) => void
  /** Counts along, for a report with figures by day and by rule. */
  readonly figures?: Figures
}

/** An audit with all that shows its faults to others. */
export interface Audit {
  readonly report: AuditReport
  readonly checkpoint: TrustedCheckpoint
  readonly bundles: Bundles
  readonly replay: Replay
  /** Log index of the last batch, and of the last seal, that was found right; -1 where there is none. */
  readonly lastBatch: number
  readonly lastSeal: number
}

/** Bundles that are replayed from one note of how far the audit is to the next. */
const MARK_BUNDLES = 64

/** What `auditLog` reports. */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  return (await auditLog(options)).report
}

/**
 * Audits a whole log: replays every rule on every entry, makes every seal and the root anew, verifies every signature and
 * compares every tile that no earlier audit has, and compares with the checkpoint. Trusts the policy and nobody else. The
 * first entry that does not follow ends the replay, as nothing behind it can be judged; tiles that differ are all reported.
 *
 * @throws ClientError where the ledger does not answer.
 */
export async function auditLog(options: AuditOptions): Promise<Audit> {
  const { client, policy, earlier: earlierNote, kept, onProgress, figures } = options
  const faults: Fault[] = []
  const note = await client.checkpoint()
  const checkpoint = openCheckpoint(note, policy)
  const { size } = checkpoint
  if (kept !== undefined && kept.origin !== checkpoint.origin)
    throw new VerifyError('unknown-log', `the checkpoint is of "${checkpoint.origin}", and was of "${kept.origin}"`)
  // Its quorum was demanded when it was audited; who the witnesses are may have changed since.
  const earlier = earlierNote === undefined ? undefined : openCheckpoint(earlierNote, { ...policy, quorum: 'none' })
  if (earlier !== undefined && earlier.size > size)
    faults.push({
      code: 'rolled-back',
      message: `the log has ${size} entries, and had ${earlier.size} when it was audited before: entries were taken back`,
    })
  const salts = await readSalts(client, kept)
  const bundles = new Bundles(client, size, kept)
  const mark = await markWithin(size, kept)
  const tiles = new TileMaker()
  const full: HashTile[] = []
  let [seals, transactions, lastBatch, lastSeal] = [0, 0, -1, -1]
  const replay = new Replay({
    saltOf: epoch => salts[epoch] ?? new Uint8Array(32),
    entryAt: index => bundles.entry(index),
    verifySignatures: true,
    verifiedBelow: mark?.size ?? 0,
    onLeaves(leaves) {
      for (let at = 0; at < leaves.length; at += 32) {
        full.push(...tiles.append(leaves.slice(at, at + 32)))
        if (tiles.size === earlier?.size && !equalBytes(tiles.root(), earlier.root))
          faults.push({
            code: 'forked',
            message: `the first ${earlier.size} entries are not those that were audited before: the log has two histories`,
          })
        if (tiles.size === mark?.size && !equalBytes(tiles.root(), mark.root))
          faults.push({
            code: 'state',
            message: `the first ${mark.size} entries are not those that were verified before`,
          })
      }
    },
    onBatch(index, count) {
      lastBatch = index
      transactions += count
    },
    onSeal(_, sealed) {
      seals++
      lastSeal = sealed - 1
    },
    ...(figures === undefined
      ? {}
      : { onApplied: (batch, statuses) => figures.add(replay.ledger.state, batch, statuses) }),
  })
  let marked = 0
  const keepMark = async () => {
    if (faults.length === 0 && tiles.size > (mark?.size ?? 0))
      await kept?.keepMark({ size: tiles.size, root: tiles.root() })
  }
  try {
    for await (const bundle of bundles.all()) {
      await replay.feed(bundle).catch(asFault)
      for (const tile of full.splice(0)) if (!isBelow(tile, mark)) await compareTile(client, tile, faults)
      onProgress(tiles.size, size)
      if (++marked % MARK_BUNDLES === 0) await keepMark()
    }
    if (lastSeal + 1 !== size) throw new VerifyError('seal-last', 'the last entry of the checkpoint is not a seal')
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
    await keepMark()
  } catch (error) {
    if (!(error instanceof CodedError) || error.name === 'ClientError' || error.name === 'UsageError') throw error
    faults.push({ code: error.code, message: error.message })
  }
  const { state } = replay.ledger
  const report: AuditReport = {
    checkpoint: utf8Decode(note),
    origin: checkpoint.origin,
    treeSize: size,
    entries: tiles.size,
    verifiedBefore: mark?.size ?? 0,
    transactions,
    accounts: state.accounts.count,
    seals,
    totals: Object.fromEntries(
      state.totals().map(({ unit, ...totals }) => [state.registry.unit(unit)!.terms.name, totals] as const),
    ),
    faults,
  }
  return { report, checkpoint, bundles, replay, lastBatch, lastSeal }

  /** Bytes that are no entry are a fault of the log, not of the wire: they are hashed into what was signed. */
  function asFault(error: unknown): never {
    if (!(error instanceof FormatError) || error.code === 'batch-version') throw error
    throw new VerifyError('entry-form', `entry ${replay.at}: ${error.message}`, { cause: error })
  }
}

/** How far the log was verified before, if it is that long. */
async function markWithin(size: number, kept: KeptLog | undefined): Promise<Mark | undefined> {
  const mark = await kept?.mark()
  return mark !== undefined && mark.size <= size ? mark : undefined
}

/** Whether all entries under a whole tile are below a mark. */
function isBelow({ level, index }: HashTile, mark: Mark | undefined): boolean {
  return mark !== undefined && (index + 1) * BUNDLE_ENTRIES ** (level + 1) <= mark.size
}

async function compareTile(client: TallyClient, { level, index, hashes }: HashTile, faults: Fault[]): Promise<void> {
  const address = { level, index, width: hashes.length / 32 }
  if (equalBytes(await client.tile(address), hashes)) return
  faults.push({ code: 'tile', message: `${formatTilePath(address)} is not what the entries make` })
}

/** Accounts with points more than a day past their expiry at the last seal (SPEC §7), the first thousand of them. */
function overdueAccounts({ accounts, time }: LedgerState): number[] {
  const atMs = time - DAY_MS
  return accounts.due.at(atMs, 1000).filter(account => dueToExpire(accounts.holdings(account), atMs) > 0)
}
