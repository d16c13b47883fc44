import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about caps of budgets, greatest balances and the notice of rules. */
export const CAPS: readonly Mutant[] = [
  ...mistakes(
    'account/caps.ts',
    ['(caps.week !== 0 && week + amount > caps.week) ||', '', 'a week has no cap'],
    ['month + amount > caps.month', 'month + amount >= caps.month', 'a month gives a point less'],
    ['week: counter?.week === now.week ? counter.thisWeek : 0,', 'week: counter?.thisWeek ?? 0,', 'a week never ends'],
    [
      'isOver(given.sum, amount, now, terms)',
      'isOver(given.member, amount, now, terms)',
      'caps in sum are those of a member',
    ],
  ),
  ...mistakes(
    'ledger/budgets.ts',
    [
      'for (const account of [member, giver])',
      'for (const account of [member])',
      'what a budget gives in sum is not counted',
    ],
    [
      'if (status !== ACCEPTED && (least === ACCEPTED || status < least)) least = status',
      'if (least === ACCEPTED) least = status',
      'the first pool that refuses says why, whatever others say',
    ],
    [
      'for (const giver of [budget, ...this.poolsOf(budget)]) {',
      'for (const giver of [budget]) {',
      'a pool counts nothing that others give',
    ],
    ['for (const pool of this.poolsOf(budget)) {', 'for (const pool of []) {', 'no pool has a say'],
    [
      'for (const pool of this.poolsOf(budget)) {',
      'for (const pool of this.poolsOf(budget).slice(0, 1)) {',
      'only the first pool has a say',
    ],
    [
      'for (const pool of this.poolsOf(budget)) {',
      'for (const pool of this.poolsOf(budget).flatMap(one => [one, ...this.poolsOf(one)])) {',
      'the pools of a pool have a say',
    ],
    ['      if (!this.#terms.has(giver)) continue\n', '', 'a pool counts before it has terms'],
  ),
  ...mistakes(
    'ledger/apply/registry-change.ts',
    ['    if (tx.pools.includes(tx.account)) return SAME_ACCOUNT\n', '', 'a budget is its own pool'],
    [
      '    if (tx.pools.some(pool => accounts.unit(pool) !== accounts.unit(tx.account))) return UNIT_MISMATCH\n',
      '',
      'a pool is of another unit',
    ],
    [
      'if (named.some(one => accounts.kind(one) !== ACCOUNT_KINDS.budget)) return ACCOUNT_KIND',
      'if (named.length > 0 && accounts.kind(named[0]!) !== ACCOUNT_KINDS.budget) return ACCOUNT_KIND',
      'a pool is a member',
    ],
  ),
  ...mistakes('ledger/apply/group-undo.ts', [
    'numbers.flatMap(one => [one, ...budgets.poolsOf(one)])',
    'numbers',
    'what a group gave stays counted under a pool',
  ]),
  ...mistakes(
    'account/dates.ts',
    ['return Math.floor((day + 2) / 7)', 'return Math.floor((day + 3) / 7)', 'weeks begin on Sundays'],
    ['const ERA_BEGIN = 719_467', 'const ERA_BEGIN = 719_468', 'a month begins a day early'],
  ),
  ...mistakes('account/member.ts', [
    'credited(member, [{ matures: 0, expires: tx.expires, amount: tx.gained }], balanceMax)',
    'credited(member, [{ matures: 0, expires: tx.expires, amount: tx.gained }])',
    'what is converted has no bound',
  ]),
  ...mistakes(
    'ledger/apply/issue-redeem.ts',
    [
      'time < registry.records[rule]!.time + unit.terms.noticeMs',
      'time <= registry.records[rule]!.time + unit.terms.noticeMs',
      'a rule is public for a millisecond more',
    ],
    [
      '  if (isOverMax(accounts.balance(credit), amount, unit.terms.balanceMax)) return OVER_BALANCE_MAX\n',
      '',
      'an issue has no greatest balance',
    ],
  ),
  ...mistakes('verify/authorised-lines.ts', [
    'batch.timeMs >= record.batch.timeMs + unit.noticeMs',
    'true',
    'a member is paid by a rule of today',
  ]),
  ...mistakes('account/arrivals.ts', [
    '  return max !== 0 && balance + amount > max',
    '  return max !== 0 && balance + amount >= max',
    'the greatest balance is never reached',
  ]),
]
