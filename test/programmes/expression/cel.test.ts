import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { evaluateExpression } from '../../../src/programmes/expression/evaluate.ts'
import { parseExpression } from '../../../src/programmes/expression/profile.ts'
import { recordOf, type Scalar, type Type, type Value } from '../../../src/programmes/expression/tree.ts'
import { codeOf } from '../codes.ts'

/** A value of the vectors: integers as text, since JSON of other languages rounds them. */
type Shown = boolean | string | { readonly int: string } | readonly Shown[]
interface Case {
  readonly name: string
  readonly expr: string
  readonly with?: Readonly<Record<string, Shown>>
  readonly gives?: Shown
  readonly fails?: true
}

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../conformance.json'), 'utf8')) as {
  cases: Case[]
}

function valueFrom(shown: Shown): Value {
  if (Array.isArray(shown)) return shown.map(valueFrom)
  return typeof shown === 'object' ? BigInt((shown as { int: string }).int) : shown
}

function typeOf(shown: Shown): Type {
  if (Array.isArray(shown)) return { items: typeOf(shown[0]) as Scalar, most: 256 }
  return typeof shown === 'boolean' ? 'bool' : typeof shown === 'string' ? 'text' : 'int'
}

const line = recordOf({
  sku: { type: 'text', isOptional: false },
  cents: { type: 'int', isOptional: false },
  note: { type: 'text', isOptional: true },
})
const EVENT = recordOf({
  words: { type: 'int', isOptional: false },
  item: { type: 'text', isOptional: false },
  gift: { type: 'bool', isOptional: false },
  voucher: { type: 'text', isOptional: true },
  tags: { type: { items: 'text', most: 256 }, isOptional: false },
  lines: { type: { items: line, most: 256 }, isOptional: false },
})
const VARIABLES = { event: EVENT, member: recordOf({ tier: { type: 'text', isOptional: false } }) }
const parse = (text: string) => parseExpression(text, '/rules/0/when', VARIABLES)

