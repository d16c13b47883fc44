import { toBase64, toHex, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { ED25519_KEY, formatVerifierKey, verifierKey } from '../../../src/core/note/note.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { formatCard, parseCard } from '../../../src/verify/card.ts'
import { parseOpened } from '../../../src/verify/opened-totals.ts'
import { decodePromise } from '../../../src/verify/promise.ts'
import { formatReceipt } from '../../../src/verify/receipt.ts'
import { encodeStatement, type Statement } from '../../../src/verify/statement.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'
import { keyNumber } from '../../world.ts'
import { Accuser } from './accuser.ts'
import { Books, type Closed, type LogKey } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { openedLine } from './opened.ts'
import { A, by, issue, redeem, type Shop } from './shop.ts'
import { evidenceAt, statementOf } from './statements.ts'

const ALICE = A.alice

/** A ledger in its second log, and what is mixed up of the two. */
interface Two {
  readonly corpus: Corpus
  readonly shop: Shop
  readonly next: LogKey
  /** The last of the first log; what the second one signs; and, gone on from before, what it signs then. */
  readonly end: Closed
  readonly now: Closed
  readonly back: Closed
  readonly policies: { readonly first: string; readonly second: string; readonly both: string }
}

/** What a dishonest operator, or an accuser, puts together from both logs of a ledger. */
export function twoLogsLies(corpus: Corpus, shop: Shop): void {
  const { log, entries, earlierSize } = shop
  const { seed, publicKey } = keyNumber(81)
  const next: LogKey = { ...log, key: verifierKey('next.example/points', ED25519_KEY, publicKey), seed }
  const turned = (before: readonly Uint8Array[], seen: number | null) => {
    const draft = { kind: 'continue-log', origin: next.key.name, logKey: publicKey, seen } as const
    const more = { size: before.length, root: naiveRoot(before) }
    return new Books(log, before).tell([by.root], [{ ...draft, ...more }]).close()
  }
  const goneOn = (from: Closed) =>
    new Books(next, from.entries)
      .tell([by.issuer], [issue(ALICE, 10)])
      .tell([by.alice], [redeem(ALICE, 40)])
      .close()
  const end = turned(entries, null)
  const line = ({ key }: LogKey) => `log ${formatVerifierKey(key)}\n`
  const two: Two = {
    ...{
      corpus,
      shop,
      next,
      end,
      now: goneOn(end),
      back: goneOn(turned(entries.slice(0, earlierSize), entries.length)),
    },
    policies: {
      first: `${line(log)}quorum none\n`,
      second: `${line(next)}quorum none\n`,
      both: `${line(log)}${line(next)}quorum none\n`,
    },
  }
  statements(two)
  receipts(two)
  totals(two)
  evidence(two)
}

function statements({ corpus, shop, next, end, now, policies: { first, second, both } }: Two): void {
  const { cards, entries, log } = shop
  const bytesOf = (closed: Closed, kind: Parameters<typeof statementOf>[2] = {}, change: Partial<Statement> = {}) =>
    encodeStatement({ ...statementOf(closed, ALICE, kind), ...change })
  const told = (bytes: Uint8Array, trust: object) => ({
    verifier: 'statement',
    trust: { ...trust },
    shown: shownBytes(bytes),
  })
  const lie = (name: string, code: string, says: string, bytes: Uint8Array, trust: object) =>
    corpus.lie(`continued/${name}`, code, says, told(bytes, trust))
  const truth = (name: string, says: string, balance: number, bytes: Uint8Array, trust: object) =>
    corpus.truth(`continued/${name}`, says, { ...told(bytes, trust), facts: { balance } })

  const { kept } = verifyStatement(shop.statements[ALICE]!.plain, { policy: parsePolicy(utf8Encode(first)) })
  const state = {
    ...{ ledgerId: toHex(kept.ledgerId), account: kept.account, opening: toHex(kept.opening), size: kept.size },
    ...{ entries: kept.entries.map(toBase64), times: [...kept.times] },
    records: kept.records.map(({ leaf, ...record }) => ({ ...record, leaf: toHex(leaf) })),
  }
  const since = kept.entries.length
  truth('honest-since', 'What came since a statement of the log before.', 210, bytesOf(now, { since }), {
    ...{ policy: second, kept: state },
  })
  truth('honest-since-at-the-end', 'The same, when the log before had just ended.', 240, bytesOf(end, { since }), {
    ...{ policy: first, kept: state },
  })
  const shorter = { ...state, entries: state.entries.slice(0, -1), times: state.times.slice(0, -1) }
  lie('since-one-less', 'kept-state', 'To one who had verified a line less.', bytesOf(now, { since }), {
    ...{ policy: second, kept: shorter },
  })
  const card = parseCard(utf8Encode(cards[ALICE]!))
  const cardWith = (change: Partial<typeof card>) => utf8Decode(formatCard({ ...card, ...change }))
  truth('honest-card-of-the-next', 'A card that was made in the second log.', 210, bytesOf(now), {
    ...{ policy: second, card: cardWith({ origin: next.key.name, ledgerId: now.books.ledgerId }) },
  })
  lie('card-of-both', 'wrong-ledger', 'A card of the first log’s name and the second’s id.', bytesOf(now), {
    ...{ policy: second, card: cardWith({ ledgerId: now.books.ledgerId }) },
  })
  lie('card-of-neither', 'wrong-ledger', 'A card of a third ledger.', bytesOf(now), {
    ...{ policy: second, card: cardWith({ origin: 'third.example' }) },
  })
  lie(
    'seal-of-the-end',
    'seal-proof',
    'The second log’s checkpoint with the first one’s last seal.',
    bytesOf(
      now,
      {},
      {
        seal: statementOf(end, ALICE).seal,
      },
    ),
    { policy: second },
  )
  const signedFor = (ledgerId: Uint8Array) =>
    new Books(next, end.entries).tell([by.alice], [redeem(ALICE, 40)], { ledgerId }).close()
  truth(
    'honest-signed-for-the-next',
    'A purchase that is signed for the second.',
    200,
    bytesOf(signedFor(now.books.ledgerId)),
    {
      policy: second,
    },
  )
  const early = new Books(log, entries).tell([by.alice], [redeem(ALICE, 40)], { ledgerId: now.books.ledgerId }).close()
  lie(
    'signed-for-the-next-too-early',
    'evidence-signature',
    'One in the first log that is signed for the second.',
    bytesOf(early),
    {
      policy: both,
    },
  )
  const other = new Books({ ...log, seed: next.seed }, end.entries).sign(now.entries.length, naiveRoot(now.entries))
  lie(
    'under-the-next-key',
    'log-signature',
    'The first log’s name under the second one’s key.',
    bytesOf(now, {}, { checkpoint: other }),
    {
      policy: both,
    },
  )
}

function receipts({ corpus, shop, next, end, now, policies: { first, second, both } }: Two): void {
  const { log } = shop
  const at = shop.spentAt + 1
  const text = (checkpoint: Uint8Array, list: readonly Uint8Array[]) =>
    utf8Decode(
      formatReceipt({
        ...{ index: at, entry: list[at]!, proof: naivePath(at, list), checkpoint },
        evidence: evidenceAt({ ...now, entries: list }, at),
      }),
    )
  const told = (shown: string, policy: string) => ({ verifier: 'receipt', trust: { policy }, shown: { text: shown } })
  const whole = text(now.checkpoint, now.entries)
  corpus.truth('continued/honest-receipt', 'Alice’s purchase in the first log is in the second.', {
    ...told(whole, second),
    facts: { index: at, status: 0 },
  })
  corpus.truth('continued/honest-receipt-of-the-end', 'It is in the last of the first log.', {
    ...told(text(end.checkpoint, end.entries), first),
    facts: { index: at, status: 0 },
  })
  const lie = (name: string, code: string, says: string, shown: string, policy: string) =>
    corpus.lie(`continued/${name}`, code, says, told(shown, policy))
  lie('receipt-of-the-old-policy', 'unknown-log', 'The same, to one who knows the first log only.', whole, first)
  const forged = new Books({ ...next, seed: log.seed }, now.entries).sign(now.entries.length, naiveRoot(now.entries))
  lie(
    'receipt-by-the-old-key',
    'log-signature',
    'Signed by the first log’s key in the second’s name.',
    text(forged, now.entries),
    both,
  )
}

function totals({ corpus, shop, next, end, now, policies: { first, both } }: Two): void {
  const { log } = shop
  const told = (text: string, policy: string) => ({ verifier: 'totals', trust: { policy }, shown: { text } })
  const factsOf = ({ books, seal }: Closed) => ({
    facts: { seal: seal.epoch, owed: books.totals.map(({ owed }) => String(owed)) },
  })
  corpus.truth('continued/honest-totals', 'Totals that the second log opened.', {
    ...told(openedLine(now), both),
    ...factsOf(now),
  })
  corpus.truth('continued/honest-totals-of-the-end', 'Those of the first log’s last seal.', {
    ...told(openedLine(end), first),
    ...factsOf(end),
  })
  const lie = (name: string, code: string, says: string, text: string, policy: string) =>
    corpus.lie(`continued/${name}`, code, says, told(text, policy))
  lie(
    'totals-of-the-old-policy',
    'unknown-log',
    'Those of the second, to one who knows the first only.',
    openedLine(now),
    first,
  )
  const crossed = openedLine(now, {}, log.seed)
  lie(
    'totals-by-the-old-key',
    'totals-signature',
    'Those of the second, signed by the key of the first.',
    crossed,
    both,
  )
  const early = openedLine(end, { signature: parseOpened(openedLine(now)).signature })
  lie('totals-of-the-next-seal', 'totals-signature', 'Those of the end under the signature of the next.', early, both)
  const renamed = openedLine(end, { checkpoint: new Books(next, []).sign(end.entries.length, naiveRoot(end.entries)) })
  lie(
    'totals-by-the-old-key-under-the-next',
    'totals-signature',
    'A beginning of the second, opened by the first.',
    renamed,
    both,
  )
}

function evidence({ corpus, shop, end, now, back, policies: { second, both } }: Two): void {
  const { lie, truth, note, shown, grown } = new Accuser(corpus, shop)
  const { entries, log, earlierSize } = shop
  const fails = 'not-proven'
  const size = entries.length
  const pair = { checkpoint: note(now.checkpoint), earlier: note(shop.checkpoint), ...grown(now.entries, size) }
  lie('two-logs-grown', fails, 'The second log begins with what the first had signed.', 'forked', pair, both)
  const dropped = { ...pair, checkpoint: note(back.checkpoint), ...grown(back.entries, earlierSize) }
  lie('two-logs-dropped', fails, 'It begins with less, and says so.', 'forked', dropped, both)
  const elsewhere = new Books(log, entries).tell([by.issuer], [issue(A.bob, 1)]).close()
  truth(
    'honest-forked-at-its-end',
    'forked',
    'A log that ended at one place and went on at the same.',
    { checkpoint: note(end.checkpoint), earlier: note(elsewhere.checkpoint) },
    both,
  )
  const promise = decodePromise(shop.promise)
  const promised = { promise: toBase64(shop.promise) }
  lie(
    'promise-in-the-next',
    'promise-signature',
    'A promise of the first log, held against the second, which has what was promised.',
    'promise-broken',
    { ...promised, checkpoint: note(now.checkpoint), ...grown(now.entries, promise.size) },
    both,
  )
  lie(
    'promise-dropped',
    'promise-signature',
    'A promise of the first log, of which what was promised was dropped, held against the second.',
    'promise-broken',
    {
      ...promised,
      checkpoint: note(back.checkpoint),
      ...grown(back.entries, Math.min(promise.size, back.entries.length)),
    },
    both,
  )
  lie(
    'promise-overdue-in-the-next',
    'promise-signature',
    'The same as overdue, by a seal of the second.',
    'promise-overdue',
    { ...promised, ...shown(back, back.entries.length - 1) },
    both,
  )
  // An entry of the second log is signed for the id that the ledger has there, and no other is proven.
  const spentAt = now.entries.findLastIndex(entry => entry[0] === 1)
  lie(
    'for-the-id-before',
    'needs-replay',
    'A purchase in the second log, as if the ledger were called as it was.',
    'batch-refused',
    shown(now, 0, 1, end.entries.length - 1, spentAt),
    second,
  )
  lie(
    'for-the-id-now',
    'needs-replay',
    'The same, with what continued the log: it verifies.',
    'batch-refused',
    shown(now, 0, 1, size, size + 1, end.entries.length - 1, spentAt),
    second,
  )
  lie(
    'end-in-order',
    'needs-replay',
    'A batch and a seal behind it, of two logs.',
    'entry-order',
    shown(now, size, size + 1, size + 2),
    second,
  )
  lie(
    'epochs-over-the-end',
    'needs-replay',
    'The seals before and behind.',
    'seal-epoch',
    shown(now, size - 1, size + 2),
    second,
  )
  lie('times-over-the-end', 'needs-replay', 'The same two.', 'seal-time', shown(now, size - 1, size + 2), second)
  lie(
    'root-over-the-end',
    'needs-replay',
    'The batch that continued the log.',
    'batch-root',
    shown(now, size, size + 1),
    second,
  )
}
