import { concatBytes, toBase64, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { formatAddCheckpoint } from '../../../src/core/note/add-checkpoint.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
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
import { plusL } from '../../core/crypto/edwards.ts'
import { naiveConsistency } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { hash, KEYS, type Shop } from './shop.ts'

/** Signed notes, checkpoints, cosignatures, policies, and what a log asks of a witness. */
export function noteLies(corpus: Corpus, shop: Shop): void {
  noteFormLies(corpus, shop)
  checkpointLies(corpus, shop)
  cosignatureLies(corpus, shop)
  policyLies(corpus, shop)
  witnessLies(corpus, shop)
}

const witnessKey = (n: number) => verifierKey(`w${n}.example`, COSIGNATURE_KEY, keyNumber(60 + n).publicKey)
const vkey = (n: number) => formatVerifierKey(witnessKey(n))
const AT = 1_800_000_100

function noteFormLies(corpus: Corpus, { log }: Shop): void {
  const keys = [formatVerifierKey(log.key)]
  const told = (text: string) => ({ verifier: 'note', trust: { keys }, shown: { text } })
  const lie = (name: string, code: string, says: string, text: string) =>
    corpus.lie(`note/${name}`, code, says, told(text))
  const TEXT = 'a text\nof two lines\n'
  const sign = (text: string) => signNote(text, log.key, log.seed)
  const note = (text: string, ...signatures: NoteSignature[]) => utf8Decode(formatNote({ text, signatures }))
  const own = sign(TEXT)
  const honest = note(TEXT, own)
  const signers = { signers: [log.key.name] }
  corpus.truth('note/honest', 'A note and its signature.', { ...told(honest), facts: signers })
  const blank = 'a\n\nb\n\nc\n'
  corpus.truth('note/honest-blank-lines', 'A text with blank lines in it: signatures stand behind the last.', {
    ...told(note(blank, sign(blank))),
    facts: signers,
  })
  const stranger = verifierKey(log.key.name, ED25519_KEY, KEYS.stranger.publicKey)
  const byStranger = signNote(TEXT, stranger, KEYS.stranger.seed)
  corpus.truth(
    'note/honest-unknown-keys',
    'Signatures of unknown keys are stepped over, also such as bear a known name.',
    { ...told(note(TEXT, byStranger, own)), facts: signers },
  )
  corpus.truth('note/honest-nobody', 'A note that nobody known signed is a note, and nobody’s.', {
    ...told(note(TEXT, byStranger)),
    facts: { signers: [] },
  })
  const spoilt = { ...own, bytes: own.bytes.with(9, own.bytes[9]! ^ 1) }
  lie(
    'forged',
    'note-signature',
    'A known name and key id over a signature that does not verify: it must, and spoils the note.',
    note(TEXT, spoilt),
  )
  lie('forged-beside-true', 'note', 'The same behind one that does verify: one key twice.', note(TEXT, own, spoilt))
  lie('forged-before-true', 'note', 'The same before one that does verify.', note(TEXT, spoilt, own))
  lie(
    'text-cut-at-the-first-blank-line',
    'note-signature',
    'A signature of what stands before the first blank line, under a text that goes on.',
    note(blank, sign('a\n')),
  )
  lie('signature-plus-l', 'note-signature', 'S ≥ L.', note(TEXT, { ...own, bytes: plusL(own.bytes) }))
  lie('text-changed', 'note-signature', 'A signature of another text.', note('another text\n', own))
  lie(
    'signature-of-63-bytes',
    'note-signature',
    'A signature that is a byte short.',
    note(TEXT, { ...own, bytes: own.bytes.slice(1) }),
  )
  for (const [name, says, text] of [
    ['nothing', 'Nothing.', ''],
    ['no-signature', 'A text without signatures.', 'a\n'],
    ['blank-line-alone', 'A text and a blank line.', 'a\n\n'],
    ['no-newline', 'No newline at the end.', honest.slice(0, -1)],
    ['hyphen', 'A signature line with a hyphen in place of the dash.', honest.replace('— ', '- ')],
    ['no-name', 'A signature line without a name.', honest.replace(`— ${log.key.name}`, '—')],
    ['two-spaces', 'A signature line with two spaces.', honest.replace(`— ${log.key.name} `, `— ${log.key.name}  `)],
    [
      'no-break-space',
      'A name with a space in it that some languages take for none.',
      honest.replace('ledger.example', 'ledger\u00a0example'),
    ],
    ['plus-in-the-name', 'A name with a plus.', honest.replace(`— ${log.key.name}`, '— a+b')],
    ['signature-of-a-key-id', 'A signature of four bytes.', `${TEXT}\n— a AAAAAA==\n`],
    ['carriage-returns', 'Lines that end as on Windows.', honest.replaceAll('\n', '\r\n')],
    ['tab', 'A control character.', note('a\tb\n', own)],
    ['zero-byte', 'A zero byte: no message of another kind can be a note.', note('a\0b\n', own)],
    [
      '65-signatures',
      'More signatures than a verifier has to read.',
      note(TEXT, ...Array.from({ length: 65 }, (_, i) => ({ ...byStranger, name: `stranger-${i}` }))),
    ],
    ['text-behind', 'A line behind the signatures.', `${honest}and more\n`],
  ] as const)
    lie(name, 'note', says, text)
  lie(
    'base64-loose-bits',
    'base64',
    'A signature whose base64 has bits that belong to no byte.',
    honest.replace(/([A-Za-z0-9+/])=\n$/, (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=\n`),
  )
  corpus.lie('note/latin-1', 'utf8', 'A note that is not UTF-8.', {
    ...told(''),
    shown: shownBytes(Uint8Array.of(0xe9, ...utf8Encode(honest))),
  })
  for (const [name, says, key] of [
    ['key-id', 'A key whose id is not that of its bytes.', keys[0]!.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    [
      'key-type',
      'A key of a type of signature that the verifier does not know.',
      formatVerifierKey(verifierKey(log.key.name, 2, log.key.publicKey)),
    ],
    ['key-id-in-capitals', 'A key id in capitals.', keys[0]!.replace(/\+[0-9a-f]{8}\+/, id => id.toUpperCase())],
    [
      'key-of-31-bytes',
      'A key of 31 bytes.',
      formatVerifierKey(verifierKey(log.key.name, ED25519_KEY, log.key.publicKey.slice(1))),
    ],
  ] as const)
    corpus.lie(`note/${name}`, 'verifier-key', says, {
      verifier: 'note',
      trust: { keys: [key] },
      shown: { text: honest },
    })
}

function checkpointLies(corpus: Corpus, shop: Shop): void {
  const { policy, log } = shop
  const honest = utf8Decode(shop.checkpoint)
  const told = (text: string, trust = policy) => ({ verifier: 'checkpoint', trust: { policy: trust }, shown: { text } })
  const lie = (name: string, code: string, says: string, text: string) =>
    corpus.lie(`checkpoint/${name}`, code, says, told(text))
  const signed = (text: string) => utf8Decode(formatNote({ text, signatures: [signNote(text, log.key, log.seed)] }))
  const [origin, root] = [log.key.name, toBase64(hash('a root'))]
  corpus.truth('checkpoint/honest', 'The shop’s checkpoint.', {
    ...told(honest),
    facts: { size: shop.entries.length, witnessed: false },
  })
  corpus.truth('checkpoint/honest-extension', 'A checkpoint of a log that has extension lines.', {
    ...told(signed(`${origin}\n7\n${root}\nan extension\n`)),
    facts: { size: 7 },
  })
  lie('size-changed', 'log-signature', 'Another size under the same signature.', honest.replace(/\n\d+\n/, '\n57\n'))
  lie(
    'root-changed',
    'log-signature',
    'Another root under the same signature.',
    honest.replace(/\n[^\n]+\n\n/, `\n${root}\n\n`),
  )
  lie(
    'another-origin',
    'unknown-log',
    'Another origin, which the log’s key signed.',
    signed(`other.example/points\n7\n${root}\n`),
  )
  const text = formatCheckpoint({ origin, size: 7, root: hash('a root') })
  lie(
    'stranger',
    'log-signature',
    'A checkpoint that a stranger signed under the log’s name.',
    utf8Decode(
      formatNote({
        text,
        signatures: [signNote(text, verifierKey(origin, ED25519_KEY, KEYS.stranger.publicKey), KEYS.stranger.seed)],
      }),
    ),
  )
  lie(
    'cosigned-only',
    'log-signature',
    'A checkpoint that a witness cosigned and the log never signed.',
    utf8Decode(formatNote({ text, signatures: [cosignNote(text, witnessKey(1), keyNumber(61).seed, AT)] })),
  )
  for (const [name, size] of [
    ['leading-zero', '07'],
    ['negative', '-7'],
    ['empty', ' '],
    ['hex', '0x7'],
    ['beyond-exact', '9007199254740992'],
    ['plus', '+7'],
    ['exponent', '7e0'],
    ['arabic-digit', '٧'],
  ] as const)
    lie(
      `size-${name}`,
      'decimal',
      `The size is written "${size}", and signed so.`,
      signed(`${origin}\n${size}\n${root}\n`),
    )
  lie('root-short', 'checkpoint', 'A root of 31 bytes.', signed(`${origin}\n7\n${toBase64(new Uint8Array(31))}\n`))
  lie('root-empty', 'checkpoint', 'No root.', signed(`${origin}\n7\n\n`))
  lie('root-unpadded', 'base64', 'A root whose base64 is not padded.', signed(`${origin}\n7\n${root.slice(0, -1)}\n`))
  lie('two-lines', 'checkpoint', 'Origin and size alone.', signed(`${origin}\n7\n`))
  lie('blank-line', 'checkpoint', 'A blank line in the middle.', signed(`${origin}\n7\n${root}\n\nmore\n`))
  lie('no-origin', 'checkpoint', 'No origin.', signed(`\n7\n${root}\n`))
  lie('byte-order-mark', 'unknown-log', 'A byte order mark before the origin: it is another origin.', `\uFEFF${honest}`)
}

function cosignatureLies(corpus: Corpus, shop: Shop): void {
  const { policy, log } = shop
  const { text, signatures } = parseNote(shop.checkpoint)
  const lines = policy.replace('quorum none\n', [1, 2, 3].map(n => `witness w${n} ${vkey(n)}\n`).join(''))
  const two = `${lines}group q 2 w1 w2 w3\nquorum q\n`
  const cosigned = (n: number, at = AT, of = text) => cosignNote(of, witnessKey(n), keyNumber(60 + n).seed, at)
  const note = (...more: NoteSignature[]) => utf8Decode(formatNote({ text, signatures: [...signatures, ...more] }))
  const told = (shown: string, trust = two) => ({
    verifier: 'checkpoint',
    trust: { policy: trust },
    shown: { text: shown },
  })
  const lie = (name: string, code: string, says: string, shown: string, trust = two) =>
    corpus.lie(`cosignature/${name}`, code, says, told(shown, trust))
  corpus.truth('cosignature/honest', 'Two witnesses of three, as the policy asks.', {
    ...told(note(cosigned(1), cosigned(3))),
    facts: { witnesses: ['w1', 'w3'], witnessed: true },
  })
  const nested = `${lines}group a all w1 w2\ngroup q any a w3\nquorum q\n`
  corpus.truth('cosignature/honest-groups', 'A group of groups.', {
    ...told(note(cosigned(2), cosigned(1)), nested),
    facts: { witnesses: ['w1', 'w2'] },
  })
  lie('renewed', 'note', 'A witness’s line twice, of two times.', note(cosigned(1), cosigned(1, AT + 1), cosigned(2)))
  lie('none', 'quorum', 'No witness at all.', note())
  lie('one-of-two', 'quorum', 'One witness where two have to be.', note(cosigned(2)))
  lie('one-twice', 'note', 'One witness with two cosignatures, counted as two.', note(cosigned(1), cosigned(1, AT + 1)))
  lie('one-copied', 'note', 'One cosignature, copied.', note(cosigned(1), cosigned(1)))
  lie('strangers', 'quorum', 'Cosignatures of witnesses that the policy does not name.', note(cosigned(4), cosigned(5)))
  const renamed = verifierKey('w2.example', COSIGNATURE_KEY, keyNumber(61).publicKey)
  lie(
    'one-under-two-names',
    'quorum',
    'One witness’s key under the name of another.',
    note(cosigned(1), cosignNote(text, renamed, keyNumber(61).seed, AT)),
  )
  lie('half-a-group', 'quorum', 'One of a group that has to cosign whole.', note(cosigned(1)), nested)
  lie(
    'of-another-checkpoint',
    'log-signature',
    'A cosignature of an earlier checkpoint under the latest.',
    note(cosigned(1), cosigned(2, AT, parseNote(shop.earlierCheckpoint).text)),
  )
  const late = cosigned(2)
  const stamped = (seconds: number[]) => ({ ...late, bytes: Uint8Array.of(...seconds, ...late.bytes.subarray(8)) })
  lie(
    'time-moved',
    'log-signature',
    'The time of a cosignature changed, so that it looks fresh.',
    note(cosigned(1), stamped([0, 0, 0, 0, 0x7f, 0, 0, 0])),
  )
  const beyond = concatBytes(
    Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0),
    signEd25519(keyNumber(62).seed, utf8Encode(`cosignature/v1\ntime 9007199254740992\n${text}`)),
  )
  lie('time-beyond-exact', 'log-signature', 'A time of 2^53, signed so.', note(cosigned(1), { ...late, bytes: beyond }))
  lie('time-of-all-ones', 'log-signature', 'A time of 64 ones.', note(cosigned(1), stamped(Array(8).fill(255))))
  lie(
    'without-time',
    'log-signature',
    'A plain signature of a witness’s key: it says nothing of growth.',
    note(cosigned(1), signNote(text, witnessKey(2), keyNumber(62).seed)),
  )
  lie(
    'signature-plus-l',
    'log-signature',
    'A cosignature with S ≥ L.',
    note(cosigned(1), {
      ...late,
      bytes: Uint8Array.of(...late.bytes.subarray(0, 8), ...plusL(late.bytes.subarray(8))),
    }),
  )
  const self = verifierKey(log.key.name, COSIGNATURE_KEY, log.key.publicKey)
  lie('by-the-log', 'quorum', 'The log cosigned itself.', note(cosigned(1), cosignNote(text, self, log.seed, AT)))
}

function policyLies(corpus: Corpus, { log, policy }: Shop): void {
  const told = (text: string) => ({ verifier: 'policy', shown: { text } })
  const W = [1, 2, 3, 4].map(n => `witness w${n} ${vkey(n)}`)
  const [w1, w2, w3] = W as [string, string, string]
  const key = formatVerifierKey(log.key)
  const of = (...lines: string[]) => [`log ${key}`, ...lines, ''].join('\n')
  corpus.truth('policy/honest', 'The policy of the shop.', { ...told(policy), facts: { quorum: 'none' } })
  const namesake = (name: string, n: number) =>
    `witness w${n} ${formatVerifierKey(verifierKey(name, COSIGNATURE_KEY, keyNumber(n).publicKey))}`
  corpus.truth('policy/honest-one-name-one-group', 'The old key of a witness and its new one: one of them is enough.', {
    ...told(of(w1, namesake('w1.example', 62), w3, 'group w any w1 w62', 'group q all w w3', 'quorum q')),
    facts: { quorum: 'q' },
  })
  corpus.truth('policy/honest-one-name-unused', 'A second key of a name, which no quorum asks for.', {
    ...told(of(w1, namesake('w1.example', 62), 'group q any w1', 'quorum q')),
    facts: { quorum: 'q' },
  })
  corpus.truth('policy/honest-groups', 'Groups of groups, comments, tabs, addresses.', {
    ...told(of('# whom I trust', '', ...W, 'group a all w1 w2', '\tgroup  b any w3 w4', 'group q 2 a b', 'quorum q')),
    facts: { quorum: 'q' },
  })
  for (const [name, says, ...lines] of [
    ['no-quorum', 'No quorum.', w1],
    ['two-quorums', 'Two quorums.', 'quorum none', 'quorum none'],
    ['unknown-word', 'A word that there is not.', 'log-key x', 'quorum none'],
    ['quorum-unknown', 'A quorum that is not defined.', 'quorum w9'],
    ['quorum-before', 'A quorum that is defined below.', 'quorum w1', w1],
    ['name-twice', 'Two witnesses of one name.', w1, w2.replace('w2 ', 'w1 '), 'quorum none'],
    ['name-none', 'A witness whose name is none.', w1.replace('w1 ', 'none '), 'quorum none'],
    [
      'one-witness-twice',
      'One witness under two names, counted twice.',
      w1,
      w1.replace('w1 ', 'w2 '),
      'group q all w1 w2',
      'quorum q',
    ],
    [
      'one-key-two-key-names',
      'One key under two names and ids, counted twice.',
      w1,
      `witness w2 ${formatVerifierKey(verifierKey('other.example', COSIGNATURE_KEY, keyNumber(61).publicKey))}`,
      'group q all w1 w2',
      'quorum q',
    ],
    ['log-as-witness', 'The log as its own witness.', `witness w ${key}`, 'quorum w'],
    [
      'log-key-as-witness',
      'The log as its own witness, under another name and type.',
      `witness w ${formatVerifierKey(verifierKey('w.example', COSIGNATURE_KEY, log.key.publicKey))}`,
      'quorum w',
    ],
    ['log-name-as-witness', 'A witness that bears the name of the log.', namesake(log.key.name, 62), 'quorum w62'],
    [
      'one-name-two-keys',
      'Two keys of one name, counted twice.',
      w1,
      namesake('w1.example', 62),
      'group q 2 w1 w62',
      'quorum q',
    ],
    [
      'one-name-two-groups',
      'Two keys of one name, each in a group of its own.',
      ...[w1, namesake('w1.example', 62), 'group a any w1', 'group b any w62', 'group q all a b', 'quorum q'],
    ],
    ['witness-as-log', 'A witness’s key as a log’s.', w1.replace('witness w1', 'log'), 'quorum none'],
    ['log-twice', 'One log twice.', `log ${key}`, 'quorum none'],
    ['group-of-nobody', 'A group of nobody.', 'group g any', 'quorum none'],
    ['group-of-more', 'A group that asks for more than it has.', w1, 'group g 2 w1', 'quorum g'],
    ['group-of-zero', 'A group that asks for none.', w1, 'group g 0 w1', 'quorum g'],
    ['group-of-itself', 'A group in itself.', w1, 'group g any g', 'quorum g'],
    ['member-twice', 'A witness counted twice in one group.', w1, 'group g 2 w1 w1', 'quorum g'],
    ['member-none', 'A group of none.', 'group g any none', 'quorum g'],
    ['member-of-two', 'A witness in two groups.', w1, w2, w3, 'group g any w1 w2', 'group h any w1 w3', 'quorum h'],
    ['threshold-no-number', 'A threshold that is no whole number.', w1, 'group g 1.0 w1', 'quorum g'],
    ['word-more', 'A word too many.', 'quorum none none'],
    ['key-id', 'A key whose id is not that of its bytes.', w1.replace(/\+[0-9a-f]{8}\+/, '+00000000+'), 'quorum w1'],
    ['carriage-returns', 'Lines that end as on Windows.', `${w1}\r`, 'quorum w1\r'],
  ] as [string, string, ...string[]][])
    corpus.lie(`policy/${name}`, 'policy', says, told(of(...lines)))
  corpus.lie('policy/control-character', 'policy', 'A control character, in a comment.', told(`# \u0007\n${policy}`))
  corpus.lie('policy/byte-order-mark', 'policy', 'A byte order mark before the first word.', told(`\uFEFF${policy}`))
  corpus.lie('policy/latin-1', 'utf8', 'A policy that is not UTF-8.', {
    verifier: 'policy',
    shown: shownBytes(Uint8Array.of(0x23, 0xe9, 0x0a, ...utf8Encode(policy))),
  })
}

function witnessLies(corpus: Corpus, { checkpoint, earlierSize, entries }: Shop): void {
  const proof = naiveConsistency(earlierSize, entries)
  const honest = utf8Decode(formatAddCheckpoint({ oldSize: earlierSize, proof, checkpoint }))
  const told = (text: string) => ({ verifier: 'add-checkpoint', shown: { text } })
  corpus.truth('add-checkpoint/honest', 'What a log asks of its witnesses.', told(honest))
  const first = toBase64(proof[0]!)
  for (const [name, code, says, text] of [
    ['no-old-size', 'add-checkpoint', 'No old size.', honest.replace(/^old \d+\n/, '')],
    ['leading-zero', 'decimal', 'An old size with a leading zero.', honest.replace('old ', 'old 0')],
    ['old-in-hex', 'decimal', 'An old size in hex.', honest.replace(/^old \d+/, 'old 0x10')],
    ['old-size-of-nothing', 'decimal', 'No digits.', honest.replace(/^old \d+/, 'old ')],
    ['short-hash', 'add-checkpoint', 'A hash of 31 bytes.', honest.replace(first, toBase64(proof[0]!.subarray(1)))],
    [
      '64-hashes',
      'add-checkpoint',
      'A proof of 64 lines.',
      honest.replace(`${first}\n`, `${first}\n`.repeat(65 - proof.length)),
    ],
    ['junk', 'base64', 'A hash with a space in it.', honest.replace(first, ` ${first}`)],
    [
      'no-blank-line',
      'add-checkpoint',
      'No blank line before the checkpoint, and none in it.',
      honest.replaceAll('\n\n', '\n'),
    ],
  ] as const)
    corpus.lie(`add-checkpoint/${name}`, code, says, told(text))
}
