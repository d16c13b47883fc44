import type { TallyLog } from '../src/log/index.ts'
import type { Context } from './context.ts'
import { ingest, LANES, published, submit } from './ledger.ts'
import { formatFigure } from './report.ts'
import { quantile } from './results.ts'
import { BATCH_TRANSACTIONS, type Workload } from './workload.ts'

const ROUNDS = 5
/**
 * Hashes of 64 bytes for a changed account, at the very least: six make its root, and one is its share of the tree
 * above.
 */
const PAIRS_AN_ACCOUNT = 7

/**
 * How long does a seal take with many changed accounts, scattered over all, and how long does a caller wait who comes
 * meanwhile? Until the checkpoint is on disk; of a ledger that seals only when it is told to.
 */
export async function seal({ size, machine, report }: Context, log: TallyLog, workload: Workload): Promise<number> {
  report.begin(`sealing ${size.dirty} changed accounts of ${size.members}`)
  await published(log)
  const alone: number[] = []
  const waits: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await change(log, workload, size)
    alone.push(await publishMs(log))
    await change(log, workload, size)
    waits.push(await longestWaitMs(log, workload))
  }
  const milliseconds = quantile(alone, 0.5)
  const hashingMs = (1000 * size.dirty * PAIRS_AN_ACCOUNT) / machine.sha256PairPerSecond
  report.add({
    what: `seal with ${formatFigure(size.dirty)} changed of ${formatFigure(size.members)} accounts`,
    figure: milliseconds,
    unit: 'ms',
    beside: `${formatFigure(milliseconds / hashingMs)} times the hashing of ${PAIRS_AN_ACCOUNT} pairs an account`,
    target: { atMost: 100 },
  })
  report.add({
    what: 'longest wait of a batch beside that seal',
    figure: quantile(waits, 0.5),
    unit: 'ms',
    beside: `median of ${ROUNDS} seals`,
    target: { atMost: 20 },
  })
  return milliseconds
}

/** Issues to `dirty` members, each the same distance from the next. */
async function change(log: TallyLog, workload: Workload, { dirty, members }: Context['size']): Promise<void> {
  const step = Math.floor(members / dirty)
  const bodies: Uint8Array[] = []
  for (let from = 0; from < dirty; from += BATCH_TRANSACTIONS)
    bodies.push(workload.issuesTo(Array.from({ length: BATCH_TRANSACTIONS }, (_, i) => (from + i) * step)))
  await ingest(log, bodies, LANES)
}

async function publishMs(log: TallyLog): Promise<number> {
  const start = performance.now()
  await log.publisher.publish()
  return performance.now() - start
}

/** The longest that a batch of one, submitted every other millisecond, waits for its answer while a seal is made. */
async function longestWaitMs(log: TallyLog, workload: Workload): Promise<number> {
  const bodies = Array.from({ length: 200 }, () => workload.issues(1))
  let longest = 0
  let isDone = false
  const callers = (async () => {
    const under: Promise<void>[] = []
    for (const body of bodies) {
      if (isDone) break
      const start = performance.now()
      under.push(
        submit(log, body).then(() => {
          longest = Math.max(longest, performance.now() - start)
        }),
      )
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    await Promise.all(under)
  })()
  await new Promise(resolve => setTimeout(resolve, 50))
  longest = 0
  await log.publisher.publish()
  isDone = true
  await callers
  return longest
}
