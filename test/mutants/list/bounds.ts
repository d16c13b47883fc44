import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about what bounds a rule, a date or recovery terms, what is told first, and what convicts nobody. */
export const BOUNDS: readonly Mutant[] = [
  ...mistakes('ledger/registry.ts', [
    "return this.standing(rule, 'publish-rule')?.budgets.includes(budget) ?? false",
    "return this.standing(rule, 'publish-rule') !== undefined && budget >= 0",
    'any budget gives by any rule',
  ]),
  ...mistakes('verify/authorised-lines.ts', [
    "check(mayName, 'line-rule',",
    "check(mayName || budget >= 0, 'line-rule',",
    'in a statement any budget gives by any rule',
  ]),
  ...mistakes(
    'account/custody.ts',
    ['  if (owner === null) return null\n', '', 'terms of an account in custody are those of its owner'],
    [
      "tx.kind === 'set-custody' && tx.recovery !== null ? tx.recovery : recovery",
      "tx.kind === 'set-custody' && recovery === null ? tx.recovery : recovery",
      'terms are never replaced',
    ],
    [' || isKeyOf(termsAfter(before, tx), tx.owner)) return', ') return', 'an owner has one of her recovery keys'],
    [
      'tx.custodian !== null && custody === 0 ? NO_CUSTODY',
      'tx.custodian !== null && custody < 0 ? NO_CUSTODY',
      'an account comes into custody where the unit has none',
    ],
    [
      'const isCustodians = tx.recovery !== null && before.owner === null',
      'const isCustodians = tx.recovery !== null && before.owner !== null && false',
      'a custodian sets recovery terms',
    ],
  ),
  ...mistakes(
    'account/member.ts',
    [' || isKeyOf(recovery, tx.key)) return', ') return', 'a recovery key becomes the key of an owner'],
    [
      'hasTooManyPending(member.holdings, tx, timeMs) ? LOTS_FULL : effect',
      'hasTooManyPending(member.holdings, tx, 0) ? effect : effect',
      'opening balances ripen on as many dates as there are lots',
    ],
  ),
  ...mistakes(
    'ledger/apply/one-member.ts',
    [
      "if (tx.kind === 'set-custody' && isCustodianAmong(registry, tx.custodian, termsAfter(member, tx)))",
      "if (tx.kind === 'set-custody' && isCustodianAmong(registry, tx.custodian, tx.recovery))",
      'a custodian comes who has a recovery key',
    ],
    [
      '  if (!isSameRecovery(member.recovery, effect.recovery)) drop(signers.recovering, account)\n',
      '',
      'keys of terms that ended recover in the same batch',
    ],
  ),
  ...mistakes('ledger/apply/registry-change.ts', [
    '  if (isCustodianAmong(registry, tx.custodian, tx.recovery)) return RECOVERY_STATE\n',
    '',
    'an account opens with a custodian who has a recovery key',
  ]),
  ...mistakes(
    'ledger/apply/entitled.ts',
    [
      'return comes && (!replacesTerms(state, tx) || isByRecovery(state, signers, tx.account))',
      'return comes && replacesTerms(state, tx) === replacesTerms(state, tx)',
      'an owner alone replaces her recovery terms',
    ],
    [
      'return recovery !== null && !accounts.isOwnerless(account) && accounts',
      'return recovery !== null && accounts',
      'terms of an account in custody have to agree to their end',
    ],
  ),
  ...mistakes(
    'verify/authority.ts',
    [
      'return isByHolder && comes && (!replaces || keys >= recovery.need)',
      'return isByHolder && comes',
      'in a statement an owner alone replaces her recovery terms',
    ],
    [
      '    if (!isSameRecovery(begun.recovery, acting.recovery)) return undefined\n',
      '',
      'in a statement keys of terms that ended recover in the same batch',
    ],
  ),
  ...mistakes(
    'account/arrivals.ts',
    [
      ' || isTooFarAhead(dates.matures, timeMs) ? DATES',
      ' ? DATES',
      'points ripen when nobody waits for them any more',
    ],
    [
      'return date * QUARTER_MS > timeMs + AHEAD_MS_MAX',
      'return date * QUARTER_MS >= timeMs + AHEAD_MS_MAX',
      'points ripen a quarter hour sooner than on the last date',
    ],
    ['return pending >= PENDING_LOTS_MAX', 'return pending > PENDING_LOTS_MAX', 'one date more has to ripen'],
    [
      'if (isMature(part, timeMs) || lotOf(lots, part) !== undefined) return false',
      'if (lotOf(lots, part) !== undefined) return false',
      'what is ripe finds no room beside what is not',
    ],
    [
      'if (isMature(part, timeMs) || lotOf(lots, part) !== undefined) return false',
      'if (isMature(part, timeMs)) return false',
      'what joins a lot finds no room',
    ],
    ['if (!isMature(lot, timeMs)) pending++', 'pending++', 'lots that are ripe have to ripen'],
  ),
  ...mistakes(
    'ledger/apply/issue-redeem.ts',
    [
      '(!hasRoom(holdings, [view]) || hasTooManyPending(holdings, view, timeMs))',
      '!hasRoom(holdings, [view])',
      'points ripen on as many dates as there are lots',
    ],
    [
      '  if (accounts.balance(debit) < amount) return INSUFFICIENT\n  const refused = budgets.judge(debit, credit, amount, time, unit.terms)\n  if (refused !== ACCEPTED) return refused\n',
      '  const refused = budgets.judge(debit, credit, amount, time, unit.terms)\n  if (refused !== ACCEPTED) return refused\n  if (accounts.balance(debit) < amount) return INSUFFICIENT\n',
      'an issuer without points learns what a budget has left under its caps',
    ],
    [
      '  if (isOverMax(accounts.balance(credit), amount, unit.terms.balanceMax)) return OVER_BALANCE_MAX\n  const holdings = accounts.holdings(credit)\n  if (isDated && (!hasRoom(holdings, [view]) || hasTooManyPending(holdings, view, timeMs))) return LOTS_FULL\n',
      '  const holdings = accounts.holdings(credit)\n  if (isDated && (!hasRoom(holdings, [view]) || hasTooManyPending(holdings, view, timeMs))) return LOTS_FULL\n  if (isOverMax(accounts.balance(credit), amount, unit.terms.balanceMax)) return OVER_BALANCE_MAX\n',
      'of an issue lots are full before there is too much',
    ],
  ),
  ...mistakes('account/member.ts', [
    '  if (isOverMax(balance, sumOf(parts), max)) return OVER_BALANCE_MAX\n  if (!hasRoom(holdings, parts)) return LOTS_FULL\n',
    '  if (!hasRoom(holdings, parts)) return LOTS_FULL\n  if (isOverMax(balance, sumOf(parts), max)) return OVER_BALANCE_MAX\n',
    'lots are full before there is too much',
  ]),
  ...mistakes(
    'core/entry/transaction-forms.ts',
    [
      'collect: { account, matures: uint(QUARTERS_MAX, 1),',
      'collect: { account, matures: quarter,',
      'what never had to ripen is collected',
    ],
    [
      'reinstate: { ...moved, expires: uint(QUARTERS_MAX, 1),',
      'reinstate: { ...moved, expires: quarter,',
      'what is reinstated never expires',
    ],
    [
      "budgets.length > 0 ? undefined : 'some budget may name it'",
      "budgets.length >= 0 ? undefined : 'some budget may name it'",
      'a rule is published that no budget may name',
    ],
  ),
  ...mistakes(
    'verify/evidence/convict.ts',
    [
      '    isSealedAfter(time, checkpoint, evidence),\n',
      '    isSealedAfter(0, checkpoint, evidence),\n',
      'a refusal of a later time convicts',
    ],
    ['if (size <= checkpoint.size)\n', 'if (size < checkpoint.size)\n', 'a refusal of all that there was convicts'],
  ),
  ...mistakes(
    'verify/evidence/convict-continued.ts',
    [
      'equalBytes(found.leaf, leaf) && found.until === 0',
      'equalBytes(found.leaf, leaf)',
      'root keys that were revoked let a ledger go on twice',
    ],
    [
      'isByStanding(ledger, second, at, common) && isByStanding(second, ledger, at, common)',
      'isByStanding(ledger, second, at, common)',
      'root keys of a thief are not the word of one ledger, and of the other they are',
    ],
    [
      'return named !== undefined && isSigned(named)',
      'return named !== undefined && standing.size > 0',
      'anybody signs that a ledger goes on twice',
    ],
  ),
]
