import { DAY_MS } from '../../../src/account/dates.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, QUARTER, redeem, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

const BOB = A.bob
type Reinstate = Extract<Draft, { kind: 'reinstate' }>

/** Expired points that come back: to others, more of them than expired, with other dates, by nobody's leave. */
export function reinstateLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const teller = new Teller(corpus, shop)
  // Bob's 130 expire, a month from the beginning.
  const gone = books.tell([by.operator], [{ kind: 'expire', debit: BOB, credit: A.expired, amount: 130 }], {
    afterMs: 31 * DAY_MS,
  })
  const expired = gone.idAt(gone.entries.length - 1)
  const soon = QUARTER + 96 * 40
  const back = (amount: number, more: Partial<Reinstate> = {}): Draft => {
    return { kind: 'reinstate', debit: A.expired, credit: BOB, amount, original: expired, expires: soon, ...more }
  }
  const told = (from: Books, signers: readonly Signer[], ...drafts: readonly Draft[]) => from.tell(signers, drafts)
  const shown = (from: Books, account: number = BOB) => stated(from.close(), account, { all: true })
  const log = (from: Books) => logFile(shop, from.close())
  const facts = (from: Books) => ({ size: from.close().entries.length })

  const half = told(gone, [by.treasurer], back(100))
  corpus.truth('log/honest-reinstated', 'Of what expired a part comes back, more than a month later.', {
    ...log(half),
    facts: facts(half),
  })
  teller.truth('honest-reinstated', 'Bob’s points expired, and most came back.', shown(half), teller.trust(BOB), {
    balance: 250,
  })
  const again = half.tell([by.operator], [{ kind: 'expire', debit: BOB, credit: A.expired, amount: 100 }], {
    afterMs: 10 * DAY_MS,
  })
  const twice = told(
    again,
    [by.treasurer],
    back(100, { original: again.idAt(again.entries.length - 1), expires: soon + 4 * 1000 }),
    back(30, { expires: soon + 4 * 1000 }),
  )
  const says = 'What came back expires again, and comes back again: in sum more than expired at first.'
  corpus.truth('log/honest-reinstated-again', says, { ...log(twice), facts: facts(twice) })
  teller.truth('honest-reinstated-again', `Bob’s statement. ${says}`, shown(twice), teller.trust(BOB), { balance: 280 })
  teller.truth(
    'honest-reinstated-and-not-placed',
    'Bob’s statement: points come back, and no place of that is shown.',
    stated(half.close(), BOB),
    teller.trust(BOB),
    { balance: 250 },
  )

  const spent = books.idAt(shop.spentAt + 1)
  const lies: readonly (readonly [name: string, code: string, says: string, told: Books, account?: number])[] = [
    ['unsigned', 'evidence-signature', 'Points that an issuer brought back.', told(gone, [by.issuer], back(100))],
    [
      'by-the-operator',
      'evidence-signature',
      'Points that the operator brought back.',
      told(gone, [by.operator], back(100)),
    ],
    ['too-much', 'line-rule', 'More comes back than expired.', told(gone, [by.treasurer], back(135))],
    ['twice', 'line-rule', 'What expired comes back twice.', told(half, [by.treasurer], back(100))],
    [
      'to-another',
      'line-rule',
      'What of Bob expired comes back to Alice.',
      told(gone, [by.treasurer], back(100, { credit: A.alice })),
      A.alice,
    ],
    [
      'of-what-was-spent',
      'line-rule',
      'What Alice spent comes back as if it had expired.',
      told(gone, [by.treasurer], back(100, { credit: A.alice, debit: A.treasury, original: spent })),
      A.alice,
    ],
    ['of-nothing', 'line-rule', 'What never expired comes back.', told(books, [by.treasurer], back(100))],
    [
      'past',
      'line-rule',
      'Points come back, and are past as they come.',
      told(gone, [by.treasurer], back(100, { expires: QUARTER + 96 * 31 })),
    ],
    [
      'off-grain',
      'line-rule',
      'Points come back with a date that no lot of the unit has.',
      told(gone, [by.treasurer], back(100, { expires: soon + 1 })),
    ],
    [
      'off-step',
      'line-rule',
      'Seven points come back, of a unit that goes in fives.',
      told(gone, [by.treasurer], back(7)),
    ],
    [
      'taken-back',
      'line-rule',
      'What came back is taken back again.',
      told(half, [by.treasurer, by.issuer], {
        kind: 'reverse',
        debit: BOB,
        credit: A.expired,
        amount: 100,
        original: half.idAt(half.entries.length - 1),
      }),
    ],
    [
      'as-a-refund',
      'line-rule',
      'What expired is refunded.',
      told(gone, [by.treasurer, by.merchant], {
        kind: 'reverse',
        debit: A.expired,
        credit: BOB,
        amount: 100,
        original: expired,
      }),
    ],
  ]
  for (const [name, code, words, from, account = BOB] of lies) {
    corpus.lie(`log/reinstated-${name}`, 'batch-statuses', words, log(from))
    const trust = teller.trust(account)
    teller.lie(`reinstated-${name}`, code, `The member’s statement: ${words}`, shown(from, account), trust)
  }
  const netted = half.with(list => list)
  const { expired: all, reinstated } = netted.totals[0]!
  netted.totals[0] = { ...netted.totals[0]!, expired: all - reinstated, reinstated: 0n }
  corpus.lie(
    'log/reinstated-in-silence',
    'seal-totals',
    'What came back, says the seal, never expired.',
    logFile(shop, netted.close()),
  )
  const before = told(books, [by.bob], { ...redeem(BOB, 20) })
  const early = told(before, [by.treasurer], back(100, { original: before.idAt(before.entries.length - 1) }))
  corpus.lie('log/reinstated-of-a-purchase', 'batch-statuses', 'What Bob spent comes back with a new date.', log(early))
}
