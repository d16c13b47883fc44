import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ended, portToKeep, Served, start, tally } from '../run.ts'

const NEXT = 'next.example/points'

describe('a ledger that goes on in a new log', () => {
  let folder: string
  /** A ledger that has ended, with an account and what its wallet keeps: each test has a copy. */
  let begun: string
  const served: Served[] = []
  beforeAll(async () => {
    folder = begun = await mkdtemp(join(tmpdir(), 'tally-continue-'))
    const one = await serve('data')
    await one.run('account', 'open', '--data', 'data')
    await issue(one, 'data', 100)
    await one.run('statement', '3', '--state', 'wallet', '--out', 's1', '--data', 'data')
    const trust = ['--card', card, '--policy', 'data/policy', '--state', 'wallet']
    expect((await tally(folder, 'verify', 's1', ...trust)).status).toBe(0)
    await served.pop()!.end()
  })
  afterAll(() => rm(begun, { recursive: true, force: true }))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-continue-'))
    await cp(begun, folder, { recursive: true })
  })
  afterEach(async () => {
    await Promise.all(served.splice(0).map(one => one.end('SIGKILL')))
    await rm(folder, { recursive: true, force: true })
  })

  const serve = async (data: string, ...more: string[]) => {
    const one = await Served.start(folder, '--data', data, ...more)
    served.push(one)
    return one
  }
  const issue = (to: Served, data: string, amount = 1) =>
    to.run('issue', '--to', '3', '--amount', String(amount), '--data', data)
  const goOn = (...more: string[]) => tally(folder, 'ledger', 'continue', '--origin', NEXT, '--new', 'data2', ...more)
  const card = 'data/members/3.card.json'
  const watch = (at: Served, policy: string, ...more: string[]) =>
    tally(folder, 'watch', at.url, '--policy', policy, '--state', 'watched', '--once', ...more)

  test('under another key: every account as it was, cards too, and the old log takes nothing more', async () => {
    const one = await serve('data')
    expect((await watch(one, 'data/policy')).status).toBe(0)
    const busy = await goOn()
    expect([busy.status, busy.err]).toEqual([3, expect.stringContaining('store-locked')])
    await one.end()
    const before = await readdir(join(folder, 'data', 'store'))
    const dry = await goOn('--dry-run')
    expect([dry.status, dry.out]).toEqual([0, expect.stringContaining('Nothing was written')])
    expect(await readdir(join(folder, 'data', 'store'))).toEqual(before)
    expect(await readdir(folder)).not.toContain('data2')
    const done = await goOn('--json')
    expect(done.err).toBe('')
    const told = JSON.parse(done.out) as { size: number; seen: null; dropped: []; ledgerId: string }
    expect([done.status, told.seen, told.dropped]).toEqual([0, null, []])
    // Once more, and otherwise.
    expect((await goOn()).err).toContain('has a ledger already')
    const other = await tally(folder, 'ledger', 'continue', '--origin', 'other.example', '--new', 'data3')
    expect([other.status, other.err]).toEqual([3, expect.stringContaining('log-ended')])

    const old = await serve('data')
    const refused = await issue(old, 'data')
    expect([refused.status, refused.err]).toEqual([3, expect.stringContaining(`log-ended: `)])
    expect(refused.err).toContain(NEXT)
    expect((await old.run('statement', '3', '--out', 's2', '--data', 'data')).status).toBe(0)
    const last = await tally(folder, 'verify', 's2', '--card', card, '--policy', 'data/policy')
    expect([last.status, last.out]).toEqual([0, expect.stringContaining('100')])
    expect((await tally(folder, 'audit', old.url, '--data', 'data')).status).toBe(0)
    expect((await watch(old, 'data2/policy')).status).toBe(0)

    const next = await serve('data2')
    await cp(join(folder, 'data/members'), join(folder, 'data2/members'), { recursive: true })
    expect((await issue(next, 'data2', 11)).status).toBe(0)
    const paid = await next.run('redeem', '--from', '3', '--to', '0', '--amount', '40', '--data', 'data2')
    expect([paid.status, paid.err]).toEqual([0, ''])
    const asked = await next.run('statement', '3', '--state', 'wallet', '--out', 's3', '--data', 'data2')
    expect([asked.status, asked.err]).toEqual([0, ''])
    const now = await tally(
      folder,
      'verify',
      's3',
      '--card',
      card,
      '--policy',
      'data2/policy',
      '--state',
      'wallet',
      '--json',
    )
    expect([now.status, JSON.parse(now.out)]).toEqual([0, expect.objectContaining({ holds: true })])
    expect(now.out).toContain('71')
    // Nor is she shown the log before any more.
    const shownAgain = await tally(folder, 'verify', 's2', '--policy', 'data2/policy', '--state', 'wallet')
    expect([shownAgain.status, shownAgain.out]).toEqual([1, expect.stringContaining('consistency-proof')])
    const audit = await tally(folder, 'audit', next.url, '--data', 'data2')
    expect([audit.status, audit.err]).toEqual([0, ''])
    const watched = await watch(next, 'data2/policy')
    expect([watched.status, watched.err]).toEqual([0, ''])
    // From then on the log that has ended is none to be shown.
    const back = await watch(old, 'data2/policy')
    expect([back.status, back.out]).toEqual([1, expect.stringContaining('continued-dropped')])
    const strange = await watch(next, 'data/policy')
    expect([strange.status, strange.out]).toEqual([1, expect.stringContaining('unknown-log')])
    await next.end()
    expect((await tally(folder, 'check', '--data', 'data2')).status).toBe(0)
  }, 180_000)

  test('a watch follows the ledger while it goes on', async () => {
    const port = String(await portToKeep())
    expect((await goOn('--json')).status).toBe(0)
    const old = await serve('data', '--port', port)
    const watching = start(folder, ['watch', old.url, '--policy', 'data2/policy', '--every', '1s'])
    let text = ''
    const said = (what: string) =>
      new Promise<void>(resolve => {
        const look = (more = '') => {
          text += more
          if (text.includes(what)) resolve()
        }
        watching.stderr!.setEncoding('utf8').on('data', look)
        look()
      })
    try {
      await said('Watching')
      await old.end()
      await said('No answer')
      await serve('data2', '--port', port)
      await said(`The ledger goes on as ${NEXT}`)
      await said('It answers again')
      expect(watching.exitCode).toBe(null)
    } finally {
      watching.kill('SIGKILL')
    }
  }, 180_000)

  test('killed at any moment, the same command goes on where it was', async () => {
    // By steps that grow: a slow machine takes hardly more of them than a fast one.
    for (let ms = 100; ; ms *= 1.4) {
      const child = start(folder, ['ledger', 'continue', '--origin', NEXT, '--new', 'data2'])
      const kill = setTimeout(() => child.kill('SIGKILL'), ms)
      const { status, err } = await ended(child)
      clearTimeout(kill)
      if (status === null) continue
      // One that was killed may just have been done.
      if (!err.includes('has a ledger already')) expect([status, err]).toEqual([0, ''])
      break
    }
    const next = await serve('data2')
    expect((await issue(next, 'data2', 11)).status).toBe(0)
    expect((await tally(folder, 'audit', next.url, '--data', 'data2')).status).toBe(0)
  }, 180_000)

  test('from before: what is dropped is listed, and the old directory is not started again', async () => {
    const at = JSON.parse((await goOn('--dry-run', '--json')).out) as { size: number }
    const one = await serve('data')
    await issue(one, 'data', 20)
    await one.run('statement', '3', '--state', 'wallet', '--out', 's4', '--data', 'data')
    const kept = await tally(folder, 'verify', 's4', '--policy', 'data/policy', '--state', 'wallet')
    expect([kept.status, kept.out]).toEqual([0, expect.stringContaining('120')])
    expect((await watch(one, 'data/policy')).status).toBe(0)
    expect((await tally(folder, 'audit', one.url, '--data', 'data', '--state', 'audits')).status).toBe(0)
    await one.end()
    expect((await goOn('--at', String(at.size - 1))).err).toContain('is no seal')
    const dry = await goOn('--at', String(at.size), '--dry-run', '--json')
    const told = JSON.parse(dry.out) as { seen: number; dropped: { kind: string; amount: number }[] }
    expect(told.seen).toBeGreaterThan(at.size)
    expect(told.dropped.map(({ kind, amount }) => [kind, amount])).toEqual([['issue', 20]])
    expect(await readdir(folder)).not.toContain('data2')
    expect(await readFile(join(folder, 'data/ledger.json'), 'utf8')).not.toContain('continued')
    const done = await goOn('--at', String(at.size))
    expect([done.status, done.err]).toEqual([0, ''])
    expect(done.out).toContain('Dropped: 1 accepted')
    const refused = await tally(folder, 'serve', '--data', 'data', '--port', '0')
    expect([refused.status, refused.err]).toEqual([3, expect.stringContaining(`log-ended`)])
    const next = await serve('data2')
    expect((await next.run('statement', '3', '--out', 's5', '--data', 'data2')).status).toBe(0)
    const whole = await tally(folder, 'verify', 's5', '--card', card, '--policy', 'data2/policy')
    expect([whole.status, whole.out]).toEqual([0, expect.stringContaining('100')])
    const audit = (...more: string[]) => tally(folder, 'audit', next.url, '--data', 'data2', ...more)
    const { seen, size } = { seen: told.seen, size: at.size }
    const gone = `${seen - size} entries were dropped, ${size} to ${seen - 1}`
    const audited = await audit('--state', 'audits', '--html', 'audit.html')
    expect([audited.status, audited.out.replaceAll('\n', ' ')]).toEqual([0, expect.stringContaining(gone)])
    expect(audited.out).toMatch(/; [0-9]+ had been audited\s+here\./)
    expect(await readFile(join(folder, 'audit.html'), 'utf8')).toContain(gone)
    const watched = await watch(next, 'data2/policy')
    expect([watched.status, watched.out]).toEqual([1, expect.stringContaining('continued-dropped')])
    expect((await watch(next, 'data2/policy', '--origin', NEXT)).status).toBe(0)
  }, 180_000)
})
