import { describe, expect, test } from 'vitest'
import { codeOf } from '../codes.ts'
import { type Draft, Shop, small, tierInWords } from '../shop.ts'

const QUARTER_MS = 900_000
const rule = (more: Draft): Draft => ({ rules: [{ id: 'act', on: 'act', points: 1, ...more }] })
const quarter = (time: string) => Date.parse(time) / QUARTER_MS

describe('caps', () => {
  test.each([
    ['day', '2026-03-10T23:59:59.999Z', '2026-03-11T00:00Z'],
    ['week', '2026-03-15T23:59:59.999Z', '2026-03-16T00:00Z'],
    ['month', '2026-03-31T23:59:59.999Z', '2026-04-01T00:00Z'],
    ['quarter', '2026-03-31T23:59:59.999Z', '2026-04-01T00:00Z'],
    ['year', '2026-12-31T23:59:59.999Z', '2027-01-01T00:00Z'],
  ])('a %s ends at its last millisecond', (period, last, next) => {
    const shop = new Shop(small(rule({ cap: { [`member/${period}`]: 2 } })))
    expect([1, 2, 3].map(() => shop.due(Date.parse(last), 'act'))).toEqual([1, 1, 0])
    expect([1, 2, 3].map(() => shop.due(next, 'act'))).toEqual([1, 1, 0])
  })

  test.each([
    ['+08:00', '2028-02-28T15:59:59.999Z', '2028-02-28T16:00:00Z', '2028-02-29T16:00:00Z'],
    ['-03:30', '2028-02-29T03:29:59.999Z', '2028-02-29T03:30:00Z', '2028-03-01T03:30:00Z'],
    ['+05:45', '2027-02-27T18:14:59.999Z', '2027-02-27T18:15:00Z', '2027-02-28T18:15:00Z'],
    ['+14:00', '2026-12-31T09:59:59.999Z', '2026-12-31T10:00:00Z', '2027-01-01T10:00:00Z'],
    ['-14:00', '2027-01-01T13:59:59.999Z', '2027-01-01T14:00:00Z', '2027-01-02T14:00:00Z'],
  ])('midnight of %s', (day, before, midnight, next) => {
    const shop = new Shop(small({ day, ...rule({ cap: { 'member/day': 1 } }) }))
    expect([before, midnight, midnight, next].map(time => shop.due(Date.parse(time), 'act'))).toEqual([1, 1, 0, 1])
  })

  test('29 February is a day of its own, in February', () => {
    const shop = new Shop(
      small({ from: '2028-01-01T00:00Z', ...rule({ cap: { 'member/day': 1, 'member/month': 2 } }) }),
    )
    const days = ['2028-02-27', '2028-02-28', '2028-02-29', '2028-03-01', '2028-03-02', '2028-03-03']
    expect(days.map(day => shop.due(`${day}T12:00Z`, 'act'))).toEqual([1, 1, 0, 1, 1, 0])
    expect(new Shop(small(rule({ cap: { 'member/day': 1 } }))).due('2100-03-01T00:00Z', 'act')).toBe(1)
    expect(codeOf(() => shop.due('2100-02-29T00:00Z', 'act'))).toBe('event')
  })

  test('of an event, a member, everyone, and a field', () => {
    const points = { per: 1, of: 'event.count', give: 1 }
    const shop = new Shop(
      small(rule({ points, cap: { event: 5, 'member/ever': 12, 'programme/day': 20, 'member/day/item': 8 } })),
    )
    const cuts = (item: string, count: number, member = 'm') => {
      const { issues, nothing } = shop.taken('2026-03-10T12:00Z', 'act', { item, count }, member)
      return [issues[0]?.due ?? 0, ...(issues[0]?.cuts ?? nothing[0]!.cuts!).map(({ cap, cut }) => `${cap} ${cut}`)]
    }
    expect(cuts('i', 9)).toEqual([5, 'act event 4'])
    expect(cuts('i', 5)).toEqual([3, 'act member/day/item 2'])
    expect(cuts('j', 9)).toEqual([4, 'act event 4', 'act member/ever 1'])
    expect(cuts('j', 1)).toEqual([0, 'act member/ever 1'])
    expect(cuts('i', 5, 'n')).toEqual([5])
    expect(cuts('j', 5, 'n')).toEqual([3, 'act programme/day 2'])
    expect(cuts('j', 6, 'n')).toEqual([0, 'act event 1', 'act member/ever 1', 'act programme/day 4'])
  })

  test('of a group belong to its rules alone, of all to every one, in the order of the document', () => {
    const shop = new Shop(
      small({
        rules: [
          { id: 'a', on: 'act', group: 'acts', points: 10 },
          { id: 'b', on: 'act', group: 'acts', points: 10 },
          { id: 'order', on: 'act', points: 500 },
        ],
        caps: { acts: { 'member/day': 15, event: 12 }, all: { 'member/month': 1000 } },
      }),
    )
    const dues = () => shop.taken('2026-03-10T12:00Z', 'act').issues.map(({ rule: { id }, due }) => `${id} ${due}`)
    expect(dues()).toEqual(['a 10', 'b 2', 'order 500'])
    expect(dues()).toEqual(['a 3', 'order 485'])
    expect(dues()).toEqual([])
  })

  test('a campaign has its time and its budget', () => {
    const campaigns = [{ id: 'sale', from: '2026-03-10T00:00Z', until: '2026-03-11T00:00Z', budget: 25 }]
    const shop = new Shop(small({ campaigns, ...rule({ campaign: 'sale', points: 10 }) }))
    const times = [
      '2026-03-09T23:59Z',
      '2026-03-10T00:00Z',
      '2026-03-10T12:00Z',
      '2026-03-10T23:59Z',
      '2026-03-11T00:00Z',
    ]
    expect(times.map((time, i) => shop.due(time, 'act', {}, `m${i}`))).toEqual([0, 10, 10, 5, 0])
  })
})

