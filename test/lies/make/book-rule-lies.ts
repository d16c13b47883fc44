import { DAY_MS } from '../../../src/account/dates.ts'
import { toBase64, toHex } from '../../../src/core/bytes.ts'
import type { Draft, Signer } from '../../world.ts'
import { BookTeller, convert, DORA, give, giver, OWN, pay, RATE, reverse, SHOP, settle } from './book-scene.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, R, type Shop } from './shop.ts'
import type { Telling } from './telling.ts'

/** What the rules and the signers of merchants and budgets do not allow, and what a reader keeps between visits. */
export function bookRuleLies(corpus: Corpus, shop: Shop): void {
  const teller = new BookTeller(corpus, shop)
  const { scene } = teller
  const { ids } = scene
  const after = (signers: readonly Signer[], drafts: readonly Draft[], telling: Telling = {}) =>
    scene.books.tell(signers, drafts, telling).close()
  const fails = (
    name: string,
    code: string,
    says: string,
    account: number,
    signers: readonly Signer[],
    draft: Draft | readonly Draft[],
    telling: Telling = {},
  ) => teller.lie(name, code, says, teller.made(after(signers, [draft].flat() as Draft[], telling), account))
  const [treasurer, merchant] = [[by.treasurer], [by.merchant]]
  const asked = ids.get('asked')!
  const rules: readonly Parameters<typeof fails>[] = [
    [
      'settled-beyond',
      'line-rule',
      'More is settled than was asked for and is left.',
      SHOP,
      treasurer,
      settle(10, asked),
    ],
    [
      'settled-unasked',
      'line-rule',
      'Settled by a name that nobody asked under.',
      SHOP,
      treasurer,
      settle(5, ids.get('paid')!),
    ],
    [
      'settled-below-zero',
      'line-rule',
      'More is settled than there is.',
      SHOP,
      [by.treasurer, by.merchant],
      settle(500, null),
    ],
    [
      'refund-beyond',
      'line-rule',
      'More is given back than was paid.',
      SHOP,
      merchant,
      reverse(SHOP, A.alice, 40, ids.get('paid')!),
    ],
    [
      'refund-of-nothing',
      'line-rule',
      'A refund of what is no entry.',
      SHOP,
      merchant,
      reverse(SHOP, A.alice, 5, hash('none').subarray(0, 16)),
    ],
    [
      'refund-to-another',
      'line-rule',
      'A refund to Bob of what Alice paid.',
      SHOP,
      merchant,
      reverse(SHOP, A.bob, 5, ids.get('paid')!),
    ],
    [
      'taken-back-elsewhere',
      'line-rule',
      'What the shop put into its budget comes back from another.',
      SHOP,
      merchant,
      reverse(A.budget, SHOP, 5, ids.get('fund')!),
    ],
    [
      'refund-late',
      'line-rule',
      'A refund a day behind the window.',
      SHOP,
      merchant,
      reverse(SHOP, A.alice, 5, ids.get('refused')!),
      { afterMs: 8 * DAY_MS },
    ],
    [
      'off-step',
      'line-rule',
      'Points of which the unit has no such part.',
      SHOP,
      merchant,
      { kind: 'ask-settle', account: SHOP, amount: 3 },
    ],
    [
      'to-itself',
      'line-rule',
      'The shop settles with itself.',
      SHOP,
      [by.treasurer, by.merchant],
      { ...settle(5, null), credit: SHOP } as Draft,
    ],
    [
      'given-beyond',
      'line-rule',
      'The budget gives what it does not have.',
      A.budget,
      [giver],
      { ...give(A.bob, 100_000), debit: A.budget } as Draft,
    ],
    [
      'given-over-member-cap',
      'line-rule',
      'Alice gets more of a day than the terms allow.',
      OWN,
      [giver],
      give(A.alice, 20),
    ],
    [
      'given-over-cap',
      'line-rule',
      'The budget gives more in sum than its terms allow.',
      OWN,
      [giver],
      [give(A.alice, 15), give(DORA, 20), give(A.carol, 20)],
    ],
    ['given-off-step', 'line-rule', 'Points of which the unit has no such part.', OWN, [giver], give(DORA, 3)],
    [
      'given-past',
      'line-rule',
      'Points that were past when they were given.',
      OWN,
      [giver],
      give(DORA, 5, { expires: 4 }),
    ],
    [
      'settled-by-merchant',
      'evidence-signature',
      'What was asked for is settled by the merchant alone.',
      SHOP,
      merchant,
      settle(5, asked),
    ],
    [
      'settled-by-treasurer',
      'evidence-signature',
      'Settled unasked, and the merchant did not sign.',
      SHOP,
      treasurer,
      settle(5, null),
    ],
    [
      'asked-by-treasurer',
      'evidence-signature',
      'The treasurer asks in the shop’s stead.',
      SHOP,
      treasurer,
      { kind: 'ask-settle', account: SHOP, amount: 5 },
    ],
    [
      'fund-by-treasurer',
      'evidence-signature',
      'The treasurer funds a budget with what the shop is owed.',
      SHOP,
      treasurer,
      { kind: 'fund', debit: SHOP, credit: OWN, amount: 5 },
    ],
    [
      'refund-by-issuer',
      'evidence-signature',
      'An issuer gives back what the shop was paid.',
      SHOP,
      [by.issuer],
      reverse(SHOP, A.alice, 5, ids.get('paid')!),
    ],
    [
      'given-by-another',
      'evidence-signature',
      'An issuer gives out of a budget that is not in his scope.',
      OWN,
      [by.issuer],
      give(DORA, 5),
    ],
    [
      'terms-by-issuer',
      'evidence-signature',
      'An issuer sets the terms of his own budget.',
      OWN,
      [giver],
      { kind: 'set-budget', account: OWN, from: 0, until: 0 } as Draft,
    ],
    [
      'taken-back-by-shop',
      'evidence-signature',
      'The shop takes out of its budget what the treasury put there.',
      OWN,
      merchant,
      reverse(OWN, A.treasury, 5, ids.get('funded')!),
    ],
    [
      'rate-of-nobody',
      'record-missing',
      'Converted at a rate that is none.',
      OWN,
      [by.dora],
      convert(1, 5, { rate: R.rule }),
    ],
    ['another-rate', 'line-rule', 'More is gained than the rate says.', OWN, [by.dora], convert(1, 10)],
    [
      'gained-for-ever',
      'line-rule',
      'What is gained expires, and the rate says that it does not.',
      OWN,
      [by.dora],
      convert(1, 5, { expires: 3_000_000 }),
    ],
    [
      'withheld',
      'line-time',
      'An issue that came into the log an hour behind its time.',
      OWN,
      [giver],
      give(DORA, 5),
      { skewMs: -3_700_000 },
    ],
  ]
  for (const rule of rules) fails(...rule)
  const elsewhere: Draft = {
    ...{ kind: 'publish-rate', name: 'elsewhere', unit: R.miles, budget: A.budget, give: 1, get: 5, life: 0 },
  } as Draft
  teller.lie(
    'rate-of-another-budget',
    'line-rule',
    'Converted at a rate that is of another budget.',
    teller.made(
      scene.books
        .tell([by.root], [elsewhere])
        .tell([by.dora], [convert(1, 5, { rate: RATE + 1 })])
        .close(),
      OWN,
    ),
  )
  const closing: Draft = { kind: 'set-budget', account: OWN, from: scene.books.timeMs + DAY_MS, until: 0 } as Draft
  teller.lie(
    'given-before-terms',
    'line-rule',
    'A budget gives before its terms begin.',
    teller.made(
      scene.books
        .tell(treasurer, [closing])
        .tell([giver], [give(DORA, 5)])
        .close(),
      OWN,
    ),
  )
  const revoked = scene.books.tell([by.root], [{ kind: 'revoke', record: RATE, reason: 0 } as Draft])
  teller.lie(
    'revoked-rate',
    'line-rule',
    'Converted at a rate that was revoked before.',
    teller.made(revoked.tell([by.dora], [convert(1, 5)]).close(), OWN),
  )
  teller.truth(
    'honest-reversed-by-treasurer',
    'The treasurer takes back of what the treasury put into a budget.',
    teller.made(after(treasurer, [reverse(OWN, A.treasury, 5, ids.get('funded')!)]), OWN),
    {},
  )
  teller.truth(
    'honest-settled-up',
    'The last of what was asked for is settled.',
    teller.made(after(treasurer, [settle(5, asked)]), SHOP),
    {},
  )
  teller.truth(
    'honest-capped',
    'As much as the terms of a budget allow, to the point.',
    teller.made(after([giver], [give(A.alice, 15), give(DORA, 20), give(A.carol, 15)]), OWN),
    {},
  )
  const unopened = shop.books.tell([by.registrar], [openingOf(shop)]).close()
  teller.lie(
    'opened-by-registrar',
    'evidence-signature',
    'A budget that a registrar opened.',
    teller.made(unopened, OWN),
  )
  const paidTwice = scene.books.tell([by.alice], [pay(5)], { ids: [ids.get('refused')!] })
  teller.lie('id-twice', 'line-repeated', 'Two payments under one id.', teller.made(paidTwice.close(), SHOP))

  keptLies(teller)
}

