import { toBase64, toHex, utf8Decode } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
import {
  COSIGNATURE_KEY,
  ED25519_KEY,
  formatNote,
  formatVerifierKey,
  parseNote,
  signNote,
  verifierKey,
} from '../../../src/core/note/note.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { type BatchAnswer, encodeAnswer } from '../../../src/verify/batch-answer.ts'
import { type BatchPromise, decodePromise, promiseMessage } from '../../../src/verify/promise.ts'
import { formatReceipt, parseReceipt, type Receipt } from '../../../src/verify/receipt.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import type { Closed } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { hash, KEYS, type Shop } from './shop.ts'

/**
 * What clients are told: which ledger it is, what is in its registry, and what became of a batch (SPEC §11, Clients).
 */
export function clientLies(corpus: Corpus, shop: Shop): void {
  ledgerLies(corpus, shop)
  registryLies(corpus, shop)
  answerLies(corpus, shop)
}

function ledgerLies(corpus: Corpus, shop: Shop): void {
  const { policy, entries } = shop
  const told = (receipt: string, trust = policy) => ({
    verifier: 'ledger',
    trust: { policy: trust },
    shown: { text: receipt },
  })
  const lie = (name: string, code: string, says: string, receipt: string, trust = policy) =>
    corpus.lie(`ledger/${name}`, code, says, told(receipt, trust))
  const honest = shop.receiptAt[1]!
  const facts = { ledgerId: toHex(leafHash(entries[0]!)) }
  corpus.truth('ledger/honest', 'The receipt of the genesis: the leaf of its batch is the ledger id.', {
    ...told(honest),
    facts,
  })
  const witness = verifierKey('w1.example', COSIGNATURE_KEY, keyNumber(61).publicKey)
  const witnessed = policy.replace('quorum none\n', `witness w1 ${formatVerifierKey(witness)}\nquorum w1\n`)
  corpus.truth(
    'ledger/honest-uncosigned',
    'The same before any witness came: what a log begins with does not change.',
    {
      ...told(honest, witnessed),
      facts,
    },
  )
  // Another operator, whose log the reader trusts for itself.
  const other = verifierKey('other.example/points', ED25519_KEY, KEYS.stranger.publicKey)
  const trusted = `log ${formatVerifierKey(other)}\nquorum none\n`
  const elsewhere = (list: readonly Uint8Array[], change: Partial<Receipt> = {}) => {
    const text = formatCheckpoint({ origin: other.name, size: list.length, root: naiveRoot(list) })
    const receipt = parseReceipt(new TextEncoder().encode(honest))
    const evidence = { ...receipt.evidence!, batch: list[0]!, logPath: naivePath(0, list) }
    const checkpoint = formatNote({ text, signatures: [signNote(text, other, KEYS.stranger.seed)] })
    const shown = { ...receipt, entry: list[1]!, evidence, proof: naivePath(1, list), checkpoint }
    return utf8Decode(formatReceipt({ ...shown, ...change }))
  }
  lie('of-another', 'unknown-log', 'The receipt of a ledger that it passes itself off as.', honest, trusted)
  lie(
    'begins-like-another',
    'log-identity',
    'A log of its own, which begins with the entries of the ledger that it passes itself off as.',
    elsewhere(entries.slice(0, 3)),
    trusted,
  )
  lie(
    'behind-the-batch-of-another',
    'evidence-proof',
    'The first batch of another ledger, and behind it a transaction that is not of it.',
    elsewhere([entries[0]!, entries[shop.issuedAt]!]),
    trusted,
  )
  const change = (change: Partial<Receipt>) =>
    utf8Decode(formatReceipt({ ...parseReceipt(new TextEncoder().encode(honest)), ...change }))
  lie('no-genesis', 'genesis-proof', 'The receipt of another transaction.', shop.receiptAt[shop.issuedAt]!)
  lie('entry-changed', 'inclusion-proof', 'Another entry under the same proof.', change({ entry: entries[3]! }))
  const { text, signatures } = parseNote(shop.checkpoint)
  const spoilt = signatures.map(one => ({ ...one, bytes: one.bytes.with(7, one.bytes[7]! ^ 1) }))
  lie(
    'unsigned',
    'log-signature',
    'Nobody signed the checkpoint.',
    change({ checkpoint: formatNote({ text, signatures: spoilt }) }),
  )
}

function registryLies(corpus: Corpus, { policy, books, receiptAt, entries }: Shop): void {
  const rows = books.records.map(({ entry, from, until }) => ({ entry: toBase64(entry), from, until }))
  const last = receiptAt[entries.length - 1]!
  const told = (shown: readonly object[], receipt = last) => ({
    verifier: 'registry',
    trust: { policy },
    shown: { text: receipt, rows: shown },
  })
  const lie = (name: string, says: string, shown: readonly object[], receipt = last, code = 'record-proof') =>
    corpus.lie(`registry/${name}`, code, says, told(shown, receipt))
  const size = entries.length
  corpus.truth('registry/honest', 'All records, and the receipt of the last seal.', {
    ...told(rows),
    facts: { records: rows.length, size, checkpoint: size },
  })
  lie('one-less', 'The last record is not shown.', rows.slice(0, -1))
  lie('one-more', 'A record more than there are.', [...rows, rows.at(-1)!])
  lie('left-out', 'A record is left out, so that others have other numbers.', rows.toSpliced(2, 1))
  lie('two-change-places', 'Two records in each other’s place.', rows.with(2, rows[3]!).with(3, rows[2]!))
  lie('entry-changed', 'A record made by another entry.', rows.with(4, { ...rows[4]!, entry: rows[5]!.entry }))
  lie(
    'stands-again',
    'A key that was revoked is shown as one that stands.',
    rows.map(row => ({ ...row, until: 0 })),
  )
  lie('revoked', 'A key that stands is shown as revoked.', rows.with(1, { ...rows[1]!, until: 30 }))
  lie('nothing', 'No record at all.', [])
  const receiptOf = ({ entries: list, sealEntry, checkpoint }: Closed) =>
    utf8Decode(
      formatReceipt({
        entry: sealEntry,
        evidence: null,
        index: list.length - 1,
        proof: naivePath(list.length - 1, list),
        checkpoint,
      }),
    )
  lie(
    'sealed-otherwise',
    'A seal that commits to another registry, signed by the log.',
    rows,
    receiptOf(books.close({ seal: { registryRoot: hash('no records') } })),
  )
  lie('no-seal', 'A receipt of another entry in place of the seal’s.', rows, receiptAt[0]!, 'seal-proof')
}

