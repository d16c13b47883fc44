import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, issue, KEYS, R, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

const DAY_MS = 86_400_000

/** What a unit of its own has in a shop: its accounts, a rule that is new, and who issues in it. */
interface Stars {
  readonly books: Books
  readonly budget: number
  readonly member: number
  readonly rule: number
  readonly issuer: Signer
}

/** How much a budget gives, how much a member has, and since when a rule is public. */
export function capLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const log = (name: string, code: string, says: string, told: Books) =>
    corpus.lie(`log/${name}`, code, says, logFile(shop, told.close()))
  const capped = (caps: Partial<Extract<Draft, { kind: 'set-budget' }>>) =>
    books.tell([by.treasurer], [{ kind: 'set-budget', account: A.budget, ...caps }])
  const week = capped({ memberWeek: 100, month: 150 }).tell([by.issuer], [issue(A.alice, 100), issue(A.bob, 50)])
  corpus.truth('log/honest-caps', 'A budget that has given all that its terms allow.', {
    ...logFile(shop, week.close()),
    facts: { size: shop.entries.length + 5 },
  })
  log(
    'over-the-week',
    'batch-statuses',
    'A member is given more in a week than the terms of the budget allow.',
    capped({ memberWeek: 100 }).tell([by.issuer], [issue(A.alice, 100), issue(A.alice, 5)]),
  )
  log(
    'over-the-month-in-sum',
    'batch-statuses',
    'A budget gives more in a month than its terms allow, to a member who had nothing of it.',
    week.tell([by.issuer], [issue(A.carol, 5)]),
  )

  const pooled = inPool(books, { memberDay: 100, day: 150 })
  const given = pooled.tell([by.issuer], [issue(A.alice, 100), issue(A.bob, 50)])
  corpus.truth('log/honest-pool', 'A budget that has given all that the terms of its pool allow.', {
    ...logFile(shop, given.close()),
    facts: { size: shop.entries.length + 8 },
  })
  log(
    'over-the-day-of-a-pool',
    'batch-statuses',
    'A member is given more on a day than the pool of a budget without caps allows.',
    pooled.tell([by.issuer], [issue(A.alice, 100), issue(A.alice, 5)]),
  )
  log(
    'over-a-pool-in-sum',
    'batch-statuses',
    'A budget gives more on a day than its pool allows, to a member who had nothing of it.',
    given.tell([by.issuer], [issue(A.carol, 5)]),
  )

  const stars = starsIn(books)
  const teller = new Teller(corpus, shop)
  const starred = (amount: number, rule = 0, told = stars.books, afterMs = 1000): Books => {
    const draft = { ...issue(stars.member, amount, { rule }), debit: stars.budget } as Draft
    return told.tell([stars.issuer], [draft], { afterMs })
  }
  const statement = (told: Books) => stated(told.close(), stars.member, { all: true })
  const trust = { policy: shop.policy }
  const waited = starred(50, stars.rule, stars.books, DAY_MS)
  teller.truth(
    'honest-greatest-balance',
    'A member who has as much as the unit lets her have, by a rule that was public for a day.',
    statement(waited),
    trust,
    { balance: 50 },
  )
  teller.lie(
    'over-the-greatest-balance',
    'line-rule',
    'A member who has more than the unit lets her have.',
    statement(starred(51)),
    trust,
  )
  teller.lie(
    'rule-of-yesterday',
    'line-rule',
    'Points by a rule that was public for a millisecond less than its notice.',
    statement(starred(50, stars.rule, stars.books, DAY_MS - 1)),
    trust,
  )
  log('over-the-greatest-balance', 'batch-statuses', 'A member has more than the unit lets her have.', starred(51))
  log('rule-of-today', 'batch-statuses', 'Points by a rule that was published a moment ago.', starred(10, stars.rule))
}

/** The books with a budget more, of these caps, under which the shop's budget gives. */
function inPool(books: Books, caps: Partial<Extract<Draft, { kind: 'set-budget' }>>): Books {
  const pool = books.accounts.length
  const opening: Draft = {
    ...{ kind: 'open-account', accountKind: 'budget', unit: R.coins, terms: books.leafOf(R.coins), owner: null },
    nonce: hash('a pool'),
  }
  return books.tell([by.treasurer], [opening]).tell(
    [by.treasurer],
    [
      { kind: 'set-budget', account: pool, ...caps },
      { kind: 'set-budget', account: A.budget, pools: [pool] },
    ],
  )
}

/** The books with a unit more, whose accounts have at most 50 and whose rules are public for a day. */
function starsIn(books: Books): Stars {
  const unit = books.records.length
  const first = books.accounts.length
  const defined = books.tell(
    [by.root],
    [{ kind: 'define-unit', name: 'stars', cap: 1000, windowMs: DAY_MS, balanceMax: 50, noticeMs: DAY_MS }],
  )
  const open = (accountKind: 'treasury' | 'budget' | 'member'): Draft => ({
    kind: 'open-account',
    accountKind,
    unit,
    terms: defined.leafOf(unit),
    owner: accountKind === 'member' ? KEYS.alice.publicKey : null,
    nonce: hash(`stars ${accountKind}`),
  })
  const opened = defined.tell(
    [by.registrar, by.treasurer],
    [open('treasury'), open('budget'), open('member'), { kind: 'fund', debit: first, credit: first + 1, amount: 500 }],
  )
  const registered = opened.tell(
    [by.root],
    [
      { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [first + 1] },
      { kind: 'publish-rule', name: 'new', digest: hash('a new rule'), budgets: [first + 1] },
    ],
  )
  const issuer = { record: unit + 1, key: KEYS.stranger }
  return { books: registered, budget: first + 1, member: first + 2, rule: unit + 2, issuer }
}