describe('once', () => {
  test('a member, a period and fields, or everyone', () => {
    const shop = new Shop(small(rule({ once: 'member/month/item' })))
    const due = (time: string, item: string, member = 'm') => shop.due(time, 'act', { item }, member)
    expect(due('2026-03-10T00:00Z', 'i')).toBe(1)
    expect(due('2026-03-31T00:00Z', 'i')).toBe(0)
    expect(due('2026-03-31T00:00Z', 'j')).toBe(1)
    expect(due('2026-03-31T00:00Z', 'i', 'n')).toBe(1)
    expect(due('2026-04-01T00:00Z', 'i')).toBe(1)
    const everyone = new Shop(small(rule({ once: 'programme/ever/item' })))
    expect(everyone.due('2026-03-10T00:00Z', 'act', {}, 'm')).toBe(1)
    expect(everyone.due('2027-03-10T00:00Z', 'act', {}, 'n')).toBe(0)
  })

  test('texts of fields do not run into each other', () => {
    const events = { act: { item: 'text', count: 'int', other: 'text' } }
    const shop = new Shop(small({ events, ...rule({ once: 'member/ever/item,other' }) }))
    expect(shop.due('2026-03-10T00:00Z', 'act', { item: 'a","b', other: 'c' })).toBe(1)
    expect(shop.due('2026-03-10T00:00Z', 'act', { item: 'a', other: 'b","c' })).toBe(1)
    expect(shop.due('2026-03-10T00:00Z', 'act', { item: '__proto__', other: '' })).toBe(1)
    expect(shop.due('2026-03-10T00:00Z', 'act', { item: '__proto__', other: '' })).toBe(0)
  })
})

describe('streaks', () => {
  const streak = rule({ once: 'member/day', points: { streak: [1, 2, 3] } })
  const at = (day: string) => `2028-${day}T12:00Z`

  test('go on over a leap day and a month end, stay at their last, and begin again', () => {
    const shop = new Shop(small(streak))
    const days = ['02-27', '02-28', '02-29', '03-01', '03-02', '03-04', '03-05', '03-05']
    expect(days.map(day => shop.due(at(day), 'act'))).toEqual([1, 2, 3, 3, 3, 1, 2, 0])
  })

  test('a late day counts for itself and opens none again', () => {
    const shop = new Shop(small({ ...streak, late: '72h' }))
    expect(['03-01', '03-02', '03-04'].map(day => shop.due(at(day), 'act'))).toEqual([1, 2, 1])
    expect(shop.due(at('03-03'), 'act')).toBe(1)
    expect(shop.due(at('03-05'), 'act')).toBe(2)
  })

  test('goes on where caps leave nothing, and not where the condition fails', () => {
    const caps = { all: { 'member/week': 3 } }
    const shop = new Shop(
      small({ ...rule({ once: 'member/day', points: { streak: [3, 4] }, when: 'event.count > 0' }), caps }),
    )
    // 2028-03-06 is a Monday.
    expect(['03-06', '03-07', '03-12', '03-13'].map(day => shop.due(at(day), 'act'))).toEqual([3, 0, 0, 3])
    expect(shop.due(at('03-14'), 'act', { count: 0 })).toBe(0)
    expect(new Shop(small(streak)).taken(at('03-01'), 'act').issues[0]!.before).toEqual({})
  })
})

