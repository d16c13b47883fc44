package main

import "math/big"

// Apply (SPEC §7): what becomes of each transaction of a batch.

// applyBatch applies a batch that was taken, and returns the status of each position.
func (l *ledger) applyBatch(b *batch, index uint64, transactions []*transaction) []byte {
	by := l.signersOf(b.signers, b.time, index)
	statuses := make([]byte, len(transactions))
	undone, end, at := false, 0, groupsAt(b.groups)
	var before *ledger
	for i, x := range transactions {
		if count := at[i]; count > 0 {
			before, undone, end = l.copied(), false, i+count
		} else if i >= end {
			before, undone = nil, false
		}
		outcome := l.apply(by, x, b.time, index+1+uint64(i), undone)
		statuses[i] = byte(outcome)
		if before == nil || undone || outcome == oAccepted {
			continue
		}
		undone = true
		l.goBack(before, transactions[i], outcome)
		for j := i - 1; at[j+1] == 0; j-- {
			statuses[j] = byte(oGroupUndone)
			if l.ids[transactions[j].id] == nil && !broke("group-undone-uses-id") {
				l.ids[transactions[j].id] = &used{leaf: transactions[j].leaf}
			}
		}
	}
	for _, one := range l.accounts {
		if len(one.links) > 0 {
			root := batchRoot(one.links)
			one.head = sum(one.head[:], root[:])
			one.links = nil
			one.sealed = false
		}
	}
	l.time = b.time
	return statuses
}

// attemptAt is one transaction at its position: the outcomes that apply, and the effect where none does.
type attemptAt struct {
	*ledger
	verdict
	by     *signersOf
	x      *transaction
	now    int64
	index  uint64
	copies map[int64]*member // of the accounts that it changes
	effect []func()
}

func (l *ledger) apply(by *signersOf, x *transaction, now int64, index uint64, undone bool) int {
	if before := l.ids[x.id]; before != nil {
		if before.leaf == x.leaf || broke("id-taken") {
			return oExists
		}
		return oIDTaken
	}
	a := &attemptAt{ledger: l, by: by, x: x, now: now, index: index, copies: map[int64]*member{}}
	mine := by.entitled(x)
	a.when(!mine.holds, oNotEntitled)
	a.when(undone && !broke("group-undone"), oGroupUndone)
	a.checkTime(mine)
	a.checkKind(mine)
	if x.cites != nil {
		cited := l.ids[*x.cites]
		a.when((cited == nil || !cited.stands && !broke("cites-what-was-refused")) && !broke("cites"), oCitesUnknown)
	}
	if a.least != oNotEntitled && (a.least == oAccepted || !broke("refused-uses-id")) || broke("not-entitled-uses-id") {
		l.ids[x.id] = &used{leaf: x.leaf}
	}
	if a.least != oAccepted {
		return a.least
	}
	for number, copied := range a.copies {
		l.accounts[number].member = copied
		l.accounts[number].sealed = false
	}
	for _, then := range a.effect {
		then()
	}
	l.ids[x.id].stands = true
	l.link(x, now)
	return oAccepted
}

func (a *attemptAt) checkTime(mine *entitlement) {
	if a.x.kind == kGenesis {
		return
	}
	back := int64(0)
	if (a.x.kind == kIssue || a.x.kind == kOpeningBalance) && !broke("issue-backdate") || a.x.kind == kOpenAccount && !broke("open-backdate") || broke("all-backdate") {
		back = mine.backdate
	}
	skew := a.genesis.skew
	ahead := a.x.t > a.now+skew
	if broke("skew-inclusive") {
		ahead = a.x.t >= a.now+skew
	}
	a.when(ahead, oTimeAhead)
	a.when(a.x.t < a.now-skew-back || broke("skew-behind-inclusive") && a.x.t == a.now-skew-back, oTimeBehind)
}

// then is done where nothing is refused.
func (a *attemptAt) then(effect func()) { a.effect = append(a.effect, effect) }

// memberOf is a copy of a member account, which becomes the account where nothing is refused.
func (a *attemptAt) memberOf(of *account) *member {
	if a.copies[of.number] == nil {
		a.copies[of.number] = of.member.clone()
	}
	return a.copies[of.number]
}

func (a *attemptAt) checkKind(mine *entitlement) {
	x := a.x
	switch x.kind {
	case kGenesis:
		a.then(func() {
			a.ledger.genesis = x
			a.ledger.logs = []namedLog{logOf(x, hash{}, 1)}
			for range x.roots {
				a.add(&record{x: x, atOnce: true})
			}
		})
	case kRegisterKey:
		a.registerKey()
	case kContinueLog:
		a.continueLog()
	case kRevoke:
		a.revoke()
	case kDefineUnit, kPublishRule, kPublishRate:
		a.publish()
	case kOpenAccount:
		a.open()
	case kSetBudget:
		a.setBudget()
	case kConvert:
		a.convert()
	case kAskSettle:
		a.askSettle()
	case kReverse:
		a.reverse()
	case kReinstate:
		a.reinstate()
	case kFund, kIssue, kOpeningBalance, kRedeem, kExpire, kHold, kCapture, kTransfer, kTake, kSettle, kClaim, kMerge:
		a.movement()
	default:
		a.memberAlone(mine)
	}
}

