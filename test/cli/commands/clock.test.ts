import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withWallClock } from '../faketime.ts'
import { ended, Served, sealOften, start, tally } from '../run.ts'

describe('a ledger on a machine whose clock is set', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-clock-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const health = async (served: Served) => {
    const answer = await fetch(`${served.url}/healthz`)
    return { http: answer.status, ...((await answer.json()) as { status: string; detail?: string }) }
  }
  const until = async (served: Served, status: string) => {
    for (;;) {
      const found = await health(served)
      if (found.status === status) return found
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const balance = async (served: Served) =>
    (JSON.parse((await served.run('account', 'show', '3', '--json')).out) as { balance: number }).balance

  test('takes nothing and expires nothing while it is off, says so, and goes on when it is right', async () => {
    const set = (offset: string) => writeFile(join(folder, 'machine-clock'), `${offset}\n`)
    const program = withWallClock(join(folder, 'machine-clock'))
    if (program === undefined) return
    await set('+0')
    await sealOften(join(folder, 'data'))
    const served = await Served.of(program, folder)
    try {
      await served.run('account', 'open')
      await served.run('issue', '--to', '3', '--amount', '100', '--expires', '1d')
      let total = 100
      for (const offset of ['+2y', '+1h', '-1h']) {
        await set(offset)
        const found = await until(served, 'clock-suspect')
        expect([found.http, found.detail]).toEqual([200, expect.stringContaining('tally clock confirm')])
        const refused = await served.run('issue', '--to', '3', '--amount', '1')
        expect([refused.status, refused.err]).toEqual([3, expect.stringContaining('tally: clock-suspect: ')])
        // Some periods, in each of which it could seal and sweep.
        await new Promise(resolve => setTimeout(resolve, 500))
        await set('+0')
        await until(served, 'ok')
        expect((await served.run('issue', '--to', '3', '--amount', '1')).status).toBe(0)
        expect(await balance(served)).toBe(++total)
      }
      const { time } = (await (await fetch(`${served.url}/v1/ledger`)).json()) as { time: number }
      expect(Math.abs(time - Date.now())).toBeLessThan(60_000)
      expect((await tally(folder, 'audit', served.url)).status).toBe(0)
    } finally {
      await served.end()
    }
    // Two days later by the clock: nobody knows, until someone looks at it and says so.
    await set('+2d')
    const later = await Served.of(program, served.directory)
    try {
      await until(later, 'clock-suspect')
      expect((await later.run('issue', '--to', '3', '--amount', '1')).status).toBe(3)
      const confirmed = await ended(start(served.directory, ['clock', 'confirm'], program))
      expect([confirmed.status, confirmed.out]).toEqual([0, expect.stringContaining('The ledger took it')])
      await until(later, 'ok')
      for (;;) {
        const { time } = (await (await fetch(`${later.url}/v1/ledger`)).json()) as { time: number }
        if (time > Date.now() + 86_400_000) break
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    } finally {
      await later.end()
    }
  })

  test('confirming a clock that no ledger doubts says so, and needs a data directory', async () => {
    expect((await tally(folder, 'clock', 'confirm')).err).toContain('has no ledger.json')
    expect((await tally(folder, 'init')).status).toBe(0)
    const alone = await tally(folder, 'clock', 'confirm')
    expect([alone.status, alone.out]).toEqual([0, expect.stringContaining('No ledger that doubts it runs')])
  })
})

test('the time of a test ledger is moved by the command, and every command goes by it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-clock-test-'))
  try {
    const bad = await tally(folder, 'init', '--test', '--origin', 'points.shop.example')
    expect([bad.status, bad.err]).toEqual([2, expect.stringContaining('begins with "test."')])
    expect((await tally(folder, 'init', '--test', '--data', 'data')).status).toBe(0)
    const served = await Served.of(undefined, folder)
    try {
      await served.run('account', 'open')
      await served.run('issue', '--to', '3', '--amount', '100', '--expires', '1d')
      const moved = await served.run('clock', 'advance', '2d', '--json')
      const { time } = JSON.parse(moved.out) as { time: string }
      expect(Date.parse(time) - Date.now()).toBeGreaterThan(2 * 86_400_000 - 60_000)
      expect((await served.run('clock', 'advance', '2w')).status).toBe(2)
      expect((await served.run('issue', '--to', '3', '--amount', '7', '--expires', '1d')).status).toBe(0)
      const { balance } = JSON.parse((await served.run('account', 'show', '3', '--json')).out) as { balance: number }
      expect(balance).toBe(7)
      const audited = await tally(served.directory, 'audit', served.url)
      expect([audited.status, audited.out]).toEqual([0, expect.stringContaining('test-ledger: ')])
    } finally {
      await served.end()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
