import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about what exists once: who claims it, how often, and which number it has. */
export const CLAIMS: readonly Mutant[] = [
  ...mistakes(
    'ledger/claims.ts',
    [
      'if (!isFree || this.#refs.find(round, series, ref) !== undefined) return CLAIMED_BEFORE',
      'if (!isFree) return CLAIMED_BEFORE',
      'a thing is claimed twice in a round',
    ],
    [
      'const isFree = round === 0 || this.#refs.find(FREED, series, ref) !== undefined',
      'const isFree = true',
      'what was claimed is claimed again at once',
    ],
    [
      'const isFree = round === 0 || this.#refs.find(FREED, series, ref) !== undefined',
      'const isFree = round === 0',
      'what was given back is never claimed again',
    ],
    [
      'for (const { series } of (this.#held ?? []).toReversed()) this.#series.drop(series)\n',
      '\n',
      'claims of a group that is undone keep their numbers',
    ],
    [
      '    this.#held = undefined\n    this.#refs.drop()',
      '    this.#held = undefined\n    this.#refs.stand()',
      'and their references',
    ],
  ),
  ...mistakes(
    'ledger/apply/two-party.ts',
    [
      'reversed + amount === transaction.amount) claims.free',
      'reversed + amount <= transaction.amount) claims.free',
      'what is given back in part can be claimed again',
    ],
    [
      "if (transaction.kind === 'claim' && reversed + amount === transaction.amount)",
      "if (transaction.kind === 'claim' && amount === transaction.amount)",
      'what is given back in two parts is not given back',
    ],
    ['  links.name(state.accounts, tx.series, position, time)\n', '', 'a series has no entries'],
    [
      'if (series !== undefined && accounts.kind(series) !== ACCOUNT_KINDS.series) return ACCOUNT_KIND',
      'if (series !== undefined && accounts.kind(series) === MEMBER) return ACCOUNT_KIND',
      'things are claimed of a merchant',
    ],
    [
      'if (series !== undefined && !isOfSeries(accounts, series, credit)) return SPONSOR_MISMATCH\n',
      '',
      'a claim is paid to anyone',
    ],
    [
      'sponsor === undefined ? accounts.kind(credit) === TREASURY : sponsor === credit',
      'sponsor === undefined || sponsor === credit',
      'things of no shop are paid to any shop',
    ],
    [
      'for (const other of [credit, series ?? credit])',
      'for (const other of [credit])',
      'things are claimed with points of another unit',
    ],
    [
      "if (from?.parts !== undefined && (tx.kind === 'capture' || tx.kind === 'claim'))",
      "if (from?.parts !== undefined && tx.kind === 'capture')",
      'what comes back of a claim has no dates',
    ],
    [
      "if (tx.kind === 'capture' || tx.kind === 'claim') unit.redeemed.add(amount)",
      "if (tx.kind === 'capture') unit.redeemed.add(amount)",
      'what is claimed is not redeemed',
    ],
  ),
  ...mistakes('account/member.ts', [
    "'transfer', 'convert', 'take', 'claim', 'merge'])",
    "'transfer', 'convert', 'take', 'merge'])",
    'a frozen account claims',
  ]),
  ...mistakes(
    'ledger/apply/entitled.ts',
    [
      "if (tx.kind === 'claim' && tx.ref !== null) return isByMerchant(signers, tx.credit)\n",
      '',
      'a thing is claimed without the one who sells it',
    ],
    [
      "if (tx.kind === 'claim' && tx.ref !== null) return",
      "if (tx.kind === 'claim') return",
      'what has no name is sold by two, too',
    ],
    [
      'if (isOfShop && !isByMerchant(signers, tx.sponsor)) return false\n',
      '',
      'a series is opened in the name of a shop that did not sign',
    ],
  ),
  ...mistakes(
    'verify/authority.ts',
    [
      "return has('merchant') && (has('owner') || has('custodian'))",
      "return has('owner') || has('custodian')",
      'in a statement a thing is claimed without the one who sells it',
    ],
    [
      "return has('merchant') && (has('owner') || has('custodian'))",
      "return has('merchant')",
      'in a statement a thing is claimed without the one who pays',
    ],
    [
      "return key.scope.includes(transaction.credit) ? 'merchant' : undefined",
      "return 'merchant'",
      'in a statement any shop sells',
    ],
  ),
  ...mistakes('account/entitlement.ts', [
    '  claim: [OWNER, custodian(CUSTODY.spend)],',
    '  claim: [OWNER, custodian(CUSTODY.convert)],',
    'who converts for members claims for them',
  ]),
  ...mistakes(
    'verify/serials.ts',
    ['check(one.account.number > before,', 'check(one.account.number >= before,', 'a series is shown twice'],
    [
      "check(account.kind === ACCOUNT_KINDS.series, 'series-proof'",
      "check(account.kind !== ACCOUNT_KINDS.member, 'series-proof'",
      'a merchant is a series',
    ],
    [
      'tx.series === one.account.number && !serials.has(line)',
      'tx.series === one.account.number',
      'a claim has two numbers',
    ],
    [
      '        equalBytes(root, more),',
      '        root.length === more.length,',
      'a claim has whatever number it is said to have',
    ],
    ['check(claims === serials.size,', 'check(claims >= serials.size,', 'a claim is shown without its number'],
  ),
  ...mistakes(
    'verify/evidence/convict-claims.ts',
    ["'in round', tx.round]", "'in a round']", 'what was given back and is claimed again is sold twice'],
    ["tx.series, 'in round'", "'in round'", 'things of two series are one'],
    ['(statuses[index - at - 1] ?? ACCEPTED) === ACCEPTED', 'true', 'a claim that was refused convicts'],
    ['|| tx.ref === null || !isAccepted(index)', '|| tx.ref === null', 'claims convict that stand in no batch'],
    ["tx?.kind !== 'claim' || tx.ref === null ||", "tx?.kind !== 'claim' ||", 'two trees of a forest are one'],
  ),
]
