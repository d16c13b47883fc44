import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { concatBytes, u64be, utf8Encode } from '../../../src/core/bytes.ts'
import { useMlDsa } from '../../../src/core/crypto/ml-dsa.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  ED25519_KEY,
  formatNote,
  formatVerifierKey,
  isUnderstood,
  ML_DSA_KEY,
  type NoteSignature,
  parseAnyKey,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '../../../src/core/note/note.ts'
import { openCheckpoint, parsePolicy } from '../../../src/core/note/policy.ts'
import { nodeMlDsa } from '../../../src/node/ml-dsa.ts'
import { keyNumber } from '../../world.ts'

const VECTOR = JSON.parse(readFileSync(new URL('ml-dsa-vector.json', import.meta.url), 'utf8'))
const ORIGIN = 'ledger.example/points'
const ROOT = new Uint8Array(32).fill(3)
const TEXT = formatCheckpoint({ origin: ORIGIN, size: 7, root: ROOT })
const logKey = verifierKey(ORIGIN, ED25519_KEY, keyNumber(1).publicKey)
const byLog = signNote(TEXT, logKey, keyNumber(1).seed)
const NAME = 'pq.example'
const TIME = 1_700_000_000

const machinery = nodeMlDsa()
afterEach(() => useMlDsa(undefined))

test('a Node without ML-DSA-44 understands no key of type 0x06', () => {
  expect(isUnderstood({ type: ML_DSA_KEY })).toBe(false)
  useMlDsa(machinery)
  expect(isUnderstood({ type: ML_DSA_KEY })).toBe(machinery !== undefined)
})

if (machinery === undefined) console.log(`skipped: Node ${process.version} has no ML-DSA-44`)
describe.skipIf(machinery === undefined)('cosignatures by ML-DSA-44 (c2sp.org/tlog-cosignature)', () => {
  const pair = generateKeyPairSync('ml-dsa-44' as 'ed25519')
  const key = verifierKey(
    NAME,
    ML_DSA_KEY,
    new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-1312)),
  )

  /** Written from the text of tlog-cosignature, field by field. */
  function cosigned(options: { name?: string; origin?: string; size?: number; time?: number } = {}): NoteSignature {
    const { name = NAME, origin = ORIGIN, size = 7, time = TIME } = options
    const message = Buffer.concat([
      Buffer.from('subtree/v1\n\0'),
      Buffer.from([name.length]),
      Buffer.from(name),
      u64be(time),
      Buffer.from([origin.length]),
      Buffer.from(origin),
      u64be(0),
      u64be(size),
      ROOT,
    ])
    return { name: NAME, keyId: key.keyId, bytes: concatBytes(u64be(time), sign(null, message, pair.privateKey)) }
  }
  const policyOf = (...lines: string[]) => utf8Encode([`log ${formatVerifierKey(logKey)}`, ...lines, ''].join('\n'))
  const needed = policyOf(`witness pq ${formatVerifierKey(key)}`, 'quorum pq')

  test('the note that another implementation made holds', () => {
    useMlDsa(machinery)
    const theirs = parseAnyKey(VECTOR.key)
    const note = parseNote(utf8Encode(VECTOR.note))
    // It says no time, so nobody's quorum has it.
    expect(verifyNote(note, [theirs])).toEqual([{ key: theirs }])
    expect(() => verifyNote({ ...note, text: note.text.replace('\n1\n', '\n2\n') }, [theirs])).toThrow('not one of')
  })

  test('one that a quorum needs is refused by whom has no machinery for it, and verified by whom has', () => {
    expect(() => parsePolicy(needed)).toThrow('0x06')
    useMlDsa(machinery)
    const note = formatNote({ text: TEXT, signatures: [byLog, cosigned()] })
    expect(openCheckpoint(note, parsePolicy(needed)).witnesses).toEqual([{ name: 'pq', timestamp: TIME }])
  })

  test('one of another name, origin, size or time spoils the checkpoint', () => {
    useMlDsa(machinery)
    const policy = parsePolicy(needed)
    const late = { ...cosigned(), bytes: concatBytes(u64be(TIME + 1), cosigned().bytes.subarray(8)) }
    const short = { ...cosigned(), bytes: cosigned().bytes.subarray(0, -1) }
    const lies = [cosigned({ name: 'another' }), cosigned({ origin: 'another' }), cosigned({ size: 8 }), late, short]
    for (const lie of lies)
      expect(() => openCheckpoint(formatNote({ text: TEXT, signatures: [byLog, lie] }), policy)).toThrow(
        expect.objectContaining({ code: 'log-signature' }),
      )
  })

  test('one that says no time counts for nothing', () => {
    useMlDsa(machinery)
    const note = formatNote({ text: TEXT, signatures: [byLog, cosigned({ time: 0 })] })
    expect(() => openCheckpoint(note, parsePolicy(needed))).toThrow(expect.objectContaining({ code: 'quorum' }))
  })

  test('beside a witness of the older type, either does for a quorum of one', () => {
    useMlDsa(machinery)
    const old = verifierKey('w1.example', COSIGNATURE_KEY, keyNumber(61).publicKey)
    const lines = [
      `witness old ${formatVerifierKey(old)}`,
      `witness pq ${formatVerifierKey(key)}`,
      'group g any old pq',
    ]
    const policy = parsePolicy(policyOf(...lines, 'quorum g'))
    for (const one of [cosignNote(TEXT, old, keyNumber(61).seed, TIME), cosigned()])
      expect(openCheckpoint(formatNote({ text: TEXT, signatures: [byLog, one] }), policy).witnesses).toHaveLength(1)
  })

  test('keys of that type are checked as others, and are no keys of logs', () => {
    useMlDsa(machinery)
    const spelt = formatVerifierKey(key)
    expect(parseAnyKey(spelt)).toEqual(key)
    const otherId = spelt.replace(key.keyId, '00000000')
    expect(() => parseAnyKey(otherId)).toThrow('id of key')
    const short = verifierKey(NAME, ML_DSA_KEY, key.publicKey.slice(1))
    expect(() => parseAnyKey(formatVerifierKey(short))).toThrow('1312 bytes')
    expect(() => parseVerifierKey(spelt)).toThrow('0x01 or 0x04')
    expect(() => parsePolicy(utf8Encode(`log ${spelt}\nquorum none\n`))).toThrow('0x06')
  })

  test('the machinery of Node refuses a signature of which one bit is another', () => {
    const message = utf8Encode('a message')
    const signature = sign(null, message, pair.privateKey)
    expect(verify(null, message, pair.publicKey, signature)).toBe(true)
    expect(machinery!(key.publicKey, message, signature)).toBe(true)
    signature[1000]! ^= 1
    expect(machinery!(key.publicKey, message, signature)).toBe(false)
  })
})
