import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCommand } from '../../build/command.ts'
import { makeEntry, parsePolicy, type SigningKey, TallyClient } from '../../src/client/index.ts'
import { readKey } from '../../src/files/key-files.ts'
import { ended, type Program, Served, start } from './run.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Notes, in the file that `PROBE` names, what each thread of the process runs, and each answer that it gives. */
const PROBE = `
import { appendFileSync } from 'node:fs'
import { isMainThread, parentPort } from 'node:worker_threads'
if (!isMainThread) {
  const note = what => appendFileSync(process.env.PROBE, JSON.stringify({ file: process.argv[1], what }) + '\\n')
  const post = parentPort.postMessage.bind(parentPort)
  parentPort.postMessage = (message, ...more) => {
    note(typeof message === 'string' ? message : (message.kind ?? 'answer'))
    post(message, ...more)
  }
  note('started')
}
`

/** What a thread was seen to do. */
interface Noted {
  readonly file: string
  readonly what: string
}

describe('the package as it is published', () => {
  let parent: string
  /** Where it is installed. */
  let home: string
  let manifest: { version: string; files: string[]; bin: { tally: string }; exports: Record<string, unknown> }
  let program: Program
  let served: Served

  beforeAll(async () => {
    parent = await realpath(await mkdtemp(join(tmpdir(), 'tally-package-')))
    manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    home = join(parent, 'node_modules', 'tallystick')
    await mkdir(home, { recursive: true })
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    // The same JavaScript as `npm run build` makes; `npm run types` checks the types, and no test reads declarations.
    const quickly = ['--noCheck', '--declaration', 'false', '--outDir', join(home, 'dist')]
    await run(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), ...quickly])
    await buildCommand(join(home, 'dist', 'cli'))
    for (const file of ['package.json', ...manifest.files.filter(name => name !== 'dist')]) {
      await mkdir(dirname(join(home, file)), { recursive: true })
      await cp(join(ROOT, file), join(home, file), { recursive: true })
    }
    await symlink(join(ROOT, 'node_modules'), join(home, 'node_modules'), 'junction')
    const probe = join(parent, 'probe.mjs')
    await writeFile(probe, PROBE)
    program = {
      file: join(home, manifest.bin.tally),
      // With a cache a thread starts from a line of code, and the probe sees no file.
      env: {
        NODE_DISABLE_COMPILE_CACHE: '1',
        NODE_OPTIONS: `--import=${pathToFileURL(probe).href}`,
        PROBE: join(parent, 'noted'),
      },
    }
    served = await Served.of(program, undefined, '--threads', '2')
  })
  afterAll(async () => {
    await served?.destroy()
    await rm(parent, { recursive: true, force: true })
  })

  const tally = async (...args: readonly string[]) => {
    const ran = await ended(start(served.directory, args, program))
    expect([args, ran.status, ran.err]).toEqual([args, 0, ''])
    return ran.out
  }

  /** What threads did since this was asked last, by the name of the file that they run. */
  const noted = async () => {
    const lines = (await readFile(program.env['PROBE']!, 'utf8')).split('\n').filter(line => line !== '')
    await writeFile(program.env['PROBE']!, '')
    const byFile: Record<string, string[]> = {}
    for (const line of lines) {
      const { file, what } = JSON.parse(line) as Noted
      const path = file.startsWith('file:') ? fileURLToPath(file) : file
      expect(dirname(await realpath(path)).startsWith(join(home, 'dist'))).toBe(true)
      byFile[basename(path)] ??= []
      byFile[basename(path)]!.push(what)
    }
    return byFile
  }

  test('says its version, and has what its manifest promises', async () => {
    expect(await tally('--version')).toBe(`${manifest.version}\n`)
    const names = Object.keys(manifest.exports).filter(name => name !== './package.json')
    const script = names.map(name => `await import('tallystick/${name.slice(2)}')`).join('\n')
    await writeFile(join(parent, 'exports.mjs'), `${script}\nconsole.log('all')\n`)
    expect((await run(process.execPath, ['exports.mjs'], { cwd: parent })).stdout).toBe('all\n')
  })

  test('the threads that are tried here are all that there are', async () => {
    const names = await Promise.all(['cli', 'src'].map(room => readdir(join(ROOT, room), { recursive: true })))
    const files = names.flatMap((inRoom, i) => inRoom.map(name => join(ROOT, ['cli', 'src'][i]!, name)))
    const sources = await Promise.all(files.filter(name => name.endsWith('.ts')).map(name => readFile(name, 'utf8')))
    const threads = sources.flatMap(text => [...text.matchAll(/new URL\(`\.\/([\w-]+)\$/g)].map(([, name]) => name))
    expect(threads.sort()).toEqual(['prepare-thread', 'reader-worker', 'reports-worker', 'signature-worker'])
    expect(sources.join('').match(/startThread\((?!file: )/g)).toHaveLength(threads.length)
  })

  test('`tally serve` prepares in threads, and `tally audit` reads and verifies in threads, from the built files', async () => {
    const account = Number(JSON.parse(await tally('account', 'open', '--url', served.url, '--json')).account)
    const { seed } = JSON.parse(await readFile(join(served.directory, 'data/keys/issuer.json'), 'utf8'))
    const issuer: SigningKey = { holder: { record: 6 }, seed: Buffer.from(seed, 'base64') }
    const policy = parsePolicy(await readFile(join(served.directory, 'data/policy')))
    const client = new TallyClient({ url: served.url, policy, caller: issuer })
    // More than the 50,000 entries from which on a thread reads; of those at the end some hundred signatures a run.
    const sizes = [...Array<number>(50).fill(1000), ...Array<number>(110).fill(40)]
    const left = [...sizes]
    const lane = async () => {
      for (let count = left.shift(); count !== undefined; count = left.shift()) {
        const issue = () => makeEntry('issue', { debit: 1, credit: account, amount: 1 })
        const { statuses } = await client.submit(Array.from({ length: count }, issue), [issuer])
        expect(statuses.every(status => status === 0)).toBe(true)
      }
    }
    await Promise.all(Array.from({ length: 8 }, lane))
    const total = sizes.reduce((sum, count) => sum + count, 0)
    // Once it was seen in a checkpoint: an audit is of what is signed.
    await client.submit([makeEntry('issue', { debit: 1, credit: account, amount: 1 })], [issuer], { wait: 'sealed' })

    const serving = await noted()
    expect(Object.keys(serving)).toEqual(['prepare-thread.js'])
    const prepared = serving['prepare-thread.js']!
    expect(prepared.filter(what => what === 'started')).toHaveLength(2)
    expect(prepared.filter(what => what === 'answer').length).toBeGreaterThan(10)

    const report = JSON.parse(await tally('audit', served.url, '--json'))
    expect(report).toMatchObject({ faults: [], totals: { coins: { issued: String(total + 1) } } })
    const auditing = await noted()
    if (availableParallelism() === 1) {
      expect(auditing).toEqual({})
      return
    }
    expect(Object.keys(auditing).sort()).toEqual(['reader-worker.js', 'signature-worker.js'])
    const read = auditing['reader-worker.js']!
    expect([read[0], read.at(-1)]).toEqual(['started', 'end'])
    expect(read.filter(what => what === 'run').length).toBeGreaterThanOrEqual(Math.floor(total / 4096))
    expect(auditing['signature-worker.js']!.filter(what => what === 'answer').length).toBeGreaterThan(0)
  })

  test('a gateway makes its reports in a thread, from the built files', async () => {
    const { seed, publicKey } = await readKey(join(served.directory, 'data/keys/auditor.json'))
    const policy = parsePolicy(await readFile(join(served.directory, 'data/policy')))
    const record = await new TallyClient({ url: served.url, policy }).recordOf(publicKey)
    const caller: SigningKey = { holder: { record: record! }, seed }
    await noted()
    const built = join(home, 'dist/src/audit/report/reports-thread.js')
    const { ReportsThread } = (await import(
      pathToFileURL(built).href
    )) as typeof import('../../src/audit/report/reports-thread.ts')
    const thread = new ReportsThread(new TallyClient({ url: served.url, policy, caller }), join(parent, 'reports'))
    const { tables, faults } = await thread.made
    expect([faults, tables.length > 10]).toEqual([[], true])
  })
})
