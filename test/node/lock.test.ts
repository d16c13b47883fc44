import { type ChildProcess, fork } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs/promises'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { lock } from '../../src/node/lock.ts'
import { runs } from '../runs.ts'
import type { LockAnswer, LockTask } from './lock-child.ts'

vi.mock('node:fs/promises', { spy: true })

/** More than any system numbers a process. */
const NOBODY = '99999999'
const PROCESSES = 6

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-lock-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('of many processes that race for a lock, one at a time has it', () => {
  let children: ChildProcess[]
  beforeAll(() => {
    children = Array.from({ length: PROCESSES }, () => fork(join(import.meta.dirname, 'lock-child.ts')))
  })
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
  })

  const races: [string, Pick<LockTask, 'left' | 'dead'>][] = [
    ['that is given back', { left: [], dead: 0 }],
    [
      'that is left by who is killed, or by a version that could be killed before it wrote',
      { left: [NOBODY, '', 'x'], dead: 0 },
    ],
    ['that is left, as are those of two that were killed while they took it over', { left: [NOBODY, ''], dead: 2 }],
  ]
  test.each(races)('%s', async (what, how) => {
    const turns = runs(50, 15)
    const { path, log } = await place(what)
    const refused = await Promise.all(
      children.map(child => {
        child.send({ path, log, turns, ...how } satisfies LockTask)
        return new Promise<readonly string[]>((resolve, reject) => {
          child.once('exit', status => reject(new Error(`ended with ${status}`)))
          child.on('message', (answer: LockAnswer) => 'refused' in answer && resolve(answer.refused))
        })
      }),
    )
    const lines = await linesOf(log)
    expect(lines.length).toBe(2 * turns * PROCESSES)
    expect(overlaps(lines)).toEqual([])
    const holders = children.map(({ pid }) => `Process ${pid} works with this directory (${path})`)
    const messages = holders.map(holder => `state: ${holder}. Wait until it has ended.`)
    expect(new Set([...refused.flat(), ...messages])).toEqual(new Set(messages))
    expect(refused.flat()).not.toEqual([])

    await (await lock(path))()
    expect(await readdir(join(path, '..'))).toEqual(['log'])
  })

  test('processes that are killed at any point', async () => {
    const seed = randomInt(2 ** 31)
    let random = seed
    const next = (below: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0
      return Math.floor((random / 2 ** 32) * below)
    }
    const { path, log } = await place('killed')
    for (const child of children) child.send({ path, log, turns: null, left: [], dead: 0 } satisfies LockTask)
    const killed: string[] = []
    while (children.length > 0) {
      const victim = children[next(children.length)]!
      for (let turn = 0; turn < 5; turn++) await answered()
      await setTimeout(next(10))
      const gone = once(victim, 'exit')
      victim.kill('SIGKILL')
      await gone
      killed.push(String(victim.pid))
      children = children.filter(child => child !== victim)
    }
    expect([seed, overlaps(await linesOf(log), killed)]).toEqual([seed, []])
    await (await lock(path))()
    const left = (await readdir(join(path, '..'))).filter(name => !/^(log|lock(\.over)+)$/.test(name))
    expect([seed, left]).toEqual([seed, []])
  })

  /** Waits until one of them has had it. @throws Error when one ends. */
  async function answered(): Promise<void> {
    const heard = new AbortController()
    const { signal } = heard
    const ended = (child: ChildProcess) =>
      once(child, 'exit', { signal }).then(([status]) => Promise.reject(new Error(`ended with ${status}`)))
    try {
      await Promise.race(children.flatMap(child => [once(child, 'message', { signal }), ended(child)]))
    } finally {
      heard.abort()
    }
  }

  async function place(name: string): Promise<{ path: string; log: string }> {
    const directory = join(folder, name.replaceAll(/\W+/g, '-'))
    await mkdir(directory)
    return { path: join(directory, 'lock'), log: join(directory, 'log') }
  }

  async function linesOf(log: string): Promise<string[]> {
    return (await readFile(log, 'utf8')).split('\n').slice(0, -1)
  }

  /** The lines that say that somebody has it while another that was not killed has it, or that who had it had not. */
  function overlaps(lines: readonly string[], killed: readonly string[] = []): string[] {
    let holder: string | undefined
    const gone = new Set<string>()
    return lines.filter(line => {
      const [word, pid] = line.split(' ') as [string, string]
      const before = holder
      holder = word === 'begin' ? pid : undefined
      if (word === 'end') return before !== pid
      if (before !== undefined) gone.add(before)
      return gone.has(pid) || (before !== undefined && !killed.includes(before))
    })
  }
})

