package main

// What each kind does to a member account that it names (SPEC §6). The account is a copy: the caller keeps it only
// where nothing was refused.

// original is a movement that can be reversed, and what of it was.
type original struct {
	x        *transaction
	when     clock
	reversed int64
	parts    []lot // redeem, capture: what was taken and did not come back
}

func (o *original) copied() *original {
	if o == nil {
		return nil
	}
	made := *o
	return &made
}

func (o *original) left() int64 {
	if broke("reversed-sum") {
		return o.x.amount
	}
	return o.x.amount - o.reversed
}

// reversible: within the window, and no more than is left of it.
func (o *original) reversible(v *verdict, now clock, x *transaction, p *unitPolicy) {
	late := now.t > o.when.t+p.window
	if broke("window-inclusive") {
		late = now.t >= o.when.t+p.window
	}
	v.when(late, oWindowOver)
	v.when(x.amount > o.left(), oOverOriginal)
}

// asDebit: the account is the debit of a movement. It returns the parts that were taken.
func (m *member) asDebit(v *verdict, x *transaction, now clock, p *unitPolicy, of *original) (taken []lot) {
	anything := func(lot) bool { return true }
	defer m.forget()
	switch x.kind {
	case kRedeem, kConvert, kClaim:
		v.when(m.status == 1, oAccountFrozen)
		taken = m.spend(v, now, x.amount, anything)
		m.balance -= x.amount
	case kTransfer:
		m.give(v, x, now, p)
	case kTake:
		m.takenFrom(v, x, now, p)
	case kHold:
		m.setAside(v, x, now, p)
	case kCapture:
		taken = m.capture(v, x, now)
	case kExpire:
		due, kept := int64(0), []lot(nil)
		for _, one := range m.lots {
			if now.past(one) {
				due += one.amount
			} else {
				kept = append(kept, one)
			}
		}
		v.when(x.amount != due && !(broke("expire-in-part") && x.amount < due), oNotDue)
		m.lots = kept
		m.balance -= x.amount
	case kMerge:
		m.mergedAway(v, x, now)
	case kReverse:
		if of.x.kind == kMerge {
			m.undoMerge(v, x, now, p, of)
			return nil
		}
		m.clawBack(v, x, now, p, of)
	}
	return taken
}

// mergedAway: all that there is goes to another account, and nothing more comes here.
func (m *member) mergedAway(v *verdict, x *transaction, now clock) {
	v.when(m.status == 1 && !broke("merged-while-frozen"), oAccountFrozen)
	v.when(m.underWay(now) && !broke("merged-while-recovering"), oRecoveryState)
	for _, part := range x.parts {
		v.when(now.past(part) && !broke("merged-past"), oDates)
	}
	v.when(len(m.takes) > 0 && !broke("merged-with-takes"), oTakenBefore)
	v.when(m.debt() > 0 && !broke("merged-in-debt"), oInsufficient)
	whole := m.whole()
	same := len(whole) == len(x.parts)
	for i := 0; same && i < len(whole); i++ {
		same = whole[i] == x.parts[i]
	}
	v.when(!same && !broke("merged-in-part") || len(m.holds) > 0 && !broke("merged-with-holds"), oNotEmpty)
	m.lots, m.status = nil, 3
	m.balance -= x.amount
}

// undoMerge: the last parts of a merge go back, as far as they are there.
func (m *member) undoMerge(v *verdict, x *transaction, now clock, p *unitPolicy, of *original) {
	of.reversible(v, now, x, p)
	_, back := splitLast(of.parts, min(x.amount, total(of.parts)))
	for _, part := range back {
		v.when(now.past(part) && !broke("undone-past"), oDates)
		for _, one := range m.takes {
			v.when(one.matures == part.matures && one.expires == part.expires && !broke("undone-with-takes"), oTakenBefore)
		}
		_, wanted := m.draw(part.amount, func(one lot) bool { return one.sameDates(part) || broke("undone-of-any-lot") })
		v.when(wanted > 0, oInsufficient)
		m.balance -= part.amount
	}
}

func (m *member) give(v *verdict, x *transaction, now clock, p *unitPolicy) {
	v.when(m.status == 1, oAccountFrozen)
	v.when(p.giftEach == 0 || p.giftDay == 0, oNoGifts)
	dates := lot{matures: x.matures, expires: x.expires}
	v.when(now.past(dates), oDates) // a lot that is past is insufficient anyway, and so is none of these dates
	today := x.amount
	if day := now.day(p); m.givenDay == day || broke("gift-day-resets") {
		today += m.given
	}
	v.when(x.amount > p.giftEach && !broke("gift-each"), oOverGiftCap)
	v.when(today > p.giftDay && !broke("gift-day"), oOverGiftCap)
	m.spend(v, now, x.amount, func(one lot) bool { return one.sameDates(dates) })
	m.balance -= x.amount
	m.givenDay, m.given = now.day(p), today
}

