import { concatBytes } from '../../../src/core/bytes.ts'
import { parseCheckpoint } from '../../../src/core/note/checkpoint.ts'
import { parseNote } from '../../../src/core/note/note.ts'
import { encodePage } from '../../../src/verify/page.ts'
import { decodeStatement, encodeStatement, type Statement } from '../../../src/verify/statement.ts'
import { naiveConsistency } from '../../core/tree/naive-tree.ts'
import { Books, type Closed } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { rewriteIssue } from './rewrite.ts'
import { A, by, hash, issue, redeem, type Shop } from './shop.ts'
import { statementOf } from './statements.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** A page, and the log of which its checkpoint is. */
interface Told {
  readonly statement: Statement
  readonly entries: readonly Uint8Array[]
}

/** The lines of an account behind `since`, up to `to`, as closed books have them. */
function pageOf(closed: Closed, account: number, since: number, to = Number.POSITIVE_INFINITY): Told {
  const whole = statementOf(closed, account, { since })
  const lines = whole.lines.slice(0, to - since)
  const places = whole.places.filter(({ line }) => line <= to)
  return { statement: { ...whole, lines, places }, entries: closed.entries }
}

const sizeOf = ({ statement }: Told) => parseCheckpoint(parseNote(statement.checkpoint).text).size

/** A file of pages, each with the proof that its log grew out of that of the one before, if it did. */
function fileOf(...pages: readonly Told[]): Uint8Array {
  return concatBytes(
    ...pages.map((page, i) => {
      const before = i === 0 ? undefined : pages[i - 1]
      const [oldSize, size] = [before === undefined ? 0 : sizeOf(before), sizeOf(page)]
      const isGrown = oldSize > 0 && oldSize < size
      const growth = isGrown ? naiveConsistency(oldSize, page.entries.slice(0, size)) : []
      return encodePage({ growth, statement: encodeStatement(page.statement) })
    }),
  )
}

