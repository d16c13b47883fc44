import { toBase64, utf8Decode } from '../../../src/core/bytes.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  ED25519_KEY,
  formatNote,
  formatVerifierKey,
  type NoteSignature,
  parseNote,
  signNote,
  verifierKey,
} from '../../../src/core/note/note.ts'
import { type Exhibits, formatEvidence, shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { KEYS, type Shop } from './shop.ts'

/** Type of a key that no verifier of today has to understand; its length is its own matter. */
const NEW_TYPE = 0x06
const NEW_KEY = new Uint8Array(1312).fill(7)

/**
 * Keys of policies: several of one log, any of which signs for it; of a type that is not understood, which count for
 * nothing and spoil nothing; and lines of a note that bear one key twice.
 */
export function keyLies(corpus: Corpus, shop: Shop): void {
  const { policy, log, entries, checkpoint } = shop
  const second = verifierKey(log.key.name, ED25519_KEY, KEYS.stranger.publicKey)
  const [first, other] = [formatVerifierKey(log.key), formatVerifierKey(second)]
  const both = `log ${first}\nlog ${other}\nquorum none\n`
  const { text } = parseNote(checkpoint)
  const [byFirst, bySecond] = [signNote(text, log.key, log.seed), signNote(text, second, KEYS.stranger.seed)]
  const note = (...signatures: NoteSignature[]) => utf8Decode(formatNote({ text, signatures }))
  const told = (trust: string, shown: string) => ({
    verifier: 'checkpoint',
    trust: { policy: trust },
    shown: { text: shown },
  })
  const facts = { size: entries.length }
  for (const [name, says, trust, shown] of [
    ['first-of-two-keys', 'A log that has two keys, signed by the first.', both, note(byFirst)],
    [
      'second-of-two-keys',
      'The same, signed by the second alone: that is how a log changes its key.',
      both,
      note(bySecond),
    ],
    ['both-of-two-keys', 'The same, signed by both.', both, note(bySecond, byFirst)],
    [
      'key-of-a-new-type',
      'A log that has a key of a type that the verifier does not know, and one that it does.',
      `log ${vkeyOf(log.key.name)}\n${policy}`,
      note(byFirst),
    ],
  ] as const)
    corpus.truth(`checkpoint/honest-${name}`, says, { ...told(trust, shown), facts })
  const spoilt = { ...bySecond, bytes: bySecond.bytes.with(3, bySecond.bytes[3]! ^ 1) }
  corpus.lie(
    'checkpoint/one-of-two-keys-spoilt',
    'log-signature',
    'A log that has two keys: one signature verifies, the other does not.',
    told(both, note(byFirst, spoilt)),
  )
  corpus.lie(
    'checkpoint/key-of-a-new-type-alone',
    'log-signature',
    'A signature under a key of a type that the verifier does not know is none.',
    told(`log ${vkeyOf(log.key.name)}\n${policy}`, note(byNewKey(log.key.name))),
  )

  newTypes(corpus, shop)
  twice(corpus, shop)

  // A log whose key was changed is the log that its genesis names, and its promises stand under either key.
  const rotated = formatNote({ text, signatures: [bySecond] })
  corpus.truth('log/honest-second-key', 'A whole log, its checkpoint signed by the second of the two keys it has.', {
    ...logFile({ ...shop, policy: both }, { entries, checkpoint: rotated }),
    facts,
  })
  const evidence: Exhibits = {
    checkpoint: utf8Decode(rotated),
    entries: [{ index: 1, entry: toBase64(entries[1]!), proof: shownHashes(naivePath(1, entries)) }],
  }
  const accused = { origin: log.key.name, code: 'log-identity', message: 'words', needs: 'nothing', evidence } as const
  corpus.lie(
    'evidence/second-key',
    'needs-replay',
    'A checkpoint signed by the second key of a log, whose genesis names the first: no fault of anyone.',
    { verifier: 'evidence', trust: { policy: both }, shown: { text: utf8Decode(formatEvidence(accused)) } },
  )
  corpus.truth('promise/honest-second-key', 'A promise under the key that a policy has second.', {
    verifier: 'promise',
    trust: { policy: `log ${other}\n${policy}` },
    shown: shownBytes(shop.promise),
  })
}

/** A key of the new type, as a policy spells it: how its id is made is the matter of its type. */
function vkeyOf(name: string): string {
  return formatVerifierKey({ ...verifierKey(name, NEW_TYPE, NEW_KEY), keyId: '0123abcd' })
}

/** What may be a signature under that key. */
function byNewKey(name: string): NoteSignature {
  return { name, keyId: '0123abcd', bytes: new Uint8Array(2420).fill(9) }
}

function newTypes(corpus: Corpus, { policy, log, checkpoint, entries }: Shop): void {
  const w1 = verifierKey('w1.example', COSIGNATURE_KEY, keyNumber(61).publicKey)
  const lines = `witness w1 ${formatVerifierKey(w1)}\nwitness new ${vkeyOf('new.example')}\n`
  const of = (more: string) => policy.replace('quorum none\n', lines + more)
  const { text, signatures } = parseNote(checkpoint)
  const cosigned = formatNote({
    text,
    signatures: [...signatures, byNewKey('new.example'), cosignNote(text, w1, keyNumber(61).seed, 1_800_000_100)],
  })
  const any = of('group q any w1 new\nquorum q\n')
  corpus.truth('cosignature/honest-new-type', 'One witness of two, beside one whose key is of a new type.', {
    verifier: 'checkpoint',
    trust: { policy: any },
    shown: { text: utf8Decode(cosigned) },
    facts: { size: entries.length, witnesses: ['w1'] },
  })
  corpus.lie(
    'cosignature/new-type-alone',
    'quorum',
    'Only the witness whose key is of a new type cosigned: nobody here can tell.',
    {
      verifier: 'checkpoint',
      trust: { policy: any },
      shown: { text: utf8Decode(formatNote({ text, signatures: [...signatures, byNewKey('new.example')] })) },
    },
  )
  const told = (shown: string) => ({ verifier: 'policy', shown: { text: shown } })
  for (const [name, says, shown, quorum] of [
    ['new-type', 'A witness whose key is of a type that the verifier does not know, and who is not needed.', any, 'q'],
    ['new-type-unused', 'The same, and a quorum that does not ask for it.', of('quorum w1\n'), 'w1'],
    ['log-of-a-new-type', 'A log with a second key of such a type.', `${policy}log ${vkeyOf(log.key.name)}\n`, 'none'],
  ] as const)
    corpus.truth(`policy/honest-${name}`, says, { ...told(shown), facts: { quorum } })
  for (const [name, says, shown] of [
    [
      'new-type-needed',
      'A quorum that takes a witness whose key is not understood.',
      of('group q all w1 new\nquorum q\n'),
    ],
    ['new-type-alone', 'The same, alone.', of('quorum new\n')],
    ['log-of-a-new-type-alone', 'No log has a key that is understood.', `log ${vkeyOf('x.example')}\nquorum none\n`],
    [
      'log-of-a-new-type-twice',
      'One key of such a type twice.',
      `${policy}${`log ${vkeyOf('x.example')}\n`.repeat(2)}`,
    ],
    [
      'empty-key',
      'A key of no bytes, not even its type.',
      policy.replace('quorum none\n', 'witness w1 w1.example+00000000+\nquorum w1\n'),
    ],
  ] as const)
    corpus.lie(`policy/${name}`, 'policy', says, told(shown))
}

function twice(corpus: Corpus, { policy, checkpoint, entries }: Shop): void {
  const stranger = verifierKey('stranger.example', ED25519_KEY, KEYS.stranger.publicKey)
  const { text, signatures } = parseNote(checkpoint)
  const byStranger = signNote(text, stranger, KEYS.stranger.seed)
  const note = (...more: NoteSignature[]) => utf8Decode(formatNote({ text, signatures: [...signatures, ...more] }))
  for (const [name, says, shown] of [
    ['signed-twice', 'The log’s own line, twice.', note(signatures[0]!)],
    ['stranger-twice', 'A line of a key that nobody knows, twice.', note(byStranger, byStranger)],
    [
      'stranger-twice-otherwise',
      'Two lines of such a key, with two signatures.',
      note(byStranger, { ...byStranger, bytes: byStranger.bytes.with(0, 1) }),
    ],
  ] as const)
    corpus.lie(`checkpoint/${name}`, 'note', says, {
      verifier: 'checkpoint',
      trust: { policy },
      shown: { text: shown },
    })
  const namesake = verifierKey('stranger.example', COSIGNATURE_KEY, KEYS.stranger.publicKey)
  corpus.truth('checkpoint/honest-one-name-two-keys', 'Two lines of one name, under two keys of it.', {
    verifier: 'checkpoint',
    trust: { policy },
    shown: { text: note(byStranger, cosignNote(text, namesake, KEYS.stranger.seed, 7)) },
    facts: { size: entries.length },
  })
}
