import { describe, expect, test } from 'vitest'
import { concatBytes, utf8Encode } from '../../../src/core/bytes.ts'
import { formatCheckpoint, parseCheckpoint } from '../../../src/core/note/checkpoint.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  ED25519_KEY,
  formatNote,
  formatVerifierKey,
  NOTE_SIGNATURES_MAX,
  type NoteSignature,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '../../../src/core/note/note.ts'
import { formatPolicy, openCheckpoint, type Policy, parsePolicy } from '../../../src/core/note/policy.ts'
import { keyNumber } from '../../world.ts'

const LOG = keyNumber(1)
const ORIGIN = 'ledger.example/points'
const logKey = verifierKey(ORIGIN, ED25519_KEY, LOG.publicKey)
const TEXT = formatCheckpoint({ origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(3) })
const bySelf = signNote(TEXT, logKey, LOG.seed)

const witnessKey = (n: number) => verifierKey(`witness-${n}.example`, COSIGNATURE_KEY, keyNumber(100 + n).publicKey)
const cosigned = (n: number, timestamp = 1_700_000_000) =>
  cosignNote(TEXT, witnessKey(n), keyNumber(100 + n).seed, timestamp)
const note = (signatures: readonly NoteSignature[], text = TEXT) => formatNote({ text, signatures })

describe('signed notes (c2sp.org/signed-note)', () => {
  test('the example of the text is read, its key known by its id', () => {
    // The key and note of the Go implementation that the text grew out of (golang.org/x/mod/sumdb/note).
    const key = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
    const text =
      'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n'.replace(
        '’',
        "'",
      )
    const signature =
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
    const parsed = parseNote(utf8Encode(`${text}\n${signature}`))
    expect(parsed.text).toBe(text)
    expect(verifyNote(parsed, [key])).toEqual([{ key }])
    expect(formatVerifierKey(key)).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
  })

  test('signatures follow the last blank line', () => {
    const text = 'a\n\nb\n\nc\n'
    const parsed = parseNote(note([signNote(text, logKey, LOG.seed)], text))
    expect(parsed.text).toBe(text)
    expect(verifyNote(parsed, [logKey])).toHaveLength(1)
  })

  test('signatures of unknown keys are ignored, also such that bear a known name', () => {
    const stranger = verifierKey(ORIGIN, ED25519_KEY, keyNumber(9).publicKey)
    const parsed = parseNote(note([signNote(TEXT, stranger, keyNumber(9).seed), bySelf, cosigned(1)]))
    expect(verifyNote(parsed, [logKey]).map(({ key }) => key)).toEqual([logKey])
    expect(verifyNote(parsed, [])).toEqual([])
  })

  test('a cosignature has its time, and holds for that time and text only', () => {
    const key = witnessKey(1)
    expect(verifyNote(parseNote(note([cosigned(1, 2 ** 33)])), [key])).toEqual([{ key, timestamp: 2 ** 33 }])
    const plain = signNote(TEXT, key, keyNumber(101).seed)
    const late = cosigned(1)
    const moved = { ...late, bytes: concatBytes(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), late.bytes.subarray(8)) }
    const huge = { ...late, bytes: concatBytes(new Uint8Array(8).fill(255), late.bytes.subarray(8)) }
    for (const bad of [plain, moved, huge])
      expect(() => verifyNote(parseNote(note([bad])), [key])).toThrow(
        expect.objectContaining({ code: 'note-signature' }),
      )
  })

  test('has a bound: of signatures, and of bytes', () => {
    const many = (count: number) => note(Array.from({ length: count }, (_, i) => ({ ...bySelf, name: `n${i}` })))
    expect(parseNote(many(NOTE_SIGNATURES_MAX)).signatures).toHaveLength(NOTE_SIGNATURES_MAX)
    expect(() => parseNote(many(NOTE_SIGNATURES_MAX + 1))).toThrow(expect.objectContaining({ code: 'note' }))
    expect(() => parseNote(note([bySelf], `${'a'.repeat(128 * 1024)}\n`))).toThrow(/at most/)
  })
})

describe('checkpoints (c2sp.org/tlog-checkpoint)', () => {
  test('are read as they are written, extension lines of others stepped over', () => {
    const checkpoint = { origin: ORIGIN, size: 7, root: new Uint8Array(32).fill(3) }
    expect(parseCheckpoint(TEXT)).toEqual(checkpoint)
    expect(parseCheckpoint(`${TEXT}an extension\n`)).toEqual(checkpoint)
  })
})

