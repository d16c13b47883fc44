import type { TallyClient } from '../src/client/index.ts'
import { equalBytes, utf8Decode } from '../src/core/bytes.ts'
import { CodedError, FormatError, VerifyError } from '../src/core/failure.ts'
import { DAY_MS, dueToExpire } from '../src/core/holdings.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../src/core/policy.ts'
import { type LedgerState, Replay } from '../src/ledger/index.ts'
import type { ReadEnd, ReadRun, WrongTile } from './audit-reader.ts'
import { Salts } from './audit-salts.ts'
import { SignatureThreads } from './audit-signatures.ts'
import { readRuns } from './audit-thread.ts'
import { Bundles } from './bundles.ts'
import type { Figures } from './figures.ts'
import type { KeptLog } from './kept-log.ts'

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
  /** What is kept of the log from one audit to the next. */
  readonly kept?: KeptLog
  readonly onProgress: (entries: number, size: number) => void
  /** Counts along, for a report with figures by day and by rule. */
  readonly figures?: Figures
  /** Whether threads fetch, hash and verify; by default where it pays. */
  readonly thread?: boolean
  /** Bundles that are replayed at once; 16 by default. */
  readonly bundles?: number
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

/** What `auditLog` reports. */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  return (await auditLog(options)).report
}

/**
 * Audits a whole log: replays every rule on every entry, makes every seal, every tile and the root anew, verifies
 * every signature, and compares with tiles and checkpoint. Trusts the policy and nobody else. The
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
  const salts = new Salts(client)
  const bundles = new Bundles(client, checkpoint)
  const signatures = new SignatureThreads(options.thread === false ? 0 : undefined)
  let [seals, transactions, lastBatch, lastSeal] = [0, 0, -1, -1]
  const replay = new Replay({
    saltOf: epoch => salts.of(epoch),
    entryAt: index => bundles.proven(index),
    verifySignatures: true,
    checkedAt: index => signatures.take(index),
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
  const { state } = replay.ledger
  try {
    const end = await replayAll()
    if (lastSeal + 1 !== size) throw new VerifyError('seal-last', 'the last entry of the checkpoint is not a seal')
    faults.push(...end.wrong.map(faultOfTile))
    if (!equalBytes(end.root, checkpoint.root))
      throw new VerifyError('log-root', 'the entries served are not those that the checkpoint was signed over')
    if (state.origin !== checkpoint.origin || !equalBytes(state.logKey, checkpoint.log.publicKey))
      throw new VerifyError('log-identity', 'genesis names another origin or log key than your policy')
    const late = overdueAccounts(state)
    if (late.length > 0)
      throw new VerifyError(
        'overdue',
        `points of account ${late[0]} are more than a day past their expiry, and no entry says so${late.length > 1 ? `; so are those of ${late.length - 1} more` : ''}`,
      )
  } catch (error) {
    if (!(error instanceof CodedError) || error.name === 'ClientError' || error.name === 'UsageError') throw error
    faults.push({ code: error.code, message: error.message })
  }
  const report: AuditReport = {
    checkpoint: utf8Decode(note),
    origin: checkpoint.origin,
    treeSize: size,
    entries: replay.ledger.size,
    transactions,
    accounts: state.accounts.count,
    seals,
    totals: Object.fromEntries(
      state.totals().map(({ unit, ...totals }) => [state.registry.unit(unit)!.terms.name, totals] as const),
    ),
    faults,
  }
  return { report, checkpoint, bundles, replay, lastBatch, lastSeal }

  /** Replays what is read, run by run. Ends what reads when a fault ends the replay. */
  async function replayAll(): Promise<ReadEnd> {
    const sizes = earlier === undefined || earlier.size > size ? [] : [earlier.size]
    const runs = readRuns(client, { size, from: 0, edge: [], sizes, bundles: options.bundles }, options.thread)
    const found = new Findings()
    const pull = async () => {
      const read = await runs.next()
      if (!read.done) signatures.begin(state, read.value)
      return read
    }
    try {
      for (let read = await pull(); ; ) {
        if (read.done) return read.value
        // The signatures of the next run are verified while this one is replayed. Its error comes when this one is.
        const following = pull()
        await following.catch(() => {})
        const { value } = read
        found.add(value)
        await Promise.all([salts.fetch(state.epoch, state.epoch + value.seals), signatures.end(value)])
        try {
          await replay.feedRun(value.run).catch(asFault)
        } finally {
          // Of what the replay reached, and no more: behind the first fault nothing can be judged.
          faults.push(...found.upTo(replay.ledger.size, earlier))
        }
        onProgress(replay.ledger.size, size)
        read = await following
      }
    } finally {
      await Promise.all([runs.close(), signatures.close()])
    }
  }

  /** Bytes that are no entry are a fault of the log, not of the wire: they are hashed into what was signed. */
  function asFault(error: unknown): never {
    if (!(error instanceof FormatError) || error.code === 'batch-version') throw error
    throw new VerifyError('entry-form', `entry ${replay.at}: ${error.message}`, { cause: error })
  }
}

/** What the hashes of the entries showed, until the replay comes as far. */
class Findings {
  #wrong: WrongTile[] = []
  #roots: { readonly size: number; readonly root: Uint8Array }[] = []

  add({ wrong, roots }: ReadRun): void {
    this.#wrong.push(...wrong)
    this.#roots.push(...roots)
  }

  /** The faults that the first `size` entries show. */
  upTo(size: number, earlier: { readonly size: number; readonly root: Uint8Array } | undefined): Fault[] {
    const faults = this.#wrong.filter(tile => tile.size <= size).map(faultOfTile)
    this.#wrong = this.#wrong.filter(tile => tile.size > size)
    const isForked = this.#roots.some(one => one.size <= size && !equalBytes(one.root, earlier!.root))
    this.#roots = this.#roots.filter(one => one.size > size)
    if (isForked)
      faults.push({
        code: 'forked',
        message: `the first ${earlier!.size} entries are not those that were audited before: the log has two histories`,
      })
    return faults
  }
}

function faultOfTile({ path }: WrongTile): Fault {
  return { code: 'tile', message: `${path} is not what the entries make` }
}

/** Accounts with points more than a day past their expiry at the last seal (SPEC §7), the first thousand of them. */
function overdueAccounts({ accounts, time }: LedgerState): number[] {
  const atMs = time - DAY_MS
  return accounts.due.at(atMs, 1000).filter(account => dueToExpire(accounts.holdings(account), atMs) > 0)
}
