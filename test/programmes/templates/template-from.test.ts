import { describe, expect, test } from 'vitest'
import { parseProgramme, TEMPLATES, templateFrom } from '../../../src/programmes/index.ts'

const from = (name: string, time: string) => templateFrom(name, Date.parse(time))['from']

describe('a template that is begun', () => {
  test('holds from the first midnight of its own days that is not before', () => {
    expect(from('coins', '2026-11-30T16:00:00Z')).toBe('2026-12-01T00:00+08:00')
    expect(from('coins', '2026-11-30T16:00:01Z')).toBe('2026-12-02T00:00+08:00')
    expect(from('purchase', '2028-02-28T10:00:00Z')).toBe('2028-02-29T00:00+00:00')
    expect(templateFrom('coins', Date.parse('2027-01-01'), true)['from']).toBe('2027-01-01T00:00+08:00')
  })

  test('has its campaigns in the year from then on', () => {
    const campaign = (time: string) => templateFrom('membership', Date.parse(time))['campaigns']
    const of = (year: number) => [
      {
        id: 'double-eleven',
        from: `${year}-11-11T00:00+08:00`,
        until: `${year}-11-12T00:00+08:00`,
        budget: 1_000_000,
      },
    ]
    expect(campaign('2027-11-10T16:00:00Z')).toEqual(of(2027))
    expect(campaign('2027-11-10T16:00:01Z')).toEqual(of(2028))
    expect(campaign('2031-03-01T00:00:00Z')).toEqual(of(2031))
  })

  test.each(Object.keys(TEMPLATES))('%s is a document, and changed in its dates alone', name => {
    const begun = templateFrom(name, Date.parse('2030-05-06T07:08:09Z'))
    const programme = parseProgramme(JSON.stringify(begun))
    expect(programme.fromMs).toBeGreaterThanOrEqual(Date.parse('2030-05-06T07:08:09Z'))
    const { from: _, campaigns: __, ...rest } = begun
    const { from: ___, campaigns: ____, ...was } = TEMPLATES[name]!
    expect(rest).toEqual(was)
  })
})
