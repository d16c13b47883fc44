import { execFile, spawn } from 'node:child_process'
import { access, chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Context } from './context.ts'
import { ratio } from './report.ts'
import { BATCH_TRANSACTIONS } from './workload.ts'
import { randomFrom, ZIPF_EXPONENT, zipf } from './zipf.ts'

const run = promisify(execFile)

/** Accounts below this are budgets: so many that their rows are not what the callers queue for. */
const BUDGETS = 64
const CLIENTS = 32
/** Batches that are drawn beforehand; callers take any of them, again and again. */
const DRAWN_BATCHES = 500

/**
 * A PostgreSQL that runs for the benchmark: its programs, its folder, and whom it runs as (it refuses to run as root).
 */
interface Server {
  readonly programs: string
  readonly directory: string
  readonly user: { readonly uid?: number; readonly gid?: number }
}

/**
 * How fast is the plain alternative: a double-entry ledger on PostgreSQL with its own defaults of durability, one
 * function call a transfer, and a thousand transfers a transaction? Same members, same distribution, no proofs.
 */
export async function postgres({ size, report, machine }: Context, batchSignedRate: number | undefined): Promise<void> {
  const programs = await findPrograms()
  if (programs === undefined)
    return report.begin('PostgreSQL: skipped, as there is no `postgres` and `pgbench` on this machine')
  const user = process.getuid?.() === 0 ? await idsOf('postgres') : {}
  if (user === undefined)
    return report.begin('PostgreSQL: skipped, as it does not run as root, and there is no user `postgres` to run it as')
  report.begin('a plain double-entry ledger on PostgreSQL')
  const directory = await mkdtemp(join(tmpdir(), 'tallystick-bench-postgres-'))
  const server: Server = { programs, directory, user }
  try {
    if (user.uid !== undefined) await chown(directory, user.uid, user.gid!)
    await initialise(server)
    await withServer(server, async () => {
      await load(server, size.members)
      const beside = (rate: number) =>
        batchSignedRate === undefined
          ? ratio(rate, machine.fdatasyncPerSecond, 'syncs')
          : `${ratio(rate, batchSignedRate, 'batch-signed, in process')}; no proofs`
      for (const [what, script, transfers] of [
        ['a transfer a transaction', singleScript(size.members), 1],
        ['1,000 calls a transaction', batchScript('transfer_each'), BATCH_TRANSACTIONS],
        ['1,000 in three statements', batchScript('transfer_batch'), BATCH_TRANSACTIONS],
      ] as const) {
        const rate = transfers * (await callsPerSecond(server, script, size.postgresSeconds))
        report.add({ what: `PostgreSQL, ${what}`, figure: rate, unit: 'tx/s', beside: beside(rate) })
      }
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A transfer from any budget to a member: Zipf-distributed, the busy ones scattered. */
function singleScript(members: number): string {
  return (
    `\\set budget random(0, ${BUDGETS - 1})\n` +
    `\\set rank random_zipfian(1, ${members}, ${ZIPF_EXPONENT})\n` +
    `\\set member ${BUDGETS} + permute(:rank - 1, ${members})\n` +
    'SELECT transfer(gen_random_uuid(), :budget, :member, 10);\n'
  )
}

/** A batch by one of the functions that take its number. */
function batchScript(call: string): string {
  const drawn = `\\set budget random(0, ${BUDGETS - 1})\n\\set batch random(0, ${DRAWN_BATCHES - 1})\n`
  return `${drawn}SELECT ${call}(:batch, :budget);\n`
}

/** The folder of `postgres`, `initdb`, `pgbench` and `psql`: one of PATH, or where Debian puts them. */
async function findPrograms(): Promise<string | undefined> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  const folders = [
    ...versions
      .sort()
      .reverse()
      .map(version => join(debian, version, 'bin')),
  ]
  for (const folder of [...folders, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const all = ['postgres', 'initdb', 'pgbench', 'psql'].map(name => access(join(folder, name)))
    if ((await Promise.allSettled(all)).every(({ status }) => status === 'fulfilled')) return folder
  }
  return undefined
}

async function idsOf(name: string): Promise<Server['user'] | undefined> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map(async flag => Number((await run('id', [flag, name])).stdout)))
    return { uid: uid!, gid: gid! }
  } catch {
    return undefined
  }
}

async function initialise({ programs, directory, user }: Server): Promise<void> {
  const options = [
    '-D',
    join(directory, 'data'),
    '-A',
    'trust',
    '-U',
    'postgres',
    '--no-locale',
    '-E',
    'UTF8',
    '--no-sync',
  ]
  await run(join(programs, 'initdb'), options, { ...user, cwd: directory })
}

/**
 * Runs the server meanwhile, on a socket in its folder. Durability is as it comes: fsync and synchronous_commit are on.
 */
async function withServer({ programs, directory, user }: Server, work: () => Promise<void>): Promise<void> {
  const settings = ['listen_addresses=', 'shared_buffers=1GB', 'max_wal_size=8GB', `max_connections=${CLIENTS + 10}`]
  const options = ['-D', join(directory, 'data'), '-k', directory, ...settings.flatMap(setting => ['-c', setting])]
  const server = spawn(join(programs, 'postgres'), options, { ...user, cwd: directory, stdio: 'ignore' })
  const ended = new Promise<void>(resolve => server.once('exit', () => resolve()))
  try {
    for (let tries = 0; ; tries++) {
      const isUp = await psql({ programs, directory, user }, ['-c', 'SELECT 1'])
        .then(() => true)
        .catch(() => false)
      if (isUp) break
      if (tries > 100 || server.exitCode !== null) throw new Error('PostgreSQL does not start')
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    await work()
  } finally {
    server.kill('SIGINT')
    await ended
  }
}

async function psql({ programs, directory, user }: Server, options: readonly string[]): Promise<void> {
  const common = ['-h', directory, '-U', 'postgres', '-q', '-X', '-v', 'ON_ERROR_STOP=1']
  await run(join(programs, 'psql'), [...common, ...options], { ...user, cwd: directory, maxBuffer: 2 ** 24 })
}

async function load(server: Server, members: number): Promise<void> {
  const draw = zipf(members, randomFrom(9))
  const batches = Array.from({ length: DRAWN_BATCHES }, (_, number) => {
    // In one order, so that callers wait for each other and never in a circle.
    const drawn = Array.from({ length: BATCH_TRANSACTIONS }, () => BUDGETS + draw()).sort((a, b) => a - b)
    return `${number}\t{${drawn.join(',')}}`
  })
  const data = join(server.directory, 'batches.tsv')
  await writeFile(data, `${batches.join('\n')}\n`, { mode: 0o644 })
  // A copy: the checkout may be in a folder that is open to its owner alone.
  const schema = join(server.directory, 'schema.sql')
  await writeFile(schema, await readFile(new URL('postgres.sql', import.meta.url)))
  await psql(server, ['-f', schema])
  await psql(server, [
    '-c',
    `INSERT INTO accounts SELECT id, 0 FROM generate_series(0, ${BUDGETS + members - 1}) AS id`,
    '-c',
    `\\copy batches FROM '${data}'`,
    '-c',
    'VACUUM ANALYZE',
    '-c',
    'CHECKPOINT',
  ])
}

/** How often a second all clients together run a script. */
async function callsPerSecond(server: Server, script: string, seconds: number): Promise<number> {
  const { programs, directory, user } = server
  const path = join(directory, 'script.sql')
  await writeFile(path, script, { mode: 0o644 })
  const options = ['-h', directory, '-U', 'postgres', '-n', '-M', 'prepared', '-f', path, '-c', `${CLIENTS}`, '-j', '2']
  const { stdout } = await run(join(programs, 'pgbench'), [...options, '-T', `${seconds}`, 'postgres'], {
    ...user,
    cwd: directory,
  })
  const [failed, tps] = [/failed transactions: (\d+)/.exec(stdout)?.[1], /tps = ([\d.]+)/.exec(stdout)?.[1]]
  if (tps === undefined || (failed !== undefined && failed !== '0')) throw new Error(`pgbench said: ${stdout}`)
  return Number(tps)
}
