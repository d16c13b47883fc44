import { describe, expect, test } from 'vitest'
import {
  backDetails,
  canonicalText,
  checkOne,
  issueDetails,
  type JsonObject,
  nothingDetails,
  type Programme,
} from '../../../src/programmes/index.ts'
import { codeOf } from '../codes.ts'
import { programmeOf, Shop, template } from '../shop.ts'

/** Details of an order that a cap cut, of a sign-in in a streak, of a return and of a view that earned nothing. */
function honest(): {
  programme: Programme
  order: string
  signIn: string
  back: string
  nothing: string
  capped: string
} {
  const shop = new Shop(template('coins'))
  const { programme } = shop
  const time = (day: number) => `2026-12-0${day}T10:00+08:00`
  shop.taken(time(1), 'sign-in')
  const signIn = shop.taken(time(2), 'sign-in')
  const lines = [{ sku: 'tv', cents: 258_900 }]
  const order = shop.taken(time(2), 'order', { order: 'o1', paid: 258_900, lines })
  const back = shop.taken(time(3), 'return', { order: 'o1', refunded: 1 })
  const nothing = shop.taken(time(3), 'view', { item: 'i', seconds: 3 })
  for (let i = 0; i < 3; i++) shop.taken(time(3), 'review', { order: 'o1', item: `i${i}`, words: 20 })
  const capped = shop.taken(time(3), 'review', { order: 'o1', item: 'x', words: 20 })
  return {
    programme,
    signIn: issueDetails(programme, signIn, signIn.issues[0]!),
    order: issueDetails(programme, order, order.issues[0]!),
    back: backDetails(programme, back, back.backs[0]!),
    nothing: nothingDetails(programme, nothing),
    capped: nothingDetails(programme, capped),
  }
}

/** Details with other values at some pointers; undefined takes away what is there. */
function changed(text: string, values: Readonly<Record<string, unknown>>): string {
  const details = JSON.parse(text) as JsonObject
  for (const [pointer, value] of Object.entries(values)) {
    const steps = pointer
      .slice(1)
      .split('/')
      .map(step => step.replaceAll('~1', '/'))
    const last = steps.pop()!
    const at = steps.reduce((one, step) => one[step] as Record<string, unknown>, details as Record<string, unknown>)
    if (value === undefined) delete at[last]
    else at[last] = value
  }
  return canonicalText(details)
}

describe('one reward alone', () => {
  const all = honest()
  const { programme, order, signIn, back, nothing, capped } = all
  const code = (text: string, values: Readonly<Record<string, unknown>>) =>
    codeOf(() => checkOne(programme, changed(text, values)))

  test('is what the page says', () => {
    expect(order).toBe(
      `{"before":{"all programme/day":6},"cuts":[{"cap":"order event","cut":2089}],"due":500,"event":{"data":{"lines":[{"cents":258900,"sku":"tv"}],"order":"o1","paid":258900},"id":"e2","time":1796176800000,"type":"order"},"n":3,"programme":"${programme.digest}","rule":"order"}`,
    )
    expect(JSON.parse(signIn)).toMatchObject({ before: { 'acts member/day': 0, streak: [20_788, 1] }, due: 6 })
    expect(JSON.parse(back)).toMatchObject({
      before: { given: 500, refunded: 0, taken: 0, whole: 258_900 },
      due: 1,
      reverses: 'e2',
    })
    expect(JSON.parse(nothing)).toMatchObject({ nothing: [{ rule: 'view', why: 'when' }] })
    expect(JSON.parse(capped)).toMatchObject({
      nothing: [{ why: 'cap', cuts: [{ cap: 'review member/day', cut: 10 }] }],
    })
    for (const text of [order, signIn, back, nothing, capped])
      expect(codeOf(() => checkOne(programme, text))).toBe(undefined)
  })

  test.each<[string, Exclude<keyof typeof all, 'programme'>, Record<string, unknown>]>([
    ['more than is due', 'order', { '/due': 501 }],
    ['less than is due', 'order', { '/due': 499 }],
    ['a cut that is smaller', 'order', { '/cuts/0/cut': 2088 }],
    ['no cut', 'order', { '/cuts': undefined }],
    ['another cap', 'order', { '/cuts/0/cap': 'all programme/day' }],
    ['another order', 'order', { '/event/data/lines': [{ sku: 'tv', cents: 100 }] }],
    ['what is excluded', 'order', { '/event/data/lines': [{ sku: 'postage', cents: 258_900 }] }],
    ['a cap that was used up', 'order', { '/before/all programme~1day': 50_000_000 }],
    ['a streak that was longer', 'signIn', { '/before/streak': [20_788, 5] }],
    ['a streak that was broken', 'signIn', { '/before/streak': [20_787, 1] }],
    ['no streak', 'signIn', { '/before/streak': undefined }],
    ['a full group', 'signIn', { '/before/acts member~1day': 60 }],
    ['more back', 'back', { '/due': 2 }],
    ['a larger refund', 'back', { '/event/data/refunded': 10_000 }],
    ['a smaller original', 'back', { '/before/whole': 1000, '/before/refunded': 999 }],
    ['what was taken before', 'back', { '/before/taken': 1 }],
    ['less taken before than was due', 'back', { '/before/refunded': 129_450, '/due': 251 }],
    ['another reason', 'nothing', { '/nothing/0/why': 'zero' }],
    ['a condition that holds', 'nothing', { '/event/data/seconds': 15 }],
    ['room under the cap', 'capped', { '/nothing/0/before/review member~1day': 29 }],
  ])('%s: not what it gives', (_, which, values) => {
    expect(code(all[which], values)).toBe('reward')
  })

  test.each<[string, Record<string, unknown>]>([
    ['of another programme', { '/programme': '0'.repeat(64) }],
    ['without a number', { '/n': undefined }],
    ['with number 0', { '/n': 0 }],
    ['with something more', { '/surplus': 1 }],
    ['with a counter that the rule does not read', { '/before/acts member~1day': 0 }],
    ['without a counter that it reads', { '/before': {} }],
    ['with a counter below 0', { '/before/all programme~1day': -1 }],
    ['with a member', { '/event/member': 'm' }],
    ['with a time as text', { '/event/time': '2026-12-02T10:00+08:00' }],
    ['of an event that there is not', { '/event/type': 'none' }],
    ['of a rule that there is not', { '/rule': 'none' }],
    ['of the rule of another event', { '/rule': 'view' }],
    ['that gives nothing', { '/due': 0 }],
  ])('%s: no details', (_, values) => {
    expect(code(order, values)).toBe('reward-details')
  })

  test('is the same bytes, or it is not what was committed to', () => {
    expect(codeOf(() => checkOne(programme, ` ${order}`))).toBe('reward-details')
    expect(codeOf(() => checkOne(programme, order.replace('{"before"', '{"a":1,"a":1,"before"')))).toBe(
      'reward-details',
    )
    expect(codeOf(() => checkOne(programme, 'x'))).toBe('reward-details')
    expect(codeOf(() => checkOne(programme, '[]'))).toBe('reward-details')
    expect(codeOf(() => checkOne(programme, 'x'.repeat(20_000)))).toBe('reward-details')
    expect(codeOf(() => checkOne(programmeOf(template('forest')), order))).toBe('reward-details')
  })
})
