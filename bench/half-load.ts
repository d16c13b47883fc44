import type { Subject } from './context.ts'
import type { Load, LoadResult } from './load.ts'
import { Helper } from './thread.ts'
import { BATCH_TRANSACTIONS, newBalances } from './workload.ts'

/**
 * The load runs alone for this share of the time before anything is looked at, as V8 gave back memory while it was
 * signed.
 */
const LEAD = 1 / 6
/** Seconds for which it is signed beyond what is needed. */
const SPARE_SECONDS = 2

/**
 * Has a thread send batches over HTTP at half of the rate that was measured, and does something meanwhile. Resolves
 * with that, and the transactions a second that the load came to.
 */
export async function underHalfLoad<R>(
  { log, port, balances }: Subject,
  httpBatchRate: number,
  seconds: number,
  meanwhile: () => Promise<R>,
): Promise<{ result: R; rate: number }> {
  const perSecond = httpBatchRate / 2 / BATCH_TRANSACTIONS
  const leadSeconds = LEAD * seconds
  const load = await Helper.start<LoadResult, Load>('load.ts', {
    what: 'batches',
    perSecond,
    requests: Math.ceil(perSecond * (leadSeconds + seconds + SPARE_SECONDS)),
    connections: 16,
    seed: 4,
    port,
    ledgerId: log.ledger.state.ledgerId!,
    // Of its own: what it issues is not there before it is sent.
    balances: newBalances(balances.length),
  })
  const running = load.run()
  running.catch(() => {})
  await new Promise(resolve => setTimeout(resolve, 1000 * leadSeconds))
  const result = await meanwhile()
  load.stop()
  const done = await running
  return { result, rate: done.transactions / done.seconds }
}
