package main

// Movements of points, SPEC §7.

// routes: from which kind of account to which each movement goes.
var routes = map[int]struct{ from, to []int64 }{
	kFund:           {[]int64{kindTreasury, kindMerchant}, []int64{kindBudget}},
	kIssue:          {[]int64{kindBudget}, []int64{kindMember}},
	kOpeningBalance: {[]int64{kindBudget}, []int64{kindMember}},
	kRedeem:         {[]int64{kindMember}, []int64{kindTreasury, kindMerchant}},
	kExpire:         {[]int64{kindMember}, []int64{kindExpired}},
	kHold:           {[]int64{kindMember}, []int64{kindTreasury, kindMerchant}},
	kCapture:        {[]int64{kindMember}, []int64{kindTreasury, kindMerchant}},
	kTransfer:       {[]int64{kindMember}, []int64{kindMember}},
	kTake:           {[]int64{kindMember}, []int64{kindMember}},
	kClaim:          {[]int64{kindMember}, []int64{kindTreasury, kindMerchant}},
	kSettle:         {[]int64{kindMerchant}, []int64{kindTreasury}},
	kReinstate:      {[]int64{kindExpired}, []int64{kindMember}},
	kMerge:          {[]int64{kindMember}, []int64{kindMember}},
	kConvert:        {[]int64{kindMember}, []int64{kindTreasury}},
}

func among(kind int64, kinds []int64) bool {
	for _, one := range kinds {
		if one == kind {
			return true
		}
	}
	return false
}

// ends are debit and credit, both there and of their kinds, or nil.
func (a *attemptAt) ends() (debit, credit *account) {
	x := a.x
	debit, credit = a.account(x.debit), a.account(x.credit)
	a.when(debit == nil, oDebitUnknown)
	a.when(credit == nil, oCreditUnknown)
	a.when(x.debit == x.credit && !broke("replay-same-account"), oSameAccount)
	if debit == nil || credit == nil {
		debit, credit = a.fit(debit, true), a.fit(credit, false)
		return nil, nil
	}
	a.when(debit.unit() != credit.unit() && !broke("unit-mismatch"), oUnitMismatch)
	debit, credit = a.fit(debit, true), a.fit(credit, false)
	if debit == nil || credit == nil || debit == credit {
		return nil, nil
	}
	return debit, credit
}

// fit: an account is of the kind that the table names, and not closed.
func (a *attemptAt) fit(of *account, debit bool) *account {
	if of == nil {
		return nil
	}
	if of.member != nil && of.member.shut(a.x, of.number) && (debit || a.x.kind != kHold) && !broke("replay-closed") {
		a.refuse(oAccountClosed)
	}
	route, named := routes[a.x.kind]
	if !named {
		return of
	}
	if debit && !among(of.kind(), route.from) {
		a.refuse(oDebitKind)
		return nil
	}
	if !debit && !among(of.kind(), route.to) && !broke("credit-kind") {
		a.refuse(oCreditKind)
		return nil
	}
	return of
}

func (a *attemptAt) step(of *account, amount int64) {
	a.when(amount%a.policy(of).step != 0 && !broke("off-step"), oOffStep)
}

// takes: points leave an account that is no member's.
func (a *attemptAt) takes(of *account, amount int64) {
	if of.kind() == kindTreasury {
		a.when(of.balance-amount < -a.policy(of).cap && !broke("over-cap"), oOverCap)
	} else {
		a.when(of.balance < amount && !broke("replay-insufficient"), oInsufficient)
	}
	a.then(func() { of.balance -= amount })
}

// gets: points reach an account that is no member's.
func (a *attemptAt) gets(of *account, amount int64) {
	a.when(of.balance+amount > exactMax && !broke("total-overflow"), oTotalOverflow)
	a.then(func() { of.balance += amount })
}

// pass moves the amount from debit to credit, by the rules of the accounts.
func (a *attemptAt) pass(debit, credit *account, of *original) (taken []lot) {
	x, now := a.x, at(a.now)
	a.step(debit, x.amount)
	if debit.member != nil {
		taken = a.memberOf(debit).asDebit(&a.verdict, x, now, a.policy(debit), of)
	} else {
		a.takes(debit, x.amount)
	}
	switch {
	case x.kind == kHold:
	case credit.member != nil:
		a.memberOf(credit).asCredit(&a.verdict, x, now, a.policy(credit), of)
	default:
		a.gets(credit, x.amount)
	}
	return taken
}

