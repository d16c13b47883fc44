import { toBase64 } from '../../../src/core/bytes.ts'
import { encodeBatch } from '../../../src/core/entry/batch.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import { type Exhibits, type ShownRecord, shownHashes } from '../../../src/verify/evidence/evidence-file.ts'
import { decodePromise } from '../../../src/verify/promise.ts'
import { encodeStatement, type Statement, withoutLines } from '../../../src/verify/statement.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import type { Draft, Signer } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed } from './books.ts'
import type { Corpus } from './corpus.ts'
import { rewriteIssue } from './rewrite.ts'
import { A, by, hash, issue, KEYS, R, recoverer, redeem, type Shop } from './shop.ts'
import { recordsOf, statementOf } from './statements.ts'

const REPLAY = 'needs-replay'

/** Evidence at the edge of what it takes: what just shows a fault, and what just does not. */
export function exhibitLies(corpus: Corpus, shop: Shop): void {
  const accuser = new Accuser(corpus, shop)
  documents(accuser)
  notes(accuser)
  orders(accuser)
  founders(accuser)
  signers(accuser)
  lateLines(accuser)
}

/** What a document says beside its exhibits is its finder’s word. */
function documents({ shop, honest, note, file, form, shown }: Accuser): void {
  const exhibits = { checkpoint: note(shop.checkpoint), earlier: note(shop.earlierCheckpoint) }
  const json = (change: (fields: Record<string, unknown>) => object) =>
    `${JSON.stringify(change(JSON.parse(file('forked', exhibits))))}\n`
  for (const field of ['format', 'code', 'message', 'needs', 'evidence'])
    form(
      `field-${field}-missing`,
      `No ${field}.`,
      json(({ [field]: _, ...rest }) => rest),
    )
  form('null', 'Null.', 'null\n')
  form(
    'message-of-numbers',
    'A message that is no text.',
    json(rest => ({ ...rest, message: 5 })),
  )
  form(
    'time-of-nothing',
    'A time that is none.',
    json(rest => ({ ...rest, time: 'yesterday' })),
  )
  form(
    'url-of-numbers',
    'An address that is no text.',
    json(rest => ({ ...rest, url: 5 })),
  )
  const entry = file('seal-last', shown(honest, 57))
  form('entry-field-more', 'An entry with a field more.', entry.replace('"index"', '"more": 1,\n "index"'))
}

/** Checkpoints and promises of one size, and of nearly one. */
function notes({ shop, truth, lie, note, grown, shown, over }: Accuser): void {
  const { entries, earlierSize, books, spentAt } = shop
  const forked = rewriteIssue(shop, 250).close()
  truth('honest-forked-the-other-way', 'forked', 'An earlier checkpoint that is the larger one, of another history.', {
    checkpoint: note(shop.earlierCheckpoint),
    earlier: note(forked.checkpoint),
    ...grown(forked.entries, earlierSize),
  })
  const promise = decodePromise(shop.promise)
  const promised = toBase64(shop.promise)
  const at = (list: readonly Uint8Array[]) => note(books.sign(promise.size, naiveRoot(list.slice(0, promise.size))))
  truth('honest-promise-broken-at-once', 'promise-broken', 'A checkpoint of the promised size with another root.', {
    checkpoint: at(forked.entries),
    promise: promised,
  })
  lie(
    'promise-kept-at-once',
    'not-proven',
    'A checkpoint of the promised size, with the promised root.',
    'promise-broken',
    {
      checkpoint: at(entries),
      promise: promised,
    },
  )
  lie('promise-fulfilled-at-once', 'not-proven', 'The same, called overdue.', 'promise-overdue', {
    checkpoint: at(entries),
    promise: promised,
  })
  const sealedAt = (time: number) => books.with(list => list.slice(0, spentAt)).close({ seal: { time } })
  const due = sealedAt(promise.deadline)
  lie('promise-due-at-the-deadline', 'needs-observer', 'A seal of the very time of the deadline.', 'promise-overdue', {
    promise: promised,
    ...shown(due, due.entries.length - 1),
  })
  const late = sealedAt(promise.deadline + 1)
  truth('honest-promise-overdue-by-a-millisecond', 'promise-overdue', 'A seal of a millisecond later.', {
    promise: promised,
    ...shown(late, late.entries.length - 1),
  })
  lie('promise-late-unseen', 'needs-observer', 'The same, with another entry than the last.', 'promise-overdue', {
    promise: promised,
    ...shown(late, late.entries.length - 2),
  })
  const unsealed = over(books.entries.slice(0, spentAt))
  lie('promise-late-unsealed', 'needs-observer', 'A last entry that is no seal.', 'promise-overdue', {
    promise: promised,
    ...shown(unsealed, unsealed.entries.length - 1),
  })
}

