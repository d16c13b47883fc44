import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about transactions that are all accepted or none. */
export const GROUPS: readonly Mutant[] = [
  ...mistakes(
    'core/entry/batch.ts',
    ['  checkWhole(groups, statuses)\n', '', 'of a group some are accepted'],
    [
      '    for (let i = first; i < first + count; i++) if',
      '    for (let i = first; i < count; i++) if',
      'a group later in its batch is not looked at',
    ],
    ['  groupsFit(groups, count)\n', '', 'a group ends behind its batch'],
    [
      '  for (const group of groups) at = putU16(message, putU16(message, at, group.first), group.count)\n',
      '  for (const _ of groups) at += 4\n',
      'a signature does not cover which groups there are',
    ],
  ),
  ...mistakes(
    'core/entry/group.ts',
    ["  'erase',\n", '', 'an erasure stands in a group'],
    ["  'register-key',\n", '', 'a new key stands in a group'],
    ['    if (count < 2)', '    if (count < 1)', 'a group of one'],
    ['    if (first < end)', '    if (first < 0)', 'groups overlap'],
    ['  if (length > GROUPS_MAX)', '  if (length > GROUPS_MAX + 1)', 'a group more than there may be'],
    ['if (reader.array() !== 2) throw', 'if (reader.array() < 2) throw', 'a group has a field more'],
  ),
  ...mistakes(
    'core/entry/submission.ts',
    ['    checkGroupKinds(this.groups, this.bytes, starts, at)\n', '', 'any kind stands in a group that is sent in'],
    ['    groupsFit(this.groups, this.count)\n', '', 'a group that is sent in ends behind its batch'],
  ),
  ...mistakes(
    'ledger/apply/apply.ts',
    ['  }\n  undo.undo()\n', '  }\n  undo.stand()\n', 'a group is not put back'],
    [
      '    if (position < refused) statuses[position] = GROUP_UNDONE\n',
      '    if (position < refused) statuses[position] = statuses[refused]!\n',
      'what is undone has the outcome of what is refused',
    ],
    [
      '  return isEntitled(context, view) ? GROUP_UNDONE : NOT_ENTITLED',
      '  return GROUP_UNDONE',
      'a stranger burns an id in a group that is undone',
    ],
    [
      '    if (position > refused) judgeAt(turns, position, isUndone)\n',
      '    if (position > refused) judgeAt(turns, position, judge)\n',
      'a group goes on behind what is refused',
    ],
    [
      '    context.state.originals.refuse(batchIndex + 1 + position)\n',
      '    if (position === refused) context.state.originals.refuse(batchIndex + 1 + position)\n',
      'what is undone can be reversed',
    ],
  ),
  ...mistakes(
    'ledger/apply/group-undo.ts',
    ['total.reset(kept.totals[i]!)', 'total.reset(total.value)', 'totals count what is undone'],
    ['      unit.treasury = kept.treasury\n', '', 'a treasury that is undone is the one of its unit'],
    ['    while (accounts.count > this.#accountCount) this.#unopen(accounts.count - 1)\n', '', 'an opening stays'],
    ['    signers.owners.splice(0, Infinity, ...this.#owners)\n', '', 'an owner stays out of an account'],
    ['    budgets.restore(account, given)\n', '', 'caps forget what was given before'],
    ['    budgets.forget(account)\n    budgets.restore', '    budgets.restore', 'caps count what is undone'],
    ["      if ('account' in rare) this.#keepAccounts(rare.account)\n", '', 'what happens to one account stays'],
    [
      "      if ('budget' in rare) this.#keepAccounts(rare.budget)\n",
      '',
      'what a conversion took from its budget is lost',
    ],
    ['    this.#countCustody(account, 1)\n', '', 'an account leaves the custody that it is in'],
    ['    links.drop()\n', '    links.stand(accounts)\n', 'what is undone is an entry of its accounts'],
    ['    originals.drop()\n', '    originals.stand()\n', 'what is undone stays reversed'],
  ),
  ...mistakes('verify/verify-answer.ts', [
    'answer.index === null || areGroups(batch.groups, asked.groups ?? [])',
    'true',
    'a client takes any groups',
  ]),
  ...mistakes('verify/refusal.ts', [
    '[signatureFields(signatures), groupFields(groups)]',
    '[signatureFields(signatures), []]',
    'a refusal is of any groups',
  ]),
]
