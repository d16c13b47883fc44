import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import type { Statement, StatementLink } from '../../../src/verify/statement.ts'
import { fromDraft } from '../../world.ts'
import { BookTeller, OWN, pay, SHOP } from './book-scene.ts'
import type { Closed } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, hash, KEYS, type Shop } from './shop.ts'
import { evidenceAt, statementOf } from './statements.ts'

/** Statements of merchants and budgets, whose chains have a link a batch: their lines, links and places. */
export function bookLies(corpus: Corpus, shop: Shop): void {
  const teller = new BookTeller(corpus, shop)
  const { scene, honest } = teller
  const honestly: readonly [name: string, account: number, says: string][] = [
    ['shop', SHOP, 'A shop was paid, took back, funded its budget and was settled.'],
    ['own', OWN, 'A budget that a shop sponsors: what it got, gave, and gave back.'],
    ['budget', A.budget, 'A budget of the platform.'],
  ]
  for (const [name, account, says] of honestly)
    for (const all of [false, true]) {
      const statement = teller.made(honest, account, { all })
      teller.truth(all ? `honest-${name}-signed` : `honest-${name}`, says, statement, teller.factsOf(statement))
    }
  const single = statementOf(honest, OWN)
  teller.truth(
    'honest-line-by-line',
    'The places of a batch line by line, where the batch alone would do.',
    single,
    teller.factsOf(single),
  )

  const [ofShop, ofOwn] = [teller.made(honest, SHOP), teller.made(honest, OWN)]
  const recounted = (links: readonly StatementLink[], at: number, count: number) =>
    links.flatMap((one, i) => (i !== at ? [one] : count === 0 ? [] : [{ ...one, count }]))
  // Lines of the shop: opening, 60 and 40 of one batch, 35, fund, back, refund, asked, and settled twice.
  teller.lie('line-left-out', 'line-count', 'A payment is left out.', {
    ...ofShop,
    lines: ofShop.lines.toSpliced(2, 1),
  })
  teller.lie('link-left-out', 'line-count', 'The lines are there, and nothing says of which batch the last is.', {
    ...ofShop,
    links: ofShop.links.slice(0, -1),
  })
  teller.lie('link-of-nothing', 'line-count', 'A link without lines.', {
    ...ofShop,
    links: [...ofShop.links, { count: 0, at: null }],
  })
  const linked = statementOf(honest, A.alice)
  teller.lie('links-of-a-member', 'line-count', 'A member’s lines, two of one link.', {
    ...linked,
    links: [{ count: linked.lines.length, at: null }],
  })
  teller.lie('batch-split', 'head', 'The two payments of one batch as if they were of two.', {
    ...ofShop,
    links: ofShop.links.flatMap((one, i) =>
      i === 1
        ? [
            { count: 1, at: null },
            { count: 1, at: null },
          ]
        : [one],
    ),
  })
  teller.lie('batches-joined', 'head', 'Payments of two batches as if they were of one.', {
    ...ofShop,
    links: recounted(recounted(ofShop.links, 1, 3), 2, 0),
  })
  const gone = scene.books.close({ accounts: { [SHOP]: { entries: honest.accounts[SHOP]!.entries - 1, credit: 0 } } })
  const shorter = teller.made(gone, SHOP)
  teller.lie(
    'line-left-out-and-counted',
    'head',
    'A payment of a batch of two is left out, and number, balance and seal made to fit.',
    {
      ...teller.made(
        scene.books.close({
          accounts: {
            [SHOP]: { entries: honest.accounts[SHOP]!.entries - 1, credit: honest.accounts[SHOP]!.credit - 40 },
          },
        }),
        SHOP,
      ),
      lines: shorter.lines.toSpliced(2, 1),
      links: recounted(shorter.links, 1, 1),
      places: shorter.places.map(one => ({ ...one, line: one.line > 2 ? one.line - 1 : one.line })),
    },
  )
  const paidAt = scene.books.lists.get(SHOP)!.indexes[2]!
  const more = encodeTransaction(fromDraft(pay(45), scene.books.idAt(paidAt)))
  const richer = scene.books.close({ accounts: { [SHOP]: { credit: honest.accounts[SHOP]!.credit + 5 } } })
  teller.lie('amount-changed', 'head', 'A payment is five points more than the member signed, and the balance fits.', {
    ...teller.made(richer, SHOP),
    lines: ofShop.lines.with(2, more),
  })
  teller.lie('order', 'head', 'Two payments in another order.', {
    ...ofShop,
    lines: ofShop.lines.with(2, ofShop.lines[3]!).with(3, ofShop.lines[2]!),
  })
  const signed = statementOf(honest, SHOP, { all: true })
  const { position, batchPath } = evidenceAt(honest, paidAt - 1)
  teller.lie('another-account', 'line-kind', 'A payment to the treasury, with its place, among those of the shop.', {
    ...signed,
    lines: signed.lines.with(2, honest.entries[paidAt - 1]!),
    places: signed.places.map(one => (one.line === 3 ? { ...one, position, batchPath } : one)),
  })
  const sealed = (account: number, part: Partial<Statement['account']>) =>
    teller.made(scene.books.close({ accounts: { [account]: part } }), account)
  teller.lie('balance-too-low', 'totals', 'Sealed, signed and proven: the shop is owed five points less.', {
    ...sealed(SHOP, { credit: honest.accounts[SHOP]!.credit - 5 }),
  })
  teller.lie(
    'time-moved',
    'totals',
    'A last time that no entry has.',
    sealed(SHOP, { time: honest.accounts[SHOP]!.time + 1 }),
  )
  teller.lie('old-head', 'head', 'The head of the checkpoint before, under a seal of now.', {
    ...sealed(SHOP, { head: shop.books.accounts[SHOP]!.head }),
  })
  teller.lie('frozen', 'holdings', 'Frozen in the seal, which no shop can be.', sealed(SHOP, { status: 1 }))
  teller.lie('with-lots', 'holdings', 'A shop with lots in the seal.', sealed(SHOP, { more: hash('lots of a shop') }))
  teller.lie('with-owner', 'holdings', 'A shop under an owner key.', sealed(SHOP, { owner: KEYS.stranger.publicKey }))
  teller.lie('shop-as-budget', 'line-kind', 'A shop passed off as a budget.', sealed(SHOP, { kind: 2 }))
  teller.lie('treasury', 'line-kind', 'A statement of the treasury.', {
    ...teller.made(honest, SHOP),
    ...treasuryOf(honest),
  })

  // Places by their batch.
  const whole = ofOwn.links.findIndex(({ count }) => count === 3)
  const withLink = (part: Partial<StatementLink>) => ({
    ...ofOwn,
    links: ofOwn.links.map((one, i) => (i === whole ? { ...one, ...part } : one)),
  })
  const { at } = ofOwn.links[whole]!
  teller.lie(
    'whole-elsewhere',
    'evidence-proof',
    'Three issues as all of a batch that has one.',
    withLink({ at: at! + 1 }),
  )
  teller.lie('whole-of-another', 'evidence-proof', 'A settlement as all of the batch of the one before.', {
    ...ofShop,
    links: ofShop.links.map((one, i, all) => (i === all.length - 1 ? { ...one, at: all[i - 1]!.at } : one)),
  })
  teller.lie('whole-nowhere', 'evidence-proof', 'All of a batch that is not shown.', withLink({ at: 99 }))
  teller.lie('whole-and-placed', 'evidence-proof', 'A line of a batch that is all the budget’s has a place besides.', {
    ...ofOwn,
    places: single.places.map(one => ({ ...one })),
  })
  const mixed = single.links.findIndex(({ count }, i) => i > whole && count === 1)
  teller.lie('part-as-whole', 'evidence-proof', 'One of two issues of a batch as if it were all of it.', {
    ...ofOwn,
    links: ofOwn.links.map((one, i) =>
      i === mixed ? { ...one, at: ofOwn.places.find(({ line }) => line === lineOf(ofOwn, mixed))!.at } : one,
    ),
    places: ofOwn.places.filter(({ line }) => line !== lineOf(ofOwn, mixed)),
  })
  teller.lie('two-links-of-a-batch', 'evidence-order', 'Issues of one batch, each with its place, as links of two.', {
    ...single,
    links: single.links.flatMap((one, i) =>
      i === whole
        ? [
            { ...one, count: 1 },
            { ...one, count: 2 },
          ]
        : [one],
    ),
  })
  const byLine = statementOf(honest, SHOP)
  teller.lie('one-link-of-two-batches', 'evidence-order', 'Settlements of two batches as one link.', {
    ...byLine,
    links: recounted(recounted(byLine.links, byLine.links.length - 2, 2), byLine.links.length - 1, 0),
  })
  const unplaced = (statement: Statement, line: number) => ({
    ...statement,
    links: statement.links.map((one, i) => (lineOf(statement, i) === line ? { ...one, at: null } : one)),
    places: statement.places.filter(one => one.line !== line),
  })
  const count = ofShop.lines.length
  teller.lie(
    'settled-without-place',
    'evidence-missing',
    'A settlement, and nothing of when and by whom.',
    unplaced(ofShop, count),
  )
  teller.lie(
    'asked-without-place',
    'evidence-missing',
    'What was asked for, without its place.',
    unplaced(ofShop, count - 2),
  )
  teller.lie(
    'fund-without-place',
    'evidence-missing',
    'Points left the shop, and nobody is shown who signed.',
    unplaced(ofShop, 5),
  )
  teller.lie('given-without-place', 'evidence-missing', 'Points left the budget, without a place.', {
    ...withLink({ at: null }),
  })
  teller.lie(
    'original-without-place',
    'evidence-missing',
    'A refund, and nothing says when what it gives back was paid.',
    unplaced(ofShop, 2),
  )
}

/** Number of the first line of a link. */
function lineOf({ links, since }: Statement, link: number): number {
  return since + 1 + links.slice(0, link).reduce((sum, { count }) => sum + count, 0)
}

function treasuryOf(closed: Closed): Pick<Statement, 'account' | 'accountPath'> {
  return {
    account: { number: A.treasury, ...closed.accounts[A.treasury]! },
    accountPath: closed.accountPath(A.treasury),
  }
}
