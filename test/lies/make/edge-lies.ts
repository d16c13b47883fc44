import { toBase64, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { parsePolicy } from '../../../src/core/note/policy.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { decodeStatement, encodeStatement, type Statement } from '../../../src/verify/statement.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { type Draft, keyNumber, type Signer } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, recoverer, redeem, type Shop } from './shop.ts'
import { starsOf } from './stars.ts'
import { shownBatch, stated, statementOf } from './statements.ts'
import { relined, Teller } from './teller.ts'

const { alice: ALICE, bob: BOB, carol: CAROL } = A
const DAY_MS = 86_400_000

/** Statements at the edge of a rule: as far as it goes, and one step further. */
export function edgeLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  beginnings(teller, shop)
  openings(teller, shop)
  clocks(teller, shop)
  successors(teller, shop)
  erasures(teller, shop)
}

/** The first batch and the first record are genesis. */
function beginnings(teller: Teller, { books, spentAt, statements }: Shop): void {
  const statement = decodeStatement(statements[ALICE]!.plain)
  const { batches, records } = statement
  const lie = (name: string, says: string, change: Partial<Statement>) =>
    teller.lie(`begins-with-${name}`, 'genesis-proof', says, encodeStatement({ ...statement, ...change }))
  const [genesis, ...rest] = records
  lie('another-batch', 'The first batch is another one, at its place.', {
    batches: [shownBatch(books.close(), spentAt), ...batches.slice(1)],
  })
  lie('another-number', 'Genesis under the number of another root key.', {
    records: [{ ...genesis!, number: 1 }, ...rest],
  })
  lie('another-place', 'Genesis in the second of the batches.', { records: [{ ...genesis!, at: 1 }, ...rest] })
  lie('another-position', 'Genesis at the second position of its batch.', {
    records: [{ ...genesis!, position: 1 }, ...rest],
  })
}

function openings(teller: Teller, shop: Shop): void {
  const { books, entries } = shop
  const closed = books.close()
  const opensBudget = entries.findIndex(entry => {
    const tx = entry[0] === 2 ? decodeTransaction(entry) : undefined
    return tx?.kind === 'open-account' && tx.accountKind === 'budget'
  })
  for (const [name, says, index] of [
    ['of-a-budget', 'A history that begins with the opening of a budget, which the seal has as hers.', opensBudget],
    ['of-an-issue', 'A history that begins with an issue, which the seal has as her opening.', shop.issuedAt],
  ] as const) {
    const entry = entries[index]!
    teller.lie(
      `opening-${name}`,
      'line-kind',
      says,
      relined(closed, ALICE, ([, ...lines]) => [{ entry, index }, ...lines], { opening: leafHash(entry) }),
      { policy: shop.policy },
    )
  }
  const none = books.close({ accounts: { [ALICE]: { entries: 0 } } })
  teller.lie(
    'no-entries',
    'line-kind',
    'An account of no entries, which has a balance.',
    encodeStatement({
      ...statementOf(none, ALICE),
      lines: [],
      places: [],
    }),
  )
  const { kept } = verifyStatement(shop.statements[ALICE]!.plain, { policy: parsePolicy(utf8Encode(shop.policy)) })
  const before = {
    ...{ ledgerId: toHex(kept.ledgerId), account: kept.account, opening: toHex(kept.opening), size: kept.size },
    entries: kept.entries.map(toBase64),
    times: [...kept.times],
    records: kept.records.map(({ leaf, ...record }) => ({ ...record, leaf: toHex(leaf) })),
  }
  const fewer = relined(closed, ALICE, lines => lines.slice(0, 3))
  teller.lie('fewer-than-were-kept', 'kept-state', 'Of six lines that were verified before, the first three.', fewer, {
    ...teller.trust(ALICE),
    kept: before,
  })
}

