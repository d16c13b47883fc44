import { toBase64, utf8Decode } from '../../../src/core/bytes.ts'
import { decodeBatch, encodeBatch, NO_LEDGER_ID } from '../../../src/core/entry/batch.ts'
import { ENTRY_SEAL } from '../../../src/core/entry/entry-type.ts'
import { INSUFFICIENT } from '../../../src/core/entry/outcome.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import { plusL } from '../../core/crypto/edwards.ts'
import type { Draft, Signer } from '../../world.ts'
import { Books } from './books.ts'
import type { Corpus, Told } from './corpus.ts'
import { A, by, hash, issue, KEYS, R, redeem, type Shop } from './shop.ts'
import type { Telling } from './telling.ts'

const DAY_MS = 86_400_000

/**
 * Whole logs, told to an auditor, of which a batch lies. Whatever follows the lie is made to fit it: states, totals,
 * seal, tree and signature.
 */
export function logLies(corpus: Corpus, shop: Shop): void {
  const { books, log } = shop
  const lie = (name: string, code: string, says: string, closed: Parameters<typeof logFile>[1]) =>
    corpus.lie(`log/${name}`, code, says, logFile(shop, closed))
  const { entries } = shop
  const { issuedAt, spentAt } = shop
  const rebatched = (index: number, change: object) =>
    books.with(list => list.with(index, encodeBatch({ ...decodeBatch(list[index]!), ...change })))
  const altered = (index: number, change: object) =>
    books.with(list =>
      list.with(index, encodeTransaction({ ...decodeTransaction(list[index]!), ...change } as Transaction)),
    )

  corpus.truth('log/honest', 'The shop’s log, whole.', {
    ...logFile(shop, { entries, checkpoint: shop.checkpoint }),
    facts: { size: entries.length, accounts: 11 },
  })
  corpus.truth('log/honest-beginning', 'A log of a genesis and a seal.', {
    ...logFile(shop, begunLog(shop).close()),
    facts: { size: 3, accounts: 0 },
  })
  corpus.truth('log/honest-more', 'The shop’s log with an issue more.', {
    ...logFile(shop, books.tell([by.issuer], [issue(A.alice, 100)]).close()),
    facts: { size: entries.length + 2 },
  })

  lie(
    'amount-changed',
    'batch-root',
    'An amount of an old transaction is changed after it was signed.',
    altered(issuedAt, { amount: 500 }).close(),
  )
  lie(
    'transaction-removed',
    'batch-root',
    'Of a batch of two issues one is replaced by the other.',
    books.with(list => list.with(issuedAt + 3, list[issuedAt + 2]!)).close(),
  )
  lie(
    'batch-reordered',
    'batch-root',
    'Two transactions of a batch change places.',
    books.with(list => list.with(issuedAt + 2, list[issuedAt + 3]!).with(issuedAt + 3, list[issuedAt + 2]!)).close(),
  )

  const resigned = (draft: Draft, signers: readonly Signer[], telling: Telling = {}) =>
    books.tell(signers, [draft], telling).close()
  const zeros: Telling = {
    batch: ({ signatures: [one] }) => ({ signatures: [{ ...one!, ed25519: new Uint8Array(64) }] }),
  }
  lie(
    'unsigned',
    'batch-refused',
    'Points issued under a signature of zeros.',
    resigned(issue(A.alice, 100), [by.issuer], zeros),
  )
  lie(
    'spent-unsigned',
    'batch-refused',
    'A member’s points spent under a signature of zeros.',
    resigned(redeem(A.alice, 100), [by.alice], zeros),
  )
  lie(
    'stranger-as-issuer',
    'batch-refused',
    'Points issued in the name of an issuer who did not sign.',
    resigned(issue(A.alice, 100), [{ record: R.issuer, key: KEYS.stranger }]),
  )
  lie(
    'revoked',
    'batch-refused',
    'Points issued under a key that was revoked.',
    resigned(issue(A.alice, 100), [by.revoked]),
  )
  lie(
    'no-such-record',
    'batch-refused',
    'A signature by a record that there is not.',
    resigned(issue(A.alice, 100), [{ record: 99, key: KEYS.issuer }]),
  )
  lie(
    'record-is-no-key',
    'batch-refused',
    'A signature by a record that is a rule.',
    resigned(issue(A.alice, 100), [{ record: R.rule, key: KEYS.issuer }]),
  )
  lie(
    'no-such-owner',
    'batch-refused',
    'A signature by the owner of an account that has none.',
    resigned(redeem(A.carol, 10), [{ account: A.carol, key: KEYS.alice }]),
  )
  lie(
    'another-ledger',
    'batch-refused',
    'A batch that was signed for another ledger.',
    resigned(redeem(A.alice, 100), [by.alice], { ledgerId: hash('another') }),
  )
  lie(
    'signature-plus-l',
    'batch-refused',
    'A signature with S ≥ L.',
    resigned(redeem(A.alice, 100), [by.alice], {
      batch: ({ signatures: [one] }) => ({ signatures: [{ ...one!, ed25519: plusL(one!.ed25519) }] }),
    }),
  )
  lie(
    'second-signer-unsigned',
    'batch-refused',
    'Two signers are named, and one of them signed.',
    resigned(redeem(A.alice, 100), [by.issuer, { account: A.alice, key: KEYS.stranger }]),
  )
  lie(
    'genesis-twice',
    'batch-refused',
    'A second genesis, by which everything could begin again.',
    books.enter([by.root], [entries[1]!], books.timeMs + 1000, { ledgerId: NO_LEDGER_ID }).close(),
  )
  lie(
    'genesis-of-another-key',
    'batch-refused',
    'A genesis that another key than the one it names signed.',
    new Books(log, []).enter([{ record: 0, key: KEYS.stranger }], [entries[1]!], decodeBatch(entries[0]!).time).close(),
  )
  lie(
    'no-genesis',
    'batch-refused',
    'A log that begins without a genesis.',
    new Books(log, []).enter([by.root], [entries[3]!], decodeBatch(entries[0]!).time).close(),
  )

  const counted = (
    name: string,
    says: string,
    signers: readonly Signer[],
    drafts: readonly Draft[],
    telling: Telling = {},
    from = books,
  ) => lie(name, 'batch-statuses', says, from.tell(signers, drafts, telling).close())
  const late = { record: 12, key: KEYS.stranger }
  const register = (role: 'issuer' | 'merchant', scope: number[]): Draft => ({
    kind: 'register-key',
    key: KEYS.stranger.publicKey,
    role,
    scope,
  })
  counted('issued-by-a-treasurer', 'Points issued by a key that may not issue.', [by.treasurer], [issue(A.alice, 100)])
  counted(
    'issued-out-of-scope',
    'Points of a budget that the issuer’s key may not touch.',
    [late],
    [issue(A.alice, 100)],
    {},
    books.tell([by.root], [register('issuer', [A.milesBudget])]),
  )
  counted('issued-beyond-the-budget', 'More points than the budget has.', [by.issuer], [issue(A.alice, 20_000)])
  counted(
    'funded-beyond-the-cap',
    'A budget funded beyond what the unit may ever issue.',
    [by.treasurer],
    [{ kind: 'fund', debit: A.treasury, credit: A.budget, amount: 95_000 }],
  )
  const terms = (more: object): Draft => ({
    kind: 'set-budget',
    account: A.budget,
    from: 0,
    until: 0,
    memberDay: 0,
    memberTotal: 0,
    ...more,
  })
  counted(
    'issued-beyond-the-members-cap',
    'More points to one member than the terms of the budget allow.',
    [by.issuer],
    [issue(A.alice, 150)],
    {},
    books.tell([by.treasurer], [terms({ memberTotal: 100 })]),
  )
  counted(
    'issued-of-a-closed-budget',
    'Points of a budget whose time is over.',
    [by.issuer],
    [issue(A.alice, 100)],
    {},
    books.tell([by.treasurer], [terms({ until: books.timeMs })]),
  )
  counted(
    'issued-by-no-rule',
    'Points by a rule that was never published.',
    [by.issuer],
    [issue(A.alice, 100, { rule: R.coins })],
  )
  counted('overdraft', 'More spent than there is.', [by.alice], [redeem(A.alice, 1000)])
  counted('spent-by-a-stranger', 'Alice’s points spent under Bob’s signature.', [by.bob], [redeem(A.alice, 100)])
  counted(
    'spent-to-a-budget',
    'A member’s points moved where they can be issued again.',
    [by.alice],
    [{ kind: 'redeem', debit: A.alice, credit: A.budget, amount: 100 }],
  )
  counted(
    'miles-as-coins',
    'Miles paid out as coins.',
    [by.issuer],
    [{ ...issue(A.alice, 100), debit: A.milesBudget } as Draft],
  )
  counted('issued-to-a-merchant', 'Points issued to a shop.', [by.issuer], [issue(A.merchant, 100)])
  counted(
    'settled-by-an-issuer',
    'A shop’s points settled by a key that may not.',
    [by.issuer],
    [{ kind: 'settle', debit: A.merchant, credit: A.treasury, amount: 5 }],
  )
  counted(
    'settled-twice',
    'More settled than the shop has.',
    [by.treasurer],
    [{ kind: 'settle', debit: A.merchant, credit: A.treasury, amount: 50 }],
  )
  counted('key-by-an-issuer', 'A key registered by one who may not.', [by.issuer], [register('issuer', [A.budget])])
  counted(
    'opened-by-an-issuer',
    'A member’s account opened by one who may not.',
    [by.issuer],
    [
      {
        kind: 'open-account',
        accountKind: 'member',
        unit: R.coins,
        terms: books.leafOf(R.coins),
        owner: KEYS.stranger.publicKey,
        nonce: hash('nonce'),
      },
    ],
  )
  counted(
    'second-treasury',
    'A second treasury, with a cap of its own.',
    [by.treasurer],
    [
      {
        kind: 'open-account',
        accountKind: 'treasury',
        unit: R.coins,
        terms: books.leafOf(R.coins),
        nonce: hash('nonce'),
      },
    ],
  )
  counted(
    'unit-of-a-taken-name',
    'A second unit of the same name and another policy.',
    [by.root],
    [{ kind: 'define-unit', name: 'coins', cap: 5, windowMs: 0 }],
  )
  counted(
    'last-root-revoked',
    'The last root key revoked: nobody could change a key again.',
    [by.root],
    [{ kind: 'revoke', record: R.root }],
  )
  counted('unit-revoked', 'A unit revoked: its policy never changes.', [by.root], [{ kind: 'revoke', record: R.coins }])
  counted(
    'paid-twice',
    'One transaction accepted twice.',
    [by.issuer],
    [issue(A.alice, 300, { rule: R.rule, details: hash('salt, and why Alice got 300') })],
    { ids: [books.idAt(issuedAt)] },
  )
  counted('id-taken', 'Another transaction under an id that is used.', [by.issuer], [issue(A.bob, 100)], {
    ids: [books.idAt(issuedAt)],
  })
  counted(
    'paid-twice-in-one-batch',
    'One transaction accepted twice in one batch.',
    [by.issuer],
    [issue(A.alice, 100), issue(A.alice, 100)],
    { ids: [books.idAt(issuedAt).with(15, 9), books.idAt(issuedAt).with(15, 9)] },
  )
  counted('dated-ahead', 'A transaction dated a day ahead.', [by.issuer], [issue(A.alice, 100)], { skewMs: DAY_MS })
  counted('dated-back', 'A transaction dated a day back, before a hold ended.', [by.issuer], [issue(A.alice, 100)], {
    skewMs: -DAY_MS,
  })
  counted(
    'captured-by-a-dated-key',
    'A hold captured after its time by a transaction dated before its end.',
    [by.merchant],
    [{ kind: 'capture', debit: A.bob, credit: A.merchant, amount: 50, hold: books.idAt(shop.holdAt) }],
    { afterMs: 2 * 3_600_000, skewMs: -2 * 3_600_000 },
  )
  counted(
    'expired-by-an-issuer',
    'Expiry written by a key that may not.',
    [by.issuer],
    [{ kind: 'expire', debit: A.bob, credit: A.expired, amount: 130 }],
    { afterMs: 31 * DAY_MS },
  )
  counted(
    'gift-beyond-the-cap',
    'A gift above the unit’s cap.',
    [by.alice],
    [{ kind: 'transfer', debit: A.alice, credit: A.bob, amount: 100, matures: 0, expires: 0 }],
  )
  counted('to-nobody', 'Points to an account that there is not.', [by.issuer], [issue(99, 100)])
  counted(
    'consent-to-nobody',
    'A consent to a record that is no key.',
    [by.bob],
    [{ kind: 'grant', account: A.bob, to: R.rule, terms: hash('terms') }],
  )
  lie(
    'refusal-dropped',
    'batch-statuses',
    'A purchase that was refused counts all the same.',
    rebatched(spentAt, { statuses: Uint8Array.of(0, 0) }).close(),
  )
  lie(
    'refused-for-no-reason',
    'batch-statuses',
    'A purchase that the rules allow is refused.',
    rebatched(spentAt, { statuses: Uint8Array.of(24, INSUFFICIENT) }).close(),
  )
  lie(
    'another-reason',
    'batch-statuses',
    'A refusal with another reason than the rules give.',
    rebatched(spentAt, { statuses: Uint8Array.of(0, 24) }).close(),
  )
  lie(
    'reason-of-no-number',
    'entry-form',
    'A status that there is not.',
    rebatched(spentAt, { statuses: Uint8Array.of(0, 250) }).close(),
  )
}

/** A whole log as a file has it. */
export function logFile(
  { policy, log }: Shop,
  { entries, checkpoint }: { readonly entries: readonly Uint8Array[]; readonly checkpoint: Uint8Array },
): Told {
  const seals = entries.filter(([type]) => type === ENTRY_SEAL).length
  return {
    verifier: 'log',
    trust: { policy },
    shown: {
      checkpoint: utf8Decode(checkpoint),
      salts: Array.from({ length: Math.max(3, seals) }, (_, epoch) => toBase64(log.saltOf(epoch))),
      entries: entries.map(toBase64),
    },
  }
}

/** A log of a genesis, with fields of it changed, and no more. */
export function begunLog({ log, entries }: Shop, draft: object = {}): Books {
  const genesis = { ...decodeTransaction(entries[1]!), ...draft } as Transaction
  return new Books(log, []).enter([by.root], [encodeTransaction(genesis)], decodeBatch(entries[0]!).time)
}
