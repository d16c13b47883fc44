import { type Mutant, mistakes } from '../mutant.ts'

/** Mistakes about one account: days, lots, holds, debts and what changes it. */
export const ACCOUNT: readonly Mutant[] = [
  ...mistakes(
    'account/dates.ts',
    [
      'const OFFSET_SHIFT = 40',
      'const OFFSET_SHIFT = -56',
      'days are counted from 1970 by UTC, one less than SPEC says',
    ],
    [
      'return Math.floor((timeMs + QUARTER_MS * (offset + OFFSET_SHIFT)) / DAY_MS)',
      'return Math.floor((timeMs + QUARTER_MS * (56 + OFFSET_SHIFT + offset - offset)) / DAY_MS)',
      'the day is that of UTC',
    ],
    [
      'return date === 0 || (date + offset + OFFSET_SHIFT) % grain === 0',
      'return date === 0 || date % grain === 0',
      'dates stand on the grain of UTC',
    ],
    [
      'return date === 0 || (date + offset + OFFSET_SHIFT) % grain === 0',
      'return (date + offset + OFFSET_SHIFT) % grain === 0',
      'no date at all has to stand on the grain',
    ],
    [
      'const date = Math.ceil(timeMs / QUARTER_MS) + life',
      'const date = Math.floor(timeMs / QUARTER_MS) + life',
      'a gain lives from the beginning of the quarter hour',
    ],
    ['return over === 0 ? date : date + grain - over', 'return date - over', 'a gain expires at the date before'],
    [
      'return over === 0 ? date : date + grain - over',
      'return date + grain - over',
      'a gain on the grain expires a grain later',
    ],
    ['  if (life === 0) return 0\n', '', 'a gain that lives for ever expires at once'],
  ),
  ...mistakes('account/history.ts', [
    'parts: partsBack(original.parts, amount)[0] }',
    'parts: original.parts }',
    'to the reader the same parts come back of two reversals',
  ]),
  ...mistakes(
    'account/holdings.ts',
    [
      'return expires !== 0 && expires * QUARTER_MS <= atMs',
      'return expires !== 0 && expires * QUARTER_MS < atMs',
      'points expire a millisecond late',
    ],
    [
      'return expires !== 0 && expires * QUARTER_MS <= atMs',
      'return expires * QUARTER_MS <= atMs',
      'what never expires is past',
    ],
    ['return matures * QUARTER_MS <= atMs', 'return matures * QUARTER_MS < atMs', 'points mature a millisecond late'],
    [
      'return b.expires === 0 || (a.expires !== 0 && a.expires < b.expires)',
      'return a.expires < b.expires',
      'what never expires is spent first',
    ],
    [
      '  return a.matures < b.matures\n',
      '  return a.matures > b.matures\n',
      'of equal expiry what matured last is spent first',
    ],
    ['  let owed = debt\n', '  let owed = 0\n', 'a debt takes nothing of what arrives'],
    [
      '    if (part.amount > paid && !isUndated(part)) come.push',
      '    if (part.amount > paid) come.push',
      'points without dates stand in a lot',
    ],
    [
      'all.push({ ...there, amount: there.amount + one.amount })',
      'all.push(there, one)',
      'lots of equal dates are not one',
    ],
    ['for (const { parts } of holds) count += parts.length\n', '', 'parts of holds need no room'],
    [
      'for (const { parts } of holds) count += parts.length\n',
      'for (const { parts } of holds) count += Math.min(1, parts.length)\n',
      'a hold needs the room of one lot',
    ],
    ['    if (isUndated(part)) continue\n', '', 'points without dates need room'],
    [
      'return more === 0 || lotCount(holdings) + more <= LOTS_ROOM',
      'return more === 0 || lotCount(holdings) + more < LOTS_ROOM',
      'room for one lot less',
    ],
    [
      'return more === 0 || lotCount(holdings) + more <= LOTS_ROOM',
      'return more === 0 || lotCount(holdings) < LOTS_ROOM',
      'room for any number of lots at once',
    ],
    [
      'return more === 0 || lotCount(holdings) + more <= LOTS_ROOM',
      'return lotCount(holdings) + more <= LOTS_ROOM',
      'no room for points of dates that are there',
    ],
    [
      'return lotCount(holdings) <= LOTS_MAX',
      'return lotCount(holdings) <= LOTS_ROOM',
      'a hold makes no more than 992 lots and parts',
    ],
    [
      'if (!isBaseDrawn && lot.expires === 0) {',
      'if (!isBaseDrawn && lot.expires < 0) {',
      'points without dates are spent after all others',
    ],
    [
      'if (!isBaseDrawn && lot.expires === 0) {',
      'if (!isBaseDrawn) {',
      'points without dates are spent before all others',
    ],
    [
      'const lots = draw.from(holdings.lots, lot => isMature(lot, atMs) && !isPast(lot, atMs))',
      'const lots = draw.from(holdings.lots, lot => !isPast(lot, atMs))',
      'what is not matured is spent',
    ],
    [
      'const lots = draw.from(holdings.lots, lot => isMature(lot, atMs) && !isPast(lot, atMs))',
      'const lots = draw.from(holdings.lots, lot => isMature(lot, atMs))',
      'what is past is spent',
    ],
    [
      'lot => isOf(lot, dates) && isMature(lot, atMs) && !isPast(lot, atMs)',
      'lot => isOf(lot, dates) && !isPast(lot, atMs)',
      'what is not matured is given away',
    ],
    [
      'lot => isOf(lot, dates) && isMature(lot, atMs) && !isPast(lot, atMs)',
      'lot => isMature(lot, atMs) && !isPast(lot, atMs)',
      'a gift is taken of any lots',
    ],
    [
      'const own = new Draw(amount, isUndated(dates) ? base : 0)',
      'const own = new Draw(0, isUndated(dates) ? base : 0)',
      'a clawback does not take its own lot first',
    ],
    [
      'const lots = others.from(rest, lot => !isPast(lot, atMs))',
      'const lots = others.from(rest, () => false)',
      'a clawback takes no other lots',
    ],
    [
      'const lots = others.from(rest, lot => !isPast(lot, atMs))',
      'const lots = others.from(rest, () => true)',
      'a clawback takes what is past',
    ],
    [
      'const lots = others.from(rest, lot => !isPast(lot, atMs))',
      'const lots = others.from(rest, lot => !isPast(lot, atMs) && isMature(lot, atMs))',
      'a clawback takes no lots that are not matured',
    ],
    [
      'const others = new Draw(own.wanted, isUndated(dates) ? 0 : base)',
      'const others = new Draw(own.wanted, 0)',
      'a clawback of dated points leaves those without dates',
    ],
    [
      'others.wanted + Math.max(0, -base) > debtMax',
      'others.wanted > debtMax',
      'a clawback counts no debt that there is',
    ],
    [
      'others.wanted + Math.max(0, -base) > debtMax',
      'others.wanted + Math.max(0, -base) >= debtMax',
      'a debt ends one point early',
    ],
    [
      'return recoveryKey !== null && atMs <= recoveryDue + RECOVERY_MS',
      'return recoveryKey !== null',
      'a recovery is never over',
    ],
    [
      'return recoveryKey !== null && atMs <= recoveryDue + RECOVERY_MS',
      'return recoveryKey !== null && atMs < recoveryDue + RECOVERY_MS',
      'a recovery is over a millisecond early',
    ],
    [
      'forgotten(arrive(without, debtOf(holdings, balance), back))',
      'forgotten(arrive(without, 0, back))',
      'what comes back of a hold pays no debt',
    ],
    [
      'const [parts, back] = splitAt(hold.parts, amount)',
      'const [back, parts] = splitAt(hold.parts, hold.amount - amount)',
      'a capture takes the last parts of a hold',
    ],
    [
      'return splitAt(parts, sumOf(parts) - amount)',
      'const [back, stays] = splitAt(parts, amount)\n  return [stays, back]',
      'what was taken first comes back first',
    ],
    ['holdings.lots.filter(lot => !isPast(lot, atMs)),\n  )', 'holdings.lots,\n  )', 'expired lots stay'],
  ),
  ...mistakes(
    'account/holdings-root.ts',
    [
      'chunkUint(hold.until),\n        lotsRoot(hold.parts),',
      'chunkUint(hold.until),\n        lotsRoot([...hold.parts].reverse()),',
      'parts of a hold are committed to backwards',
    ],
    [
      'containerRoot([bytes16(id), chunkUint(to), chunkUint(until), chunkUint(may)])',
      'containerRoot([bytes16(id), chunkUint(to), chunkUint(0), chunkUint(may)])',
      'the end of a consent is not committed to',
    ],
    [
      'if (isLess && giftDay + given + takenDay + taken === 0) return new Uint8Array(32)',
      'if (isLess && giftDay === -1) return new Uint8Array(32)',
      'an account with nothing has a root all the same',
    ],
    [
      'if (isLess && giftDay + given + takenDay + taken === 0) return new Uint8Array(32)',
      'if (isLess && takenDay + taken === 0) return new Uint8Array(32)',
      'what was given today is nothing',
    ],
    [
      'view.setUint32(16 * i, expires, true)\n    view.setUint32(16 * i + 4, matures, true)',
      'view.setUint32(16 * i, matures, true)\n    view.setUint32(16 * i + 4, expires, true)',
      'the two dates of a lot change places',
    ],
    [
      'return packedListRoot(chunks, LOT_DEPTH, 2 * lots.length)',
      'return packedListRoot(chunks, LOT_DEPTH, lots.length)',
      'lots are counted, not numbers',
    ],
  ),
  ...mistakes(
    'account/member.ts',
    [
      '  if (isShut(member.status, tx, account)) return ACCOUNT_CLOSED\n  const isDebit',
      '  const isDebit',
      'points come back to a closed account',
    ],
    [
      "const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'transfer', 'convert', 'take', 'claim', 'merge'])",
      "const SPENDING: ReadonlySet<string> = new Set(['redeem', 'transfer', 'convert', 'take', 'claim', 'merge'])",
      'a frozen account may hold',
    ],
    [
      "const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'transfer', 'convert', 'take', 'claim', 'merge'])",
      "const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'convert', 'take', 'claim', 'merge'])",
      'a frozen account may give',
    ],
    [
      "const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'transfer', 'convert', 'take', 'claim', 'merge'])",
      "const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'transfer', 'take', 'claim', 'merge'])",
      'a frozen account may convert',
    ],
    [
      "if (SPENDING.has(tx.kind) && (isDebit || tx.kind === 'take') && member.status === FROZEN)",
      'if (SPENDING.has(tx.kind) && member.status === FROZEN)',
      'a frozen account takes no gifts',
    ],
    [
      "if (tx.kind === 'capture' && holdOf(member.holdings, tx.hold)?.credit !== tx.credit) return HOLD_UNKNOWN",
      "if (tx.kind === 'capture' && holdOf(member.holdings, tx.hold) === undefined) return HOLD_UNKNOWN",
      'a hold is captured to another account',
    ],
    [
      'if (dueToExpire(holdings, time) !== amount) return NOT_DUE',
      'if (dueToExpire(holdings, time) < amount) return NOT_DUE',
      'less than is past may expire',
    ],
    ['      if (hold.until <= time) return HOLD_ENDED\n', '', 'a hold is captured after its end'],
    [
      '      if (hold.until <= time) return HOLD_ENDED\n',
      '      if (hold.until < time) return HOLD_ENDED\n',
      'a hold is captured at its end',
    ],
    [
      '      if (amount > hold.amount) return OVER_ORIGINAL\n',
      '      if (amount >= hold.amount) return OVER_ORIGINAL\n',
      'a hold is not captured whole',
    ],
    ['      if (isPast(lot, time)) return DATES\n', '', 'what is past is clawed back'],
    [
      'if (time > original.time + terms.unit.windowMs) return WINDOW_OVER\n      if (amount',
      'if (time >= original.time + terms.unit.windowMs) return WINDOW_OVER\n      if (amount',
      'the window of a clawback ends a millisecond early',
    ],
    [
      'if (time > original.time + terms.unit.windowMs) return WINDOW_OVER\n      if (amount',
      'if (amount',
      'a clawback knows no window',
    ],
    [
      'if (amount > reversed.amount - original.reversed) return OVER_ORIGINAL',
      'if (amount > reversed.amount) return OVER_ORIGINAL',
      'an issue is clawed back twice',
    ],
    ['  if (until <= time) return HOLD_ENDED\n', '  if (until < time) return HOLD_ENDED\n', 'a hold may end at once'],
    [
      'if (until > time + unit.holdMaxMs) return HOLD_TOO_LONG',
      'if (until >= time + unit.holdMaxMs) return HOLD_TOO_LONG',
      'a hold ends a millisecond early',
    ],
    ['  if (until > time + unit.holdMaxMs) return HOLD_TOO_LONG\n', '', 'a hold stands for ever'],
    ['  if (!fits(made)) return LOTS_FULL\n', '', 'holds split lots without end'],
    [
      'return holds.length > HOLDS_MAX ? HOLDS_FULL',
      'return holds.length >= HOLDS_MAX ? HOLDS_FULL',
      'there are 15 holds',
    ],
    [
      'if (unit.giftEach === 0 || unit.giftDay === 0) return NO_GIFTS',
      'if (unit.giftEach === 0) return NO_GIFTS',
      'no gifts of a day is no cap',
    ],
    [
      'const given = (day === holdings.giftDay ? holdings.given : 0) + tx.amount',
      'const given = holdings.given + tx.amount',
      'gifts of all days count as one day’s',
    ],
    [
      'const given = (day === holdings.giftDay ? holdings.given : 0) + tx.amount',
      'const given = tx.amount',
      'gifts of a day are not added up',
    ],
    [
      'tx.amount > unit.giftEach || given > unit.giftDay',
      'tx.amount > unit.giftEach || given >= unit.giftDay',
      'a day’s gifts end one point early',
    ],
    [
      'tx.amount > unit.giftEach || given > unit.giftDay',
      'tx.amount >= unit.giftEach || given > unit.giftDay',
      'a gift ends one point early',
    ],
    ['tx.amount > unit.giftEach || given > unit.giftDay', 'given > unit.giftDay', 'one gift may be all of a day'],
    [
      'const dates = datesOfIssue(tx, timeMs, terms.unit)',
      'const dates = undefined',
      'a member takes an issue of any dates',
    ],
    [
      "    case 'convert':\n      return isPast(tx, time)\n        ? DATES\n        : credited(",
      "    case 'convert':\n      return false\n        ? DATES\n        : credited(",
      'what is gained may be past',
    ],
    [
      '      if (time > original.time + terms.unit.windowMs) return WINDOW_OVER\n      if (tx.amount',
      '      if (tx.amount',
      'a refund knows no window',
    ],
    [
      '      if (time > original.time + terms.unit.windowMs) return WINDOW_OVER\n      if (tx.amount',
      '      if (time >= original.time + terms.unit.windowMs) return WINDOW_OVER\n      if (tx.amount',
      'the window of a refund ends a millisecond early',
    ],
    [
      'if (tx.amount > original.transaction.amount - original.reversed) return OVER_ORIGINAL',
      'if (tx.amount > original.transaction.amount) return OVER_ORIGINAL',
      'a redeem is refunded twice',
    ],
    ['  if (!hasRoom(holdings, parts)) return LOTS_FULL\n', '', 'lots have no end'],
    [
      '    holdings: arrive(holdings, debtOf(holdings, balance), parts.map(lotOf)),',
      '    holdings: arrive(holdings, 0, parts.map(lotOf)),',
      'what comes from others pays no debt',
    ],
    [
      'return status === FROZEN ? ACCOUNT_FROZEN : { ...member, status: FROZEN }',
      'return { ...member, status: FROZEN }',
      'a frozen account is frozen again',
    ],
    [
      'return status === FROZEN ? { ...member, status: OPEN } : NOT_FROZEN',
      'return { ...member, status: OPEN }',
      'an open account is opened',
    ],
    [
      'return balance !== 0 || holdings.holds.length + holdings.lots.length > 0',
      'return balance !== 0',
      'an account is closed with lots and a debt',
    ],
    [
      'return balance !== 0 || holdings.holds.length + holdings.lots.length > 0',
      'return balance > 0 || holdings.holds.length + holdings.lots.length > 0',
      'an account is closed with a debt',
    ],
    [
      'const holdings = withoutRecovery(member.holdings)',
      'const { holdings } = member',
      'a change of custody ends no recovery',
    ],
    [
      'if (recovery === null || isRecovering(holdings, time) || isKeyOf',
      'if (recovery === null || isKeyOf',
      'a recovery begins again while one is under way',
    ],
    [
      'if (recovery === null || isRecovering(holdings, time) || isKeyOf',
      'if (recovery === null || holdings.recoveryKey !== null || isKeyOf',
      'a recovery that is over is in the way of another',
    ],
    [
      'recoveryDue: time + recovery.delayMs }',
      'recoveryDue: idTimeMs(tx.id) + recovery.delayMs }',
      'a recovery is due by the clock of who begins it',
    ],
    ['      if (time < holdings.recoveryDue) return NOT_DUE\n', '', 'a recovery is finished at once'],
    [
      '      if (time < holdings.recoveryDue) return NOT_DUE\n',
      '      if (time <= holdings.recoveryDue) return NOT_DUE\n',
      'a recovery is due a millisecond late',
    ],
    [
      '        recovery: termsAfter(member, tx),\n        holdings: withoutRecovery(holdings),\n',
      '        recovery: termsAfter(member, tx),\n        holdings,\n',
      'a recovery is finished twice',
    ],
    ['      if (tx.until !== 0 && tx.until <= time) return DATES\n', '', 'a consent is over when it is given'],
    [
      '      if (tx.until !== 0 && tx.until <= time) return DATES\n',
      '      if (tx.until !== 0 && tx.until < time) return DATES\n',
      'a consent ends as it is given',
    ],
    [
      'if (holdings.grants.length >= GRANTS_MAX) return GRANTS_FULL',
      'if (holdings.grants.length > GRANTS_MAX) return GRANTS_FULL',
      'there are 33 consents',
    ],
    [
      'return grant === undefined || grant.may !== 0 || isOver(grant, time) ? GRANT_UNKNOWN : member',
      'return grant === undefined || grant.may !== 0 ? GRANT_UNKNOWN : member',
      'a consent has no end',
    ],
    [
      'holdings.grants.filter(one => one !== grant)',
      'holdings.grants.filter(one => one === grant)',
      'of all consents the withdrawn one stays',
    ],
  ),
  ...mistakes(
    'account/account.ts',
    ["utf8Encode('tallystick/head/v1')", "utf8Encode('tallystick/head/v2')", 'a chain begins elsewhere'],
    [
      '    chunkUint(account.credit),\n    chunkUint(account.debit),',
      '    chunkUint(account.debit),\n    chunkUint(account.credit),',
      'a balance below zero is one above',
    ],
    [
      'chunkUint(record.until), chunkUint(record.next)])',
      'chunkUint(record.until), chunkUint(0)])',
      'successors are not committed to',
    ],
    [
      'const totals = [issued, opened, redeemed, expired, reinstated, reversed, owed].map(chunkUint128)',
      'const totals = [issued, opened, redeemed, reversed, reinstated, expired, owed].map(chunkUint128)',
      'what expired was taken back',
    ],
  ),
  ...mistakes('account/member.ts', [
    'return status === CLOSED ? { ...member, status: OPEN } : NOT_CLOSED',
    'return status !== OPEN ? { ...member, status: OPEN } : NOT_CLOSED',
    'a frozen account is opened',
  ]),
  ...mistakes(
    'account/takes.ts',
    [
      'if (policy === null || policy.open === 1) return true',
      'if (policy === null || policy.open >= 0) return true',
      'anyone takes of anyone',
    ],
    ['grant.may === 1 && grant.to === credit', 'grant.to === credit', 'who may see details may take'],
    ['grant.to === credit && !isOver(grant, atMs)', 'grant.to === credit', 'a consent to take never ends'],
    [
      'if (before.some(({ credit }) => credit === tx.credit)) return TAKEN_BEFORE',
      'if (before.length > 64) return TAKEN_BEFORE',
      'one takes of a lot as often as it likes',
    ],
    ['lot + BigInt(sumOf(before))', 'lot', 'shares are of what is left'],
    ['tx.amount > policy.most ||', 'tx.amount >= policy.most ||', 'the most is not to be taken'],
    [
      '100n * amount > BigInt(policy.each) * whole',
      '100n * amount >= BigInt(policy.each) * whole',
      'a share is less than its per cents',
    ],
    [
      '100n * (lot - amount) < BigInt(policy.keep) * whole',
      '100n * (lot - amount) <= BigInt(policy.keep) * whole',
      'a point more is kept',
    ],
    ['return forgotten({ ...holdings,', 'return ({ ...holdings,', 'a take of all of a lot is noted'],
    [
      'return forgotten({ ...holdings,',
      'return lotOf(holdings.lots, { matures, expires }) === undefined ? holdings : ({ ...holdings,',
      'a take of all but what is held is not noted',
    ],
    [
      'if (lot === undefined || !isMature(lot, atMs) || isPast(lot, atMs)) return undefined',
      'if (lot === undefined || isPast(lot, atMs)) return undefined',
      'what is not ripe is collected',
    ],
    [
      '[{ matures: 0, expires, amount: lot.amount }]',
      '[{ matures: lot.matures, expires, amount: lot.amount }]',
      'what is collected keeps its maturity',
    ],
  ),
  ...mistakes(
    'account/member.ts',
    [
      "(isDebit || tx.kind === 'take') && member.status === FROZEN",
      'isDebit && member.status === FROZEN',
      'a frozen account takes',
    ],
    [
      'const taken = (day === takenDay ? before : 0) + tx.amount',
      'const taken = before + tx.amount',
      'takes of all days are of one',
    ],
    ['taken > unit.take.day', 'taken >= unit.take.day', 'the last point of a day is not taken'],
    [
      'holdings.takes.length >= TAKES_MAX ? TAKES_FULL',
      'holdings.takes.length > TAKES_MAX ? TAKES_FULL',
      'there are 65 takes',
    ],
    ['expiryOfGain(time, unit.collect, unit)', 'unit.collect', 'what is collected expires in 1970'],
    [
      'grant === undefined || grant.may !== 0 || isOver',
      'grant === undefined || isOver',
      'who may take is shown details',
    ],
  ),
  ...mistakes(
    'account/holdings.ts',
    ['return { ...holdings, takes: takes.filter(stands) }', 'return holdings', 'takes of lots that are gone stand'],
    ['[lots, ...holds.map(({ parts }) => parts)].some', '[lots].some', 'takes of what is held are forgotten'],
    [
      'holdings: forgotten(arrive(without, debtOf(holdings, balance), back)), parts }',
      'holdings: arrive(without, debtOf(holdings, balance), back), parts }',
      'takes of what was captured stand',
    ],
  ),
  ...mistakes('account/member.ts', [
    'const made = forgotten({ ...taken.holdings, takes: holdings.takes, holds })',
    'const made = { ...taken.holdings, holds }',
    'takes are forgotten as their lot is held',
  ]),
  ...mistakes('account/holdings-root.ts', [
    'chunkUint(matures), chunkUint(expires), chunkUint(credit), chunkUint(amount)',
    'chunkUint(matures), chunkUint(expires), chunkUint(credit), chunkUint(credit)',
    'how much was taken is not committed to',
  ]),
  ...mistakes(
    'account/statuses.ts',
    ['return until !== 0 && until <= atMs', 'return until !== 0 && until < atMs', 'a consent ends a millisecond late'],
    [
      'one.rule !== rule && !isOver(one, atMs)',
      'one.rule !== rule',
      'tiers whose time is over take the places of others',
    ],
    ['one.rule !== rule && !isOver(one, atMs)', '!isOver(one, atMs)', 'there are two tiers by one rule'],
    ['return tier === 0 ? others : [', 'return [', 'no tier is a tier'],
  ),
  ...mistakes(
    'account/member.ts',
    [
      '      if (isOver(tx, time)) return DATES\n      const statuses',
      '      const statuses',
      'a tier is over when it is set',
    ],
    [
      'statuses.length > STATUSES_MAX ? STATUSES_FULL',
      'statuses.length > STATUSES_MAX + 1 ? STATUSES_FULL',
      'there are nine tiers',
    ],
  ),
  ...mistakes('account/holdings-root.ts', [
    'containerRoot([chunkUint(rule), chunkUint(tier), chunkUint(until)]),',
    'containerRoot([chunkUint(rule), chunkUint(rule), chunkUint(until)]),',
    'which tier it is is not committed to',
  ]),
  ...mistakes('account/entitlement.ts', [
    "'set-status': [{ by: 'issuer', scope: 'budget' }],",
    "'set-status': [{ by: 'issuer' }],",
    'an issuer of another budget sets tiers',
  ]),
  ...mistakes(
    'ledger/apply/one-member.ts',
    [
      "if (tx.kind === 'set-status' && !registry.mayName(tx.budget, tx.rule)) return RULE_UNKNOWN",
      "if (tx.kind === 'set-status' && registry.records[tx.rule]?.transaction.kind !== 'publish-rule') return RULE_UNKNOWN",
      'a tier is set by a rule that was revoked',
    ],
    [
      "if (tx.kind === 'set-status' && time < registry.records[tx.rule]!.time + unit.noticeMs) return RULE_EARLY\n",
      '\n',
      'a tier is set by a rule of today',
    ],
  ),
  ...mistakes('verify/authorised-lines.ts', [
    "transaction.kind === 'issue' || transaction.kind === 'set-status'\n",
    "transaction.kind === 'issue'\n",
    'nobody is asked by which rule a tier is set',
  ]),
  ...mistakes(
    'account/arrivals.ts',
    ['  if (!isGrained) return OFF_GRAIN\n', '', 'dates stand anywhere'],
    [
      'const isGrained = isOnGrain(dates.matures, unit) && isOnGrain(dates.expires, unit)',
      'const isGrained = isOnGrain(dates.expires, unit)',
      'points mature at any quarter hour',
    ],
    [
      'return isPast(dates, timeMs) || isTooFarAhead(dates.matures, timeMs) ?',
      'return isTooFarAhead(dates.matures, timeMs) ?',
      'points are issued that were past',
    ],
  ),
  ...mistakes('account/standing.ts', [
    "  if (status === CLOSED) return tx.kind !== 'reopen'\n",
    '  if (status === CLOSED) return true\n',
    'what is closed stays closed',
  ]),
]
