import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '../../../src/core/failure.ts'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  formatTilePath,
  parseTilePath,
  type TileAddress,
} from '../../../src/core/tree/tile.ts'
import { runs } from '../../runs.ts'

const address: fc.Arbitrary<TileAddress> = fc.record({
  level: fc.oneof(fc.nat(5), fc.constant('entries' as const)),
  index: fc.oneof(fc.nat(2000), fc.nat(2 ** 31)),
  width: fc.integer({ min: 1, max: 256 }),
})

describe('tiles (c2sp.org/tlog-tiles)', () => {
  test('the examples of the text', () => {
    expect(formatTilePath({ level: 0, index: 1_234_067, width: 256 })).toBe('tile/0/x001/x234/067')
    expect(formatTilePath({ level: 'entries', index: 273, width: 112 })).toBe('tile/entries/273.p/112')
    expect(formatTilePath({ level: 1, index: 1, width: 17 })).toBe('tile/1/001.p/17')
    expect(formatTilePath({ level: 0, index: 0, width: 256 })).toBe('tile/0/000')
  })

  test('a path has one spelling', () => {
    fc.assert(
      fc.property(address, one => {
        expect(parseTilePath(formatTilePath(one))).toEqual(one)
      }),
    )
    fc.assert(
      fc.property(address, fc.nat(), fc.constantFrom(...'0159xp./e '), fc.boolean(), (one, at, character, insert) => {
        const path = formatTilePath(one)
        const start = at % path.length
        const changed = path.slice(0, start) + character + path.slice(insert ? start : start + 1)
        let parsed: TileAddress
        try {
          parsed = parseTilePath(changed)
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError)
          return
        }
        expect(formatTilePath(parsed)).toBe(changed)
      }),
      { numRuns: runs(1000, 200) },
    )
  })

  test('bundles of entries are read as they are written, and nothing else is', () => {
    const entry = fc.uint8Array({ minLength: 1, maxLength: 300 })
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 40 }), fc.nat(), (entries, cut) => {
        const bundle = encodeEntryBundle(entries)
        expect(decodeEntryBundle(bundle, entries.length)).toEqual(entries)
        const wrong = (bytes: Uint8Array, count?: number) =>
          expect(() => decodeEntryBundle(bytes, count)).toThrow(expect.objectContaining({ code: 'entry-bundle' }))
        wrong(bundle, entries.length + 1)
        wrong(bundle.subarray(0, cut % bundle.length), entries.length)
        wrong(Uint8Array.of(...bundle, 0))
      }),
    )
    const whole = encodeEntryBundle(Array.from({ length: 256 }, () => Uint8Array.of(1)))
    expect(decodeEntryBundle(whole)).toHaveLength(256)
    expect(() => decodeEntryBundle(Uint8Array.of(...whole, 0, 1, 1))).toThrow(/does not fit/)
    expect(() => decodeEntryBundle(Uint8Array.of(0, 0))).toThrow(/does not fit/)
  })
})
