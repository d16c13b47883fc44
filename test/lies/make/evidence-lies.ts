import { toBase64, utf8Encode } from '../../../src/core/bytes.ts'
import {
  COSIGNATURE_KEY,
  cosignNote,
  ED25519_KEY,
  formatSignatureLine,
  formatVerifierKey,
  parseNote,
  signNote,
  verifierKey,
} from '../../../src/core/note/note.ts'
import { shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { decodePromise, encodePromise } from '../../../src/verify/promise.ts'
import { naiveConsistency, naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { rewriteIssue } from './rewrite.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import { recordsOf } from './statements.ts'

/** Evidence against the log: here what holds convicts an operator, and the lies are false accusations. */
export function evidenceLies(corpus: Corpus, shop: Shop): void {
  const { policy, books, log, entries, spentAt, issuedAt } = shop
  const accuser = new Accuser(corpus, shop)
  const { file, truth, lie, form, note, grown, shown, over, honest } = accuser
  const [latest, earlier] = [note(shop.checkpoint), note(shop.earlierCheckpoint)]

  const forked = rewriteIssue(shop, 250).close()
  truth('honest-forked-one-size', 'forked', 'Two checkpoints of one size with two roots.', {
    checkpoint: latest,
    earlier: note(forked.checkpoint),
  })
  truth('honest-forked', 'forked', 'A checkpoint that did not grow out of the earlier one.', {
    checkpoint: note(forked.checkpoint),
    earlier,
    ...grown(forked.entries, shop.earlierSize),
  })
  shieldedForks(accuser, note(forked.checkpoint))
  const promise = decodePromise(shop.promise)
  const promised = toBase64(shop.promise)
  truth('honest-promise-broken', 'promise-broken', 'What was promised is not in the log.', {
    checkpoint: note(forked.checkpoint),
    promise: promised,
    ...grown(forked.entries, promise.size),
  })
  const withheld = books.with(list => list.slice(0, spentAt)).close({ seal: { time: promise.deadline + 1000 } })
  truth(
    'honest-promise-overdue',
    'promise-overdue',
    'After the deadline the log was smaller than promised, says its own seal.',
    { promise: promised, ...shown(withheld, withheld.entries.length - 1) },
  )
  const altered = over(entries.with(issuedAt, books.tell([by.issuer], [issue(A.alice, 500)]).entries.at(-1)!))
  truth(
    'honest-batch-root',
    'batch-root',
    'A transaction that its batch does not have.',
    shown(altered, issuedAt - 1, issuedAt),
  )
  const past = books.tell([by.issuer], [issue(A.alice, 100)], { afterMs: -2000 }).close()
  truth(
    'honest-batch-time',
    'batch-time',
    'A batch behind another, and before it in time.',
    shown(past, entries.length - 3, entries.length - 1),
  )
  truth(
    'honest-seal-last',
    'seal-last',
    'A checkpoint that ends in a transaction.',
    shown(over(books.entries), books.entries.length - 1),
  )
  const twice = books.close({ seal: { epoch: 1 } })
  truth(
    'honest-seal-epoch',
    'seal-epoch',
    'Two seals of one epoch.',
    shown(twice, shop.earlierSize - 1, entries.length - 1),
  )
  const orphan = over([...entries, entries[spentAt + 1]!])
  truth(
    'honest-entry-order',
    'entry-order',
    'A transaction behind a seal.',
    shown(orphan, entries.length - 1, entries.length),
  )
  // The last seal before the batch commits to the issuer's key.
  const sealed = books
    .with(list => [...list, honest.sealEntry])
    .tell([by.issuer], [issue(A.alice, 100)], {
      batch: ({ signatures: [one] }) => ({ signatures: [{ ...one!, ed25519: new Uint8Array(64) }] }),
    })
    .close()
  const key = recordsOf(honest, [R.issuer]).map(({ number, entry, from, until, next, path }) => ({
    number,
    entry: toBase64(entry),
    from,
    until,
    next,
    path: shownHashes(path),
  }))
  truth(
    'honest-batch-refused',
    'batch-refused',
    'A batch that its issuer did not sign, and the seal that has the issuer’s key.',
    { ...shown(sealed, 0, 1, entries.length - 1, entries.length), records: key },
  )

  const { owner, opening, head, more, ...state } = honest.accounts[A.alice]!
  const alice = {
    number: A.alice,
    ...state,
    owner: toBase64(owner!),
    opening: toBase64(opening),
    head: toBase64(head),
    more: toBase64(more),
    path: shownHashes(honest.accountPath(A.alice)),
  }
  const last = entries.length - 1
  const sealedBooks = books.with(list => [...list, honest.sealEntry])
  const spending = { signers: [{ account: A.alice, key: KEYS.stranger }], drafts: [redeem(A.alice, 100)] } as const
  const stolen = sealedBooks.tell(spending.signers, spending.drafts).close()
  truth(
    'honest-batch-refused-owner',
    'batch-refused',
    'A purchase of Alice’s that she did not sign, and the seal that has her key.',
    { ...shown(stolen, 0, 1, last, last + 1), accounts: [alice] },
  )
  const rotation = [{ kind: 'set-custody', account: A.alice, owner: KEYS.stranger.publicKey, custodian: null }] as const
  const rotated = sealedBooks.tell([by.alice], rotation).tell(spending.signers, spending.drafts).close()
  lie(
    'owner-rotated',
    'needs-replay',
    'A purchase under Alice’s new key, accused by the old one: the entries in between say that she replaced it.',
    'batch-refused',
    { ...shown(rotated, 0, 1, last, last + 1, last + 2, last + 3), accounts: [alice] },
  )
  lie('owner-rotated-unseen', 'needs-replay', 'The same, with the entries in between left out.', 'batch-refused', {
    ...shown(rotated, 0, 1, last, last + 3),
    accounts: [alice],
  })
  lie('owner-not-of-the-seal', 'not-proven', 'An owner key that the seal does not have.', 'batch-refused', {
    ...shown(stolen, 0, 1, last, last + 1),
    accounts: [{ ...alice, owner: toBase64(KEYS.bob.publicKey) }],
  })
  lie('signed-without-a-seal', 'needs-replay', 'A batch, and nothing that says whose key it takes.', 'batch-refused', {
    ...shown(stolen, 0, 1, last + 1),
    accounts: [alice],
  })

  const formless = books.enter([by.issuer], [Uint8Array.of(2, 0x82, 24, 99, 0)], books.timeMs + 1000).close()
  truth(
    'honest-entry-form',
    'entry-form',
    'A transaction of no kind, behind its batch.',
    shown(formless, entries.length - 1, entries.length),
  )
  lie(
    'form-in-order',
    'needs-replay',
    'A transaction that is of its form, accused of not being.',
    'entry-form',
    shown(honest, issuedAt - 1, issuedAt),
  )

  lie('forked-with-itself', 'not-proven', 'One checkpoint twice.', 'forked', { checkpoint: latest, earlier: latest })
  lie('grown-is-no-fork', 'not-proven', 'A log that grew, accused of having two histories.', 'forked', {
    checkpoint: latest,
    earlier,
    ...grown(entries, shop.earlierSize),
  })
  lie('forked-without-proof', 'not-proven', 'Two checkpoints, and nothing that says that they do not fit.', 'forked', {
    checkpoint: latest,
    earlier,
  })
  lie('forked-with-a-forged-proof', 'consistency-proof', 'A proof that leads nowhere.', 'forked', {
    checkpoint: latest,
    earlier,
    root: toBase64(hash('another root')),
    proof: shownHashes(naiveConsistency(shop.earlierSize, entries)),
  })
  const byStranger = new Books({ ...log, seed: KEYS.stranger.seed }, books.entries)
  lie('forked-by-the-accuser', 'log-signature', 'The second history was signed by the accuser.', 'forked', {
    checkpoint: latest,
    earlier: note(byStranger.sign(entries.length, hash('another root'))),
  })
  lie('fork-half-shown', 'not-proven', 'A fork of which one half is shown.', 'forked', { checkpoint: latest })
  lie('another-log', 'unknown-log', 'A checkpoint of a log that the reader does not know.', 'forked', {
    checkpoint: latest,
    earlier: note(
      new Books({ ...log, key: { ...log.key, name: 'other.example' } }, books.entries).sign(7, hash('root')),
    ),
  })
  const another = { ...log, key: verifierKey('other.example', ED25519_KEY, KEYS.stranger.publicKey) }
  const elsewhere = new Books({ ...another, seed: KEYS.stranger.seed }, books.entries)
  lie(
    'two-logs',
    'not-proven',
    'Two checkpoints of two logs, both of which the reader knows, shown as two histories of one.',
    'forked',
    { checkpoint: latest, earlier: note(elsewhere.sign(entries.length, hash('another root'))) },
    `log ${formatVerifierKey(another.key)}\n${policy}`,
  )
  lie(
    'promise-not-reached',
    'not-proven',
    'A promise shown as broken by a checkpoint that is not so long yet.',
    'promise-broken',
    {
      checkpoint: note(books.sign(shop.issuedAt, naiveRoot(entries.slice(0, shop.issuedAt)))),
      promise: promised,
    },
  )
  lie('promise-kept', 'not-proven', 'A promise that was kept, shown as broken.', 'promise-broken', {
    checkpoint: latest,
    promise: promised,
    ...grown(entries, promise.size),
  })
  lie('promise-forged', 'promise-signature', 'A promise that the log never signed.', 'promise-broken', {
    checkpoint: latest,
    promise: toBase64(encodePromise({ ...promise, root: hash('another root') })),
    ...grown(entries, promise.size),
  })
  lie('promise-of-nothing', 'not-proven', 'A broken promise that is not shown.', 'promise-broken', {
    checkpoint: latest,
    ...grown(entries, promise.size),
  })
  lie(
    'promise-fulfilled',
    'not-proven',
    'A promise called overdue, and a checkpoint that is large enough.',
    'promise-overdue',
    { promise: promised, ...shown(honest, entries.length - 1) },
  )
  const early = over(entries.slice(0, shop.issuedAt - 1))
  lie(
    'promise-not-due',
    'needs-observer',
    'A smaller checkpoint of a time when there still was time.',
    'promise-overdue',
    { promise: promised, ...shown(early, early.entries.length - 1) },
  )
  lie(
    'promise-overdue-unseen',
    'needs-observer',
    'A smaller checkpoint, and nothing that says of when it is.',
    'promise-overdue',
    { promise: promised, checkpoint: note(early.checkpoint) },
  )
  lie(
    'batch-in-order',
    'needs-replay',
    'A batch and its transactions, which fit, accused of not fitting.',
    'batch-root',
    shown(honest, issuedAt - 1, issuedAt),
  )
  lie(
    'batch-half-shown',
    'needs-replay',
    'Of a batch of two one transaction is shown.',
    'batch-root',
    shown(honest, spentAt, spentAt + 1),
  )
  lie('entry-not-of-the-log', 'inclusion-proof', 'An entry that the checkpoint does not have.', 'batch-root', {
    ...shown(altered, issuedAt - 1, issuedAt),
    checkpoint: latest,
  })
  lie(
    'entries-out-of-order',
    'not-proven',
    'Entries that are not by increasing index.',
    'batch-time',
    shown(past, entries.length - 1, entries.length - 3),
  )
  lie(
    'time-in-order',
    'needs-replay',
    'Two batches, the later of the later time.',
    'batch-time',
    shown(honest, issuedAt - 1, spentAt),
  )
  lie(
    'sealed-well',
    'needs-replay',
    'A checkpoint that does end in a seal.',
    'seal-last',
    shown(honest, entries.length - 1),
  )
  lie(
    'epochs-in-order',
    'needs-replay',
    'Two seals that follow each other.',
    'seal-epoch',
    shown(honest, shop.earlierSize - 1, entries.length - 1),
  )
  lie(
    'order-in-order',
    'needs-replay',
    'A batch, its transaction, and the batch behind.',
    'entry-order',
    shown(honest, issuedAt - 1, issuedAt, issuedAt + 1),
  )
  lie('identity-right', 'needs-replay', 'A genesis that names this log.', 'log-identity', shown(honest, 1))
  lie('well-signed', 'needs-replay', 'A batch that is well signed, accused of not being.', 'batch-refused', {
    ...shown(
      books
        .with(list => [...list, honest.sealEntry])
        .tell([by.issuer], [issue(A.alice, 100)])
        .close(),
      0,
      1,
      entries.length - 1,
      entries.length,
    ),
    records: key,
  })
  lie(
    'key-not-shown',
    'needs-replay',
    'A batch that is badly signed, without the key that would show it.',
    'batch-refused',
    shown(sealed, 0, 1, entries.length - 1, entries.length),
  )
  lie('wrong-statuses', 'needs-replay', 'What takes the state of the whole log to see.', 'batch-statuses', {
    ...shown(honest, issuedAt - 1),
    at: issuedAt - 1,
  })
  lie('overdue-alone', 'needs-replay', 'Points that stand past their expiry, and nothing of the log.', 'overdue', {
    ...shown(honest, entries.length - 1),
    at: entries.length - 1,
  })
  lie('reward-alone', 'needs-replay', 'A reward that is called wrong, without what it was for.', 'reward', {
    ...shown(honest, issuedAt),
    at: issuedAt,
  })
  lie('served', 'needs-observer', 'A tile that did not fit: nobody signed that it was served.', 'tile', {
    checkpoint: latest,
  })
  lie('no-entries', 'needs-observer', 'A fault of the log, and no entry of it.', 'seal-state', { checkpoint: latest })

  const text = file('forked', { checkpoint: latest, earlier })
  form(
    'field-more',
    'A field that evidence does not have.',
    text.replace('"origin"', '"verdict": "guilty",\n  "origin"'),
  )
  form('another-format', 'Another format.', text.replace('evidence/v1', 'evidence/v2'))
  form('code-that-paints', 'A code that clears a terminal.', text.replace('"code": "', '"code": "\\u001b[2J'))
  form('code-in-capitals', 'A code in capitals.', text.replace('"code": "forked"', '"code": "FORKED"'))
  form('needs-nothing-more', 'A need that there is not.', text.replace('"nothing"', '"trust"'))
  const carrying = (log: { entries: number; bundles: number }) =>
    file('overdue', { ...shown(honest, 57), at: 57, log }).trimEnd()
  form('log-half-carried', 'Some of the log, and not all of it.', carrying({ entries: 600, bundles: 2 }))
  form('log-of-nothing', 'A log of no entries.', carrying({ entries: 0, bundles: 0 }))
  form('no-json', 'No JSON.', text.slice(0, -3))
  form('list', 'A list of evidence.', `[${text}]`)
  form('index-text', 'An index as text.', file('seal-last', shown(honest, 57)).replace('"index": 57', '"index": "57"'))
  form(
    'index-negative',
    'A negative index.',
    file('seal-last', shown(honest, 57)).replace('"index": 57', '"index": -57'),
  )
  form('byte-order-mark', 'A byte order mark.', `\uFEFF${text}`)
  form(
    'hash-for-urls',
    'A hash in base64 for URLs.',
    file('forked', { checkpoint: latest, earlier, root: `${'_'.repeat(43)}=` }),
    'base64',
  )
}

/** The log’s signature binds it, whatever else an operator puts under a fork so that nobody accepts it. */
function shieldedForks({ shop, truth, lie, note }: Accuser, forked: string): void {
  const { policy, log, checkpoint } = shop
  const earlier = note(checkpoint)
  const w1 = keyNumber(61)
  const key = verifierKey('w1.example', COSIGNATURE_KEY, w1.publicKey)
  const trust = policy.replace('quorum none', `witness w1 ${formatVerifierKey(key)}\nquorum w1`)
  const text = forked.slice(0, forked.indexOf('\n\n') + 1)
  const [own] = parseNote(utf8Encode(forked)).signatures
  const spoiled = { ...cosignNote(text, key, w1.seed, 1_800_000_100), bytes: new Uint8Array(72).fill(7) }
  const under = (...lines: string[]) => `${text}\n${lines.join('')}`
  const [line, spoiledLine] = [formatSignatureLine(own!), formatSignatureLine(spoiled)]
  const forgedLine = formatSignatureLine({ ...own!, bytes: new Uint8Array(64).fill(7) })
  for (const [name, says, shown] of [
    [
      'spoiled',
      'A fork, and under it a cosignature of the reader’s witness that does not verify.',
      [line, spoiledLine],
    ],
    ['uncosigned', 'A fork that no witness of the reader cosigned.', [line]],
    ['twice-signed', 'A fork with two lines of the log’s key, one of which does not verify.', [forgedLine, line]],
    ['beside-junk', 'A fork, and under it lines that are no signatures.', ['— \n', 'no line\n', line, '\n', 'junk']],
    ['overloaded', 'A fork under more lines than a note may have.', [...Array<string>(70).fill(spoiledLine), line]],
  ] as const)
    truth(`honest-forked-${name}`, 'forked', says, { checkpoint: under(...shown), earlier }, trust)
  lie(
    'forked-by-nobody',
    'log-signature',
    'A second history under a signature of the log that does not verify.',
    'forked',
    { checkpoint: under(forgedLine), earlier },
    trust,
  )
  const byStranger = formatSignatureLine(signNote(text, log.key, KEYS.stranger.seed))
  lie(
    'forked-under-a-blank-line',
    'log-signature',
    'A second history whose signature is of a longer text, which the log signed: it ends before the first blank line.',
    'forked',
    {
      checkpoint: `${text}\nmore\n\n${byStranger}${formatSignatureLine(signNote(`${text}\nmore\n`, log.key, log.seed))}`,
      earlier,
    },
    trust,
  )
}
