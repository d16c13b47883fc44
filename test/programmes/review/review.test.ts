import { describe, expect, test } from 'vitest'
import {
  compareSimulations,
  difference,
  explain,
  type JsonObject,
  review,
  Simulator,
  spreadOf,
  TEMPLATES,
  timeText,
  worstDay,
} from '../../../src/programmes/index.ts'
import { type Draft, programmeOf, small, template } from '../shop.ts'

const found = (draft: Draft) => review(programmeOf(draft)).map(({ kind, pointer }) => `${kind} ${pointer}`)
const EVENTS = { events: { act: { item: 'text', count: 'int' } } }
const rule = (more: Draft, rest: Draft = {}) =>
  small({ ...EVENTS, rules: [{ id: 'act', on: 'act', points: 10, cap: { 'member/day': 50 }, ...more }], ...rest })

describe('advice to an author', () => {
  test('a cap over everything that swallows orders: 43 of 500', () => {
    const draft = template('coins')
    const caps = { ...(draft['caps'] as Draft), all: { 'member/day': 60 } }
    expect(found({ ...draft, caps })).toEqual(['cap-swallows /rules/7'])
    const [finding] = review(programmeOf({ ...draft, caps }))
    expect(finding!.message).toBe(
      'one event of the rule order may give 500, and the cap all member/day lets 60 pass, of all its rules together',
    )
    expect(found(draft)).toEqual([])
    expect(
      found(
        rule(
          { group: 'acts', points: { per: 1, of: 'event.count', give: 1 }, cap: { event: 9 } },
          { caps: { acts: { event: 8, 'member/day': 8 } } },
        ),
      ),
    ).toEqual(['cap-swallows /rules/0', 'cap-swallows /rules/0'])
  })

  test.each<[string, Draft, string[]]>([
    ['points of 0', rule({ points: 0 }), ['dead-rule /rules/0']],
    ['give 0', rule({ points: { per: 1, of: 'event.count', give: 0 } }), ['dead-rule /rules/0']],
    ['a cap of 0', rule({ cap: { 'member/day': 0 } }), ['dead-rule /rules/0']],
    ['a constant', rule({ when: '1 + 1 == 3' }), ['dead-rule /rules/0']],
    ['a constant that fails', rule({ when: '1 / 0 == 3' }), ['dead-rule /rules/0']],
    ['a constant that holds', rule({ when: "'a' in ['a']" }), ['condition-idle /rules/0/when']],
    [
      'bounds that exclude each other',
      rule({ when: 'event.count >= 10 && event.item != "" && event.count < 10' }),
      ['dead-rule /rules/0'],
    ],
    ['two texts', rule({ when: "event.item == 'a' && event.item == 'b'" }), ['dead-rule /rules/0']],
    [
      'both ways',
      rule({ when: '(event.count > 3 && event.count < 4) || (event.count == 1 && event.count == 2)' }),
      ['dead-rule /rules/0'],
    ],
    ['bounds that leave one', rule({ when: 'event.count >= 10 && event.count <= 10' }), []],
    ['a way that is left', rule({ when: '(event.count > 3 && event.count < 4) || event.count == 2' }), []],
    [
      'a campaign after the end',
      rule(
        { campaign: 'c' },
        {
          until: '2026-02-01T00:00Z',
          campaigns: [{ id: 'c', from: '2026-02-01T00:00Z', until: '2026-03-01T00:00Z', budget: 100 }],
        },
      ),
      ['dead-rule /rules/0'],
    ],
    ['a cap that never cuts', rule({ cap: { 'member/day': 50, event: 10 } }), ['cap-idle /rules/0/cap/event']],
    ['no bound', rule({ cap: { event: 5 } }), ['no-bound /rules/0']],
    ['once for each item is no bound', rule({ cap: { event: 5 }, once: 'member/day/item' }), ['no-bound /rules/0']],
    ['once a day is one', rule({ cap: { event: 5 }, once: 'member/day' }), []],
    ['a weekday that there is not', rule({ when: 'at.weekday == 8 && event.count > 1' }), ['dead-rule /rules/0']],
    ['an hour that there is', rule({ when: 'at.hour >= 23 && at.date == 31 && at.month == 12' }), []],
    ['caps of nobody', rule({}, { caps: { drinks: { 'member/day': 9 } } }), ['group-idle /caps/drinks']],
    ['a group without caps', rule({ group: 'drink' }), ['group-idle /rules/0/group']],
    ['once in all', rule({ once: 'programme/ever' }), ['once-for-all /rules/0/once']],
    ['once for each thing in all', rule({ once: 'programme/ever/item' }), []],
    [
      'a tier above a cap',
      rule(
        { cap: { 'member/day': 50, 'member/ever': 90 } },
        {
          tiers: {
            by: ['act'],
            over: { rolling: 9 },
            levels: [
              { id: 'a', from: 90 },
              { id: 'b', from: 91 },
            ],
          },
        },
      ),
      ['dead-tier /tiers/levels/1/from'],
    ],
    ['an event without rules', rule({}, { events: { ...EVENTS.events, other: {} } }), ['event-unused /events/other']],
  ])('%s', (_, draft, findings) => {
    expect(found(draft)).toEqual(findings)
  })

  test('an example key', () => {
    expect(found(template('creators'))).toContain('example-key /meters/traffic/key')
  })

  test('the most that one event, and one member on one day, can earn', () => {
    const { rules, units } = worstDay(programmeOf(template('farm')))
    expect([...rules].map(([id, { event, day }]) => `${id} ${event} ${day}`)).toEqual([
      'sign-in 10 10',
      'task 20 100',
      'invite 200 1000',
      'order 500 2000',
    ])
    // Of the daily group at most 100.
    expect([...units]).toEqual([['drops', 3100]])
    expect(worstDay(programmeOf(template('membership'))).units.get('growth')).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('in plain words', () => {
  test.each(Object.keys(TEMPLATES))('%s, in two languages', name => {
    const programme = programmeOf(template(name))
    for (const language of ['en', 'zh'] as const) {
      const text = explain(programme, language)
        .map(lines => lines.join('\n'))
        .join('\n')
      for (const { id } of [...programme.rules, ...programme.campaigns, ...programme.exchanges])
        expect(text).toContain(id)
      for (const { most } of [...programme.groups.values()].flat()) expect(text).toContain(String(most))
      expect(text).not.toMatch(/undefined|\[object|NaN/)
      expect(/\p{Script=Han}/u.test(text.replace(programme.title['zh']!, ''))).toBe(language === 'zh')
    }
  })

  test('says a rule', () => {
    const [, rules, groups, back, spend] = explain(programmeOf(template('coins')), 'en')
    expect(rules![1]).toBe(
      'view: for each view where seconds is at least 15, once per member, day and item: 1 coins; at most 10 per member and day; can be spent at once; expires at the end of the quarter, 1 year later',
    )
    expect(groups![1]).toBe('all, that is all rules: together at most 50000000 for everyone per day.')
    expect(back![0]).toContain('takes back what the order with the same order gave')
    expect(spend![1]).toBe('They pay at most 30 % of an order, at least 50, in steps of 10; a hold stands 30 minutes.')
    expect(explain(programmeOf(template('coins')), 'zh')[1]![1]).toBe(
      'view：每次 view，且 seconds 不少于 15，每位会员每日、按 item 分别计限一次：1 coins；每位会员每日最多 10；立即可用；当季度末再过 1 年过期',
    )
  })

  test('says weekdays by their names', () => {
    const said = (when: string, language: 'en' | 'zh') =>
      explain(programmeOf(small({ rules: [{ id: 'act', on: 'act', points: 1, when }] })), language)[1]![0]
    expect(said('at.weekday == 2', 'en')).toContain('the weekday is Tuesday')
    expect(said('at.weekday in [6, 7] && at.hour < 12', 'en')).toContain('Saturday, Sunday')
    expect(said('at.weekday == 2', 'zh')).toContain('星期 为 星期二')
  })

  test('every operator and macro has words', () => {
    const when =
      "!(event.a + event.b - 1 < event.a * 2 / 3 % 4) && (event.t.startsWith('x') || size(event.t) > -event.a) && has(event.o) && event.xs.exists(x, x == 1) && event.xs.all(x, x != 1) && event.a in [1, 2] && event.xs.filter(x, x >= 1).map(x, x * 2).size() <= 3 && (event.f ? 1 : 2) == 1"
    const draft = small({
      events: { act: { a: 'int', b: 'int', t: 'text', 'o?': 'int', xs: ['int'], f: 'bool' } },
      rules: [{ id: 'act', on: 'act', points: 1, when }],
    })
    for (const language of ['en', 'zh'] as const)
      expect(explain(programmeOf(draft), language)[1]![0]).not.toMatch(/undefined|\[object/)
  })

  test('a time in an offset', () => {
    expect(timeText(Date.parse('2026-12-01T00:00:00+08:00'), 8 * 3_600_000)).toBe('2026-12-01T00:00+08:00')
    expect(timeText(Date.parse('2028-02-29T23:59:58-03:30'), -3.5 * 3_600_000)).toBe('2028-02-29T23:59:58-03:30')
  })
})

describe('the changes between two versions', () => {
  const before = template('membership') as unknown as JsonObject
  const change = (edit: (draft: Draft & { rules: Draft[] }) => void) => {
    const after = structuredClone(before) as unknown as Draft & { rules: Draft[] }
    edit(after)
    return difference(before, after as unknown as JsonObject).map(({ pointer }) => pointer)
  }

  test('is found by the ids of items, and their order apart', () => {
    expect(change(() => {})).toEqual([])
    expect(change(draft => draft.rules.splice(1, 1))).toEqual(['/rules/order'])
    expect(change(draft => Object.assign(draft.rules[1]!, { times: { silver: [6, 5], gold: [3, 2] } }))).toEqual([
      '/rules/order/times/silver',
    ])
    expect(change(draft => draft.rules.reverse())).toEqual(['/rules (order)'])
    expect(change(draft => Object.assign(draft, { version: 2, grain: undefined }))).toEqual(['/grain', '/version'])
  })
})

describe('the cost that it would have had', () => {
  test('by rule and member, and against another version', () => {
    const [one, two] = [
      small(),
      small({ rules: [{ id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 }, cap: { event: 3 } }] }),
    ]
    const [now, then] = [new Simulator(programmeOf(two)), new Simulator(programmeOf(one))]
    const event = (id: string, member: string, count: number) =>
      JSON.stringify({ id, type: 'act', time: '2026-03-10T00:00Z', member, data: { item: 'i', count } })
    for (const text of [event('1', 'a', 5), event('1', 'a', 5), event('2', 'b', 0), event('3', 'c', 1), '{}', 'x']) {
      now.take(text)
      then.take(text)
    }
    expect(now.found.events).toEqual({ earned: 2, duplicate: 1, nothing: 1, event: 1, json: 1 })
    expect(now.found.rules).toEqual([{ rule: 'act', unit: 'points', events: 2, points: 4, cut: 2, back: 0 }])
    expect(spreadOf('points', now.found.members.get('points')!)).toEqual({
      unit: 'points',
      members: 2,
      points: 4,
      topTenth: 3,
      median: 1,
    })
    expect(compareSimulations(now.found, then.found)).toEqual([
      { unit: 'points', points: 4, against: 3, winners: 1, losers: 1, won: 2, lost: 1 },
    ])
  })
})
