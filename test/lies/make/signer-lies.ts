import { utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { formatCard, parseCard } from '../../../src/verify/card.ts'
import { type Draft, keyNumber, type Signer } from '../../world.ts'
import type { Books } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, issue, KEYS, R, recoverer, redeem, type Shop, SOON } from './shop.ts'
import { type Stars, starsOf } from './stars.ts'
import { stated } from './statements.ts'
import type { Telling } from './telling.ts'

type Chapter = readonly [signers: readonly Signer[], drafts: readonly Draft[], telling?: Telling]
const told = (from: Books, ...story: readonly Chapter[]): Books =>
  story.reduce((books, [signers, drafts, telling]) => books.tell(signers, drafts, telling), from)

/** For each kind of line, those who may sign it, and those who look as if they might. */
export function signerLies(corpus: Corpus, shop: Shop): void {
  const stars = starsOf(shop)
  byThoseWhoMay(corpus, shop, stars)
  byOthers(corpus, shop, stars)
  withinOneBatch(corpus, shop, stars)
}

function shownOf({ policy, cards }: Shop, from: Books, account: number, card = cards[account]) {
  return {
    verifier: 'statement',
    trust: { policy, ...(card === undefined ? {} : { card }) },
    shown: shownBytes(stated(from.close(), account, { all: true })),
  }
}

const dated = (debit: number, credit: number, kind: 'transfer' | 'take', amount = 20): Draft => {
  return { kind, debit, credit, amount, ...SOON }
}
const converted = ({ rate, treasury }: Stars, debit: number, account: number, more: object = {}): Draft => ({
  ...{ kind: 'convert', debit, credit: treasury, amount: 20, rate, budget: A.budget, account, gained: 10 },
  ...more,
})
const consent = (account: number): Draft => ({ kind: 'grant', account, to: R.merchant, terms: hash('salt and terms') })

/** Whatever a line is, it holds under each who may sign it; and so does the log. */
function byThoseWhoMay(corpus: Corpus, shop: Shop, stars: Stars): void {
  const { ward, olga, paul, olgasCoins, owner, treasury } = stars
  const truth = (name: string, says: string, account: number, facts: object, books: Books) => {
    corpus.truth(`statement/honest-${name}`, says, { ...shownOf(shop, books, account), facts: { ...facts } })
  }
  const all = (name: string, says: string, balances: Readonly<Record<number, number>>, ...story: Chapter[]) => {
    const books = told(stars.books, ...story)
    corpus.truth(`log/honest-${name}`, says, logFile(shop, books.close()))
    for (const [account, balance] of Object.entries(balances))
      truth(`${name}-of-${account}`, `${says.slice(0, -1)}: account ${account}.`, Number(account), { balance }, books)
  }
  all(
    'custodian-does-all',
    'A custodian gives, takes, collects and converts, in a unit that lets custodians do so.',
    { [ward]: 180, [paul]: 200, [A.carol]: 50 },
    [[by.custodian], [dated(ward, paul, 'transfer')]],
    [[by.custodian], [dated(paul, ward, 'take')]],
    [[by.custodian], [converted(stars, ward, A.carol)]],
    [[by.custodian], [{ kind: 'collect', account: ward, ...SOON }]],
  )
  all(
    'owner-converts',
    'An owner converts stars into coins of an account of hers.',
    { [olga]: 180, [olgasCoins]: 10 },
    [[owner], [converted(stars, olga, olgasCoins)]],
  )
  const grant = consent(ward)
  const granted = told(stars.books, [[by.custodian], [grant]])
  const id = granted.idAt(granted.entries.length - 1)
  all(
    'custodian-consents',
    'A custodian consents, and withdraws the consent.',
    { [ward]: 200 },
    [[by.custodian], [grant]],
    [[by.custodian], [{ kind: 'withdraw', account: ward, grant: id }]],
  )
  all(
    'owner-beside-custodian',
    'An owner spends, and so does the custodian beside her.',
    { [olga]: 170 },
    [[owner], [{ kind: 'redeem', debit: olga, credit: treasury, amount: 10 }]],
    [[by.custodian], [{ kind: 'redeem', debit: olga, credit: treasury, amount: 20 }]],
  )
  const emptied: Chapter = [[by.custodian], [{ kind: 'redeem', debit: ward, credit: treasury, amount: 200 }]]
  all(
    'registrar-closes',
    'A registrar closes an account without points, and opens it again.',
    { [ward]: 0 },
    emptied,
    [[by.registrar], [{ kind: 'close', account: ward }]],
    [[by.registrar], [{ kind: 'reopen', account: ward }]],
  )
}

