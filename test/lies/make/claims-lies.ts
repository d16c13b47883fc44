import { concatBytes } from '../../../src/core/bytes.ts'
import { CLAIMED_BEFORE } from '../../../src/core/entry/outcome.ts'
import { SERIES_DEPTH } from '../../../src/core/limits.ts'
import { listPath, listRootOfHashes } from '../../../src/core/tree/ssz.ts'
import type { StatementSeries } from '../../../src/verify/statement.ts'
import type { Draft, Signer } from '../../world.ts'
import { Accuser } from './accuser.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, R, type Shop } from './shop.ts'
import { changed, stated } from './statements.ts'
import { Teller } from './teller.ts'
import type { Telling } from './telling.ts'

/** The accounts behind the shop's: a series, and another. */
const [TREES, COUPONS] = [11, 12]
const thing = (name: string): Uint8Array => hash(name).subarray(0, 16)
type Claim = Extract<Draft, { kind: 'claim' }>
const claim = (debit: number, ref: Uint8Array | null, more: Partial<Claim> = {}): Draft => {
  return { kind: 'claim', debit, credit: A.merchant, amount: 30, series: TREES, ref, ...more }
}
const OAK = thing('oak 17')

/** What exists once, and is claimed otherwise than once; serials that are none. */
export function claimsLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const accuser = new Accuser(corpus, shop)
  const series = (n: number): Draft => ({
    kind: 'open-account',
    accountKind: 'series',
    unit: R.coins,
    terms: shop.books.leafOf(R.coins),
    sponsor: A.merchant,
    nonce: hash(`series ${n}`),
  })
  const begun = shop.books.tell([by.treasurer, by.merchant], [series(1), series(2)])
  const told = (books: Books, signers: readonly Signer[], drafts: readonly Draft[], telling?: Telling) =>
    books.tell(signers, drafts, telling)
  const bobs = told(begun, [by.merchant, by.bob], [claim(A.bob, OAK), claim(A.bob, null)])
  const alices = told(
    bobs,
    [by.merchant, by.alice],
    [claim(A.alice, thing('oak 18')), claim(A.alice, OAK, { series: COUPONS })],
  )
  const honest = alices.close()
  const first = begun.entries.length
  corpus.truth('log/honest-claims', 'Bob and Alice claim things of two series.', {
    ...logFile(shop, honest),
    facts: { size: honest.entries.length, accounts: 13 },
  })
  const whole = (account: number, closed = honest) => stated(closed, account, { all: true })
  teller.truth('honest-claims', 'Alice claims two things, each of a series.', whole(A.alice), teller.trust(A.alice), {
    balance: 180,
  })

  const given = told(
    bobs,
    [by.merchant],
    [{ kind: 'reverse', debit: A.merchant, credit: A.bob, amount: 30, original: bobs.idAt(first + 1) }],
  )
  const again = told(given, [by.merchant, by.alice], [claim(A.alice, OAK, { round: 1 })])
  const twin = again.close()
  const says = 'A thing is claimed, given back as a whole, and claimed again.'
  corpus.truth('log/honest-twin-claim-twice', says, { ...logFile(shop, twin), facts: { size: twin.entries.length } })
  const second = given.entries.length
  const shown = (closed: typeof honest, ...at: number[]) => accuser.shown(closed, ...at)
  accuser.lie(
    'twin-claim-twice',
    'needs-replay',
    `Called claim-twice: ${says}`,
    'claim-twice',
    shown(twin, first, first + 1, second, second + 1),
  )
  accuser.lie(
    'claimed-in-two-series',
    'needs-replay',
    'One reference is claimed in two series.',
    'claim-twice',
    shown(honest, first, first + 1, bobs.entries.length, bobs.entries.length + 2),
  )
  accuser.lie(
    'claimed-without-a-name',
    'needs-replay',
    'Two claims of a series, of no reference.',
    'claim-twice',
    shown(
      told(bobs, [by.merchant, by.alice], [claim(A.alice, null)]).close(),
      ...[first, first + 2, bobs.entries.length, bobs.entries.length + 1],
    ),
  )

  const twice = told(bobs, [by.merchant, by.alice], [claim(A.alice, OAK)])
  const at = [first, first + 1, bobs.entries.length, bobs.entries.length + 1]
  accuser.truth('honest-claim-twice', 'claim-twice', 'One tree is sold twice.', shown(twice.close(), ...at))
  const within = told(begun, [by.merchant, by.alice], [claim(A.alice, OAK), claim(A.alice, OAK, { amount: 5 })]).close()
  accuser.truth(
    'honest-claim-twice-in-one-batch',
    'claim-twice',
    'One tree is sold twice in one batch.',
    shown(within, first, first + 1, first + 2),
  )
  const refused = told(bobs, [by.merchant, by.alice], [claim(A.alice, OAK)], {
    batch: () => ({ statuses: Uint8Array.of(CLAIMED_BEFORE) }),
  })
  accuser.lie(
    'claimed-and-refused',
    'needs-replay',
    'The second claim was refused.',
    'claim-twice',
    shown(refused.close(), ...at),
  )
  accuser.lie(
    'claimed-behind-no-batch',
    'needs-replay',
    'Two claims, of which one is shown without its batch.',
    'claim-twice',
    shown(twice.close(), at[0]!, at[1]!, at[3]!),
  )

  const ofLogs: readonly (readonly [name: string, says: string, books: Books])[] = [
    ['twice', 'One tree is sold twice.', twice],
    ['again-in-part', 'It is claimed again, and was given back in part.', inPart()],
    [
      'of-no-series',
      'What is claimed is of no series.',
      told(begun, [by.merchant, by.alice], [claim(A.alice, OAK, { series: A.merchant })]),
    ],
    ['unsigned', 'A claim that Alice did not sign.', told(begun, [by.merchant], [claim(A.alice, OAK)])],
    [
      'without-the-seller',
      'A tree that has a name is claimed without the shop, at what Alice wants to pay.',
      told(begun, [by.alice], [claim(A.alice, OAK)]),
    ],
    [
      'from-another',
      'A tree of the shop’s series is paid to the treasury.',
      told(begun, [by.merchant, by.alice], [claim(A.alice, OAK, { credit: A.treasury })]),
    ],
    [
      'of-a-series-without-its-sponsor',
      'A series is opened in the name of a shop that did not sign.',
      shop.books.tell([by.treasurer], [series(1)]),
    ],
  ]
  for (const [name, words, books] of ofLogs)
    corpus.lie(`log/claimed-${name}`, 'batch-statuses', words, logFile(shop, books.close()))
  const unlisted = alices.close({ accounts: { [TREES]: { more: new Uint8Array(32) } } })
  corpus.lie('log/claims-left-out', 'seal-state', 'The seal has no claim of a series.', logFile(shop, unlisted))

  function inPart(): Books {
    const some: Draft = {
      kind: 'reverse',
      debit: A.merchant,
      credit: A.bob,
      amount: 25,
      original: bobs.idAt(first + 1),
    }
    return told(told(bobs, [by.merchant], [some]), [by.merchant, by.alice], [claim(A.alice, OAK, { round: 1 })])
  }

  teller.lie(
    'claimed-without-the-seller',
    'evidence-signature',
    'Alice’s statement: a tree that has a name is claimed, and the shop did not sign.',
    whole(A.alice, told(begun, [by.alice], [claim(A.alice, OAK)]).close()),
  )
  teller.lie(
    'claimed-without-the-buyer',
    'evidence-signature',
    'Alice’s statement: the shop claims a tree that has a name, and Alice did not sign.',
    whole(A.alice, told(begun, [by.merchant], [claim(A.alice, OAK)]).close()),
  )
  teller.lie(
    'claimed-from-another-shop',
    'evidence-signature',
    'Alice’s statement: a tree is paid to a shop that did not sign, and another shop did.',
    whole(A.alice, told(begun, [by.merchant, by.alice], [claim(A.alice, OAK, { credit: A.otherMerchant })]).close()),
  )
  const hers = whole(A.alice)
  const lie = (
    name: string,
    words: string,
    change: (series: readonly StatementSeries[]) => readonly StatementSeries[],
  ) =>
    teller.lie(
      `serial-${name}`,
      'series-proof',
      `Alice’s statement: ${words}`,
      changed(hers, ({ series }) => ({ series: change(series) })),
    )
  const ofFirst = (change: (one: StatementSeries) => Partial<StatementSeries>) => (list: readonly StatementSeries[]) =>
    list.map((one, i) => (i === 0 ? { ...one, ...change(one) } : one))
  lie('left-out', 'a claim without its serial.', list => list.slice(0, 1))
  lie(
    'of-another',
    'her tree has the number of Bob’s.',
    ofFirst(({ serials }) => ({ serials: serials.map(one => ({ ...one, serial: 0 })) })),
  )
  lie(
    'beyond',
    'a number that the series does not have.',
    ofFirst(({ serials }) => ({ serials: serials.map(one => ({ ...one, serial: 3 })) })),
  )
  lie(
    'path-short',
    'a path that is too short.',
    ofFirst(({ serials }) => ({ serials: serials.map(one => ({ ...one, path: one.path.slice(1) })) })),
  )
  lie(
    'of-another-line',
    'the serial of a line that is no claim.',
    ofFirst(({ serials }) => ({ serials: serials.map(one => ({ ...one, line: 1 })) })),
  )
  lie(
    'twice',
    'one serial twice.',
    ofFirst(({ serials }) => ({ serials: [...serials, ...serials] })),
  )
  lie('of-another-series', 'a claim under another series.', ([trees, coupons]) => [
    { ...trees!, serials: [] },
    { ...coupons!, serials: [...trees!.serials, ...coupons!.serials] },
  ])
  lie('series-out-of-order', 'the series go back.', list => list.toReversed())
  lie('series-twice', 'a series twice.', ([trees, coupons]) => [trees!, { ...trees!, serials: [] }, coupons!])
  lie(
    'series-of-another-seal',
    'a state of the series that the seal does not have.',
    ofFirst(({ account }) => ({ account: { ...account, entries: account.entries + 1 } })),
  )
  const leaves = alices.claimLeaves(TREES)
  const hersAlone = leaves.slice(-32)
  lie(
    'of-a-series-made-up',
    'a series in which her tree is the first, and which the seal does not have.',
    ofFirst(({ account, serials }) => ({
      account: { ...account, entries: 2, more: listRootOfHashes(hersAlone, SERIES_DEPTH) },
      serials: serials.map(one => ({ ...one, serial: 0, path: listPath(hersAlone, 0) })),
    })),
  )
  const both = concatBytes(alices.claimLeaves(COUPONS), hersAlone)
  const more = listRootOfHashes(both, SERIES_DEPTH)
  const moved = whole(A.alice, alices.close({ accounts: { [COUPONS]: { entries: 3, more } } }))
  teller.lie(
    'serial-sealed-in-another-series',
    'series-proof',
    'Alice’s statement: a claim under another series, to which the seal commits.',
    changed(moved, ({ series: [trees, coupons] }) => {
      const serials = [...coupons!.serials, ...trees!.serials]
      const there = serials.map((one, serial) => ({ ...one, serial, path: listPath(both, serial) }))
      return {
        series: [
          { ...trees!, serials: [] },
          { ...coupons!, serials: there },
        ],
      }
    }),
  )
  const merchant: StatementSeries = {
    account: { number: A.merchant, ...honest.accounts[A.merchant]! },
    path: honest.accountPath(A.merchant),
    serials: [],
  }
  lie('of-no-series', 'an account that is no series.', list => [merchant, ...list])
}
