import { decodeBatch, encodeBatch, type Signature } from '../../../src/core/entry/batch.ts'
import { decodeStatement, encodeStatement, type StatementLine } from '../../../src/verify/statement.ts'
import { plusL } from '../../core/crypto/edwards.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, recoverer, redeem, type Shop } from './shop.ts'
import { changed, evidenceAt, stated, statementOf } from './statements.ts'

import { evidenced, headOf, Teller } from './teller.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** Under whose signature the lines of a statement came into the log. */
export function authorityLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { policy, books, entries } = shop
  const { plain, signatures } = shop.statements[ALICE]!
  const bob = shop.statements[BOB]!
  teller.lie(
    'spent-without-a-word',
    'evidence-missing',
    'A purchase that Alice is said to have made, without her signature.',
    evidenced(plain, 2, null),
  )
  teller.lie(
    'held-without-a-word',
    'evidence-missing',
    'A hold on Bob’s points without his signature.',
    evidenced(bob.plain, 3, null),
    teller.trust(BOB),
  )
  teller.lie(
    'gift-without-a-word',
    'evidence-missing',
    'A gift of Bob’s points without his signature.',
    evidenced(bob.plain, 4, null),
    teller.trust(BOB),
  )
  teller.lie(
    'consent-without-a-word',
    'evidence-missing',
    'A consent of Bob’s without his signature.',
    evidenced(bob.plain, 5, null),
    teller.trust(BOB),
  )
  const custodial = shop.statements[A.carol]!
  teller.lie(
    'custodian-without-a-word',
    'evidence-missing',
    'A purchase for Carol without her custodian’s signature.',
    evidenced(custodial.plain, 2, null),
    teller.trust(A.carol),
  )
  const taken = books.tell([by.registrar], [{ kind: 'rotate-owner', account: ALICE, key: KEYS.stranger.publicKey }])
  teller.lie(
    'key-replaced-without-a-word',
    'evidence-missing',
    'Another owner key, sealed and in the log, without a signature of the old one.',
    evidenced(stated(taken.close(), ALICE), 6, null),
  )
  const place = decodeStatement(plain).lines[2]!.evidence!
  teller.lie(
    'evidence-of-another',
    'evidence-proof',
    'The signature of another line.',
    changed(signatures, ({ lines }) => ({ lines: lines.with(1, { ...lines[1]!, evidence: lines[3]!.evidence }) })),
  )
  teller.lie(
    'another-position',
    'evidence-proof',
    'The place of the purchase that was refused.',
    evidenced(plain, 2, { position: 1 }),
  )
  teller.lie(
    'position-past-the-batch',
    'evidence-proof',
    'A position that the batch does not have.',
    evidenced(plain, 2, { position: 2 }),
  )
  teller.lie(
    'batch-in-no-log',
    'evidence-proof',
    'A batch that is in no log: its time is another.',
    evidenced(plain, 2, { batch: encodeBatch({ ...decodeBatch(place.batch), time: books.close().seal.time }) }),
  )
  teller.lie(
    'batch-elsewhere',
    'evidence-proof',
    'The batch at another index than it stands at.',
    evidenced(plain, 2, { index: place.index + 1 }),
  )
  teller.lie(
    'batch-beyond-the-log',
    'evidence-proof',
    'A batch past the end of the log.',
    evidenced(plain, 2, { index: entries.length }),
  )
  teller.lie(
    'batch-path-too-short',
    'evidence-proof',
    'A path in the batch that is a level short.',
    evidenced(plain, 2, { batchPath: place.batchPath.slice(1) }),
  )
  teller.lie(
    'log-path-too-short',
    'evidence-proof',
    'A path in the log that is a level short.',
    evidenced(plain, 2, { logPath: place.logPath.slice(1) }),
  )
  teller.lie(
    'evidence-without-proof',
    'evidence-proof',
    'A batch without any proof that it is in the log.',
    evidenced(plain, 2, { logPath: [] }),
  )

  const paid = books.tell([by.alice], [redeem(ALICE, 100)])
  const at = books.entries.length
  const refusedIn = paid.with(all =>
    all.with(at, encodeBatch({ ...decodeBatch(all[at]!), statuses: Uint8Array.of(45) })),
  )
  const refused = refusedIn.close({ accounts: { [ALICE]: paid.accounts[ALICE]! } })
  const refusedLine = { entry: paid.entries.at(-1)!, evidence: evidenceAt(refused, at + 1) }
  const counted = statementOf(refused, ALICE)
  teller.lie(
    'refused-shown-as-accepted',
    'evidence-status',
    'A purchase that the ledger refused is taken from the balance all the same: the log says refused, the seal counts it.',
    encodeStatement({ ...counted, lines: [...counted.lines, refusedLine] }),
  )

  const unlogged = statementOf(books.close({ accounts: { [ALICE]: paid.accounts[ALICE]! } }), ALICE)
  teller.lie(
    'spent-in-no-log',
    'evidence-missing',
    'A purchase that stands in no log, counted and sealed.',
    encodeStatement({ ...unlogged, lines: [...unlogged.lines, { entry: refusedLine.entry, evidence: null }] }),
  )

  const resign = (change: (one: Signature) => Signature) => ({
    batch: ({ signatures: [one] }: { signatures: readonly Signature[] }) => ({ signatures: [change(one!)] }),
  })
  const spend = redeem(ALICE, 100)
  teller.lie(
    'spent-by-an-issuer',
    'evidence-signature',
    'A purchase of Alice’s that an issuer signed.',
    teller.told([by.issuer], spend),
  )
  teller.lie(
    'spent-by-root',
    'evidence-signature',
    'A purchase of Alice’s that the root key signed.',
    teller.told([by.root], spend),
  )
  teller.lie(
    'spent-by-bob',
    'evidence-signature',
    'A purchase of Alice’s that Bob signed, with his own key and under his own number.',
    teller.told([by.bob], spend),
  )
  teller.lie(
    'spent-by-bobs-key',
    'evidence-signature',
    'Alice’s account named as the signer, and Bob’s key signed.',
    teller.told([{ account: ALICE, key: KEYS.bob }], spend),
  )
  teller.lie(
    'spent-by-nobody',
    'evidence-signature',
    'A signature of 64 zeros.',
    teller.told(
      [by.alice],
      spend,
      resign(one => ({ ...one, ed25519: new Uint8Array(64) })),
    ),
  )
  teller.lie(
    'signature-of-another-batch',
    'evidence-signature',
    'Alice’s signature of her earlier purchase under a new one.',
    teller.told(
      [by.alice],
      spend,
      resign(() => decodeBatch(place.batch).signatures[0]!),
    ),
  )
  teller.lie(
    'signature-of-another-ledger',
    'evidence-signature',
    'Alice’s signature of the same purchase in another ledger: the message names the ledger.',
    teller.told([by.alice], spend, { ledgerId: hash('the ledger before') }),
  )
  teller.lie(
    'signature-plus-l',
    'evidence-signature',
    'Alice’s own signature with L added to S: the equation holds, and the form is not the one.',
    teller.told(
      [by.alice],
      spend,
      resign(one => ({ ...one, ed25519: plusL(one.ed25519) })),
    ),
  )
  const two = books.tell([by.alice], [redeem(ALICE, 100), redeem(ALICE, 5)])
  const half = books.enter(
    [by.alice],
    two.entries.slice(-2, -1),
    two.timeMs,
    resign(() => decodeBatch(two.entries[at]!).signatures[0]!),
  )
  teller.lie(
    'half-of-what-she-signed',
    'evidence-signature',
    'She signed two purchases in one batch; the log has one of them under that signature.',
    stated(half.close(), ALICE, { all: true }),
  )
  const weak = books
    .tell(
      [by.registrar],
      [
        {
          kind: 'open-account',
          accountKind: 'member',
          unit: R.coins,
          owner: new Uint8Array(32).with(0, 1),
          nonce: hash('weak'),
        },
      ],
    )
    .tell([by.issuer], [issue(11, 100)])
  const anyone = { ...resign(one => ({ ...one, ed25519: new Uint8Array(64).with(0, 1) })) }
  teller.lie(
    'owner-key-of-small-order',
    'evidence-signature',
    'An account whose owner key is a point of small order: one made-up signature fits every purchase.',
    stated(weak.tell([{ account: 11, key: KEYS.stranger }], [redeem(11, 100)], anyone).close(), 11, { all: true }),
    { policy },
  )
  teller.lie(
    'issued-by-a-registrar',
    'evidence-signature',
    'Points that a registrar issued.',
    teller.told([by.registrar], issue(ALICE, 100)),
  )
  teller.lie(
    'issued-by-a-treasurer',
    'evidence-signature',
    'Points that a treasurer issued.',
    teller.told([by.treasurer], issue(ALICE, 100)),
  )
  teller.lie(
    'issued-by-a-revoked-key',
    'evidence-signature',
    'Points under a key that was revoked before.',
    teller.told([by.revoked], issue(ALICE, 100)),
  )
  teller.lie(
    'issued-under-another-name',
    'evidence-signature',
    'An issuer’s number, and the key of one that was revoked.',
    teller.told([{ record: R.issuer, key: KEYS.revoked }], issue(ALICE, 100)),
  )
  const late = { record: 12, key: KEYS.stranger }
  const lateKey = books
    .tell([late], [issue(ALICE, 100)])
    .tell([by.root], [{ kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [A.budget] }])
  teller.lie(
    'issued-before-the-key-was-registered',
    'evidence-signature',
    'Points under a key that was registered afterwards.',
    stated(lateKey.close(), ALICE, { all: true }),
  )
  const wrongScope = books
    .tell([by.root], [{ kind: 'register-key', key: KEYS.stranger.publicKey, role: 'issuer', scope: [A.milesBudget] }])
    .tell([late], [issue(ALICE, 100)])
  teller.lie(
    'issued-out-of-scope',
    'evidence-signature',
    'Points of a budget that is not in the scope of the issuer’s key.',
    stated(wrongScope.close(), ALICE, { all: true }),
  )
  teller.lie(
    'another-custodian',
    'evidence-signature',
    'A purchase for Carol that a custodian signed whom her opening does not name.',
    stated(books.tell([by.otherCustodian], [redeem(A.carol, 10)]).close(), A.carol),
    teller.trust(A.carol),
  )
  const begun = { kind: 'recover', account: ALICE, key: KEYS.stranger.publicKey } as const
  teller.lie(
    'recovery-by-one-of-two',
    'evidence-signature',
    'One recovery key of two begins what takes two.',
    teller.told([recoverer(ALICE, 0)], begun),
  )
  teller.lie(
    'recovery-by-the-registrar',
    'evidence-signature',
    'The registrar begins a recovery that only recovery keys may.',
    stated(books.tell([by.registrar], [begun]).close(), ALICE, { all: true }),
  )
  const rotated = books.tell([by.alice], [{ kind: 'rotate-owner', account: ALICE, key: KEYS.stranger.publicKey }])
  teller.lie(
    'the-old-key-spends',
    'evidence-signature',
    'A purchase under the owner key that was replaced before.',
    stated(rotated.tell([by.alice], [spend]).close(), ALICE),
  )
  teller.lie(
    'the-new-key-puts-itself-in',
    'evidence-signature',
    'A new owner key that only the new key signed for.',
    teller.told([{ account: ALICE, key: KEYS.stranger }], {
      kind: 'rotate-owner',
      account: ALICE,
      key: KEYS.stranger.publicKey,
    }),
  )
  teller.lie(
    'released-early',
    'evidence-signature',
    'Bob’s hold released by the operator while the shop could still capture it.',
    stated(books.tell([by.operator], [{ kind: 'release', account: BOB, hold: books.idAt(shop.holdAt) }]).close(), BOB, {
      all: true,
    }),
    teller.trust(BOB),
  )
  const elsewhere = books.tell(
    [by.bob],
    [{ kind: 'hold', debit: BOB, credit: A.otherMerchant, amount: 10, until: books.timeMs + 3_600_000 }],
  )
  teller.lie(
    'captured-out-of-scope',
    'evidence-signature',
    'Bob’s hold for one shop captured under a key whose scope does not hold that shop.',
    stated(
      elsewhere
        .tell(
          [by.merchant],
          [{ kind: 'capture', debit: BOB, credit: A.otherMerchant, amount: 10, hold: elsewhere.idAt(at + 1) }],
        )
        .close(),
      BOB,
      { all: true },
    ),
    teller.trust(BOB),
  )

  teller.lie(
    'places-go-back',
    'evidence-order',
    'Lines in an order that they do not have in the log, chained and sealed so.',
    reordered(),
  )
  teller.lie(
    'time-goes-back',
    'evidence-order',
    'A batch of an earlier ledger time than the one above it.',
    teller.told([by.alice], spend, { batch: ({ time }) => ({ time: time - 60_000 }) }),
  )
  teller.lie(
    'behind-the-seal',
    'evidence-order',
    'A batch of a later time than the seal that counts it.',
    stated(paid.close({ seal: { time: paid.timeMs - 1 } }), ALICE),
  )

  const inOneBatch = books.tell([by.issuer], [issue(ALICE, 5), issue(ALICE, 10)])
  const turned = (lines: readonly StatementLine[]) => [...lines.slice(0, 6), lines[7]!, lines[6]!]
  const backwards = inOneBatch.close({
    accounts: { [ALICE]: { head: headOf(turned(statementOf(inOneBatch.close(), ALICE).lines)) } },
  })
  const told = statementOf(backwards, ALICE, { all: true })
  teller.lie(
    'positions-go-back',
    'evidence-order',
    'Two entries of one batch in an order that they do not have in it, chained and sealed so.',
    encodeStatement({ ...told, lines: turned(told.lines) }),
  )
  teller.lie(
    'an-account-with-the-number-of-a-key',
    'evidence-signature',
    'An issuer’s signature in the name of the owner of the account that has the number of the issuer’s record.',
    teller.told([{ account: R.issuer, key: KEYS.issuer }], issue(ALICE, 100)),
  )
  const gift = books.chains.get(ALICE)!.indexes[4]!
  teller.truth(
    'honest-evidence-of-others',
    'Evidence beside what another member signed: it holds, though her key cannot be shown.',
    changed(signatures, ({ lines }) => ({
      lines: lines.with(4, { ...lines[4]!, evidence: evidenceAt(books.close(), gift) }),
    })),
    teller.trust(ALICE),
    { balance: 240 },
  )

  /** Issue of 40 before the purchase, though the log has it behind. */
  function reordered(): Uint8Array {
    const order = [0, 1, 3, 2, 4, 5]
    const { lines } = statementOf(books.close(), ALICE, { all: true })
    const head = headOf(order.map(i => lines[i]!))
    const statement = statementOf(books.close({ accounts: { [ALICE]: { head } } }), ALICE, { all: true })
    return encodeStatement({ ...statement, lines: order.map(i => statement.lines[i]!) })
  }
}