describe('late events', () => {
  test('count in their own day with what is left of it; too late is at the millisecond', () => {
    const shop = new Shop(small({ ...rule({ cap: { 'member/day': 2 } }), late: '24h' }))
    expect(shop.due('2026-03-10T10:00Z', 'act')).toBe(1)
    expect(shop.due('2026-03-11T09:00Z', 'act')).toBe(1)
    expect(shop.due('2026-03-10T11:00Z', 'act')).toBe(1)
    expect(shop.due('2026-03-10T12:00Z', 'act')).toBe(0)
    expect(shop.happens(Date.parse('2026-03-10T09:00Z') - 1, 'act').status).toBe('late')
    expect(shop.happens('2026-03-10T09:00Z', 'act').status).toBe('taken')
    // Another member's time is her own.
    expect(shop.happens('2026-02-10T09:00Z', 'act', {}, 'n').status).toBe('taken')
  })

  test('an id is taken once, and numbers have no gap', () => {
    const shop = new Shop(small())
    expect(shop.happens('2026-03-10T10:00Z', 'act', {}, 'm', 'x')).toMatchObject({ status: 'taken', n: 1 })
    expect(shop.happens('2026-03-11T10:00Z', 'act', {}, 'm', 'x')).toEqual({ status: 'duplicate', n: 1 })
    expect(shop.happens('2026-03-11T10:00Z', 'act', {}, 'n', 'x')).toEqual({ status: 'duplicate', n: 1 })
    expect(shop.happens('2025-12-31T23:59Z', 'act', {}, 'm', 'y')).toEqual({ status: 'outside' })
    const ends = new Shop(small({ until: '2026-03-10T00:00Z' }))
    expect(ends.happens(Date.parse('2026-03-10T00:00Z') - 1, 'act').status).toBe('taken')
    expect(ends.happens('2026-03-10T00:00Z', 'act').status).toBe('outside')
    expect(shop.happens('2026-03-11T10:00Z', 'undo', {}, 'm', 'z')).toMatchObject({
      status: 'taken',
      n: 2,
      nothing: [],
    })
  })
})

describe('amounts', () => {
  const per = (more: Draft) => new Shop(small(rule({ points: { per: 100, of: 'event.count', give: 3 }, ...more })))

  test('are rounded after summing, as the document says', () => {
    expect([0, 99, 100, 199, 250, -500].map(count => per({}).due('2026-03-10T00:00Z', 'act', { count }))).toEqual([
      0, 0, 3, 3, 6, 0,
    ])
    const rate = (round: string) => new Shop(small(rule({ points: { rate: [1, 8], of: 'event.count' }, round })))
    const dues = (round: string) =>
      [3, 4, 5, 8, 12, 20].map(count => rate(round).due('2026-03-10T00:00Z', 'act', { count }))
    expect(dues('down')).toEqual([0, 0, 0, 1, 1, 2])
    expect(dues('up')).toEqual([1, 1, 1, 1, 2, 3])
    expect(dues('half-up')).toEqual([0, 1, 1, 1, 2, 3])
  })

  test('are exact up to 2^53 - 1, and beyond it nothing of the event counts', () => {
    const most = Number.MAX_SAFE_INTEGER
    const rate = (n: number, d: number, round: string) =>
      new Shop(small(rule({ points: { rate: [n, d], of: 'event.count' }, round })))
    const due = (shop: Shop, count: number) => shop.due('2026-03-10T00:00Z', 'act', { count })
    for (const round of ['down', 'up', 'half-up']) expect(due(rate(999_999, 999_999, round), most)).toBe(most)
    expect(due(rate(999_999, 1_000_000, 'down'), most)).toBe(Number((BigInt(most) * 999_999n) / 1_000_000n))
    expect(due(rate(999_999, 1_000_000, 'up'), most)).toBe(Number((BigInt(most) * 999_999n) / 1_000_000n) + 1)
    const shop = rate(2, 1, 'down')
    expect(codeOf(() => due(shop, most))).toBe('event-value')
    expect(shop.taken('2026-03-10T00:00Z', 'act').n).toBe(1)
    const summed = new Shop(
      small(rule({ points: { per: 1, of: 'event.count', give: 1 }, cap: { 'member/day': most } })),
    )
    expect(due(summed, most - 1)).toBe(most - 1)
    expect(due(summed, 5)).toBe(1)
  })
})

