import type { Context, Subject } from './context.ts'
import { underHalfLoad } from './half-load.ts'
import { PERIOD_MS } from './ledger.ts'
import type { Load, LoadResult } from './load.ts'
import { formatFigure, ratio } from './report.ts'
import { quantile } from './results.ts'
import { Helper } from './thread.ts'

/** Single redemptions a second beside the load: some that want an answer, some that want a checkpoint. */
const ACKNOWLEDGED_PER_SECOND = 100
const PROVABLE_PER_SECOND = 50

/**
 * How long does a member wait at the counter, and how long for a proof, while batches come in at half of what the
 * ledger takes?
 */
export async function latency(
  { size, report, machine }: Context,
  subject: Subject,
  httpBatchRate: number,
): Promise<void> {
  report.begin(`single redemptions for ${size.loadSeconds} s beside batches at half load`)
  const { port, balances, log } = subject
  const common = { what: 'singles', port, balances, ledgerId: log.ledger.state.ledgerId! } as const
  const acknowledged = Helper.start<LoadResult, Load>('load.ts', {
    ...common,
    seed: 5,
    requests: ACKNOWLEDGED_PER_SECOND * size.loadSeconds,
    perSecond: ACKNOWLEDGED_PER_SECOND,
    connections: 32,
  })
  const provable = Helper.start<LoadResult, Load>('load.ts', {
    ...common,
    seed: 6,
    requests: PROVABLE_PER_SECOND * size.loadSeconds,
    perSecond: PROVABLE_PER_SECOND,
    connections: 2 * PROVABLE_PER_SECOND,
    wait: 'sealed',
  })
  const callers = Promise.all([acknowledged, provable])
  const { result, rate } = await underHalfLoad(subject, httpBatchRate, size.loadSeconds, async () =>
    Promise.all((await callers).map(caller => caller.run())),
  )
  const syncs = (milliseconds: number) =>
    `as long as ${formatFigure((milliseconds * machine.fdatasyncPerSecond) / 1000)} syncs; load ` +
    `${formatFigure(rate)} tx/s`
  const [answers, proofs] = result.map(({ latenciesMs }) => latenciesMs) as [readonly number[], readonly number[]]
  const [p50Ms, p99Ms, provableMs] = [quantile(answers, 0.5), quantile(answers, 0.99), quantile(proofs, 0.99)]
  report.add({ what: 'redemption acknowledged, p50', figure: p50Ms, unit: 'ms', beside: syncs(p50Ms) })
  report.add({
    what: 'redemption acknowledged, p99',
    figure: p99Ms,
    unit: 'ms',
    beside: syncs(p99Ms),
    target: { atMost: 30, aim: 20 },
  })
  report.add({
    what: 'redemption provable, p99',
    figure: provableMs,
    unit: 'ms',
    beside: `${ratio(provableMs, PERIOD_MS, 'a period')}; load ${formatFigure(rate)} tx/s`,
    target: { atMost: PERIOD_MS + 50 },
  })
}