/** Entries, batches and seals among each other. */
function orders({ shop, honest, truth, lie, shown, over }: Accuser): void {
  const { books, entries, spentAt, issuedAt, earlierSize } = shop
  const last = entries.length - 1
  const put = (index: number, entry: Uint8Array) => over(entries.with(index, entry))
  const unknown = Uint8Array.of(7, 0x80)
  truth('honest-entry-form-of-no-type', 'entry-form', 'An entry of no type.', shown(put(last, unknown), last))
  truth(
    'honest-entry-form-of-a-seal',
    'entry-form',
    'A seal that is none.',
    shown(put(last, Uint8Array.of(3, 0x81, 1)), last),
  )
  truth(
    'honest-entry-form-of-a-batch',
    'entry-form',
    'A batch that is none.',
    shown(put(spentAt, Uint8Array.of(1, 0x81, 1)), spentAt),
  )
  lie(
    'seal-of-later-rules',
    'seal-version',
    'A seal of later rules.',
    'entry-form',
    shown(put(last, entries[last]!.with(2, 2)), last),
  )
  const formless = Uint8Array.of(2, 0x82, 24, 99, 0)
  truth(
    'honest-entry-form-last-of-its-batch',
    'entry-form',
    'The last of two transactions is of no kind.',
    shown(put(spentAt + 2, formless), spentAt, spentAt + 2),
  )
  lie(
    'formless-behind-its-batch',
    REPLAY,
    'A transaction of no kind behind the end of the batch that is shown.',
    'entry-form',
    shown(put(spentAt + 3, formless), spentAt, spentAt + 3),
  )
  lie(
    'formless-before-its-batch',
    REPLAY,
    'A transaction of no kind before the batch that is shown.',
    'entry-form',
    shown(put(spentAt - 1, formless), spentAt - 1, spentAt),
  )
  truth(
    'honest-entry-order-of-no-type',
    'entry-order',
    'An entry of no type among the transactions of a batch.',
    shown(put(spentAt + 1, unknown), spentAt, spentAt + 1),
  )
  truth(
    'honest-entry-order-of-no-type-behind',
    'entry-order',
    'An entry of no type behind a batch.',
    shown(put(spentAt + 3, unknown), spentAt, spentAt + 3),
  )
  truth(
    'honest-entry-order-of-no-type-behind-a-seal',
    'entry-order',
    'An entry of no type behind a seal.',
    shown(put(earlierSize, unknown), earlierSize - 1, earlierSize),
  )
  lie(
    'order-behind-a-seal',
    REPLAY,
    'A seal, and the batch behind.',
    'entry-order',
    shown(honest, earlierSize - 1, earlierSize),
  )
  const whole = over(entries.slice(0, spentAt + 3))
  lie('order-to-the-end', REPLAY, 'A checkpoint that ends with a batch.', 'entry-order', shown(whole, spentAt))
  const past = books.close({ seal: { time: books.timeMs - 1 } })
  truth(
    'honest-seal-time-behind-a-batch',
    'seal-time',
    'A seal of an earlier time than the batch before it.',
    shown(past, last - 2, last),
  )
  truth(
    'honest-seal-time-behind-a-seal',
    'seal-time',
    'A seal of an earlier time than the seal before it.',
    shown(books.close({ seal: { time: 1_700_000_000_000 } }), earlierSize - 1, last),
  )
  const back = books.tell([by.issuer], [issue(A.alice, 100)], { afterMs: -2000 }).close()
  lie(
    'seal-time-of-a-batch',
    REPLAY,
    'A batch of an earlier time, called a seal.',
    'seal-time',
    shown(back, last - 2, last),
  )
  truth(
    'honest-batch-time-behind-a-seal',
    'batch-time',
    'A batch of an earlier time than the seal before it.',
    shown(
      books
        .with(list => [...list, honest.sealEntry])
        .tell([by.issuer], [issue(A.alice, 100)], { afterMs: -1 })
        .close(),
      last,
      last + 1,
    ),
  )
  lie(
    'batch-time-of-a-seal',
    REPLAY,
    'A seal of an earlier time, called a batch.',
    'batch-time',
    shown(past, last - 2, last),
  )
  lie(
    'epoch-of-its-index',
    REPLAY,
    'A seal of the epoch of its index.',
    'seal-epoch',
    shown(books.close({ seal: { epoch: last } }), last),
  )
  lie(
    'root-without-the-last',
    REPLAY,
    'Of a batch of two, the batch and its first.',
    'batch-root',
    shown(put(spentAt + 1, entries[issuedAt]!), spentAt, spentAt + 1),
  )
}

