package main

import (
	"math/big"
	"time"
)

// What makes and revokes records, and opens accounts.

// add makes the next record, of this log index.
func (a *attemptAt) add(of *record) {
	of.number, of.from, of.registered = int64(len(a.records)), a.index, a.now
	a.ledger.records = append(a.ledger.records, of)
	if of.x.name != "" {
		a.names[nameKey{of.x.kind, of.x.name}] = true
	}
}

func (a *attemptAt) registerKey() {
	x := a.x
	for _, number := range x.scope {
		of := a.account(number)
		fits := of != nil && (x.role == roleIssuer && (of.kind() == kindBudget || broke("issuer-scope-kind")) ||
			x.role == roleMerchant && (of.kind() == kindTreasury || of.kind() == kindMerchant || broke("merchant-scope-kind")))
		a.when(!fits, oScopeUnknown)
	}
	if x.role == roleRoot {
		for _, one := range a.records {
			key, role, is := one.key()
			a.when(is && role == roleRoot && (one.stands() || broke("key-stood")) && key == x.key && !broke("key-stands"), oKeyStands)
		}
	}
	var before *record
	if x.succeeds != none {
		before = a.record(x.succeeds)
		a.when(before == nil || !before.hasRole(roleCustodian) || broke("succeeds-standing") && !before.stands(), oRecordUnknown)
	}
	a.when(len(a.records) > recordMax, oRegistryFull)
	a.then(func() {
		made := &record{x: x, atOnce: true}
		if before != nil {
			made.atOnce = a.by.chainKey(before, a.longestTakeover()) || broke("successor-at-once")
			if broke("due-somewhere-signs") {
				made.atOnce = a.by.chainKey(before, 0)
			}
			if before.next == 0 || !broke("next-is-the-first") {
				before.next = uint64(len(a.records))
			}
		}
		a.add(made)
	})
}

func (a *attemptAt) revoke() {
	x := a.x
	of := a.record(x.record)
	if of == nil {
		a.refuse(oRecordUnknown)
		return
	}
	a.when(of.x.kind == kDefineUnit || of.x.kind == kContinueLog || of.x.kind == kSetBudget && !broke("terms-revocable"), oRecordNotRevocable)
	a.when(!of.stands() && !broke("revoked-twice"), oRecordRevoked)
	if of.hasRole(roleRoot) {
		standing := 0
		for _, one := range a.records {
			if one.hasRole(roleRoot) && one.stands() {
				standing++
			}
		}
		a.when(standing <= a.genesis.need && !broke("replay-last-root"), oLastRoot)
	}
	if of.hasRole(roleCustodian) && x.strand == 0 {
		a.when(a.strands(of) && !broke("strands"), oStrandsAccounts)
	}
	a.then(func() { of.until = a.index })
}

// strands: accounts that are not closed are in the custody of the chain, and no other key of it stands.
func (a *attemptAt) strands(of *record) bool {
	base := a.base(of)
	for _, one := range a.records {
		if one != of && one.hasRole(roleCustodian) && one.stands() && a.base(one) == base {
			return false
		}
	}
	for _, one := range a.accounts {
		if m := one.member; m != nil && (m.status != 2 || broke("strands-closed")) && m.custodian != nil && a.base(a.records[m.custodian.record]) == base {
			return true
		}
	}
	return false
}

// publish is define-unit, publish-rule and publish-rate.
func (a *attemptAt) publish() {
	x := a.x
	kind := x.kind
	if broke("one-name-space") {
		for _, other := range []int{kDefineUnit, kPublishRule, kPublishRate} {
			if a.names[nameKey{other, x.name}] {
				kind = other
			}
		}
	}
	a.when(a.names[nameKey{kind, x.name}] && !broke("name-taken"), oNameTaken)
	a.when(len(a.records) > recordMax || x.kind == kDefineUnit && len(a.units) >= 256 && !broke("units-full"), oRegistryFull)
	if x.kind == kPublishRate {
		unit := a.record(x.record)
		a.when(unit == nil || unit.x.kind != kDefineUnit, oUnitUnknown)
		a.alone(kindBudget, x.budget)
	}
	a.then(func() {
		a.add(&record{x: x})
		if x.kind == kDefineUnit {
			unit := int64(len(a.records) - 1)
			a.ledger.units = append(a.ledger.units, unit)
			a.totals[unit] = &unitTotals{new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int), new(big.Int)}
		}
	})
}

func (a *attemptAt) open() {
	x := a.x
	unit := a.record(x.record)
	isUnit := unit != nil && unit.x.kind == kDefineUnit
	a.when(!isUnit || unit.x.leaf != x.terms && !broke("replay-terms"), oUnitUnknown)
	a.checkCustodian(nil)
	if x.sponsor != nil {
		a.alone(kindMerchant, *x.sponsor)
		if of := a.account(*x.sponsor); of != nil {
			a.when(of.unit() != x.record && !broke("sponsor-unit"), oUnitMismatch)
		}
	}
	for _, one := range a.accounts {
		a.when(x.memberRef != nil && one.isUnder(x) && !broke("ref-taken"), oRefTaken)
	}
	if x.accountKind == kindTreasury {
		for _, one := range a.accounts {
			a.when(one.kind() == kindTreasury && one.unit() == x.record && !broke("treasury-exists"), oTreasuryExists)
		}
	}
	a.then(func() {
		made := &account{number: int64(len(a.accounts)), opening: x, head: sum([]byte("tallystick/head/v1"))}
		if x.accountKind == kindMember {
			made.member = &member{owner: x.owner, custodian: x.custodian, recovery: x.recovery}
		}
		a.ledger.accounts = append(a.ledger.accounts, made)
	})
}

