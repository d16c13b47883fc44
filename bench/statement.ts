import type { TallyLog } from '../src/log/index.ts'
import type { Context, Subject } from './context.ts'
import { underHalfLoad } from './half-load.ts'
import { published } from './ledger.ts'
import { formatFigure, native } from './report.ts'
import { quantile } from './results.ts'
import type { Reading, ReadingResult } from './statement-reader.ts'
import { Helper } from './thread.ts'
import { SAMPLE_ACCOUNTS, SAMPLE_ENTRIES, SAMPLES } from './workload.ts'

/** Statements a second, from one client. */
const PER_SECOND = 20
/** How many are fetched one after another while nothing else goes on, which shows what a statement costs. */
const ALONE = 50

/** What the question found: the figures, and some of the statements. */
export interface Statements {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly bytes: number
  readonly some: readonly { readonly account: number; readonly bytes: Uint8Array }[]
}

/** As many other accounts, with at most as many entries: of a Zipf distribution, the first that have no more. */
function othersLikeThem({ ledger }: TallyLog): number[] {
  const { accounts } = ledger.state
  const found: number[] = []
  for (let account = SAMPLE_ACCOUNTS.at(-1)! + 1; account < accounts.count && found.length < SAMPLES; account++)
    if (accounts.get(account).entries <= SAMPLE_ENTRIES) found.push(account)
  return found
}

/**
 * How long does a member wait for a statement of a hundred entries while batches come in at half load, and how long is
 * it?
 */
export async function statements(
  { size, report, machine }: Context,
  subject: Subject,
  httpBatchRate: number,
): Promise<Statements> {
  report.begin(`statements for ${size.loadSeconds} s beside batches at half load`)
  const { log, port } = subject
  await published(log)
  const read = (reading: Omit<Reading, 'port' | 'accounts'>) =>
    Helper.start<ReadingResult, Reading>('statement-reader.ts', { port, accounts: SAMPLE_ACCOUNTS, ...reading })
  const before = othersLikeThem(log)
  const reader = await read({ before, requests: PER_SECOND * size.loadSeconds, perSecond: PER_SECOND })
  const { result, rate } = await underHalfLoad(subject, httpBatchRate, size.loadSeconds, () => reader.run())
  const { latenciesMs, some } = result
  // Behind the load: before it they would be each account's first.
  const alone = await (await read({ requests: ALONE })).run()
  for (const account of SAMPLE_ACCOUNTS)
    if (log.ledger.state.accounts.get(account).entries !== SAMPLE_ENTRIES)
      throw new Error(`account ${account} should have ${SAMPLE_ENTRIES} entries`)
  const [p50Ms, p99Ms] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)]
  const bytes = Math.max(...some.map(statement => statement.bytes.length))
  const beside = (milliseconds: number) => `${native(milliseconds, machine)}; load ${formatFigure(rate)} tx/s`
  report.add({
    what: 'statement, nothing else going on, p50',
    figure: quantile(alone.latenciesMs, 0.5),
    unit: 'ms',
    beside: native(quantile(alone.latenciesMs, 0.5), machine),
  })
  report.add({ what: 'statement, p50', figure: p50Ms, unit: 'ms', beside: beside(p50Ms) })
  report.add({
    what: 'statement, p99',
    figure: p99Ms,
    unit: 'ms',
    beside: beside(p99Ms),
    target: { atMost: 10, aim: 3 },
  })
  const part = (what: string, ofThese: readonly number[], share: number) => {
    // A quick run does not come round to any account again.
    if (ofThese.length === 0) return
    const figure = quantile(ofThese, share)
    report.add({ what, figure, unit: 'ms', beside: beside(figure) })
  }
  part('statement, an account’s first, p90', latenciesMs.slice(0, SAMPLE_ACCOUNTS.length), 0.9)
  part('statement, of those asked before, p99', latenciesMs.slice(SAMPLE_ACCOUNTS.length), 0.99)
  report.add({ what: 'statement, length', figure: bytes, unit: 'bytes', target: { atMost: 40_000, aim: 20_000 } })
  return { p50Ms, p99Ms, bytes, some }
}
