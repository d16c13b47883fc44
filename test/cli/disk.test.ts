import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeEntry, parsePolicy, TallyClient } from '../../src/client/index.ts'
import { keyPath, readKey, signingKey } from '../../src/files/key-files.ts'
import { readParsed } from '../../src/node/file-system.ts'
import { ended, environment, type Ran, TALLY, tally } from './run.ts'

/** Whether this system lets a test mount a file system of its own. */
const mayMount =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-Urm', 'sh', '-c', 'mount -t tmpfs -o size=1m tmpfs /mnt'], { timeout: 10_000 }).status === 0
const hasShell = process.platform !== 'win32'

let folder: string
const children: ChildProcess[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-disk-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly end: Promise<Ran>
}

/** Runs `tally serve` in the folder, after a line of shell. */
async function serve(before: string, ...args: readonly string[]): Promise<Running> {
  const command = [process.execPath, TALLY.file, 'serve', '--port', '0', '--threads', '1', ...args].map(
    one => `'${one}'`,
  )
  const isMounting = before.includes('mount')
  const shell = ['sh', '-c', `${before} exec ${command.join(' ')}`]
  const [file, ...rest] = isMounting ? ['unshare', '-Urm', ...shell] : shell
  const child = spawn(file!, rest, { cwd: folder, env: { ...environment(), ...TALLY.env } })
  children.push(child)
  const end = ended(child)
  const url = new Promise<string>((resolve, reject) => {
    let out = ''
    child.stdout!.on('data', (text: string) => {
      out += text
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(out)
      if (found !== null) resolve(found[0])
    })
    void end.then(({ err }) => reject(new Error(err)))
  })
  return { child, url: await url, end }
}

/** Sends batches until one is not taken; returns what was acknowledged, and why the last was not taken. */
async function flood(url: string, keys: string): Promise<{ entries: number; code: string }> {
  const policy = await readParsed(join(keys, 'policy'), parsePolicy)
  const client = new TallyClient({ url, policy, retries: 0 })
  const issuer = await signingKey(await readKey(keyPath(keys, 'issuer')), client)
  const { treasury } = (await client.ledger()).units[0]!
  let entries = 0
  try {
    for (let n = 0; n < 2000; n++) {
      // To itself: refused, and written down all the same.
      const issue = () => makeEntry('issue', { debit: treasury! + 1, credit: treasury! + 1, amount: 1 })
      const { statuses } = await client.submit(Array.from({ length: 4000 }, issue), [issuer])
      entries += statuses.length
    }
  } catch (error) {
    return { entries, code: (error as { code?: string }).code ?? String(error) }
  }
  return { entries, code: 'none' }
}

const get = async (url: string, path: string) => (await fetch(url + path)).json() as Promise<Record<string, unknown>>

describe('a disk that has an end', () => {
  test.skipIf(!mayMount)(
    'is not written full; when something else is deleted the ledger goes on by itself',
    async () => {
      const before =
        'mkdir d && mount -t tmpfs -o size=50m tmpfs d && head -c 14000000 /dev/zero > d/ballast && mkdir d/data &&'
      const { child, url, end } = await serve(before, '--data', 'd/data', '--disk-reserve', '20MiB')
      const inside = `/proc/${child.pid}/root${folder}/d`
      const first = await flood(url, `${inside}/data`)
      expect(first).toMatchObject({ code: 'disk-full' })
      expect(first.entries).toBeGreaterThan(20_000)
      expect(await get(url, '/healthz')).toMatchObject({ status: 'disk-full' })
      expect((await get(url, '/v1/ledger'))['size']).toBeGreaterThan(first.entries)
      await rm(`${inside}/ballast`)
      while ((await get(url, '/healthz'))['status'] !== 'ok') await new Promise(resolve => setTimeout(resolve, 100))
      const second = await flood(url, `${inside}/data`)
      expect(second).toMatchObject({ code: 'disk-full' })
      expect(second.entries).toBeGreaterThan(10_000)
      child.kill('SIGTERM')
      expect(await end).toMatchObject({ status: 0, err: expect.stringContaining('disk-full') })
    },
  )

  test.skipIf(!hasShell)(
    'a write that fails ends it with a word, and loses nothing that was acknowledged',
    async () => {
      expect((await tally(folder, 'init')).status).toBe(0)
      // No file may be longer than 4,096 blocks, of 512 bytes or 1,024: a journal of the log has up to 8 MB.
      const { url, end } = await serve('ulimit -f 4096 &&')
      const { entries, code } = await flood(url, join(folder, 'data'))
      expect(['ledger-stopped', 'unreachable']).toContain(code)
      const { status, err } = await end
      expect([status, err]).toEqual([3, expect.stringContaining('ledger-stopped')])
      expect(err).toMatch(/too large|store failed/i)
      const again = await serve('')
      expect((await get(again.url, '/v1/ledger'))['size']).toBeGreaterThan(entries)
      again.child.kill('SIGTERM')
      expect((await again.end).status).toBe(0)
      expect((await tally(folder, 'check')).status).toBe(0)
    },
  )

  test.skipIf(!hasShell)('a process without descriptors serves on when it has some again', async () => {
    expect((await tally(folder, 'init')).status).toBe(0)
    const { child, url, end } = await serve('ulimit -n 64 &&', '--threads', '2')
    const port = Number(new URL(url).port)
    const { connect } = await import('node:net')
    const sockets = Array.from({ length: 200 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await new Promise(resolve => setTimeout(resolve, 1500))
    for (const socket of sockets) socket.destroy()
    const isOk = () =>
      get(url, '/healthz').then(
        ({ status }) => status === 'ok',
        () => false,
      )
    while (!(await isOk())) await new Promise(resolve => setTimeout(resolve, 50))
    expect((await get(url, '/v1/ledger'))['size']).toBeGreaterThan(0)
    child.kill('SIGTERM')
    expect((await end).status).toBe(0)
  })

  test.skipIf(!mayMount)('a file system that is read-only is said, and nothing is changed', async () => {
    expect((await tally(folder, 'init')).status).toBe(0)
    const served = serve('mount --bind data data && mount -o remount,bind,ro data &&')
    await expect(served).rejects.toThrow(/^tally: (?:store-open|file): .*(?:read-only|Read-only)/s)
    expect((await tally(folder, 'check')).status).toBe(0)
  })
})
