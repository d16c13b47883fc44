import { toBase64 } from '../../../src/core/bytes.ts'
import { encodeBatch } from '../../../src/core/entry/batch.ts'
import { evidenceJson } from '../../../src/verify/evidence/evidence-file.ts'
import { encodeStatement, type Statement, withoutLines } from '../../../src/verify/statement.ts'
import { Books, type Closed } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, issue, redeem, type Shop } from './shop.ts'
import { shownBatch, statementOf, wholeBatches } from './statements.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** Evidence that a statement was false: an entry of the account was in the log, and it said that there was none. */
export function lateLies(corpus: Corpus, shop: Shop): void {
  const { policy, books, log, earlierSize } = shop
  const told = (earlier: Statement, later: Statement) => {
    const evidence = {
      statement: toBase64(encodeStatement(later)),
      earlierStatement: toBase64(encodeStatement(earlier)),
    }
    const file = {
      origin: log.key.name,
      code: 'line-late',
      message: 'it was there',
      needs: 'nothing',
      evidence,
    } as const
    const bytes = new TextEncoder().encode(JSON.stringify(evidenceJson(file)))
    return { verifier: 'evidence', trust: { policy }, shown: shownBytes(bytes) }
  }
  const truth = (name: string, says: string, earlier: Statement, later: Statement) =>
    corpus.truth(`evidence/${name}`, says, { ...told(earlier, later), facts: { code: 'line-late' } })
  const lie = (name: string, code: string, says: string, earlier: Statement, later: Statement) =>
    corpus.lie(`evidence/${name}`, code, says, told(earlier, later))
  const since = (closed: Closed, count: number, account: number = ALICE) =>
    statementOf(closed, account, { since: count, all: true })

  // The operator has a purchase of Alice’s in the log, and a seal that does not count it.
  const early = books.with(list => list.slice(0, earlierSize - 1))
  const hidden = early.tell([by.alice], [redeem(ALICE, 40)])
  const sealed = hidden.close({ accounts: { [ALICE]: early.accounts[ALICE]! } })
  const count = early.accounts[ALICE]!.entries
  const before = withoutLines(statementOf(sealed, ALICE))
  const later = new Books(log, sealed.entries).tell([by.issuer], [issue(ALICE, 5)]).close()
  truth(
    'honest-line-late',
    'A purchase that the log had, and a seal did not count, is shown since: the seal was false.',
    before,
    since(later, count),
  )
  truth('honest-line-late-whole', 'The same, of a statement from the beginning on.', before, since(later, 0))

  // The honest story that looks most like it.
  const at = early.entries.length
  const refused = hidden
    .with(all => all.with(at, encodeBatch({ ...hidden.batchAt(at), statuses: Uint8Array.of(3) })))
    .close()
  const again = new Books(log, refused.entries)
  const entry = hidden.entries.at(-1)!
  const taken = again.enter([by.alice], [entry], again.timeMs + 1000).close()
  const first = withoutLines(statementOf(refused, ALICE))
  lie(
    'line-refused-before',
    'not-proven',
    'The same bytes were refused before, and accepted since.',
    first,
    since(taken, count),
  )
  const shown = since(taken, count)
  const { index } = shown.batches.at(-1)!
  lie('line-refused-before-placed-there', 'not-proven', 'The same, with the place where they were refused.', first, {
    ...shown,
    batches: shown.batches
      .map(one => (one.index === index ? shownBatch(taken, at) : one))
      .sort((a, b) => a.index - b.index),
  })
  const honest = early.close()
  const grown = new Books(log, honest.entries).tell([by.alice], [redeem(ALICE, 40)]).close()
  lie(
    'line-in-time',
    'not-proven',
    'An entry that came after the earlier checkpoint.',
    withoutLines(statementOf(honest, ALICE)),
    since(grown, count),
  )
  lie(
    'line-of-another-account',
    'not-proven',
    'Statements of two accounts.',
    withoutLines(statementOf(sealed, BOB)),
    since(later, 0),
  )
  lie('lines-left-out', 'not-proven', 'A later statement without its first new line.', before, {
    ...since(later, count),
    since: count + 1,
    lines: since(later, count).lines.slice(1),
  })
  lie('lines-put-in', 'not-proven', 'A later statement with a line more than the account has.', before, {
    ...since(later, count),
    lines: [...since(later, count).lines, entry],
  })
  budgetLies()

  /** The same of a budget, whose batch of issues is all its own. */
  function budgetLies(): void {
    const { budget } = A
    const batch = early.tell([by.issuer], [issue(ALICE, 5), issue(BOB, 10)])
    const unseen = batch.close({ accounts: { [budget]: early.accounts[budget]! } })
    const count = early.accounts[budget]!.entries
    const said = withoutLines(statementOf(unseen, budget))
    const shownOf = (closed: Closed, since: number) => wholeBatches(closed, statementOf(closed, budget, { since }))
    const then = new Books(log, unseen.entries).tell([by.issuer], [issue(ALICE, 5)]).close()
    truth(
      'honest-budget-line-late',
      'A batch that a budget gave, and a seal did not count.',
      said,
      shownOf(then, count),
    )
    truth('honest-budget-line-late-whole', 'The same, of a statement from its opening on.', said, shownOf(then, 0))
    const open = early.close()
    const given = new Books(log, open.entries).tell([by.issuer], [issue(ALICE, 5), issue(BOB, 10)]).close()
    lie(
      'budget-in-time',
      'not-proven',
      'A batch that a budget gave after the earlier checkpoint.',
      withoutLines(statementOf(open, budget)),
      shownOf(given, count),
    )
    const at = early.entries.length
    const refused = batch
      .with(all => all.with(at, encodeBatch({ ...batch.batchAt(at), statuses: Uint8Array.of(3, 3) })))
      .close()
    const again = new Books(log, refused.entries)
    const taken = again.enter([by.issuer], batch.entries.slice(-2), again.timeMs + 1000).close()
    const shown = shownOf(taken, count)
    const { index } = shown.batches[shown.links[0]!.at!]!
    lie(
      'budget-refused-before',
      'not-proven',
      'The same batch was refused before, and is shown where that was.',
      withoutLines(statementOf(refused, budget)),
      { ...shown, batches: shown.batches.map(one => (one.index === index ? shownBatch(taken, at) : one)) },
    )
  }

  const { account: earlier } = before
  const whole = since(later, 0)
  const base = later.books
  const batch = base.batchAt(0)
  const elsewhere = base.with(list => list.with(0, encodeBatch({ ...batch, time: batch.time - 1 }))).close()
  const state = later.accounts[ALICE]!
  const asBob = base.close({ accounts: { [BOB]: state } })
  const anotherOpening = base.close({ accounts: { [ALICE]: { opening: hash('another opening') } } })
  const anotherHead = hidden.close({ accounts: { [ALICE]: { ...early.accounts[ALICE]!, head: hash('another head') } } })
  for (const [name, says, first, second] of [
    ['of-another-ledger', 'A later statement of another ledger of that name.', before, since(elsewhere, 0)],
    [
      'of-another-number',
      'A later statement of another account, whose seal has the state of this one.',
      before,
      { ...whole, ...sealedAs(asBob, BOB, state) },
    ],
    [
      'of-another-opening',
      'A later statement of an account with another opening.',
      before,
      { ...whole, ...sealedAs(anotherOpening, ALICE, { ...state, opening: hash('another opening') }) },
    ],
    [
      'of-another-beginning',
      'An earlier statement whose head none of the lines makes.',
      withoutLines({ ...before, ...sealedAs(anotherHead, ALICE, { ...earlier, head: hash('another head') }) }),
      whole,
    ],
  ] as const)
    lie(`line-${name}`, 'not-proven', says, first, second)
  const misplaced = whole.places.map(one => (one.line === count + 1 ? { ...one, position: one.position + 1 } : one))
  lie('line-at-another-place', 'not-proven', 'A later statement with a place that is not the line’s.', before, {
    ...whole,
    places: misplaced,
  })
  lie(
    'earlier-of-no-seal',
    'account-proof',
    'An earlier statement with an account that no seal commits to.',
    { ...withoutLines(statementOf(honest, ALICE)), account: { ...before.account, entries: count - 1 } },
    since(grown, 0),
  )
}

/** What a statement says of an account under another seal. */
function sealedAs(
  closed: Closed,
  number: number,
  state: Omit<Statement['account'], 'number'>,
): Pick<Statement, 'checkpoint' | 'seal' | 'account' | 'accountPath' | 'batches'> {
  const { checkpoint, seal, accountPath } = statementOf(closed, number)
  const batches = statementOf(closed, ALICE, { all: true }).batches
  return { checkpoint, seal, account: { ...state, number }, accountPath, batches }
}
