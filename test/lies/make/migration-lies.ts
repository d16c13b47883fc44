import type { Draft, Signer } from '../../world.ts'
import type { Books } from './books.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, KEYS, QUARTER, R, type Shop } from './shop.ts'
import { stated } from './statements.ts'
import { Teller } from './teller.ts'

type Opening = Extract<Draft, { kind: 'opening-balance' }>

const refOf = (name: string) => hash(`a balance of ${name} in the old system`).subarray(0, 16)

/** What members bring along from an old system: invented by one of the two who sign it, or brought once more. */
export function migrationLies(corpus: Corpus, shop: Shop): void {
  const teller = new Teller(corpus, shop)
  const first = shop.books.records.length
  const keyOf = (key: { readonly publicKey: Uint8Array }): Draft => {
    return { kind: 'register-key', key: key.publicKey, role: 'source', scope: [] }
  }
  const books = shop.books.tell([by.root], [keyOf(KEYS.stranger), keyOf(KEYS.dora)])
  const [old, other] = [
    { record: first, key: KEYS.stranger },
    { record: first + 1, key: KEYS.dora },
  ]
  const bring = (amount: number, more: Partial<Opening> = {}): Draft => {
    const where = { kind: 'opening-balance', debit: A.budget, credit: A.alice, amount } as const
    return { ...where, source: first, ref: refOf('Alice'), matures: 0, expires: 0, ...more }
  }
  const told = (signers: readonly Signer[], ...drafts: readonly Draft[]) => books.tell(signers, drafts)
  const log = (from: Books) => logFile(shop, from.close())
  const shown = (from: Books) => stated(from.close(), A.alice, { all: true })

  const brought = told([by.issuer, old], bring(500))
  const facts = { size: brought.close().entries.length }
  corpus.truth('log/honest-opening-balance', 'Alice has 500 points of an old system.', { ...log(brought), facts })
  teller.truth('honest-opening-balance', 'Alice’s statement: so she has.', shown(brought), teller.trust(A.alice), {
    balance: 740,
  })
  const both = told([by.issuer, old, other], bring(500), bring(100, { source: first + 1 }))
  corpus.truth('log/honest-opening-balance-of-two', 'Two old systems have one reference, each of its own.', {
    ...log(both),
    facts: { size: both.close().entries.length },
  })

  const past = { expires: QUARTER - 4 }
  const revoked = books.tell([by.root], [{ kind: 'revoke', record: first }])
  const lies: readonly (readonly [name: string, code: string, says: string, told: Books])[] = [
    [
      'unsigned',
      'evidence-signature',
      'An opening balance that an issuer alone invented.',
      told([by.issuer], bring(500)),
    ],
    [
      'by-the-old-system',
      'evidence-signature',
      'An opening balance that an old system alone invented.',
      told([old], bring(500)),
    ],
    [
      'by-another-system',
      'evidence-signature',
      'An opening balance of one old system that another signed.',
      told([by.issuer, other], bring(500)),
    ],
    [
      'of-no-system',
      'evidence-signature',
      'An opening balance whose old system is the issuer itself.',
      told([by.issuer], bring(500, { source: R.issuer })),
    ],
    ['past', 'line-rule', 'An opening balance that was past when it came.', told([by.issuer, old], bring(500, past))],
    [
      'off-grain',
      'line-rule',
      'An opening balance with a date that no lot of the unit has.',
      told([by.issuer, old], bring(500, { expires: QUARTER + 96 * 40 + 1 })),
    ],
    [
      'off-step',
      'line-rule',
      'Seven points of an old system, in a unit that goes in fives.',
      told([by.issuer, old], bring(7)),
    ],
  ]
  for (const [name, code, says, from] of lies) {
    corpus.lie(`log/opening-balance-${name}`, 'batch-statuses', says, log(from))
    teller.lie(`opening-balance-${name}`, code, `Alice’s statement: ${says}`, shown(from), teller.trust(A.alice))
  }
  const back: Draft = {
    ...{ kind: 'reverse', debit: A.alice, credit: A.budget, amount: 500 },
    original: brought.idAt(brought.entries.length - 1),
  }
  for (const [name, says, from] of [
    ['twice', 'A balance of an old system comes twice.', brought.tell([by.issuer, old], [bring(500)])],
    [
      'to-another',
      'A balance of an old system comes twice, to two members.',
      brought.tell([by.issuer, old], [bring(500, { credit: A.bob })]),
    ],
    [
      'twice-in-one-batch',
      'A balance of an old system comes twice in one batch.',
      told([by.issuer, old], bring(500), bring(500, { credit: A.bob })),
    ],
    [
      'again',
      'A balance of an old system is taken back, and comes again: its reference stays used.',
      brought.tell([by.issuer], [back]).tell([by.issuer, old], [bring(500)]),
    ],
    ['beyond-the-budget', 'An opening balance beyond what its budget has.', told([by.issuer, old], bring(50_000))],
    [
      'by-a-revoked-system',
      'An opening balance of an old system whose key was revoked.',
      revoked.tell([by.issuer, old], [bring(500)]),
    ],
  ] as const)
    corpus.lie(
      `log/opening-balance-${name}`,
      name === 'by-a-revoked-system' ? 'batch-refused' : 'batch-statuses',
      says,
      log(from),
    )
  const asIssued = brought.with(list => list)
  const { issued, opened } = asIssued.totals[0]!
  asIssued.totals[0] = { ...asIssued.totals[0]!, issued: issued + opened, opened: 0n }
  corpus.lie(
    'log/opening-balance-unsaid',
    'seal-totals',
    'What an old system brought, says the seal, was issued.',
    log(asIssued),
  )
}
