import { encodeBatch } from '../../../src/core/entry/batch.ts'
import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { decodeStatement, encodeStatement } from '../../../src/verify/statement.ts'
import { type Draft, fromDraft, type Signer } from '../../world.ts'
import { Books, type Closed } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import { changed, stated, statementOf, withRecords } from './statements.ts'
import { recorded, Teller } from './teller.ts'

const { alice: ALICE, carol: CAROL } = A

/** The records that a statement shows: units, keys, rules and custodians, down to the root keys. */
export function recordLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { policy, books } = shop
  const { plain, signatures } = shop.statements[ALICE]!
  const honest = books.close()
  const next = books.records.length
  const coins = (more: object = {}): Draft => ({
    kind: 'define-unit',
    name: 'coins',
    cap: 100_000,
    step: 5,
    giftEach: 50,
    giftDay: 80,
    debtMax: 20,
    custody: 1,
    windowMs: 7 * 86_400_000,
    ...more,
  })
  const issuer: Draft = { kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [A.budget] }
  const late: Signer = { record: next, key: KEYS.stranger }

  teller.lie('record-elsewhere', 'record-proof', 'A record at the position of its neighbour.', moved(R.coins, 3))
  teller.lie(
    'record-past-its-batch',
    'record-proof',
    'A record at a position that its batch does not have.',
    moved(R.coins, 5),
  )
  teller.lie(
    'record-in-another-batch',
    'record-proof',
    'A record in the batch of genesis.',
    recorded(plain, R.coins, { at: 0, position: 0, batchPath: [] }),
  )
  teller.lie(
    'record-in-no-batch',
    'record-proof',
    'A record in a batch that is not shown.',
    recorded(plain, R.coins, { at: 99 }),
  )
  const withRevoked = encodeStatement(
    withRecords(honest, decodeStatement(plain), [0, R.registrar, R.coins, R.operator, R.revoked]),
  )
  teller.truth('honest-more-records', 'More records than the lines name.', withRevoked, teller.trust(ALICE), {
    balance: 240,
  })
  teller.lie(
    'record-not-revoked',
    'record-proof',
    'A revoked key shown as standing.',
    recorded(withRevoked, R.revoked, { until: 0 }),
  )
  teller.lie(
    'record-revoked-by-nothing',
    'record-proof',
    'A key that stands shown as revoked.',
    recorded(plain, R.registrar, { until: 40 }),
  )
  teller.lie(
    'record-succeeded-by-nothing',
    'record-proof',
    'A record shown as succeeded.',
    recorded(plain, R.registrar, { next: 11 }),
  )
  teller.lie(
    'records-out-of-order',
    'record-proof',
    'Records that do not increase.',
    changed(signatures, ({ records: [genesis, ...records] }) => ({ records: [genesis!, ...records.toReversed()] })),
  )
  teller.lie(
    'record-twice',
    'record-proof',
    'A record twice.',
    teller.edit(({ records }) => ({ records: [...records, records.at(-1)!] })),
  )
  teller.lie(
    'record-of-another-number',
    'record-proof',
    'Miles under the number of coins.',
    changed(encodeStatement(withRecords(honest, decodeStatement(plain), [0, R.miles])), ({ records }) => ({
      records: records.map(one => (one.number === R.miles ? { ...one, number: R.coins } : one)),
    })),
  )
  teller.lie(
    'record-path-too-short',
    'record-proof',
    'A record on a path that is a level short.',
    changed(plain, ({ records }) => ({ records: records.map(one => ({ ...one, path: one.path.slice(1) })) })),
  )
  teller.lie(
    'registry-made-up',
    'record-proof',
    'A registry root that no records make.',
    teller.closed({ seal: { registryRoot: hash('no records') } }),
  )
  teller.lie(
    'policy-of-the-unit-changed',
    'record-proof',
    'The unit’s policy in other words than were published, under the seal: gifts without a bound.',
    rewritten(
      R.coins,
      encodeTransaction(fromDraft(coins({ giftEach: 99_000, giftDay: 99_000 }), books.idAt(R.coins + 2))),
    ),
  )
  teller.lie(
    'unit-left-out',
    'record-missing',
    'The unit is not shown, and so not its policy.',
    recorded(plain, R.coins, null),
  )
  const ofRule = books.tell(
    [by.registrar],
    [
      {
        kind: 'open-account',
        accountKind: 'member',
        unit: R.rule,
        terms: books.leafOf(R.rule),
        owner: KEYS.stranger.publicKey,
        nonce: hash('in a rule'),
      },
    ],
  )
  teller.lie(
    'unit-is-no-unit',
    'record-missing',
    'The account’s unit is a record that is none.',
    stated(ofRule.close(), books.accounts.length),
    { policy },
  )
  teller.lie(
    'issuer-left-out',
    'record-missing',
    'Signatures of an issuer whose key is not shown.',
    recorded(signatures, R.issuer, null),
  )
  teller.lie(
    'rule-left-out',
    'record-missing',
    'Points by a rule that is not shown.',
    recorded(signatures, R.rule, null),
  )
  teller.lie(
    'custodian-left-out',
    'record-missing',
    'Carol is not shown who her custodian is.',
    recorded(shop.statements[CAROL]!.plain, R.custodian, null),
    teller.trust(CAROL),
  )

  const lenient = books.tell(
    [by.root],
    [coins({ name: 'coins-again', windowMs: 20 * 365 * 86_400_000, debtMax: 1000 })],
  )
  teller.lie(
    'unit-swapped',
    'record-changed',
    'A unit under the number of hers that was defined later, by root, in the log, with a window of twenty years ' +
      'and deep debts. Her opening says which one she has.',
    swapped(lenient, R.coins, next, ALICE),
  )
  const forCarol = books.tell([{ record: R.custodian, key: KEYS.otherCustodian }], [redeem(CAROL, 10)])
  teller.lie(
    'custodian-swapped',
    'record-changed',
    'A custodian’s key of the operator’s under the number of Carol’s, registered by root, in the log. Her ' +
      'opening says which one she has.',
    swapped(forCarol, R.custodian, R.otherCustodian, CAROL),
    teller.trust(CAROL),
  )

  const at = books.entries.length
  const refused = refusedAt(books.tell([by.root], [issuer]), at).tell([late], [issue(ALICE, 100)])
  const row = { entry: refused.entries[at + 1]!, from: at + 1, until: 0, next: 0 }
  teller.lie(
    'record-refused',
    'record-status',
    'Points under an issuer’s key whose registration the ledger refused: the log says refused, the registry has it.',
    stated(refused.close({ added: [row] }), ALICE, { all: true }),
  )
  teller.lie(
    'record-by-a-registrar',
    'record-signature',
    'Points under an issuer’s key that a registrar registered, and no root key.',
    stated(
      books
        .tell([by.registrar], [issuer])
        .tell([late], [issue(ALICE, 100)])
        .close(),
      ALICE,
      { all: true },
    ),
  )
  teller.lie(
    'record-by-itself',
    'record-signature',
    'Points under an issuer’s key that registered itself.',
    stated(
      books
        .tell([late], [issuer])
        .tell([late], [issue(ALICE, 100)])
        .close(),
      ALICE,
      { all: true },
    ),
  )
  teller.lie(
    'record-by-nobody',
    'record-signature',
    'Points under an issuer’s key whose registration has a root key’s name, and the signature of another key.',
    stated(
      books
        .tell([{ record: R.root, key: KEYS.stranger }], [issuer])
        .tell([late], [issue(ALICE, 100)])
        .close(),
      ALICE,
      { all: true },
    ),
  )
  roots(teller, shop)

  /** Her statement with the coins’ record at another position of its batch. */
  function moved(number: number, position: number): Uint8Array {
    return recorded(plain, number, { position })
  }

  /** Her statement where the operator’s registry has other bytes under a number. */
  function rewritten(number: number, entry: Uint8Array): Uint8Array {
    const closed = books.close({ records: { [number]: { entry } } })
    return encodeStatement(statementOf(closed, ALICE))
  }

  /** A statement where the operator’s registry has the record of another number under one. */
  function swapped(from: Books, number: number, other: number, account: number): Uint8Array {
    const { entry, from: index, until, next: successor } = from.records[other]!
    const closed = from.close({ records: { [number]: { entry, from: index, until, next: successor } } })
    return stated(closed, account)
  }
}

