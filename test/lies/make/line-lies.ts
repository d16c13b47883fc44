import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { decodeStatement } from '../../../src/verify/statement.ts'
import { type Draft, fromDraft } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { relined, Teller } from './teller.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** The lines of a statement, and the account that they make. */
export function lineLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { policy, books, entries } = shop
  const bob = shop.statements[BOB]!
  teller.lie(
    'line-left-out',
    'line-count',
    'A purchase is left out.',
    teller.edit(({ lines }) => ({ lines: lines.toSpliced(3, 1) })),
  )
  teller.lie(
    'no-lines',
    'line-count',
    'A balance without a history.',
    teller.edit(() => ({ lines: [] })),
  )
  teller.lie(
    'erasure-left-out',
    'line-count',
    'The last entry, which says that details were erased, is left out so that they look verified.',
    teller.edit(({ lines }) => ({ lines: lines.slice(0, -1) })),
  )
  teller.lie(
    'line-more',
    'line-count',
    'A line more than the account has entries.',
    teller.edit(({ lines }) => ({ lines: [...lines, lines[3]!] })),
  )
  teller.lie(
    'count-understated',
    'line-count',
    'A sealed number of entries that is one too low.',
    teller.sealed({ entries: 5 }),
  )
  teller.lie(
    'gap',
    'line-count',
    'The first entry is passed over: the lines begin with the second.',
    teller.edit(({ lines }) => ({ lines: lines.slice(1) })),
  )

  teller.lie(
    'line-left-out-and-counted',
    'head',
    'An issue is left out, and number, sums and seal made to fit. Only the chain of all entries still says that ' +
      'there was more.',
    teller.closed({ accounts: { [ALICE]: { entries: 5, credit: 200 } } }, ({ lines, places }) => ({
      lines: lines.toSpliced(3, 1),
      places: places.map(place => ({ ...place, line: place.line > 4 ? place.line - 1 : place.line })),
    })),
  )
  teller.lie(
    'order',
    'head',
    'Two entries in another order, by which nothing changes but the order.',
    teller.edit(({ lines: [a, b, c, d, e, f] }) => ({ lines: [a!, b!, c!, e!, d!, f!] })),
  )
  const twin = encodeTransaction(fromDraft(issue(ALICE, 40), books.idAt(shop.issuedAt).with(15, 1)))
  teller.lie(
    'entry-replaced',
    'head',
    'An entry replaced by one of the same amount that is in no log.',
    teller.edit(({ lines }) => ({ lines: lines.with(3, twin) })),
  )

  teller.lie(
    'balance-too-low',
    'totals',
    'Sealed, signed and proven: a balance ten points lower than the entries make.',
    teller.sealed({ credit: 230 }),
  )
  teller.lie(
    'balance-too-high',
    'totals',
    'Sealed, signed and proven: what she spent is forgotten, so that somebody can spend it.',
    teller.sealed({ credit: 360 }),
  )
  teller.lie(
    'above-and-below-zero',
    'totals',
    'A balance that is above zero and below it: the difference is right, and two readers read two balances.',
    teller.sealed({ credit: 290, debit: 50 }),
  )
  teller.lie(
    'time-moved',
    'totals',
    'A last time that no entry has: dates would count from it.',
    teller.sealed({ time: books.timeMs + 1 }),
  )

  teller.lie(
    'owner-replaced',
    'holdings',
    'Another owner key in the seal than the entries make: somebody else could spend.',
    teller.sealed({ owner: KEYS.stranger.publicKey }),
  )
  teller.lie('owner-removed', 'holdings', 'No owner key in the seal.', teller.sealed({ owner: null }))
  teller.lie('frozen', 'holdings', 'Frozen in the seal, and no entry says so.', teller.sealed({ status: 1 }))
  teller.lie('closed', 'holdings', 'Closed in the seal, and no entry says so.', teller.sealed({ status: 2 }))
  teller.lie(
    'lots-made-up',
    'holdings',
    'Lots and holds in the seal that no entry makes.',
    teller.sealed({ more: hash('lots made up') }),
  )
  teller.lie(
    'lots-forgotten',
    'holdings',
    'The seal has no lots: points that expire would never do so, or the other way round.',
    teller.sealed({ more: new Uint8Array(32) }),
  )

  teller.lie(
    'another-history',
    'line-kind',
    'A line of Bob’s history in Alice’s, counted and sealed.',
    teller.relined(lines => lines.with(3, { entry: decodeStatement(bob.plain).lines[1]! })),
  )
  const opened = books.chains.get(BOB)!.indexes[0]!
  teller.lie(
    'opening-twice',
    'line-kind',
    'A second opening: Bob’s, behind Alice’s.',
    teller.relined(([first, ...lines]) => [first!, { entry: entries[opened]!, index: opened }, ...lines]),
  )
  teller.lie(
    'no-opening',
    'line-kind',
    'A history that does not begin with the opening.',
    teller.relined(lines => lines.slice(1)),
  )
  const published = books
    .tell([by.root], [{ kind: 'publish-rule', name: 'another', digest: hash('another'), budgets: [A.budget] }])
    .close()
  const publishedAt = published.entries.length - 2
  teller.lie(
    'entry-of-no-account',
    'line-kind',
    'An entry that names no account of hers: a rule that was published.',
    relined(published, ALICE, lines => [...lines, { entry: published.entries[publishedAt]!, index: publishedAt }]),
  )
  const ofMiles: Draft = {
    kind: 'publish-rule',
    name: 'of-miles',
    digest: hash('of miles'),
    budgets: [A.milesBudget],
  }
  const misnamed = books
    .tell([by.root], [ofMiles])
    .tell([by.issuer], [issue(ALICE, 100, { rule: books.records.length })])
    .close()
  teller.lie(
    'rule-of-another-budget',
    'line-rule',
    'Points by a rule that the budget they come of may not name.',
    stated(misnamed, ALICE, { all: true }),
  )
  const moving = { debit: ALICE, credit: A.budget, amount: 100 }
  const notHers: readonly [name: string, says: string, draft: Draft][] = [
    [
      'terms-of-a-budget',
      'Terms of a budget that name a member’s account.',
      { kind: 'set-budget', account: ALICE, from: 0, until: 0, memberDay: 0, memberTotal: 0 },
    ],
    ['funded-from-her', 'A budget funded from a member’s account.', { kind: 'fund', ...moving }],
    ['settled-from-her', 'A member’s points settled as a shop’s.', { kind: 'settle', ...moving }],
    [
      'converted-to-her',
      'A conversion of Bob’s points that reach Alice where they should reach the treasury.',
      {
        kind: 'convert',
        ...moving,
        debit: BOB,
        credit: ALICE,
        rate: 0,
        budget: A.milesBudget,
        account: A.dora,
        gained: 5,
      },
    ],
  ]
  for (const [name, says, draft] of notHers)
    teller.lie(name, 'line-kind', says, stated(books.tell([by.treasurer], [draft]).close(), ALICE))
  teller.lie('not-a-member', 'line-kind', 'A treasury passed off as a member’s account.', teller.sealed({ kind: 1 }))
  teller.lie(
    'a-budget-of-a-member',
    'line-count',
    'A member’s account passed off as a budget: its lines are of no batches.',
    teller.sealed({ kind: 2 }),
  )
  teller.lie(
    'unit-changed',
    'line-kind',
    'Coins shown as miles: the unit of the seal is not the one of the opening.',
    teller.sealed({ unit: R.miles }),
  )
  teller.lie(
    'opening-changed',
    'line-kind',
    'Another opening in the seal than the first entry is.',
    teller.sealed({ opening: hash('another opening') }),
    { policy },
  )

  teller.lie(
    'counted-twice',
    'line-repeated',
    'Points that were issued once, counted twice.',
    teller.relined(lines => [...lines.slice(0, 2), lines[1]!, ...lines.slice(2)], { credit: 540 }),
  )
  const spentAgain = books.enter([by.alice], [entries[shop.spentAt + 1]!], books.timeMs + 1000).close()
  teller.lie(
    'spent-twice',
    'line-repeated',
    'One purchase taken twice: the same bytes, under the same signature, accepted in a second batch.',
    stated(spentAgain, ALICE),
  )
  const id = books.idAt(shop.issuedAt)
  const again = books.tell([by.issuer], [issue(ALICE, 25)], { ids: [id] })
  teller.lie(
    'id-twice',
    'line-repeated',
    'Two transactions under one id: anyone who has a receipt of the one could be shown the other.',
    stated(again.close(), ALICE),
  )
}
