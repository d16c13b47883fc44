import { randomBytes } from 'node:crypto'
import { equalBytes, utf8Decode } from '../core/bytes.ts'
import { CodedError, FormatError, VerifyError } from '../core/failure.ts'
import type { EntryRun } from '../core/tree/tile.ts'
import {
  type Late,
  LedgerState,
  Overdue,
  Replay,
  SNAPSHOT_FROM,
  SNAPSHOT_TO,
  SnapshotWriter,
  type UnitTotals,
} from '../ledger/index.ts'
import { FINGERPRINT_SECRET_BYTES, Ids } from '../lookup/index.ts'
import { Turns } from '../node/turns.ts'
import { isLogFault } from '../verify/evidence/convict-log.ts'
import { isLogOf, lastSizeBefore } from '../verify/logs.ts'
import type { AttemptOptions, Audit, AuditReport, Target, Totals } from './audit-report.ts'
import { claimedTwice, faultOfClaims } from './claims.ts'
import type { Fault } from './fault.ts'
import { Figures } from './figures.ts'
import { Findings, faultOfTile } from './findings.ts'
import { Bundles } from './read/bundles.ts'
import { cutRun, Feed } from './read/feed.ts'
import type { ReadEnd, ReadRun } from './read/log-reader.ts'
import { readRuns } from './read/reader-thread.ts'
import { Salts } from './read/salts.ts'
import { SignatureThreads } from './read/signature-threads.ts'
import { type Begin, Marks, rootOfMark } from './resume/marks.ts'
import { AuditDisk, DamagedState } from './resume/rows-on-disk.ts'
import { SealTimes } from './seal-times.ts'
import { wentOnIn } from './went-on.ts'

const MARK_MS = 10_000
/** A mark is not made before the audit went on for so many times what the last one took. */
const MARK_SHARE = 20
const ID_BITS = 18
/** Entries from which on ids are kept on a disk also where nothing else is: in memory they take 8 bytes each. */
const SCRATCH_ENTRIES = 2 ** 22

/** One audit of a log: from the mark of an earlier one if there is such, else from its first entry. */
export class Attempt {
  readonly #options: AttemptOptions
  readonly #target: Target
  readonly #salts: Salts
  readonly #bundles: Bundles
  readonly #findings: Findings
  readonly #turns = new Turns()
  readonly #sealTimes = new SealTimes()
  readonly #faults: Fault[] = []
  readonly #figures: Figures | undefined
  #counts = { transactions: 0, seals: 0, lastBatch: -1, lastSeal: -1 }
  #lastSealed: { readonly size: number; readonly edge: readonly Uint8Array[]; readonly seal: Uint8Array } | undefined
  #marks: Marks | undefined
  #marked = 0
  #overdue: Overdue | undefined
  /** Of the bundles that were replayed before the first fault, as they are served. */
  #faultlessBytes = 0
  #markAtMs = 0
  #destroyScratch = async () => {}

  constructor(options: AttemptOptions, target: Target) {
    const { source, figures, kept } = options
    this.#options = options
    this.#target = target
    this.#salts = new Salts(source)
    this.#bundles = new Bundles(source, target.checkpoint)
    this.#findings = new Findings(target.earlier)
    // Anyone who goes on from a mark may be asked for them.
    this.#figures = figures ?? (kept === undefined ? undefined : new Figures())
  }

