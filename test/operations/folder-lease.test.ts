import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FolderObjects } from '../../src/files/folder-objects.ts'
import { openObjects } from '../../src/files/open-objects.ts'
import type { FatalError } from '../../src/log/index.ts'
import { FolderLease, type FolderLeaseOptions } from '../../src/operations/folder-lease.ts'
import { holderOf } from '../../src/operations/holder.ts'
import { S3Server } from '../files/s3-server.ts'

/** A second of the lease: it waits 2.4 s for another, and renews its own each 0.4 s, which a busy disk allows. */
const SECOND_MS = 40

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

describe('a lease in a folder', () => {
  let folder: string
  const leases: FolderLease[] = []
  const lost: FatalError[] = []
  const troubles: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-lease-'))
  })
  afterEach(async () => {
    await Promise.all(leases.splice(0).map(lease => lease.release()))
    await rm(folder, { recursive: true, force: true })
    lost.length = 0
    troubles.length = 0
  })

  const create = (more: Partial<FolderLeaseOptions> = {}) => {
    const lease = new FolderLease({
      objects: new FolderObjects(folder),
      holder: undefined,
      wallMs: () => Date.now(),
      steadyMs: () => performance.now(),
      onLost: error => lost.push(error),
      onTrouble: what => troubles.push(what),
      secondMs: SECOND_MS,
      ...more,
    })
    leases.push(lease)
    return lease
  }
  const take = async (lease: FolderLease, signal = new AbortController().signal) => {
    const began = performance.now()
    const waits: string[] = []
    await lease.take(why => waits.push(why.message), signal)
    return { seconds: (performance.now() - began) / SECOND_MS, waits }
  }
  const terms = async () => (await readdir(join(folder, 'lease'))).sort()

  test('is taken at once where there is none, or it was given back', async () => {
    const one = create()
    expect(one.held?.code).toBe('lease-held')
    expect((await take(one)).waits).toEqual([])
    expect([one.held, await terms()]).toEqual([undefined, ['1']])
    await one.release()
    expect(one.held?.code).toBe('lease-held')
    const two = create()
    expect((await take(two)).waits).toEqual([])
    expect(await terms()).toEqual(['2'])
  })

  test('is not taken from one who renews it, and after 60 s from one who does not', async () => {
    const one = create()
    await take(one)
    const abort = new AbortController()
    const two = create()
    const taking = take(two, abort.signal)
    await sleep(100 * SECOND_MS)
    // A renewal may be late here; one that is lost would not come.
    while (one.held !== undefined) await sleep(SECOND_MS)
    expect([two.held?.code, lost]).toEqual(['lease-held', []])
    abort.abort(new Error('over'))
    await expect(taking).rejects.toThrow('over')
    await one.release()
    // Cut off: its file stands as it was.
    await writeFile(
      join(folder, 'lease/2'),
      '{"format":"tallystick/lease/v1","holder":"","run":"x","renewed":3,"isGivenBack":false}\n',
    )
    const { seconds, waits } = await take(create())
    expect(seconds).toBeGreaterThan(59)
    expect(waits[0]).toMatch(/another process has the lease.*lease.2/)
    expect(await terms()).toEqual(['3'])
  })

  test('of many who want it one at a time gets it', async () => {
    const many = Array.from({ length: 8 }, () => create())
    const abort = new AbortController()
    const taken = many.map(lease => take(lease, abort.signal).then(() => lease))
    while (many.length > 0) {
      const first = await Promise.race(taken)
      expect(many.filter(lease => lease.held === undefined)).toEqual([first])
      await first.release()
      taken.splice(
        taken.findIndex((_, n) => many[n] === first),
        1,
      )
      many.splice(many.indexOf(first), 1)
    }
    expect(lost).toEqual([])
  })

  test('is nobody’s when it is given back while it is waited for, or taken', async () => {
    const one = create()
    await take(one)
    const waiting = create()
    const taking = take(waiting).then(
      () => 'taken',
      (error: Error) => error.message,
    )
    await sleep(3 * SECOND_MS)
    await waiting.release()
    await one.release()
    expect(await taking).toContain('given back')
    for (let tries = 0; tries < 10; tries++) {
      const short = create()
      const taken = take(short).then(
        () => true,
        () => false,
      )
      await sleep(tries % 5)
      await short.release()
      await taken
      expect((await take(create())).waits).toEqual([])
      await leases.pop()!.release()
    }
  })

  test.each(['the wall clock', 'the steady clock'])(
    'is void by %s when it was not renewed, and valid again when it is',
    async which => {
      let off = 0
      const clocks =
        which === 'the wall clock' ? { wallMs: () => Date.now() + off } : { steadyMs: () => performance.now() + off }
      const one = create(clocks)
      await take(one)
      off = 31 * SECOND_MS
      expect(one.held?.code).toBe('lease-held')
      while (one.held !== undefined) await sleep(SECOND_MS)
    },
  )

  test('is lost for good to a newer term, to who writes as its holder, and where its file goes', async () => {
    const path = (name: string) => join(folder, 'lease', name)
    for (const harm of [
      () => writeFile(path('99'), 'anything'),
      async () => writeFile(path((await terms())[0]!), 'anything'),
      () => rm(join(folder, 'lease'), { recursive: true }),
    ]) {
      await rm(join(folder, 'lease'), { recursive: true, force: true })
      const one = create()
      await take(one)
      await harm()
      while (lost.length === 0) await sleep(SECOND_MS)
      expect(lost.splice(0)).toMatchObject([{ code: 'lease-lost', message: expect.stringContaining('Start only one') }])
      expect(one.held?.code).toBe('lease-held')
      await one.release()
    }
  })

  test('goes on when its folder can be written again', async () => {
    await writeFile(join(folder, 'lease'), 'no folder')
    const one = create()
    const taking = take(one)
    await sleep(5 * SECOND_MS)
    await rm(join(folder, 'lease'))
    const { waits } = await taking
    expect(waits[0]).toContain('cannot be used')
    expect(one.held).toBe(undefined)
  })

  test('in a bucket one has it at a time, too', async context => {
    const server = await S3Server.start()
    if (server === undefined) return context.skip('moto_server is not at hand')
    try {
      const objects = await openObjects(await server.bucket('leases'))
      const [one, two] = [create({ objects }), create({ objects: await openObjects(await server.bucket('leases')) })]
      expect((await take(one)).waits).toEqual([])
      const taking = take(two)
      await one.release()
      const { waits } = await taking
      expect([one.held?.code, two.held, waits.every(why => why.includes('s3://leases/shop/lease/1'))]).toEqual([
        'lease-held',
        undefined,
        true,
      ])
      expect(await objects.list('lease')).toEqual(['lease/2'])
      await objects.write('lease/3', '{}')
      while (lost.length === 0) await sleep(10)
      expect(lost[0]!.code).toBe('lease-lost')
    } finally {
      await server.stop()
    }
  })

  test('of the same data directory and run of the machine is taken at once: anyone who had it is over', async () => {
    const [data, copy] = [join(folder, 'data'), join(folder, 'copy')]
    await mkdir(data)
    await mkdir(copy)
    const holder = await holderOf(data)
    expect([holder, await holderOf(copy)]).toEqual([await holderOf(data), expect.not.stringContaining(holder ?? '-')])
    // Where the system does not tell, the wait is as for anyone.
    if (holder === undefined) return
    await take(create({ holder }))
    leases.pop()
    expect((await take(create({ holder }))).waits).toEqual([])
    expect(await terms()).toEqual(['2'])
    while (lost.length === 0) await sleep(SECOND_MS)
  })
})

