import { describe, expect, test } from 'vitest'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { canonicalText, parseJson } from '../../../src/programmes/document/json.ts'
import { codeOf } from '../codes.ts'

const MAX = 65_536
const parse = (text: string) => parseJson(utf8Encode(text), MAX)
const code = (text: string) => codeOf(() => parse(text))

describe('JSON as programmes have it', () => {
  test('is read and written canonically', () => {
    const text = ' { "b" : [ 1 , -2 , true , [ ] , { } ] ,\t"a":"\\u0041\\n\\ud83d\\ude00\\/é", "10":0, "9":1 }\r\n'
    expect(canonicalText(parse(text))).toBe('{"10":0,"9":1,"a":"A\\n😀/é","b":[1,-2,true,[],{}]}')
  })

  test('sorts names by UTF-16 code units, as the example of RFC 8785 does', () => {
    const text = String.raw`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`
    expect(Object.values(JSON.parse(canonicalText(parse(text))) as object)).not.toBe(undefined)
    expect(canonicalText(parse(text)).match(/:\d/g)!.join('')).toBe(':2:4:6:7:1:5:3')
  })

  test('escapes as RFC 8785 does', () => {
    const text = String.raw`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\b\f\r\t\u007f\u2028"`
    expect(canonicalText(parse(text))).toBe('"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\\b\\f\\r\\t\u007f\u2028"')
  })

  test('an inherited name is a name like others', () => {
    const value = parse('{"__proto__": {"a": 1}, "constructor": 2}') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(canonicalText(value as never)).toBe('{"__proto__":{"a":1},"constructor":2}')
    expect(({} as Record<string, unknown>)['a']).toBe(undefined)
  })

  test.each([
    '',
    ' ',
    'null',
    '[null]',
    '1.0',
    '1e3',
    '1E3',
    '01',
    '-',
    '-0',
    '+1',
    '.5',
    '9007199254740992',
    '-9007199254740992',
    'NaN',
    'Infinity',
    'tru',
    'truefalse',
    '1 2',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"a":1,}',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '[,]',
    '[1 2]',
    '[1',
    '{',
    ']',
    '"a',
    '"\n"',
    '"\t"',
    '"\\x"',
    '"\\u12"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '// a\n1',
    '\ufeff1',
    '\u00a01',
  ])('%j: refused', text => {
    expect(code(text)).toBe('json')
  })

  test('bytes that are no UTF-8, too many, too deep', () => {
    expect(codeOf(() => parseJson(new Uint8Array([0x22, 0xff, 0x22]), MAX))).toBe('utf8')
    expect(code(`"${'a'.repeat(MAX)}"`)).toBe('json-size')
    expect(code(`"${'a'.repeat(MAX - 2)}"`)).toBe(undefined)
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect(code(nested(16))).toBe(undefined)
    expect(code(nested(17))).toBe('json-depth')
    expect(code('['.repeat(60_000))).toBe('json-depth')
    expect(code('{"a":'.repeat(10_000))).toBe('json-depth')
    expect(code(`"${'\\'.repeat(60_000)}`)).toBe('json')
  })

  test('says where', () => {
    expect(() => parse('{"a": [1, {"b/c": null}]}')).toThrow('/a/1/b~1c: ')
  })
})