/** Books in which the one transaction of the batch at a log index was refused. */
function refusedAt(books: Books, at: number): Books {
  return books.with(all => all.with(at, encodeBatch({ ...books.batchAt(at), statuses: Uint8Array.of(3) })))
}

/** Root keys: as many as genesis asks for, and those that took the place of others. */
function roots(teller: Teller, { log, policy, books: shopBooks }: Shop): void {
  const [first, second, third] = [KEYS.root, KEYS.stranger, KEYS.revoked]
  const at = (n: number): Signer => ({ record: n, key: [first, second, third][n]! })
  const { time } = shopBooks.batchAt(0)
  const genesis = encodeTransaction(
    fromDraft(
      {
        kind: 'genesis',
        origin: log.key.name,
        logKey: log.key.publicKey,
        roots: [first, second, third].map(({ publicKey }) => publicKey),
        need: 2,
        skewMs: 600_000,
        promiseMs: 10_000,
      },
      shopBooks.idAt(1),
    ),
  )
  const two = new Books(log, []).enter([at(0), at(1)], [genesis], time)
  const unit: Draft = { kind: 'define-unit', name: 'coins', cap: 1000, windowMs: 86_400_000 }
  const registrar: Draft = { kind: 'register-key', key: KEYS.registrar.publicKey, role: 'registrar' }
  /** Records 3 and 4 are the unit and the registrar; the account is the first. */
  const opened = (base: Books, units: readonly Signer[], registrars: readonly Signer[], from = 3): Closed => {
    const defined = base.tell(units, [unit]).tell(registrars, [registrar])
    const member: Draft = {
      kind: 'open-account',
      accountKind: 'member',
      unit: from,
      terms: defined.leafOf(from),
      owner: KEYS.alice.publicKey,
      nonce: hash('under two of three'),
    }
    return defined.tell([{ record: from + 1, key: KEYS.registrar }], [member]).close()
  }
  const truth = (name: string, says: string, closed: Closed) =>
    teller.truth(name, says, stated(closed, 0), { policy }, { balance: 0, unit: 'coins', lines: 1 })
  const lie = (name: string, code: string, says: string, bytes: Uint8Array) =>
    teller.lie(name, code, says, bytes, { policy })
  const by01 = [at(0), at(1)]
  truth(
    'honest-two-of-three-roots',
    'A ledger of three root keys, of which two sign.',
    opened(two, by01, [at(1), at(2)]),
  )
  lie(
    'unit-by-one-root-of-two',
    'record-signature',
    'A unit that one root key defined where genesis asks for two.',
    stated(opened(two, [at(0)], by01), 0),
  )
  lie(
    'registrar-by-one-root-of-two',
    'record-signature',
    'A registrar that one root key registered where genesis asks for two.',
    stated(opened(two, by01, [at(2)]), 0),
  )
  const shown = decodeStatement(stated(opened(two, by01, [at(1), at(2)]), 0))
  lie(
    'second-root-left-out',
    'record-missing',
    'A registrar that two root keys registered, of which one is not shown.',
    encodeStatement({ ...shown, records: shown.records.filter(({ number }) => number !== 2) }),
  )
  const fourth = KEYS.issuer
  const key: Draft = { kind: 'register-key', key: fourth.publicKey, role: 'root' }
  const replaced = two.tell([at(1), at(2)], [key]).tell([at(1), at(2)], [{ kind: 'revoke', record: 0 }])
  const byNew = [at(1), { record: 3, key: fourth }]
  truth(
    'honest-root-replaced',
    'Two of three root keys put a fourth in the place of the first, which was lost; it signs with one of them.',
    opened(replaced, byNew, byNew, 4),
  )
  lie(
    'root-that-was-replaced',
    'record-signature',
    'A unit that a root key defined with one that was revoked before.',
    stated(opened(replaced, by01, byNew, 4), 0),
  )
  lie(
    'root-by-one-root',
    'record-signature',
    'A root key that one root key put in place where it takes two.',
    stated(opened(two.tell([at(1)], [key]), byNew, byNew, 4), 0),
  )
  lie(
    'root-before-it-was-one',
    'record-signature',
    'A unit that a root key signed before it was registered.',
    stated(
      opened(
        two.tell([at(1), { record: 4, key: fourth }], [{ ...unit, name: 'before' }]).tell([at(1), at(2)], [key]),
        by01,
        by01,
        5,
      ),
      0,
      { records: [3] },
    ),
  )
  lie(
    'one-root-as-two',
    'record-signature',
    'One root key that was registered a second time, and signs as two.',
    stated(
      opened(
        two.tell(by01, [{ kind: 'register-key', key: first.publicKey, role: 'root' }]),
        [at(0), { record: 3, key: first }],
        by01,
        4,
      ),
      0,
    ),
  )
}
