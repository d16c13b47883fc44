import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PointerError } from '../../../src/programmes/failure.ts'
import { parseEvent, parseProgramme, TEMPLATES } from '../../../src/programmes/index.ts'
import { codeOf } from '../codes.ts'
import { type Draft, programmeOf, small, template } from '../shop.ts'

/** Code and pointer of what is wrong with a document. */
function wrong(draft: Draft): string {
  try {
    programmeOf(draft)
  } catch (error) {
    if (error instanceof PointerError) return `${error.code} ${error.pointer}`
    throw error
  }
  return 'right'
}

const rule = (more: Draft) => small({ rules: [{ id: 'act', on: 'act', points: 1, ...more }] })
const TIERS = { by: ['act'], over: { rolling: 30 }, levels: [{ id: 'low', from: 10 }] }
const CAMPAIGN = { id: 'sale', from: '2026-03-01T00:00Z', until: '2026-04-01T00:00Z', budget: 10 }
const REVERSAL = { on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '30d' }
const of = 'event.count'

describe('documents', () => {
  test('the templates are documents, and the files are they', () => {
    const files = readdirSync(join(import.meta.dirname, '../../../src/programmes/templates')).filter(name =>
      name.endsWith('.json'),
    )
    expect(files.map(name => name.slice(0, -5)).sort()).toEqual(Object.keys(TEMPLATES).sort())
    for (const [name, value] of Object.entries(TEMPLATES)) {
      const programme = programmeOf(template(name))
      expect(programme.name).toBe(name)
      expect(parseProgramme(JSON.stringify(value)).digest).toBe(programme.digest)
    }
  })

  test('have one digest, however they are written', () => {
    const draft = template('coins')
    const { digest, text } = programmeOf(draft)
    const turned = Object.fromEntries(Object.entries(draft).reverse())
    expect(parseProgramme(JSON.stringify(turned, undefined, 7)).digest).toBe(digest)
    expect(parseProgramme(text).digest).toBe(digest)
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(programmeOf({ ...draft, version: 2 }).digest).not.toBe(digest)
  })

  test.each<[string, Draft]>([
    ['programme ', [] as unknown as Draft],
    ['programme ', { ...small(), name: undefined }],
    ['programme /surplus', small({ surplus: 1 })],
    ['programme /format', small({ format: 'tallystick/programme/v2' })],
    ['programme /name', small({ name: 'Coins' })],
    ['programme /name', small({ name: 'a'.repeat(33) })],
    ['programme /version', small({ version: 0 })],
    ['programme /version', small({ version: '1' })],
    ['programme /version', small({ version: 65_536 })],
    ['programme /title/english', small({ title: { english: 'x' } })],
    ['programme /title/en', small({ title: { en: 'x'.repeat(1025) } })],
    ['programme /from', small({ from: '2026-02-29T00:00Z' })],
    ['programme /from', small({ from: '2026-13-01T00:00Z' })],
    ['programme /from', small({ from: '2026-01-01T24:00Z' })],
    ['programme /from', small({ from: '2026-01-01T00:00' })],
    ['programme /from', small({ from: '2026-01-01' })],
    ['programme /from', small({ from: '1970-01-01T00:00+08:00' })],
    ['programme /until', small({ until: '2026-01-01T00:00Z' })],
    ['programme /day', small({ day: '08:00' })],
    ['programme /day', small({ day: '+08:10' })],
    ['programme /day', small({ day: '+14:15' })],
    ['programme /day', small({ day: 'Asia/Shanghai' })],
    ['programme /grain', small({ grain: 5 })],
    ['programme /grain', small({ grain: 0 })],
    ['programme /late', small({ late: '2w' })],
    ['programme /late', small({ late: '0h' })],
    ['programme /events', small({ events: {} })],
    ['programme /events/Act', small({ events: { Act: {} } })],
    ['programme /events/act/in', small({ events: { act: { in: 'int' } } })],
    ['programme /events/act/while', small({ events: { act: { while: 'int' } } })],
    ['programme /events/act/__proto__', small({ events: JSON.parse('{"act":{"__proto__":"int"}}') as Draft })],
    ['programme /events/act/a', small({ events: { act: { a: 'double' } } })],
    ['programme /events/act/a', small({ events: { act: { a: [] } } })],
    ['programme /events/act/a/0/b', small({ events: { act: { a: [{ b: ['int'] }] } } })],
    ['programme /events/act/a?', small({ events: { act: { a: 'int', 'a?': 'int' } } })],
    ['programme /meters/m/key', small({ meters: { m: { key: 'ab', events: ['act'] } } })],
    ['programme /meters/m/events/0', small({ meters: { m: { key: 'a'.repeat(64), events: ['none'] } } })],
    ['programme /rules', small({ rules: [] })],
    ['programme /rules/0/on', rule({ on: 'none' })],
    ['programme /rules/0/on', rule({ on: 'constructor' })],
    ['programme /rules/1', small({ rules: [1, 2].map(() => ({ id: 'act', on: 'act', points: 1 })) })],
    ['programme /rules/0', rule({ id: 'all' })],
    ['programme /rules/0', rule({ id: 'tier' })],
    ['programme /rules/0/group', rule({ group: 'all' })],
    ['programme /rules/0/surplus', rule({ surplus: 1 })],
    ['programme /rules/0/when', rule({ when: true })],
    ['programme /rules/0/when', rule({ when: of })],
    ['expression /rules/0/when', rule({ when: 'event.none' })],
    ['expression /rules/0/when', rule({ when: "member.tier == 'low'" })],
    [
      'expression-cost /rules/0/when',
      small({
        events: { act: { xs: ['int'] } },
        rules: [{ id: 'a', on: 'act', points: 1, when: 'event.xs.all(x, event.xs.all(y, x == y))' }],
      }),
    ],
    ['programme /rules/0/once', rule({ once: 'event' })],
    ['programme /rules/0/once', rule({ once: 'member/hour' })],
    ['programme /rules/0/once', rule({ once: 'member/day/none' })],
    ['programme /rules/0/once', rule({ once: 'member/day/item,item' })],
    ['programme /rules/0/points', rule({ points: -1 })],
    ['programme /rules/0/points', rule({ points: 'many' })],
    ['programme /rules/0/points/streak', rule({ once: 'member/day', points: { streak: [1] } })],
    ['programme /rules/0/points/streak/1', rule({ once: 'member/day', points: { streak: [1, 0] } })],
    ['programme /rules/0', rule({ once: 'member/day/item', points: { streak: [1, 2] } })],
    ['programme /rules/0/points', rule({ points: { per: 1, of } })],
    ['programme /rules/0/points/per', rule({ points: { per: 0, of, give: 1 } })],
    ['programme /rules/0/points/of', rule({ points: { per: 1, of: 'event.item', give: 1 } })],
    ['programme /rules/0/points/rate/0', rule({ points: { rate: [0, 1], of } })],
    ['programme /rules/0/points/rate/1', rule({ points: { rate: [1, 1_000_001], of } })],
    ['programme /rules/0/points/per', rule({ points: { rate: [1, 2], per: 1, of } })],
    ['programme /rules/0/times/low', rule({ times: { low: [1, 2] } })],
    ['programme /rules/0/round', rule({ round: 'bankers' })],
    ['programme /rules/0/cap', rule({ cap: {} })],
    ['programme /rules/0/cap/member~1day~1none', rule({ cap: { 'member/day/none': 1 } })],
    ['programme /rules/0/cap/member~1day', rule({ cap: { 'member/day': -1 } })],
    ['programme /rules/0/cap/member', rule({ cap: { member: 1 } })],
    ['programme /rules/0/campaign', rule({ campaign: 'sale' })],
    ['programme /rules/0/cites', rule({ cites: 'count' })],
    ['programme /rules/0/matures', rule({ matures: 'never' })],
    ['programme /rules/0/expires/end', rule({ expires: { end: 'week' } })],
    ['programme /rules/0/expires/plus', rule({ expires: { end: 'day', plus: '0mo' } })],
    ['programme /rules/0', rule({ matures: '2d', expires: '2d' })],
    ['programme /rules/0', rule({ matures: '1d', expires: { end: 'month' } })],
    ['programme /rules/0', rule({ matures: '30d', expires: { end: 'month', plus: '1mo' } })],
    ['programme /caps/acts/member~1day~1item', small({ caps: { acts: { 'member/day/item': 1 } } })],
    ['programme /rules', small({ caps: { streak: { 'member/day': 1 } } })],
    ['programme /campaigns/0/until', small({ campaigns: [{ ...CAMPAIGN, until: CAMPAIGN.from }] })],
    ['programme /campaigns/1/id', small({ campaigns: [CAMPAIGN, CAMPAIGN] })],
    ['programme /rules', small({ campaigns: [CAMPAIGN], caps: { sale: { event: 1 } } })],
    ['programme /tiers/by/0', small({ tiers: { ...TIERS, by: ['none'] } })],
    ['programme /tiers/over', small({ tiers: { ...TIERS, over: {} } })],
    ['programme /tiers/over', small({ tiers: { ...TIERS, over: { rolling: 1, calendar: 'year' } } })],
    ['programme /tiers/over/rolling', small({ tiers: { ...TIERS, over: { rolling: 733 } } })],
    [
      'programme /tiers/levels/1/from',
      small({ tiers: { ...TIERS, levels: [TIERS.levels[0], { id: 'top', from: 10 }] } }),
    ],
    ['programme /tiers/grace', small({ tiers: { ...TIERS, grace: -1 } })],
    ['programme /reversals/0/of', small({ reversals: [{ ...REVERSAL, of: 'undo' }] })],
    ['programme /reversals/0/of', small({ reversals: [{ ...REVERSAL, on: 'act', of: 'undo' }] })],
    ['programme /reversals/1/of', small({ reversals: [REVERSAL, REVERSAL] })],
    ['programme /reversals/0/match', small({ reversals: [{ ...REVERSAL, match: 'count' }] })],
    ['programme /reversals/0/share/0', small({ reversals: [{ ...REVERSAL, share: ['true', 'was.count'] }] })],
    ['expression /reversals/0/share/1', small({ reversals: [{ ...REVERSAL, share: [of, of] }] })],
    ['programme /spend/share', small({ spend: { worth: { points: 1, cents: 1 }, share: '101%' } })],
    ['programme /spend/share', small({ spend: { worth: { points: 1, cents: 1 }, share: '0%' } })],
    ['programme /spend/share', small({ spend: { worth: { points: 1, cents: 1 }, share: '12.34567%' } })],
    ['programme /settle', small({ settle: { end: 'month' } })],
    ['programme /exchange/0/get', small({ exchange: [{ id: 'x', give: 1, get: { item: 'tree' } }] })],
    ['programme /collect/friends', small({ collect: { friends: { each: '10%', most: 1, keep: '60%' } } })],
  ])('%s', (what, draft) => {
    expect(wrong(draft)).toBe(what)
  })

  test('names of caps that might not fit into details are refused, whatever they are', () => {
    const fields = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`f${'x'.repeat(28)}${i}`, 'text']))
    const list = Object.keys(fields)
    const cap = Object.fromEntries(
      ['day', 'week', 'month', 'year'].map(period => [`member/${period}/${list.join(',')}`, 1]),
    )
    expect(wrong(small({ events: { act: fields }, rules: [{ id: 'act', on: 'act', points: 1, cap }] }))).toBe(
      'programme /rules',
    )
  })

  test('too many of anything', () => {
    const xs = { events: { act: { xs: ['int'] } } }
    const costly = Array.from({ length: 60 }, (_, i) => ({
      id: `r${i}`,
      on: 'act',
      points: 1,
      when: `event.xs.all(x, x != ${i} || x * x > ${i})`,
    }))
    expect(wrong(small({ ...xs, rules: costly }))).toBe('right')
    const sums = costly.map(one => ({
      ...one,
      points: { per: 1, of: `event.xs.map(x, x * x - x + 1 - (x + x))`, give: 1 },
    }))
    expect(wrong(small({ ...xs, rules: sums }))).toBe('expression-cost /rules')
    const rules = Array.from({ length: 257 }, (_, i) => ({ id: `r${i}`, on: 'act', points: 1 }))
    expect(wrong(small({ rules }))).toBe('programme /rules')
    const events = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`e${i}`, {}]))
    expect(wrong(small({ events }))).toBe('programme /events')
    const fields = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`f${i}`, 'int']))
    expect(wrong(small({ events: { act: fields } }))).toBe('programme /events/act')
    expect(codeOf(() => parseProgramme(`{"a":"${'x'.repeat(65_536)}"}`))).toBe('json-size')
  })
})

