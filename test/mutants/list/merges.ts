import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about two accounts that become one, and two again. */
export const MERGES: readonly Mutant[] = [
  ...mistakes(
    'account/merges.ts',
    [
      '  if (isRecovering(holdings, atMs)) return RECOVERY_STATE\n',
      '',
      'an account is merged away from those who recover it',
    ],
    [
      '  if (parts.some(part => isPast(part, atMs))) return DATES\n',
      '',
      'what is past is merged, by a statement of the emptied account',
    ],
    ['  if (holdings.takes.length > 0) return TAKEN_BEFORE\n', '', 'what others took of a lot is forgotten by a merge'],
    ['  if (debtOf(holdings, balance) > 0) return INSUFFICIENT\n', '', 'a debt is left behind by a merge'],
    [
      'const isAll = whole.length === parts.length && whole.every((one, i) => isSame(one, parts[i]!))',
      'const isAll = parts.every((one, i) => isSame(one, whole[i] ?? one))',
      'a merge leaves something behind',
    ],
    [
      'const isAll = whole.length === parts.length && whole.every((one, i) => isSame(one, parts[i]!))',
      'const isAll = balance === parts.reduce((sum, part) => sum + part.amount, 0)',
      'a merge gives points other dates',
    ],
    ['isAll && holdings.holds.length === 0 ?', 'isAll ?', 'an account is merged from under its holds'],
    [
      '  if (back.some(part => isPast(part, atMs))) return DATES\n',
      '',
      'what is past goes back by the undoing of a merge',
    ],
    ['  if (atMs > time + windowMs) return WINDOW_OVER\n', '', 'a merge is undone for ever'],
    [
      '  if (holdings.takes.some(take => lotOf(back, take) !== undefined)) return TAKEN_BEFORE\n',
      '',
      'what others took of a lot is forgotten where a merge is undone',
    ],
    ['  if (amount > left) return OVER_ORIGINAL\n', '', 'more goes back than came by a merge'],
    ['    if (have < part.amount) return undefined\n', '', 'what was spent goes back by the undoing of a merge'],
  ),
  ...mistakes(
    'account/member.ts',
    [
      '{ ...member, status: MERGED, balance: 0, holdings: left }',
      '{ ...member, status: CLOSED, balance: 0, holdings: left }',
      'an account that was merged is closed',
    ],
    [
      'return tx.parts.some(part => isPast(part, time)) ? DATES : credited(member, tx.parts)',
      'return tx.parts.some(part => isPast(part, time)) ? DATES : credited(member, tx.parts, balanceMax)',
      'a greatest balance binds a merge',
    ],
    [
      "typeof effect === 'number' || !isUndone ? effect : { ...effect, status: OPEN }",
      'effect',
      'an account stays merged when that is undone',
    ],
    [
      "const isUndone = original.transaction.kind === 'merge' && member.status === MERGED",
      'const isUndone = member.status === MERGED',
      'a refund undoes a merge',
    ],
    ["'claim', 'merge'])", "'claim'])", 'a frozen account is merged'],
  ),
  ...mistakes(
    'account/standing.ts',
    [
      "new Set(['expire', 'reinstate', 'reverse'])",
      "new Set(['expire', 'reinstate'])",
      'nothing is refunded to an account that was merged',
    ],
    [
      "new Set(['expire', 'reinstate', 'reverse'])",
      "new Set(['reinstate', 'reverse'])",
      'nothing expires of an account that was merged',
    ],
    [
      "new Set(['expire', 'reinstate', 'reverse'])",
      "new Set(['expire', 'reverse'])",
      'what expired of an account that was merged is lost',
    ],
    [
      "return tx.kind !== 'merge' || tx.debit !== account",
      "return tx.kind !== 'merge'",
      'an account that was merged is merged into',
    ],
    [
      "  if (status === CLOSED) return tx.kind !== 'reopen'\n",
      "  if (status >= CLOSED) return tx.kind !== 'reopen'\n",
      'an account that was merged is opened',
    ],
  ),
  ...mistakes('account/entitlement.ts', [
    "kind === 'merge' || (kind === 'reverse' && originalKind === 'merge')",
    "kind === 'merge'",
    'a merge is undone by nobody, or by anyone',
  ]),
  ...mistakes(
    'ledger/apply/entitled.ts',
    [
      "return hasRole(context.signers, 'registrar') && holds(debit) && holds(credit)",
      'return holds(debit) && holds(credit)',
      'accounts are merged without a registrar',
    ],
    [
      "return hasRole(context.signers, 'registrar') && holds(debit) && holds(credit)",
      "return hasRole(context.signers, 'registrar') && holds(debit)",
      'an account is merged into one whose holder did not sign',
    ],
    [
      "return hasRole(context.signers, 'registrar') && holds(debit) && holds(credit)",
      "return hasRole(context.signers, 'registrar') && holds(credit)",
      'an account is merged away from its holder',
    ],
    [
      'account < accounts.count && accounts.isOwnerless(account) && hasCustody(context, account, 0)',
      'account < accounts.count && hasCustody(context, account, 0)',
      'a custodian merges the account of an owner',
    ],
  ),
  ...mistakes('ledger/originals.ts', [
    'partsBack(transaction.parts, reversed)[0] : undefined',
    'transaction.parts : undefined',
    'what went back of a merge goes back again',
  ]),
  ...mistakes(
    'verify/authority.ts',
    [
      "return has('registrar') && has(acting.owner === null ? 'custodian' : 'owner')",
      "return has(acting.owner === null ? 'custodian' : 'owner')",
      'a statement does not ask for the registrar of a merge',
    ],
    [
      'if (isMerging({ kind }, original)) return owner === null',
      'if (isMerging({ kind }, original)) return false',
      'in a statement a custodian merges nothing',
    ],
    [
      "return has('registrar') && has(acting.owner === null ? 'custodian' : 'owner')",
      "return has('registrar')",
      'a statement does not ask for the holder of what was merged',
    ],
  ),
]