/** The batch of genesis. */
function founders({ shop, truth, lie, shown }: Accuser): void {
  const { books, log, entries } = shop
  const { time } = books.batchAt(0)
  const genesis = decodeTransaction(entries[1]!) as Extract<Transaction, { kind: 'genesis' }>
  const roots = [KEYS.root.publicKey, KEYS.stranger.publicKey]
  const founded = (signers: readonly Signer[], need: number) =>
    new Books(log, []).enter(signers, [encodeTransaction({ ...genesis, roots, need })], time).close()
  const second: Signer = { record: 1, key: KEYS.stranger }
  truth(
    'honest-batch-refused-one-of-two',
    'batch-refused',
    'A genesis that one root key signed, and that asks for two.',
    shown(founded([by.root], 2), 0, 1),
  )
  lie(
    'founded-by-one-of-two',
    REPLAY,
    'A genesis that asks for one root key of two.',
    'batch-refused',
    shown(founded([second], 1), 0, 1),
  )
  lie(
    'founded-by-both',
    REPLAY,
    'A genesis that both root keys signed.',
    'batch-refused',
    shown(founded([by.root, second], 2), 0, 1),
  )
  truth(
    'honest-batch-refused-a-third',
    'batch-refused',
    'A genesis that a third key signed beside the two.',
    shown(founded([by.root, second, { record: 2, key: KEYS.alice }], 2), 0, 1),
  )
  truth(
    'honest-batch-refused-an-owner',
    'batch-refused',
    'A genesis that the owner of an account signed beside them.',
    shown(founded([by.root, { account: 0, key: KEYS.alice }], 1), 0, 1),
  )
}

