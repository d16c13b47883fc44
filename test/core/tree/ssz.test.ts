import {
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  UintNumberType,
} from '@chainsafe/ssz'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountRoot, recordRoot, totalsRoot } from '../../../src/account/account.ts'
import { type Holdings, type Lot, NO_HOLDINGS } from '../../../src/account/holdings.ts'
import { holdingsRoot } from '../../../src/account/holdings-root.ts'
import { concatBytes, toHex } from '../../../src/core/bytes.ts'
import {
  HashList,
  listPath,
  listPaths,
  listRootOfHashes,
  listRootsOfOnes,
  rootFromListPath,
  verifyListPath,
} from '../../../src/core/tree/ssz.ts'
import { runs } from '../../runs.ts'

const Bytes32 = new ByteVectorType(32)
const [uint8, uint32, uint64] = [new UintNumberType(1), new UintNumberType(4), new UintNumberType(8)]
const uint128 = new UintBigintType(16)
const Terms = new ContainerType({ kind: uint8, unit: uint32, owner: Bytes32, opening: Bytes32 })
const Account = new ContainerType({
  terms: Terms,
  status: uint8,
  entries: uint64,
  time: uint64,
  credit: uint64,
  debit: uint64,
  head: Bytes32,
  more: Bytes32,
})
const RecordType = new ContainerType({ body: Bytes32, from: uint64, until: uint64, next: uint32 })
const UnitTotals = new ContainerType({
  unit: uint32,
  issued: uint128,
  opened: uint128,
  redeemed: uint128,
  expired: uint128,
  reinstated: uint128,
  reversed: uint128,
  owed: uint128,
})
const Totals = new ContainerType({ salt: Bytes32, units: new ListCompositeType(UnitTotals, 2 ** 8) })

const Lots = new ListBasicType(new UintBigintType(8), 2 ** 11)
const Bytes16 = new ByteVectorType(16)
const Hold = new ContainerType({ id: Bytes16, credit: uint32, amount: uint64, until: uint64, parts: Lots })
const Status = new ContainerType({ rule: uint32, tier: uint8, until: uint64 })
const Grant = new ContainerType({ id: Bytes16, to: uint32, until: uint64, may: uint8 })
const Take = new ContainerType({ matures: uint32, expires: uint32, credit: uint32, amount: uint64 })
const More = new ContainerType({
  lots: Lots,
  holds: new ListCompositeType(Hold, 2 ** 4),
  given: new ContainerType({ day: uint32, amount: uint64 }),
  recovery: new ContainerType({ key: Bytes32, due: uint64 }),
  grants: new ListCompositeType(Grant, 2 ** 5),
  taken: new ContainerType({ day: uint32, amount: uint64 }),
  takes: new ListCompositeType(Take, 2 ** 6),
  statuses: new ListCompositeType(Status, 2 ** 3),
})

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const amount = fc.oneof(fc.nat(), fc.maxSafeNat())
const hash = (n: number) => new Uint8Array(32).fill(1 + (n % 250))

