import { DAY_MS } from '../../../src/account/dates.ts'
import { toHex } from '../../../src/core/bytes.ts'
import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import { type Corpus, shownBytes } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, recoverer, redeem, type Shop } from './shop.ts'
import { stated } from './statements.ts'

const { alice: ALICE, carol: CAROL } = A
const TAKEOVER_MS = 7 * DAY_MS

/** Who may act for an account beside, or instead of, its owner: custodians, their successors, recovery keys. */
export function custodyLies(corpus: Corpus, shop: Shop): void {
  const { policy, cards, books } = shop
  const told = (from: Books, account: number) => ({
    verifier: 'statement',
    trust: { policy, ...(cards[account] === undefined ? {} : { card: cards[account] }) },
    shown: shownBytes(stated(from.close(), account, { all: true })),
  })
  const lie = (name: string, code: string, says: string, account: number, from: Books) =>
    corpus.lie(`custody/${name}`, code, says, told(from, account))
  const truth = (name: string, says: string, account: number, facts: object, from: Books) =>
    corpus.truth(`custody/${name}`, says, { ...told(from, account), facts: { ...facts } })
  const next = books.records.length
  const [house, fresh] = [KEYS.stranger, KEYS.revoked]
  const at = (record: number, key = house): Signer => ({ record, key })
  const named = (from: Books, record: number) => ({ record, leaf: from.leafOf(record) })
  const custodian = (key: Signer['key'], succeeds: number | null = null): Draft => ({
    kind: 'register-key',
    key: key.publicKey,
    role: 'custodian',
    succeeds,
  })
  const spend = (account: number) => redeem(account, 10)

  // What the verifier knows, it says: nothing of this breaks a rule, and anyone who is told of it can object.
  const slipped = books.tell(
    [by.registrar],
    [
      {
        kind: 'open-account',
        accountKind: 'member',
        unit: R.coins,
        terms: books.leafOf(R.coins),
        owner: KEYS.alice.publicKey,
        custodian: named(books, R.custodian),
        recovery: { keys: [KEYS.stranger.publicKey], need: 1, delayMs: 0 },
        nonce: hash('slipped in'),
      },
    ],
  )
  const account = books.accounts.length
  truth(
    'honest-slipped-in',
    'A custodian, and recovery keys without a delay, that a registrar put into the opening of a member who has a ' +
      'key: the custodian spends, and all of it is said.',
    account,
    {
      balance: 30,
      owner: toHex(KEYS.alice.publicKey),
      custodian: [{ record: R.custodian, from: 0 }],
      recovery: { keys: 1, need: 1, delayMs: 0 },
      signers: [['registrar 1'], ['issuer 6'], [`custodian ${R.custodian}`]],
    },
    slipped.tell([by.issuer], [issue(account, 100)]).tell([by.custodian], [redeem(account, 70)]),
  )

  const terms = (key: Signer['key']) => ({ keys: [key.publicKey], need: 1, delayMs: 0 })
  const under = (one: number, owner: Signer['key'], recovery: Signer['key'] | null): Draft => ({
    kind: 'set-custody',
    account: one,
    owner: owner.publicKey,
    custodian: null,
    recovery: recovery && terms(recovery),
  })
  const replaced = [under(A.alice, KEYS.alice, KEYS.stranger)]
  const keepers = [recoverer(A.alice, 0), recoverer(A.alice, 1)]
  truth(
    'honest-terms-replaced',
    'Recovery keys put in the place of others, by the owner and as many of those as their terms ask for.',
    A.alice,
    { recovery: { keys: 1, need: 1, delayMs: 0 } },
    books.tell([by.alice, ...keepers], replaced),
  )
  for (const [name, signers, words] of [
    ['', [by.alice], 'by the owner’s key alone: anyone who has stolen that could keep the account'],
    ['-with-one-of-two', [by.alice, keepers[0]!], 'by the owner and one recovery key of the two that it takes'],
    ['-by-their-keepers', keepers, 'by those who keep the recovery keys, without the owner'],
  ] as const)
    lie(
      `terms-replaced${name}`,
      'evidence-signature',
      `Recovery keys put in the place of others ${words}.`,
      A.alice,
      books.tell(signers, replaced),
    )
  lie(
    'terms-of-a-custodian',
    'line-rule',
    'The custodian gives Carol’s account to an owner, with recovery keys of its own choice.',
    CAROL,
    books.tell([by.custodian], [under(CAROL, KEYS.dora, KEYS.stranger)]),
  )
  lie(
    'terms-of-the-owner-herself',
    'line-rule',
    'The owner puts a key in that is one of her recovery keys: who keeps that has both.',
    A.alice,
    books.tell([by.alice], [under(A.alice, KEYS.recovery[0], null)]),
  )
  const owned = books.tell([by.custodian], [under(CAROL, KEYS.dora, null)])
  const dora: Signer = { account: CAROL, key: KEYS.dora }
  const herOwn = owned.tell([dora], [under(CAROL, KEYS.dora, KEYS.stranger)])
  const words = 'The custodian gives Carol’s account to her, and she names recovery keys with her own.'
  corpus.truth('custody/honest-terms-of-her-own', words, {
    ...told(herOwn, CAROL),
    trust: { policy },
    facts: { recovery: { keys: 1, need: 1, delayMs: 0 } },
  })

  const succeeded = books.tell([by.root, by.custodian], [custodian(house, R.custodian)])
  truth(
    'honest-succession',
    'The custodian’s key was succeeded by another, which signs at once: the old one signed for it.',
    CAROL,
    {
      balance: 30,
      custodian: [
        { record: R.custodian, from: 0 },
        { record: next, from: 0 },
      ],
      signers: [['registrar 1'], ['issuer 6'], [`custodian ${R.custodian}`], [`custodian ${next}`]],
    },
    succeeded.tell([at(next)], [spend(CAROL)]),
  )
  const rotated = succeeded.tell([by.root], [{ kind: 'revoke', record: R.custodian, reason: 3 }])
  truth(
    'honest-rotation',
    'And the old one was revoked.',
    CAROL,
    { balance: 30, custodian: [{ record: next, from: 0 }] },
    rotated.tell([at(next)], [spend(CAROL)]),
  )
  const twice = rotated.tell([by.root, at(next)], [custodian(fresh, next)])
  truth(
    'honest-succession-twice',
    'A successor of a successor.',
    CAROL,
    { balance: 30 },
    twice.tell([at(next + 1, fresh)], [spend(CAROL)]),
  )
  lie(
    'the-old-key-spends',
    'evidence-signature',
    'A purchase under the custodian’s key that was revoked before.',
    CAROL,
    rotated.tell([by.custodian], [spend(CAROL)]),
  )
  lie(
    'successor-of-another',
    'evidence-signature',
    'A purchase under a key that succeeds another custodian than Carol’s.',
    CAROL,
    books.tell([by.root, by.otherCustodian], [custodian(house, R.otherCustodian)]).tell([at(next)], [spend(CAROL)]),
  )
  lie(
    'successor-by-no-root',
    'record-signature',
    'A custodian’s key that only the key before it registered.',
    CAROL,
    books.tell([by.custodian], [custodian(house, R.custodian)]).tell([at(next)], [spend(CAROL)]),
  )
  const takeover = books.tell([by.root], [custodian(house, R.custodian)])
  lie(
    'takeover-at-once',
    'evidence-signature',
    'A purchase under a successor that root alone registered, before the week in public was over.',
    CAROL,
    takeover.tell([at(next)], [spend(CAROL)], { afterMs: TAKEOVER_MS - 1 }),
  )
  truth(
    'honest-takeover',
    'The custodian’s key was lost; root alone registered a successor, and a week passed.',
    CAROL,
    { balance: 30 },
    takeover.tell([at(next)], [spend(CAROL)], { afterMs: TAKEOVER_MS }),
  )
  truth(
    'honest-takeover-to-come',
    'A successor that root alone registered and that may not act yet: it is said from when on it may.',
    CAROL,
    {
      balance: 40,
      custodian: [
        { record: R.custodian, from: 0 },
        { record: next, from: takeover.timeMs + TAKEOVER_MS },
      ],
    },
    takeover,
  )
  lie(
    'takeover-of-a-takeover',
    'evidence-signature',
    'A successor that another one signed for, which was not due itself.',
    CAROL,
    takeover.tell([by.root, at(next)], [custodian(fresh, next)]).tell([at(next + 1, fresh)], [spend(CAROL)]),
  )
  lie(
    'successor-under-another-name',
    'evidence-signature',
    'A successor whose registration has the name of the key before it, and the signature of another.',
    CAROL,
    books
      .tell([by.root, { record: R.custodian, key: house }], [custodian(house, R.custodian)])
      .tell([at(next)], [spend(CAROL)]),
  )

  const put = (owner: Signer['key'] | null, to: number | null, from = books): Draft => ({
    kind: 'set-custody',
    account: CAROL,
    owner: owner?.publicKey ?? null,
    custodian: to === null ? null : named(from, to),
  })
  const hers = toHex(house.publicKey)
  corpus.lie(
    'custody/owner-behind-the-card',
    'wrong-owner',
    'A member without a key is told that she has one now; her card says none.',
    told(books.tell([by.custodian], [put(house, null)]), CAROL),
  )
  const keyed = (from: Books) => ({ ...told(from, CAROL), trust: { policy } })
  corpus.truth('custody/honest-own-key', 'The custodian puts Carol’s own key in, beside his, and then she drops him.', {
    ...keyed(
      books
        .tell([by.custodian], [put(house, R.custodian)])
        .tell([{ account: CAROL, key: house }], [put(house, null)])
        .tell([{ account: CAROL, key: house }], [spend(CAROL)]),
    ),
    facts: { balance: 30, owner: hers, custodian: null },
  })
  corpus.truth('custody/honest-another-custodian', 'Custody goes to another custodian; both sign.', {
    ...keyed(
      books
        .tell([by.custodian, by.otherCustodian], [put(null, R.otherCustodian)])
        .tell([by.otherCustodian], [spend(CAROL)]),
    ),
    facts: { balance: 30, owner: null, custodian: [{ record: R.otherCustodian, from: 0 }] },
  })
  const own = books.tell([by.custodian], [put(house, R.custodian)])
  for (const [name, says, from] of [
    [
      'taken-from-the-custodian',
      'A custodian takes an account over that another has, without his signature.',
      books.tell([by.otherCustodian], [put(null, R.otherCustodian)]),
    ],
    [
      'given-without-asking',
      'A custodian is made one without having signed.',
      books.tell([by.custodian], [put(null, R.otherCustodian)]),
    ],
    [
      'owner-dropped-by-the-custodian',
      'The custodian takes the owner’s key out.',
      own.tell([by.custodian], [put(null, R.custodian)]),
    ],
    [
      'owner-put-in-by-the-registrar',
      'A registrar puts an owner’s key into an account that a custodian has.',
      books.tell([by.registrar], [put(house, R.custodian)]),
    ],
    [
      'dropped-and-spends',
      'A custodian spends who was dropped before.',
      own.tell([{ account: CAROL, key: house }], [put(house, null)]).tell([by.custodian], [spend(CAROL)]),
    ],
    [
      'consent-beyond-the-unit',
      'A custodian gives a consent in a unit that lets custodians only spend.',
      books.tell([by.custodian], [{ kind: 'grant', account: CAROL, to: R.merchant, terms: hash('terms') }]),
    ],
    [
      'gift-beyond-the-unit',
      'A custodian gives points away in a unit that lets custodians only spend.',
      books.tell(
        [by.custodian],
        [{ kind: 'transfer', debit: CAROL, credit: ALICE, amount: 10, matures: 0, expires: 0 }],
      ),
    ],
  ] as const)
    corpus.lie(`custody/${name}`, 'evidence-signature', says, keyed(from))
  corpus.lie(
    'custody/custodian-of-another-leaf',
    'record-changed',
    'Custody goes to a number, and to another key than the registry has under it.',
    keyed(
      books.tell(
        [by.custodian, by.otherCustodian],
        [
          {
            ...(put(null, R.otherCustodian) as Extract<Draft, { kind: 'set-custody' }>),
            custodian: { record: R.otherCustodian, leaf: hash('another') },
          },
        ],
      ),
    ),
  )
}
