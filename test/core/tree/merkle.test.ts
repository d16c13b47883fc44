import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { equalBytes, fromHex, toHex } from '../../../src/core/bytes.ts'
import { CodedError } from '../../../src/core/failure.ts'
import {
  EMPTY_ROOT,
  leafHash,
  type Node,
  type ProofPlan,
  planConsistency,
  planInclusion,
  proofFromNodes,
  rootFromNodes,
  rootNodes,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/core/tree/merkle.ts'
import { runs } from '../../runs.ts'
import { naiveConsistency, naivePath, naiveRoot } from './naive-tree.ts'

/** The test vectors of Certificate Transparency: eight leaves, the root of each size, and some proofs. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  hex => fromHex(hex),
)
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const INCLUSION: [index: number, size: number, path: string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]
const CONSISTENCY: [oldSize: number, newSize: number, proof: string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [
    2,
    5,
    [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
]

/** The hash of a complete subtree, from the entries themselves. */
const subtree = (entries: readonly Uint8Array[], { level, index }: Node) =>
  naiveRoot(entries.slice(index * 2 ** level, (index + 1) * 2 ** level))
const proofOf = (plan: ProofPlan, entries: readonly Uint8Array[]) =>
  proofFromNodes(
    plan,
    plan.flat().map(node => subtree(entries, node)),
  )
const hexes = (hashes: readonly Uint8Array[]) => hashes.map(toHex)
const entriesOf = (size: number) => Array.from({ length: size }, (_, i) => Uint8Array.of(i >> 8, i & 255))

describe('the Merkle tree of RFC 6962', () => {
  test('the vectors of Certificate Transparency', () => {
    expect(toHex(EMPTY_ROOT)).toBe(ROOTS[0])
    ROOTS.forEach((root, size) => {
      const leaves = LEAVES.slice(0, size)
      expect(toHex(rootFromNodes(rootNodes(size).map(node => subtree(leaves, node))))).toBe(root)
    })
    for (const [index, size, path] of INCLUSION) {
      expect(hexes(proofOf(planInclusion(index, size), LEAVES.slice(0, size)))).toEqual(path)
      verifyInclusion(index, size, leafHash(LEAVES[index]!), path.map(fromHex32), fromHex(ROOTS[size]!))
    }
    for (const [oldSize, newSize, proof] of CONSISTENCY) {
      expect(hexes(proofOf(planConsistency(oldSize, newSize), LEAVES.slice(0, newSize)))).toEqual(proof)
      verifyConsistency(oldSize, fromHex(ROOTS[oldSize]!), newSize, fromHex(ROOTS[newSize]!), proof.map(fromHex32))
    }
  })

  test('all proofs of all trees of up to 40 entries are those of the naive tree, and verify', () => {
    for (let size = 1; size <= 40; size++) {
      const entries = entriesOf(size)
      const root = naiveRoot(entries)
      for (let index = 0; index < size; index++) {
        const proof = proofOf(planInclusion(index, size), entries)
        expect(hexes(proof)).toEqual(hexes(naivePath(index, entries)))
        verifyInclusion(index, size, leafHash(entries[index]!), proof, root)
      }
      for (let old = 1; old < size; old++) {
        const proof = proofOf(planConsistency(old, size), entries)
        expect(hexes(proof)).toEqual(hexes(naiveConsistency(old, entries)))
        verifyConsistency(old, naiveRoot(entries.slice(0, old)), size, root, proof)
      }
      verifyConsistency(0, EMPTY_ROOT, size, root, [])
      verifyConsistency(size, root, size, root, [])
    }
  })

  test('of large trees, too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 700 }), fc.nat(), fc.nat(), (size, i, o) => {
        const entries = entriesOf(size)
        const [index, old] = [i % size, 1 + (o % size)]
        const root = naiveRoot(entries)
        verifyInclusion(index, size, leafHash(entries[index]!), proofOf(planInclusion(index, size), entries), root)
        const proof = proofOf(planConsistency(old, size), entries)
        verifyConsistency(old, naiveRoot(entries.slice(0, old)), size, root, proof)
      }),
      { numRuns: runs(60, 20) },
    )
  })

  test('plans are small also for the largest trees that have a number', () => {
    const size = Number.MAX_SAFE_INTEGER
    for (const index of [0, 1, 2 ** 52, size - 1]) expect(planInclusion(index, size).length).toBeLessThanOrEqual(53)
    expect(planConsistency(2 ** 52 + 1, size).length).toBeLessThanOrEqual(54)
  })
})

