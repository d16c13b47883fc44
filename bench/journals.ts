import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Journal, SharedJournal } from '../src/journal/index.ts'
import type { TallyLog } from '../src/log/index.ts'
import { Brokers } from '../test/kafka/brokers.ts'
import { ingest, LANES, openLedger, PERIOD_MS, peopledLedger, published } from './ledger.ts'
import type { Report } from './report.ts'
import { quantile } from './results.ts'
import { BATCH_TRANSACTIONS, type Workload } from './workload.ts'

/** Callers that each wait for the answer to one issue before they send the next. */
const SINGLE_LANES = 8
const PORT = 29_490
const MEMBERS = 2000

export interface JournalSizes {
  /** Batches of a thousand. */
  readonly batches: number
  /** Batches of one. */
  readonly singles: number
}

interface Measured {
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Seconds of processor for a million transactions: this process, and the brokers. */
  readonly ownSeconds: number
  readonly brokerSeconds: number
}

interface Peopled {
  readonly log: TallyLog
  readonly workload: Workload
}

/**
 * Compares the journal within one process with three brokers of Kafka, on the same cores: rate and latency with one
 * server and with three, with 2 and 4 ledgers on topics of their own, bytes over the wire, and the time without an
 * answer when the leading broker is killed.
 */
export async function journals(directory: string, { batches, singles }: JournalSizes, report: Report): Promise<void> {
  const measure = (logs: readonly Peopled[], processor: () => number) => measured(logs, batches, singles, processor)
  const add = (what: string, found: Measured, beside: string) => {
    report.add({ what: `${what}, batches of a thousand`, figure: found.rate, unit: 'tx/s', beside })
    report.add({ what: `${what}, batches of one, p50`, figure: found.p50Ms, unit: 'ms' })
    report.add({ what: `${what}, batches of one, p99`, figure: found.p99Ms, unit: 'ms' })
    const [own, of] = [found.ownSeconds.toFixed(1), found.brokerSeconds.toFixed(1)]
    report.add({
      ...{ what: `${what}, processor for a million`, figure: found.ownSeconds + found.brokerSeconds, unit: 's' },
      beside: `${own} s servers and callers, ${of} s brokers`,
    })
  }

  report.begin('the journal within the process')
  const alone = await peopledLedger(join(directory, 'local'), MEMBERS)
  const local = await measure([alone], () => 0)
  await alone.log.close()
  add('within the process', local, '')

  report.begin('starting three brokers')
  const brokers = await Brokers.up(PORT)
  const processor = () => brokers.processorSeconds
  let topics = 0
  const journalOf = (topic: string) => (next: number) =>
    new SharedJournal({ stream: brokers.farStream(topic), next, writer: new Uint8Array(randomBytes(16)) })
  const ledger = async (): Promise<Peopled & { readonly journal: (next: number) => Journal }> => {
    const topic = `bench-${topics++}`
    await brokers.topic(topic)
    const journal = journalOf(topic)
    return { ...(await peopledLedger(join(directory, topic), MEMBERS, journal)), journal }
  }
  try {
    const first = await ledger()
    const compare = (found: Measured) => `${(found.rate / local.rate).toFixed(2)} of the journal within the process`

    report.begin('one server')
    const wireBefore = brokers.links.reduce((sum, { bytes }) => sum + bytes, 0)
    const one = await measure([first], processor)
    const wire = brokers.links.reduce((sum, { bytes }) => sum + bytes, 0) - wireBefore
    add('Kafka, one server', one, compare(one))
    const transactions = batches * BATCH_TRANSACTIONS + singles
    report.add({ what: 'Kafka, bytes between a server and its brokers', figure: wire / transactions, unit: 'bytes/tx' })

    report.begin('three servers')
    const others = [
      await openLedger(join(directory, 'second'), PERIOD_MS, first.journal),
      await openLedger(join(directory, 'third'), PERIOD_MS, first.journal),
    ]
    // They read what was ordered before.
    for (const log of others) await log.begun()
    const three = await measure([first, ...others.map(log => ({ log, workload: first.workload }))], processor)
    add('Kafka, three servers in one process', three, compare(three))

    report.begin('killing the leading broker')
    const topic = 'bench-0'
    const leader = await brokers.leader(topic)
    const gap = await gapOver(first, () => brokers.do('kill', leader))
    report.add({ what: 'Kafka, longest without an answer over a kill of the leader', figure: gap, unit: 'ms' })
    await brokers.do('start', leader)
    await brokers.inSync(topic)
    for (const log of others) await log.close()

    for (const count of [2, 4]) {
      report.begin(`${count} ledgers, each with a topic`)
      const ledgers = await Promise.all(Array.from({ length: count }, ledger))
      const many = await measure(ledgers, processor)
      add(`Kafka, ${count} ledgers, each with a topic`, many, `${(many.rate / one.rate).toFixed(2)} of one ledger`)
      for (const { log } of ledgers) await log.close()
    }
    await first.log.close()
  } finally {
    await brokers.down()
  }
}

/** Rate of batches of a thousand, spread over some logs, and latency of batches of one at the first of them. */
async function measured(
  logs: readonly Peopled[],
  batches: number,
  singles: number,
  brokers: () => number,
): Promise<Measured> {
  const bodies = logs.map(({ workload }, i) =>
    Array.from({ length: Math.ceil((batches - i) / logs.length) }, () => workload.issues()),
  )
  const ones = Array.from({ length: singles }, () => logs[0]!.workload.issues(1))
  const [brokersBefore, ownBefore, start] = [brokers(), process.cpuUsage(), performance.now()]
  await Promise.all(logs.map(({ log }, i) => ingest(log, bodies[i]!, Math.ceil(LANES / logs.length))))
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(ownBefore)
  const millions = (batches * BATCH_TRANSACTIONS) / 1e6
  const brokerSeconds = (brokers() - brokersBefore) / millions
  for (const { log } of logs) await published(log)
  const latencies: number[] = []
  let next = 0
  const lane = async () => {
    while (next < ones.length) {
      const begin = performance.now()
      await logs[0]!.log.submitBytes(ones[next++]!)
      latencies.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: SINGLE_LANES }, lane))
  return {
    rate: (batches * BATCH_TRANSACTIONS) / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    ownSeconds: (user + system) / 1e6 / millions,
    brokerSeconds,
  }
}

/** The longest time between two answers while something happens, with batches of one under way all the time. */
async function gapOver({ log, workload }: Peopled, happen: () => Promise<void>): Promise<number> {
  const [until, happened] = [performance.now() + 40_000, happen()]
  let [last, longest] = [performance.now(), 0]
  while (performance.now() < until) {
    const body = workload.issues(1)
    const isAnswered = await log.submitBytes(body).then(
      () => true,
      () => false,
    )
    if (!isAnswered) continue
    longest = Math.max(longest, performance.now() - last)
    last = performance.now()
  }
  await happened
  return longest
}