describe('dates of lots', () => {
  const dates = (time: string, more: Draft, dueRule: Draft = {}) => {
    const [issue] = new Shop(small({ ...more, ...rule(dueRule) })).taken(time, 'act').issues
    return [issue!.matures, issue!.expires]
  }

  test('are rounded up to the quarter hour, and to the grain in the offset', () => {
    expect(dates('2026-03-10T10:00:00Z', { matures: '1h', expires: '2h' })).toEqual([
      quarter('2026-03-10T11:00Z'),
      quarter('2026-03-10T12:00Z'),
    ])
    expect(dates('2026-03-10T10:00:01Z', { matures: '1h', expires: '2h' })).toEqual([
      quarter('2026-03-10T11:15Z'),
      quarter('2026-03-10T12:15Z'),
    ])
    const midnights = { grain: 96, day: '+05:30', matures: '1h', expires: '9d' }
    expect(dates('2026-03-10T10:00Z', midnights)).toEqual([quarter('2026-03-10T18:30Z'), quarter('2026-03-19T18:30Z')])
    expect(dates('2026-03-10T17:30Z', midnights)[0]).toBe(quarter('2026-03-10T18:30Z'))
    expect(dates('2026-03-10T10:00Z', { matures: '1h', expires: '2h' }, { matures: 'now', expires: 'never' })).toEqual([
      0, 0,
    ])
  })

  test.each([
    ['day', undefined, '2028-02-29T12:00Z', '2028-03-01T00:00Z'],
    ['month', undefined, '2028-02-01T00:00Z', '2028-03-01T00:00Z'],
    ['month', '1mo', '2027-12-31T23:59Z', '2028-02-01T00:00Z'],
    ['quarter', '1y', '2026-12-31T23:59Z', '2028-01-01T00:00Z'],
    ['year', '3d', '2026-01-01T00:00Z', '2027-01-04T00:00Z'],
    // A day that the month does not have becomes its last.
    ['day', '1mo', '2028-01-30T12:00Z', '2028-02-29T00:00Z'],
    ['day', '1y', '2028-02-28T12:00Z', '2029-02-28T00:00Z'],
    ['day', '13mo', '2027-12-30T12:00Z', '2029-01-31T00:00Z'],
    ['day', '99y', '2026-03-10T12:00Z', '2125-03-11T00:00Z'],
  ])('the end of a %s and %s', (end, plus, time, date) => {
    expect(dates(time, { expires: { end, ...(plus === undefined ? {} : { plus }) } })[1]).toBe(quarter(date))
  })

  test('an end is that of the offset', () => {
    const more = { day: '+08:00', expires: { end: 'quarter' } }
    expect(dates('2026-03-31T15:59:59Z', more)[1]).toBe(quarter('2026-03-31T16:00Z'))
    expect(dates('2026-03-31T16:00:00Z', more)[1]).toBe(quarter('2026-06-30T16:00Z'))
  })
})

describe('reversals', () => {
  const reversals = [{ on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '30d' }]
  const points = { per: 100, of: 'event.count', give: 1 }

  test('100 articles of 0.99 that earned 99 and come back one by one leave nothing', () => {
    for (const round of ['down', 'up', 'half-up']) {
      const shop = new Shop(small({ reversals: [{ ...reversals[0], round }], ...rule({ points }) }))
      expect(shop.due('2026-03-10T00:00Z', 'act', { count: 9900 })).toBe(99)
      const backs = Array.from({ length: 100 }, () => shop.back('2026-03-11T00:00Z', 'undo', { count: 99 }))
      expect(backs.reduce((a, b) => a + b)).toBe(99)
      expect(backs.slice(0, 50).reduce((a, b) => a + b)).toBe(round === 'down' ? 49 : 50)
      expect(shop.back('2026-03-12T00:00Z', 'undo', { count: 99 })).toBe(0)
    }
  })

  test('is of what was given, of every rule, once and within its time', () => {
    const rules = [
      { id: 'a', on: 'act', points, cap: { event: 50 } },
      { id: 'b', on: 'act', points: 7, unit: 'other' },
    ]
    const shop = new Shop(small({ reversals, rules }))
    const why = (time: string, data: Draft, member?: string) =>
      shop.taken(time, 'undo', data, member).nothing.map(one => one.why)
    expect(shop.due('2026-03-10T00:00Z', 'act', { count: 20_000 })).toBe(57)
    expect(shop.taken('2026-03-10T00:00Z', 'act', { count: 20_000 }).nothing.map(one => one.why)).toEqual([
      'once',
      'once',
    ])
    expect(why('2026-03-11T00:00Z', { item: 'j' })).toEqual(['original'])
    expect(why('2026-03-11T00:00Z', {}, 'n')).toEqual(['original'])
    expect(why('2026-03-11T00:00Z', { count: -5 })).toEqual(['zero'])
    const { backs } = shop.taken('2026-03-12T00:00Z', 'undo', { count: 5000 })
    expect(backs.map(({ rule: { id }, due, original }) => [id, due, original])).toEqual([
      ['a', 13, 'e0'],
      ['b', 2, 'e0'],
    ])
    expect(shop.back('2026-04-09T00:00Z', 'undo', { count: 99_999 })).toBe(37 + 5)
    expect(why('2026-04-09T00:00Z', { count: 1 })).toEqual(['zero'])
    expect(why('2026-04-09T00:00:01Z', { count: 1 })).toEqual(['within'])
  })

  test('gives no room back under a cap', () => {
    const shop = new Shop(small({ reversals, ...rule({ points, cap: { 'member/ever': 10 } }) }))
    expect(shop.due('2026-03-10T00:00Z', 'act', { count: 1000 })).toBe(10)
    expect(shop.back('2026-03-10T00:00Z', 'undo', { count: 1000 })).toBe(10)
    expect(shop.due('2026-03-10T00:00Z', 'act', { item: 'j', count: 1000 })).toBe(0)
  })
})

