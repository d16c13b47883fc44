import { describe, expect, test } from 'vitest'
import { BalanceReader, type BalanceRow, type DecimalMark, parseBalanceMap } from '../../src/issuing/balance-rows.ts'

const NOW = Date.parse('2027-01-15T12:00:00Z')
/** Days begin at 16:00 UTC, as in China; dates are midnights of that clock. */
const CHINA = { step: 1, offset: 88, grain: 96 }
const UTC = { step: 1, offset: 56, grain: 4 }

const HEADER = { line: 1, cells: ['id', ' balance ', 'until', 'from', 'lot'] }
const MAP = parseBalanceMap('member=id, points=balance,expires=until,matures=from')

function reader(policy = UTC, decimal?: DecimalMark, map = MAP) {
  return new BalanceReader(HEADER, map, policy, { nowMs: NOW, ...(decimal === undefined ? {} : { decimal }) })
}
const read = (cells: readonly string[], ...args: Parameters<typeof reader>) =>
  reader(...args).read({ line: 2, cells: [...cells, '', '', '', ''].slice(0, 5) })
const codeOf = (found: ReturnType<typeof read>) =>
  found === undefined ? 'nothing' : 'code' in found ? found.code : 'ok'
const pointsOf = (text: string, decimal?: DecimalMark) => {
  const found = read(['a', text], UTC, decimal)
  return found === undefined ? 0 : 'code' in found ? found.code : found.points
}
const dateOf = (text: string, policy = UTC) => {
  const found = read(['a', '1', text], policy)
  if (found === undefined || 'code' in found) return found?.code
  return found.expires === 0 ? 'never' : new Date(found.expires * 900_000).toISOString().slice(0, 16)
}

describe('rows of balances', () => {
  test.each([
    ['1200', undefined, 1200],
    ['+7', undefined, 7],
    ['0', undefined, 0],
    ['0,00', undefined, 0],
    ['12.00', undefined, 12],
    ['12,0', undefined, 12],
    ['1 200', undefined, 1200],
    ['1\u00a0200\u202f000', undefined, 1_200_000],
    ["1'200", undefined, 1200],
    ['1.200', undefined, 'balance-amount'],
    ['1,200', undefined, 'balance-amount'],
    ['12.5', undefined, 'balance-amount'],
    ['1.200', 'comma', 1200],
    ['1.200,00', 'comma', 1200],
    ['1.200,50', 'comma', 'balance-amount'],
    ['12.5', 'comma', 'balance-amount'],
    ['1,200.00', 'point', 1200],
    ['1,20', 'point', 'balance-amount'],
    ['-5', undefined, 'balance-negative'],
    ['(5)', undefined, 'balance-negative'],
    ['', undefined, 'balance-amount'],
    ['1e3', undefined, 'balance-amount'],
    ['12 pts', undefined, 'balance-amount'],
    ['1 2', undefined, 'balance-amount'],
    ['9007199254740991', undefined, Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined, 'balance-amount'],
  ] as const)('%j points, %s', (text, decimal, wanted) => {
    expect(pointsOf(text, decimal)).toBe(wanted)
  })

  test.each([
    ['', 'never'],
    ['2027-12-31', '2028-01-01T00:00'],
    ['2027/12/31', '2028-01-01T00:00'],
    ['2027年12月31日', '2028-01-01T00:00'],
    ['31.12.2027', '2028-01-01T00:00'],
    ['2027-12-31T23:59:59Z', '2028-01-01T00:00'],
    ['2027-12-31 18:00', '2027-12-31T18:00'],
    ['2027-12-31T18:00+02:00', '2027-12-31T16:00'],
    ['2027-12-31T18:00:00.500Z', '2027-12-31T19:00'],
    ['12/31/2027', 'balance-date'],
    ['31.02.2027', 'balance-date'],
    ['2027-13-01', 'balance-date'],
    ['2027-12-31T25:00Z', 'balance-date'],
    ['soon', 'balance-date'],
    ['2027-01-14', 'dates'],
    ['2027-01-15', '2027-01-16T00:00'],
  ])('a date %j', (text, wanted) => {
    expect(dateOf(text)).toBe(wanted)
  })

  test('the days of a unit are those of its clock, and its dates are on its grain, never to the loss of a member', () => {
    expect(dateOf('2027-12-31', CHINA)).toBe('2027-12-31T16:00')
    expect(dateOf('2027-12-31T10:00Z', CHINA)).toBe('2027-12-31T16:00')
    const found = read(['a', '1', '2027-12-31', '2027-03-01T10:00Z'], CHINA) as BalanceRow
    expect(new Date(found.matures * 900_000).toISOString()).toBe('2027-02-28T16:00:00.000Z')
    expect(codeOf(read(['a', '1', '2027-03-01', '2027-04-01']))).toBe('dates')
  })

  test('members, steps, values that are missing', () => {
    expect(codeOf(read([' ', '1']))).toBe('balance-member')
    expect(codeOf(read(['a\u0001', '1']))).toBe('balance-member')
    expect(codeOf(read(['a', '15'], { ...UTC, step: 10 }))).toBe('off-step')
    expect(codeOf(reader().read({ line: 2, cells: ['a'] }))).toBe('csv-line')
    expect(codeOf(reader().read({ line: 2, cells: ['a', '1', '', ''], fault: 'x' }))).toBe('csv-line')
  })

  test('each member once, or each of what tells her balances apart', () => {
    const one = reader()
    const row = (line: number, ...cells: string[]) =>
      codeOf(one.read({ line, cells: [...cells, '', '', ''].slice(0, 5) }))
    expect([row(2, 'a', '1', ''), row(3, ' a ', '1', ''), row(4, 'b', '1', '')]).toEqual(['ok', 'balance-twice', 'ok'])
    const many = reader(UTC, undefined, parseBalanceMap('member=id,points=balance,ref=until+lot'))
    const names = [
      ['a', '1', 'x', '', '1'],
      ['a', '1', 'x', '', '2'],
      ['a', '1', 'x1', '', ''],
      ['b', '1', 'x', '', '1'],
    ].map((cells, i) => (many.read({ line: 2 + i, cells }) as BalanceRow).name)
    expect(new Set(names).size).toBe(4)
    expect(codeOf(many.read({ line: 9, cells: ['a', '1', 'x', '', '1'] }))).toBe('balance-twice')
    expect(codeOf(many.read({ line: 9, cells: ['c', '1', '', '', ''] }))).toBe('balance-member')
  })

  test('columns that are not there, or twice, or not of balances', () => {
    const made = (map: string) => () => reader(UTC, undefined, parseBalanceMap(map))
    expect(made('points=balance')).toThrow(/no column "member"; it has "id", "balance"/)
    expect(made('member=id,points=balance,expires=to')).toThrow(/no column "to"/)
    expect(() => new BalanceReader({ line: 1, cells: ['id', 'id', 'balance'] }, MAP, UTC, { nowMs: NOW })).toThrow(
      /more than one column "id"/,
    )
    expect(made('member=id,balance=balance')).toThrow(/names no column/)
    expect(made('id')).toThrow(/names no column/)
  })
})
