import { describe, expect, test } from 'vitest'
import { fromHex } from '../../../src/core/bytes.ts'
import { evaluatorOf, Grants, issueDetails } from '../../../src/programmes/index.ts'
import { type Draft, Shop, small } from '../shop.ts'

const DOCUMENT = small({
  rules: [
    { id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 }, cap: { 'member/day': 40 } },
    { id: 'first', on: 'act', once: 'member/ever/item', points: 7 },
  ],
  caps: { all: { 'programme/ever': 60 } },
})

/** Details of what acts earn of a service that counts from nothing again for each list. */
function detailsOf(...acts: readonly (readonly [item: string, count: number, day?: number])[]): string[] {
  const shop = new Shop(DOCUMENT)
  return acts.flatMap(([item, count, day = 1]) => {
    const id = `e${item}${count}${day}`
    const found = shop.happens(`2026-01-0${day}T10:00Z`, 'act', { item, count }, 'm', id)
    if (found.status !== 'taken') throw new Error(found.status)
    return found.issues.map(issue => issueDetails(shop.programme, found, issue))
  })
}

const { digest, text } = new Shop(DOCUMENT).programme

/** At which places issues are wrong, of one account each or of those given. */
function wrongOf(
  texts: readonly string[],
  accounts: readonly number[] = [],
  reversed: readonly number[] = [],
): number[][] {
  const evaluator = evaluatorOf(fromHex(digest), text)!
  const grants = new Grants()
  return texts.flatMap((details, at) => {
    const due = evaluator.due(details, accounts[at] ?? 3)!
    const amount = (JSON.parse(details) as Draft)['due'] as number
    const { matures = 0, expires = 0 } = due
    const wrong = grants.take(evaluator.pool!, due, {
      at,
      amount,
      reversed: reversed.includes(at) ? amount : 0,
      matures,
      expires,
    })
    return wrong === undefined ? [] : [wrong.issues()]
  })
}

describe('the counters of issues', () => {
  const honest = detailsOf(['a', 10], ['b', 10], ['a', 5], ['a', 3, 2])

  test('no two of an honest service have the same, in any order', () => {
    expect(honest).toHaveLength(6)
    for (const texts of [honest, honest.toReversed(), [...honest.slice(3), ...honest.slice(0, 3)]])
      expect(wrongOf(texts)).toEqual([])
  })

  test('a cap that is counted from nothing twice is a fault, and which two show it', () => {
    const again = detailsOf(['c', 30])
    // Of the day 20 to 25 is had by the fifth; the programme’s own cap says so, too.
    expect(wrongOf([...honest, again[0]!])).toEqual([[4, 6]])
    expect(wrongOf([again[0]!, ...honest.filter((_, i) => i !== 0)]).length).toBeGreaterThan(0)
  })

  test('a cap of everyone is of all accounts, a member’s of one', () => {
    const [act] = detailsOf(['a', 10])
    const [other] = detailsOf(['b', 10])
    expect(wrongOf([act!, other!], [3, 4])).toEqual([[0, 1]])
  })

  test('a `once` is used once', () => {
    const firsts = [detailsOf(['a', 1])[1]!, detailsOf(['a', 2])[1]!]
    expect(firsts.map(one => (JSON.parse(one) as Draft)['rule'])).toEqual(['first', 'first'])
    expect(wrongOf(firsts)).toEqual([[0, 1]])
  })

  test('an issue that was taken back whole has nothing', () => {
    const again = detailsOf(['c', 10])
    expect(wrongOf([honest[0]!, again[0]!], [], [0])).toEqual([])
  })
})
