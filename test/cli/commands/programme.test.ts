import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkOne, parseProgramme, TEMPLATES } from '../../../src/programmes/index.ts'
import { Served, tally } from '../run.ts'

const ORDER = { order: 'o1', paid: 70_000, lines: [{ sku: 'tv', cents: 70_000 }] }
const event = (id: string, type: string, time: string, data: object, member = 'm') =>
  JSON.stringify({ id, type, time, member, data })

describe('tally programme', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tally-programme-'))
  const run = (...args: string[]) => tally(directory, 'programme', ...args)
  const file = (name: string, text: string) => writeFileSync(join(directory, name), text)
  const changed = (change: object) => JSON.stringify({ ...TEMPLATES['coins'], ...change })

  beforeAll(async () => {
    const { status, err } = await run('new', '--from', 'coins', '--from-date', '2026-12-01', '--out', 'coins.json')
    expect([status, err]).toEqual([
      0,
      'Wrote coins.json, which holds from 2026-12-01T00:00+08:00 on. Next: tally programme check coins.json\n',
    ])
    file('2.json', changed({ version: 2, caps: { all: { 'member/day': 43 } } }))
    file('bad.json', changed({ grain: 7 }))
    file('event.json', event('x', 'order', '2026-12-20T09:00+08:00', ORDER))
    const views = Array.from({ length: 12 }, (_, i) =>
      event(`v${i}`, 'view', '2026-12-20T08:00+08:00', { item: `i${i}`, seconds: 20 }),
    )
    const other = event('y', 'order', '2026-12-20T09:00+08:00', ORDER, 'n')
    file('events.jsonl', `${[...views, '', other, 'no event'].join('\n')}\n`)
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test('new writes over nothing, and prints where no file is named', async () => {
    expect((await run('new', '--from', 'coins', '--out', 'coins.json')).status).toBe(2)
    const { status, out } = await run('new', '--from', 'forest', '--name', 'wood')
    expect([status, parseProgramme(out).name]).toEqual([0, 'wood'])
    expect((await run('new', '--from', 'forest', '--name', 'Wood')).err).toContain('tally: programme: /name: ')
    expect((await run('new', '--from', 'none')).status).toBe(2)
  })

  test('new takes the key of a meter, where the template has one', async () => {
    const key = 'ab'.repeat(32)
    const { out } = await run('new', '--from', 'creators', '--meter-key', key)
    expect(Buffer.from(parseProgramme(out).events.get('measured')!.meter!.key).toString('hex')).toBe(key)
    expect((await run('new', '--from', 'creators', '--meter-key', key.slice(1))).err).toContain('64 small hex digits')
    expect((await run('new', '--from', 'coins', '--meter-key', key)).err).toContain('he template coins has no meter')
  })

  test('check says digest, what to look at and the most', async () => {
    const right = await run('check', 'coins.json', '--strict')
    expect([right.status, right.out]).toEqual([0, expect.stringMatching(/Nothing to look at[\s\S]*sign-in +20 +20\n/)])
    const json = await run('check', '2.json', '--json')
    expect([json.status, JSON.parse(json.out)]).toMatchObject([
      0,
      {
        version: 2,
        findings: expect.arrayContaining([expect.objectContaining({ kind: 'cap-swallows', pointer: '/rules/7' })]),
        most: { units: { coins: 43 } },
      },
    ])
    expect((await run('check', '2.json', '--strict')).status).toBe(1)
    const wrong = await run('check', 'bad.json')
    expect([wrong.status, wrong.err]).toEqual([
      2,
      'tally: programme: bad.json: /grain: a grain divides the 96 quarter hours of a day\n',
    ])
    expect((await run('check', 'none.json')).status).toBe(2)
  })

  test('explain speaks English and Chinese', async () => {
    expect((await run('explain', 'coins.json')).out).toContain('view: for each view where seconds is at least 15')
    expect((await run('explain', 'coins.json', '--lang', 'zh')).out).toContain('每位会员每日最多 10')
    expect((await run('explain', 'coins.json', '--lang', 'fr')).status).toBe(2)
  })

  test('simulate says the cost, and who wins', async () => {
    const { status, out, err } = await run('simulate', '2.json', 'events.jsonl', '--against', 'coins.json', '--json')
    expect(err).toContain('events.jsonl, line 15: json: ')
    expect([status, JSON.parse(out)]).toMatchObject([
      0,
      {
        events: { earned: 11, nothing: 2, json: 1 },
        units: [{ unit: 'coins', members: 2, points: 10 + 43 }],
        against: [{ unit: 'coins', points: 53, against: 510, winners: 0, losers: 1, lost: 457 }],
      },
    ])
    const said = await run('simulate', '2.json', 'events.jsonl', '--against', 'coins.json')
    expect(said.out).toContain(
      'Against coins.json: 457 fewer coins than 510 (89.6 %). 0 members have more, 0 together; 1 have less, 457 together.',
    )
  })

  test('try says each step, and gives details that can be checked alone', async () => {
    const { out } = await run('try', '2.json', 'event.json', '--after', 'events.jsonl')
    expect(out).toBe(
      'Event x, order, at 2026-12-20T09:00+08:00: number 13 of m.\n  order: 700 coins\n    before: all member/day 10\n    cut 200 by order event\n    cut 467 by all member/day\n    due 33, to be spent from 2026-12-27T09:00+08:00, until 2028-01-01T00:00+08:00\n',
    )
    const json = JSON.parse((await run('try', 'coins.json', 'event.json', '--json')).out) as {
      issues: { details: string }[]
    }
    expect(checkOne(parseProgramme(changed({})), json.issues[0]!.details).due).toBe(500)
    file('late.json', event('z', 'order', '2026-11-20T09:00+08:00', ORDER))
    expect((await run('try', 'coins.json', 'late.json')).out).toBe(
      'Nothing: the event is not in the time of the programme.\n',
    )
    const wrong = await run('try', 'coins.json', 'bad.json')
    expect([wrong.status, wrong.err]).toEqual([2, expect.stringContaining('tally: event: ')])
  })

  test('diff says what changed', async () => {
    const { status, out } = await run('diff', 'coins.json', '2.json')
    expect([status, out]).toEqual([
      1,
      '/caps/acts\n  - {"member/day":60}\n  + nothing\n/caps/all/member~1day\n  - nothing\n  + 43\n/caps/all/programme~1day\n  - 50000000\n  + nothing\n/version\n  - 1\n  + 2\n',
    ])
    expect(await run('diff', 'coins.json', 'coins.json')).toMatchObject({ status: 0, out: 'The same.\n' })
  })

  test('publish has a ledger keep the text, list and show find it again; the notice is kept', async () => {
    mkdirSync(join(directory, 'ledger'))
    const served = await Served.start(join(directory, 'ledger'))
    try {
      const far = { from: '2099-01-01T00:00+08:00', name: 'far' }
      writeFileSync(join(served.directory, 'far.json'), changed(far))
      writeFileSync(join(served.directory, 'soon.json'), changed({ name: 'soon' }))
      const soon = await served.run('programme', 'publish', 'soon.json', '--notice', '99999d')
      expect([soon.status, soon.err]).toEqual([2, expect.stringContaining('less than the notice away')])
      // What `new` writes today can be published today, with the notice that is usual.
      const made = await tally(
        served.directory,
        'programme',
        'new',
        '--from',
        'coins',
        '--name',
        'now',
        '--out',
        'now.json',
      )
      expect([made.status, made.err]).toEqual([0, expect.stringContaining('Wrote now.json')])
      const now = await served.run('programme', 'publish', 'now.json')
      expect([now.err, now.status]).toEqual(['', 0])
      const said = await served.run('programme', 'publish', 'far.json', '--json')
      expect([said.status, said.err]).toEqual([0, ''])
      const { name, digest } = JSON.parse(said.out) as { name: string; digest: string }
      expect([name, digest]).toEqual(['far-v1', parseProgramme(changed(far)).digest])
      const rows = JSON.parse((await served.run('programme', 'list', '--json')).out) as {
        name: string
        state: string
      }[]
      expect(rows.map(row => [row.name, row.state])).toContainEqual(['far-v1', 'stands'])
      const shown = await served.run('programme', 'show', 'far-v1', '--json')
      expect(parseProgramme(shown.out.trim()).digest).toBe(digest)
      expect((await served.run('programme', 'show', 'far-v1')).out).toContain('the programme far, version 1')
      expect(await served.run('programme', 'show', 'none')).toMatchObject({ status: 2 })
    } finally {
      await served.end()
    }
  })
})
