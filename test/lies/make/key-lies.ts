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
import { BUNDLE_ENTRIES } from '../../../src/core/tree/tile.ts'
import { type Exhibits, evidenceJson, formatEvidence, shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import { keyNumber, type TestKey } from '../../world.ts'
import { bundleLines } from './carried-lies.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, KEYS, type Shop } from './shop.ts'
import { changed, recordsOf } from './statements.ts'

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
  founderLies(corpus, shop)
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
  // Long after, policies have the new key alone: that the genesis names the old one is no fault of anyone.
  const alone = `log ${other}\nquorum none\n`
  corpus.lie('log/changed-key', 'log-key', 'A log that changed its key, under a policy that knows the new one alone.', {
    ...logFile({ ...shop, policy: alone }, { entries, checkpoint: rotated }),
  })
  const closed = { ...shop.books.close(), checkpoint: rotated }
  const last = entries.length - 1
  const named: Exhibits = {
    checkpoint: utf8Decode(rotated),
    at: 1,
    entries: [{ index: last, entry: toBase64(entries[last]!), proof: shownHashes(naivePath(last, entries)) }],
    records: recordsOf(closed, [0]).map(one => ({ ...one, entry: toBase64(one.entry), path: shownHashes(one.path) })),
  }
  const accusedBy = (shown: Exhibits) => ({ ...accused, evidence: shown })
  corpus.lie(
    'evidence/changed-key',
    'needs-replay',
    'The same, with what the last seal has of the genesis, under a policy that knows the new key alone.',
    { verifier: 'evidence', trust: { policy: alone }, shown: { text: utf8Decode(formatEvidence(accusedBy(named))) } },
  )
  const log1 = { entries: entries.length, bundles: Math.ceil(entries.length / BUNDLE_ENTRIES) }
  const carried = JSON.stringify(evidenceJson(accusedBy({ ...named, log: log1 })))
  corpus.lie('evidence/carried-changed-key', 'not-proven', 'The same, with the log.', {
    verifier: 'evidence',
    trust: { policy: alone },
    shown: { text: [carried, ...bundleLines(entries), ''].join('\n') },
  })
  corpus.truth('promise/honest-second-key', 'A promise under the key that a policy has second.', {
    verifier: 'promise',
    trust: { policy: `log ${other}\n${policy}` },
    shown: shownBytes(shop.promise),
  })
}

/** Who founded the ledger, or is its log, is no witness of it: that is seen where the genesis is shown. */
function founderLies(corpus: Corpus, { policy, checkpoint, statements }: Shop): void {
  const { text, signatures } = parseNote(checkpoint)
  const witness = (name: string, { publicKey }: TestKey) => verifierKey(name, COSIGNATURE_KEY, publicKey)
  const [root, apart] = [witness('root.example', KEYS.root), witness('w.example', keyNumber(61))]
  const lines = `witness root ${formatVerifierKey(root)}\nwitness w ${formatVerifierKey(apart)}\n`
  const of = (quorum: string) => policy.replace('quorum none\n', `${lines}${quorum}`)
  const at = 1_800_000_100
  const byRoot = cosignNote(text, root, KEYS.root.seed, at)
  const cosigned = (...more: NoteSignature[]) =>
    changed(statements[A.alice]!.plain, () => ({
      checkpoint: formatNote({ text, signatures: [...signatures, ...more] }),
    }))
  const told = (trust: string, bytes: Uint8Array) => ({
    verifier: 'statement',
    trust: { policy: trust },
    shown: shownBytes(bytes),
  })
  const any = of('group q any root w\nquorum q\n')
  corpus.lie('statement/founder-as-witness', 'quorum', 'A root key of the genesis is the only witness.', {
    ...told(any, cosigned(byRoot)),
  })
  corpus.lie('statement/founder-and-a-witness', 'quorum', 'Two witnesses are asked for, and one is a root key.', {
    ...told(of('group q all root w\nquorum q\n'), cosigned(byRoot, cosignNote(text, apart, keyNumber(61).seed, at))),
  })
  corpus.truth('statement/honest-beside-a-founder', 'One of two is enough, and the other is a root key.', {
    ...told(any, cosigned(byRoot, cosignNote(text, apart, keyNumber(61).seed, at))),
    facts: { balance: 240 },
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