describe('SSZ is what @chainsafe/ssz makes of it', () => {
  test('accounts, records and totals', () => {
    const account = fc.record({
      kind: fc.nat(255),
      unit: fc.nat(2 ** 20 - 1),
      owner: fc.option(bytes32, { nil: null }),
      opening: bytes32,
      status: fc.nat(255),
      entries: amount,
      time: amount,
      credit: amount,
      debit: amount,
      head: bytes32,
      more: bytes32,
    })
    fc.assert(
      fc.property(account, ({ kind, unit, owner, opening, ...rest }) => {
        const terms = { kind, unit, owner: owner ?? new Uint8Array(32), opening }
        const ours = accountRoot({ kind, unit, owner, opening, ...rest })
        expect(toHex(ours)).toBe(toHex(Account.hashTreeRoot({ terms, ...rest })))
      }),
    )
    fc.assert(
      fc.property(fc.record({ body: bytes32, from: amount, until: amount, next: fc.nat(2 ** 20 - 1) }), record => {
        expect(toHex(recordRoot(record))).toBe(toHex(RecordType.hashTreeRoot(record)))
      }),
    )
    const total = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })
    const unit = fc.record({
      unit: fc.nat(2 ** 20 - 1),
      issued: total,
      opened: total,
      redeemed: total,
      expired: total,
      reinstated: total,
      reversed: total,
      owed: total,
    })
    fc.assert(
      fc.property(bytes32, fc.array(unit, { maxLength: 9 }), (salt, units) => {
        expect(toHex(totalsRoot(salt, units))).toBe(toHex(Totals.hashTreeRoot({ salt, units })))
      }),
    )
  })

  test('the lots of an account are packed: two numbers a lot', () => {
    const date = fc.nat(2 ** 32 - 1)
    const lots = fc.array(fc.record({ matures: date, expires: date, amount }), { maxLength: 9 })
    const id = fc.uint8Array({ minLength: 16, maxLength: 16 })
    const hold = fc.record({ id, credit: date, amount, until: amount, parts: lots })
    const holdings = fc.record({
      lots,
      holds: fc.array(hold, { maxLength: 3 }),
      giftDay: date,
      given: amount,
      recoveryKey: fc.option(bytes32, { nil: null }),
      recoveryDue: amount,
      grants: fc.array(fc.record({ id, to: date, until: amount, may: fc.nat(1) }), { maxLength: 3 }),
      takenDay: date,
      taken: amount,
      takes: fc.array(fc.record({ matures: date, expires: date, credit: date, amount }), { maxLength: 3 }),
      statuses: fc.array(fc.record({ rule: date, tier: fc.nat(255), until: amount }), { maxLength: 3 }),
    })
    const packed = (list: readonly Lot[]) =>
      list.flatMap(one => [BigInt(one.matures) * 2n ** 32n + BigInt(one.expires), BigInt(one.amount)])
    const expected = ({ giftDay, given, recoveryKey, recoveryDue, takenDay, taken, ...one }: Holdings) =>
      More.hashTreeRoot({
        lots: packed(one.lots),
        holds: one.holds.map(other => ({ ...other, parts: packed(other.parts) })),
        given: { day: giftDay, amount: given },
        recovery: { key: recoveryKey ?? new Uint8Array(32), due: recoveryDue },
        grants: [...one.grants],
        taken: { day: takenDay, amount: taken },
        takes: [...one.takes],
        statuses: [...one.statuses],
      })
    fc.assert(
      fc.property(holdings, one => {
        const { lots, holds, grants, takes, giftDay, given, takenDay, taken } = one
        const counts = [
          one.statuses.length,
          lots.length,
          holds.length,
          grants.length,
          takes.length,
          giftDay,
          given,
          takenDay,
          taken,
        ]
        if (counts.every(count => count === 0) && one.recoveryKey === null) return
        expect(toHex(holdingsRoot(one))).toBe(toHex(expected(one)))
      }),
    )
    expect(holdingsRoot(NO_HOLDINGS)).toEqual(new Uint8Array(32))
    const full = Array.from({ length: 1024 }, (_, n) => ({ matures: n, expires: 2 ** 32 - 1 - n, amount: n + 1 }))
    expect(toHex(holdingsRoot({ ...NO_HOLDINGS, lots: full }))).toBe(toHex(expected({ ...NO_HOLDINGS, lots: full })))
  })

  test('lists of every length up to 70, and at their limit', () => {
    for (const depth of [7, 13, 32]) {
      const type = new ListCompositeType(Bytes32, 2 ** depth)
      for (let length = 0; length <= 70; length++) {
        const items = Array.from({ length }, (_, i) => hash(i))
        const root = toHex(type.hashTreeRoot(items))
        expect(toHex(listRootOfHashes(concatBytes(...items), depth))).toBe(root)
        const list = new HashList(depth)
        for (const item of items) list.push(item)
        expect(toHex(list.root())).toBe(root)
      }
    }
    const full = Array.from({ length: 256 }, (_, i) => hash(i))
    const type = new ListCompositeType(Bytes32, 256)
    expect(toHex(listRootOfHashes(concatBytes(...full), 8))).toBe(toHex(type.hashTreeRoot(full)))
    expect(() => listRootOfHashes(concatBytes(...full, hash(0)), 8)).toThrow(/do not fit/)
    const list = new HashList(8)
    for (const item of full) list.push(item)
    expect(() => list.push(hash(0))).toThrow(/full/)
  })

  test('many lists of one item each: the roots of ListCompositeType', () => {
    const items = [hash(1), hash(2), hash(3)]
    const type = new ListCompositeType(Bytes32, 2 ** 13)
    const roots = listRootsOfOnes(concatBytes(...items), 13)
    expect(toHex(roots)).toBe(items.map(item => toHex(type.hashTreeRoot([item]))).join(''))
    expect(listRootsOfOnes(new Uint8Array(0), 13).length).toBe(0)
  })

  test('a list that is changed here and there between its roots, and its paths', () => {
    const change = fc.array(fc.tuple(fc.nat(400), bytes32), { minLength: 1, maxLength: 60 })
    const DEPTH = 10
    const type = new ListCompositeType(Bytes32, 2 ** DEPTH)
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), rounds => {
        const [list, items] = [new HashList(DEPTH), [] as Uint8Array[]]
        for (const round of rounds) {
          for (const [at, item] of round) {
            if (at < items.length) {
              list.set(at, item)
              items[at] = item
            } else {
              list.push(item)
              items.push(item)
            }
          }
          const root = list.root()
          expect(toHex(root)).toBe(toHex(type.hashTreeRoot(items)))
          const some = [0, items.length >> 1, items.length - 1]
          expect(listPaths(concatBytes(...items), some)).toEqual(some.map(index => list.path(index)))
          for (const index of some) {
            const path = list.path(index)
            expect(path.map(toHex)).toEqual(listPath(concatBytes(...items), index).map(toHex))
            expect(path).toHaveLength(Math.ceil(Math.log2(items.length)))
            verifyListPath(items[index]!, index, path, { depth: DEPTH, length: items.length, root }, 'path', 'path')
          }
        }
      }),
      { numRuns: runs(60, 20) },
    )
  })

  test('a path shows one item at one number of one list, and nothing else', () => {
    const items = Array.from({ length: 13 }, (_, i) => hash(i))
    const all = concatBytes(...items)
    const root = listRootOfHashes(all, 5)
    const list = { depth: 5, length: 13, root }
    const path = listPath(all, 12)
    const refused = (item: Uint8Array, index: number, hashes: readonly Uint8Array[], of = list) =>
      expect(() => verifyListPath(item, index, hashes, of, 'no', 'no')).toThrow(expect.objectContaining({ code: 'no' }))
    verifyListPath(items[12]!, 12, path, list, 'no', 'no')
    refused(items[11]!, 12, path)
    refused(items[12]!, 11, path)
    refused(items[12]!, 13, path)
    refused(items[12]!, 12 + 32, path)
    refused(items[12]!, -1, path)
    refused(items[12]!, 12, path.slice(1))
    refused(items[12]!, 12, [...path, hash(1)])
    refused(items[12]!, 12, path.with(2, path[2]!.subarray(1)))
    refused(items[12]!, 12, path, { ...list, length: 14 })
    refused(items[12]!, 12, path, { ...list, length: 12 })
    refused(items[12]!, 12, path, { ...list, length: 33 })
    refused(items[12]!, 12, path, { ...list, depth: 4 })
    // The place after the last item is a zero chunk of the tree, and still no item.
    refused(new Uint8Array(32), 13, listPath(concatBytes(all, new Uint8Array(32)), 13))
    for (let bit = 0; bit < 256; bit++)
      for (let i = 0; i < path.length; i++)
        refused(
          items[12]!,
          12,
          path.with(
            i,
            path[i]!.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
          ),
        )
    expect(() => rootFromListPath(items[0]!, Number.NaN, path, 5, 13, 'no')).toThrow()
  })
})
