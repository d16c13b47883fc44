import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about who may do what. */
export const ENTITLEMENT: readonly Mutant[] = [
  ...mistakes(
    'account/entitlement.ts',
    ["issue: [{ by: 'issuer', scope: 'debit' }],", "issue: [by('issuer')],", 'an issuer gives of any budget'],
    [
      "capture: [{ by: 'merchant', scope: 'credit' }],",
      "capture: [by('merchant')],",
      'a merchant captures for another',
    ],
    [
      "release: [{ by: 'merchant', scope: 'hold' }, by('operator')],",
      "release: [by('merchant'), by('operator')],",
      'a merchant releases the holds of another',
    ],
    [
      "release: [{ by: 'merchant', scope: 'hold' }, by('operator')],",
      "release: [{ by: 'merchant', scope: 'hold' }, by('operator'), OWNER],",
      'a member releases what she held',
    ],
    ["    { by: 'treasurer', of: ['fund'] },", "    { by: 'treasurer' },", 'a treasurer reverses anything'],
    [
      "    { by: 'issuer', scope: 'credit', of: ['issue', 'opening-balance'] },",
      "    { by: 'issuer', of: ['issue', 'opening-balance'] },",
      'an issuer claws back what another gave',
    ],
    [
      "    { by: 'merchant', scope: 'debit', of: ['redeem', 'capture', 'claim'] },",
      "    { by: 'merchant', of: ['redeem', 'capture', 'claim'] },",
      'a merchant gives back what another took',
    ],
    [
      "    { by: 'merchant', scope: 'debit', of: ['redeem', 'capture', 'claim'] },",
      "    { by: 'merchant', scope: 'debit', of: ['redeem', 'claim'] },",
      'a capture is not reversed',
    ],
    ['transfer: [OWNER, custodian(CUSTODY.gift)],', 'transfer: [OWNER],', 'a custodian never gives'],
    [
      'transfer: [OWNER, custodian(CUSTODY.gift)],',
      'transfer: [OWNER, custodian(CUSTODY.spend)],',
      'a custodian who spends may give',
    ],
    [
      'convert: [OWNER, custodian(CUSTODY.convert)],',
      'convert: [OWNER, custodian(CUSTODY.spend)],',
      'a custodian who spends may convert',
    ],
    ['hold: [OWNER, custodian(CUSTODY.spend)],', 'hold: [OWNER],', 'a custodian never holds'],
    ['grant: [OWNER, custodian(CUSTODY.consent)],', 'grant: [OWNER, custodian(0)],', 'any custodian consents'],
    [
      'withdraw: [OWNER, custodian(CUSTODY.consent)],',
      'withdraw: [OWNER],',
      'a custodian cannot withdraw what it consented to',
    ],
    [
      "settle: [by('treasurer')],",
      "settle: [by('treasurer'), { by: 'merchant', scope: 'debit' }],",
      'a merchant settles with itself',
    ],
    [
      "close: [OWNER, by('registrar')],",
      "close: [OWNER, by('registrar'), custodian(0)],",
      'a custodian closes accounts',
    ],
    [
      "'set-custody': [OWNER, { by: 'custodian', isOwnerless: true }],",
      "'set-custody': [OWNER, { by: 'custodian' }],",
      'a custodian takes the owner away',
    ],
    [
      "'set-custody': [OWNER, { by: 'custodian', isOwnerless: true }],",
      "'set-custody': [OWNER],",
      'a custodian never gives an account to its owner',
    ],
    [
      "'set-custody': [OWNER, { by: 'custodian', isOwnerless: true }],",
      "'set-custody': [OWNER, { by: 'custodian', isOwnerless: true, custody: CUSTODY.spend }],",
      'only a custodian who spends gives an account up',
    ],
    ['veto: [OWNER],', "veto: [OWNER, by('registrar')],", 'a registrar ends recoveries'],
    [
      "'finish-recovery': [RECOVERY, by('registrar')],",
      "'finish-recovery': [RECOVERY],",
      'a registrar finishes no recovery',
    ],
    [
      "freeze: [by('registrar')],\n  unfreeze",
      "freeze: [by('registrar'), by('operator')],\n  unfreeze",
      'an operator freezes accounts',
    ],
    [
      'if (right.of !== undefined && originalKind !== undefined && !right.of.includes(originalKind)) return false',
      'if (right.of !== undefined && (originalKind === undefined || !right.of.includes(originalKind))) return false',
      'nobody may reverse what is not there',
    ],
    [
      'return holdCredit === undefined || key.scope.includes(holdCredit)',
      'return holdCredit !== undefined && key.scope.includes(holdCredit)',
      'no merchant may release what is not held',
    ],
  ),
  ...mistakes(
    'ledger/apply/entitled.ts',
    [
      "return hasRole(signers, tx.accountKind === 'member' ? 'registrar' : 'treasurer')",
      "return hasRole(signers, 'registrar')",
      'a registrar opens treasuries',
    ],
    [
      "return hasRole(signers, tx.accountKind === 'member' ? 'registrar' : 'treasurer')",
      "return hasRole(signers, 'registrar') || hasRole(signers, 'treasurer')",
      'a treasurer opens accounts of members',
    ],
    [
      'if (view.kind === KIND_FUND) return mayFund(context, view.debit)',
      "if (view.kind === KIND_FUND) return mayFund(context, view.debit) || hasRole(signers, 'issuer')",
      'an issuer funds its budget',
    ],
    [
      'return signers.owners.includes(view.debit) || hasCustody(context, view.debit, CUSTODY.spend)',
      'return signers.owners.includes(view.debit)',
      'a custodian never redeems',
    ],
    [
      'return signers.owners.includes(view.debit) || hasCustody(context, view.debit, CUSTODY.spend)',
      'return signers.owners.includes(view.debit) || hasCustody(context, view.debit, 0)',
      'any custodian redeems',
    ],
    [
      'return signers.owners.includes(view.debit) || hasCustody(context, view.debit, CUSTODY.spend)',
      'return signers.owners.length > 0 || hasCustody(context, view.debit, CUSTODY.spend)',
      'any owner redeems',
    ],
    [
      '>= (isBack ? registry.liveRootCount : need)',
      '>= (isBack ? registry.liveRootCount : Math.min(1, need))',
      'one root key is enough',
    ],
    [
      'recovering.filter(one => one === account).length >= recovery.need',
      'recovering.filter(one => one === account).length >= 1',
      'one recovery key is enough',
    ],
    [
      'recovering.filter(one => one === account).length >= recovery.need',
      'recovering.length >= recovery.need',
      'recovery keys of any account recover this one',
    ],
    [
      'chains.of(record) === chain && chains.isDue(record, time, takeoverMs))',
      'chains.of(record) === chain)',
      'a key that took over acts at once',
    ],
    [
      'chains.of(record) === chain && chains.isDue(record, time, takeoverMs))',
      'chains.isDue(record, time, takeoverMs))',
      'any custodian acts for any account',
    ],
    [
      'return signers.records.some(record => chains.of(record) === chain',
      'return signers.records.some(record => record === custodian',
      'a successor never acts',
    ],
    [
      'registry.chains.of(record) === chain && registry.isDueEverywhere(record, time))',
      'registry.chains.of(record) === chain)',
      'a key that is not due lets others in',
    ],
    [
      'return context.state.registry.chains.isTakeover(record) && isByChain(context, record)',
      'return isByChain(context, record)',
      'a chain revokes any key of its own',
    ],
    [
      'return context.state.registry.chains.isTakeover(record) && isByChain(context, record)',
      'return false && isByChain(context, record)',
      'a chain cannot stop a takeover',
    ],
    [
      'if (before !== null && registry.chains.of(before) === chain) return true',
      'if (before === custodian) return true',
      'another key of the same chain is another custodian',
    ],
    [
      '  return isOfChain(context, custodian, registry.unit(accounts.unit(account))!.terms.takeoverMs)\n}\n\n/**\n',
      '  return registry.unit(accounts.unit(account)) !== undefined\n}\n\n/**\n',
      'an account is put into a custody that did not sign',
    ],
    [
      "? kind === KIND_ISSUE && key.role === 'issuer' && key.scope.includes(debit)",
      "? key.role === 'issuer' && key.scope.includes(debit)",
      'what an issuer may reach back for holds for a redeem of its scope',
    ],
    [
      "? kind === KIND_ISSUE && key.role === 'issuer' && key.scope.includes(debit)",
      "? kind === KIND_ISSUE && key.role === 'issuer'",
      'the backdate of one issuer is another’s',
    ],
    [
      "rare.kind === 'open-account' && key.role === (rare.accountKind === 'member' ? 'registrar' : 'treasurer')",
      "rare.kind === 'open-account'",
      'anyone’s backdate holds for an opening',
    ],
    [
      "rare.kind === 'open-account' && key.role === (rare.accountKind === 'member' ? 'registrar' : 'treasurer')",
      'rare.kind !== undefined',
      'anyone’s backdate holds for anything',
    ],
    [
      "rare.kind === 'open-account' && key.role === (rare.accountKind === 'member' ? 'registrar' : 'treasurer')",
      'false',
      'an opening reaches no further back',
    ],
    [
      'if (isEntitled) backdateMs = Math.max(backdateMs, key.backdateMs)',
      'if (isEntitled) backdateMs = key.backdateMs',
      'the last backdate counts, not the greatest',
    ],
  ),
  ...mistakes(
    'ledger/chains.ts',
    [
      'const chain = succeeds === null ? record : this.#links.get(succeeds)!.chain',
      'const chain = succeeds ?? record',
      'a chain has two keys',
    ],
    [
      'time >= link.publicSince + takeoverMs)',
      'time > link.publicSince + takeoverMs)',
      'a takeover is due a millisecond late',
    ],
    ['time >= link.publicSince + takeoverMs)', 'takeoverMs > 0)', 'a takeover is due at once'],
  ),
  ...mistakes(
    'ledger/signers.ts',
    [
      "  for (const number of records) if (registry.records[number]!.until !== 0) return 'signer-revoked'\n",
      '',
      'a key that was revoked signs',
    ],
    ['if (!areRoots || records.length < need) return', 'if (!areRoots) return', 'one key founds a ledger of many'],
    [
      'one.class === SIGNER_RECORD && one.number < roots.length',
      'one.class === SIGNER_RECORD',
      'a genesis is signed by who is not in it',
    ],
    [
      "return count === 1 ? (decodeTransaction(bytes.subarray(starts[i], ends[i])) as Genesis) : 'misplaced'",
      "return i === 0 ? (decodeTransaction(bytes.subarray(starts[i], ends[i])) as Genesis) : 'misplaced'",
      'others stand beside the genesis',
    ],
    [
      '(genesis === undefined) !== (state.ledgerId !== undefined)',
      '(genesis === undefined && state.ledgerId === undefined)',
      'a ledger is founded again',
    ],
    [
      'return signatures.every(({ ed25519 }, i) => verifyEd25519(publicKeys[i]!, message, ed25519))',
      'return signatures.some(({ ed25519 }, i) => verifyEd25519(publicKeys[i]!, message, ed25519))',
      'one signature is enough',
    ],
    [
      '  return accounts.terms(number).recovery?.keys[signerClass - SIGNER_RECOVERY]',
      '  return accounts.terms(number).recovery?.keys[0]',
      'every recovery key is the first',
    ],
  ),
  ...mistakes('account/entitlement.ts', [
    "  if (tx.kind === 'take') return tx.credit\n",
    '',
    'the one whose lot it is takes for the other',
  ]),
  ...mistakes('verify/line-kinds.ts', [
    "if (tx.kind === 'take') return tx.credit !== account",
    "if (tx.kind === 'take') return true",
    'nobody is asked who took',
  ]),
]
