import { availableParallelism } from 'node:os'
import { ACCEPTED } from '../src/core/entry/outcome.ts'
import { decodeSubmission } from '../src/core/entry/submission.ts'
import type { Journal } from '../src/journal/index.ts'
import { systemClock, TallyLog } from '../src/log/index.ts'
import { ThreadPool } from '../src/log/intake/thread-pool.ts'
import { collectSeldom } from '../src/node/heap.ts'
import { openLevelStore } from '../src/store/index.ts'
import type { BatchAnswer } from '../src/verify/batch-answer.ts'
import {
  BATCH_TRANSACTIONS,
  type Balances,
  founding,
  LOG_SEED,
  newBalances,
  ORIGIN,
  SALT_SECRET,
  Workload,
} from './workload.ts'

/** Time between seals wherever throughput is measured. */
export const PERIOD_MS = 1000
/** No seal but those that are asked for. */
export const NEVER_MS = 86_400_000
/** Batches under way at once where a flood of them is measured: enough that the ledger never waits for its caller. */
export const LANES = 32

/**
 * Opens the ledger of a folder as `tally serve` does: real clock, real LevelDB, every write synced, a thread for each
 * core that prepares.
 */
export async function openLedger(
  directory: string,
  periodMs = PERIOD_MS,
  journal?: (next: number) => Journal,
): Promise<TallyLog> {
  collectSeldom()
  return TallyLog.open({
    store: await openLevelStore(directory),
    clock: systemClock,
    origin: ORIGIN,
    logSeed: LOG_SEED,
    saltSecret: SALT_SECRET,
    periodMs,
    heartbeatMs: 60_000,
    preparer: new ThreadPool(availableParallelism(), what => {
      throw new Error(what)
    }),
    onFailure(error) {
      throw error
    },
    ...(journal === undefined ? {} : { journal }),
  })
}

/** A ledger with keys, unit, rule, treasury and funded budget, and no members yet. */
export async function foundLedger(directory: string, journal?: (next: number) => Journal): Promise<TallyLog> {
  const log = await openLedger(directory, PERIOD_MS, journal)
  for (const body of founding(
    () => log.ledger.state.ledgerId,
    unit => termsOf(log, unit),
  ))
    await submit(log, body)
  return log
}

/** Leaf hash of the transaction that made a record. */
function termsOf(log: TallyLog, unit: number): Uint8Array {
  return log.ledger.state.registry.records[unit]!.body
}

/** A ledger with so many members. */
export async function peopledLedger(
  directory: string,
  members: number,
  journal?: (next: number) => Journal,
): Promise<{ log: TallyLog; workload: Workload; balances: Balances }> {
  const log = await foundLedger(directory, journal)
  const balances = newBalances(members)
  const workload = new Workload(log.ledger.state.ledgerId!, balances, 1)
  await openMembers(log, workload, 0, members)
  await published(log)
  return { log, workload, balances }
}

/**
 * Opens members `from … to - 1`, some at a time, so that their batches do not fill the memory; resolves with the
 * seconds that it took, signing left out.
 */
export async function openMembers(log: TallyLog, workload: Workload, from: number, to: number): Promise<number> {
  let seconds = 0
  for (let chunk = from; chunk < to; chunk += 100_000) {
    const bodies: Uint8Array[] = []
    for (let member = chunk; member < Math.min(to, chunk + 100_000); member += BATCH_TRANSACTIONS)
      bodies.push(workload.openings(member, Math.min(BATCH_TRANSACTIONS, to - member), unit => termsOf(log, unit)))
    // In this order, which threads would not keep: whose the numbers are is decided beforehand.
    const start = performance.now()
    await inLanes(bodies, LANES, body => log.submit(decodeSubmission(body)))
    seconds += (performance.now() - start) / 1000
  }
  return seconds
}

/** Takes one submission from its bytes to its answer: what a caller in the same process would do. */
export async function submit(log: TallyLog, body: Uint8Array): Promise<BatchAnswer> {
  return check(await log.submitBytes(body))
}

function check(acknowledged: BatchAnswer): BatchAnswer {
  for (const status of acknowledged.statuses)
    if (status !== ACCEPTED) throw new Error(`a transaction of the workload got status ${status}`)
  return acknowledged
}

/** Submits all of these, `lanes` at a time; resolves with the seconds until the last was durable and acknowledged. */
export async function ingest(log: TallyLog, bodies: readonly Uint8Array[], lanes: number): Promise<number> {
  const start = performance.now()
  await inLanes(bodies, lanes, body => log.submitBytes(body))
  return (performance.now() - start) / 1000
}

/**
 * The same bodies, one after another in one piece of memory: a hundred thousand pieces would be what a collection
 * looks at.
 */
export function inOnePiece(bodies: readonly Uint8Array[]): Uint8Array[] {
  const all = new Uint8Array(bodies.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  return bodies.map(body => {
    all.set(body, end)
    end += body.length
    return all.subarray(end - body.length, end)
  })
}

/** Submits each of these, in order, `lanes` at a time. */
async function inLanes(
  bodies: readonly Uint8Array[],
  lanes: number,
  submit: (body: Uint8Array) => Promise<BatchAnswer>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < bodies.length) check(await submit(bodies[next++]!))
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** Resolves when all that is in the log is in a checkpoint. */
export async function published(log: TallyLog): Promise<void> {
  if ((log.publisher.published?.size ?? 0) < log.size) await log.publisher.publish()
  await log.publisher.reached(log.size)
}