func (m *member) setAside(v *verdict, x *transaction, now clock, p *unitPolicy) {
	v.when(m.status == 1 && !broke("hold-while-frozen"), oAccountFrozen)
	v.when(x.until < now.t || x.until == now.t && !broke("hold-until-inclusive"), oHoldEnded)
	v.when(x.until > now.t+p.holdMax || x.until == now.t+p.holdMax && broke("hold-max-exclusive"), oHoldTooLong)
	parts := m.spend(v, now, x.amount, func(lot) bool { return true })
	v.when(len(m.holds) >= holdsMax && !broke("holds-full"), oHoldsFull)
	m.holds = append(m.holds, hold{x.id, x.credit, x.amount, x.until, parts})
	v.when(len(m.lots)+m.heldParts() > lotsMax && !broke("hold-lots-full"), oLotsFull)
}

func (m *member) capture(v *verdict, x *transaction, now clock) (taken []lot) {
	place := m.holdOf(x.ref)
	if place < 0 || m.holds[place].credit != x.credit && !broke("capture-elsewhere") {
		v.refuse(oHoldUnknown)
		return nil
	}
	debt := m.debt()
	ended := m.endHold(place)
	if broke("debt-behind-the-hold") {
		debt = m.debt()
	}
	v.when(ended.until < now.t || ended.until == now.t && !broke("capture-until-inclusive"), oHoldEnded)
	v.when(x.amount > ended.amount && !broke("capture-over"), oOverOriginal)
	taken, back := splitFirst(ended.parts, x.amount)
	if broke("capture-takes-last") {
		back, taken = splitFirst(ended.parts, ended.amount-x.amount)
	}
	m.balance -= x.amount
	m.arrive(debt, back...)
	return taken
}

// clawBack takes an issue back: from its own lot first, then from what is not past, then into debt.
func (m *member) clawBack(v *verdict, x *transaction, now clock, p *unitPolicy, of *original) {
	dates := lot{matures: of.x.matures, expires: of.x.expires}
	v.when(now.past(dates) && !broke("clawback-of-past"), oDates)
	of.reversible(v, now, x, p)
	debt := m.debt()
	wanted := x.amount
	if !broke("clawback-own-lot-first") {
		_, wanted = m.draw(wanted, func(one lot) bool { return one.sameDates(dates) && !now.past(one) })
	}
	_, wanted = m.drawAgain(wanted, x.amount-wanted, func(one lot) bool { return !now.past(one) || broke("clawback-takes-past") })
	v.when(wanted > 0 && (wanted+debt > p.debtMax && !broke("debt-adds-up") || wanted > p.debtMax), oInsufficient)
	m.balance -= x.amount
}

// drawAgain draws while what was drawn before is still in the balance: of the base so much less is there.
func (m *member) drawAgain(wanted, drawn int64, may func(lot) bool) ([]lot, int64) {
	m.balance -= drawn
	parts, left := m.draw(wanted, may)
	m.balance += drawn
	return parts, left
}

// asCredit: points reach the account.
func (m *member) asCredit(v *verdict, x *transaction, now clock, p *unitPolicy, of *original) {
	amount := x.amount
	var parts []lot
	switch x.kind {
	case kIssue, kOpeningBalance:
		v.when(x.expires != 0 && x.expires*quarterMs <= x.t && !broke("issued-past"), oDates)
		v.when(x.matures*quarterMs > x.t+aheadMs && !broke("ripe-too-late"), oDates)
		v.when(m.pendingFull(x) && !broke("pending-lots"), oLotsFull)
		v.when(!onGrain(x.matures, p) && !broke("grain-of-matures") || !onGrain(x.expires, p), oOffGrain)
		parts = []lot{{x.matures, x.expires, amount}}
	case kTransfer, kTake:
		if x.kind == kTake {
			m.takenBy(v, x, now, p)
		}
		parts = []lot{{x.matures, x.expires, amount}}
		v.when(now.past(parts[0]) && !broke("gift-arrives-past"), oDates)
	case kConvert:
		amount = x.gained
		parts = []lot{{0, x.expires, amount}}
		v.when(now.past(parts[0]) && !broke("gained-past"), oDates)
	case kMerge:
		parts = x.parts
		for _, part := range parts {
			v.when(now.past(part), oDates) // of the emptied account it is asked anyway
		}
	case kReinstate:
		parts = []lot{{0, x.expires, amount}}
		v.when(!onGrain(x.expires, p) && !broke("grain-of-reinstated"), oOffGrain)
		v.when(now.past(parts[0]) && !broke("reinstated-past"), oDates)
		v.when(x.expires*quarterMs > x.t+aheadMs && !broke("reinstated-for-ever"), oDates)
		v.when(x.amount > of.left() && !broke("reinstated-sum"), oOverOriginal)
	case kReverse:
		of.reversible(v, now, x, p)
		_, parts = splitLast(of.parts, min(amount, total(of.parts)))
		if of.x.kind == kMerge && m.status == 3 && !broke("undone-stays-merged") {
			m.status = 0
		}
		if broke("refund-of-the-first") {
			parts, _ = splitFirst(of.parts, amount)
		}
	}
	arrives := (x.kind != kReinstate || broke("balance-max-of-reinstated")) &&
		(x.kind != kMerge || broke("balance-max-of-merges")) && (x.kind != kReverse || broke("balance-max-of-refunds")) &&
		(x.kind != kOpeningBalance || broke("balance-max-of-openings")) && !(x.kind == kIssue && broke("balance-max")) &&
		!(x.kind == kTransfer && broke("balance-max-of-gifts")) && !(x.kind == kTake && broke("balance-max-of-takes")) &&
		!(x.kind == kConvert && broke("balance-max-of-conversions"))
	counted := m.balance
	if broke("balance-max-without-holds") {
		for _, one := range m.holds {
			counted -= one.amount
		}
	}
	v.when(arrives && p.balanceMax != 0 && counted+amount > p.balanceMax, oOverBalanceMax)
	if m.debt() == 0 || !broke("room-beside-debt") {
		m.room(v, parts...)
	}
	m.arrive(m.debt(), parts...)
	v.when(m.balance+amount > exactMax, oTotalOverflow)
	m.balance += amount
}

