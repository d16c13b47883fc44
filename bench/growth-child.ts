import { useEngine } from '../src/core/crypto/engine.ts'
import type { TallyLog } from '../src/log/index.ts'
import { loadEngine } from '../src/node/native-engine.ts'
import { workUntilKilled } from './killed.ts'
import { foundLedger, ingest, LANES, openMembers, published } from './ledger.ts'
import { newBalances, SAMPLES, Workload } from './workload.ts'

/** What the process that grows a ledger is to do. */
export interface GrowthTask {
  readonly directory: string
  readonly members: number
  readonly batches: number
  /** Batches at either end whose rates are compared. */
  readonly ends: number
}

/** Seconds that the batches at either end took. */
export interface Grown {
  readonly firstSeconds: number
  readonly lastSeconds: number
}

/** Batches that are signed before they are taken in: some hundred megabytes at most. */
const CHUNK_BATCHES = 500
/**
 * What is there before anything is measured: a tenth of the members, and batches to them. They fill memtables, the runs
 * of ids in memory and the collector's own room, which are the process's and no account's, and let the compiler see the
 * code.
 */
const WARM_SHARE = 0.1
const WARM_BATCHES_MIN = 80

/** Takes in so many batches, signed a chunk at a time while nothing is timed; the seconds that the taking in took. */
async function take(log: TallyLog, workload: Workload, batches: number): Promise<number> {
  let seconds = 0
  for (let left = batches; left > 0; left -= CHUNK_BATCHES) {
    const bodies = Array.from({ length: Math.min(CHUNK_BATCHES, left) }, () => workload.issues())
    seconds += await ingest(log, bodies, LANES)
  }
  return seconds
}

const task = JSON.parse(process.argv[2]!) as GrowthTask
useEngine(await loadEngine())
const log = await foundLedger(task.directory)
const ledgerId = log.ledger.state.ledgerId!
const warmMembers = SAMPLES + 1000 + Math.floor(WARM_SHARE * task.members)
const warm = new Workload(ledgerId, newBalances(warmMembers), 1)
const workload = new Workload(ledgerId, newBalances(task.members), 2)
await openMembers(log, warm, 0, warmMembers)
await take(log, warm, Math.max(WARM_BATCHES_MIN, Math.floor(task.batches * WARM_SHARE)))
await published(log)
await openMembers(log, workload, warmMembers, task.members)
await published(log)
const firstSeconds = await take(log, workload, task.ends)
await take(log, workload, task.batches - 2 * task.ends)
const lastSeconds = await take(log, workload, task.ends)
await workUntilKilled<Grown>(log, workload, { firstSeconds, lastSeconds })
