import { toBase64, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { signEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { decodeBatch, encodeBatch, transactionsFrom } from '../../../src/core/entry/batch.ts'
import { OUTCOMES } from '../../../src/core/entry/outcome.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import type { BatchProof } from '../../../src/verify/batch-proof.ts'
import { decodePromise, encodePromise, type PromiseFile, promiseMessage } from '../../../src/verify/promise.ts'
import { formatReceipt, parseReceipt, type Receipt } from '../../../src/verify/receipt.ts'
import { plusL } from '../../core/crypto/edwards.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, issue, KEYS, type Shop } from './shop.ts'
import { replaced } from './teller.ts'

/** Receipts and promises. */
export function receiptLies(corpus: Corpus, shop: Shop): void {
  receipts(corpus, shop)
  promises(corpus, shop)
}

function receipts(corpus: Corpus, shop: Shop): void {
  const { policy, entries } = shop
  const told = (text: string) => ({ verifier: 'receipt', trust: { policy }, shown: { text } })
  const lie = (name: string, code: string, says: string, text: string) =>
    corpus.lie(`receipt/${name}`, code, says, told(text))
  const spentAt = shop.spentAt + 1
  const honest = shop.receiptAt[spentAt]!
  const receipt = parseReceipt(utf8Encode(honest))
  const edit = (change: Partial<Receipt>, from = receipt) => utf8Decode(formatReceipt({ ...from, ...change }))
  corpus.truth('receipt/honest', 'Alice’s purchase is in the log.', {
    ...told(honest),
    facts: { index: spentAt, status: 0 },
  })
  corpus.truth('receipt/honest-last', 'So is the last seal.', {
    ...told(shop.receiptAt[entries.length - 1]!),
    facts: { index: entries.length - 1, status: null },
  })
  corpus.truth('receipt/honest-first', 'So is the genesis batch.', {
    ...told(shop.receiptAt[0]!),
    facts: { index: 0, status: null },
  })
  const refused = shop.receiptAt[spentAt + 1]!
  corpus.truth('receipt/honest-refusal', 'Her second purchase was refused: there were not enough points.', {
    ...told(refused),
    facts: { index: spentAt + 1, status: OUTCOMES.indexOf('insufficient') },
  })
  const other = shop.books.tell([by.issuer], [issue(A.alice, 5000)]).entries.at(-1)!
  lie(
    'another-entry',
    'inclusion-proof',
    'An entry that is not in the log, on the proof of one that is.',
    edit({ entry: other }),
  )
  lie('another-index', 'inclusion-proof', 'An entry at the index of its neighbour.', edit({ index: spentAt + 1 }))
  const last = parseReceipt(utf8Encode(shop.receiptAt[entries.length - 1]!))
  lie(
    'beyond',
    'inclusion-proof',
    'The last entry at an index that the log does not have.',
    edit({ index: entries.length }, last),
  )
  const evidence = receipt.evidence!
  const aside = (change: Partial<BatchProof>) => edit({ evidence: { ...evidence, ...change } })
  const denied = evidence.batch.slice()
  // Behind the root stand the head of the statuses, for so few of one byte, and the statuses.
  denied[Buffer.from(denied).indexOf(decodeBatch(denied).root) + 32 + 1] = OUTCOMES.indexOf('insufficient')
  lie(
    'accepted-as-refused',
    'evidence-proof',
    'A batch that says that the ledger refused what it accepted: another entry than the one in the log.',
    aside({ batch: denied }),
  )
  lie('batch-elsewhere', 'evidence-proof', 'The batch at another index.', aside({ index: evidence.index - 1 }))
  lie(
    'batch-of-another',
    'evidence-proof',
    'The batch of another transaction.',
    edit({ evidence: parseReceipt(utf8Encode(shop.receiptAt[shop.issuedAt]!)).evidence }),
  )
  lie(
    'refused-as-accepted',
    'evidence-proof',
    'The status of the transaction before it, which was accepted.',
    edit({ evidence }, parseReceipt(utf8Encode(refused))),
  )
  lie('status-of-the-next', 'evidence-proof', 'The position of the transaction behind it.', aside({ position: 1 }))
  lie('without-batch', 'receipt', 'A transaction of which nothing says what became of it.', edit({ evidence: null }))
  lie('seal-with-batch', 'receipt', 'A seal with a batch beside it, in which it cannot be.', edit({ evidence }, last))
  lie('empty-proof', 'inclusion-proof', 'No proof.', edit({ proof: [] }))
  lie(
    'node-as-entry',
    'inclusion-proof',
    'Two hashes of the tree offered as an entry, with a proof that begins above them: leaves and nodes have ' +
      'different prefixes.',
    edit({
      entry: Uint8Array.of(...leafHash(entries[0]!), ...leafHash(entries[1]!)),
      evidence: null,
      index: 0,
      proof: naivePath(0, entries).slice(1),
    }),
  )
  lie(
    'before-it-was-there',
    'inclusion-proof',
    'An entry proven in a checkpoint that is older than it.',
    edit({ checkpoint: shop.earlierCheckpoint }, last),
  )
  lie(
    'proof-at-another-size',
    'inclusion-proof',
    'The proof of an earlier size of the log.',
    edit({ proof: naivePath(spentAt, entries.slice(0, shop.earlierSize)) }),
  )
  lie(
    'duplicated-last',
    'inclusion-proof',
    'The proof of a tree in which the last entry stands twice.',
    edit({ index: entries.length, proof: naivePath(entries.length, [...entries, entries.at(-1)!]) }, last),
  )
  lie(
    'unsigned',
    'log-signature',
    'A checkpoint whose size was changed under the signature.',
    honest.replace(`\n${entries.length}\n`, `\n${entries.length + 1}\n`),
  )
  lie(
    'another-log',
    'unknown-log',
    'A checkpoint of another log.',
    honest.replaceAll('ledger.example/points', 'ledger.example/pointz'),
  )
  for (const [name, index] of [
    ['leading-zero', `0${spentAt}`],
    ['hex', '0x27'],
    ['space', ` ${spentAt}`],
    ['plus', `+${spentAt}`],
    ['empty', ''],
    ['exponent', '39e0'],
    ['beyond-exact', '9007199254740992'],
    ['negative', '-1'],
  ] as const)
    lie(
      `index-${name}`,
      'decimal',
      `The index is written "${index}", which some languages read as a number.`,
      honest.replace(`index ${spentAt}`, `index ${index}`),
    )
  const extra = /^extra (.*)$/m.exec(honest)![1]!
  lie(
    'base64-unpadded',
    'base64',
    'Base64 without its padding.',
    honest.replace(toBase64(receipt.proof[0]!), toBase64(receipt.proof[0]!).replace('=', '')),
  )
  lie(
    'base64-for-urls',
    'base64',
    'Base64 of the alphabet for URLs.',
    honest.replace(extra, extra.replaceAll('+', '-').replaceAll('/', '_')).replace(/extra ./, 'extra _'),
  )
  lie(
    'base64-with-junk',
    'base64',
    'Base64 with a space in it, which some readers skip.',
    honest.replace(extra, `${extra.slice(0, 8)} ${extra.slice(8)}`),
  )
  lie(
    'base64-loose-bits',
    'base64',
    'Base64 whose last character has bits that belong to no byte: two spellings of one hash.',
    honest.replace(toBase64(receipt.proof[0]!), loose(toBase64(receipt.proof[0]!))),
  )
  lie(
    'byte-order-mark',
    'receipt',
    'A byte order mark before the first line, which some readers swallow.',
    `\uFEFF${honest}`,
  )
  lie('carriage-returns', 'receipt', 'Lines that end as on Windows.', honest.replaceAll('\n', '\r\n'))
  lie('no-extra', 'receipt', 'Another word before the entry.', honest.replace('extra ', 'entry '))
  lie('no-index', 'receipt', 'Another word before the index.', honest.replace('index ', 'place '))
  lie('another-format', 'receipt', 'Another version of the format.', honest.replace('@v1', '@v2'))
  lie('no-checkpoint', 'receipt', 'No checkpoint behind the proof.', honest.slice(0, honest.indexOf('\n\n') + 1))
  lie(
    'short-hash',
    'receipt',
    'A hash of 31 bytes.',
    honest.replace(toBase64(receipt.proof[0]!), toBase64(receipt.proof[0]!.subarray(1))),
  )
  lie(
    '65-hashes',
    'receipt',
    'A proof of 65 hashes, for a tree that nobody can count.',
    edit({ proof: Array.from({ length: 65 }, () => receipt.proof[0]!) }),
  )
  corpus.lie('receipt/latin-1', 'utf8', 'A receipt that is not UTF-8.', {
    verifier: 'receipt',
    trust: { policy },
    shown: shownBytes(Uint8Array.of(...utf8Encode(honest), 0xe9, 0x0a)),
  })
}

/** Base64 with the unused bits of its last character set. */
function loose(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const at = text.indexOf('=') - 1
  return `${text.slice(0, at)}${alphabet[alphabet.indexOf(text[at]!) + 1]}${text.slice(at + 1)}`
}

function promises(corpus: Corpus, shop: Shop): void {
  const { policy, log, books } = shop
  const told = (bytes: Uint8Array) => ({ verifier: 'promise', trust: { policy }, shown: shownBytes(bytes) })
  const lie = (name: string, code: string, says: string, bytes: Uint8Array) =>
    corpus.lie(`promise/${name}`, code, says, told(bytes))
  const promise = decodePromise(shop.promise)
  const edit = (change: Partial<PromiseFile>) => encodePromise({ ...promise, ...change })
  const signed = (change: Partial<PromiseFile>, seed = log.seed) => {
    const changed = { ...promise, ...change }
    return encodePromise({ ...changed, signature: signEd25519(seed, promiseMessage(changed)) })
  }
  const [first, second] = promise.transactions
  corpus.truth('promise/honest', 'What the ledger signed when it took Alice’s two purchases.', {
    ...told(shop.promise),
    facts: { size: promise.size },
  })
  lie(
    'deadline-moved',
    'promise-signature',
    'A deadline a day later than was signed.',
    edit({ deadline: promise.deadline + 86_400_000 }),
  )
  lie('size-moved', 'promise-signature', 'Another size than was signed.', edit({ size: promise.size + 1 }))
  lie(
    'another-ledger',
    'promise-signature',
    'A promise of another ledger under the same key.',
    edit({ ledgerId: hash('another') }),
  )
  lie('impostor', 'promise-signature', 'A promise that a stranger signed.', signed({}, KEYS.stranger.seed))
  lie('nobody', 'promise-signature', 'A signature of zeros.', edit({ signature: new Uint8Array(64) }))
  lie(
    'signature-plus-l',
    'promise-signature',
    'The log’s signature with L added to S: the ledger could say that it never signed that.',
    edit({ signature: plusL(promise.signature) }),
  )
  lie(
    'checkpoint-as-promise',
    'promise-signature',
    'The log’s signature of a checkpoint, passed off as one of a promise.',
    edit({ signature: signEd25519(log.seed, utf8Encode('ledger.example/points\n')) }),
  )
  lie(
    'not-in-the-tree',
    'inclusion-proof',
    'The log signed a tree in which the batch is not.',
    signed({ root: naiveRoot(books.entries.slice(0, promise.size - 1)) }),
  )
  lie('root-of-nothing', 'inclusion-proof', 'The log signed 32 zeros as root.', signed({ root: new Uint8Array(32) }))
  lie('another-index', 'inclusion-proof', 'Another index than the batch has.', edit({ index: promise.index + 1 }))
  lie('beyond-the-tree', 'inclusion-proof', 'An index past the promised tree.', edit({ index: promise.size }))
  lie('without-proof', 'inclusion-proof', 'No proof that the batch is in the tree.', edit({ path: [] }))
  lie(
    'another-batch',
    'inclusion-proof',
    'Another batch on the proof of this one.',
    edit({ batch: books.entries[shop.issuedAt - 1]! }),
  )
  lie(
    'transactions-of-another',
    'promise-transactions',
    'The promised batch is of other transactions than the file has.',
    edit({ transactions: [first!, books.entries[shop.issuedAt]!] }),
  )
  lie(
    'transaction-missing',
    'promise-transactions',
    'Of two transactions in the batch the file has one.',
    edit({ transactions: [first!] }),
  )
  lie(
    'transaction-more',
    'promise-transactions',
    'A transaction more than the batch has.',
    edit({ transactions: [first!, second!, second!] }),
  )
  const batch = decodeBatch(promise.batch)
  const entry = encodeBatch({ ...batch, root: transactionsFrom([first!]).root })
  const miscounted = [...books.entries.slice(0, shop.spentAt), entry, first!, second!]
  lie(
    'count-of-more',
    'promise-transactions',
    'The log signed a batch of two whose root is over one, and the file has that one.',
    signed({
      batch: entry,
      size: miscounted.length,
      root: naiveRoot(miscounted),
      path: naivePath(shop.spentAt, miscounted),
      transactions: [first!],
    }),
  )
  lie(
    'transactions-swapped',
    'promise-transactions',
    'The transactions in another order.',
    edit({ transactions: [second!, first!] }),
  )
  lie(
    'another-format',
    'promise',
    'Another format under the same fields.',
    replaced(shop.promise, 'promise/v1', 'promise/v2'),
  )
  lie('trailing-byte', 'cbor', 'A byte behind the end.', Uint8Array.of(...shop.promise, 0))
  lie(
    '65-hashes',
    'list-length',
    'A path of 65 hashes.',
    edit({ path: Array.from({ length: 65 }, () => hash('more')) }),
  )
}