/** Each kind of line, by someone who may do something of the kind, and not that. */
function byOthers(corpus: Corpus, shop: Shop, stars: Stars): void {
  const { ward, olga, paul, owner, treasury, unit, books, olgasCoins } = stars
  const { holdAt, grantAt, issuedAt } = shop
  const lie = (name: string, says: string, account: number, ...story: Chapter[]) =>
    corpus.lie(`statement/${name}`, 'evidence-signature', says, shownOf(shop, told(books, ...story), account))
  const stranger = keyNumber(77)
  const pauls: Signer = { account: paul, key: KEYS.bob }

  lie('opened-by-a-treasurer', 'A member’s account that a treasurer opened.', books.accounts.length, [
    [by.treasurer],
    [
      {
        ...{ kind: 'open-account', accountKind: 'member', unit, terms: books.leafOf(unit) },
        ...{ owner: stranger.publicKey, nonce: hash('opened by a treasurer') },
      },
    ],
  ])
  for (const [name, says, account, signer, draft] of [
    ['given', 'Stars given away', ward, by.otherCustodian, dated(ward, paul, 'transfer')],
    ['given-by-who-gets', 'Stars given away by the one whom they reach', ward, pauls, dated(ward, paul, 'transfer')],
    ['taken', 'Stars taken for an account', ward, by.otherCustodian, dated(paul, ward, 'take')],
    [
      'taken-by-who-gives',
      'Stars taken for an account by the one who has them',
      ward,
      pauls,
      dated(paul, ward, 'take'),
    ],
    ['collected', 'A lot collected', ward, by.otherCustodian, { kind: 'collect', account: ward, ...SOON }],
    [
      'collected-by-operator',
      'A lot collected by an operator',
      ward,
      by.operator,
      { kind: 'collect', account: ward, ...SOON },
    ],
    ['converted', 'Stars converted', ward, by.otherCustodian, converted(stars, ward, A.carol)],
    [
      'converted-by-an-issuer',
      'Stars converted by an issuer of what is gained',
      ward,
      by.issuer,
      converted(stars, ward, A.carol),
    ],
    ['consented', 'A consent', ward, by.otherCustodian, consent(ward)],
    [
      'erased-by-a-registrar',
      'Details erased by a registrar',
      olga,
      by.registrar,
      { kind: 'erase', account: olga, details: hash('details') },
    ],
    [
      'erased-by-the-owner',
      'Details erased by the owner',
      olga,
      owner,
      { kind: 'erase', account: olga, details: hash('details') },
    ],
    ['frozen-by-the-owner', 'An account frozen by its owner', olga, owner, { kind: 'freeze', account: olga }],
    [
      'recovered-by-the-owner',
      'A recovery begun by the owner',
      A.alice,
      by.alice,
      { kind: 'recover', account: A.alice, key: stranger.publicKey },
    ],
    [
      'withdrawn-by-whom-it-is-given-to',
      'A consent withdrawn by the one who has it',
      A.bob,
      by.custodian,
      { kind: 'withdraw', account: A.bob, grant: books.idAt(grantAt) },
    ],
    [
      'shown-by-a-registrar',
      'Details shown by a registrar',
      A.bob,
      by.registrar,
      { kind: 'disclose', account: A.bob, grant: books.idAt(grantAt), details: hash('details') },
    ],
    [
      'captured-by-an-operator',
      'A hold captured by an operator',
      A.bob,
      by.operator,
      { kind: 'capture', debit: A.bob, credit: A.merchant, amount: 20, hold: books.idAt(holdAt) },
    ],
    [
      'captured-by-its-owner',
      'A hold captured by the one who made it',
      A.bob,
      by.bob,
      { kind: 'capture', debit: A.bob, credit: A.merchant, amount: 20, hold: books.idAt(holdAt) },
    ],
    [
      'released-by-its-owner',
      'A hold given back by the one who made it',
      A.bob,
      by.bob,
      { kind: 'release', account: A.bob, hold: books.idAt(holdAt) },
    ],
    [
      'released-by-an-issuer',
      'A hold given back by an issuer',
      A.bob,
      by.issuer,
      { kind: 'release', account: A.bob, hold: books.idAt(holdAt) },
    ],
    [
      'taken-back-by-a-merchant',
      'Points taken back by a merchant that an issuer gave',
      A.alice,
      by.merchant,
      { kind: 'reverse', debit: A.alice, credit: A.budget, amount: 20, original: books.idAt(issuedAt) },
    ],
    [
      'taken-back-by-the-owner',
      'Points given back by the one who has them',
      A.alice,
      by.alice,
      { kind: 'reverse', debit: A.alice, credit: A.budget, amount: 20, original: books.idAt(issuedAt) },
    ],
    [
      'refunded-by-an-issuer',
      'A purchase refunded by an issuer',
      A.alice,
      by.issuer,
      { kind: 'reverse', debit: A.treasury, credit: A.alice, amount: 20, original: books.idAt(shop.spentAt + 1) },
    ],
    [
      'held-by-a-merchant',
      'A hold made by the shop that it is for',
      A.alice,
      by.merchant,
      { kind: 'hold', debit: A.alice, credit: A.merchant, amount: 20, until: books.timeMs + 3_600_000 },
    ],
    [
      'spent-at-the-merchants-word',
      'A purchase that the shop signed',
      A.alice,
      by.merchant,
      { ...redeem(A.alice, 20), credit: A.merchant } as Draft,
    ],
    ['issued-by-whom-it-is-for', 'Points that the member issued', A.alice, by.alice, issue(A.alice, 20)],
  ] as readonly (readonly [string, string, number, Signer, Draft])[])
    lie(`by-others-${name}`, `${says}, and nobody signed who may.`, account, [[signer], [draft]])
  const due = 31 * 86_400_000
  lie('by-others-expired', 'Points written off by an issuer, and nobody signed who may.', A.bob, [
    [by.issuer],
    [{ kind: 'expire', debit: A.bob, credit: A.expired, amount: 130 }],
    { afterMs: due },
  ])
  lie(
    'by-others-unfrozen',
    'An account unfrozen by its owner, and nobody signed who may.',
    olga,
    [[by.registrar], [{ kind: 'freeze', account: olga }]],
    [[owner], [{ kind: 'unfreeze', account: olga }]],
  )
  lie(
    'by-others-reopened',
    'A closed account opened again by its custodian, and nobody signed who may.',
    ward,
    [
      [by.custodian, by.registrar].sort((a, b) => a.record - b.record),
      [
        { kind: 'redeem', debit: ward, credit: treasury, amount: 200 },
        { kind: 'close', account: ward },
      ],
    ],
    [[by.custodian], [{ kind: 'reopen', account: ward }]],
  )
  lie(
    'by-others-closed',
    'An account closed by its custodian, and nobody signed who may.',
    ward,
    [[by.custodian], [{ kind: 'redeem', debit: ward, credit: treasury, amount: 200 }]],
    [[by.custodian], [{ kind: 'close', account: ward }]],
  )
  const recovering: Chapter = [
    [recoverer(A.alice, 0), recoverer(A.alice, 1)],
    [{ kind: 'recover', account: A.alice, key: stranger.publicKey }],
  ]
  lie(
    'by-others-vetoed',
    'A recovery vetoed by the keys that began it, and nobody signed who may.',
    A.alice,
    recovering,
    [[recoverer(A.alice, 0), recoverer(A.alice, 1)], [{ kind: 'veto', account: A.alice }]],
  )
  lie(
    'by-others-finished',
    'A recovery finished by the key that it puts in, and nobody signed who may.',
    A.alice,
    recovering,
    [[{ account: A.alice, key: stranger }], [{ kind: 'finish-recovery', account: A.alice }], { afterMs: 86_400_000 }],
  )
  lie('by-others-recovered', 'A recovery by the keys of another account, and nobody signed who may.', A.alice, [
    [recoverer(A.bob, 0), recoverer(A.bob, 1)],
    recovering[1],
  ])
  corpus.lie(
    'statement/converted-in-halves',
    'line-rule',
    'What is gained is no multiple of the step.',
    shownOf(shop, told(books, [[owner], [converted(stars, olga, olgasCoins, { amount: 25, gained: 12 })]]), olgasCoins),
  )
  for (const [name, says, account, more] of [
    ['into-itself', 'Stars converted into the account that they leave.', olga, { account: olga }],
    ['into-its-budget', 'Stars converted from the account that gains.', olgasCoins, { budget: olgasCoins }],
  ] as const)
    corpus.lie(
      `statement/converted-${name}`,
      'line-rule',
      says,
      shownOf(shop, told(books, [[owner], [converted(stars, olga, olgasCoins, more)]]), account),
    )
}

