import { useEngine } from '../src/core/crypto/engine.ts'
import { loadEngine } from '../src/node/native-engine.ts'
import { type Resident, residentAfterCollection, tellProgress, workUntilKilled } from './killed.ts'
import { foundLedger, ingest, LANES, openMembers, published } from './ledger.ts'
import { formatFigure, mega } from './report.ts'
import { newBalances, SAMPLES, Workload } from './workload.ts'

/** What the process that opens many accounts is to do. */
export interface AccountsTask {
  readonly directory: string
  readonly accounts: number
  /** Accounts whose openings are signed at once, while nothing is timed. */
  readonly chunk: number
}

/** What it found: what is resident, and what else it took. */
export interface Opened {
  readonly base: Resident
  /** Accounts that were there at `base`. */
  readonly warmAccounts: number
  readonly resident: Resident
  /** The most that was resident at any time. */
  readonly peak: number
  /** Of what is resident, the objects of the collector's heap, and the buffers beside it. */
  readonly heap: number
  readonly buffers: number
  /** The buffers at `base`. */
  readonly baseBuffers: number
  /** Seconds for the accounts between, from their signed batches to the last acknowledgement. */
  readonly seconds: number
  /** The same for the first and the last chunk of them. */
  readonly firstSeconds: number
  readonly lastSeconds: number
}

/**
 * Accounts that are opened before anything is measured, and batches to them: what fills caches and runs of ids in
 * memory.
 */
const WARM_ACCOUNTS = 100_000
const WARM_BATCHES = 1000
/** How long it is waited for what of the last snapshot is still to be written. */
const SETTLE_MS = 6000
/** Of few accounts the figure says little anyway. */
const SETTLE_FEW_MS = 500
const FEW = 1_000_000
/** Members that the other traffic goes to, which is one batch a chunk. */
const BUSY_MEMBERS = SAMPLES + 1000
/** How often it is said how far it is. */
const TOLD_CHUNKS = 10

const { directory, accounts, chunk } = JSON.parse(process.argv[2]!) as AccountsTask
useEngine(await loadEngine())
const log = await foundLedger(directory)
// Openings draw from no balances: a table of all would be resident here, and is nothing of the ledger's.
const workload = new Workload(log.ledger.state.ledgerId!, newBalances(BUSY_MEMBERS), 1)
let peak = 0
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 100)
await openMembers(log, workload, 0, WARM_ACCOUNTS)
for (let batches = 0; batches < WARM_BATCHES; batches += 250)
  await ingest(
    log,
    Array.from({ length: 250 }, () => workload.issues()),
    LANES,
  )
const base = await settled()
const { arrayBuffers: baseBuffers } = process.memoryUsage()

/** What is resident when all is sealed and written. */
async function settled(): Promise<Resident> {
  await published(log)
  await new Promise(resolve => setTimeout(resolve, accounts < FEW ? SETTLE_FEW_MS : SETTLE_MS))
  return residentAfterCollection()
}

const took: number[] = []
for (let from = WARM_ACCOUNTS; from < accounts; from += chunk) {
  took.push(await openMembers(log, workload, from, Math.min(accounts, from + chunk)))
  await ingest(log, [workload.issues()], 1)
  if (took.length % TOLD_CHUNKS > 0) continue
  const rate = (TOLD_CHUNKS * chunk) / took.slice(-TOLD_CHUNKS).reduce((sum, one) => sum + one, 0)
  tellProgress(`${formatFigure(from + chunk)} accounts, ${mega(process.memoryUsage.rss())}, ${formatFigure(rate)}/s`)
}
const resident = await settled()
clearInterval(watch)
const { heapUsed, arrayBuffers } = process.memoryUsage()
await workUntilKilled<Opened>(log, workload, {
  base,
  warmAccounts: WARM_ACCOUNTS,
  resident,
  peak,
  heap: heapUsed,
  buffers: arrayBuffers,
  baseBuffers,
  seconds: took.reduce((sum, one) => sum + one, 0),
  firstSeconds: took[0]!,
  lastSeconds: took.at(-1)!,
})