func (a *attemptAt) movement() {
	x := a.x
	debit, credit := a.ends()
	if x.kind == kIssue && x.record != 0 {
		rule := a.record(x.record)
		a.when(rule == nil || rule.x.kind != kPublishRule || !rule.stands() && !broke("rule-revoked") ||
			!rule.x.names(x.debit) && !broke("rule-of-any-budget"), oRuleUnknown)
	}
	if x.kind == kClaim {
		a.claim(a.account(x.debit))
	}
	if debit == nil {
		return
	}
	if x.kind == kIssue && x.record != 0 {
		if rule := a.record(x.record); rule != nil {
			a.when(a.now < rule.registered+a.policy(debit).notice && !broke("notice"), oRuleEarly)
		}
	}
	if x.kind == kFund && debit.kind() == kindMerchant && credit.kind() == kindBudget && !broke("sponsor-mismatch") {
		sponsor := credit.opening.sponsor
		a.when(sponsor == nil || *sponsor != debit.number, oSponsorMismatch)
	}
	taken := a.pass(debit, credit, nil)
	if x.kind == kSettle && x.asked != nil {
		a.settleAsked(debit)
	}
	switch x.kind {
	case kIssue:
		if !broke("issue-under-terms") {
			a.underTerms(debit, credit, x.amount)
		}
		a.then(func() { plus(a.total(debit).issued, x.amount) })
	case kOpeningBalance:
		a.when(a.handedOver(debit.unit()) && !broke("handed-over-once"), oRefTaken)
		a.then(func() { plus(a.total(debit).opened, x.amount) })
	case kRedeem, kCapture, kClaim:
		a.then(func() { plus(a.total(debit).redeemed, x.amount) })
	case kExpire:
		a.then(func() {
			plus(a.total(debit).expired, x.amount)
			a.ids[x.id].expired = &original{x: x, when: at(a.now)}
		})
	}
	switch x.kind {
	case kMerge:
		a.then(func() { a.ids[x.id].accepted = &original{x: x, when: at(a.now), parts: x.parts} })
	case kFund, kIssue, kOpeningBalance, kRedeem, kCapture, kClaim:
		a.then(func() { a.ids[x.id].accepted = &original{x: x, when: at(a.now), parts: taken} })
	}
}

// handedOver: the old system handed over a balance under this reference before, in the unit.
func (a *attemptAt) handedOver(unit int64) bool {
	for _, one := range a.ids {
		if one.accepted == nil || one.accepted.x.kind != kOpeningBalance {
			continue
		}
		x := one.accepted.x
		if x.record == a.x.record && x.ref == a.x.ref && a.account(x.debit).unit() == unit {
			return true
		}
	}
	return false
}

// askSettle: a merchant asks for some amount; the id is what a settle may name.
func (a *attemptAt) askSettle() {
	x := a.x
	of := a.alone(kindMerchant, x.account)
	if of == nil {
		return
	}
	a.step(of, x.amount)
	a.then(func() { a.ids[x.id].asked = &original{x: x} })
}

// settleAsked: a settle uses up what it names, in sum no more than was asked for.
func (a *attemptAt) settleAsked(debit *account) {
	var asked *original
	if of := a.ids[*a.x.asked]; of != nil {
		asked = of.asked
	}
	if asked == nil || asked.x.account != debit.number && !broke("asked-by-another") {
		a.refuse(oOriginalUnknown)
		return
	}
	a.when(a.x.amount > asked.left() && !broke("settled-more-than-asked"), oOverOriginal)
	a.then(func() { asked.reverse(a.x.amount) })
}

// reinstate: points of an expiry come back to the member whom they left, in sum no more than expired.
func (a *attemptAt) reinstate() {
	x := a.x
	debit, credit := a.ends()
	var of *original
	if named := a.ids[x.ref]; named != nil {
		of = named.expired
	}
	if of == nil || (of.x.debit != x.credit || of.x.credit != x.debit) && !broke("reinstated-elsewhere") {
		a.refuse(oOriginalUnknown)
		return
	}
	if debit == nil {
		return
	}
	a.pass(debit, credit, of)
	a.then(func() {
		of.reverse(x.amount)
		if !broke("reinstated-is-counted") {
			plus(a.total(debit).reinstated, x.amount)
		}
	})
}

