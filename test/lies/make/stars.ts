import { type Draft, keyNumber, type Signer } from '../../world.ts'
import type { Books } from './books.ts'
import { A, by, hash, issue, KEYS, R, type Shop, SOON } from './shop.ts'

/** A custodian that the registrar of the stars’ members names, beside those of the shop. */
const OLGA = keyNumber(91)

/** A unit of the shop in which custodians may do all that they may do anywhere, and members in it. */
export interface Stars {
  readonly books: Books
  /** Records. */
  readonly unit: number
  readonly rate: number
  /** Accounts: of the unit, of a member in custody, of one with a key besides, of one with a key alone. */
  readonly treasury: number
  readonly budget: number
  readonly expired: number
  readonly ward: number
  readonly olga: number
  readonly paul: number
  /** Coins of an owner of stars, and of the ward’s custodian. */
  readonly olgasCoins: number
  readonly owner: Signer
}

/** The shop’s ledger with stars: each member has 200, of which 100 can be spent at once, and 100 expire in a month. */
export function starsOf({ books: shop }: Shop): Stars {
  const [unit, rate] = [shop.records.length, shop.records.length + 1]
  const [treasury, budget, expired, ward, olga, paul, olgasCoins] = Array.from(
    { length: 7 },
    (_, i) => shop.accounts.length + i,
  ) as [number, number, number, number, number, number, number]
  const named = { record: R.custodian, leaf: shop.leafOf(R.custodian) }
  const defined = shop.tell(
    [by.root],
    [
      {
        kind: 'define-unit',
        name: 'stars',
        cap: 100_000,
        step: 5,
        giftEach: 100,
        giftDay: 200,
        debtMax: 20,
        custody: 15,
        windowMs: 7 * 86_400_000,
        take: { each: 50, most: 50, keep: 20, day: 100, open: 1 },
        collect: 0,
      },
    ],
  )
  const opened = (accountKind: 'treasury' | 'budget' | 'expired'): Draft => {
    return {
      kind: 'open-account',
      accountKind,
      unit,
      terms: defined.leafOf(unit),
      nonce: hash(`${accountKind} of stars`),
    }
  }
  const member = (name: string, owner: Uint8Array | null, custodian: typeof named | null, of = unit): Draft => ({
    ...{ kind: 'open-account', accountKind: 'member', unit: of, terms: defined.leafOf(of), owner, custodian },
    ...{ nonce: hash(`the nonce of ${name}`) },
  })
  const given = (credit: number): Draft[] => [
    { ...issue(credit, 100), debit: budget } as Draft,
    { ...issue(credit, 100, SOON), debit: budget } as Draft,
  ]
  const books = defined
    .tell([by.root], [{ kind: 'publish-rate', name: 'stars-to-coins', unit, budget: A.budget, give: 10, get: 5 }])
    .tell([by.treasurer], [opened('treasury'), opened('budget'), opened('expired')])
    .tell([by.treasurer], [{ kind: 'fund', debit: treasury, credit: budget, amount: 10_000 }])
    .tell(
      [by.registrar],
      [
        member('a ward', null, named),
        member('Olga', OLGA.publicKey, named),
        member('Paul', KEYS.bob.publicKey, null),
        member('Olga’s coins', OLGA.publicKey, null, R.coins),
      ],
    )
    .tell(
      [by.root],
      [
        {
          ...{ kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [budget] },
        } as Draft,
      ],
    )
  const issuer: Signer = { record: books.records.length - 1, key: KEYS.stranger }
  return {
    books: books.tell([issuer], [ward, olga, paul].flatMap(given)),
    ...{ unit, rate, treasury, budget, expired, ward, olga, paul, olgasCoins },
    owner: { account: olga, key: OLGA },
  }
}
