import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about what shops do with the points that they were paid. */
export const SHOPS: readonly Mutant[] = [
  ...mistakes(
    'ledger/apply/issue-redeem.ts',
    [
      '  if (isByShop && accounts.terms(credit).sponsor !== debit) return SPONSOR_MISMATCH\n',
      '',
      'a shop funds the budget of another',
    ],
    ['  if (isByShop && accounts.balance(debit) < amount) return INSUFFICIENT\n', '', 'a shop funds what it has not'],
    [
      'if (!isByShop && amount - accounts.balance(debit) >',
      'if (amount - accounts.balance(debit) >',
      'the cap of the unit binds a shop',
    ],
    ['  if (isByShop) unit.owed.add(-amount)\n', '', 'a shop is owed what it gave away'],
  ),
  ...mistakes(
    'ledger/apply/entitled.ts',
    [
      "  if (!isShop(context, debit)) return hasRole(context.signers, 'treasurer')\n",
      "  if (hasRole(context.signers, 'treasurer')) return true\n",
      'a treasurer funds budgets of what a shop was paid, and a merchant of the treasury',
    ],
    [
      "return keys.some(({ role, scope }) => role === 'merchant' && scope.includes(debit))",
      "return keys.some(({ role }) => role === 'merchant')",
      'a shop funds out of the account of another',
    ],
    [
      'isFromShop: original !== undefined && isShop(context, original.debit),',
      'isFromShop: true,',
      'a cashier of the treasury takes back what it funded',
    ],
  ),
  ...mistakes('account/entitlement.ts', [
    "    { by: 'merchant', scope: 'credit', of: ['fund'], isFromShop: true },\n",
    '',
    'a shop takes nothing back of its budget',
  ]),
  ...mistakes('ledger/accounts/accounts.ts', [
    "if (tx.accountKind === 'budget' && sponsor !== null)",
    'if (sponsor === -1)',
    'a budget forgets its sponsor',
  ]),
]
