import { fromHex, toBase64, utf8Encode } from '../../../src/core/bytes.ts'
import { publicKeyFromSeed, signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { EMPTY_ROOT, leafHash, nodeHash } from '../../../src/core/tree/merkle.ts'
import { encode, encodePoint, P, plusL, smallOrderPoints } from '../../core/crypto/edwards.ts'
import { naiveConsistency, naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import type { Corpus } from './corpus.ts'
import { hash } from './shop.ts'

/** Proofs in Merkle trees, and signatures. */
export function proofLies(corpus: Corpus): void {
  inclusionLies(corpus)
  consistencyLies(corpus)
  signatureLies(corpus)
}

/** The eight leaves of the test vectors of Certificate Transparency. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  hex => fromHex(hex),
)
const rootAt = (size: number) => naiveRoot(LEAVES.slice(0, size))

function inclusionLies(corpus: Corpus): void {
  const seven = LEAVES.slice(0, 7)
  const leaf = (index: number) => leafHash(LEAVES[index]!)
  const honest = (index: number) => ({
    index,
    leaf: leaf(index),
    proof: naivePath(index, seven),
    size: 7,
    root: rootAt(7),
  })
  const told = ({ index, leaf, proof, size, root }: ReturnType<typeof honest>) => ({
    verifier: 'inclusion',
    trust: { size, root: toBase64(root) },
    shown: { index, leaf: toBase64(leaf), proof: proof.map(toBase64) },
  })
  const lie = (name: string, says: string, claim: ReturnType<typeof honest>) =>
    corpus.lie(`inclusion/${name}`, 'inclusion-proof', says, told(claim))
  for (let index = 0; index < 7; index++)
    corpus.truth(`inclusion/honest-${index}`, `Entry ${index} of seven.`, told(honest(index)))
  corpus.truth(
    'inclusion/honest-alone',
    'The only entry of a log: the proof is empty.',
    told({ ...honest(0), proof: [], size: 1, root: rootAt(1) }),
  )
  const three = honest(3)
  lie('root-as-leaf', 'The root itself as leaf, with an empty proof.', { ...honest(0), leaf: rootAt(7), proof: [] })
  lie('index-at-the-size', 'An index that is the size of the log.', { ...honest(6), index: 7 })
  lie('index-far-beyond', 'An index far beyond the log.', { ...honest(0), index: 2 ** 40 })
  lie('index-wrapped', 'An index that is 0 in 32 bits.', { ...honest(0), index: 2 ** 32 })
  lie('index-negative', 'A negative index.', { ...honest(0), index: -1 })
  lie('index-and-a-half', 'An index that is no whole number.', { ...honest(1), index: 1.5 })
  lie('empty-log', 'An entry of the empty log.', { ...honest(0), proof: [], size: 0, root: EMPTY_ROOT })
  lie('size-smaller', 'The proof of a larger log.', { ...honest(0), size: 6, root: rootAt(6) })
  lie('size-larger', 'The proof of a smaller log.', { ...honest(0), size: 8, root: rootAt(8) })
  lie('size-beyond-exact', 'A size beyond 2^53.', { ...honest(0), size: 2 ** 60 })
  lie('index-of-another', 'One entry at the index of its neighbour.', { ...honest(2), index: 3 })
  lie('leaf-of-another', 'Another entry at this index.', { ...honest(2), leaf: leaf(3) })
  lie('node-as-leaf', 'An inner node offered as leaf, with a proof that begins above it.', {
    ...honest(0),
    leaf: nodeHash(leaf(0), leaf(1)),
    proof: honest(0).proof.slice(1),
  })
  lie('node-as-leaf-right', 'The same at the right edge, where paths are shorter.', {
    ...honest(4),
    index: 2,
    leaf: nodeHash(leaf(4), leaf(5)),
    proof: [leaf(6), ...honest(4).proof.slice(2)],
  })
  lie('leaf-without-prefix', 'The entry hashed as inner nodes are not, without a prefix.', {
    ...three,
    leaf: hash('2021'),
  })
  lie('last-leaf-twice', 'The last leaf once more, as some trees fill themselves up.', {
    index: 7,
    size: 8,
    leaf: leaf(6),
    proof: naivePath(7, [...seven, seven[6]!]),
    root: rootAt(7),
  })
  lie('short-at-the-root', 'A proof that ends a level below the root.', { ...three, proof: three.proof.slice(0, -1) })
  lie('short-at-the-leaf', 'A proof that begins a level above the leaf.', { ...three, proof: three.proof.slice(1) })
  lie('long', 'A proof with a hash too many.', { ...three, proof: [...three.proof, leaf(0)] })
  lie('order', 'The hashes in another order.', { ...three, proof: three.proof.toReversed() })
  lie('short-hashes', 'Hashes of 31 bytes.', { ...three, proof: three.proof.map(one => one.subarray(1)) })
  lie('empty-hash', 'A hash of no bytes.', { ...three, proof: [new Uint8Array(0), ...three.proof.slice(1)] })
  lie('none', 'No proof.', { ...three, proof: [] })
  lie('root-of-another', 'The root of another log.', { ...three, root: rootAt(8) })
  lie('root-empty', 'A root of no bytes: nothing is compared with nothing.', { ...three, root: new Uint8Array(0) })
}

function consistencyLies(corpus: Corpus): void {
  const told = (
    oldSize: number,
    oldRoot: Uint8Array,
    size: number,
    root: Uint8Array,
    proof: readonly Uint8Array[],
  ) => ({
    verifier: 'consistency',
    trust: { oldSize, oldRoot: toBase64(oldRoot), size, root: toBase64(root) },
    shown: { proof: proof.map(toBase64) },
  })
  const lie = (name: string, says: string, ...claim: Parameters<typeof told>) =>
    corpus.lie(`consistency/${name}`, 'consistency-proof', says, told(...claim))
  const [six, eight] = [rootAt(6), rootAt(8)]
  const proof = naiveConsistency(6, LEAVES)
  const forked = LEAVES.with(3, Uint8Array.of(9))
  for (const old of [1, 2, 3, 4, 6, 7])
    corpus.truth(
      `consistency/honest-${old}`,
      `Eight entries that begin with ${old} seen before.`,
      told(old, rootAt(old), 8, eight, naiveConsistency(old, LEAVES)),
    )
  corpus.truth('consistency/honest-same', 'The same log again.', told(8, eight, 8, eight, []))
  corpus.truth('consistency/honest-empty', 'Everything follows the empty log.', told(0, EMPTY_ROOT, 8, eight, []))
  lie(
    'entry-changed',
    'An entry that was seen was changed afterwards; the proof is of the changed log.',
    6,
    six,
    8,
    naiveRoot(forked),
    naiveConsistency(6, forked),
  )
  lie(
    'entry-removed',
    'An entry that was seen was taken out, and the log grew on.',
    6,
    six,
    7,
    naiveRoot(LEAVES.toSpliced(3, 1)),
    naiveConsistency(6, LEAVES.toSpliced(3, 1)),
  )
  lie(
    'another-past',
    'The proof holds for what the log is now, and not for what was seen.',
    6,
    naiveRoot(forked.slice(0, 6)),
    8,
    eight,
    proof,
  )
  lie('shrunk', 'A log that became smaller.', 8, eight, 6, six, proof)
  lie('size-of-another-proof', 'The proof for another old size.', 5, rootAt(5), 8, eight, proof)
  lie('new-size-of-another-proof', 'The proof for another new size.', 6, six, 7, rootAt(7), proof)
  lie('short', 'A hash too few.', 6, six, 8, eight, proof.slice(1))
  lie('long', 'A hash too many.', 6, six, 8, eight, [...proof, rootAt(1)])
  lie('none', 'No proof.', 6, six, 8, eight, [])
  lie('none-from-a-whole-tree', 'No proof where the old tree is a subtree of the new one.', 4, rootAt(4), 8, eight, [])
  lie('old-root-as-proof', 'The old root in place of a proof.', 4, rootAt(4), 8, eight, [rootAt(4)])
  lie('proof-between-equals', 'A proof where none is needed.', 8, eight, 8, eight, [rootAt(1)])
  lie('two-roots-of-one-size', 'Two logs of one size.', 8, naiveRoot(forked), 8, eight, [])
  lie('proof-from-nothing', 'A proof from the empty log, which takes none.', 0, EMPTY_ROOT, 8, eight, [eight])
  lie('nothing-with-a-root', 'An empty log with a root.', 0, rootAt(1), 8, eight, [])
  lie(
    'nothing-after-something',
    'An empty log with the root of another after the empty log.',
    0,
    EMPTY_ROOT,
    0,
    rootAt(1),
    [],
  )
  lie(
    'long-hashes',
    'Hashes of 33 bytes.',
    6,
    six,
    8,
    eight,
    proof.map(one => Uint8Array.of(...one, 0)),
  )
  lie('negative', 'A negative size.', -1, EMPTY_ROOT, 8, eight, [])
  lie('size-and-a-half', 'A size that is no whole number.', 5.5, rootAt(5), 8, eight, proof)
  lie('order', 'The hashes in another order.', 6, six, 8, eight, proof.toReversed())
}

function signatureLies(corpus: Corpus): void {
  const seed = hash('a seed')
  const publicKey = publicKeyFromSeed(seed)
  const message = utf8Encode('a message')
  const honest = signEd25519(seed, message)
  const told = (key: Uint8Array, text: Uint8Array, signature: Uint8Array) => ({
    verifier: 'signature',
    trust: { publicKey: toBase64(key), message: toBase64(text) },
    shown: { signature: toBase64(signature) },
  })
  const lie = (name: string, says: string, ...claim: Parameters<typeof told>) =>
    corpus.lie(`signature/${name}`, 'signature-invalid', says, told(...claim))
  corpus.truth('signature/honest', 'A signature.', told(publicKey, message, honest))
  corpus.truth(
    'signature/honest-rfc-8032',
    'Test 2 of RFC 8032.',
    told(
      fromHex('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
      fromHex('72'),
      fromHex(
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      ),
    ),
  )
  lie('s-plus-l', 'S ≥ L: the same number modulo L.', publicKey, message, plusL(honest))
  const identity = encodePoint([0n, 1n])
  const forged = Uint8Array.of(...identity, ...new Uint8Array(32))
  smallOrderPoints().forEach((point, i) => {
    lie(
      `key-of-small-order-${i}`,
      'A public key of small order, R the identity, S = 0: without a check it fits a message in eight, or every one.',
      encodePoint(point),
      message,
      forged,
    )
  })
  lie(
    'key-of-small-order-not-canonical',
    'The identity as key, spelt with y = p + 1.',
    encode(P + 1n, 0n),
    message,
    forged,
  )
  lie(
    'r-of-small-order',
    'R is a point of small order.',
    publicKey,
    message,
    Uint8Array.of(...identity, ...honest.slice(32)),
  )
  lie(
    'r-not-canonical',
    'R is spelt with y = p + 3.',
    publicKey,
    message,
    Uint8Array.of(...encode(P + 3n, 0n), ...honest.slice(32)),
  )
  lie('key-not-canonical', 'The key is spelt with y = p + 3.', encode(P + 3n, 0n), message, honest)
  lie('zeros', 'Zeros.', publicKey, message, new Uint8Array(64))
  lie('another-message', 'A signature of another message.', publicKey, utf8Encode('another message'), honest)
  lie('another-key', 'A signature by another key.', publicKeyFromSeed(hash('another seed')), message, honest)
  lie('short', '63 bytes.', publicKey, message, honest.slice(0, 63))
  lie('long', '65 bytes.', publicKey, message, Uint8Array.of(...honest, 0))
  lie('empty', 'No bytes.', publicKey, message, new Uint8Array(0))
  lie('key-of-31-bytes', 'A key of 31 bytes.', publicKey.slice(0, 31), message, honest)
}
