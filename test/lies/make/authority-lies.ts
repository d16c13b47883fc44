import { decodeBatch, type Signature } from '../../../src/core/entry/batch.ts'
import { plusL } from '../../core/crypto/edwards.ts'
import type { Draft, Signer, TestKey } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, recoverer, redeem, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { relined, Teller } from './teller.ts'

const [ALICE, BOB] = [A.alice, A.bob]

/** Under whose signature the lines of a statement came into the log. */
export function authorityLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const { books } = shop
  const at = books.entries.length
  const before = books.batchAt(shop.spentAt).signatures
  const strangers: Draft = { kind: 'set-custody', account: ALICE, owner: KEYS.stranger.publicKey, custodian: null }
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
      resign(() => before[0]!),
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
  const weak = books.tell([by.alice], [strangers]).entries.at(-1)!.slice()
  weak.set(new Uint8Array(32).with(0, 1), Buffer.from(weak).indexOf(KEYS.stranger.publicKey))
  teller.lie(
    'owner-key-of-small-order',
    'transaction',
    'An owner key that is a point of small order, under which one made-up signature fits every purchase, put in ' +
      'by her.',
    relined(books.enter([by.alice], [weak], books.timeMs + 1000).close(), ALICE, lines => [
      ...lines,
      { entry: weak, index: at + 1 },
    ]),
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
  tellBrought(teller, books)
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
  const rotated = books.tell([by.alice], [strangers])
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
    teller.told([{ account: ALICE, key: KEYS.stranger }], strangers),
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
    'an-account-with-the-number-of-a-key',
    'evidence-signature',
    'An issuer’s signature in the name of the owner of the account that has the number of the issuer’s record.',
    teller.told([{ account: R.issuer, key: KEYS.issuer }], issue(ALICE, 100)),
  )
}

/** What she brought along from an old system: its key signs, and an issuer's. */
function tellBrought(teller: Teller, books: Books): void {
  const [old, other] = [books.records.length, books.records.length + 1]
  const key = (one: TestKey): Draft => ({ kind: 'register-key', key: one.publicKey, role: 'source' })
  const begun = books.tell([by.root], [key(KEYS.stranger), key(KEYS.revoked)])
  const [system, another] = [
    { record: old, key: KEYS.stranger },
    { record: other, key: KEYS.revoked },
  ]
  const ref = hash('her number there').subarray(0, 16)
  const brought: Draft = { kind: 'opening-balance', debit: A.budget, credit: ALICE, amount: 100, source: old, ref }
  const shown = (from: Books) => stated(from.close(), ALICE, { all: true })
  const both = begun.tell([by.issuer, system], [brought])
  teller.truth(
    'honest-brought',
    'Points that she brought along: the old system signed too.',
    shown(both),
    teller.trust(ALICE),
    {},
  )
  const lies: [string, string, Signer[]][] = [
    ['brought-without-the-old-system', 'Points brought along from a system that did not sign.', [by.issuer]],
    ['brought-without-an-issuer', 'Points that the old system gave out of a budget.', [system]],
    ['brought-from-another-system', 'Points of one old system that another signed.', [by.issuer, another]],
  ]
  for (const [name, says, signers] of lies)
    teller.lie(name, 'evidence-signature', says, shown(begun.tell(signers, [brought])))
  teller.lie(
    'brought-and-too-early',
    'line-time',
    'Points brought along that are dated a day back, by a key that may not backdate.',
    shown(
      both.tell([by.issuer, system], [{ ...brought, ref: hash('another').subarray(0, 16) } as Draft], {
        skewMs: -86_400_000,
      }),
    ),
  )
}