function clocks(teller: Teller, shop: Shop): void {
  const { books, policy } = shop
  const { plain } = shop.statements[ALICE]!
  const { time } = books.close().seal
  const fresh = (nowMs: number) => ({ ...teller.trust(ALICE), freshness: { nowMs, maxAgeMs: 60_000 } })
  const facts = { balance: 240 }
  teller.truth('honest-as-new-as-may-be', 'A statement as far ahead.', plain, fresh(time - 60_000), facts)
  teller.truth(
    'honest-skewed-ahead',
    'A purchase as far ahead of ledger time as genesis allows.',
    teller.told([by.alice], redeem(ALICE, 100), { skewMs: 600_000 }),
    teller.trust(ALICE),
    { balance: 140 },
  )
  for (const skewMs of [-600_001, 600_001])
    teller.lie(
      skewMs < 0 ? 'spent-behind-by-a-millisecond' : 'spent-ahead-by-a-millisecond',
      'line-time',
      'A purchase a millisecond further from ledger time.',
      teller.told([by.alice], redeem(ALICE, 100), { skewMs }),
    )
  const still = books.tell([by.alice], [redeem(ALICE, 10)]).tell([by.alice], [redeem(ALICE, 20)], { afterMs: 0 })
  teller.truth(
    'honest-still',
    'Two batches and a seal of one millisecond.',
    stated(still.close({ afterMs: 0 }), ALICE),
    teller.trust(ALICE),
    { balance: 210 },
  )
  const { until } = decodeTransaction(books.entries[shop.holdAt]!) as { until: number }
  const released = (at: number) =>
    stated(
      books
        .tell([by.operator], [{ kind: 'release', account: BOB, hold: books.idAt(shop.holdAt) }], {
          afterMs: at - books.timeMs,
        })
        .close(),
      BOB,
      { all: true },
    )
  teller.truth(
    'honest-released-in-time',
    'A hold released in the millisecond in which it is over.',
    released(until),
    teller.trust(BOB),
    {
      balance: 280,
    },
  )
  teller.lie(
    'released-a-millisecond-early',
    'evidence-signature',
    'A hold released a millisecond before.',
    released(until - 1),
    teller.trust(BOB),
  )
  // A registrar who may reach a day back: what he opens, and nothing else that he does.
  const key = keyNumber(92)
  const importer: Draft = { kind: 'register-key', key: key.publicKey, role: 'registrar', backdateMs: DAY_MS }
  const imports = books.tell([by.root], [importer])
  const registrar: Signer = { record: books.records.length, key }
  const opening: Draft = {
    ...{ kind: 'open-account', accountKind: 'member', unit: R.coins, terms: books.leafOf(R.coins) },
    ...{ owner: KEYS.alice.publicKey, nonce: hash('imported') },
  }
  const opened = (skewMs: number) =>
    stated(imports.tell([registrar], [opening], { skewMs }).close(), books.accounts.length)
  const back = -DAY_MS - 600_000
  teller.truth(
    'honest-opened-back',
    'An account of yesterday, by a key that may reach so far back.',
    opened(back),
    { policy },
    {
      balance: 0,
    },
  )
  teller.lie('opened-too-far-back', 'line-time', 'A millisecond further back.', opened(back - 1), { policy })
  const frozen = imports.tell([registrar], [{ kind: 'freeze', account: ALICE }], { skewMs: -DAY_MS }).close()
  teller.lie(
    'frozen-back',
    'line-time',
    'An account frozen yesterday, by a key that may open accounts of then.',
    stated(frozen, ALICE),
  )
}

/** Those who have to sign for a successor, or for a recovery. */
function successors(teller: Teller, shop: Shop): void {
  const { books, policy } = shop
  const next = books.records.length
  const house = keyNumber(93)
  const key = (succeeds: number | null): Draft => ({
    ...{ kind: 'register-key', key: house.publicKey, role: 'custodian', succeeds },
  })
  const spends: Signer = { record: next, key: house }
  const spent = (from: Books, signer = spends) =>
    stated(from.tell([signer], [redeem(CAROL, 10)]).close(), CAROL, { all: true })
  teller.lie(
    'successor-by-an-account',
    'evidence-signature',
    'The owner of the account that has the number of the custodian’s record signed for a successor, which spends at once.',
    spent(books.tell([by.root, by.dora], [key(R.custodian)])),
    teller.trust(CAROL),
  )
  const gone = books.tell([by.root], [{ kind: 'revoke', record: R.custodian, strand: 1 }])
  teller.lie(
    'successor-by-the-revoked',
    'evidence-signature',
    'The custodian’s key that was revoked before signed for a successor, which spends at once.',
    spent(gone.tell([by.root, by.custodian], [key(R.custodian)]), spends),
    teller.trust(CAROL),
  )
  const stars = starsOf(shop)
  const at = stars.books.records.length
  const succeeded = stars.books.tell([by.root], [key(R.custodian)])
  const renamed = succeeded.tell(
    [stars.owner],
    [
      {
        ...{ kind: 'set-custody', account: stars.olga, owner: stars.owner.key.publicKey },
        custodian: { record: at, leaf: succeeded.leafOf(at) },
      },
    ],
  )
  teller.truth(
    'honest-another-of-the-chain',
    'An owner names another key of the chain that has the custody, which is not due: she alone signs.',
    stated(renamed.close(), stars.olga, { all: true }),
    { policy },
    { balance: 200 },
  )
  const [first, second] = [recoverer(ALICE, 0), recoverer(ALICE, 1)]
  const recover: Draft = { kind: 'recover', account: ALICE, key: KEYS.stranger.publicKey }
  teller.lie(
    'recovery-under-another-key',
    'evidence-signature',
    'Two recovery keys are named, and one of them signed.',
    stated(books.tell([first, { ...second, key: house }], [recover]).close(), ALICE, { all: true }),
  )
}

/** Details that were erased, and those that are named again. */
function erasures(teller: Teller, shop: Shop): void {
  const { books } = shop
  const details = hash('salt, and why Alice got 300')
  const again = books.tell([by.issuer], [issue(ALICE, 25, { details })])
  teller.truth(
    'honest-named-again',
    'Details that were erased are named once more behind that.',
    stated(again.close(), ALICE, { all: true }),
    teller.trust(ALICE),
    { erased: [2] },
  )
  const erased = again.tell([by.operator], [{ kind: 'erase', account: ALICE, details }])
  teller.truth(
    'honest-erased-again',
    'And erased once more.',
    stated(erased.close(), ALICE, { all: true }),
    teller.trust(ALICE),
    { erased: [2, 7] },
  )
}