/** What an owner’s signature counts for where the batch that it stands under puts another owner in. */
function withinOneBatch(corpus: Corpus, shop: Shop, stars: Stars): void {
  const { olga, owner, treasury, books } = stars
  const lie = (name: string, code: string, says: string, from: Books, account: number, card?: string) =>
    corpus.lie(`statement/${name}`, code, says, shownOf(shop, from, account, card))
  const fresh = keyNumber(77)
  const put = (account: number, key: Uint8Array, custodian: number | null = null): Draft => ({
    ...{ kind: 'set-custody', account, owner: key },
    custodian: custodian === null ? null : { record: custodian, leaf: books.leafOf(custodian) },
  })
  const spend: Draft = { kind: 'redeem', debit: olga, credit: treasury, amount: 10 }
  const handed: Chapter = [
    [by.custodian, owner],
    [put(olga, fresh.publicKey, R.custodian), spend],
  ]
  corpus.truth(
    'statement/honest-handed-on',
    'An owner puts another key in, and in the same batch her custodian spends; behind it the new key does.',
    {
      ...shownOf(shop, told(books, handed, [[{ account: olga, key: fresh }], [spend]]), olga),
      facts: { balance: 180, custodian: [{ record: R.custodian, from: 0 }] },
    },
  )
  corpus.truth('log/honest-handed-on', 'An owner puts another key in, and in the same batch her custodian spends.', {
    ...logFile(shop, told(books, handed).close()),
  })
  lie(
    'spent-behind-her-key',
    'evidence-signature',
    'In one batch an owner puts another key in, and spends under her old one.',
    told(books, [[owner], [put(olga, fresh.publicKey), spend]]),
    olga,
  )
  lie(
    'spent-by-the-key-to-come',
    'evidence-signature',
    'In one batch a recovery puts another key in, and that spends: it was not the owner’s when the batch came.',
    told(
      books,
      [[recoverer(A.alice, 0), recoverer(A.alice, 1)], [{ kind: 'recover', account: A.alice, key: fresh.publicKey }]],
      [
        [{ account: A.alice, key: fresh }, recoverer(A.alice, 0), recoverer(A.alice, 1)],
        [{ kind: 'finish-recovery', account: A.alice }, redeem(A.alice, 20)],
        { afterMs: 86_400_000 },
      ],
    ),
    A.alice,
    renewed(shop.cards[A.alice]!, fresh.publicKey),
  )
  const terms = { keys: KEYS.recovery.map(({ publicKey }) => publicKey), need: 2, delayMs: 0 }
  lie(
    'recovered-by-keys-to-come',
    'evidence-signature',
    'In one batch an owner names recovery keys, and they begin a recovery: they were none when the batch came.',
    told(books, [
      [owner, recoverer(olga, 0), recoverer(olga, 1)],
      [
        { kind: 'set-custody', account: olga, owner: owner.key.publicKey, custodian: null, recovery: terms },
        { kind: 'recover', account: olga, key: fresh.publicKey },
      ],
    ]),
    olga,
  )
  lie(
    'owner-for-a-while',
    'wrong-owner',
    'A stranger’s key was Alice’s for a while, and then hers was again.',
    told(
      books,
      [[by.alice], [put(A.alice, fresh.publicKey)]],
      [[{ account: A.alice, key: fresh }], [put(A.alice, KEYS.alice.publicKey)]],
    ),
    A.alice,
  )
}

/** A card on which another key stands behind those that are there. */
function renewed(card: string, key: Uint8Array): string {
  const { owners, ...rest } = parseCard(utf8Encode(card))
  return utf8Decode(formatCard({ ...rest, owners: [...owners, key] }))
}