// asAccount: the account is named alone.
func (m *member) asAccount(v *verdict, x *transaction, now clock, p *unitPolicy) {
	defer m.forget()
	switch x.kind {
	case kRelease:
		place := m.holdOf(x.ref)
		if place < 0 {
			v.refuse(oHoldUnknown)
			return
		}
		debt := m.debt()
		m.arrive(debt, m.endHold(place).parts...)
	case kFreeze:
		v.when(m.status == 1, oAccountFrozen)
		m.status = 1
	case kUnfreeze:
		v.when(m.status == 0, oNotFrozen)
		m.status = 0
	case kReopen:
		v.when(m.status != 2 && !broke("not-closed"), oNotClosed)
		m.status = 0
	case kClose:
		v.when(m.balance != 0 && !broke("close-balance") || len(m.lots) > 0 && !broke("close-lots") || len(m.holds) > 0, oNotEmpty)
		m.status = 2
	case kSetCustody:
		terms := m.termsAfter(x)
		v.when(x.recovery != nil && m.owner == nil && !broke("terms-of-a-custodian"), oRecoveryState)
		v.when(terms.has(x.owner) && !broke("recovery-by-the-owner"), oRecoveryState)
		if !broke("set-custody-ends-recovery") {
			m.pending = nil
		}
		m.owner, m.custodian, m.recovery = x.owner, x.custodian, terms
	case kRecover:
		v.when(m.recovery == nil || m.underWay(now) && !broke("recover-twice"), oRecoveryState)
		v.when(m.recovery.has(&x.key) && !broke("recovered-to-a-recovery-key"), oRecoveryState)
		if m.recovery != nil {
			m.pending = &pending{x.key, now.t + m.recovery.delay}
		}
	case kVeto:
		v.when(!m.underWay(now), oRecoveryState)
		m.pending = nil
	case kFinishRecovery:
		if !m.underWay(now) {
			v.refuse(oRecoveryState)
			return
		}
		v.when(now.t < m.pending.due || now.t == m.pending.due && broke("recovery-due-exclusive"), oNotDue)
		key := m.pending.key
		m.recovery = m.termsAfter(x)
		m.owner, m.pending = &key, nil
	case kGrant, kWithdraw, kDisclose:
		m.consents(v, x, now)
	case kCollect:
		m.collect(v, x, now, p)
	case kSetStatus:
		m.setTier(v, x, now)
	}
}

func (m *member) consents(v *verdict, x *transaction, now clock) {
	place := m.consentOf(x.ref)
	switch x.kind {
	case kGrant:
		v.when(x.until != 0 && x.until <= now.t && !broke("grant-over"), oDates)
		v.when(len(m.grants) >= grantsMax && !broke("grants-full"), oGrantsFull)
		m.grants = append(m.grants, consent{x.id, x.record, x.until, x.may})
	case kWithdraw:
		if place < 0 {
			v.refuse(oGrantUnknown)
			return
		}
		m.grants = append(append([]consent(nil), m.grants[:place]...), m.grants[place+1:]...)
	case kDisclose:
		v.when(place < 0 || m.grants[place].may != 0 || m.grants[place].until != 0 && m.grants[place].until <= now.t && !broke("consent-ends"),
			oGrantUnknown)
	}
}

// reverseOriginal notes that so much of a movement was reversed.
func (o *original) reverse(amount int64) {
	o.reversed += amount
	if len(o.parts) > 0 {
		o.parts, _ = splitLast(o.parts, amount)
	}
}
