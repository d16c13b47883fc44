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
      'return isShop(context, debit) ? isByMerchant(context.signers, debit) :',
      'return isByMerchant(context.signers, debit) ||',
      'a treasurer funds budgets of what a shop was paid, and a merchant of the treasury',
    ],
    [
      "return keys.some(({ role, scope }) => role === 'merchant' && scope.includes(account))",
      "return keys.some(({ role }) => role === 'merchant')",
      'a shop funds out of the account of another',
    ],
    [
      'isFromShop: original !== undefined && isShop(context, original.debit),',
      'isFromShop: true,',
      'a cashier of the treasury takes back what it funded',
    ],
  ),
  ...mistakes(
    'ledger/apply/two-party.ts',
    [
      '  if (isAsked) verdict.denyIf(asked?.account !== debit, ORIGINAL_UNKNOWN)\n',
      '',
      'what nobody asked for is settled',
    ],
    [
      'verdict.denyIf(asked?.account !== debit, ORIGINAL_UNKNOWN)',
      'verdict.denyIf(asked === undefined, ORIGINAL_UNKNOWN)',
      'a shop is settled with for what another asked',
    ],
    [
      'verdict.denyIf(amount > asked.amount - originals.reversedOf(context.referred!.index), OVER_ORIGINAL)',
      'verdict.denyIf(amount > asked.amount, OVER_ORIGINAL)',
      'what a shop asked for is settled again and again',
    ],
  ),
  ...mistakes('ledger/apply/entitled.ts', [
    "  if (tx.kind === 'settle' && tx.original === null) return isByMerchant(signers, tx.debit)\n",
    '',
    'a treasurer settles what no shop asked for',
  ]),
  ...mistakes('ledger/originals.ts', [
    'if (referred === undefined || this.wasRefused(referred.index)) return undefined\n    const { transaction } = referred',
    'if (referred === undefined) return undefined\n    const { transaction } = referred',
    'what a shop asked for in vain is settled',
  ]),
  ...mistakes(
    'ledger/apply/issue-redeem.ts',
    ['  if (accounts.kind(account) !== MERCHANT) return ACCOUNT_KIND\n', '', 'a treasury asks to be settled with'],
    [
      '  if (amount % registry.unit(accounts.unit(account))!.terms.step !== 0) return OFF_STEP\n  links',
      '  links',
      'a shop asks for half a step',
    ],
  ),
  ...mistakes('account/entitlement.ts', [
    "{ by: 'merchant', scope: 'account' }",
    "by('merchant')",
    'a shop asks for another',
  ]),
  ...mistakes('account/entitlement.ts', [
    "    { by: 'merchant', scope: 'credit', of: ['fund'], isFromShop: true },\n",
    '',
    'a shop takes nothing back of its budget',
  ]),
  ...mistakes('ledger/accounts/accounts.ts', [
    "if (tx.accountKind !== 'member' && sponsor !== null)",
    'if (sponsor === -1)',
    'a budget forgets its sponsor',
  ]),
]