function answerLies(corpus: Corpus, { policy, log, promise: file, receiptAt }: Shop): void {
  const { transactions, ...promise } = decodePromise(file)
  const batch = decodeBatch(promise.batch)
  const nowMs = batch.time + 1000
  const honest: BatchAnswer = {
    index: promise.index,
    size: promise.size,
    statuses: batch.statuses,
    existed: [],
    accounts: [],
    promise,
    checkpoint: null,
  }
  const told = (answer: BatchAnswer, more: object = {}) => ({
    verifier: 'answer',
    trust: { policy, beginning: receiptAt[1]!, transactions: transactions.map(toBase64), nowMs, ...more },
    shown: shownBytes(encodeAnswer(answer)),
  })
  const facts = { statuses: [...batch.statuses], unproven: [] }
  const places: [number, number][] = [
    [0, promise.index + 1],
    [1, promise.index + 2],
  ]
  corpus.truth('answer/honest', 'What the ledger answered to Alice’s two purchases.', { ...told(honest), facts })
  corpus.truth(
    'answer/honest-again',
    'The same, asked again: nothing was written, and the promise is that of before.',
    {
      ...told({ ...honest, index: null, existed: places }),
      facts,
    },
  )
  corpus.truth(
    'answer/honest-in-parts',
    'Both were there before, in two batches: there is no promise that shows them.',
    {
      ...told({ ...honest, index: null, existed: places, promise: null }),
      facts: { statuses: [...batch.statuses], unproven: [0, 1] },
    },
  )
  const lie = (name: string, code: string, says: string, change: Partial<BatchAnswer>, more: object = {}) =>
    corpus.lie(`answer/${name}`, code, says, told({ ...honest, ...change }, more))
  const signed = (change: Partial<BatchPromise>): Partial<BatchAnswer> => {
    const head = { ...promise, ...change }
    return { promise: { ...head, signature: signEd25519(log.seed, promiseMessage(head)) } }
  }
  const zeros = new Uint8Array(32)
  lie('unsigned', 'promise-signature', 'A promise that nobody signed.', {
    promise: { ...promise, signature: new Uint8Array(64) },
  })
  lie('root-changed', 'promise-signature', 'A promise of another tree.', { promise: { ...promise, root: zeros } })
  lie('another-ledger', 'wrong-ledger', 'A promise of another ledger, well signed.', signed({ ledgerId: zeros }))
  lie('another-tree', 'inclusion-proof', 'A promise of a tree without the batch, well signed.', signed({ root: zeros }))
  lie(
    'another-century',
    'answer-false',
    'A promise that is due in a hundred years, well signed.',
    signed({ deadline: promise.deadline + 3_155_760_000_000 }),
  )
  lie(
    'other-transactions',
    'promise-transactions',
    'A promise of another batch than was sent.',
    {},
    {
      transactions: [...transactions].reverse().map(toBase64),
    },
  )
  lie('other-groups', 'answer-false', 'A batch without the group that was signed.', {}, { groups: [[0, 2]] })
  lie('no-promise', 'answer-false', 'Something was written, and nothing is promised.', { promise: null })
  lie('accepted', 'answer-false', 'What was refused is said to be accepted.', { statuses: Uint8Array.of(0, 0) })
  lie('refused', 'answer-false', 'What was accepted is said to be refused.', { statuses: Uint8Array.of(45, 45) })
  lie('no-such-status', 'answer-false', 'A status that there is not.', { statuses: Uint8Array.of(0, 250) })
  lie('one-less', 'answer-false', 'An outcome is missing.', { statuses: Uint8Array.of(0) })
  lie('one-more', 'answer-false', 'An outcome too many.', { statuses: Uint8Array.of(...batch.statuses, 0) })
  lie('opened', 'answer-false', 'An account that no transaction opened.', { accounts: [[0, 9]] })
  lie('known', 'answer-false', 'What is new is said to have existed.', { existed: places.slice(0, 1) })
  lie('known-again', 'answer-false', 'What existed is said to be new.', { index: null, existed: places.slice(1) })
  lie('out-of-order', 'answer-false', 'What existed, in another order.', { index: null, existed: places.toReversed() })
  lie('beyond', 'answer-false', 'A position that there is not.', { index: null, existed: [...places, [2, 3]] })
  lie('other-places', 'answer-false', 'What existed, each in the other’s place.', {
    index: null,
    existed: [
      [0, promise.index + 2],
      [1, promise.index + 1],
    ],
  })
  lie('another-index', 'answer-false', 'Another place in the log than was promised.', { index: promise.index + 3 })
  lie('another-size', 'answer-false', 'Another size of the log than was promised.', { size: promise.size - 1 })
}
