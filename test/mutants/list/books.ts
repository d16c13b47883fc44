import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about the statements of merchants and budgets. */
export const BOOKS: readonly Mutant[] = [
  ...mistakes(
    'account/book.ts',
    ['if (amount % this.#unit.step !== 0) return OFF_STEP', '', 'a budget gives any part of a point'],
    ['if (tx.amount > one.left) return OVER_ORIGINAL', '', 'a shop gives back more than it was paid'],
    ['return isLate ? WINDOW_OVER : ACCEPTED', 'return ACCEPTED', 'a shop gives back behind the window'],
    ['if (this.#balance + change < 0) return INSUFFICIENT', '', 'a budget gives what it does not have'],
    ["    if (tx.kind === 'set-budget') this.#terms = tx\n", '', 'a statement of a budget does not ask for its terms'],
    [
      'this.#given.set(account, counted(this.#given.get(account), given.amount, now))',
      'counted(this.#given.get(account), given.amount, now)',
      'what a budget gave is not counted in its statement',
    ],
    ["? original?.kind === 'ask-settle'", '? original !== undefined', 'anything that a shop did was asked for'],
    [
      'original.debit === tx.credit && original.credit === tx.debit',
      'original.debit === tx.credit',
      'a refund goes to somebody else',
    ],
    [
      "this.#kind === 'merchant' || tx.debit === this.#opening?.sponsor",
      "this.#kind === 'merchant'",
      'what a shop put into its budget it cannot take back',
    ],
    [
      "return this.#kind === 'merchant' || tx.debit === this.#opening?.sponsor",
      'return true',
      'a shop takes back what the treasury put into its budget',
    ],
    ['    this.#leaves = []\n  }', '  }', 'the links of a shop have the lines before in them'],
  ),
  ...mistakes(
    'verify/links.ts',
    ["check(sum === lines.length, 'line-count',", "check(true, 'line-count',", 'lines stand there without a link'],
    ["check(links.length === 0, 'line-count',", "check(true, 'line-count',", 'a member has links'],
  ),
  ...mistakes('verify/batch-proof.ts', [
    'const isWhole = count === this.count && equalBytes(root, this.#root)',
    'const isWhole = count === this.count',
    'any lines are all of a batch',
  ]),
  ...mistakes('verify/line-places.ts', [
    "check(isOfLink === (at === lastAt), 'evidence-order',",
    "check(true, 'evidence-order',",
    'a link is of two batches',
  ]),
  ...mistakes(
    'verify/authority.ts',
    [
      "has('treasurer') && (transaction.original !== null || has('merchant'))",
      "has('treasurer')",
      'in a statement a shop is settled with unasked',
    ],
    [
      "has('treasurer') && (transaction.original !== null || has('merchant'))",
      "transaction.original !== null || has('merchant')",
      'in a statement a shop settles alone',
    ],
    [
      "if (transaction.kind === 'fund' && (key.role === 'merchant') !== isFromShop) return undefined",
      '',
      'in a statement the treasurer funds a budget out of a shop',
    ],
  ),
  ...mistakes(
    'verify/authorised-lines.ts',
    ['budget === tx.budget &&', '', 'a conversion goes by the rate of another budget'],
    [
      "check(isGoodFor(record, index), 'line-rule',",
      "check(true, 'line-rule',",
      'a conversion goes by a rate that was revoked',
    ],
  ),
  ...mistakes('verify/line-kinds.ts', [
    "if (!ofMember) return !('debit' in tx) || tx.credit !== account",
    'if (!ofMember) return false',
    'points leave a shop without a place',
  ]),
]
