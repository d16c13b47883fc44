package main

// The lines of a statement, one by one, and the account that they make.

func (a *audit) checkLines() {
	a.state = &member{}
	used := map[id]bool{}
	originals := map[id]*original{}
	for i, one := range a.lines {
		if i > 0 {
			one.x = parseTransaction(a.raw(uint64(i + 1)))
		}
		check(one.when.known || !a.needsPlace(one.x) || broke("place-needed"), "evidence-missing", "line %d has no place", i+1)
		check((i == 0) == (one.x.kind == kOpenAccount) && (i == 0 || a.names(one.x)), "line-kind",
			"line %d does not belong to the account", i+1)
		check(!used[one.x.id] || broke("line-repeated"), "line-repeated", "the id of line %d stands twice", i+1)
		used[one.x.id] = true
		of := originals[one.x.ref]
		if one.x.kind == kReverse && of != nil {
			check(of.when.known || broke("original-placed"), "evidence-missing", "the original of line %d has no place", i+1)
		}
		one.undoes = of
		one.before = &member{owner: a.state.owner, custodian: a.state.custodian, recovery: a.state.recovery,
			holds: append([]hold(nil), a.state.holds...)}
		v := &verdict{}
		taken := a.apply(v, one, of)
		check(v.least == 0, "line-rule", "line %d would have been refused: %d", i+1, v.least)
		switch one.x.kind {
		case kMerge:
			originals[one.x.id] = &original{x: one.x, when: one.when, parts: one.x.parts}
		case kIssue, kOpeningBalance, kRedeem, kCapture, kClaim, kExpire:
			originals[one.x.id] = &original{x: one.x, when: one.when, parts: taken}
		}
	}
}

// needsPlace: all lines have a place, but for those that only add points.
func (a *audit) needsPlace(x *transaction) bool {
	switch x.kind {
	case kIssue, kOpeningBalance, kReinstate:
		return false
	case kTransfer, kConvert, kMerge:
		return a.is(x.debit)
	}
	return true
}

func (a *audit) is(account int64) bool { return account == int64(a.account.number) }

// names: the line names the account where the table of §7 has a member.
func (a *audit) names(x *transaction) bool {
	switch x.kind {
	case kRedeem, kExpire, kHold, kCapture, kClaim:
		return a.is(x.debit)
	case kConvert:
		return a.is(x.debit) || a.is(x.gainer)
	case kIssue, kOpeningBalance, kReinstate:
		return a.is(x.credit)
	case kReverse, kTransfer, kTake, kMerge:
		return a.is(x.debit) || a.is(x.credit)
	case kRelease, kFreeze, kUnfreeze, kClose, kReopen, kSetCustody, kRecover, kVeto, kFinishRecovery, kGrant, kWithdraw,
		kDisclose, kErase, kCollect, kSetStatus:
		return a.is(x.account)
	}
	return false
}

func (a *audit) apply(v *verdict, l *line, of *original) (taken []lot) {
	x, m, p := l.x, a.state, a.unit
	v.when(m.shut(x, int64(a.account.number)) && !broke("closed"), oAccountClosed)
	v.when(x.custodian != nil && p.custody == 0 && !broke("no-custody"), oNoCustody)
	switch {
	case x.kind == kOpenAccount:
		m.owner, m.custodian, m.recovery = x.owner, x.custodian, x.recovery
		return nil
	case x.amount == 0 && x.kind != kMerge:
		m.asAccount(v, x, l.when, p)
		return nil
	}
	v.when(x.debit == x.credit && !broke("same-account"), oSameAccount)
	if x.kind == kConvert {
		v.when((x.gainer == x.debit || x.gainer == x.budget) && !broke("convert-same-account"), oSameAccount)
	}
	if x.kind == kReverse || x.kind == kReinstate {
		fits := of != nil && (of.x.debit == x.credit && of.x.credit == x.debit || broke("original-between")) &&
			((x.kind == kReinstate) == (of.x.kind == kExpire) || broke("original-kind"))
		if !fits {
			v.refuse(oOriginalUnknown)
			return nil
		}
	}
	switch {
	case a.is(x.debit):
		v.when(x.amount%p.step != 0, oOffStep)
		taken = m.asDebit(v, x, l.when, p, of)
	case x.kind == kConvert:
		v.when(x.gained%p.step != 0 && !broke("gained-step"), oOffStep)
		m.asCredit(v, x, l.when, p, of)
	default:
		v.when(x.amount%p.step != 0, oOffStep)
		m.asCredit(v, x, l.when, p, of)
	}
	if (x.kind == kReverse || x.kind == kReinstate) && v.least == 0 {
		of.reverse(x.amount)
	}
	return taken
}

// checkState: totals, holdings and head made from the lines are those that the seal commits to.
func (a *audit) checkState() {
	shown, m := a.account, a.state
	check((shown.credit == uint64(max(0, m.balance)) && shown.debit == uint64(max(0, -m.balance)) ||
		broke("credit-less-debit") && int64(shown.credit)-int64(shown.debit) == m.balance), "totals",
		"the lines make a balance of %d", m.balance)
	latest := int64(0)
	for _, one := range a.lines {
		if one.when.known {
			latest = max(latest, one.when.t)
		}
	}
	if a.lines[len(a.lines)-1].when.known {
		check(shown.time == latest || broke("time-of-last"), "totals", "the last line is of another time")
	} else {
		check((shown.time >= latest || broke("time-not-before")) && (shown.time <= a.sealed.time || broke("time-not-beyond")), "totals", "the last line cannot be of that time")
	}
	check((shown.status == uint64(m.status) || broke("holdings-status")) && (sameKey(shown.owner, m.owner) || broke("holdings-owner")) && (shown.more == m.more() || broke("holdings")),
		"holdings", "status, owner or lots are others")
	head := a.headAfter(a.account.entries)
	check(head == shown.head || broke("head"), "head", "the chain of the lines is another")
}

func sameKey(a, b *hash) bool { return a == b || a != nil && b != nil && *a == *b }
