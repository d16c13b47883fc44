import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageLength } from '../../../src/verify/page.ts'
import { Served, tally } from '../run.ts'

describe('a statement in pages, fetched and verified', () => {
  let served: Served
  beforeAll(async () => {
    served = await Served.start()
    expect((await served.run('account', 'open')).status).toBe(0)
    for (const amount of [10, 20, 30, 40])
      expect((await served.run('issue', '--to', '3', '--amount', `${amount}`)).status).toBe(0)
    expect((await served.run('redeem', '--from', '3', '--to', '0', '--amount', '7')).status).toBe(0)
  })
  afterAll(() => served.destroy())

  const path = (name: string) => join(served.directory, name)
  const fetched = (...more: readonly string[]) => served.run('statement', '3', '--out', 'pages', ...more)
  const verify = (...more: readonly string[]) =>
    tally(served.directory, 'verify', 'pages', '--policy', 'data/policy', ...more)

  test('in one file, and says what the whole one says', async () => {
    expect((await served.run('statement', '3', '--out', 'whole')).out).toMatch(/^Wrote whole, \d+ bytes\. /)
    const whole = await tally(served.directory, 'verify', 'whole', '--policy', 'data/policy', '--json')
    expect((await fetched('--lines', '2')).out).toMatch(/^Wrote pages, \d+ bytes in 3 pages\. /)
    const { status, out } = await verify('--json')
    expect([status, whole.status]).toEqual([0, 0])
    const said = JSON.parse(out)
    expect(said).toMatchObject({ holds: true, facts: { entries: 6 } })
    expect(said.lines).toEqual(JSON.parse(whole.out).lines)
    expect((await verify()).out).toMatch(/^pages: the statement HOLDS/)
  })

  test('and without the last of them is no statement, whatever holds of it', async () => {
    const bytes = readFileSync(path('pages'))
    writeFileSync(path('pages'), bytes.subarray(0, pageLength(bytes)))
    const { status, out } = await verify()
    expect(status).toBe(1)
    expect(out).toMatch(/^pages: this is NOT A WHOLE STATEMENT\n\n.*to entry 2 of 6\n {2}\(pages-missing, SPEC §10\)/)
    expect(out).not.toMatch(/HOLDS|balance +\d/)
    expect(JSON.parse((await verify('--json')).out)).toMatchObject({ holds: false, code: 'pages-missing' })
    // With a wallet, nothing of it is kept.
    expect((await verify('--state', 'wallet')).status).toBe(1)
    writeFileSync(path('pages'), bytes)
    expect((await verify('--state', 'wallet')).status).toBe(0)
    // And from there on it goes in pages, too.
    expect((await served.run('issue', '--to', '3', '--amount', '5')).status).toBe(0)
    expect((await served.run('issue', '--to', '3', '--amount', '6')).status).toBe(0)
    expect((await fetched('--lines', '1', '--state', 'wallet')).out).toMatch(/ in 2 pages\. /)
    const since = await verify('--state', 'wallet', '--json')
    expect([since.status, JSON.parse(since.out).facts.entries]).toEqual([0, 8])
  })

  test('and what was interrupted goes on, from the last page that is whole', async () => {
    expect((await fetched('--lines', '2')).status).toBe(0)
    const bytes = readFileSync(path('pages'))
    const second = pageLength(bytes)
    writeFileSync(path('pages.part'), bytes.subarray(0, second + pageLength(bytes.subarray(second)) - 1))
    const { err, status, out } = await fetched('--lines', '2')
    expect([status, err]).toEqual([0, 'Going on with pages.part, from entry 3 on.\n'])
    expect(out).toMatch(/ in 4 pages\. /)
    expect(existsSync(path('pages.part'))).toBe(false)
    expect((await verify()).status).toBe(0)
    writeFileSync(path('pages.part'), bytes)
    const other = await served.run('statement', '2', '--out', 'pages', '--lines', '2')
    expect([other.status, /tally: ([a-z-]+):/.exec(other.err)?.[1]]).toEqual([2, 'file'])
  })
})
