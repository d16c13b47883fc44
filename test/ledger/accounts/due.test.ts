import fc from 'fast-check'
import { expect, test } from 'vitest'
import { QUARTER_MS } from '../../../src/account/dates.ts'
import { dueMinute } from '../../../src/account/due-times.ts'
import { type Holdings, NO_HOLDINGS } from '../../../src/account/holdings.ts'
import { DueList } from '../../../src/ledger/accounts/due.ts'

const MINUTE_MS = 60_000
const hold = (until: number) => ({ id: new Uint8Array(16), credit: 0, amount: 1, until, parts: [] })
const lot = (expires: number) => ({ matures: 0, expires, amount: 1 })

test('points are due within a minute of their end and never before, though others of the account end later', () => {
  const end = fc.oneof(
    fc.integer({ min: 1, max: 1000 * QUARTER_MS }).map(until => ({ ends: until, holds: [hold(until)], lots: [] })),
    fc.integer({ min: 1, max: 1000 }).map(quarter => ({ ends: quarter * QUARTER_MS, holds: [], lots: [lot(quarter)] })),
  )
  fc.assert(
    fc.property(fc.array(end, { minLength: 1, maxLength: 6 }), ends => {
      let left = ends
      const holdings = (): Holdings => ({
        ...NO_HOLDINGS,
        holds: left.flatMap(({ holds }) => holds),
        lots: left.flatMap(({ lots }) => lots),
      })
      const list = new DueList(holdings)
      list.note(7, dueMinute(holdings())!)
      while (left.length > 0) {
        const next = Math.min(...left.map(({ ends }) => ends))
        expect(list.at(next - 1, 9)).toEqual([])
        expect(list.at(next + MINUTE_MS, 9)).toEqual([7])
        left = left.filter(({ ends }) => ends > next + MINUTE_MS)
      }
      expect(list.at(2000 * QUARTER_MS, 9)).toEqual([])
    }),
  )
})

test('more accounts than one set holds may have points that end in the same minute', () => {
  const count = 2 ** 20 + 3
  const due = new Set([5, count - 2, count - 1])
  const ended = { ...NO_HOLDINGS, lots: [lot(1)] }
  const list = new DueList(account => (due.has(account) ? ended : NO_HOLDINGS))
  for (let account = 0; account < count; account++) list.note(account, 15)
  for (const account of due) list.note(account, 15)
  expect(list.at(QUARTER_MS - 1, 9)).toEqual([])
  expect(list.at(2 * QUARTER_MS, 2)).toEqual([5, count - 2])
  expect(list.at(2 * QUARTER_MS, 9)).toEqual([5, count - 2, count - 1])
  due.clear()
  expect(list.at(2 * QUARTER_MS, 9)).toEqual([])
})