/** Batches, and the records and accounts of the seal before them. */
function signers({ shop, honest, truth, lie, shown }: Accuser): void {
  const { books, entries, earlierSize } = shop
  const last = entries.length - 1
  const sealed = books.with(list => [...list, honest.sealEntry])
  const records = (...numbers: number[]): ShownRecord[] =>
    recordsOf(honest, numbers).map(({ number, entry, path, from, until, next }) => {
      return { number, entry: toBase64(entry), from, until, next, path: shownHashes(path) }
    })
  const told = (from: Books, ...numbers: number[]): Exhibits => ({
    ...shown(from.close(), 0, 1, last, last + 1),
    records: records(...numbers),
  })
  const forged: Signer = { record: R.issuer, key: KEYS.stranger }
  const batch = sealed.tell([forged], [issue(A.alice, 100)])
  truth(
    'honest-batch-refused-among-others',
    'batch-refused',
    'The record of the signer, and one before it.',
    told(batch, R.registrar, R.issuer),
  )
  lie(
    'signer-of-another-record',
    REPLAY,
    'The record of another than the signer.',
    'batch-refused',
    told(batch, R.registrar),
  )
  lie(
    'signed-and-no-genesis',
    REPLAY,
    'A forged batch, without the genesis that says which ledger it is for.',
    'batch-refused',
    {
      ...shown(batch.close(), 0, last, last + 1),
      records: records(R.issuer),
    },
  )
  lie('signed-before-its-seal', REPLAY, 'A forged batch, and the seal behind it.', 'batch-refused', {
    ...shown(books.tell([forged], [issue(A.alice, 100)]).close(), 0, 1, last, last + 2),
    records: records(R.issuer),
  })
  const root = sealed.tell(
    [{ record: R.root, key: KEYS.stranger }],
    [{ kind: 'publish-rule', name: 'forged', digest: hash('x'), budgets: [A.budget] }],
  )
  truth(
    'honest-batch-refused-root',
    'batch-refused',
    'A batch that the root key of genesis did not sign.',
    told(root, R.root),
  )

  const { owner, opening, head, more, ...state } = honest.accounts[A.alice]!
  const alice = {
    ...{ number: A.alice, ...state, owner: toBase64(owner!), opening: toBase64(opening) },
    ...{ head: toBase64(head), more: toBase64(more), path: shownHashes(honest.accountPath(A.alice)) },
  }
  const stolen = (from: Books) => from.tell([{ account: A.alice, key: KEYS.stranger }], [redeem(A.alice, 100)])
  const between = (from: Books, ...shownAt: number[]): Exhibits => ({
    ...shown(stolen(from).close(), 0, 1, last, ...shownAt),
    accounts: [alice],
  })
  const put = (account: number): Draft => ({
    kind: 'set-custody',
    account,
    owner: KEYS.stranger.publicKey,
    custodian: null,
  })
  truth(
    'honest-batch-refused-beside-another',
    'batch-refused',
    'A purchase of Alice’s that she did not sign; since the seal Bob’s key was replaced, and not hers.',
    between(sealed.tell([by.bob], [put(A.bob)]), last + 1, last + 2, last + 3),
  )
  const recovered = sealed
    .tell(
      [recoverer(A.alice, 0), recoverer(A.alice, 1)],
      [{ kind: 'recover', account: A.alice, key: KEYS.stranger.publicKey }],
    )
    .tell([by.registrar], [{ kind: 'finish-recovery', account: A.alice }], { afterMs: 86_400_000 })
  lie(
    'owner-recovered',
    REPLAY,
    'A purchase under Alice’s new key, accused by the old one: a recovery was finished since the seal.',
    'batch-refused',
    between(recovered, last + 1, last + 2, last + 3, last + 4, last + 5),
  )
  truth(
    'honest-batch-refused-begun',
    'batch-refused',
    'A purchase of Alice’s under a key that a recovery is to put in, which only began since the seal.',
    between(
      sealed.tell(
        [recoverer(A.alice, 0), recoverer(A.alice, 1)],
        [{ kind: 'recover', account: A.alice, key: KEYS.stranger.publicKey }],
      ),
      ...[last + 1, last + 2, last + 3],
    ),
  )
  lie('owner-of-another-account', REPLAY, 'A purchase of Alice’s, and the account of Bob.', 'batch-refused', {
    ...between(sealed, last + 1),
    accounts: [],
  })
  const earlier = shown(stolen(books).close(), 0, 1, earlierSize - 1, last)
  lie('owner-since-long-ago', REPLAY, 'A seal of long before, and nothing of what stands between.', 'batch-refused', {
    ...earlier,
    accounts: [],
  })
}

/** Lines that are late, among places that show nothing. */
function lateLines({ shop, truth, lie }: Accuser): void {
  const { books, log, earlierSize } = shop
  const early = books.with(list => list.slice(0, earlierSize - 1))
  const hidden = early.tell([by.alice], [redeem(A.alice, 40)])
  const sealed = hidden.close({ accounts: { [A.alice]: early.accounts[A.alice]! } })
  const count = early.accounts[A.alice]!.entries
  const later = new Books(log, sealed.entries).tell([by.issuer], [issue(A.alice, 5)]).close()
  const shown = (closed: Closed, change: (statement: Statement) => Partial<Statement>): Exhibits => {
    const statement = statementOf(closed, A.alice, { since: count, all: true })
    return {
      statement: toBase64(encodeStatement({ ...statement, ...change(statement) })),
      earlierStatement: toBase64(encodeStatement(withoutLines(statementOf(sealed, A.alice)))),
    }
  }
  const code = 'line-late'
  truth(
    'honest-line-late-behind-a-false-place',
    code,
    'A late line, and before its place one that is in no batch shown.',
    shown(later, ({ places }) => ({ places: [{ ...places[0]!, at: 99 }, ...places] })),
  )
  lie(
    'line-in-another-batch',
    'not-proven',
    'A late line whose batch is said to be at another index.',
    code,
    shown(later, ({ batches, places: [place] }) => ({
      batches: batches.map((one, i) => (i === place!.at ? { ...one, index: one.index - 1 } : one)),
    })),
  )
  lie(
    'line-in-a-batch-of-no-log',
    'not-proven',
    'A late line whose batch is in no log.',
    code,
    shown(later, ({ batches, places: [place] }) => ({
      batches: batches.map((one, i) =>
        i === place!.at ? { ...one, batch: encodeBatch({ ...later.books.batchAt(one.index), time: 1 }) } : one,
      ),
    })),
  )
}
