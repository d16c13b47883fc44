import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about the references of members. */
export const REFS: readonly Mutant[] = [
  ...mistakes(
    'ledger/refs.ts',
    ['    view.setUint32(4, holder)\n', '', 'a reference is taken for all shops'],
    ['    view.setUint32(0, unit)\n', '', 'a reference is taken in all units'],
    [
      'this.#slots[this.#slotOf(this.#keys, --this.#count * KEY_BYTES)] = NONE',
      '--this.#count',
      'a group that is undone keeps its references',
    ],
    ['    if (isSame(keys, at,', '    if (true || isSame(keys, at,', 'references that fall together are one'],
  ),
  ...mistakes(
    'ledger/apply/registry-change.ts',
    ['    if (accounts.unit(sponsor) !== tx.unit) return UNIT_MISMATCH\n', '', 'a sponsor is of any unit'],
    ['    if (accounts.kind(sponsor) !== ACCOUNT_KINDS.merchant) return ACCOUNT_KIND\n', '', 'anyone is a sponsor'],
    ['  if (ref !== null) state.refs.add(tx.unit, sponsor, ref, account)\n', '', 'a reference is never taken'],
  ),
  ...mistakes(
    'core/entry/transaction-forms.ts',
    [
      "    if (ref !== null && accountKind !== 'member') return 'only a member account has a reference'\n",
      '',
      'a budget has a reference',
    ],
    [
      "if (sponsor !== null && accountKind !== 'member' && accountKind !== 'budget' && accountKind !== 'series')",
      "if (sponsor !== null && accountKind === 'treasury')",
      'a shop has a sponsor',
    ],
  ),
]
