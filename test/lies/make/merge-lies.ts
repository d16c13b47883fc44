import { DAY_MS } from '../../../src/account/dates.ts'
import { wholeOf } from '../../../src/account/merges.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, issue, LATER, redeem, type Shop, SOON } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

type Merge = Extract<Draft, { kind: 'merge' }>
type Part = Merge['parts'][number]
const merge = (debit: number, credit: number, ...parts: readonly Part[]): Draft => {
  return { kind: 'merge', debit, credit, amount: parts.reduce((sum, { amount }) => sum + amount, 0), parts }
}
const none = (amount: number): Part => ({ matures: 0, expires: 0, amount })
const ALICE = A.alice
const BOB = A.bob

/** Two accounts that become one: in part, unsigned, with what is held, into nothing; and what is not undone so. */
export function mergeLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const teller = new Teller(corpus, shop)
  const told = (from: Books, signers: readonly Signer[], ...drafts: readonly Draft[]) => from.tell(signers, drafts)
  const shown = (from: Books, account: number) => stated(from.close(), account, { all: true })
  const log = (from: Books) => logFile(shop, from.close())
  const EITHER = [by.registrar, by.alice, by.bob]
  const soon = { ...SOON, amount: 20 }
  const alices = [soon, none(220)]
  // Bob has the rest of his hold besides, which is nobody's to move.
  const merged = told(books, EITHER, merge(ALICE, BOB, ...alices))
  const mergedId = merged.idAt(merged.entries.length - 1)
  const undo = (amount: number): Draft => ({ kind: 'reverse', debit: BOB, credit: ALICE, amount, original: mergedId })
  const undone = told(merged, EITHER, undo(240))
  const facts = (from: Books) => ({ size: from.close().entries.length })

  corpus.truth('log/honest-merged', 'Alice’s account is merged into Bob’s: they are one person.', {
    ...log(merged),
    facts: facts(merged),
  })
  corpus.truth('log/honest-merged-and-undone', 'It was not: the points go back, and her account is open again.', {
    ...log(told(undone, [by.alice], redeem(ALICE, 20))),
    facts: facts(told(undone, [by.alice], redeem(ALICE, 20))),
  })
  const says = 'Her account is empty: all went into another one of hers.'
  teller.truth('honest-merged-from', `Alice’s statement: ${says}`, shown(merged, ALICE), teller.trust(ALICE), {
    balance: 0,
  })
  teller.truth(
    'honest-merged-into',
    'Bob’s statement: what he had elsewhere came.',
    shown(merged, BOB),
    teller.trust(BOB),
    {
      balance: 520,
    },
  )
  teller.truth(
    'honest-merged-into-not-placed',
    'Bob’s statement: what he had elsewhere came, and no place of that is shown.',
    stated(merged.close(), BOB),
    teller.trust(BOB),
    { balance: 520 },
  )
  for (const [name, account, balance] of [
    ['from', ALICE, 240],
    ['into', BOB, 280],
  ] as const)
    teller.truth(
      `honest-undone-${name}`,
      'The merge is undone, and all is as before.',
      stated(undone.close(), account),
      teller.trust(account),
      { balance },
    )
  const refunded = told(merged, [by.merchant], {
    kind: 'reverse',
    debit: A.treasury,
    credit: ALICE,
    amount: 20,
    original: books.idAt(shop.spentAt + 1),
  })
  teller.truth(
    'honest-merged-and-refunded',
    'Alice’s statement: what she bought before her account was merged comes back there.',
    shown(refunded, ALICE),
    teller.trust(ALICE),
    { balance: 20 },
  )
  const on = told(refunded, EITHER, merge(ALICE, BOB, none(20)))
  corpus.truth('log/honest-merged-on', 'A refund comes to an account that was merged, and goes where the rest went.', {
    ...log(on),
    facts: facts(on),
  })

  const carols = books.chains.get(A.carol)!.history.member
  const cared = told(
    books,
    [by.registrar, by.custodian, by.alice],
    merge(A.carol, ALICE, ...wholeOf(carols.holdings, carols.balance)),
  )
  teller.truth(
    'honest-merged-by-a-custodian',
    'Carol’s statement: her custodian merges her account, as she has no key.',
    shown(cared, A.carol),
    teller.trust(A.carol),
    { balance: 0 },
  )

  const left = [{ ...LATER, amount: 100 }]
  const bobs = (more: Part[] = []) => merge(BOB, ALICE, ...[{ ...SOON, amount: 130 }, ...left, ...more])
  const held: readonly [string, string, string, Books, number][] = [
    [
      'without-a-registrar',
      'evidence-signature',
      'A merge that no registrar signed.',
      told(books, [by.alice, by.bob], merge(ALICE, BOB, ...alices)),
      ALICE,
    ],
    [
      'without-her',
      'evidence-signature',
      'A merge that Alice did not sign.',
      told(books, [by.registrar, by.bob], merge(ALICE, BOB, ...alices)),
      ALICE,
    ],
    [
      'into-nobody-asked',
      'evidence-signature',
      'A merge into the account of Bob, who did not sign.',
      told(books, [by.registrar, by.alice], merge(ALICE, BOB, ...alices)),
      BOB,
    ],
    [
      'in-part',
      'line-rule',
      'A merge of some of her points.',
      told(books, EITHER, merge(ALICE, BOB, soon, none(200))),
      ALICE,
    ],
    [
      'with-more',
      'line-rule',
      'A merge of more than she has.',
      told(books, EITHER, merge(ALICE, BOB, soon, none(240))),
      ALICE,
    ],
    [
      'with-other-dates',
      'line-rule',
      'A merge that gives points that never expire a date.',
      told(books, EITHER, merge(ALICE, BOB, soon, { ...LATER, amount: 220 })),
      ALICE,
    ],
    [
      'past',
      'line-rule',
      'A merge of points that are past.',
      books.tell(EITHER, [merge(ALICE, BOB, ...alices)], { afterMs: 31 * DAY_MS }),
      ALICE,
    ],
    ['with-a-hold', 'line-rule', 'A merge of an account with a hold.', told(books, EITHER, bobs()), BOB],
    [
      'and-given-to',
      'line-rule',
      'Points are given to an account that was merged.',
      told(merged, [by.issuer], issue(ALICE, 20)),
      ALICE,
    ],
    [
      'and-opened',
      'line-rule',
      'An account that was merged is opened as if it had been closed.',
      told(merged, [by.registrar], { kind: 'reopen', account: ALICE }),
      ALICE,
    ],
    [
      'undone-without-a-registrar',
      'evidence-signature',
      'A merge is undone, and no registrar signed that.',
      told(merged, [by.alice, by.bob], undo(240)),
      BOB,
    ],
    [
      'undone-without-him',
      'evidence-signature',
      'A merge is undone, and Bob did not sign that.',
      told(merged, [by.registrar, by.alice], undo(240)),
      BOB,
    ],
    ['undone-too-much', 'line-rule', 'More goes back than came by the merge.', told(merged, EITHER, undo(245)), BOB],
    ['undone-twice', 'line-rule', 'A merge is undone twice.', told(undone, EITHER, undo(20)), BOB],
    [
      'undone-late',
      'line-rule',
      'A merge is undone when the window is over.',
      merged.tell(EITHER, [undo(240)], { afterMs: 8 * DAY_MS }),
      BOB,
    ],
    [
      'undone-of-what-was-spent',
      'line-rule',
      'A merge is undone, and of the points some were spent.',
      told(told(merged, [by.bob], redeem(BOB, 200)), EITHER, undo(240)),
      BOB,
    ],
  ]
  for (const [name, code, words, from, account] of held) {
    corpus.lie(`log/merged-${name}`, 'batch-statuses', words, log(from))
    const trust = teller.trust(account)
    teller.lie(`merged-${name}`, code, `The member’s statement: ${words}`, shown(from, account), trust)
  }
  teller.lie(
    'merged-and-still-open',
    'holdings',
    'Alice’s statement: her account is merged, and the seal has it open.',
    stated(merged.close({ accounts: { [ALICE]: { status: 0 } } }), ALICE, { all: true }),
  )
}
