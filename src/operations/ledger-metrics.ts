import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { OUTCOMES } from '../core/entry/outcome.ts'
import type { TallyLog } from '../log/index.ts'

/** Bounds of the time of an answer, in seconds: a till waits for 20 ms, an auditor's bundle for some more. */
const SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

/**
 * What an operator watches of a running ledger, for Prometheus: the ledger is asked at each scrape, and its server says
 * what it answered. docs/operate.md lists the names; deploy/alerts.yml has the alerts.
 *
 * @example
 * const metrics = new LedgerMetrics(log, () => freeBytes(data))
 * const server = await buildServer({ log, observer: metrics, … })
 * await serveMetrics(9464, () => metrics.text())
 */
export class LedgerMetrics {
  readonly #registry = new Registry()
  readonly #seconds: Histogram<'method' | 'route' | 'status'>
  readonly #outcomes: Counter<'outcome'>

  /** @param freeBytes - of the disk that the ledger writes to. */
  constructor(log: TallyLog, freeBytes: () => Promise<number>) {
    const registers = [this.#registry]
    collectDefaultMetrics({ register: this.#registry })
    this.#seconds = new Histogram({
      name: 'tally_http_request_seconds',
      help: 'Time from a request to its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    })
    this.#outcomes = new Counter({
      name: 'tally_transactions_total',
      help: 'Transactions that were acknowledged since the start, by outcome (SPEC §8).',
      labelNames: ['outcome'],
      registers,
    })
    const gauge = (name: string, help: string, measure: () => number | undefined | Promise<number>) =>
      new Gauge({
        name: `tally_${name}`,
        help,
        registers,
        async collect() {
          const value = await measure()
          if (value === undefined) this.remove()
          else this.set(value)
        },
      })
    gauge('log_entries', 'Durable entries of the log.', () => log.size)
    gauge('published_entries', 'Entries of the checkpoint published last.', () => log.publisher.published?.size)
    gauge('accounts', 'Accounts that were opened.', () => log.ledger.state.accounts.count)
    gauge('seal_age_seconds', 'Time since the seal of the checkpoint published last, by ledger time.', () => {
      const { published } = log.publisher
      return published && Math.max(0, log.timeMs - published.seal.time) / 1000
    })
    gauge('takes_batches', '1 while the ledger takes batches.', () =>
      Number(log.stopped === undefined && log.held === undefined),
    )
    gauge('waiting_transactions', 'Transactions on their way to an answer.', () => log.waiting)
    gauge('disk_free_bytes', 'Free bytes on the disk of the data directory.', freeBytes)
    new Gauge({
      name: 'tally_held',
      help: '1 for why the ledger takes no batches, by its code (SPEC §12).',
      labelNames: ['code'],
      registers,
      collect() {
        this.reset()
        const why = log.stopped ?? log.held
        if (why !== undefined) this.set({ code: why.code }, 1)
      },
    })
    new Gauge({
      name: 'tally_witness_failures',
      help: 'How often in a row a witness did not cosign; 0 while it does.',
      labelNames: ['witness'],
      registers,
      collect() {
        for (const { name, failures } of log.witnesses) this.set({ witness: name }, failures)
      },
    })
    new Gauge({
      name: 'tally_witness_entries',
      help: 'Entries of the checkpoint that a witness cosigned last; 0 where it cosigned none since the start.',
      labelNames: ['witness'],
      registers,
      collect() {
        for (const { name, size } of log.witnesses) this.set({ witness: name }, size)
      },
    })
  }

  answered(method: string, route: string, status: number, seconds: number): void {
    this.#seconds.observe({ method, route, status: String(status) }, seconds)
  }

  judged(statuses: Iterable<number>): void {
    for (const status of statuses) this.#outcomes.inc({ outcome: OUTCOMES[status] ?? String(status) })
  }

  /** All figures, as Prometheus reads them. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }
}