describe('expressions', () => {
  test('the official cases inside the profile give what they should', () => {
    expect(cases.length).toBe(240)
    for (const { name, expr, with: bound = {}, gives, fails } of cases) {
      const types = Object.fromEntries(Object.entries(bound).map(([key, shown]) => [key, typeOf(shown)]))
      const values = Object.fromEntries(Object.entries(bound).map(([key, shown]) => [key, valueFrom(shown)]))
      const expression = parseExpression(expr, '', types)
      if (fails)
        expect(
          codeOf(() => evaluateExpression(expression, values)),
          name,
        ).toBe('event-value')
      else expect(evaluateExpression(expression, values), name).toEqual(valueFrom(gives!))
    }
  })

  test('over an event', () => {
    const lines = [
      new Map<string, Value>([
        ['sku', 'tv'],
        ['cents', 258_900n],
      ]),
      new Map<string, Value>([
        ['sku', 'postage'],
        ['cents', 1000n],
        ['note', 'express'],
      ]),
    ]
    const event = new Map<string, Value>([
      ['words', 44n],
      ['item', '𝒳é'],
      ['gift', false],
      ['tags', ['a', 'b']],
      ['lines', lines],
    ])
    const gives = (text: string) => evaluateExpression(parse(text), { event, member: new Map([['tier', 'gold']]) })
    expect(gives('event.words >= 20 && !event.gift')).toBe(true)
    expect(gives("event.lines.filter(l, !(l.sku in ['gift-card', 'postage'])).map(l, l.cents)")).toEqual([258_900n])
    expect(gives('size(event.item) + event.tags.size()')).toBe(4n)
    expect(gives("has(event.voucher) && event.voucher == 'x'")).toBe(false)
    expect(gives("event.lines.exists(l, has(l.note) && l.note.startsWith('exp'))")).toBe(true)
    expect(gives("member.tier == 'gold' ? event.words * 2 : event.words")).toBe(88n)
    expect(gives("event.tags.all(t, t in ['a', 'b', 'c']) || event.voucher == ''")).toBe(true)
    expect(codeOf(() => gives("event.voucher == ''"))).toBe('event-value')
    expect(codeOf(() => gives('event.words / (event.words - 44) == 1'))).toBe('event-value')
  })

  test.each([
    ['doubles', '1.0 < 2.0'],
    ['unsigned', 'event.words == 1u'],
    ['bytes', "b'a' == b'a'"],
    ['null', 'event == null'],
    ['maps', "{'a': 1}.size() == 1"],
    ['messages', 'google.protobuf.Timestamp{} == event'],
    ['matches', "event.item.matches('^(a+)+$')"],
    ['contains', "event.item.contains('a')"],
    ['timestamps', "timestamp('2026-01-01T00:00:00Z') == event"],
    ['dyn', 'dyn(event.words) == 1'],
    ['type', 'type(event.words) == int'],
    ['conversions', "int('1') == event.words"],
    ['indexing', "event.tags[0] == 'a'"],
    ['one that exists', 'event.tags.exists_one(t, true)'],
    ['map with a filter', 'event.tags.map(t, true, t).size() == 1'],
    ['joined text', "event.item + 'a' == 'a'"],
    ['joined lists', 'size(event.tags + event.tags) == 1'],
    ['compared text', "event.item < 'a'"],
    ['compared lists', 'event.tags == event.tags'],
    ['lists of lists', 'event.tags.map(t, event.tags).size() == 1'],
    ['a list of what is no literal', 'event.words in [event.words]'],
    ['an empty list', 'event.words in []'],
    ['a list of two types', "event.words in [1, 'a']"],
    ['mixed types', "event.words == 'a'"],
    ['mixed branches', "(event.gift ? 1 : 'a') == 1"],
    ['an int as a condition', 'event.words && true'],
    ['no such field', 'event.cents == 1'],
    ['a field of the language', "event.constructor == ''"],
    ['no such variable', 'now > 1'],
    ['an inherited name', '__proto__ == 1'],
    ['a field of a text', 'event.item.length == 1'],
    ['has of what is always there', 'has(event.words)'],
    ['startsWith as a function', "startsWith(event.item, 'a')"],
    ['a macro over text', "event.item.all(c, c == 'a')"],
    ['beyond 64 bits', 'event.words == 9223372036854775808'],
    ['nothing', ''],
    ['no CEL', 'event.words >='],
    ['two', 'true true'],
    ['a comment alone', '// true'],
    ['a reserved word', 'event.while == 1'],
  ])('%s: refused', (_, text) => {
    expect(codeOf(() => parse(text))).toBe('expression')
  })

  test('a hostile expression is refused by its size, depth or cost, and soon', () => {
    expect(codeOf(() => parse(`event.words == 1${' '.repeat(1009)}`))).toBe('expression-size')
    expect(codeOf(() => parse(`event.item == '${'é'.repeat(510)}'`))).toBe('expression-size')
    expect(parse(`event.words == 1${' '.repeat(1008)}`).type).toBe('bool')
    const nested = (levels: number) => `${'-(1 + '.repeat(levels / 2)}1${')'.repeat(levels / 2)} == 1`
    expect(parse(nested(14)).type).toBe('bool')
    expect(codeOf(() => parse(nested(16)))).toBe('expression-depth')
    expect(codeOf(() => parse(nested(100)))).toBe('expression-depth')
    expect(codeOf(() => parse(`${'('.repeat(33)}1${')'.repeat(33)} == 1`))).toBe('expression-depth')
    expect(parse(`${'('.repeat(32)}1${')'.repeat(32)} == 1`).type).toBe('bool')
    expect(codeOf(() => parse('('.repeat(510)))).toBe('expression-depth')
    expect(codeOf(() => parse('('.repeat(30)))).toBe('expression')
    expect(codeOf(() => parse(`${'event.'.repeat(160)}words`))).toBe('expression')
    // A chain is one level; parentheses are none, and double negation cancels.
    expect(parse(`${'!('.repeat(32)}true${')'.repeat(32)}`).type).toBe('bool')
    expect(parse(Array.from({ length: 100 }, () => 'true').join(' && ')).type).toBe('bool')
    expect(codeOf(() => parse(Array.from({ length: 17 }, () => '1').join(' + ')))).toBe('expression-depth')
    const loop = (inner: string) => `event.tags.all(t, ${inner})`
    expect(parse(loop("t == 'a'")).type).toBe('bool')
    expect(codeOf(() => parse(loop(loop("t == 'a'"))))).toBe('expression-cost')
    expect(codeOf(() => parse(loop(loop(loop('true')))))).toBe('expression-cost')
    expect(parse(loop("t in ['a', 'b']")).cost).toBe(1 + 2 + 256 * (1 + 2 + 1 + 3))
    expect(codeOf(() => parse(loop('t in event.tags')))).toBe('expression-cost')
    expect(evaluateExpression(parse('[1, 2].all(a, [1, 2].all(b, a < 3 && b < 3))'), {})).toBe(true)
  })

  test('a macro over the longest list is flat', () => {
    const tags = Array.from({ length: 256 }, (_, i) => `t${i}`)
    const expression = parse("event.tags.filter(t, t != 't3').map(t, size(t))")
    expect((evaluateExpression(expression, { event: new Map([['tags', tags]]) }) as readonly Value[]).length).toBe(255)
  })
})