const fromHex32 = (hex: string) => fromHex(hex, 32)

interface Claim {
  readonly index: number
  readonly size: number
  readonly leaf: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** One by one they stand in test/lies: these are the lies that there are too many of for files. */
describe('lies about inclusion are refused', () => {
  const entries = LEAVES.slice(0, 7)
  const root = naiveRoot(entries)
  const hash = (index: number) => leafHash(entries[index]!)
  const honest = (index: number): Claim => ({
    index,
    size: 7,
    leaf: hash(index),
    proof: naivePath(index, entries),
    root,
  })
  const flipped = (bytes: Uint8Array, bit: number) =>
    bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

  test('of an entry that has no number', () => {
    const { leaf, proof } = honest(1)
    for (const [index, size] of [
      [Number.NaN, 7],
      [1, Number.NaN],
      [1, Number.POSITIVE_INFINITY],
    ] as const)
      expect(() => verifyInclusion(index, size, leaf, proof, root)).toThrow(
        expect.objectContaining({ code: 'inclusion-proof' }),
      )
  })

  test('any one bit of leaf, proof or root', () => {
    for (let index = 0; index < 7; index++) {
      const { leaf, proof } = honest(index)
      for (let bit = 0; bit < 256; bit++) {
        const refused = (...args: [Uint8Array, readonly Uint8Array[], Uint8Array]) =>
          expect(() => verifyInclusion(index, 7, ...args)).toThrow(CodedError)
        refused(flipped(leaf, bit), proof, root)
        refused(leaf, proof, flipped(root, bit))
        proof.forEach((one, i) => {
          refused(leaf, proof.with(i, flipped(one, bit)), root)
        })
      }
    }
  })

  test('no proof fits two indexes, or two sizes of the same tree', () => {
    const trees = Array.from({ length: 9 }, (_, size) => naiveRoot(LEAVES.slice(0, size)))
    let held = 0
    for (let size = 1; size <= 8; size++)
      for (let of = 0; of < size; of++) {
        const proof = naivePath(of, LEAVES.slice(0, size))
        for (let at = 0; at < 9; at++)
          for (let claimed = 0; claimed <= 8; claimed++) {
            let holds = true
            try {
              verifyInclusion(at, claimed, leafHash(LEAVES[of]!), proof, trees[claimed]!)
            } catch {
              holds = false
            }
            const isSo = at === of && claimed > at && equalHashes(proof, naivePath(at, LEAVES.slice(0, claimed)))
            expect([size, of, at, claimed, holds]).toEqual([size, of, at, claimed, isSo])
            if (holds) held++
          }
      }
    expect(held).toBeGreaterThanOrEqual(36)
  })
})

function equalHashes(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  return a.length === b.length && a.every((hash, i) => equalBytes(hash, b[i]!))
}

describe('lies about consistency are refused', () => {
  const entries = LEAVES
  const rootAt = (size: number) => naiveRoot(entries.slice(0, size))

  test('any one bit of any hash', () => {
    for (let old = 1; old < 8; old++) {
      const honest = naiveConsistency(old, entries)
      verifyConsistency(old, rootAt(old), 8, rootAt(8), honest)
      honest.forEach((hash, i) => {
        for (let bit = 0; bit < 256; bit += 7) {
          const changed = honest.with(
            i,
            hash.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)),
          )
          expect(() => verifyConsistency(old, rootAt(old), 8, rootAt(8), changed)).toThrow(CodedError)
        }
      })
    }
  })
})
