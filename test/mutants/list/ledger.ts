import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about the ledger as a whole: times, ids, records, budgets, movements and totals. */
export const LEDGER: readonly Mutant[] = [
  ...mistakes(
    'ledger/apply/apply.ts',
    [
      'if (view.timeMs > time + state.skewMs) return TIME_AHEAD',
      'if (view.timeMs >= time + state.skewMs) return TIME_AHEAD',
      'a fast clock is a millisecond less fast',
    ],
    ['    if (view.timeMs > time + state.skewMs) return TIME_AHEAD\n', '', 'any clock may be fast'],
    [
      'if (behindMs > 0 && behindMs > backdateOf(context, view)) return TIME_BEHIND',
      'if (behindMs > 0 && behindMs >= backdateOf(context, view)) return TIME_BEHIND',
      'a backdate is a millisecond less',
    ],
    [
      'const behindMs = time - state.skewMs - view.timeMs',
      'const behindMs = time - view.timeMs',
      'a slow clock has no skew',
    ],
    [
      '  if (!isEntitled(context, view)) return NOT_ENTITLED\n  if (view.kind !== KIND_GENESIS) {',
      '  if (view.kind !== KIND_GENESIS) {\n    if (!isEntitled(context, view) && view.timeMs <= time + state.skewMs) return NOT_ENTITLED',
      'a fast clock counts before rights',
    ],
    [
      '    if (judgeAt(turns, position, judge) !== ACCEPTED) state.originals.refuse(context.logIndex)\n',
      '    judgeAt(turns, position, judge)\n',
      'what was refused can be reversed',
    ],
  ),
  ...mistakes('ledger/originals.ts', [
    '    if (before !== undefined) this.#parts.set(index, partsBack(before, amount)[0])\n',
    '',
    'the same parts come back of two reversals',
  ]),
  ...mistakes(
    'ledger/apply/used-here.ts',
    [
      'if (leader === undefined || status === NOT_ENTITLED || this.#user(leader) !== undefined) return',
      'if (leader === undefined || this.#user(leader) !== undefined) return',
      'a stranger burns an id for the batch',
    ],
    [
      'return this.#statuses[leader] === NOT_ENTITLED ? this.#by.get(leader) : leader',
      'return leader',
      'the first that has an id uses it, anyone who asks',
    ],
    ['status[position] = isSame ? EXISTS : ID_TAKEN', 'status[position] = EXISTS', 'other bytes of an id exist'],
    [
      'return { index: this.#first + user, transaction, time: this.#time }',
      'return { index: this.#first + user, transaction, time: 0 }',
      'what is reversed in its own batch is out of the window',
    ],
  ),
  ...mistakes(
    'ledger/id-matches.ts',
    [
      'status[position] = equalBytes(entry, bytes) ? EXISTS : ID_TAKEN',
      'status[position] = EXISTS',
      'other bytes of an earlier id exist',
    ],
    [
      'status[position] = equalBytes(entry, bytes) ? EXISTS : ID_TAKEN',
      'status[position] = ID_TAKEN',
      'the same bytes take their own id',
    ],
  ),
  ...mistakes(
    'lookup/ids/ids.ts',
    [
      'return NAMES_ORIGINAL.has(kindOf(bytes, start)) || mayCite(bytes, start, end)',
      'return NAMES_ORIGINAL.has(kindOf(bytes, start))',
      'what is cited is looked for nowhere',
    ],
    [
      "...(cited === null ? [] : [{ position, as: 'cited'",
      "...(cited === null || original !== undefined ? [] : [{ position, as: 'cited'",
      'a reversal cites nothing',
    ],
    [
      'return status !== NOT_ENTITLED && status !== EXISTS && status !== ID_TAKEN',
      'return status !== EXISTS && status !== ID_TAKEN',
      'a stranger burns an id for good',
    ],
    [
      'return status !== NOT_ENTITLED && status !== EXISTS && status !== ID_TAKEN',
      'return status === 0',
      'a refusal burns no id',
    ],
  ),
  ...mistakes(
    'account/caps.ts',
    [
      'if (time < terms.from || (terms.until !== 0 && time >= terms.until)) return BUDGET_CLOSED',
      'if (time < terms.from || (terms.until !== 0 && time > terms.until)) return BUDGET_CLOSED',
      'a budget closes a millisecond late',
    ],
    [
      'if (time < terms.from || (terms.until !== 0 && time >= terms.until)) return BUDGET_CLOSED',
      'if (time <= terms.from || (terms.until !== 0 && time >= terms.until)) return BUDGET_CLOSED',
      'a budget opens a millisecond late',
    ],
    [
      'if (time < terms.from || (terms.until !== 0 && time >= terms.until)) return BUDGET_CLOSED',
      'if (terms.until !== 0 && time >= terms.until) return BUDGET_CLOSED',
      'a budget opens at once',
    ],
    [
      'day: counter?.day === now.day ? counter.today : 0,',
      'day: counter?.today ?? 0,',
      'what was given on all days counts as one day’s',
    ],
    [
      '(caps.day !== 0 && day + amount > caps.day)',
      '(caps.day !== 0 && day + amount >= caps.day)',
      'the cap of a day ends one point early',
    ],
    [
      '(caps.total !== 0 && total + amount > caps.total)',
      '(caps.total !== 0 && amount > caps.total)',
      'the cap of all time counts one gift',
    ],
    [
      '(caps.day !== 0 && day + amount > caps.day)',
      '(caps.day !== 0 && amount > caps.day)',
      'the cap of a day counts one gift',
    ],
  ),
  ...mistakes('ledger/budgets.ts', [
    '  set(terms: SetBudget): void {\n',
    '  set(terms: SetBudget): void {\n    this.#counters.delete(terms.account)\n',
    'new terms forget what was given',
  ]),
  ...mistakes(
    'ledger/registry.ts',
    [
      'return this.records.length >= RECORDS_MAX || (forUnit && this.units.length >= UNITS_MAX)',
      'return this.records.length >= RECORDS_MAX || (forUnit && this.units.length > UNITS_MAX)',
      'there are 257 units',
    ],
    [
      '    this.records[succeeds]!.next = number\n',
      '    this.records[succeeds]!.next ||= number\n',
      'the first successor stays the next',
    ],
    [
      '    this.records[succeeds]!.next = number\n',
      '    this.records[number]!.next = succeeds\n',
      'a successor names the one before',
    ],
    [
      'this.#takeoverMs = Math.max(this.#takeoverMs, terms.takeoverMs)',
      'this.#takeoverMs = terms.takeoverMs',
      'due everywhere is due in the last unit',
    ],
    [
      'return this.chains.recordsOf(record).some(other => other !== record && this.records[other]!.until === 0)',
      'return this.chains.recordsOf(record).some(other => other !== record)',
      'a revoked key keeps its accounts',
    ],
    [
      '    this.chains.add(number, succeeds, isByChain ? undefined : time)',
      '    this.chains.add(number, succeeds, undefined)',
      'root alone takes over at once',
    ],
    [
      '    this.chains.add(number, succeeds, isByChain ? undefined : time)',
      '    this.chains.add(number, succeeds, time)',
      'a successor that its chain signed waits',
    ],
    [
      'this.records[number]?.until === 0 ? this.key(number) : undefined',
      'this.key(number)',
      'a key that was revoked is consented to',
    ],
    [
      'return record?.until === 0 && record.transaction.kind === kind\n',
      'return record?.transaction.kind === kind\n',
      'a rule that was revoked is issued by',
    ],
    [
      'return this.#roots.some(number => equalBytes(this.records[number]!.key!.key, key))',
      'return this.#roots.length === 0 && key.length === 0',
      'one root key is registered twice',
    ],
    ['    this.#roots = this.#roots.filter(root => root !== number)\n', '', 'a root key that was revoked still counts'],
  ),
  ...mistakes(
    'ledger/state.ts',
    ['    this.need = transaction.need\n', '', 'one root key does for all'],
    ['unit: unit.record,\n', 'unit: unit.position,\n', 'totals name units by their place'],
  ),
  ...mistakes(
    'ledger/times.ts',
    [
      'if (entry[0] === ENTRY_BATCH) return decodeBatch(entry).time',
      'if (entry[0] === ENTRY_BATCH) return time',
      'an original is as old as the first entry of its bundle',
    ],
    [
      'if (bundle + 1 < this.#count && this.#times[bundle + 1] === time) return time',
      'if (bundle + 1 < this.#count) return this.#times[bundle + 1]!',
      'an original is as young as the next bundle',
    ],
  ),
  ...mistakes(
    'ledger/apply/issue-redeem.ts',
    [
      'if (rule !== 0 && !registry.mayName(debit, rule)) return RULE_UNKNOWN',
      'if (rule !== 0 && registry.records[rule] === undefined) return RULE_UNKNOWN',
      'a unit is a rule',
    ],
    [
      'amount - accounts.balance(debit) > unit.terms.cap) return OVER_CAP',
      'amount - accounts.balance(debit) >= unit.terms.cap) return OVER_CAP',
      'a cap ends one point early',
    ],
    [
      'amount - accounts.balance(debit) > unit.terms.cap) return OVER_CAP',
      'amount > unit.terms.cap) return OVER_CAP',
      'a cap counts one funding',
    ],
    [
      '  if (overflows(accounts, credit, amount)) return TOTAL_OVERFLOW\n  move(context, debit, credit, amount)\n  // The shop',
      '  move(context, debit, credit, amount)\n  // The shop',
      'the balance of a budget has no end',
    ],
    [
      'if (accounts.balance(debit) < amount) return INSUFFICIENT\n  const refused',
      'if (accounts.balance(debit) <= amount) return INSUFFICIENT\n  const refused',
      'a budget keeps a point',
    ],
    [
      'const dates = isDated ? datesOfIssue(view, timeMs, unit.terms) : undefined',
      'const dates = isDated ? datesOfIssue(view, time, unit.terms) : undefined',
      'points that come late are past',
    ],
    [
      'if (isDated && (!hasRoom(',
      'if (isDated && debtOf(holdings, accounts.balance(credit)) < amount && (!hasRoom(',
      'a debt makes room',
    ],
    [
      '    const debt = debtOf(holdings, accounts.balance(credit))\n',
      '    const debt = 0\n',
      'points that are issued pay no debt',
    ],
    ['  countGiven(context, debit, credit, amount, unit)\n', '', 'a budget does not count what it gave'],
    ['  unit.issued.add(amount)\n  owe', '  owe', 'what is issued is not counted'],
    [
      '  owe(unit, accounts.balance(credit) - amount, accounts.balance(credit))',
      '  unit.owed.add(amount)',
      'what pays a debt is owed',
    ],
    [
      '  if (creditKind === TREASURY) unit.owed.add(-amount)\n',
      '  unit.owed.add(-amount)\n',
      'a merchant is owed nothing',
    ],
    ['if (status === FROZEN) return ACCOUNT_FROZEN\n', '', 'a frozen account redeems'],
    ['  unit.redeemed.add(amount)\n  // What', '  // What', 'what is redeemed is not counted'],
    [
      'if (creditKind !== TREASURY && creditKind !== MERCHANT) return CREDIT_KIND',
      'if (creditKind !== TREASURY && creditKind !== MERCHANT && creditKind !== MEMBER) return CREDIT_KIND',
      'a member is paid in points',
    ],
    ['    state.originals.took(context.logIndex, taken.parts)\n', '', 'a redeem comes back as points without dates'],
    [
      'return accounts.balance(credit) > AMOUNT_MAX - amount',
      'return accounts.balance(credit) >= AMOUNT_MAX - amount',
      'a balance ends one point early',
    ],
  ),
  ...mistakes(
    'ledger/apply/one-member.ts',
    [
      "if (tx.kind === 'grant' && tx.may === 0 && registry.standingKey(tx.to) === undefined) return RECORD_UNKNOWN",
      "if (tx.kind === 'grant' && tx.may === 0 && registry.records[tx.to] === undefined) return RECORD_UNKNOWN",
      'a unit is consented to',
    ],
    [
      "  if (tx.kind === 'set-custody' && !isCustodian(registry, tx.custodian)) return RECORD_UNKNOWN\n",
      '',
      'an account comes into nobody’s custody',
    ],
    [
      'if (hold !== undefined && time < hold.until && !isByMerchant(signers, hold.credit)) return NOT_DUE',
      'if (hold !== undefined && time <= hold.until && !isByMerchant(signers, hold.credit)) return NOT_DUE',
      'an operator releases a millisecond late',
    ],
    [
      'if (hold !== undefined && time < hold.until && !isByMerchant(signers, hold.credit)) return NOT_DUE',
      'if (hold !== undefined && time < hold.until) return NOT_DUE',
      'a merchant waits for the end of a hold',
    ],
    [
      'if (!isSameKey(member.owner, effect.owner)) drop',
      'if (!isSameKey(member.owner, member.owner)) drop',
      'the old owner still signs in her last batch',
    ],
    [
      "return registry.standingKey(record)?.role === 'custodian' && equalBytes(registry.records[record]!.body, leaf)",
      "return registry.standingKey(record)?.role === 'custodian' && leaf.length === 32",
      'a custodian is named by any hash',
    ],
    [
      "return registry.standingKey(record)?.role === 'custodian' && equalBytes(registry.records[record]!.body, leaf)",
      'return registry.standingKey(record) !== undefined && equalBytes(registry.records[record]!.body, leaf)',
      'any key is a custodian',
    ],
    [
      "return registry.standingKey(record)?.role === 'custodian' && equalBytes(registry.records[record]!.body, leaf)",
      "return registry.key(record)?.role === 'custodian' && equalBytes(registry.records[record]!.body, leaf)",
      'a custodian that was revoked is named',
    ],
    [
      "  if (tx.kind === 'set-custody' || tx.kind === 'close') {\n",
      "  if (tx.kind === 'set-custody') {\n",
      'a closed account is still somebody’s care',
    ],
    [
      "    if (tx.kind === 'set-custody') registry.chains.count(effect.custodian, 1)\n",
      '',
      'an account that comes into custody is not counted',
    ],
  ),
  ...mistakes(
    'ledger/apply/registry-change.ts',
    [
      'if (succeeds !== null && registry.chains.of(succeeds) === undefined) return RECORD_UNKNOWN',
      'if (succeeds !== null && registry.standingKey(succeeds) === undefined) return RECORD_UNKNOWN',
      'a key that was revoked is not succeeded',
    ],
    [
      "if (kind === 'define-unit' || kind === 'set-budget' || kind === 'continue-log') return RECORD_NOT_REVOCABLE",
      "if (kind === 'define-unit' || kind === 'continue-log') return RECORD_NOT_REVOCABLE",
      'terms of a budget are revoked',
    ],
    ['  if (record.until !== 0) return RECORD_REVOKED\n', '', 'a record is revoked again'],
    [
      'registry.liveRootCount <= state.need) return LAST_ROOT',
      'registry.liveRootCount < state.need) return LAST_ROOT',
      'too few root keys are left',
    ],
    [
      'if (isLast && tx.strand === 0) return STRANDS_ACCOUNTS',
      'if (isLast) return STRANDS_ACCOUNTS',
      'the last key of a chain is never revoked',
    ],
    ['if (isLast && tx.strand === 0) return STRANDS_ACCOUNTS', '', 'the last key of a chain is revoked without a word'],
    [
      'unit === undefined || !equalBytes(registry.records[tx.unit]!.body, tx.terms)',
      'unit === undefined',
      'an opening names any terms',
    ],
    [
      '  if (tx.custodian !== null && unit.terms.custody === 0) return NO_CUSTODY\n',
      '',
      'an account is opened in a custody that there is not',
    ],
    [
      "  if (tx.accountKind === 'treasury' && unit.treasury >= 0) return TREASURY_EXISTS\n",
      '',
      'a unit has two treasuries',
    ],
    [
      '  registry.chains.count(tx.custodian?.record ?? null, 1)\n',
      '',
      'an account that is opened in custody is not counted',
    ],
    [
      "const kinds: readonly number[] = role === 'issuer' ? [budget] : [treasury, merchant]",
      'const kinds: readonly number[] = [budget, treasury, merchant]',
      'an issuer gives of the treasury',
    ],
    [
      "  if (tx.kind === 'register-key' && tx.role === 'root' && registry.hasRoot(tx.key)) return KEY_STANDS\n",
      '',
      'one root key is two',
    ],
    ["  if ('name' in tx && registry.hasName(tx)) return NAME_TAKEN\n", '', 'two units have one name'],
    [
      "'name' in tx && registry.hasName(tx)",
      "'name' in tx && ['define-unit', 'publish-rule', 'publish-rate'].some(kind => registry.hasName({ ...tx, kind } as never))",
      'a rule has the name of no unit',
    ],
    [
      "  if (tx.kind === 'set-budget') links.name(accounts, tx.account, position, context.time)\n",
      '',
      'terms are no entry of their budget',
    ],
    [
      '  if (!isCustodian(registry, tx.custodian)) return RECORD_UNKNOWN\n',
      '',
      'an account is opened in nobody’s custody',
    ],
  ),
  ...mistakes(
    'ledger/apply/two-party.ts',
    [
      'if (status !== ACCEPTED && (this.status === ACCEPTED || status < this.status)) this.status = status',
      'if (status !== ACCEPTED && this.status === ACCEPTED) this.status = status',
      'the first guard counts, not the least',
    ],
    [
      '  hold: { debit: MEMBER, credit: [TREASURY, MERCHANT] },',
      '  hold: { debit: MEMBER, credit: [TREASURY, MERCHANT, BUDGET] },',
      'points are held for a budget',
    ],
    [
      '  expire: { debit: MEMBER, credit: [EXPIRED] },',
      '  expire: { debit: MEMBER, credit: [EXPIRED, TREASURY] },',
      'points expire into the treasury',
    ],
    [
      'for (const account of [debit, credit]) verdict.denyIf(isShut(accounts.status(account), tx, account), ACCOUNT_CLOSED)',
      'for (const account of [debit]) verdict.denyIf(isShut(accounts.status(account), tx, account), ACCOUNT_CLOSED)',
      'a closed account hears late that it is closed',
    ],
    [
      'if (isUndoing(tx)) verdict.denyIf(!undoes(tx, original), ORIGINAL_UNKNOWN)',
      'if (isUndoing(tx)) verdict.denyIf(original === undefined, ORIGINAL_UNKNOWN)',
      'what went between others is reversed',
    ],
    [
      'if (accounts.kind(debit) === TREASURY) verdict.denyIf(amount - accounts.balance(debit) > unit.terms.cap, OVER_CAP)',
      'if (accounts.kind(debit) === TREASURY) verdict.denyIf(false, OVER_CAP)',
      'a refund of the treasury knows no cap',
    ],
    [
      'else if (accounts.kind(debit) !== MEMBER) verdict.denyIf(accounts.balance(debit) < amount, INSUFFICIENT)',
      'else if (accounts.kind(debit) !== MEMBER) verdict.denyIf(accounts.balance(debit) <= amount, INSUFFICIENT)',
      'a merchant keeps a point',
    ],
    [
      "verdict.denyIf(tx.kind !== 'hold' && overflows(accounts, credit, amount), TOTAL_OVERFLOW)",
      'verdict.denyIf(false, TOTAL_OVERFLOW)',
      'a balance has no end',
    ],
    [
      "verdict.denyIf(tx.kind !== 'hold' && overflows(accounts, credit, amount), TOTAL_OVERFLOW)",
      'verdict.denyIf(overflows(accounts, credit, amount), TOTAL_OVERFLOW)',
      'a hold reaches its credit',
    ],
    [
      "  if (tx.kind !== 'hold') settle(context, credit, to, amount)",
      "  settle(context, credit, to, tx.kind === 'hold' ? 0 : amount)",
      'a hold names its credit',
    ],
    [
      "if (from?.parts !== undefined && (tx.kind === 'capture' || tx.kind === 'claim'))",
      "if (from?.parts !== undefined && tx.kind === 'claim')",
      'a capture comes back as points without dates',
    ],
    ['  originals.reverse(referred!.index, amount)\n', '', 'what was reversed is not counted'],
    [
      'if (asked !== undefined) originals.reverse(context.referred!.index, amount)\n',
      '\n',
      'what was settled of what was asked for is not counted',
    ],
    [
      'verdict.denyIf(time > original.time + unit.terms.windowMs, WINDOW_OVER)\n',
      'verdict.denyIf(false, WINDOW_OVER)\n',
      'a fund is reversed for ever',
    ],
    [
      'verdict.denyIf(tx.amount > original.transaction.amount - original.reversed, OVER_ORIGINAL)',
      'verdict.denyIf(tx.amount > original.transaction.amount, OVER_ORIGINAL)',
      'a fund is reversed twice',
    ],
    ['if (kind === MEMBER || kind === MERCHANT)\n', 'if (kind === MEMBER)\n', 'what a merchant has is not owed'],
    ["if (tx.kind === 'expire') unit.expired.add(amount)\n", '', 'what expires is not counted'],
    [
      "if (tx.kind === 'capture' || tx.kind === 'claim') unit.redeemed.add(amount)",
      "if (tx.kind === 'claim') unit.redeemed.add(amount)",
      'what is captured is not counted',
    ],
    [
      "if (reversed === 'issue' || reversed === 'opening-balance') unit.reversed.add(amount)",
      "if (reversed === 'issue' || reversed === 'opening-balance') unit.issued.add(-amount)",
      'what is clawed back was never issued',
    ],
    ['unit.redeemed.add(-amount)\n', 'unit.reversed.add(amount)\n', 'what is refunded was clawed back'],
    [
      '  if (rate === undefined) return RULE_UNKNOWN\n',
      '  if (rate === undefined) return RATE_MISMATCH\n',
      'an unknown rate is a mismatch',
    ],
    ['rate.unit === spent.record &&\n', '', 'a rate is of any unit'],
    ['    rate.budget === budget &&\n', '', 'a rate is of any budget'],
    [
      'BigInt(amount) * BigInt(rate.get) === BigInt(gained) * BigInt(rate.give)',
      'BigInt(amount) * BigInt(rate.get) >= BigInt(gained) * BigInt(rate.give)',
      'a conversion is rounded down',
    ],
    [
      'tx.expires === expiryOfGain(timeMs, rate.life, gainedUnit.terms)',
      'tx.expires === expiryOfGain(time, rate.life, gainedUnit.terms)',
      'a gain lives from ledger time on',
    ],
    [
      'tx.expires === expiryOfGain(timeMs, rate.life, gainedUnit.terms)',
      'tx.expires === expiryOfGain(timeMs, rate.life, spent.terms)',
      'a gain has the grain of what was spent',
    ],
    [
      'verdict.denyIf(!isAtRate || !areOfOne(state, debit, account), RATE_MISMATCH)',
      'verdict.denyIf(!isAtRate, RATE_MISMATCH)',
      'points are converted to another member',
    ],
    [
      'return from !== null && to !== null && registry.chains.of(from) === registry.chains.of(to)',
      'return from !== null && to !== null',
      'a custodian converts to the ward of another',
    ],
    [
      'return from !== null && to !== null && registry.chains.of(from) === registry.chains.of(to)',
      'return from !== null && from === to',
      'a conversion stays under one key of a chain',
    ],
    ['if (one !== null || other !== null) return false\n', '', 'a ward’s points come to who has an owner'],
    [
      '  verdict.deny(budgets.judge(budget, account, gained, time, gainedUnit.terms))\n',
      '',
      'a conversion knows no terms of a budget',
    ],
    ['  countGiven(context, budget, account, gained, gainedUnit)\n', '', 'a conversion does not count as given'],
    ['  spent.redeemed.add(amount)\n', '', 'what is converted is not redeemed'],
    ['  gainedUnit.issued.add(gained)\n', '', 'what is gained is not issued'],
    [
      'amount % spent.terms.step !== 0 || gained % gainedUnit.terms.step !== 0',
      'amount % spent.terms.step !== 0',
      'what is gained is off the step',
    ],
    [
      'if (debit === credit || budget === account || debit === account) return SAME_ACCOUNT',
      'if (debit === credit || budget === account) return SAME_ACCOUNT',
      'an account converts into itself',
    ],
    [
      'verdict.denyIf(overflows(accounts, credit, amount) || overflows(accounts, account, gained), TOTAL_OVERFLOW)',
      'verdict.denyIf(overflows(accounts, credit, amount), TOTAL_OVERFLOW)',
      'what is gained has no end',
    ],
  ),
  ...mistakes(
    'ledger/accounts/history-links.ts',
    [
      'accounts.kind(this.#account[place]!) === ACCOUNT_KINDS.member ? 0 : 1',
      '0',
      'an account of any kind takes a link an entry',
    ],
    [
      'return gathered === count ? root : listRootOfHashes(this.#gathered.subarray(0, 32 * gathered), BATCH_DEPTH)',
      'return root',
      'the one link is always the batch root',
    ],
  ),
  ...mistakes('ledger/accounts/accounts.ts', [
    '    page.floats[at + TIME] = time\n',
    '    page.floats[at + TIME] = Math.min(time, page.floats[at + TIME] || time)\n',
    'the time of an account stays that of its first entry',
  ]),
  ...mistakes('ledger/apply/context.ts', [
    'return cites && (cited === undefined || state.originals.wasRefused(cited))',
    'return cites && cited === undefined',
    'what was refused is cited',
  ]),
  ...mistakes('ledger/apply/used-here.ts', [
    'const user = this.#user(index - this.#first)',
    'const user: number | undefined = index - this.#first',
    'what a stranger tried in the same batch is cited',
  ]),
  ...mistakes('ledger/apply/issue-redeem.ts', [
    `  if (accounts.status(credit) >= CLOSED) return ACCOUNT_CLOSED
  if (citesUnknown(context, view.citesStart >= 0)) return CITES_UNKNOWN
`,
    '  if (accounts.status(credit) >= CLOSED) return ACCOUNT_CLOSED\n',
    'an issue cites what it likes',
  ]),
  ...mistakes('core/entry/transaction.ts', [
    'return bytes[end - ID_BYTES - 1] === BYTES_16 && CITING',
    'return bytes[end - ID_BYTES - 2] === BYTES_16 && CITING',
    'what is cited is not seen',
  ]),
  ...mistakes(
    'ledger/apply/one-member.ts',
    [
      "  if (tx.kind === 'reopen') registry.chains.count(member.custodian, 1)\n",
      '',
      'an account that is opened again is nobody’s care',
    ],
    ['  if (taker === account) return SAME_ACCOUNT\n', '', 'one lets oneself take'],
    [
      'if (other !== undefined && accounts.unit(other) !== accounts.unit(account)) return UNIT_MISMATCH',
      '',
      'an account of another unit is let take',
    ],
    [
      'for (const one of [account, taker ?? account]) if (accounts.kind(one) !== ACCOUNT_KINDS.member) return ACCOUNT_KIND',
      'for (const one of [account]) if (accounts.kind(one) !== ACCOUNT_KINDS.member) return ACCOUNT_KIND',
      'a budget is let take',
    ],
  ),
]
