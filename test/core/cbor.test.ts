import { encode, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import { CborReader, type CborValue } from '../../src/core/cbor.ts'
import { encodeCbor } from '../../src/core/cbor-writer.ts'
import { FormatError } from '../../src/core/failure.ts'
import { runs } from '../runs.ts'

const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32)),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.uint8Array({ maxLength: 300 }),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 30 }),
  ),
})).value

/** Whatever stands there, by the methods of those who know what must. */
function next(reader: CborReader, bytes: Uint8Array): CborValue {
  if (reader.null()) return null
  const major = (bytes[reader.offset] ?? 0) >> 5
  if (major === 2) return reader.bytesUpTo(bytes.length, 'bytes')
  if (major === 3) return reader.text('text', bytes.length)
  if (major === 4) return reader.list(bytes.length, 'an array', () => next(reader, bytes))
  return reader.uint(Number.MAX_SAFE_INTEGER, 'an integer')
}

const read = (bytes: Uint8Array) => {
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  const result = next(reader, bytes)
  reader.end()
  return result
}

describe('deterministic CBOR', () => {
  test('is what cborg makes by RFC 8949, and is read back', () => {
    fc.assert(
      fc.property(value, one => {
        const bytes = encodeCbor(one)
        expect(toHex(bytes)).toBe(toHex(encode(one, rfc8949EncodeOptions)))
        expect(read(bytes)).toEqual(one)
      }),
      { numRuns: runs(400, 100) },
    )
  })

  test('heads by the book: RFC 8949, appendix A', () => {
    const vectors: [string, CborValue][] = [
      ['00', 0],
      ['17', 23],
      ['1818', 24],
      ['1903e8', 1000],
      ['1a000f4240', 1_000_000],
      ['1b000000e8d4a51000', 1_000_000_000_000],
      ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
      ['f6', null],
      ['40', new Uint8Array(0)],
      ['4401020304', Uint8Array.of(1, 2, 3, 4)],
      ['60', ''],
      ['6449455446', 'IETF'],
      ['62c3bc', 'ü'],
      ['80', []],
      ['8301820203820405', [1, [2, 3], [4, 5]]],
    ]
    for (const [hex, one] of vectors) {
      expect(toHex(encodeCbor(one))).toBe(hex)
      expect(read(fromHex(hex))).toEqual(one)
    }
  })

  test.each([
    ['a longer head', '1800'],
    ['a longer head', '1817'],
    ['a longer head', '190018'],
    ['a longer head', '1900ff'],
    ['a longer head', '1a0000ffff'],
    ['a longer head', '1b00000000ffffffff'],
    ['a longer head of bytes', '580101'],
    ['a longer head of text', '780161'],
    ['a longer head of an array', '980100'],
    ['beyond 2^53 - 1', '1b0020000000000000'],
    ['beyond 2^53 - 1', '1bffffffffffffffff'],
    ['indefinite bytes', '5f4101ff'],
    ['indefinite text', '7f6161ff'],
    ['an indefinite array', '9f00ff'],
    ['reserved lengths', '1c'],
    ['reserved lengths', '5d'],
    ['a negative number', '20'],
    ['a map', 'a0'],
    ['a map', 'a10000'],
    ['a tag', 'c000'],
    ['a boolean', 'f4'],
    ['a boolean', 'f5'],
    ['undefined', 'f7'],
    ['a simple value', 'f820'],
    ['a half float', 'f93c00'],
    ['a float', 'fa47c35000'],
    ['a double', 'fb3ff199999999999a'],
    ['a break', 'ff'],
    ['nothing', ''],
    ['more after it', '0000'],
    ['more after it', 'f6f6'],
    ['bytes cut off', '4401020'.padEnd(8, '3')],
    ['text that is not UTF-8', '61ff'],
    ['text that is not UTF-8', '62c328'],
    ['a surrogate', '63eda080'],
    ['an array cut off', '820'.padEnd(4, '0')],
    ['an array of more items than bytes', '9affffffff'],
    ['bytes of more than there are', '5affffffff00'],
  ])('refuses %s: %s', (_, hex) => {
    expect(() => read(fromHex(hex))).toThrow(FormatError)
  })

  test('bytes that are cut off, or one too many, are refused', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(255), (one, at, more) => {
        const bytes = encodeCbor(one)
        expect(() => read(bytes.subarray(0, at % bytes.length))).toThrow(FormatError)
        expect(() => read(Uint8Array.of(...bytes, more))).toThrow(FormatError)
      }),
    )
  })

  test('each value that is read encodes to the same bytes: nothing has a second spelling', () => {
    const near = fc.tuple(value, fc.nat(), fc.nat(255)).map(([one, at, byte]) => {
      const bytes = encodeCbor(one).slice()
      bytes[at % bytes.length] = byte
      return bytes
    })
    let held = 0
    fc.assert(
      fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 40 })), bytes => {
        let result: CborValue
        try {
          result = read(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
          return
        }
        held++
        expect(toHex(encodeCbor(result))).toBe(toHex(bytes))
      }),
      { numRuns: runs(2000, 400) },
    )
    expect(held).toBeGreaterThan(runs(2000, 400) / 20)
  })

  test('says where and what', () => {
    const reader = new CborReader().reset(fromHex('820041ff'), 0, 4)
    reader.array()
    reader.uint(9, 'kind')
    expect(() => reader.bytes(2, 'id')).toThrow(
      expect.objectContaining({ code: 'cbor', message: 'at byte 2: id has 2 bytes, found 1' }),
    )
  })

  test('our own mistakes are assertions, not formats', () => {
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => encodeCbor(bad)).toThrow(/not a whole number/)
  })
})
