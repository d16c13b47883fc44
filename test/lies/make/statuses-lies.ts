import type { Draft, Signer } from '../../world.ts'
import type { Corpus } from './corpus.ts'
import { logFile } from './log-lies.ts'
import { A, by, hash, R, type Shop } from './shop.ts'
import { changed, stated } from './statements.ts'
import { Teller } from './teller.ts'

/** Tiers that members have by rules, and that nobody set who may, or by no rule. */
export function statusesLies(corpus: Corpus, shop: Shop): void {
  const { books } = shop
  const teller = new Teller(corpus, shop)
  const set = (tier: number, more: Partial<Extract<Draft, { kind: 'set-status' }>> = {}): Draft => {
    return { kind: 'set-status', account: A.alice, budget: A.budget, rule: R.rule, tier, ...more }
  }
  const told = (signers: readonly Signer[], ...drafts: readonly Draft[]) => books.tell(signers, drafts).close()
  const statement = (closed: ReturnType<typeof told>) => stated(closed, A.alice, { all: true })
  const YEAR = 365 * 86_400_000
  const honest = told([by.issuer], set(1), set(2, { until: books.timeMs + YEAR, details: hash('salt, and her year') }))
  corpus.truth('log/honest-statuses', 'Alice has a tier, and a better one until a year from now.', {
    ...logFile(shop, honest),
    facts: { size: honest.entries.length },
  })
  teller.truth('honest-status', 'Alice’s statement: she has a tier.', statement(honest), teller.trust(A.alice), {
    balance: 240,
  })
  const lies: readonly [name: string, code: string, says: string, closed: typeof honest][] = [
    ['unsigned', 'evidence-signature', 'A tier that a registrar set.', told([by.registrar], set(1))],
    [
      'of-another-budget',
      'evidence-signature',
      'A tier beside a budget that is not the issuer’s.',
      told([by.issuer], set(1, { budget: A.otherMerchant })),
    ],
    ['past', 'line-rule', 'A tier that is over when it is set.', told([by.issuer], set(1, { until: books.timeMs }))],
    ['by-the-owner', 'evidence-signature', 'A tier that a member set for herself.', told([by.alice], set(2))],
  ]
  for (const [name, code, says, closed] of lies) {
    corpus.lie(`log/status-${name}`, 'batch-statuses', says, logFile(shop, closed))
    teller.lie(`status-${name}`, code, `Alice’s statement: ${says}`, statement(closed))
  }
  corpus.lie(
    'log/status-by-no-rule',
    'batch-statuses',
    'A tier by what is no rule.',
    logFile(shop, told([by.issuer], set(1, { rule: R.coins }))),
  )
  corpus.lie(
    'log/status-of-another-unit',
    'batch-statuses',
    'A tier beside a budget of another unit.',
    logFile(shop, told([by.issuer], set(1, { budget: A.milesBudget }))),
  )
  const revoked = books.tell([by.root], [{ kind: 'revoke', record: R.rule }])
  corpus.lie(
    'log/status-by-a-revoked-rule',
    'batch-statuses',
    'A tier by a rule that was revoked.',
    logFile(shop, revoked.tell([by.issuer], [set(1)]).close()),
  )
  teller.lie(
    'status-rule-left-out',
    'record-missing',
    'Alice’s statement: the rule of a tier is not shown.',
    changed(stated(honest, A.alice, {}), ({ records }) => ({
      records: records.filter(({ number }) => number !== R.rule),
    })),
  )
  teller.lie(
    'status-better',
    'holdings',
    'Alice’s statement: the account has no tier.',
    stated(
      books.tell([by.issuer], [set(1)]).close({ accounts: { [A.alice]: { more: new Uint8Array(32) } } }),
      A.alice,
      {
        all: true,
      },
    ),
  )
}
