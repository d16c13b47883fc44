import { join } from 'node:path'
import type { Context } from './context.ts'
import type { Grown, GrowthTask } from './growth-child.ts'
import { foundAndKilled } from './killed.ts'
import { formatFigure } from './report.ts'
import { BATCH_TRANSACTIONS } from './workload.ts'

/** A ledger that grew in a process of its own, which was killed while it took in more. */
export interface GrownLedger {
  readonly directory: string
  /** Log size of the last acknowledgement that the killed process sent: at least that much must be there. */
  readonly acknowledgedSize: number
  readonly ratio: number
}

/**
 * Is the ledger as fast when it has grown? In a process of its own, which is killed with SIGKILL in the middle of its
 * work.
 */
export async function grow({ size, directory, report }: Context): Promise<GrownLedger> {
  const { members, growthBatches: batches, growthEnds: ends } = size
  const transactions = batches * BATCH_TRANSACTIONS
  report.begin(`growing a ledger of ${members} members by ${transactions} transactions in a process of its own`)
  const task: GrowthTask = { directory: join(directory, 'grown'), members, batches, ends }
  const { found, acknowledgedSize } = await foundAndKilled<Grown>('growth-child.ts', task)
  const { firstSeconds, lastSeconds } = found
  const ratio = firstSeconds / lastSeconds
  const rateOf = (seconds: number) => formatFigure((ends * BATCH_TRANSACTIONS) / seconds)
  report.add({
    what: 'throughput, last against first',
    figure: ratio,
    unit: '',
    beside: `${rateOf(firstSeconds)} tx/s, then ${rateOf(lastSeconds)} at ${formatFigure(transactions)} transactions`,
    target: { atLeast: 0.85, aim: 0.95 },
  })
  return { directory: task.directory, acknowledgedSize, ratio }
}
