import type { TallyLog } from '../src/log/index.ts'
import type { Context } from './context.ts'
import type { GrownLedger } from './growth.ts'
import { NEVER_MS, openLedger, submit } from './ledger.ts'
import { formatFigure, ratio } from './report.ts'
import { newBalances, Workload } from './workload.ts'

/**
 * How long after a `kill -9` until the ledger answers again? From opening the store to the first acknowledged batch, in
 * a process that is running already; what was written last is still in the system's memory.
 */
export async function recover(
  { size, machine, report }: Context,
  { directory, acknowledgedSize }: GrownLedger,
): Promise<{ log: TallyLog; workload: Workload; seconds: number }> {
  report.begin('opening the ledger that was killed')
  const start = performance.now()
  const log = await openLedger(directory, NEVER_MS)
  if (log.size < acknowledgedSize)
    throw new Error(`${acknowledgedSize} entries were acknowledged, ${log.size} are there`)
  const workload = new Workload(log.ledger.state.ledgerId!, newBalances(size.members), 7)
  await submit(log, workload.issues(1))
  const seconds = (performance.now() - start) / 1000
  report.add({
    what: 'start after kill -9',
    figure: seconds,
    unit: 's',
    beside:
      `${formatFigure(log.size)} entries, ` +
      `${ratio(log.size / seconds, machine.sha256PerSecond / 3, 'SHA-256 × 1/3')}; nothing acknowledged is lost`,
    target: { atMost: 3, aim: 1 },
  })
  return { log, workload, seconds }
}