describe('a lock', () => {
  test('names who has it, and is for its owner alone', async () => {
    const path = join(folder, 'new', 'folder', 'lock')
    const unlock = await lock(path)
    expect(await readFile(path, 'utf8')).toBe(String(process.pid))
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(path, '..'))).toEqual(['lock'])
    await unlock()
    expect(await readdir(join(path, '..'))).toEqual([])

    await writeFile(path, String(process.ppid))
    const message = `Process ${process.ppid} works with this directory (${path}). Wait until it has ended.`
    await expect(lock(path)).rejects.toMatchObject({ code: 'state', message })
    expect(await readdir(join(path, '..'))).toEqual(['lock'])
  })

  test('one that a process left is taken over, with any content', async () => {
    const path = join(folder, 'stale')
    // The last is of a process that had this one’s number.
    for (const content of [NOBODY, '', 'garbage', '-1', '0', '1.5', `${process.ppid} x`, String(process.pid)])
      for (const seconds of [0, 1, 2]) {
        for (let i = 0; i <= seconds; i++) await writeFile(path + '.over'.repeat(i), content)
        const unlock = await lock(path)
        expect([content, await readFile(path, 'utf8')]).toEqual([content, String(process.pid)])
        await unlock()
        expect((await readdir(folder)).filter(name => name.startsWith('stale'))).toEqual([])
      }
  })

  test('one that another process takes over stays that one’s, and the error names the lock', async () => {
    const path = join(folder, 'taken')
    await writeFile(path, NOBODY)
    await writeFile(`${path}.over`, String(process.ppid))
    const message = `Process ${process.ppid} works with this directory (${path}). Wait until it has ended.`
    await expect(lock(path)).rejects.toMatchObject({ code: 'state', message })
    expect(await readFile(path, 'utf8')).toBe(NOBODY)
  })

  test('one that cannot be made or read is an error', async () => {
    await writeFile(join(folder, 'file'), '')
    const failing = {
      below: join(folder, 'file', 'lock'),
      directory: join(folder, 'directory'),
      nothing: join(folder, 'link'),
    }
    await mkdir(failing.directory)
    if (process.platform !== 'win32') await symlink(join(folder, 'nothing'), failing.nothing)
    for (const path of Object.values(failing).slice(0, process.platform === 'win32' ? 2 : 3))
      await expect(lock(path)).rejects.toMatchObject({
        code: 'file',
        message: expect.stringContaining(`${path} cannot be written: `),
      })
    expect((await readdir(folder)).filter(name => name.endsWith('.tmp'))).toEqual([])
  })

  test('is one on a file system that gives a file no second name, too', async () => {
    const path = join(folder, 'fat')
    const link = vi.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error('not supported'), { code: 'ENOTSUP' }))
    try {
      await writeFile(path, NOBODY)
      const unlock = await lock(path)
      expect(await readFile(path, 'utf8')).toBe(String(process.pid))
      await unlock()
      await writeFile(path, String(process.ppid))
      await expect(lock(path)).rejects.toMatchObject({ code: 'state' })
      expect(link).toHaveBeenCalled()
    } finally {
      link.mockRestore()
    }
    expect((await readdir(folder)).filter(name => name.startsWith('fat'))).toEqual(['fat'])
  })
})
