import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about caps of budgets, greatest balances and the notice of rules. */
export const CAPS: readonly Mutant[] = [
  ...mistakes(
    'ledger/budgets.ts',
    ['(caps.week !== 0 && week + amount > caps.week) ||', '', 'a week has no cap'],
    ['month + amount > caps.month', 'month + amount >= caps.month', 'a month gives a point less'],
    [
      'for (const account of [member, budget])',
      'for (const account of [member])',
      'what a budget gives in sum is not counted',
    ],
    ['week: counter?.week === now.week ? counter.thisWeek : 0,', 'week: counter?.thisWeek ?? 0,', 'a week never ends'],
    [
      'isOver(counters?.get(budget), amount, now, terms)',
      'isOver(counters?.get(member), amount, now, terms)',
      'caps in sum are those of a member',
    ],
  ),
  ...mistakes(
    'account/dates.ts',
    ['return Math.floor((day + 2) / 7)', 'return Math.floor((day + 3) / 7)', 'weeks begin on Sundays'],
    ['const ERA_BEGIN = 719_467', 'const ERA_BEGIN = 719_468', 'a month begins a day early'],
  ),
  ...mistakes(
    'account/member.ts',
    [
      '  return max !== 0 && balance + amount > max',
      '  return max !== 0 && balance + amount >= max',
      'the greatest balance is never reached',
    ],
    [
      'credited(member, [{ matures: 0, expires: tx.expires, amount: tx.gained }], balanceMax)',
      'credited(member, [{ matures: 0, expires: tx.expires, amount: tx.gained }])',
      'what is converted has no bound',
    ],
  ),
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
]
