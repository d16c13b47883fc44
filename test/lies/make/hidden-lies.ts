import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { type Draft, fromDraft, type Signer } from '../../world.ts'
import { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop, SOON } from './shop.ts'
import { stated } from './statements.ts'
import { placed, recorded, relined, Teller } from './teller.ts'

const { alice: ALICE, bob: BOB, carol: CAROL } = A

/** What a statement hides: originals, times, custodians before and behind, records of genesis, the rule of an issue. */
export function hiddenLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  originals(teller, shop)
  times(teller, shop)
  chains(teller, shop)
  rootRecords(teller, shop)
  rules(teller, shop)
}

function originals(teller: Teller, { books, issuedAt, spentAt }: Shop): void {
  const reverse = (debit: number, credit: number, original: Uint8Array): Draft => ({
    ...{ kind: 'reverse', debit, credit, amount: 20, original },
  })
  const back = books.tell([by.issuer], [reverse(ALICE, A.budget, books.idAt(issuedAt))])
  const bytes = stated(back.close(), ALICE)
  teller.truth(
    'honest-taken-back',
    'Points that are taken back, with the place of the issue.',
    bytes,
    teller.trust(ALICE),
    {
      balance: 220,
    },
  )
  teller.lie(
    'original-without-a-place',
    'evidence-missing',
    'The same, without it: when that was, nobody says.',
    placed(bytes, 2, null),
  )
  for (const [name, says, signer, draft] of [
    [
      'to-another-budget',
      'Points taken back to another budget than gave them.',
      by.issuer,
      reverse(ALICE, A.milesBudget, books.idAt(issuedAt)),
    ],
    [
      'from-another-shop',
      'A purchase given back by another shop than was paid.',
      by.merchant,
      reverse(A.merchant, ALICE, books.idAt(spentAt + 1)),
    ],
  ] as const)
    teller.lie(
      `reversed-${name}`,
      'line-rule',
      says,
      stated(books.tell([signer], [draft]).close(), ALICE, { all: true }),
    )
  const twice = books.tell([by.issuer], [issue(ALICE, 25)])
  const doubled = relined(
    twice.close(),
    ALICE,
    lines => [...lines, lines.at(-1)!],
    { credit: twice.accounts[ALICE]!.credit + 25 },
    true,
  )
  teller.lie('placed-twice', 'evidence-order', 'One issue as two lines, both with its place.', doubled)
}

/** The time of an account whose last line has no place. */
function times(teller: Teller, { books }: Shop): void {
  const issued = books.tell([by.issuer], [issue(ALICE, 40)])
  const told = (time: number) => stated(issued.close({ accounts: { [ALICE]: { time } } }), ALICE)
  const { time } = books.accounts[ALICE]!
  const sealed = issued.close().seal.time
  teller.truth(
    'honest-time-of-the-line-before',
    'A last line without its place, of the time of the line before.',
    told(time),
    teller.trust(ALICE),
    {
      balance: 280,
    },
  )
  teller.truth(
    'honest-time-of-the-seal',
    'A last line without its place, of the time of the seal.',
    told(sealed),
    teller.trust(ALICE),
    {
      balance: 280,
    },
  )
  teller.lie('time-before-the-lines', 'totals', 'A last time before that of a line that has its place.', told(time - 1))
  teller.lie('time-beyond-the-seal', 'totals', 'A last time beyond that of the seal.', told(sealed + 1))
  // Alice gives what is past by now; her giver is not shown in Bob’s statement, the time is.
  const past = books.tell([by.alice], [{ kind: 'transfer', debit: ALICE, credit: BOB, amount: 20, ...SOON }], {
    afterMs: 31 * 86_400_000,
  })
  teller.lie(
    'gift-past-on-arrival',
    'line-rule',
    'A gift that was past when it arrived, with its place.',
    stated(past.close(), BOB, { all: true }),
    teller.trust(BOB),
  )
}

/** The chain of a custodian who signed for no line. */
function chains(teller: Teller, { books, policy }: Shop): void {
  const next = books.records.length
  const key = (which: { readonly publicKey: Uint8Array }, succeeds: number): Draft => ({
    ...{ kind: 'register-key', key: which.publicKey, role: 'custodian', succeeds },
  })
  const succeeded = books.tell([by.root, by.custodian], [key(KEYS.stranger, R.custodian)])
  const opened = (from: Books, record: number) =>
    from.tell(
      [by.registrar],
      [
        {
          ...{ kind: 'open-account', accountKind: 'member', unit: R.coins, terms: from.leafOf(R.coins) },
          ...{ custodian: { record, leaf: from.leafOf(record) }, nonce: hash('a quiet account') },
        },
      ],
    )
  const account = books.accounts.length
  const trust = { policy }
  const first = stated(opened(succeeded, R.custodian).close(), account)
  const second = stated(opened(succeeded, next).close(), account)
  const keys = [R.custodian, next].map(record => ({ record, from: 0 }))
  teller.truth('honest-quiet', 'An account without movements, whose custodian was succeeded.', first, trust, {
    custodian: keys,
  })
  teller.truth(
    'honest-quiet-successor',
    'An account without movements, in the custody of a successor.',
    second,
    trust,
    { custodian: keys },
  )
  for (const [name, says, bytes, record] of [
    ['custodian', 'its custodian', first, R.custodian],
    ['successor', 'the one that succeeds its custodian', first, next],
    ['predecessor', 'the one that its custodian succeeds', second, R.custodian],
  ] as const)
    teller.lie(
      `quiet-${name}-left-out`,
      'record-missing',
      `An account without movements is not shown ${says}.`,
      recorded(bytes, record, null),
      trust,
    )
  const byAnother = books.tell([by.root, by.otherCustodian], [key(KEYS.stranger, R.custodian)])
  const spends: Signer = { record: next, key: KEYS.stranger }
  teller.lie(
    'successor-of-another-chain',
    'evidence-signature',
    'A custodian of another chain signed for a successor, which spends at once.',
    stated(byAnother.tell([spends], [redeem(CAROL, 10)]).close(), CAROL, { all: true }),
    teller.trust(CAROL),
  )
}