/** What came since, and what a reader kept. */
function keptLies(teller: BookTeller): void {
  const { scene, honest } = teller
  const treasurer = [by.treasurer]
  // Between visits.
  const ofShop = teller.made(honest, SHOP)
  const count = ofShop.lines.length
  const { kept } = teller.verified(ofShop)
  const bringing = {
    kept: {
      ...kept,
      ledgerId: toHex(kept.ledgerId),
      opening: toHex(kept.opening),
      entries: kept.entries.map(toBase64),
      times: [...kept.times],
      links: [...kept.links],
      records: kept.records.map(one => ({ ...one, leaf: toHex(one.leaf) })),
    },
  }
  const later = scene.books.with(list => [...list, honest.sealEntry]).tell([by.alice], [pay(5), pay(10)])
  const since = teller.made(later.close(), SHOP, { since: count })
  teller.truth(
    'honest-since',
    'What came since the statement before.',
    since,
    { ...teller.factsOf(since, { kept }) },
    bringing,
  )
  const again = teller.made(later.close(), SHOP)
  teller.truth(
    'honest-again',
    'All of it once more, for a reader who kept some.',
    again,
    teller.factsOf(again, { kept }),
    bringing,
  )
  teller.lie('since-nothing', 'kept-state', 'What came since, for a reader who kept nothing.', since)
  teller.lie('kept-otherwise-linked', 'head', 'A reader who kept the lines of two batches as one.', since, {
    kept: { ...bringing.kept, links: [kept.links[0]! + kept.links[1]!, ...kept.links.slice(2)] },
  })
  // A settlement of the time before, which the statement before did not have.
  const hidden = scene.books.tell(treasurer, [settle(5, scene.ids.get('asked')!)])
  const without = scene.books.close()
  teller.lie(
    'line-late',
    'line-late',
    'A settlement that stood in the log when a statement said that there was none.',
    teller.made(hidden.close(), SHOP, { since: count }),
    { kept: { ...bringing.kept, size: without.entries.length + 2 } },
  )
}

function openingOf(shop: Shop): Draft {
  return {
    kind: 'open-account',
    accountKind: 'budget',
    unit: R.coins,
    terms: shop.books.leafOf(R.coins),
    nonce: hash('nonce'),
  } as Draft
}
