import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64, fromHex, parseDecimal, toBase64, toHex, utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { idTimeMs, isId, makeId } from '../../src/core/entry/id.ts'
import { TIME_MS_MAX } from '../../src/core/limits.ts'
import { runs } from '../runs.ts'

describe('texts of bytes have one spelling each', () => {
  test('hex and base64 are what Node makes, and are read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), bytes => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
        expect(fromHex(toHex(bytes))).toEqual(bytes)
        expect(fromBase64(toBase64(bytes))).toEqual(bytes)
      }),
    )
  })

  test('all text that is read as base64 is spelled that way', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgwz9+/=-_ \n'), maxLength: 12 }), text => {
        let bytes: Uint8Array
        try {
          bytes = fromBase64(text)
        } catch (error) {
          expect(error).toMatchObject({ code: 'base64' })
          return
        }
        expect(toBase64(bytes)).toBe(text)
      }),
      { numRuns: runs(3000, 500) },
    )
  })

  test.each([
    'A',
    'AA',
    'AAA',
    'AA=',
    'AB==',
    'AAB=',
    'A===',
    '====',
    'AAAA=',
    'AA==AAAA',
    'AAA-',
    'AA A',
    ' AAAA',
    'AAAA\n',
    'ÀAAA',
  ])('base64 refuses %j', text => {
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'base64' }))
  })

  test.each(['0', 'AB', '0x10', ' 00', '00\n', 'zz', '०१'])('hex refuses %j', text => {
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: 'hex' }))
  })

  test('hex of another size than asked for is refused', () => {
    expect(fromHex('00'.repeat(32), 32).length).toBe(32)
    for (const size of [31, 33]) expect(() => fromHex('00'.repeat(size), 32)).toThrow(/expected 32 bytes/)
  })

  test.each(['', '0x10', ' 5', '5 ', '007', '00', '+1', '-1', '1e3', '1.0', '9007199254740992', '٣', '1_000', '\n1'])(
    'a decimal number is not %j',
    text => {
      expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ code: 'decimal' }))
    },
  )

  test('decimal numbers go up to 2^53 - 1, or to where they may', () => {
    expect([parseDecimal('0'), parseDecimal('9007199254740991')]).toEqual([0, Number.MAX_SAFE_INTEGER])
    expect(parseDecimal('255', 255)).toBe(255)
    expect(() => parseDecimal('256', 255)).toThrow()
  })

  test('UTF-8 is read as it is: a byte order mark stays, and what is no UTF-8 is refused', () => {
    const mark = utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))
    expect([mark.length, mark.charCodeAt(0)]).toEqual([2, 0xfeff])
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(utf8Decode(utf8Encode(text))).toBe(text)
      }),
    )
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]])
      expect(() => utf8Decode(Uint8Array.from(bad))).toThrow(expect.objectContaining({ code: 'utf8' }))
  })
})

describe('ids are UUIDs of version 7', () => {
  test('hold their time and 74 random bits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: TIME_MS_MAX }),
        fc.uint8Array({ minLength: 10, maxLength: 10 }),
        (time, random) => {
          const id = makeId(time, random)
          expect([id.length, idTimeMs(id), isId(id)]).toEqual([16, time, true])
          const text = toHex(id).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
          expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
        },
      ),
    )
    // RFC 9562, appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
    expect(toHex(makeId(0x017f22e279b0, fromHex('0cc318c4dc0c0c07398f')))).toBe('017f22e279b07cc398c4dc0c0c07398f')
  })

  test('times beyond 48 bits, or that are no whole numbers, have none', () => {
    const random = new Uint8Array(10)
    expect(idTimeMs(makeId(TIME_MS_MAX, random))).toBe(TIME_MS_MAX)
    for (const time of [-1, TIME_MS_MAX + 1, 1.5, Number.NaN])
      expect(() => makeId(time, random)).toThrow(expect.objectContaining({ code: 'time' }))
    expect(() => makeId(0, new Uint8Array(9))).toThrow(expect.objectContaining({ code: 'id' }))
  })
})
