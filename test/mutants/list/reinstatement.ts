import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about points that expired and come back. */
export const REINSTATEMENT: readonly Mutant[] = [
  ...mistakes('account/entitlement.ts', [
    "reinstate: [by('treasurer')],",
    "reinstate: [by('treasurer'), by('operator')],",
    'an operator brings back what expired',
  ]),
  ...mistakes(
    'account/member.ts',
    ['if (tx.amount > left) return OVER_ORIGINAL', '', 'more comes back than expired'],
    [
      'const left = original.transaction.amount - original.reversed',
      'const left = original.transaction.amount',
      'what expired comes back twice',
    ],
    [
      'if (!isOnGrain(tx.expires, unit)) return OFF_GRAIN',
      '',
      'what comes back has a date that no lot of the unit has',
    ],
    [
      'if (isPast(tx, time) || isTooFarAhead(tx.expires, idTimeMs(tx.id))) return DATES',
      'if (isTooFarAhead(tx.expires, idTimeMs(tx.id))) return DATES',
      'what comes back is past as it comes',
    ],
    [
      'isPast(tx, time) || isTooFarAhead(tx.expires, idTimeMs(tx.id))',
      'isPast(tx, time)',
      'what comes back stays for ages',
    ],
    [
      'return credited(member, [{ matures: 0, expires: tx.expires, amount: tx.amount }])',
      'return credited(member, [{ matures: 0, expires: tx.expires, amount: tx.amount }], unit.balanceMax)',
      'a greatest balance binds what comes back',
    ],
    [
      'return credited(member, [{ matures: 0, expires: tx.expires, amount: tx.amount }])',
      'return credited(member, [{ matures: 0, expires: 0, amount: tx.amount }])',
      'what comes back never expires',
    ],
  ),
  ...mistakes(
    'account/history.ts',
    [
      "return isExpiry === (kind === 'reinstate') && transaction",
      'return transaction',
      'in a statement a purchase is reinstated, and an expiry refunded',
    ],
    [
      "return isExpiry === (kind === 'reinstate') && transaction.debit === credit &&",
      "return isExpiry === (kind === 'reinstate') &&",
      'what expired of one member comes back to another',
    ],
    [
      "tx.kind === 'reverse' || tx.kind === 'reinstate'\n",
      "tx.kind === 'reverse'\n",
      'what comes back is of no original',
    ],
  ),
  ...mistakes(
    'ledger/apply/two-party.ts',
    ["if (tx.kind === 'reinstate') unit.reinstated.add(amount)\n", '', 'what comes back is in no total'],
    [
      "if (tx.kind === 'reinstate') unit.reinstated.add(amount)\n",
      "if (tx.kind === 'reinstate') unit.expired.add(-amount)\n",
      'what comes back never expired',
    ],
    [
      "originals[tx.kind === 'reverse' ? 'find' : 'expiry'](context.referred)",
      "originals[tx.kind === 'reverse' ? 'expiry' : 'expiry'](context.referred)",
      'nothing but an expiry is reversed',
    ],
  ),
  ...mistakes('ledger/originals.ts', [
    "if (!isOriginal(transaction) || transaction.kind === 'expire') return undefined",
    'if (!isOriginal(transaction)) return undefined',
    'whose original has expired is told that he may not',
  ]),
]