/** Records below the number of root keys are genesis. */
function rootRecords(teller: Teller, { log, policy, books }: Shop): void {
  const { time } = books.batchAt(0)
  const genesis = fromDraft(
    {
      ...{
        kind: 'genesis',
        origin: log.key.name,
        logKey: log.key.publicKey,
        need: 1,
        skewMs: 600_000,
        promiseMs: 10_000,
      },
      roots: [KEYS.root.publicKey, KEYS.revoked.publicKey],
    },
    books.idAt(1),
  )
  const begun = new Books(log, []).enter([by.root], [encodeTransaction(genesis)], time)
  const registrar: Draft = { kind: 'register-key', key: KEYS.registrar.publicKey, role: 'registrar' }
  const unit: Draft = { kind: 'define-unit', name: 'coins', cap: 1000, windowMs: 86_400_000 }
  const defined = begun.tell([by.root], [registrar, unit])
  const opened = defined.tell(
    [{ record: 2, key: KEYS.registrar }],
    [
      {
        ...{ kind: 'open-account', accountKind: 'member', unit: 3, terms: defined.leafOf(3) },
        ...{ owner: KEYS.alice.publicKey, nonce: hash('under two root keys') },
      },
    ],
  )
  const honest = opened.close()
  teller.truth(
    'honest-all-roots',
    'A statement that shows both root keys.',
    stated(honest, 0, { records: [1] }),
    { policy },
    {
      balance: 0,
    },
  )
  const { entry, from } = opened.records[2]!
  const swapped = opened.close({ records: { 1: { entry, from } } })
  teller.lie(
    'root-key-that-is-another-record',
    'record-signature',
    'Under the number of a root key that genesis names stands the record of a registrar.',
    stated(swapped, 0, { records: [1] }),
    { policy },
  )
}

/** The rule by which points were issued. */
function rules(teller: Teller, { books }: Shop): void {
  const next = books.records.length
  const rule = (name: string): Draft => ({ kind: 'publish-rule', name, digest: hash(name), budgets: [A.budget] })
  const whole = (from: Books) => stated(from.close(), ALICE, { all: true })
  teller.lie(
    'rule-is-a-unit',
    'record-missing',
    'Points by a record that is no rule.',
    whole(books.tell([by.issuer], [issue(ALICE, 100, { rule: R.miles })])),
  )
  teller.lie(
    'rule-a-moment-later',
    'line-rule',
    'Points by a rule that was published behind them, at the same ledger time.',
    whole(
      books
        .tell([by.issuer], [issue(ALICE, 100, { rule: next })])
        .tell([by.root], [rule('a-moment-later')], { afterMs: 0 }),
    ),
  )
  teller.lie(
    'rule-behind-in-the-batch',
    'line-rule',
    'Points by a rule that was published behind them in the same batch.',
    whole(books.tell([by.root, by.issuer], [issue(ALICE, 100, { rule: next }), rule('behind')])),
  )
  teller.truth(
    'honest-rule-of-the-batch',
    'Points by a rule that was published before them in the same batch.',
    whole(books.tell([by.root, by.issuer], [rule('before'), issue(ALICE, 100, { rule: next })])),
    teller.trust(ALICE),
    { balance: 340 },
  )
  const withdrawn = books.tell(
    [by.root, by.issuer],
    [{ kind: 'revoke', record: R.rule }, issue(ALICE, 100, { rule: R.rule })],
  )
  teller.lie(
    'rule-withdrawn-in-the-batch',
    'line-rule',
    'Points by a rule that was revoked before them in the same batch.',
    whole(withdrawn),
  )
  teller.truth(
    'honest-rule-withdrawn-behind',
    'Points by a rule that was revoked behind them in the same batch.',
    whole(books.tell([by.root, by.issuer], [issue(ALICE, 100, { rule: R.rule }), { kind: 'revoke', record: R.rule }])),
    teller.trust(ALICE),
    { balance: 340 },
  )
}
