import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { engine, useEngine } from '../src/core/crypto/engine.ts'
import { loadEngine } from '../src/node/native-engine.ts'
import { manyAccounts } from './accounts.ts'
import { auditLog } from './audit.ts'
import { type Context, FULL, QUICK, type Subject } from './context.ts'
import { disk } from './disk.ts'
import { grow } from './growth.ts'
import { httpBatches, httpSingles, serve } from './http.ts'
import { batchSigned, singleSigned } from './ingest.ts'
import { issuing } from './issuing.ts'
import { latency } from './latency.ts'
import { NEVER_MS, openLedger, peopledLedger } from './ledger.ts'
import { bareLevel } from './level.ts'
import { measureMachine } from './machine.ts'
import { postgres } from './postgres.ts'
import { programmes } from './programmes.ts'
import { recover } from './recovery.ts'
import { formatFigure, Report } from './report.ts'
import type { Machine, Results } from './results.ts'
import { seal } from './seal.ts'
import { statements } from './statement.ts'
import { verify } from './verify.ts'

// npm run bench [-- --quick] [-- --only ingest,…] [-- --only accounts --accounts 20000000]
// Asks every question in turn, prints the answers, and writes them to bench/results.json.

/** What can be asked for alone. A part takes with it what it stands on, and nothing is written then. */
const PARTS = [
  'ingest',
  'audit',
  'single',
  'http',
  'latency',
  'statement',
  'growth',
  'seal',
  'level',
  'postgres',
  'programmes',
  'issuing',
] as const
/** What can be asked of another number of accounts; in full it takes five minutes, 6 GB of disk and 5 GB of memory. */
const MANY = 'accounts'
type Part = (typeof PARTS)[number]

/** The processors that the process may use. */
const CORES = availableParallelism()

/** What half load is half of where `http` was not asked for. */
const ASSUMED_HTTP_RATE = 50_000

type Found<K extends keyof Results> = Partial<Results[K]>
interface Findings {
  ingest: Found<'ingest'>
  seal?: Results['seal']
  audit?: Results['audit']
  statement?: Results['statement']
  verify?: Results['verify']
  disk?: Results['disk']
  memory?: Results['memory']
  recovery?: Results['recovery']
  growth?: Results['growth']
}

/** The questions about a ledger that runs. */
async function askRunning(
  context: Context,
  wanted: (part: Part) => boolean,
): Promise<Partial<Findings> & Pick<Findings, 'ingest'>> {
  const { report, size, directory } = context
  report.begin(`opening ${formatFigure(size.members)} accounts`)
  const peopled = await peopledLedger(join(directory, 'running'), size.members)
  const server = await serve(peopled.log)
  const subject: Subject = { ...peopled, port: server.port }
  const found: Partial<Findings> & Pick<Findings, 'ingest'> = { ingest: {} }
  try {
    // The others stand on this one: it gives the members points.
    const batchSignedTxPerSecond = await batchSigned(context, subject)
    found.ingest = { batchSignedTxPerSecond }
    if (wanted('audit')) found.audit = { txPerSecond: await auditLog(context, subject) }
    if (wanted('single') || wanted('statement'))
      found.ingest = { ...found.ingest, singleSignedTxPerSecond: await singleSigned(context, subject, CORES) }
    let httpRate = ASSUMED_HTTP_RATE
    if (wanted('http')) {
      httpRate = await httpBatches(context, subject)
      const httpSingleTxPerSecond = await httpSingles(context, subject, CORES)
      found.ingest = { ...found.ingest, httpBatchTxPerSecond: httpRate, httpSingleTxPerSecond }
    }
    if (wanted('latency')) await latency(context, subject, httpRate)
    if (wanted('statement')) {
      const served = await statements(context, subject, httpRate)
      const { p50Ms, p99Ms, bytes } = served
      found.statement = { p50Ms, p99Ms, bytes }
      found.verify = await verify(context, subject, served)
    }
    return found
  } finally {
    await server.close()
    await peopled.log.close()
  }
}

