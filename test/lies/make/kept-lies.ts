import { toBase64, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { parseCard } from '../../../src/verify/card.ts'
import { encodeStatement } from '../../../src/verify/statement.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { naiveConsistency, naiveRoot } from '../../core/tree/naive-tree.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { rewriteIssue } from './rewrite.ts'
import { A, hash, type Shop } from './shop.ts'
import { stated, statementOf } from './statements.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** What a reader is shown who kept an earlier statement. */
export function keptLies(corpus: Corpus, shop: Shop): void {
  const { policy, cards, books } = shop
  const card = cards[ALICE]!
  const keptOf = (bytes: Uint8Array) => {
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
  corpus.truth('kept/honest-since', 'Whoever verified three entries is shown the three that follow.', {
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
  seenLies(corpus, shop)
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
