import { toBase64, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { decodePromise, encodePromise, type PromiseFile } from '../../../src/verify/promise.ts'
import { formatReceipt, parseReceipt } from '../../../src/verify/receipt.ts'
import { encodeStatement, withoutLines } from '../../../src/verify/statement.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closing } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { begunLog, logFile } from './log-lies.ts'
import { A, by, hash, issue, KEYS, type Shop } from './shop.ts'
import { statementOf } from './statements.ts'

/**
 * What is wrong in two ways: the one whose row SPEC has first is the answer. Of each verifier but the statement's,
 * whose rows stand against each other among its own lies.
 */
export function orderLies(corpus: Corpus, shop: Shop): void {
  papers(corpus, shop)
  accusations(corpus, shop)
  logs(corpus, shop)
}

/** Receipts and promises. */
function papers(corpus: Corpus, shop: Shop): void {
  const { policy, books, spentAt, entries } = shop
  const receipt = parseReceipt(utf8Encode(shop.receiptAt[spentAt + 1]!))
  const other = parseReceipt(utf8Encode(shop.receiptAt[shop.issuedAt]!))
  const byStranger = new Books({ ...books.log, seed: KEYS.stranger.seed }, books.entries).close().checkpoint
  const receipts: readonly (readonly [string, string, string, object])[] = [
    [
      'unsigned-and-not-there',
      'log-signature',
      'An entry that is not in the log, under a checkpoint that a stranger signed.',
      { entry: other.entry, checkpoint: byStranger },
    ],
    [
      'not-there-and-of-another-batch',
      'inclusion-proof',
      'An entry that is not in the log, beside the batch of another.',
      { index: receipt.index + 1, evidence: other.evidence },
    ],
  ]
  for (const [name, code, says, change] of receipts) {
    const text = utf8Decode(formatReceipt({ ...receipt, ...change }))
    corpus.lie(`receipt/${name}`, code, says, { verifier: 'receipt', trust: { policy }, shown: { text } })
  }
  const promise = decodePromise(shop.promise)
  const promises: readonly (readonly [string, string, string, Partial<PromiseFile>])[] = [
    [
      'unsigned-and-not-there',
      'promise-signature',
      'A promise that nobody signed, of a batch that is not in its tree, with other transactions.',
      { signature: new Uint8Array(64), index: promise.index + 1, transactions: [] },
    ],
    [
      'not-there-and-of-others',
      'inclusion-proof',
      'A batch that is not in the promised tree, with other transactions.',
      { index: promise.index + 1, transactions: [entries[shop.issuedAt]!] },
    ],
  ]
  for (const [name, code, says, change] of promises) {
    const shown = shownBytes(encodePromise({ ...promise, ...change }))
    corpus.lie(`promise/${name}`, code, says, { verifier: 'promise', trust: { policy }, shown })
  }
}

/** Evidence. */
function accusations(corpus: Corpus, shop: Shop): void {
  const { books, spentAt, entries } = shop
  const { lie, note, grown, shown, honest, over } = new Accuser(corpus, shop)
  const promise = decodePromise(shop.promise)
  const promised = toBase64(shop.promise)
  const forged = toBase64(encodePromise({ ...promise, root: hash('another root') }))
  const latest = note(shop.checkpoint)
  const early = over(entries.slice(0, spentAt))
  const byStranger = note(new Books({ ...books.log, seed: KEYS.stranger.seed }, books.entries).close().checkpoint)
  const nowhere = { root: toBase64(hash('another root')), proof: grown(entries, promise.size).proof! }
  lie(
    'unsigned-and-promise-forged',
    'log-signature',
    'A checkpoint that a stranger signed, and a promise that nobody did.',
    'promise-broken',
    { checkpoint: byStranger, promise: forged },
  )
  lie(
    'promise-forged-and-not-reached',
    'promise-signature',
    'A promise that nobody signed, of more entries than the checkpoint has.',
    'promise-broken',
    { checkpoint: note(early.checkpoint), promise: forged },
  )
  lie(
    'promise-not-reached-and-nowhere',
    'not-proven',
    'A checkpoint that has not the size yet, and a proof that leads nowhere.',
    'promise-broken',
    { checkpoint: note(early.checkpoint), promise: promised, ...nowhere },
  )
  lie(
    'nowhere-and-promise-kept',
    'consistency-proof',
    'A proof that leads nowhere from the root that was promised.',
    'promise-broken',
    { checkpoint: latest, promise: promised, root: toBase64(promise.root), proof: [] },
  )
  lie(
    'promise-forged-and-fulfilled',
    'promise-signature',
    'A promise that nobody signed, and a checkpoint that is large enough.',
    'promise-overdue',
    { checkpoint: latest, promise: forged },
  )
  lie(
    'fulfilled-and-unseen',
    'not-proven',
    'A checkpoint that is large enough, and no entry of it.',
    'promise-overdue',
    { checkpoint: latest, promise: promised },
  )
  const [first, second] = shown(honest, 1, 2).entries!
  lie(
    'out-of-order-and-not-there',
    'not-proven',
    'Entries that are not by increasing index, of which a later one is not in the log.',
    'batch-time',
    { checkpoint: latest, entries: [second!, first!, { ...first!, index: 3 }] },
  )
  lie(
    'not-there-and-out-of-order',
    'inclusion-proof',
    'Entries of which the first is not in the log, and the others are not by increasing index.',
    'batch-time',
    { checkpoint: latest, entries: [{ ...first!, index: 3 }, second!, first!] },
  )
  lie('not-sealed-and-too-early', 'needs-observer', 'A smaller checkpoint that ends in no seal.', 'promise-overdue', {
    promise: promised,
    ...shown(over(entries.slice(0, spentAt - 1)), spentAt - 2),
  })
  const statement = statementOf(honest, A.alice, { all: true })
  const [genesis, ...rest] = statement.batches
  lie(
    'begun-elsewhere-and-of-another',
    'genesis-proof',
    'Statements of two accounts, of which the earlier one begins with no entry of the log.',
    'line-late',
    {
      earlierStatement: toBase64(
        encodeStatement(withoutLines({ ...statement, batches: [{ ...genesis!, path: [] }, ...rest] })),
      ),
      statement: toBase64(encodeStatement(statementOf(honest, A.bob, { all: true }))),
    },
  )
}

/** Whole logs. */
function logs(corpus: Corpus, shop: Shop): void {
  const { books, policy, issuedAt } = shop
  const lie = (name: string, code: string, says: string, closed: Parameters<typeof logFile>[1]) =>
    corpus.lie(`log/${name}`, code, says, logFile(shop, closed))
  const at = books.entries.length
  const unsigned = {
    batch: ({ signatures: [one] }: Parameters<NonNullable<Parameters<Books['tell']>[2]>['batch'] & object>[0]) => ({
      signatures: [{ ...one!, ed25519: new Uint8Array(64) }],
    }),
  }
  const zeros = new Uint8Array(32)
  const formless = Uint8Array.of(2, 0x82, 24, 99, 0)
  lie(
    'no-transaction-and-formless',
    'entry-order',
    'Behind a batch of two stands what is no transaction, and then one of no kind.',
    books
      .tell([by.issuer], [issue(A.alice, 5), issue(A.bob, 5)])
      .with(list => list.with(at + 1, Uint8Array.of(9)).with(at + 2, formless))
      .close(),
  )
  lie(
    'formless-and-of-another-root',
    'entry-form',
    'A transaction of no kind, which is not the one that was signed either.',
    books
      .tell([by.issuer], [issue(A.alice, 5)])
      .with(list => list.with(at + 1, formless))
      .close(),
  )
  const past = books.tell([by.issuer], [issue(A.alice, 5)], { afterMs: -2000 })
  lie(
    'another-root-and-in-the-past',
    'batch-root',
    'A batch of other transactions than were signed, written into the past.',
    past.with(list => list.with(at + 1, list[issuedAt]!)).close({ afterMs: 3000 }),
  )
  lie(
    'in-the-past-and-unsigned',
    'batch-time',
    'A batch that nobody signed, written into the past.',
    books.tell([by.issuer], [issue(A.alice, 5)], { afterMs: -2000, ...unsigned }).close({ afterMs: 3000 }),
  )
  lie(
    'unsigned-and-beyond-the-budget',
    'batch-refused',
    'Points that a budget does not have, issued by nobody.',
    books.tell([by.issuer], [issue(A.alice, 50_000)], unsigned).close(),
  )
  lie(
    'beyond-the-budget-and-unsigned-later',
    'batch-statuses',
    'Points that a budget does not have, and behind them some that nobody issued.',
    books
      .tell([by.issuer], [issue(A.alice, 50_000)])
      .tell([by.issuer], [issue(A.alice, 5)], unsigned)
      .close(),
  )
  const seals: readonly (readonly [string, string, string, NonNullable<Closing['seal']>])[] = [
    [
      'epoch-twice-and-in-the-past',
      'seal-epoch',
      'A seal of an epoch that is closed, dated back.',
      { epoch: 1, time: books.timeMs - 1 },
    ],
    [
      'in-the-past-and-of-nothing',
      'seal-time',
      'A seal that is dated back, over a state of nothing.',
      { time: books.timeMs - 1, stateRoot: zeros },
    ],
    [
      'state-and-registry-of-nothing',
      'seal-state',
      'A seal over a state and a registry of nothing.',
      { stateRoot: zeros, registryRoot: zeros },
    ],
    [
      'registry-and-totals-of-nothing',
      'seal-registry',
      'A seal over a registry and totals of nothing.',
      { registryRoot: zeros, totalsRoot: zeros },
    ],
  ]
  lie(
    'one-record-more',
    'seal-registry',
    'A seal that counts a record more than its registry has.',
    books.close({ seal: { records: books.records.length + 1 } }),
  )
  for (const [name, code, says, seal] of seals) lie(name, code, says, books.close({ seal }))
  lie('ends-in-a-batch-of-another-root', 'seal-last', 'A checkpoint over 32 zeros, of a log that ends in a batch.', {
    entries: books.entries,
    checkpoint: books.sign(at, zeros),
  })
  const elsewhere = begunLog(shop, { origin: 'elsewhere.example' })
  lie('another-root-and-another-origin', 'log-root', 'A checkpoint over 32 zeros, of a log with another name.', {
    entries: elsewhere.close().entries,
    checkpoint: elsewhere.sign(elsewhere.entries.length + 1, zeros),
  })
  const { entries, checkpoint } = new Books({ ...books.log, seed: KEYS.stranger.seed }, books.entries).close({
    seal: { stateRoot: zeros },
  })
  lie('by-a-stranger-and-of-nothing', 'log-signature', 'A stranger’s checkpoint over a state of nothing.', {
    entries,
    checkpoint,
  })
  corpus.truth('log/honest-more-than-its-checkpoint', 'Behind what was signed stands what nobody looks at.', {
    ...logFile(shop, { entries: [...shop.entries, formless], checkpoint: shop.checkpoint }),
    trust: { policy },
  })
}
