import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SigningKey, TallyClient } from '../src/client/index.ts'
import { parsePolicy } from '../src/core/note/policy.ts'
import { processorSecondsOf } from '../test/kafka/brokers.ts'
import { ask, freePort, type HeldMember, pause, RealLedger, TallyProcess } from '../test/try/real-ledger.ts'
import type { Report } from './report.ts'
import { quantile } from './results.ts'

const MEMBERS = 100
/** Statements under way at once, for each server. */
const READERS = 8
const START_MS = 120_000

/** A server, and its process. */
interface Running {
  readonly port: number
  readonly process: TallyProcess
}

/**
 * Measures how statements are read from a ledger alone and from 1, 2 and 3 followers, while batches come in: how many a
 * second, how long each waits, and how long a batch waits at the ledger. All share the cores of one machine, so what
 * followers add is seen in what the ledger no longer does.
 */
export async function followers(directory: string, seconds: number, report: Report): Promise<void> {
  const port = await freePort()
  const ledger = new RealLedger(directory, port)
  const served = await running(directory, port, ['serve', '--port', `${port}`])
  const started: Running[] = []
  try {
    await ledger.read()
    const members = await ledger.members(MEMBERS, 1000)
    const policy = parsePolicy(await readFile(join(directory, 'data/policy')))
    for (let count = 0; count <= 3; count++) {
      if (count > 0) started.push(await follower(directory, count, port))
      const servers = count === 0 ? [served] : started
      report.begin(`statements from ${count === 0 ? 'the ledger' : `${count} followers`} for ${seconds} s`)
      const clients = servers.map(
        one => new TallyClient({ url: `http://127.0.0.1:${one.port}`, policy, caller: ledger.key('auditor') }),
      )
      for (const client of clients) await known(client, members.at(-1)!)
      const before = processorSecondsOf(served.process.child.pid!)
      const [read, batches] = await Promise.all([reading(clients, members, seconds), sending(ledger, members, seconds)])
      const used = (processorSecondsOf(served.process.child.pid!) - before) / seconds
      const from = count === 0 ? 'from the ledger itself' : `from ${count} follower${count > 1 ? 's' : ''}`
      report.add({
        ...{ what: `statements ${from}`, figure: read.length / seconds, unit: '/s' },
        beside: `p99 ${quantile(read, 0.99).toFixed(0)} ms`,
      })
      report.add({
        ...{ what: `batches of ten meanwhile, ${from}`, figure: batches.length / seconds, unit: '/s' },
        beside: `p99 ${quantile(batches, 0.99).toFixed(0)} ms, the ledger used ${used.toFixed(2)} of a core`,
      })
    }
  } finally {
    for (const one of [...started, served]) await one.process.end('SIGTERM')
  }
}

async function running(directory: string, port: number, args: readonly string[]): Promise<Running> {
  const process = new TallyProcess(directory, [...args, '--log-level', 'error'])
  for (const until = performance.now() + START_MS; performance.now() < until; await pause(50)) {
    if (!process.isRunning) break
    if ((await ask(port, '/readyz').catch(() => undefined))?.status === 200) return { port, process }
  }
  throw new Error(`tally ${args.join(' ')} is not ready: ${process.said.slice(-500)}`)
}

async function follower(directory: string, number: number, ledgerPort: number): Promise<Running> {
  const port = await freePort()
  const from = ['--follow', `http://127.0.0.1:${ledgerPort}`, '--policy', 'data/policy']
  const own = ['--key', 'data/keys/auditor.json', '--data', `follower-${number}`, '--port', `${port}`]
  return running(directory, port, ['serve', ...from, ...own])
}

/** Waits until a server has a member's account in its latest checkpoint. */
async function known(client: TallyClient, { account }: HeldMember): Promise<void> {
  for (const until = performance.now() + START_MS; performance.now() < until; await pause(50))
    if ((await client.statement(account).catch(() => undefined)) !== undefined) return
  throw new Error(`account ${account} does not come`)
}

/** Latencies of all statements that were read in that time, in milliseconds. */
async function reading(
  clients: readonly TallyClient[],
  members: readonly HeldMember[],
  seconds: number,
): Promise<number[]> {
  const until = performance.now() + 1000 * seconds
  const latencies: number[] = []
  let next = 0
  const reader = async (client: TallyClient) => {
    while (performance.now() < until) {
      const start = performance.now()
      await client.statement(members[next++ % members.length]!.account)
      latencies.push(performance.now() - start)
    }
  }
  await Promise.all(clients.flatMap(client => Array.from({ length: READERS }, () => reader(client))))
  return latencies
}

/** Latencies of batches of ten issues, one after another. */
async function sending(ledger: RealLedger, members: readonly HeldMember[], seconds: number): Promise<number[]> {
  const until = performance.now() + 1000 * seconds
  const issuer: SigningKey = ledger.key('issuer')
  const latencies: number[] = []
  while (performance.now() < until) {
    const issues = Array.from({ length: 10 }, () => {
      const { account } = members[Math.floor(Math.random() * members.length)]!
      return ledger.issue(account, 1)
    })
    const bytes = ledger.submission([issuer], issues)
    const start = performance.now()
    const answer = await ledger.send(bytes)
    if ('code' in answer) throw new Error(answer.code)
    latencies.push(performance.now() - start)
    await pause(5)
  }
  return latencies
}