/** What a reader is shown page by page. */
export function pageLies(corpus: Corpus, shop: Shop): void {
  const { policy, cards, books, log, earlierSize } = shop
  const now = books.close()
  const early = books.with(list => list.slice(0, earlierSize - 1))
  const told = (file: Uint8Array, more: object = {}) => ({
    verifier: 'pages',
    trust: { policy, card: cards[ALICE], ...more },
    shown: shownBytes(file),
  })
  const lie = (name: string, code: string, says: string, ...pages: readonly Told[]) =>
    corpus.lie(`pages/${name}`, code, says, told(fileOf(...pages)))
  const page = (since: number, to?: number, closed = now) => pageOf(closed, ALICE, since, to)
  const then = decodeStatement(shop.earlierStatement)
  const before: Told = {
    statement: { ...then, lines: then.lines.slice(0, 2), places: then.places.filter(({ line }) => line <= 2) },
    entries: now.entries,
  }
  const facts = { balance: 240, unit: 'coins', lines: 6, erased: [2] }
  corpus.truth('pages/honest', 'Alice’s statement in three pages.', {
    ...told(fileOf(page(0, 2), page(2, 3), page(3))),
    facts,
  })
  corpus.truth('pages/honest-one', 'One page that is all.', { ...told(fileOf(page(0))), facts })
  corpus.truth('pages/honest-grown', 'The log grew while she fetched them, and her account with it.', {
    ...told(fileOf(before, page(2))),
    facts,
  })
  lie('without-the-last', 'pages-missing', 'The pages without the last, as if they were all.', page(0, 2), page(2, 3))
  lie('none', 'line-count', 'A page without a line, and there are more.', page(0, 2), page(2, 2), page(2))
  lie('left-out', 'kept-state', 'The page between two is left out.', page(0, 2), page(3))
  lie('twice', 'kept-state', 'A page comes twice, and with it what she was given.', page(0, 2), page(0, 2), page(2))
  lie('overlapping', 'kept-state', 'A page begins with the last line of the one before.', page(0, 3), page(2))
  lie('out-of-order', 'kept-state', 'The last page comes first.', page(2), page(0, 2))
  lie('behind-the-last', 'kept-state', 'A page behind the last one.', page(0, 2), page(2), page(6))
  lie('not-from-the-first', 'kept-state', 'The first page is left out.', page(2))
  corpus.lie('pages/of-two-accounts', 'kept-state', 'The beginning of Alice’s account, and the end of Bob’s.', {
    ...told(fileOf(page(0, 2), pageOf(now, BOB, 2))),
    trust: { policy },
  })
  lie('back', 'consistency-proof', 'A page of an earlier checkpoint behind one of a later.', page(0, 2), {
    ...page(2, 3),
    statement: then,
  })
  const [first, second] = [before, page(2)]
  corpus.lie(
    'pages/ungrown',
    'consistency-proof',
    'A later checkpoint that nothing shows to have grown out of the one of the page before.',
    told(
      concatBytes(
        ...[first, second].map(({ statement }) => encodePage({ growth: [], statement: encodeStatement(statement) })),
      ),
    ),
  )
  const forked = rewriteIssue(shop, 300, { rule: 0 }).close()
  lie('of-two-histories', 'consistency-proof', 'The second page is of another history.', page(0, 2), page(2, 9, forked))
  lie(
    'another-balance-then',
    'account-proof',
    'A page in the middle says that the account had more.',
    { ...page(0, 2), statement: credited(page(0, 2).statement) },
    page(2),
  )
  lie(
    'line-changed',
    'head',
    'A line without a place is another than the log has: with the last page the chain says so.',
    replacedLine(page(0, 2), 1, issued(shop)),
    page(2),
  )
  // A seal that does not count a purchase: the page under it names another head, and the purchase comes with the next.
  const hidden = early.tell([by.alice], [redeem(ALICE, 40)])
  const sealed = hidden.close({ accounts: { [ALICE]: early.accounts[ALICE]! } })
  const after = new Books(log, sealed.entries).tell([by.issuer], [issue(ALICE, 5)]).close()
  const whole = statementOf(sealed, ALICE)
  const short: Told = {
    statement: { ...whole, lines: whole.lines.slice(0, 2), places: whole.places.filter(({ line }) => line <= 2) },
    entries: sealed.entries,
  }
  lie(
    'line-late',
    'line-late',
    'A purchase that the seal of the page before did not count.',
    short,
    pageOf(after, ALICE, 2),
  )
  const headed = early.close({ accounts: { [ALICE]: { ...early.accounts[ALICE]!, head: hash('another chain') } } })
  lie(
    'another-head-then',
    'head',
    'The seal of the first page has another chain for the lines that there were.',
    pageOf(headed, ALICE, 0, 2),
    pageOf(new Books(log, headed.entries).tell([by.issuer], [issue(ALICE, 5)]).close(), ALICE, 2),
  )
  const back = books
    .tell([by.alice], [redeem(ALICE, 10)])
    .tell([by.alice], [redeem(ALICE, 5)], { afterMs: -10 })
    .close()
  const begun = pageOf(back, ALICE, 0, 7)
  lie(
    'time-goes-back',
    'evidence-order',
    'The second page begins with a purchase of an earlier time than the first one ends with.',
    // Each page shows the batches of its own lines.
    { ...begun, statement: { ...begun.statement, batches: begun.statement.batches.slice(0, -1) } },
    pageOf(back, ALICE, 7),
  )
  corpus.lie('pages/as-a-statement', 'line-count', 'A page that others follow, shown as a whole statement.', {
    ...told(encodeStatement(page(0, 2).statement)),
    verifier: 'statement',
  })
  const file = fileOf(page(0, 2), page(2))
  corpus.lie('pages/cut', 'cbor', 'The last byte of the last page is missing.', told(file.subarray(0, -1)))
  corpus.lie('pages/nothing', 'pages-missing', 'A file without a page.', told(new Uint8Array(0)))
}

function credited(statement: Statement): Statement {
  const { account } = statement
  return { ...statement, account: { ...account, credit: account.credit + 1 } }
}

/** The first issue of a history in which it came by no rule: its amount is the same. */
function issued(shop: Shop): Uint8Array {
  return statementOf(rewriteIssue(shop, 300, { rule: 0 }).close(), ALICE).lines[1]!
}

function replacedLine(told: Told, at: number, by: Uint8Array): Told {
  return { ...told, statement: { ...told.statement, lines: told.statement.lines.with(at, by) } }
}
