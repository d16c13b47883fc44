import { describe, expect, test } from 'vitest'
import {
  backDetails,
  canonicalText,
  checkChain,
  checkOne,
  issueDetails,
  type JsonObject,
  nothingDetails,
  type TakenEvent,
} from '../../../src/programmes/index.ts'
import { codeOf } from '../codes.ts'
import { type Draft, Shop, template } from '../shop.ts'

/** Four days of a member: sign-ins, views, an order and half of it back, and something that earned nothing. */
function history() {
  const shop = new Shop(template('coins'))
  const { programme } = shop
  const texts: string[] = []
  const happens = (day: number, type: string, data: Draft = {}) => {
    const found: TakenEvent = shop.taken(`2026-12-0${day}T10:00+08:00`, type, data)
    const issues = found.issues.map(issue => issueDetails(programme, found, issue))
    const backs = found.backs.map(back => backDetails(programme, found, back))
    texts.push(...issues, ...backs, ...(issues.length + backs.length === 0 ? [nothingDetails(programme, found)] : []))
  }
  // Another member moves what is counted for everyone.
  shop.due('2026-12-02T09:00+08:00', 'view', { item: 'i', seconds: 20 }, 'n')
  happens(1, 'sign-in')
  happens(2, 'sign-in')
  happens(2, 'view', { item: 'i', seconds: 20 })
  happens(2, 'view', { item: 'i', seconds: 20 })
  happens(3, 'order', { order: 'o', paid: 5000, lines: [{ sku: 'pen', cents: 5000 }] })
  happens(4, 'return', { order: 'o', refunded: 2500 })
  happens(4, 'sign-in')
  return { programme, texts }
}

describe('all rewards of a member', () => {
  const { programme, texts } = history()
  const NONE: ReadonlySet<number> = new Set()
  /** The texts with one of them changed, which alone is still right. */
  const changed = (i: number, change: (details: Draft & { before: Draft; event: Draft }) => void) => {
    const details = JSON.parse(texts[i]!) as Draft & { before: Draft; event: Draft }
    change(details)
    const text = canonicalText(details as unknown as JsonObject)
    expect(codeOf(() => checkOne(programme, text))).toBe(undefined)
    return texts.with(i, text)
  }
  const code = (given: readonly string[], erased = NONE) => codeOf(() => checkChain(programme, given, erased))

  test('are what the events before make of each, in whatever order they are handed in', () => {
    const whole = { numbers: 7, whole: 7, issues: 5, reversals: 1 }
    expect(checkChain(programme, texts, NONE)).toEqual(whole)
    expect(checkChain(programme, texts.toReversed(), NONE)).toEqual(whole)
    expect(checkChain(programme, [], NONE)).toEqual({ numbers: 0, whole: 0, issues: 0, reversals: 0 })
  })

  test('counters from before are true', () => {
    expect(code(changed(2, it => Object.assign(it.before, { 'acts member/day': 7 })))).toBe('reward')
    expect(code(changed(6, it => Object.assign(it.before, { streak: [20_700, 9] })))).toBe('reward')
    expect(code(changed(5, it => Object.assign(it.before, { given: 49 })))).toBe('reward')
    // What everyone has is moved by others, and believed here.
    expect(code(changed(2, it => Object.assign(it.before, { 'all programme/day': 99 })))).toBe(undefined)
  })

  test('once, a number, an event', () => {
    const twice = changed(3, it => {
      const first = JSON.parse(texts[2]!) as typeof it
      const before = { ...first.before, 'acts member/day': 7, 'view member/day': 1, 'all programme/day': 8 }
      for (const name of Object.keys(it)) delete it[name]
      Object.assign(it, first, { n: 4, before, event: { ...first.event, id: 'again' } })
    })
    expect(code(twice)).toBe('reward')
    expect(code(texts.slice(0, 3).concat(texts.slice(4)))).toBe('reward')
    expect(code(changed(6, it => Object.assign(it, { n: 9 })))).toBe('reward')
    expect(code(changed(6, it => Object.assign(it, { n: 2 ** 52 })))).toBe('reward')
    expect(code(changed(1, it => Object.assign(it, { n: 1 })))).toBe('reward')
    expect(code([...texts, texts[2]!])).toBe('reward')
    expect(code(changed(6, it => Object.assign(it.event, { id: 'e1' })))).toBe('reward')
  })

  test('a gap is excused by an erasure, and sums only grow after it', () => {
    const gap = texts.slice(0, 2).concat(texts.slice(3))
    expect(code(gap)).toBe('reward')
    expect(checkChain(programme, gap, new Set([3]))).toEqual({ numbers: 7, whole: 2, issues: 4, reversals: 1 })
    // After the gap nobody knows what else was counted, and less than what is known was not.
    const counts = (before: number) =>
      changed(2, it => Object.assign(it.before, { 'acts member/day': before })).slice(1)
    expect([9, 6, 5].map(before => code(counts(before), new Set([1])))).toEqual([undefined, undefined, 'reward'])
  })
})
