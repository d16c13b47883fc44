import { DAY_MS } from '../../../src/account/dates.ts'
import { toHex, utf8Decode, utf8Encode } from '../../../src/core/bytes.ts'
import { formatCard, parseCard } from '../../../src/verify/card.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, issue, KEYS, LATER, QUARTER, R, recoverer, redeem, type Shop, SOON } from './shop.ts'
import { stated } from './statements.ts'
import type { Telling } from './telling.ts'

const [ALICE, BOB] = [A.alice, A.bob]
const HOUR_MS = 3_600_000

/** One batch of a story: who signs it, what is in it, and what is odd about it. */
type Chapter = readonly [signers: readonly Signer[], drafts: readonly Draft[], telling?: Telling]

/**
 * Histories that the rules do not allow: each is the shop’s log with batches more, signed by those who must sign, in
 * the log, counted, chained and sealed. Only a verifier that makes the account again sees that it cannot be.
 */
export function historyLies(corpus: Corpus, shop: Shop): void {
  const { policy, cards, books } = shop
  const told = (from: Books, story: readonly Chapter[]) =>
    story.reduce((book, [signers, drafts, telling]) => book.tell(signers, drafts, telling), from)
  const statement = (account: number, story: readonly Chapter[], all = false, card = cards[account]) => ({
    verifier: 'statement',
    trust: { policy, ...(card === undefined ? {} : { card }) },
    shown: shownBytes(stated(told(books, story).close(), account, { all })),
  })
  const lie = (name: string, says: string, account: number, ...story: Chapter[]) =>
    corpus.lie(`history/${name}`, 'line-rule', says, statement(account, story))
  const shown = (name: string, says: string, account: number, ...story: Chapter[]) =>
    corpus.lie(`history/${name}`, 'line-rule', says, statement(account, story, true))
  const truth = (name: string, says: string, account: number, facts: object, ...story: Chapter[]) =>
    corpus.truth(`history/${name}`, says, { ...statement(account, story, true), facts: { ...facts } })
  /** Alice’s card once the stranger’s key is hers, too. */
  const alices = parseCard(utf8Encode(cards[ALICE]!))
  const renewed = utf8Decode(formatCard({ ...alices, owners: [...alices.owners, KEYS.stranger.publicKey] }))
  const moved = (name: string, says: string, facts: object, ...story: Chapter[]) =>
    corpus.truth(`history/${name}`, says, { ...statement(ALICE, story, true, renewed), facts: { ...facts } })

  const hold = books.idAt(shop.holdAt)
  const capture = (amount: number, credit: number = A.merchant): Draft => ({
    kind: 'capture',
    debit: BOB,
    credit,
    amount,
    hold,
  })
  const release: Draft = { kind: 'release', account: BOB, hold }
  const gift = (amount: number): Draft => ({
    kind: 'transfer',
    debit: ALICE,
    credit: BOB,
    amount,
    matures: 0,
    expires: 0,
  })
  const reverse = (amount: number, original: Uint8Array): Draft => ({
    kind: 'reverse',
    debit: ALICE,
    credit: A.budget,
    amount,
    original,
  })
  const issued = books.idAt(shop.issuedAt)
  const expire = (amount: number): Draft => ({ kind: 'expire', debit: BOB, credit: A.expired, amount })
  const due = { afterMs: 31 * DAY_MS }

  truth('honest-capture', 'Part of Bob’s hold is captured, the rest comes back.', BOB, { balance: 250 }, [
    [by.merchant],
    [capture(30)],
  ])
  truth('honest-release', 'The hold’s time is over, and the operator releases it.', BOB, { balance: 280 }, [
    [by.operator],
    [release],
    { afterMs: 2 * HOUR_MS },
  ])
  truth('honest-expiry', 'Points that nobody spent in time expire.', BOB, { balance: 150 }, [
    [by.operator],
    [expire(130)],
    due,
  ])
  truth('honest-reversal', 'Of the 300, 200 are taken back within the window.', ALICE, { balance: 40 }, [
    [by.issuer],
    [reverse(200, issued)],
  ])
  truth(
    'honest-debt',
    'What was spent is taken back all the same: a debt, as far as the unit allows it.',
    ALICE,
    { balance: -20 },
    [[by.alice], [redeem(ALICE, 240)]],
    [[by.issuer], [reverse(20, issued)]],
  )
  const owner = toHex(KEYS.stranger.publicKey)
  const recovered: readonly Chapter[] = [
    [[recoverer(ALICE, 0), recoverer(ALICE, 1)], [{ kind: 'recover', account: ALICE, key: KEYS.stranger.publicKey }]],
    [[recoverer(ALICE, 0), recoverer(ALICE, 1)], [{ kind: 'finish-recovery', account: ALICE }], { afterMs: DAY_MS }],
    [[{ account: ALICE, key: KEYS.stranger }], [redeem(ALICE, 100)]],
  ]
  moved(
    'honest-recovery',
    'Two recovery keys begin, a day passes without a veto, and they put the new key in place, which spends.',
    { balance: 140, owner },
    ...recovered,
  )
  const put: Draft = { kind: 'set-custody', account: ALICE, owner: KEYS.stranger.publicKey, custodian: null }
  const rotated: readonly Chapter[] = [
    [[by.alice], [put]],
    [[{ account: ALICE, key: KEYS.stranger }], [redeem(ALICE, 100)]],
  ]
  moved('honest-rotation', 'Alice puts a new key in place, which spends.', { balance: 140, owner }, ...rotated)
  for (const [name, says, story] of [
    [
      'recovered-behind-her-back',
      'The recovery keys, of which she knows nothing any more, put in a key that is not hers.',
      recovered,
    ],
    ['rotated-behind-her-back', 'Anyone who had her key put in another one, which is not on her card.', rotated],
  ] as const)
    corpus.lie(`history/${name}`, 'wrong-owner', says, statement(ALICE, story, true))
  truth('honest-close', 'Alice spends everything and closes the account.', ALICE, { balance: 0 }, [
    [by.alice],
    [redeem(ALICE, 240), { kind: 'close', account: ALICE }],
  ])

  lie('overdraft', 'A thousand points spent of 240.', ALICE, [[by.alice], [redeem(ALICE, 1000)]])
  lie('pending-spent', 'Points spent two days before they mature.', BOB, [[by.bob], [redeem(BOB, 150)]])
  lie(
    'held-spent',
    'Points spent that are set aside in a hold.',
    ALICE,
    [[by.alice], [{ kind: 'hold', debit: ALICE, credit: A.merchant, amount: 200, until: books.timeMs + DAY_MS }]],
    [[by.alice], [redeem(ALICE, 100)]],
  )
  lie('past-spent', 'Points spent after their expiry, which no entry had written down yet.', BOB, [
    [by.bob],
    [redeem(BOB, 130)],
    due,
  ])
  lie('capture-over-hold', 'More captured than was held.', BOB, [[by.merchant], [capture(60)]])
  lie('capture-late', 'A hold captured after its time.', BOB, [[by.merchant], [capture(50)], { afterMs: 2 * HOUR_MS }])
  lie('capture-elsewhere', 'A hold for one shop captured by another.', BOB, [[by.merchant], [capture(50, A.treasury)]])
  lie('capture-twice', 'A hold captured twice.', BOB, [[by.merchant], [capture(20)]], [[by.merchant], [capture(20)]])
  lie('capture-of-nothing', 'A capture of a hold that was never made.', BOB, [
    [by.merchant],
    [{ ...capture(20), hold: issued } as Draft],
  ])
  lie(
    'capture-after-release',
    'A hold captured that was released before.',
    BOB,
    [[by.merchant], [release]],
    [[by.merchant], [capture(20)]],
  )
  lie(
    'release-twice',
    'A hold released twice: its points would come back twice.',
    BOB,
    [[by.merchant], [release]],
    [[by.merchant], [release]],
  )
  const captured = told(books, [[[by.merchant], [capture(50)]]])
  lie(
    'refund-over-capture',
    'A refund larger than what was captured.',
    BOB,
    [[by.merchant], [capture(50)]],
    [
      [by.merchant],
      [
        {
          kind: 'reverse',
          debit: A.merchant,
          credit: BOB,
          amount: 60,
          original: captured.idAt(captured.entries.length - 1),
        },
      ],
    ],
  )
  lie('expired-early', 'Points expired a month before their time.', BOB, [[by.operator], [expire(130)]])
  lie('expired-too-much', 'Expiry takes points that were held as well.', BOB, [[by.operator], [expire(180)], due])
  lie('expired-in-part', 'Expiry leaves some of the points that are due.', BOB, [[by.operator], [expire(100)], due])
  lie('expired-ahead', 'Points expired by an entry dated a month ahead.', BOB, [
    [by.operator],
    [expire(130)],
    { skewMs: 31 * DAY_MS },
  ])
  lie('expired-of-no-date', 'Points that never expire, expired.', ALICE, [
    [by.operator],
    [{ ...expire(220), debit: ALICE } as Draft],
  ])
  lie(
    'reversed-too-much',
    'More taken back than was issued.',
    ALICE,
    [[by.issuer], [issue(ALICE, 100)]],
    [[by.issuer], [reverse(305, issued)]],
  )
  lie(
    'reversed-twice',
    'Taken back twice: in sum more than was issued.',
    ALICE,
    [[by.issuer], [issue(ALICE, 200)]],
    [[by.issuer], [reverse(200, issued)]],
    [[by.issuer], [reverse(200, issued)]],
  )
  lie('reversed-late', 'Taken back when the time for that was over.', ALICE, [
    [by.issuer],
    [reverse(200, issued)],
    { afterMs: 8 * DAY_MS },
  ])
  lie('reversal-of-nothing', 'A reversal of what was never issued.', ALICE, [[by.issuer], [reverse(200, hold)]])
  lie('reversal-of-another', 'A reversal of what Bob was issued, from Alice.', ALICE, [
    [by.issuer],
    [reverse(100, books.idAt(shop.issuedAt + 2))],
  ])
  lie(
    'debt-too-deep',
    'Points that were spent are taken back further than the unit allows anyone to be in debt.',
    ALICE,
    [[by.alice], [redeem(ALICE, 240)]],
    [[by.issuer], [reverse(100, issued)]],
  )
  lie(
    'refunded-twice',
    'A purchase is refunded, and refunded again.',
    ALICE,
    [
      [by.merchant],
      [{ kind: 'reverse', debit: A.treasury, credit: ALICE, amount: 120, original: books.idAt(shop.spentAt + 1) }],
    ],
    [
      [by.merchant],
      [{ kind: 'reverse', debit: A.treasury, credit: ALICE, amount: 120, original: books.idAt(shop.spentAt + 1) }],
    ],
  )
  lie('refund-of-a-refusal', 'A purchase that was refused is refunded.', ALICE, [
    [by.merchant],
    [{ kind: 'reverse', debit: A.treasury, credit: ALICE, amount: 500, original: books.idAt(shop.spentAt + 2) }],
  ])
  lie('gift-too-large', 'A gift above what the unit allows at once.', ALICE, [[by.alice], [gift(55)]])
  lie(
    'gifts-of-a-day',
    'Two gifts that are above what the unit allows in a day.',
    ALICE,
    [[by.alice], [gift(50)]],
    [[by.alice], [gift(50)]],
  )
  lie('gift-of-miles', 'A gift in a unit that allows none.', A.dora, [
    [by.dora],
    [{ kind: 'transfer', debit: A.dora, credit: 11, amount: 10, matures: 0, expires: 0 }],
  ])
  lie('gift-of-other-dates', 'A gift of points that never expire, by one who has only such as do.', BOB, [
    [by.bob],
    [{ kind: 'transfer', debit: BOB, credit: ALICE, amount: 20, matures: 0, expires: 0 }],
  ])
  lie('off-step', 'Seven points of a unit that goes in fives.', ALICE, [[by.issuer], [issue(ALICE, 7)]])
  lie('to-herself', 'A gift of an account to itself, which would count twice.', ALICE, [
    [by.alice],
    [{ ...gift(20), credit: ALICE } as Draft],
  ])
  lie(
    'spent-while-frozen',
    'Points spent of a frozen account.',
    ALICE,
    [[by.registrar], [{ kind: 'freeze', account: ALICE }]],
    [[by.alice], [redeem(ALICE, 100)]],
  )
  lie('unfrozen-without-frost', 'An account unfrozen that was not frozen.', ALICE, [
    [by.registrar],
    [{ kind: 'unfreeze', account: ALICE }],
  ])
  lie('closed-with-points', 'An account closed with points in it: they would be gone.', ALICE, [
    [by.registrar],
    [{ kind: 'close', account: ALICE }],
  ])
  lie(
    'after-the-close',
    'Points issued to a closed account.',
    ALICE,
    [[by.alice], [redeem(ALICE, 240), { kind: 'close', account: ALICE }]],
    [[by.issuer], [issue(ALICE, 5)]],
  )
  const closed: Chapter = [[by.alice], [redeem(ALICE, 240), { kind: 'close', account: ALICE }]]
  const reopen: Draft = { kind: 'reopen', account: ALICE }
  truth('honest-reopened', 'A closed account is opened again, and points reach it.', ALICE, { balance: 5 }, closed, [
    [by.registrar, by.issuer],
    [reopen, issue(ALICE, 5)],
  ])
  lie('reopened-open', 'An account opened again that was never closed.', ALICE, [[by.registrar], [reopen]])
  lie('reopened-twice', 'A closed account opened again twice.', ALICE, closed, [[by.registrar], [reopen, reopen]])
  corpus.lie(
    'history/reopened-by-the-operator',
    'evidence-signature',
    'A closed account opened again, and no registrar signed that.',
    statement(ALICE, [closed, [[by.operator], [reopen]]], true),
  )
  const recover: Chapter = [
    [recoverer(ALICE, 0), recoverer(ALICE, 1)],
    [{ kind: 'recover', account: ALICE, key: KEYS.stranger.publicKey }],
  ]
  const finish = (telling: Telling): Chapter => [
    [recoverer(ALICE, 0), recoverer(ALICE, 1)],
    [{ kind: 'finish-recovery', account: ALICE }],
    telling,
  ]
  lie(
    'recovered-early',
    'A recovery finished while the old key could still veto it.',
    ALICE,
    recover,
    finish({ afterMs: DAY_MS - 60_000 }),
  )
  lie(
    'recovered-ahead',
    'A recovery finished by an entry dated a day ahead.',
    ALICE,
    recover,
    finish({ skewMs: DAY_MS }),
  )
  lie(
    'recovered-in-spite-of-a-veto',
    'A recovery finished that the owner had stopped.',
    ALICE,
    recover,
    [[by.alice], [{ kind: 'veto', account: ALICE }]],
    finish({ afterMs: DAY_MS }),
  )
  lie('recovered-out-of-nothing', 'A recovery finished that nobody had begun.', ALICE, finish({}))
  lie('recovery-without-terms', 'A recovery of an account whose opening has no terms for one.', A.dora, [
    [recoverer(A.dora, 0)],
    [{ kind: 'recover', account: A.dora, key: KEYS.stranger.publicKey }],
  ])
  lie('past-on-arrival', 'Points issued that are past their expiry already.', ALICE, [
    [by.issuer],
    [issue(ALICE, 100, { expires: QUARTER - 4 })],
  ])
  lie('off-grain', 'Points issued with a date on a quarter hour, in a unit whose dates are on full hours.', ALICE, [
    [by.issuer],
    [issue(ALICE, 100, { expires: QUARTER + 97 })],
  ])
  lie('hold-too-long', 'A hold for longer than the unit allows: expiry and clawback would wait for it.', ALICE, [
    [by.alice],
    [{ kind: 'hold', debit: ALICE, credit: A.merchant, amount: 10, until: books.timeMs + 8 * DAY_MS }],
  ])
  // What protects somebody goes by ledger time, whatever the sender says that time is.
  lie('capture-late-and-dated-back', 'A hold captured after its time, by a transaction of a time before.', BOB, [
    [by.merchant],
    [capture(50)],
    { afterMs: 2 * HOUR_MS, skewMs: -2 * HOUR_MS },
  ])
  lie(
    'reversed-late-and-dated-back',
    'Taken back when the window was over, by a transaction of a time before.',
    ALICE,
    [[by.issuer], [reverse(200, issued)], { afterMs: 8 * DAY_MS, skewMs: -8 * DAY_MS }],
  )
  lie('past-spent-and-dated-back', 'Points spent after their expiry, by a transaction of a time before.', BOB, [
    [by.bob],
    [redeem(BOB, 130)],
    { afterMs: 31 * DAY_MS, skewMs: -31 * DAY_MS },
  ])
  lie(
    'recovered-at-once',
    'A recovery begun by a transaction of a day ago, and finished: the owner had no time to veto it.',
    ALICE,
    [recover[0], recover[1], { skewMs: -DAY_MS }],
    finish({}),
  )
  lie('recovered-too-late', 'A recovery finished that had been forgotten for more than a month.', ALICE, recover, [
    [recoverer(ALICE, 0), recoverer(ALICE, 1)],
    [{ kind: 'finish-recovery', account: ALICE }],
    { afterMs: 32 * DAY_MS },
  ])
  lie('hold-of-no-time', 'A hold whose time is over when it is made.', ALICE, [
    [by.alice],
    [{ kind: 'hold', debit: ALICE, credit: A.merchant, amount: 10, until: books.timeMs }],
  ])
  const disclose = (grant: Uint8Array): Draft => ({
    kind: 'disclose',
    account: BOB,
    grant,
    details: hash('salt, and what Bob bought'),
  })
  const consent = books.idAt(shop.grantAt)
  lie('shown-without-consent', 'Details shown to somebody under a consent that Bob never gave.', BOB, [
    [by.operator],
    [disclose(hold)],
  ])
  lie(
    'shown-after-withdrawal',
    'Details shown under a consent that Bob had withdrawn.',
    BOB,
    [[by.bob], [{ kind: 'withdraw', account: BOB, grant: consent }]],
    [[by.operator], [disclose(consent)]],
  )
  const rule = (name: string): Draft => ({ kind: 'publish-rule', name, digest: hash(name), budgets: [A.budget] })
  shown(
    'rule-published-afterwards',
    'Points by a rule that was published after they were issued.',
    ALICE,
    [[by.issuer], [issue(ALICE, 100, { rule: 12 })]],
    [[by.root], [rule('afterwards')]],
  )
  shown(
    'rule-withdrawn',
    'Points by a rule that was revoked before.',
    ALICE,
    [[by.root], [{ kind: 'revoke', record: R.rule }]],
    [[by.issuer], [issue(ALICE, 100, { rule: R.rule })]],
  )
  const opened: Draft = {
    kind: 'open-account',
    accountKind: 'member',
    unit: R.miles,
    terms: books.leafOf(R.miles),
    custodian: { record: R.custodian, leaf: books.leafOf(R.custodian) },
    nonce: hash('a nonce of somebody'),
  }
  lie('custodian-not-allowed', 'A custodian in an account of a unit that allows none.', 11, [[by.registrar], [opened]])

  /** Bob spends, and the seal has his lots as if others had been taken than the rules say. */
  const spent = told(books, [[[by.bob], [redeem(BOB, 100)]]])
  const asIf = told(books, [[[by.bob], [redeem(BOB, 95)]]])
  corpus.lie(
    'history/other-lots-spent',
    'holdings',
    'The seal has other lots than are left when those that expire soonest are spent first.',
    {
      verifier: 'statement',
      trust: { policy, card: cards[BOB] },
      shown: shownBytes(stated(spent.close({ accounts: { [BOB]: { more: asIf.accounts[BOB]!.more } } }), BOB)),
    },
  )
  const dated = (dates: object) => told(books, [[[by.issuer], [issue(BOB, 100, dates)]]])
  corpus.lie(
    'history/expiry-moved',
    'holdings',
    'The seal has an expiry that is a month sooner than the points were issued with.',
    {
      verifier: 'statement',
      trust: { policy, card: cards[BOB] },
      shown: shownBytes(
        stated(dated(LATER).close({ accounts: { [BOB]: { more: dated(SOON).accounts[BOB]!.more } } }), BOB),
      ),
    },
  )
}