/** The questions about a ledger that has grown in another process and was killed. */
async function askGrown(context: Context): Promise<Partial<Findings>> {
  const grown = await grow(context)
  const { log, workload, seconds } = await recover(context, grown)
  const milliseconds = await seal(context, log, workload)
  const bytesPerTx = await disk(context, log, grown.directory)
  return {
    growth: { ratio: grown.ratio },
    recovery: { seconds },
    seal: { dirtyAccounts: context.size.dirty, milliseconds },
    disk: { bytesPerTx },
  }
}

/**
 * The seal of a ledger that has nothing but its accounts: for who works on it. A full run asks it of the one that has
 * grown.
 */
async function askSeal(context: Context): Promise<void> {
  const { report, size } = context
  report.begin(`opening ${formatFigure(size.members)} accounts`)
  const directory = join(context.directory, 'sealed')
  const { log, workload } = await peopledLedger(directory, size.members)
  await log.close()
  const opened = await openLedger(directory, NEVER_MS)
  await seal(context, opened, workload)
  await opened.close()
}

function reportMachine(report: Report, machine: Machine): void {
  const rows: readonly [string, keyof Machine][] = [
    ['machine: Ed25519 verifications', 'ed25519VerifyPerSecond'],
    ['machine: SHA-256 of 65 bytes', 'sha256PerSecond'],
    ['machine: SHA-256 of 64-byte pairs', 'sha256PairPerSecond'],
    ['machine: LevelDB puts, 1,000 a sync', 'levelPutPerSecond'],
    ['machine: fdatasync of 200 bytes', 'fdatasyncPerSecond'],
  ]
  for (const [what, key] of rows) report.add({ what, figure: machine[key], unit: '/s', beside: 'one thread' })
}

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, accounts: { type: 'string' } },
})
const only = (values.only ?? '').split(',').filter(part => part !== '')
const unknown = only.find(part => part !== MANY && !(PARTS as readonly string[]).includes(part))
if (unknown !== undefined) throw new Error(`there is no part ${unknown}: --only takes ${[...PARTS, MANY].join(', ')}`)
const accounts = Number(values.accounts ?? (values.quick ? QUICK : FULL).accounts)
if (values.accounts !== undefined && !only.includes(MANY)) throw new Error(`--accounts goes with --only ${MANY}`)
if (!(accounts % 100_000 === 0 && accounts >= 200_000 && accounts < 2 ** 32))
  throw new Error('--accounts takes a multiple of 100000, 200000 or more')
const wanted = (...parts: (Part | typeof MANY)[]) => only.length === 0 || parts.some(part => only.includes(part))

const start = performance.now()
useEngine(await loadEngine())
const size = values.quick ? QUICK : FULL
const directory = await mkdtemp(join(tmpdir(), 'tallystick-bench-'))
const report = new Report()
try {
  report.begin(
    `the machine: ${CORES} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, engine ${engine().name}`,
  )
  const machine = await measureMachine(directory, size.machineSeconds)
  reportMachine(report, machine)
  const context: Context = { size, directory, machine, report }
  const isRunningWanted = wanted('ingest', 'audit', 'single', 'http', 'latency', 'statement')
  const running = isRunningWanted ? await askRunning(context, part => wanted(part)) : undefined
  const grown = wanted('growth') ? await askGrown(context) : undefined
  const memory = wanted(MANY) && {
    bytesPerAccount: await manyAccounts(context, accounts),
  }
  if (only.includes('seal') && grown === undefined) await askSeal(context)
  if (wanted('level')) await bareLevel(context)
  if (wanted('postgres'))
    await postgres(context, running?.ingest.batchSignedTxPerSecond).catch(error =>
      report.begin(`PostgreSQL: skipped, as it failed: ${(error as Error).message.slice(0, 300)}`),
    )
  if (wanted('programmes')) programmes(context)
  if (wanted('issuing')) await issuing(context)
  process.stdout.write(`\n${report.show()}\n${values.quick ? 'A quick run: the targets are for a full one. ' : ''}`)
  process.stdout.write(`Took ${Math.round((performance.now() - start) / 1000)} s.\n`)
  if (only.length === 0) {
    const results = { machine, ...running, ...grown, memory } as Results
    await writeFile(join(import.meta.dirname, 'results.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  }
} finally {
  await rm(directory, { recursive: true, force: true, maxRetries: 5 })
}
