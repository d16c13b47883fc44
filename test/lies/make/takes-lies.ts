import type { Draft, Signer } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, LATER, type Shop, SOON } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

/** Points that one member takes of another, and lots that are collected, otherwise than their unit lets them. */
export function takesLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const teller = new Teller(corpus, shop)
  const lets: Draft = { kind: 'grant', account: A.bob, to: A.alice, terms: hash('salt and friends'), may: 1 }
  const take = (amount: number, dates = SOON): Draft => {
    return { kind: 'take', debit: A.bob, credit: A.alice, amount, ...dates }
  }
  const collect = (dates = SOON): Draft => ({ kind: 'collect', account: A.bob, ...dates })
  const told = (signers: readonly Signer[], drafts: readonly Draft[], consent: Draft = lets) =>
    books.tell([by.bob], [consent]).tell(signers, drafts).close()

  const honest = told([by.alice, by.bob], [take(10), collect()])
  const size = books.entries.length + 6
  corpus.truth('log/honest-takes', 'Alice takes of Bob’s lot, and Bob collects what is left of it.', {
    ...logFile(shop, honest),
    facts: { size },
  })
  const whole = (account: number, closed = honest) => stated(closed, account, { all: true })
  teller.truth('honest-taken', 'Bob’s statement: a tenth was taken of his lot.', whole(A.bob), teller.trust(A.bob), {
    balance: 270,
  })
  teller.truth('honest-taker', 'Alice’s statement: she took of Bob’s lot.', whole(A.alice), teller.trust(A.alice), {
    balance: 250,
  })

  const ofBob: readonly [name: string, says: string, closed: ReturnType<typeof told>][] = [
    ['more-than-each', 'More than a tenth of Bob’s lot is taken at a time.', told([by.alice], [take(15)])],
    ['again', 'Alice takes of Bob’s lot twice.', told([by.alice], [take(10), take(5)])],
    ['unripe', 'Of a lot that is not ripe.', told([by.alice], [take(5, LATER)])],
    [
      'without-consent',
      'Bob’s consent is that details are shown to somebody, not that Alice takes.',
      told([by.alice], [take(10)], { ...lets, to: 0, may: 0 } as Draft),
    ],
  ]
  for (const [name, says, closed] of ofBob) {
    corpus.lie(`log/taken-${name}`, 'batch-statuses', says, logFile(shop, closed))
    teller.lie(`taken-${name}`, 'line-rule', says, whole(A.bob, closed), teller.trust(A.bob))
  }
  const early = told([by.bob], [collect(LATER)])
  corpus.lie('log/collected-unripe', 'batch-statuses', 'A lot is collected before it is ripe.', logFile(shop, early))
  teller.lie(
    'collected-unripe',
    'line-rule',
    'Bob’s statement: a lot is collected before it is ripe.',
    whole(A.bob, early),
    teller.trust(A.bob),
  )
  const unsigned = told([by.issuer], [take(10)])
  corpus.lie('log/taken-unsigned', 'batch-statuses', 'Alice takes, and did not sign.', logFile(shop, unsigned))
  teller.lie(
    'taken-unsigned',
    'evidence-signature',
    'Alice’s statement: she takes, and did not sign.',
    whole(A.alice, unsigned),
  )
}
