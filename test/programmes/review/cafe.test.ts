import { describe, expect, test } from 'vitest'
import { explain, parseProgramme, review } from '../../../src/programmes/index.ts'
import { type Draft, Shop } from '../shop.ts'

/** What a café would write: stamps, double on Tuesdays, a tier after twenty visits, a birthday. */
const CAFE = () => ({
  ...{ format: 'tallystick/programme/v1', name: 'cafe', version: 1, unit: 'stars' },
  title: { en: 'Corner café', zh: '街角咖啡' },
  ...{ from: '2026-12-07T00:00+01:00', day: '+01:00', late: '24h', expires: '365d' },
  events: { visit: { till: 'text', cents: 'int' }, birthday: {}, refund: { till: 'text', cents: 'int' } } as Draft,
  rules: [
    { id: 'stamp', on: 'visit', when: 'event.cents >= 300', points: 1, unit: 'stamps', cap: { 'member/day': 3 } },
    {
      ...{ id: 'coffee', on: 'visit', points: { per: 100, of: 'event.cents', give: 1 } },
      ...{ times: { regular: [3, 2] }, cap: { event: 50, 'member/day': 100 } },
    },
    {
      ...{ id: 'tuesday', on: 'visit', when: 'at.weekday == 2', points: { per: 100, of: 'event.cents', give: 1 } },
      cap: { event: 50, 'member/day': 100 },
    },
    { id: 'gift', on: 'birthday', once: 'member/year', points: 50 },
  ] as Draft[],
  tiers: { by: ['stamp'], over: { rolling: 90 }, levels: [{ id: 'regular', from: 20 }] } as Draft & { levels: Draft[] },
  reversals: [
    { on: 'refund', of: 'visit', match: 'till', share: ['event.cents', 'was.cents'], within: '14d' },
  ] as Draft[],
})
type Cafe = ReturnType<typeof CAFE> & Draft

describe('a programme of a café', () => {
  test('is right, and gives what its author means', () => {
    const cafe = new Shop(CAFE())
    expect(review(cafe.programme)).toEqual([])
    const given = (time: string, type: string, data: Draft = {}) =>
      cafe.taken(time, type, data).issues.map(({ rule, due }) => `${rule.id} ${due}`)
    const visit = (day: number, till: string) => given(`2026-12-${day}T09:00+01:00`, 'visit', { till, cents: 450 })
    expect(visit(14, 'm1')).toEqual(['stamp 1', 'coffee 4'])
    // The 15th is a Tuesday: double.
    expect(visit(15, 't1')).toEqual(['stamp 1', 'coffee 4', 'tuesday 4'])
    for (let i = 2; i < 20; i++) visit(16 + Math.floor(i / 3), `v${i}`)
    expect(visit(23, 'after twenty')).toEqual(['stamp 1', 'coffee 6'])
    expect(given('2026-12-24T09:00+01:00', 'birthday')).toEqual(['gift 50'])
    expect(given('2026-12-25T09:00+01:00', 'birthday')).toEqual([])
    // A millisecond before its midnight it is still Tuesday, and it is by the days of the café.
    const at = (time: string) => given(time, 'visit', { till: time, cents: 100 }).length
    expect([at('2026-12-29T22:59:59Z'), at('2026-12-29T23:00:00Z')]).toEqual([2, 1])
    const [, rules] = explain(cafe.programme, 'en')
    expect(rules![2]).toContain('for each visit where the weekday is Tuesday: 1 stars for each full 100 of cents')
  })

  test.each<[string, (draft: Cafe) => unknown, string]>([
    ['a rule of no event', draft => Object.assign(draft.rules[0]!, { on: 'vist' }), 'programme /rules/0/on'],
    ['no field', draft => Object.assign(draft.rules[0]!, { when: 'event.cent > 3' }), 'expression /rules/0/when'],
    ['a double', draft => Object.assign(draft.rules[0]!, { when: 'event.cents > 3.5' }), 'expression /rules/0/when'],
    ['no weekday', draft => Object.assign(draft.rules[2]!, { when: 'at.weekday == 8' }), 'dead-rule /rules/2'],
    ['half points', draft => Object.assign(draft.rules[3]!, { points: 1.5 }), 'json /rules/3/points'],
    ['two of a name', draft => Object.assign(draft.rules[2]!, { id: 'coffee' }), 'programme /rules/2'],
    [
      'no such tier',
      draft => Object.assign(draft.rules[1]!, { times: { gold: [2, 1] } }),
      'programme /rules/1/times/gold',
    ],
    ['dates', draft => Object.assign(draft.rules[0]!, { matures: '400d' }), 'programme /rules/0'],
    ['a typo', draft => Object.assign(draft.rules[1]!, { caps: {} }), 'programme /rules/1/caps'],
    [
      'a cap of nobody',
      draft => Object.assign(draft, { caps: { drinks: { 'member/day': 9 } } }),
      'group-idle /caps/drinks',
    ],
    ['a low cap', draft => Object.assign(draft, { caps: { all: { 'member/day': 55 } } }), 'none'],
    ['a lower cap', draft => Object.assign(draft, { caps: { all: { 'member/day': 49 } } }), 'cap-swallows /rules/1'],
    ['no cap', draft => Object.assign(draft.rules[1]!, { cap: { event: 5 } }), 'no-bound /rules/1'],
    ['levels', draft => draft.tiers.levels.push({ id: 'vip', from: 20 }), 'programme /tiers/levels/1/from'],
    ['a zone', draft => Object.assign(draft, { day: 'Europe/Berlin' }), 'programme /day'],
    ['a match', draft => Object.assign(draft.reversals[0]!, { match: 'cents' }), 'programme /reversals/0/match'],
  ])('with %s is told where', (_, change, told) => {
    const draft = CAFE() as Cafe
    change(draft)
    const found = (): string => {
      try {
        const [first] = review(parseProgramme(JSON.stringify(draft)))
        return first === undefined ? 'none' : `${first.kind} ${first.pointer}`
      } catch (error) {
        const { code, pointer } = error as { code: string; pointer: string }
        return `${code} ${pointer}`
      }
    }
    expect(found()).toBe(told)
  })
})