// setBudget: the pools that terms name are other budgets of the same unit.
func (a *attemptAt) setBudget() {
	x := a.x
	of := a.account(x.account)
	for _, number := range x.pools {
		pool := a.account(number)
		a.when(number == x.account && !broke("pool-of-itself"), oSameAccount)
		if pool == nil {
			a.when(!broke("pool-unknown"), oAccountUnknown)
			continue
		}
		a.when(of != nil && pool.unit() != of.unit() && !broke("pool-unit"), oUnitMismatch)
		a.when(pool.kind() != kindBudget && !broke("pool-kind"), oAccountKind)
	}
	if a.alone(kindBudget, x.account) != nil {
		a.when(len(a.records) > recordMax, oRegistryFull)
		a.then(func() { a.add(&record{x: x}); a.setTerms(x) })
	}
}

func (l *ledger) setTerms(x *transaction) {
	if l.terms[x.account] == nil {
		l.terms[x.account] = &budgetTerms{given: map[int64]*given{}}
	}
	if broke("count-since-the-last") {
		l.terms[x.account].given = map[int64]*given{}
	}
	l.terms[x.account].last = x
}

// underTerms: the budget and its pools are open, and the member is given no more than their terms allow.
func (a *attemptAt) underTerms(budget, to *account, amount int64) {
	terms := a.ledger.terms[budget.number]
	if terms == nil {
		return
	}
	givers := []int64{budget.number}
	for _, pool := range terms.last.pools {
		givers = append(givers, pool)
		if of := a.ledger.terms[pool]; of != nil && broke("pools-of-a-pool") {
			givers = append(givers, of.last.pools...)
		}
	}
	for i, giver := range givers {
		if i == 0 || !broke("pools-bind") {
			a.underTermsOf(giver, i > 0, budget, to, amount)
		}
	}
}

// underTermsOf: the same of the terms of one budget, the one that gives or a pool of it.
func (a *attemptAt) underTermsOf(giver int64, isPool bool, budget, to *account, amount int64) {
	terms := a.ledger.terms[giver]
	if terms == nil {
		return
	}
	last := terms.last
	by, open := a.now, a.now
	if broke("caps-by-its-own-time") {
		by = a.x.t
	}
	if broke("budget-open-by-its-own-time") {
		open = a.x.t
	}
	now := periodsAt(by, a.policy(budget))
	closed := open < last.from && !broke("budget-from") || last.until != 0 && open >= last.until
	if broke("budget-until-inclusive") {
		closed = a.now < last.from || last.until != 0 && a.now > last.until
	}
	a.when(closed && !(isPool && broke("pool-closes")), oBudgetClosed)
	mine, sum := terms.after(to.number, amount, now), terms.after(giver, amount, now)
	leftOfMember := [4]bool{broke("member-day"), broke("member-week"), broke("member-month"), broke("member-total")}
	leftOfAll := [4]bool{broke("sum-day"), broke("sum-week"), broke("sum-month"), broke("sum-total")}
	a.when(last.memberCaps.exceeded(mine, leftOfMember), oOverMemberCap)
	a.when(last.sumCaps.exceeded(sum, leftOfAll), oOverBudgetCap)
	a.then(func() {
		if !isPool || !broke("pools-count") {
			terms.given[to.number], terms.given[giver] = mine, sum
		}
	})
}

// periodsAt are day, week (from Monday) and month of ledger time by the clock of a unit.
func periodsAt(now int64, p *unitPolicy) [3]int64 {
	local := time.UnixMilli(now + quarterMs*(p.offset-56)).UTC()
	day := at(now).day(p)
	monday, month := day-int64(local.Weekday()+6)%7, int64(local.Year())*12+int64(local.Month())
	if broke("week-from-sunday") {
		monday = day - int64(local.Weekday())
	}
	if broke("month-of-thirty-days") {
		month = day / 30
	}
	if broke("month-of-any-year") {
		month = int64(local.Month())
	}
	return [3]int64{day, monday, month}
}

// after is what was given to an account of a budget once this amount is, too; the budget itself stands for the sum.
func (t *budgetTerms) after(account, amount int64, now [3]int64) *given {
	made := given{periods: now}
	if before := t.given[account]; before != nil {
		for i := range now {
			if before.periods[i] == now[i] || i == 0 && broke("member-day-resets") || i == 1 && broke("week-resets") || i == 2 && broke("month-resets") {
				made.counts[i] = before.counts[i]
			}
		}
		made.counts[3] = before.counts[3]
	}
	for i := range made.counts {
		made.counts[i] = min(made.counts[i]+amount, exactMax)
	}
	return &made
}

// exceeded says whether a cap is, of those that are not left out.
func (c caps) exceeded(by *given, left [4]bool) bool {
	for i, most := range c {
		if most != 0 && by.counts[i] > most && !left[i] {
			return true
		}
	}
	return false
}

// isUnder says whether an account has the reference of an opening, of the same sponsor in the same unit.
func (a *account) isUnder(x *transaction) bool {
	mine := a.opening
	same := mine.sponsor == nil && x.sponsor == nil ||
		mine.sponsor != nil && x.sponsor != nil && *mine.sponsor == *x.sponsor
	if broke("ref-of-closed-is-free") && a.member.status == 2 {
		return false
	}
	return mine.memberRef != nil && *mine.memberRef == *x.memberRef && (mine.record == x.record || broke("ref-of-any-unit")) &&
		(same || broke("ref-of-any-sponsor"))
}
