import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about rewards that are computed again, and about refusals whose reason is. */
export const REWARDS: readonly Mutant[] = [
  ...mistakes(
    'programmes/grants.ts',
    ['if (counted.net === 0) return undefined', '', 'what was taken back at once is a wrong reward'],
    ['(due.matures ?? matures) !== matures ||', '', 'nobody looks when points of a reward mature'],
    ['|| (due.expires ?? expires) !== expires', '', 'nobody looks when points of a reward expire'],
    ['isOther || isLess ||', 'isOther ||', 'a reward may be of less'],
    [
      'before === undefined && together === undefined && amount',
      'together === undefined && amount',
      'a second reward for an event is of all of it',
    ],
    ['if (counted.first.sum > due.amount) {', 'if (false) {', 'an event is rewarded again and again'],
    ['counted.add(amount - grant.reversed)', 'counted.add(amount)', 'what was taken back in its own batch was given'],
    ['this.#byIndex.get(at)?.add(-amount)', '', 'what was taken back later was given'],
    ['cap === undefined || cap.sum <= together!.most', 'true', 'no cap of a rule counts'],
    ['cap.sum <= together!.most', 'cap.sum < together!.most', 'a cap is one less'],
  ),
  ...mistakes(
    'programmes/templates/behaviour.ts',
    [
      'dayStartsAtUtcOffsetHours * 3_600_000) / DAY_MS)',
      'dayStartsAtUtcOffsetHours) / DAY_MS)',
      'the day of views is that of UTC',
    ],
    ['{account} ', '', 'all members have one cap of views'],
    ['} ${day', '', 'a cap of views is for ever'],
    ["if (behaviour !== 'pv') return due", '', 'purchases stand under the cap of views'],
  ),
  ...mistakes(
    'programmes/templates/invoices.ts',
    ["invoice.startsWith('C')", 'false', 'a cancelled invoice earns points'],
    [
      'const sum = Math.max(0, pointsOf(lines))',
      'const sum = Math.abs(pointsOf(lines))',
      'what came back earns points',
    ],
    ['Math.floor(thousandths / 1000)', 'Math.ceil(thousandths / 1000)', 'points of an invoice are rounded up'],
    [
      'isCancellation(invoice) && !Number.isNaN(sum)',
      'isCancellation(invoice)',
      'a sum that is not exact does not matter where it is cancelled',
    ],
    ['!/\\p{Surrogate}/u.test(customer)', 'true', 'half a letter is one'],
    ['nameOf(invoice, part), amount', 'invoice, amount', 'all parts of an invoice are one event'],
    ['JSON.stringify({ invoice, part, customer, timeMs, lines }) === text', 'true', 'details have many forms'],
    ['hour + maturesAfterDays * DAY_QUARTERS', 'hour', 'points of an invoice mature at once'],
  ),
  ...mistakes('audit/rewards.ts', [
    'row.evaluator?.pool ?? row.digest',
    'row.evaluator?.pool ?? String(row.rule)',
    'a rule is another one under another name',
  ]),
]