describe('tiers', () => {
  const tiers = (more: Draft) => ({
    by: ['act'],
    over: { rolling: 10 },
    levels: [
      { id: 'low', from: 10 },
      { id: 'top', from: 20 },
    ],
    ...more,
  })
  const points = { per: 1, of: 'event.count', give: 1 }
  const told = (shop: Shop, day: string, count: number) => {
    const { tier } = shop.taken(`2028-${day}T12:00Z`, 'act', { count, item: `${day} ${count}` })
    return tier && tierInWords(tier)
  }

  test('over a rolling window, with grace', () => {
    const shop = new Shop(small({ ...rule({ points }), tiers: tiers({ grace: 3 }) }))
    expect(told(shop, '02-25', 9)).toBe(undefined)
    // In the window until 5 March, and three days more; 2028 has a 29 February.
    expect(told(shop, '02-25', 1)).toBe('low 2028-03-09')
    expect(told(shop, '02-28', 10)).toBe('top 2028-03-09')
    // That ends by itself; what is left is lower, and no event is needed for it.
    expect(shop.tierAt('2028-03-08T23:59:59.999Z')).toBe('top 2028-03-09')
    expect(shop.tierAt('2028-03-09T00:00:00Z')).toBe('low 2028-03-12')
    expect(shop.tierAt('2028-03-12T00:00:00Z')).toBe('none')
    expect(told(shop, '03-09', 1)).toBe(undefined)
    expect(told(shop, '03-12', 1)).toBe(undefined)
  })

  test('over calendar months, to the end of the next and grace', () => {
    const shop = new Shop(small({ ...rule({ points }), tiers: tiers({ over: { calendar: 'month' }, grace: 5 }) }))
    expect(told(shop, '01-31', 10)).toBe('low 2028-03-06')
    expect(told(shop, '02-01', 19)).toBe('low 2028-04-06')
    expect(told(shop, '02-29', 1)).toBe('top 2028-04-06')
    expect(told(shop, '03-06', 1)).toBe(undefined)
  })

  test('multiply, count what is reversed on its day, and are those before the event', () => {
    const reversals = [{ on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '30d' }]
    const rules = [
      { id: 'act', on: 'act', points, unit: 'growth' },
      { id: 'pay', on: 'act', points, times: { low: [3, 2], top: [2, 1] }, round: 'up' },
      { id: 'gift', on: 'act', points: 1, when: "member.tier != ''" },
    ]
    const shop = new Shop(small({ rules, tiers: tiers({}), reversals }))
    const dues = (day: string, item: string, count: number) =>
      shop.taken(`2028-${day}T12:00Z`, 'act', { count, item }).issues.map(({ rule: { id }, due }) => `${id} ${due}`)
    expect(dues('03-01', 'a', 25)).toEqual(['act 25', 'pay 25'])
    expect(dues('03-02', 'b', 5)).toEqual(['act 5', 'pay 10', 'gift 1'])
    const { tier, backs } = shop.taken('2028-03-03T12:00Z', 'undo', { item: 'a', count: 15 })
    expect(backs.map(({ due }) => due)).toEqual([15, 15])
    expect(tier?.id).toBe('low')
    expect(dues('03-03', 'c', 1)).toEqual(['act 1', 'pay 2', 'gift 1'])
  })
})
