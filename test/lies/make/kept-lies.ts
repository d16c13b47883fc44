import { toBase64, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { encodeBatch } from '../../../src/core/entry/batch.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { parseCard } from '../../../src/verify/card.ts'
import { encodeStatement } from '../../../src/verify/statement.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { naiveConsistency, naiveRoot } from '../../core/tree/naive-tree.ts'
import type { Draft } from '../../world.ts'
import type { Trust } from '../lie.ts'
import { Books, type Closed, type Closing } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { rewriteIssue } from './rewrite.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import { stated, statementOf } from './statements.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** What a reader is shown who kept an earlier statement. */
export function keptLies(corpus: Corpus, shop: Shop): void {
  const { policy, cards, books } = shop
  const card = cards[ALICE]!
  const keptOf = (bytes: Uint8Array): Kept => {
    const { kept } = verifyStatement(bytes, {
      policy: parsePolicy(utf8Encode(policy)),
      card: parseCard(utf8Encode(card)),
    })
    return {
      ledgerId: toHex(kept.ledgerId),
      account: kept.account,
      opening: toHex(kept.opening),
      size: kept.size,
      entries: kept.entries.map(toBase64),
      times: [...kept.times],
      records: kept.records.map(({ leaf, ...record }) => ({ ...record, leaf: toHex(leaf) })),
    }
  }
  const { plain } = shop.statements[ALICE]!
  const before = keptOf(shop.earlierStatement)
  const now = keptOf(plain)
  const since = (count: number, from = books.close()) => encodeStatement(statementOf(from, ALICE, { since: count }))
  const told = (bytes: Uint8Array, kept?: object, trust = { policy, card }) => ({
    verifier: 'statement',
    trust: { ...trust, ...(kept === undefined ? {} : { kept }) },
    shown: shownBytes(bytes),
  })
  const lie = (name: string, code: string, says: string, ...what: Parameters<typeof told>) =>
    corpus.lie(`kept/${name}`, code, says, told(...what))
  corpus.truth('kept/honest-since', 'Anyone who verified three entries is shown the three that follow.', {
    ...told(since(3), before),
    facts: { balance: 240, lines: 3 },
  })
  corpus.truth('kept/honest-whole', 'Or the whole history again, which begins with what was verified.', {
    ...told(plain, before),
    facts: { balance: 240, lines: 6 },
  })
  corpus.truth('kept/honest-nothing-new', 'Or nothing, where there is nothing new.', {
    ...told(since(6), now),
    facts: { balance: 240, lines: 0 },
  })

  lie(
    'rolled-back',
    'kept-state',
    'A statement that once was true, shown to one who has seen more.',
    shop.earlierStatement,
    now,
  )
  lie('rolled-back-since', 'kept-state', 'Nothing new, as of an earlier checkpoint than was verified.', since(3), {
    ...before,
    size: 1000,
  })
  lie('unseen', 'kept-state', 'Only the latest entries, to one who never saw those before.', since(3))
  lie(
    'gap',
    'kept-state',
    'The entries behind the fourth, to one who verified three: the fourth is in neither.',
    since(4),
    before,
  )
  lie('overlap', 'kept-state', 'The entries behind the second, to one who verified three.', since(2), before)
  lie('another-account', 'kept-state', 'What was kept is of another account.', since(3), { ...before, account: BOB })
  lie('another-ledger', 'kept-state', 'What was kept is of a ledger before this one.', since(3), {
    ...before,
    ledgerId: toHex(hash('before')),
  })
  lie('another-opening', 'kept-state', 'What was kept is of another opening.', since(3), {
    ...before,
    opening: toHex(hash('opening')),
  })
  /** A second history in which the first issue was of 250, signed, logged and sealed. */
  const rewritten = rewriteIssue(shop, 250)
  lie(
    'rewritten',
    'kept-state',
    'A second history, whole, signed and sealed, in which 300 points had been 250.',
    stated(rewritten.close(), ALICE),
    before,
  )
  lie(
    'rewritten-since',
    'totals',
    'The same, of which only the entries behind those that she kept are shown: they do not add up to what she has.',
    since(3, rewritten.close()),
    before,
  )
  lie(
    'rewritten-alike',
    'head',
    'A second history in which the 300 points came by no rule: the sums are the same, the chain is not.',
    since(3, rewriteIssue(shop, 300, { rule: 0 }).close()),
    before,
  )
  const unerased = books.with(entries => entries.slice(0, -2))
  lie(
    'erasure-taken-back',
    'kept-state',
    'A second history without the entry that says that details were erased, so that they can be shown as verified.',
    stated(unerased.close({ afterMs: 2000 }), ALICE),
    now,
  )
  lie(
    'entry-of-no-form',
    'entry-type',
    'A kept file with a seal among its entries: it was not written by a verifier.',
    since(3),
    { ...before, entries: before.entries.with(2, toBase64(shop.entries.at(-1)!)) },
  )
  const root = [by.root]
  const registrar: Draft = { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'registrar' }
  const more = books.tell(root, [registrar])
  const records = [R.registrar, R.revoked]
  /** What comes since, and two records, as the seal has them. */
  const recorded = (from: Books, change: Closing['records'] = {}) =>
    stated(from.close({ records: change }), ALICE, { since: 3, records })
  const known = keptOf(stated(books.with(list => list.slice(0, shop.earlierSize - 1)).close(), ALICE, { records }))
  corpus.truth('kept/honest-records', 'Records that were shown before are shown again.', {
    ...told(recorded(books), known),
    facts: { balance: 240 },
  })
  corpus.truth('kept/honest-record-revoked', 'A registrar’s key was revoked since.', {
    ...told(recorded(books.tell(root, [{ kind: 'revoke', record: R.registrar }])), known),
    facts: { balance: 240 },
  })
  const { entry, from } = more.records.at(-1)!
  lie(
    'record-swapped',
    'record-changed',
    'A registrar’s key that was registered since, by root, under the number of the one that she was shown.',
    recorded(more, { [R.registrar]: { entry, from } }),
    known,
  )
  lie(
    'revocation-taken-back',
    'record-changed',
    'A key that was shown as revoked stands again.',
    recorded(books, { [R.revoked]: { until: 0 } }),
    known,
  )
  lie(
    'revocation-moved',
    'record-changed',
    'A key was revoked later than was shown, so that what it signed in between stands.',
    recorded(books, { [R.revoked]: { until: books.entries.length - 1 } }),
    known,
  )
  lie(
    'revoked-behind-her-back',
    'record-changed',
    'A key that stood when she was shown it is said to have been revoked before that.',
    recorded(books, { [R.registrar]: { until: shop.earlierSize - 2 } }),
    known,
  )
  lie('succession-taken-back', 'record-changed', 'A record that was shown as succeeded is not.', recorded(books), {
    ...known,
    records: known.records.map(one => ({ ...one, next: 11 })),
  })
  lateLies(corpus, shop, keptOf)
  seenLies(corpus, shop)
}

type Kept = NonNullable<Trust['kept']>

/** A line that the log had when a statement said that there was none. */
function lateLies(corpus: Corpus, shop: Shop, keptOf: (bytes: Uint8Array) => Kept): void {
  const { policy, cards, books, log, earlierSize } = shop
  const told = (closed: Closed, kept: Kept) => ({
    verifier: 'statement',
    trust: { policy, card: cards[ALICE], kept },
    shown: shownBytes(stated(closed, ALICE, { since: kept.entries.length, all: true })),
  })
  const early = books.with(list => list.slice(0, earlierSize - 1))
  const hidden = early.tell([by.alice], [redeem(ALICE, 40)])
  const first = hidden.close({ accounts: { [ALICE]: early.accounts[ALICE]! } })
  const whole = statementOf(first, ALICE)
  const count = whole.lines.length - 1
  const places = whole.places.filter(({ line }) => line <= count)
  const kept = keptOf(encodeStatement({ ...whole, lines: whole.lines.slice(0, count), places }))
  const then = new Books(log, first.entries)
  corpus.lie(
    'kept/line-late',
    'line-late',
    'A purchase of Alice’s, in the log and accepted, that the seal of then did not count: her statement held ' +
      'without it. Now it is shown.',
    told(then.tell([by.issuer], [issue(ALICE, 5)]).close(), kept),
  )
  const issued = early.tell([by.issuer], [issue(ALICE, 40)])
  const unissued = issued.close({ accounts: { [ALICE]: early.accounts[ALICE]! } })
  corpus.lie(
    'kept/points-late',
    'line-late',
    'Points that a seal kept from her for a day, shown with the authority of every line.',
    told(new Books(log, unissued.entries).close({ afterMs: 86_400_000 }), kept),
  )
  const at = early.entries.length
  const refused = hidden.with(all => all.with(at, encodeBatch({ ...hidden.batchAt(at), statuses: Uint8Array.of(3) })))
  const again = new Books(log, refused.close().entries)
  corpus.truth(
    'kept/honest-refused-before',
    'A purchase that was refused, as nobody entitled had signed it, and is in the log before what she kept; the ' +
      'same bytes came again since, signed by her, and were accepted.',
    {
      ...told(
        again.enter([by.alice], [hidden.entries.at(-1)!], again.timeMs + 1000).close(),
        keptOf(stated(refused.close(), ALICE)),
      ),
      facts: { balance: 140, lines: 1 },
    },
  )
}

/** What a reader is shown who accepted an earlier checkpoint of the log. */
function seenLies(corpus: Corpus, shop: Shop): void {
  const { policy, cards, log, entries, earlierSize } = shop
  const { plain } = shop.statements[ALICE]!
  const seen = (size: number, from = entries, origin = log.key.name) => [
    { origin, size, root: toBase64(naiveRoot(from.slice(0, size))) },
  ]
  const growth = (size: number, from = entries) => naiveConsistency(size, from).map(toBase64)
  const told = (bytes: Uint8Array, before: object, proof?: readonly string[]) => ({
    verifier: 'statement',
    trust: { policy, card: cards[ALICE], seen: before },
    shown: { ...shownBytes(bytes), ...(proof === undefined ? {} : { growth: proof }) },
  })
  const lie = (name: string, says: string, ...what: Parameters<typeof told>) =>
    corpus.lie(`kept/seen-${name}`, 'consistency-proof', says, told(...what))
  const facts = { balance: 240 }
  const proof = growth(earlierSize)
  const before = seen(earlierSize)
  corpus.truth('kept/honest-seen', 'The log grew out of the checkpoint that was accepted before.', {
    ...told(plain, before, proof),
    facts,
  })
  corpus.truth('kept/honest-seen-again', 'The same checkpoint again.', { ...told(plain, seen(entries.length)), facts })
  corpus.truth('kept/honest-seen-another', 'What was accepted of another log does not count.', {
    ...told(plain, seen(earlierSize, entries, 'other.example')),
    facts,
  })
  lie('no-proof', 'Nothing that says that the log grew out of what was accepted.', plain, before)
  lie('another-size', 'A proof from another size.', plain, before, growth(earlierSize - 1))
  lie('longer', 'A proof with a hash too many.', plain, before, [...proof, toBase64(hash('more'))])
  lie('another-hash', 'A proof with another hash in it.', plain, before, [toBase64(hash('another')), ...proof.slice(1)])
  lie(
    'rolled-back',
    'A statement that once was true, to one who accepted a later checkpoint.',
    shop.earlierStatement,
    seen(entries.length),
    proof,
  )
  const rewritten = rewriteIssue(shop, 250).close()
  const forged = stated(rewritten, ALICE)
  lie(
    'forked',
    'A second history of the same length, with a seal and a signature of its own.',
    forged,
    seen(entries.length),
  )
  lie(
    'forked-and-grown',
    'A second history that goes on from before what was accepted, with the proof of its own growth.',
    forged,
    before,
    growth(earlierSize, rewritten.entries),
  )
  lie('forked-with-the-true-proof', 'The same, with the proof of the true log.', forged, before, proof)
}
