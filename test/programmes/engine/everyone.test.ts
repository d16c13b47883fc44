import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  checkOne,
  EveryoneCounters,
  issueDetails,
  nothingDetails,
  type Programme,
} from '../../../src/programmes/index.ts'
import { codeOf } from '../codes.ts'
import { Shop, small } from '../shop.ts'

const DRAFT = small({
  rules: [
    {
      id: 'act',
      on: 'act',
      group: 'both',
      points: { per: 1, of: 'event.count', give: 1 },
      cap: { 'programme/day': 30 },
    },
    { id: 'more', on: 'act', group: 'both', points: 2, cap: { 'programme/day/item': 6 } },
  ],
  caps: { both: { 'programme/day': 40 }, all: { 'programme/month': 60 } },
})

/** The details of some events. */
function detailsOf(events: readonly (readonly [day: number, member: number, item: number, count: number])[]) {
  const shop = new Shop(DRAFT)
  const texts: string[] = []
  for (const [day, member, item, count] of events) {
    const data = { item: `i${item}`, count }
    const found = shop.taken(`2026-01-0${day + 1}T10:00Z`, 'act', data, `m${member}`)
    const issues = found.issues.map(issue => issueDetails(shop.programme, found, issue))
    texts.push(...(issues.length > 0 ? issues : [nothingDetails(shop.programme, found)]))
  }
  return { programme: shop.programme, texts }
}

const judged = (programme: Programme, texts: readonly string[]) =>
  codeOf(() => {
    const counters = new EveryoneCounters()
    for (const text of texts) counters.take(programme, text)
    counters.judge()
  })

const EVENTS = fc
  .array(fc.tuple(fc.nat(2), fc.nat(3), fc.nat(2), fc.nat(12)), { minLength: 1, maxLength: 25 })
  .map(events => events.sort(([a], [b]) => a - b))

test('counters of everyone are what all rewards make, in any order; one that is missing or another shows', () => {
  fc.assert(
    fc.property(EVENTS, fc.nat(), (events, pick) => {
      const { programme, texts } = detailsOf(events)
      expect(judged(programme, texts)).toBe(undefined)
      expect(judged(programme, texts.toReversed())).toBe(undefined)
      const i = pick % texts.length
      const counted = (text: string) => /"(?:all|both|more|act) programme[^"]*":/.test(text)
      const [one] = [texts[i]!]
      if (one.includes('"due"')) {
        // Twice, it is counted from the same; left out, it is a hole unless nobody counted after it.
        expect(judged(programme, [...texts, one])).toBe('reward')
        const all = (JSON.parse(one) as { before: Record<string, number>; due: number }).before['all programme/month']!
        const isLast = !texts.some(
          text => text !== one && text.includes('"all programme/month":') && afterIn(text, all),
        )
        const isMissed = judged(programme, texts.toSpliced(i, 1))
        if (!isLast) expect(isMissed).toBe('reward')
      }
      // What a reward counts for everyone is one more than it was.
      const more = one.replace(
        /"all programme\/month":(\d+)/,
        (_, n: string) => `"all programme/month":${Number(n) + 1}`,
      )
      if (counted(one) && more !== one && codeOf(() => checkOne(programme, more)) === undefined)
        expect(judged(programme, texts.with(i, more))).toBe('reward')
    }),
  )
})

/** Whether details have that much, or more, after them of the cap of all. */
function afterIn(text: string, all: number): boolean {
  return [...text.matchAll(/"all programme\/month":(\d+)/g)].some(([, n]) => Number(n) > all)
}