// alone is the one account that a transaction names, of a kind.
func (a *attemptAt) alone(kind, number int64) *account {
	of := a.account(number)
	if of == nil {
		a.refuse(oAccountUnknown)
		return nil
	}
	a.when(of.kind() != kind, oAccountKind)
	if of.kind() != kind {
		return nil
	}
	a.when(of.member != nil && of.member.shut(a.x, of.number) && !broke("replay-closed"), oAccountClosed)
	return of
}

func (a *attemptAt) memberAlone(mine *entitlement) {
	x := a.x
	of := a.alone(kindMember, x.account)
	if x.kind == kSetStatus {
		a.setStatus(of)
	}
	if x.kind == kGrant && x.may == 1 {
		a.mayTake(of)
	}
	if x.kind == kGrant && x.may == 0 {
		to := a.record(x.record)
		isKey := false
		if to != nil {
			_, _, isKey = to.key()
		}
		a.when(!isKey || !to.stands() && !broke("grant-to-revoked"), oRecordUnknown)
	}
	if x.kind == kSetCustody {
		a.checkCustodian(of)
	}
	if of == nil {
		return
	}
	m := a.memberOf(of)
	if x.kind == kRelease && (!mine.merchant || broke("release-not-due-for-all")) {
		if place := m.holdOf(x.ref); place >= 0 {
			a.when(a.now < m.holds[place].until && !broke("release-early"), oNotDue)
		}
	}
	m.asAccount(&a.verdict, x, at(a.now), a.policy(of))
}

// mayTake: who is let take is another member of the unit.
func (a *attemptAt) mayTake(of *account) {
	x := a.x
	taker := a.account(x.record)
	if taker == nil {
		a.refuse(oAccountUnknown)
		return
	}
	a.when(x.record == x.account, oSameAccount)
	a.when(of != nil && of.unit() != taker.unit(), oUnitMismatch)
	a.when(taker.kind() != kindMember, oAccountKind)
}

// checkCustodian: a custodian that is named is the key of a custodian that stands, with its body, in a unit that has any.
func (a *attemptAt) checkCustodian(of *account) {
	named := a.x.custodian
	if named == nil {
		return
	}
	record := a.record(named.record)
	if record != nil && record.hasRole(roleCustodian) {
		terms := a.x.recovery
		if a.x.kind == kSetCustody && of != nil {
			terms = of.member.termsAfter(a.x)
		}
		a.when(terms.has(&record.x.key) && !broke("recovery-by-the-custodian"), oRecoveryState)
	}
	a.when(record == nil || !record.hasRole(roleCustodian) || !record.stands() && !broke("custodian-revoked") ||
		record.x.leaf != named.leaf && !broke("replay-custodian-leaf"), oRecordUnknown)
	unit := a.record(a.x.record)
	if a.x.kind == kSetCustody {
		unit = nil
		if of != nil {
			unit = a.records[of.unit()]
		}
	}
	a.when(unit != nil && unit.x.kind == kDefineUnit && unit.x.policy.custody == 0, oNoCustody)
}

// link: every account that is named gets one entry more, T as its time, and a link.
func (l *ledger) link(x *transaction, now int64) {
	for _, number := range namedAccounts(x, int64(len(l.accounts)-1)) {
		of := l.accounts[number]
		of.entries++
		if !broke("account-time") {
			of.time = now
		}
		of.sealed = false
		if of.member != nil || broke("links-of-a-batch") {
			of.head = sum(of.head[:], x.leaf[:])
		} else {
			of.links = append(of.links, x.leaf)
		}
	}
}

// namedAccounts are the accounts that a transaction names (SPEC §6, Names); opened is the number of a new one.
func namedAccounts(x *transaction, opened int64) []int64 {
	switch x.kind {
	case kOpenAccount:
		return []int64{opened}
	case kHold:
		if broke("hold-names-credit") {
			return []int64{x.debit, x.credit}
		}
		return []int64{x.debit}
	case kFund, kIssue, kOpeningBalance, kRedeem, kExpire, kCapture, kReverse, kReinstate, kTransfer, kTake, kSettle, kMerge:
		return []int64{x.debit, x.credit}
	case kClaim:
		if broke("claim-names-two") {
			return []int64{x.debit, x.credit}
		}
		return []int64{x.debit, x.credit, x.series}
	case kConvert:
		if broke("convert-names-two") {
			return []int64{x.debit, x.gainer}
		}
		return []int64{x.debit, x.credit, x.budget, x.gainer}
	case kPublishRate:
		if broke("rate-names-budget") {
			return []int64{x.budget}
		}
		return nil
	case kGenesis, kRegisterKey, kRevoke, kDefineUnit, kPublishRule, kContinueLog:
		return nil
	}
	return []int64{x.account}
}

func (l *ledger) total(of *account) *unitTotals { return l.totals[of.unit()] }

func plus(to *big.Int, amount int64) { to.Add(to, big.NewInt(amount)) }