describe('processes that are stopped and continued', () => {
  let folder: string
  const children: ChildProcess[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-lease-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  test('never sign after one another by turns: who was stopped finds that it is over', async () => {
    const record = join(folder, 'record')
    await writeFile(record, '')
    const file = join(import.meta.dirname, 'lease-child.ts')
    const secondMs = SECOND_MS
    const begin = (name: string) => {
      const child = spawn(process.execPath, [file, folder, record, name, String(secondMs)], {
        stdio: 'inherit',
      })
      children.push(child)
      return { child, closed: once(child, 'close') as Promise<[number | null, string | null]> }
    }
    /** Names by when they might have signed: one that is stopped in the middle of that writes it down later. */
    const signed = async () => {
      const lines = (await readFile(record, 'utf8')).split('\n').slice(0, -1)
      const pairs = lines.map(line => line.split(' ')).sort(([a], [b]) => Number(a) - Number(b))
      return pairs.map(([, name]) => name)
    }
    const until = async (name: string) => {
      while (!(await signed()).includes(name)) await sleep(10)
    }
    let before = begin('0')
    await until('0')
    for (const name of ['1', '2', '3']) {
      const next = begin(name)
      await sleep(10 * secondMs)
      before.child.kill('SIGSTOP')
      await until(name)
      before.child.kill('SIGCONT')
      expect(await before.closed).toEqual([7, null])
      before = next
    }
    before.child.kill('SIGTERM')
    expect(await before.closed).toEqual([0, null])
    const turns = (await signed()).filter((name, i, all) => name !== all[i - 1])
    expect(turns).toEqual(['0', '1', '2', '3'])
  })
})