describe('events', () => {
  const programme = programmeOf(
    small({
      events: {
        act: { item: 'text', count: 'int', 'note?': 'text', tags: ['text'], lines: [{ sku: 'text', cents: 'int' }] },
      },
    }),
  )
  const data = { item: 'i', count: 1, tags: ['a'], lines: [{ sku: 's', cents: -1 }] }
  const event = { id: 'e', type: 'act', time: 1_800_000_000_000, member: 'm', data }
  const wrongEvent = (more: Draft) => {
    try {
      parseEvent(programme, JSON.stringify({ ...event, ...more }))
    } catch (error) {
      if (error instanceof PointerError) return `${error.code} ${error.pointer}`
      throw error
    }
    return 'right'
  }

  test('a time may be text, and is milliseconds', () => {
    expect(parseEvent(programme, JSON.stringify({ ...event, time: '2027-01-15T16:00:00+08:00' })).timeMs).toBe(
      1_800_000_000_000,
    )
  })

  test.each<[string, Draft]>([
    ['right', {}],
    ['right', { data: { ...data, note: '' } }],
    ['event ', { id: undefined }],
    ['event /id', { id: '' }],
    ['event /id', { id: 'é'.repeat(65) }],
    ['event /id', { id: 'a\u0000' }],
    ['event /member', { member: 7 }],
    ['event /type', { type: 'none' }],
    ['event /type', { type: 'constructor' }],
    ['event /time', { time: -1 }],
    ['event /time', { time: 2 ** 48 }],
    ['event /time', { time: '2027-01-15' }],
    ['event /surplus', { surplus: 1 }],
    ['event /data', { data: {} }],
    ['event /data', { data: [] }],
    ['event /data/surplus', { data: { ...data, surplus: 1 } }],
    ['event /data/count', { data: { ...data, count: '1' } }],
    ['event /data/item', { data: { ...data, item: 'x'.repeat(1025) } }],
    ['event /data/note', { data: { ...data, note: 1 } }],
    ['event /data/tags', { data: { ...data, tags: 'a' } }],
    ['event /data/tags', { data: { ...data, tags: Array.from({ length: 257 }, () => '') } }],
    ['event /data/tags/0', { data: { ...data, tags: [1] } }],
    ['event /data/lines/0', { data: { ...data, lines: [{ sku: 's' }] } }],
    ['event /data/lines/0/cents', { data: { ...data, lines: [{ sku: 's', cents: true }] } }],
    ['event ', { signature: '' }],
    ['event-size ', { data: { ...data, note: 'x'.repeat(8192) } }],
    ['json /data/count', { data: { ...data, count: 1.5 } }],
    ['json /data/count', { data: { ...data, count: 2 ** 53 } }],
    ['json /data/note', { data: { ...data, note: null } }],
  ])('%s', (what, more) => {
    expect(wrongEvent(more)).toBe(what)
  })

  test('a measurement has the signature of its meter, over all that counts', () => {
    const creators = programmeOf(template('creators'))
    const measured = {
      id: 'x',
      type: 'measured',
      time: 1_800_000_000_000,
      member: 'c',
      data: { creator: 'c', post: 'p', views: 1 },
    }
    const code = (more: Draft) => codeOf(() => parseEvent(creators, JSON.stringify({ ...measured, ...more })))
    expect(code({})).toBe('event')
    expect(code({ signature: '?' })).toBe('event')
    expect(code({ signature: Buffer.alloc(64).toString('base64') })).toBe('event')
    const sale = { order: 'o', sale: 'no id', cents: 1 }
    expect(code({ type: 'sale', data: sale })).toBe('event')
    expect(code({ type: 'sale', data: { ...sale, sale: '0'.repeat(32) } })).toBe(undefined)
  })
})