func (a *attemptAt) reverse() {
	x := a.x
	debit, credit := a.ends()
	of := a.original(x.ref)
	if of == nil || (of.x.debit != x.credit || of.x.credit != x.debit) && !broke("replay-original-between") {
		a.refuse(oOriginalUnknown)
		return
	}
	if debit == nil {
		return
	}
	if of.x.kind == kFund && !broke("fund-window") {
		of.reversible(&a.verdict, at(a.now), x, a.policy(debit))
	}
	a.pass(debit, credit, of)
	a.then(func() {
		of.reverse(x.amount)
		switch of.x.kind {
		case kIssue, kOpeningBalance:
			plus(a.total(debit).reversed, x.amount)
		case kRedeem, kCapture, kClaim:
			if !broke("redeemed-less-reversed") {
				plus(a.total(debit).redeemed, -x.amount)
			}
		}
	})
}

func (a *attemptAt) convert() {
	x := a.x
	debit, credit := a.ends()
	budget, gainer := a.account(x.budget), a.account(x.gainer)
	a.when(budget == nil || gainer == nil, oAccountUnknown)
	a.when((x.gainer == x.budget || x.gainer == x.debit) && !broke("replay-convert-same"), oSameAccount)
	rate := a.record(x.record)
	rateStands := rate != nil && rate.x.kind == kPublishRate && (rate.stands() || broke("rate-revoked"))
	a.when(!rateStands, oRuleUnknown)
	if budget != nil && gainer != nil {
		a.when(budget.unit() != gainer.unit(), oUnitMismatch)
	}
	if budget != nil && budget.kind() != kindBudget {
		a.refuse(oAccountKind)
		budget = nil
	}
	if gainer != nil && gainer.kind() != kindMember {
		a.refuse(oAccountKind)
		gainer = nil
	}
	if gainer != nil {
		a.when(gainer.member.status >= 2, oAccountClosed)
	}
	if budget != nil && gainer != nil && debit != nil && gainer != debit && budget.unit() == gainer.unit() {
		a.exchange(debit, credit, budget, gainer, rate, rateStands)
	}
}

func (a *attemptAt) exchange(debit, credit, budget, gainer *account, rate *record, rateStands bool) {
	x := a.x
	a.pass(debit, credit, nil)
	if !broke("replay-gained-step") {
		a.step(budget, x.gained)
	}
	a.takes(budget, x.gained)
	a.memberOf(gainer).asCredit(&a.verdict, x, at(a.now), a.policy(gainer), nil)
	if !broke("convert-under-terms") {
		a.underTerms(budget, gainer, x.gained)
	}
	if rateStands {
		a.when(!a.atRate(debit, budget, rate.x) && !broke("rate"), oRateMismatch)
	}
	a.when(!a.oneHolder(debit.member, gainer.member) && !broke("one-holder"), oRateMismatch)
	a.then(func() {
		if !broke("converted-is-redeemed") {
			plus(a.total(debit).redeemed, x.amount)
		}
		if !broke("gained-is-issued") {
			plus(a.total(budget).issued, x.gained)
		}
	})
}

// atRate: amount × get = gained × give, of this unit and budget, and the date that the rate gives.
func (a *attemptAt) atRate(debit, budget *account, rate *transaction) bool {
	x := a.x
	p := a.policy(budget)
	expires := int64(0)
	if rate.life != 0 {
		expires = (x.t+quarterMs-1)/quarterMs + rate.life
		if broke("expires-rounds-down") {
			expires = x.t/quarterMs + rate.life
		}
		if broke("expires-by-ledger-time") {
			expires = (a.now+quarterMs-1)/quarterMs + rate.life
		}
		for !onGrain(expires, p) && !broke("expires-on-grain") {
			expires++
		}
	}
	return (rate.record == debit.unit() || broke("rate-unit")) && (rate.budget == budget.number || broke("rate-budget")) && x.expires == expires &&
		wide(x.amount, rate.get) == wide(x.gained, rate.give)
}

// oneHolder: both members have the same owner key, or both have none and custodians of one chain.
func (a *attemptAt) oneHolder(one, other *member) bool {
	if one.owner != nil || other.owner != nil {
		return sameKey(one.owner, other.owner)
	}
	if broke("one-holder-without-custody") {
		return false
	}
	return one.custodian != nil && other.custodian != nil &&
		a.base(a.records[one.custodian.record]) == a.base(a.records[other.custodian.record])
}
