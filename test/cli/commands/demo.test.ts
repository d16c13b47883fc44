import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Chance } from '../../../cli/demo/chance.ts'
import { demoPlan } from '../../../cli/demo/demo-plan.ts'
import { demoProgramme } from '../../../cli/demo/demo-programme.ts'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { parseProgramme, review } from '../../../src/programmes/index.ts'
import { Served, tally } from '../run.ts'

const SMALL = ['--members', '12', '--days', '9', '--seed', '4', '--json']

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tally-demo-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('a plan is the same of the same seed, and another of another', () => {
  const options = { members: 200, days: 90, seed: 1 }
  const plan = demoPlan(options)
  expect([...demoPlan(options)]).toEqual([...plan])
  expect([...demoPlan({ ...options, seed: 2 })]).not.toEqual([...plan])
  const kinds = new Set([...plan.values()].flat().map(act => (act.kind === 'spend' ? act.end : act.kind)))
  expect([...kinds].sort()).toEqual(
    [
      ...[
        'adjust',
        'capture',
        'event',
        'freeze',
        'gift',
        'nothing',
        'part',
        'refund',
        'release',
        'unfreeze',
        'welcome',
      ],
    ].sort(),
  )
  const chance = new Chance(1)
  for (let i = 0; i < 1000; i++) expect(chance.whole(3, 5)).toSatisfy((n: number) => [3, 4, 5].includes(n))
})

test('its programme is one that can be published', () => {
  const programme = parseProgramme(utf8Encode(JSON.stringify(demoProgramme(Date.UTC(2027, 0, 4)))))
  expect(review(programme).filter(({ kind }) => kind === 'dead-rule' || kind === 'example-key')).toEqual([])
})

test('a demonstration is made, the same of the same seed, audited without a fault, and served with its members', async () => {
  const until = ['--until', `${new Date(Date.now() - 60_000).toISOString().slice(0, 16)}Z`]
  const made = await tally(directory, 'demo', ...SMALL, ...until)
  expect([made.status, made.err]).toEqual([0, ''])
  const { done, refused, members } = JSON.parse(made.out)
  expect([members, done.welcome]).toEqual([12, 12])
  expect(done['event earned']).toBeGreaterThan(10)
  const again = JSON.parse((await tally(directory, 'demo', ...SMALL, ...until, '--data', 'again')).out)
  expect([again.done, again.refused]).toEqual([done, refused])
  const taken = await tally(directory, 'demo', ...SMALL)
  expect([taken.status, taken.err]).toEqual([2, expect.stringContaining('There is a ledger in demo')])

  const served = await Served.start(directory, '--data', 'demo', '--gateway')
  try {
    const audit = await tally(directory, 'audit', served.url, '--json', '--data', 'demo')
    const { faults, totals } = JSON.parse(audit.out)
    expect([audit.status, faults]).toEqual([0, []])
    expect(Number(totals.stars.issued)).toBeGreaterThan(100)
    const key = (await readFile(join(directory, 'demo/gateway/first.key'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${key}` }
    const listed = await fetch(`${served.url}/v1/members?limit=100`, { headers })
    const { members: ids } = (await listed.json()) as { members: { id: string }[] }
    expect(new Set(ids.map(({ id }) => id)).size).toBe(12)
    const moved = await fetch(`${served.url}/v1/members/cust_1001/movements`, { headers })
    expect(((await moved.json()) as { movements: { kind: string }[] }).movements.at(-1)).toMatchObject({ kind: 'open' })
  } finally {
    await served.end()
  }
})