describe('policies (c2sp.org/tlog-policy)', () => {
  const witnesses = [1, 2, 3, 4].map(n => `witness w${n} ${formatVerifierKey(witnessKey(n))}`)
  const policyOf = (...lines: string[]) =>
    parsePolicy(utf8Encode([`log ${formatVerifierKey(logKey)}`, ...lines, ''].join('\n')))
  const opens = (policy: Policy, ...signatures: NoteSignature[]) =>
    openCheckpoint(note([bySelf, ...signatures]), policy)

  test('ask for a quorum of witnesses, in groups of groups', () => {
    const policy = policyOf(...witnesses, 'group a all w1 w2', 'group b any w3 w4', 'group q 2 a b', 'quorum q')
    const fails = (...signatures: NoteSignature[]) =>
      expect(() => opens(policy, ...signatures)).toThrow(expect.objectContaining({ code: 'quorum' }))
    fails()
    fails(cosigned(1), cosigned(2))
    fails(cosigned(1), cosigned(3), cosigned(4))
    const trusted = opens(policy, cosigned(4), cosigned(2), cosigned(1))
    expect(trusted.witnesses.map(({ name }) => name)).toEqual(['w1', 'w2', 'w4'])
    expect(trusted.isWitnessed).toBe(true)
  })

  test('no witness signs twice: two lines of one name and key id are refused', () => {
    const policy = policyOf(...witnesses, 'group q 2 w1 w2 w3', 'quorum q')
    for (const again of [cosigned(1), cosigned(1, 1_700_000_001)])
      expect(() => opens(policy, cosigned(1), again, cosigned(3))).toThrow(expect.objectContaining({ code: 'note' }))
    expect(opens(policy, cosigned(1), cosigned(3)).witnesses).toHaveLength(2)
  })

  test('any key of the log signs for it, and the one that did is told', () => {
    const [one, another] = [keyNumber(1), keyNumber(2)]
    const second = verifierKey(ORIGIN, ED25519_KEY, another.publicKey)
    const policy = policyOf(`log ${formatVerifierKey(second)}`, 'quorum none')
    const by = (...keys: (typeof one)[]) =>
      openCheckpoint(note(keys.map(key => signNote(TEXT, key === one ? logKey : second, key.seed))), policy)
    expect(by(one).log).toEqual(logKey)
    expect(by(another).log).toEqual(second)
    expect(by(another, one).log).toEqual(logKey)
    expect(by(another).logs).toEqual([logKey, second])
  })

  test('keys of a type that is not understood are kept, count for nothing, and are written as they were read', () => {
    const unknown = 'witness pq pq.example+89abcdef+BgECAwQ='
    const policy = policyOf(...witnesses, unknown, 'group q any w1 pq', 'quorum q')
    expect(policy.witnesses.at(-1)!.key).toMatchObject({ type: 6, publicKey: Uint8Array.of(1, 2, 3, 4) })
    expect(formatPolicy(policy)).toContain(`${unknown}\n`)
    expect(parsePolicy(utf8Encode(formatPolicy(policy)))).toEqual(policy)
    const line = { name: 'pq.example', keyId: '89abcdef', bytes: new Uint8Array(64) }
    expect(opens(policy, line, cosigned(1)).witnesses.map(({ name }) => name)).toEqual(['w1'])
    expect(() => opens(policy, line)).toThrow(expect.objectContaining({ code: 'quorum' }))
    expect(() => policyOf(...witnesses, unknown, 'group q all w1 pq', 'quorum q')).toThrow(/0x06/)
  })

  test('quorum none trusts the log alone, and says so', () => {
    expect(opens(policyOf('quorum none'))).toMatchObject({ isWitnessed: false, witnesses: [], size: 7 })
  })

  test('are written as they are read', () => {
    const policy = policyOf(...witnesses, 'group q any w1 w2', 'quorum q')
    expect(parsePolicy(utf8Encode(formatPolicy(policy)))).toEqual(policy)
    const commented = utf8Encode(
      `# whom I trust\n\n  log\t${formatVerifierKey(logKey)}  https://ledger.example\nquorum none\n`,
    )
    expect(parsePolicy(commented).logs).toEqual([{ key: logKey, url: 'https://ledger.example' }])
  })

  test('name the line that is wrong', () => {
    expect(() => policyOf('quorum none', 'nonsense')).toThrow(/^line 3 of the policy: expected log, witness/)
  })
})