  /** @throws ClientError; DamagedState where what was kept does not hold. */
  async run(): Promise<Audit> {
    const { checkpoint, refused, earlier } = this.#target
    const { size } = checkpoint
    if (refused !== undefined) this.#faults.push({ code: refused.code, message: refused.message })
    if (earlier !== undefined && earlier.size > size)
      this.#faults.push({
        code: 'rolled-back',
        message: `the log has ${size} entries, and had ${earlier.size} when it was audited before: entries were taken back`,
      })
    const begin = await this.#begin()
    const from = begin?.mark.size ?? 0
    const { tuning = {}, source } = this.#options
    const edge = begin?.mark.edge ?? []
    const task = { size, from, edge, sizes: earlier === undefined ? [] : [earlier.size], bundles: tuning.bundles }
    const signatures = new SignatureThreads(tuning.thread === false ? 0 : undefined)
    const feed = new Feed(readRuns(source, task, tuning.thread), signatures)
    const state = begin?.state ?? new LedgerState()
    this.#options.rewards?.begin(from, state)
    this.#overdue = new Overdue(state, begin?.mark.overdue)
    this.#figures?.monthly.watch(state)
    let replay: Replay | undefined
    let ids: Ids | undefined
    try {
      ids = await this.#ids(from)
      replay = this.#replay({ state, size: from }, ids, signatures)
      this.#marks ??= await this.#newMarks(state)
      this.#markAtMs = performance.now() + (tuning.markMs ?? MARK_MS)
      await this.#judge(await this.#replayAll(replay, feed, ids), replay, ids)
    } catch (error) {
      if (!isFault(error) || replay === undefined) throw error
      const { code, message } = error
      this.#faults.push({ code, message, ...(error instanceof FaultAt ? { at: error.at } : {}) })
    } finally {
      await feed.close()
      // What is still being written is of no use any more; where it fails, that was said before.
      await ids?.idle().catch(() => {})
      await this.#destroyScratch()
    }
    return {
      report: this.#report(replay, from),
      checkpoint,
      bundles: this.#bundles,
      replay,
      lastBatch: this.#counts.lastBatch,
      lastSeal: this.#counts.lastSeal,
      faultlessBytes: this.#faultlessBytes,
      rewards: this.#options.rewards,
      sealTimes: this.#sealTimes,
    }
  }

  /** The mark to go on from; undefined where there is none, or none of this log as it is shown now. */
  async #begin(): Promise<Begin | undefined> {
    const { kept } = this.#options
    const { checkpoint, earlier } = this.#target
    if (kept === undefined) return undefined
    const begin = await Marks.read(await kept.disk(), this.#salts)
    this.#figures?.restore(begin?.mark.figures, begin?.state)
    if (begin === undefined) return undefined
    const { size, compared, counts } = begin.mark
    if (size > checkpoint.size) throw new DamagedState('the log is shorter than it was at the last audit')
    if (size === checkpoint.size && !equalBytes(rootOfMark(begin.mark), checkpoint.root)) throw otherLog(size)
    if (earlier !== undefined && earlier.size <= size) {
      const root =
        earlier.size === size ? rootOfMark(begin.mark) : compared?.size === earlier.size ? compared.root : undefined
      if (root === undefined || !equalBytes(root, earlier.root)) throw otherLog(earlier.size)
    }
    this.#counts = { ...counts }
    this.#marks = begin.marks
    this.#marked = size
    return begin
  }

  /** The ids of the first `size` entries, as they were kept with the mark there. */
  async #ids(size: number): Promise<Ids> {
    const { kept, tuning = {} } = this.#options
    const { idBits: runBits = ID_BITS, scratchEntries = SCRATCH_ENTRIES } = tuning
    const { size: end } = this.#target.checkpoint
    const secret = new Uint8Array(randomBytes(FINGERPRINT_SECRET_BYTES))
    const turn = () => this.#turns.turn()
    if (size === end || (kept === undefined && end < scratchEntries)) return new Ids({ runBits, secret })
    if (kept === undefined) {
      const { disk, destroy } = await AuditDisk.scratch()
      this.#destroyScratch = destroy
      return new Ids({ rows: disk, turn, runBits, secret })
    }
    return Ids.open({ rows: await kept.disk(), turn, entries: notKept, runBits, secret }, size)
  }

  async #newMarks(state: LedgerState): Promise<Marks | undefined> {
    const { kept } = this.#options
    if (kept === undefined) return undefined
    const disk = await kept.disk()
    // What a kill before the first mark left.
    await disk.deleteRows(SNAPSHOT_FROM, SNAPSHOT_TO)
    return new Marks(disk, new SnapshotWriter(state))
  }

  #replay(
    from: { readonly state: LedgerState; readonly size: number },
    ids: Ids,
    signatures: SignatureThreads,
  ): Replay {
    const figures = this.#figures
    const counts = this.#counts
    const sealTimes = this.#sealTimes
    const overdue = this.#overdue
    const { rewards } = this.#options
    return new Replay({
      from,
      ids,
      saltOf: epoch => this.#salts.of(epoch),
      entryAt: index => this.#bundles.proven(index),
      rootAt: size => this.#bundles.rootAt(size),
      verifySignatures: true,
      checkedAt: index => signatures.take(index),
      onBatch(index, count) {
        counts.lastBatch = index
        counts.transactions += count
      },
      onSeal(seal, size) {
        counts.seals++
        counts.lastSeal = size - 1
        overdue?.seal(size - 1, seal.time)
        sealTimes.add(seal, from.state.beatMs)
      },
      onApplied(batch, statuses) {
        figures?.add(from.state, counts.lastBatch, batch, statuses)
        rewards?.add(from.state, counts.lastBatch, batch, statuses)
      },
    })
  }

  /** Replays what is read, run by run. */
  async #replayAll(replay: Replay, feed: Feed, ids: Ids): Promise<ReadEnd> {
    const { state } = replay.ledger
    const { checkpoint } = this.#target
    if (this.#marked === checkpoint.size) return { root: checkpoint.root, wrong: [] }
    for (;;) {
      const { done, value } = await feed.next(state)
      if (done) return value
      this.#findings.add(value)
      const { length } = value.run.bytes
      await this.#salts.fetch(state.epoch, state.epoch + value.seals)
      const isMarked = this.#note(value, replay.ledger.size) && performance.now() >= this.#markAtMs
      const [before, behind] = cutRun(value.run, isMarked ? value.sealed!.size - value.first : value.run.starts.length)
      await this.#feed(replay, before)
      if (isMarked) await this.#mark(ids)
      await this.#feed(replay, behind)
      if (this.#faults.length === 0) this.#faultlessBytes += length
      feed.giveBack(value)
      this.#marks?.makeBase()
      await ids.flush(replay.ledger.size)
      this.#options.onProgress(replay.ledger.size, checkpoint.size)
    }
  }

  /** Notes where the last seal of a run stands; returns whether there is one that is still to be replayed. */
  #note({ first, run, sealed }: ReadRun, replayed: number): boolean {
    if (sealed === undefined || sealed.size <= replayed) return false
    const at = sealed.size - 1 - first
    this.#lastSealed = { ...sealed, seal: run.bytes.slice(run.starts[at], run.ends[at]) }
    return true
  }

  async #feed(replay: Replay, run: EntryRun): Promise<void> {
    try {
      await replay.feedRun(run)
    } catch (error) {
      if (error instanceof VerifyError && error.code === 'batch-statuses') await this.#addClaims(replay)
      throw faultOf(error, replay.at)
    } finally {
      // Of what the replay reached, and no more: after the first fault nothing can be judged.
      this.#faults.push(...this.#findings.upTo(replay.ledger.size), ...(this.#options.rewards?.takeFaults() ?? []))
      const late = this.#overdue?.takeFound()
      // What is late once may be so at every seal.
      if (late !== undefined && !this.#faults.some(({ code }) => code === 'overdue'))
        this.#faults.push(faultOfLate(late, 'and were written off only then'))
    }
  }

  /** What was claimed twice convicts by itself, where the statuses of a batch take a replay to see. */
  async #addClaims({ ledger: { state }, at }: Replay): Promise<void> {
    const twice = await claimedTwice(this.#bundles, state, at)
    if (twice !== undefined) this.#faults.push(faultOfClaims(twice, at))
  }

  /** Marks how far the audit is: right after the last seal that was noted, all before it replayed without fault. */
  async #mark(ids: Ids): Promise<void> {
    if (this.#marks === undefined || this.#faults.length > 0) return
    const startMs = performance.now()
    const { earlier } = this.#target
    const sealed = this.#lastSealed!
    const compared = earlier !== undefined && earlier.size <= sealed.size ? earlier : undefined
    const figures = this.#figures!.kept()
    const overdue = this.#overdue!.kept()
    await this.#marks.write({ ...sealed, counts: this.#counts, figures, overdue, compared }, ids)
    this.#marked = sealed.size
    const nowMs = performance.now()
    this.#markAtMs = nowMs + Math.max(this.#options.tuning?.markMs ?? MARK_MS, MARK_SHARE * (nowMs - startMs))
  }

  /** What is to be said of the whole log, once all of it was replayed. */
  async #judge(end: ReadEnd, { ledger: { state, size } }: Replay, ids: Ids): Promise<void> {
    const { checkpoint, isBeginning = false } = this.#target
    if (!isBeginning && this.#counts.lastSeal + 1 !== checkpoint.size)
      throw new FaultAt('seal-last', 'the last entry of the checkpoint is not a seal', checkpoint.size - 1)
    this.#faults.push(...end.wrong.map(faultOfTile))
    if (!equalBytes(end.root, checkpoint.root))
      throw new VerifyError('log-root', 'the entries served are not those that the checkpoint was signed over')
    if (!isBeginning) this.#checkLog(state)
    const late = this.#overdue?.late()
    if (late !== undefined) this.#faults.push(faultOfLate(late, 'and no entry says so'))
    this.#faults.push(...((await this.#options.rewards?.end(state)) ?? []))
    if (this.#marked < size) await this.#mark(ids)
  }

  /** The ledger must be in the log that signed the checkpoint; or have gone on from it by its last batch. */
  #checkLog({ registry: { logs } }: LedgerState): void {
    const { checkpoint, isBeginning = false } = this.#target
    if (isBeginning) return
    const [before, now] = [logs.at(-2), logs.at(-1)!]
    if (isLogOf(now.transaction, checkpoint)) return
    const isEnd = checkpoint.size <= lastSizeBefore(now.from)
    if (isEnd && before !== undefined && isLogOf(before.transaction, checkpoint)) return
    const next = logs.findIndex(({ transaction }) => isLogOf(transaction, checkpoint)) + 1
    const { from, transaction } = logs[next] ?? now
    if (next > 0)
      throw new FaultAt('after-end', `the ledger went on as "${transaction.origin}": this log had ended`, from)
    const named = logs.find(one => one.transaction.origin === checkpoint.origin)
    if (named === undefined)
      throw new FaultAt('log-identity', `the ledger in it is in the log "${transaction.origin}"`, from)
    const words =
      'the log in it has a log key that your policy does not have. A log that changed its key is audited under both'
    throw new FaultAt('log-key', words, named.from)
  }

  #report({ ledger: { state, size } }: Replay, entriesBefore: number): AuditReport {
    const { note, checkpoint } = this.#target
    const { rewards } = this.#options
    return {
      checkpoint: utf8Decode(note),
      origin: checkpoint.origin,
      treeSize: checkpoint.size,
      entries: size,
      entriesBefore,
      transactions: this.#counts.transactions,
      accounts: state.accounts.count,
      seals: this.#counts.seals,
      totals: Object.fromEntries(
        state.totals().map(({ unit, ...totals }) => [state.registry.unit(unit)!.terms.name, asDigits(totals)] as const),
      ),
      wentOn: wentOnIn(state.registry),
      ...(rewards === undefined ? {} : { rewards: rewards.report(state) }),
      faults: this.#faults,
    }
  }
}

