import type { AddressInfo } from 'node:net'
import { buildServer } from '../src/http/index.ts'
import type { TallyLog } from '../src/log/index.ts'
import type { Context, Subject } from './context.ts'
import { published } from './ledger.ts'
import type { Load, LoadResult } from './load.ts'
import { ratio } from './report.ts'
import { quantile } from './results.ts'
import { Helper } from './thread.ts'
import { BATCH_TRANSACTIONS } from './workload.ts'

const BATCH_CONNECTIONS = 16
const SINGLE_CONNECTIONS = 64

/** Serves a ledger on a free port of the loopback interface. */
export async function serve(log: TallyLog): Promise<{ port: number; close: () => Promise<void> }> {
  const server = await buildServer({ log, logger: undefined, version: 'bench' })
  await server.listen({ host: '127.0.0.1', port: 0 })
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() }
}

/**
 * How many transactions a second over HTTP, signed by the thousand; CBOR both ways, the caller a thread on the same
 * cores.
 */
export async function httpBatches(context: Context, subject: Subject): Promise<number> {
  const { report, machine, size } = context
  report.begin(`signing ${size.httpBatches} batches of ${BATCH_TRANSACTIONS}, then sending them over HTTP`)
  const requests = { what: 'batches', requests: size.httpBatches, connections: BATCH_CONNECTIONS, seed: 2 } as const
  const { rate, p99Ms } = await flood(subject, requests)
  report.add({
    what: 'batch-signed, over HTTP',
    figure: rate,
    unit: 'tx/s',
    beside: `${ratio(rate, machine.levelPutPerSecond, 'LevelDB puts')}, a batch answered in ${p99Ms.toFixed(0)} ms (p99)`,
    target: { atLeast: 100_000, aim: 200_000 },
  })
  return rate
}

/** The same with redemptions signed one by one, 64 connections. */
export async function httpSingles(context: Context, subject: Subject, cores: number): Promise<number> {
  const { report, machine, size } = context
  report.begin(`signing ${size.httpSingles} redemptions, then sending them over HTTP`)
  const requests = { what: 'singles', requests: size.httpSingles, connections: SINGLE_CONNECTIONS, seed: 3 } as const
  const { rate, p99Ms } = await flood(subject, requests)
  report.add({
    what: 'signed one by one, over HTTP',
    figure: rate,
    unit: 'tx/s',
    beside:
      `${ratio(rate, machine.ed25519VerifyPerSecond * cores, `verifications × ${cores} cores`)}, answered in ` +
      `${p99Ms.toFixed(0)} ms (p99)`,
    target: { atLeast: 7_000, aim: 12_000 },
  })
  return rate
}

async function flood(
  { log, port, balances }: Subject,
  load: Pick<Load, 'what' | 'requests' | 'connections' | 'seed'>,
): Promise<{ rate: number; p99Ms: number }> {
  const ledgerId = log.ledger.state.ledgerId!
  const helper = await Helper.start<LoadResult, Load>('load.ts', { ...load, port, ledgerId, balances })
  const { seconds, transactions, latenciesMs } = await helper.run()
  await published(log)
  return { rate: transactions / seconds, p99Ms: quantile(latenciesMs, 0.99) }
}