function asDigits(totals: Omit<UnitTotals, 'unit'>): Totals {
  const { issued, opened, redeemed, expired, reinstated, reversed, owed } = totals
  return {
    issued: String(issued),
    opened: String(opened),
    redeemed: String(redeemed),
    expired: String(expired),
    reinstated: String(reinstated),
    reversed: String(reversed),
    owed: String(owed),
  }
}

/** A fault of the log itself, at one of its entries. */
class FaultAt extends VerifyError {
  readonly at: number

  constructor(code: string, message: string, at: number, options?: ErrorOptions) {
    super(code, message, options)
    this.at = at
  }
}

/** What a replay ended in at an entry, as a fault of that entry; as it is where that is none. */
function faultOf(error: unknown, at: number): unknown {
  // Bytes that are no entry are a fault of the log, not of the wire: they are hashed into what was signed.
  if (error instanceof FormatError && error.code !== 'batch-version' && error.code !== 'seal-version')
    return new FaultAt('entry-form', `entry ${at}: ${error.message}`, at, { cause: error })
  if (error instanceof VerifyError && isLogFault(error.code))
    return new FaultAt(error.code, error.message, at, { cause: error })
  return error
}

/** Whether an error is one of the log, and not of the wire, the disk or the command line. */
function isFault(error: unknown): error is CodedError {
  return error instanceof CodedError && error.name !== 'ClientError' && error.name !== 'UsageError'
}

/** Instead of entries of which ids are missing: these are read when all is audited again. */
function notKept(): never {
  throw new DamagedState('ids are missing from what was kept')
}

function otherLog(size: number): DamagedState {
  return new DamagedState(`the first ${size} entries are not those that were audited before`)
}

/** That something which had come to its end stood too long at a seal. SPEC §7. */
function faultOfLate({ at, accounts: [account, ...more] }: Late, then: string): Fault {
  const others = more.length === 0 ? '' : `; so do those of ${more.length} more`
  const what = `expired points, or a hold whose time is over, of account ${account} stood there for a day since they were due`
  return { code: 'overdue', at, message: `the seal at ${at}: ${what}, ${then}${others}` }
}
