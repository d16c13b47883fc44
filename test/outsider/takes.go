package main

import "math/big"

// What members take of each other's lots, and what they collect of their own (SPEC §6).

const takesMax = 64

type takePolicy struct{ each, most, keep, day, open int64 }

// taken is a take of a lot that stands.
type taken struct {
	matures, expires int64
	credit, amount   int64
}

func (t taken) of(dates lot) bool { return t.matures == dates.matures && t.expires == dates.expires }

// forget: a take is gone with its lot, and with the parts of holds of these dates.
func (m *member) forget() {
	var kept []taken
	for _, one := range m.takes {
		dates := lot{matures: one.matures, expires: one.expires}
		if m.lotOf(dates) != nil || m.holdsOf(dates) && !broke("takes-of-what-is-held") || broke("takes-stay") {
			kept = append(kept, one)
		}
	}
	m.takes = kept
}

// holdsOf: a part of a hold has these dates.
func (m *member) holdsOf(dates lot) bool {
	for _, one := range m.holds {
		for _, part := range one.parts {
			if part.sameDates(dates) {
				return true
			}
		}
	}
	return false
}

func (m *member) lotOf(dates lot) *lot {
	for i := range m.lots {
		if m.lots[i].sameDates(dates) {
			return &m.lots[i]
		}
	}
	return nil
}

// lets: there is a consent with may 1 for the account that stands.
func (m *member) lets(credit int64, now clock) bool {
	for _, one := range m.grants {
		if one.may == 1 && (one.to == credit || broke("take-consent-of-another")) &&
			(one.until == 0 || one.until > now.t || broke("take-consent-ends")) {
			return true
		}
	}
	return false
}

func (m *member) takenFrom(v *verdict, x *transaction, now clock, p *unitPolicy) {
	dates := lot{matures: x.matures, expires: x.expires}
	v.when(p.take != nil && p.take.open == 0 && !m.lets(x.credit, now) && !broke("take-consent"), oGrantUnknown)
	v.when(m.status == 1 && !broke("take-frozen"), oAccountFrozen)
	v.when(now.past(dates), oDates) // such a lot is insufficient anyway, and what arrives past is refused
	there, before := int64(0), int64(0)
	if one := m.lotOf(dates); one != nil {
		there = one.amount
	}
	for _, one := range m.takes {
		if one.of(dates) {
			before += one.amount
			v.when(one.credit == x.credit && !broke("taken-before"), oTakenBefore)
		}
	}
	if p.take == nil {
		v.when(!broke("no-takes"), oNoTakes)
	} else {
		whole := there + before
		if broke("take-of-what-is-left") {
			whole = there
		}
		v.when(x.amount > p.take.most && !broke("take-most") ||
			percent(100, x.amount).Cmp(percent(p.take.each, whole)) > 0 && !broke("take-each") ||
			percent(100, there-x.amount).Cmp(percent(p.take.keep, whole)) < 0 && !broke("take-keep"), oOverTakeCap)
	}
	m.spend(v, now, x.amount, func(one lot) bool { return one.dated() && one.sameDates(dates) })
	m.balance -= x.amount
	v.when(len(m.takes) >= takesMax && !broke("takes-full"), oTakesFull)
	m.takes = append(append([]taken(nil), m.takes...), taken{x.matures, x.expires, x.credit, x.amount})
}

func percent(of, amount int64) *big.Int { return new(big.Int).Mul(big.NewInt(of), big.NewInt(amount)) }

// takenBy: the account takes; what it is given then it is as of a transfer.
func (m *member) takenBy(v *verdict, x *transaction, now clock, p *unitPolicy) {
	v.when(m.status == 1 && !broke("taker-frozen"), oAccountFrozen)
	today := x.amount
	if m.takenDay == now.day(p) || broke("take-day-resets") {
		today += m.taken
	}
	v.when(p.take != nil && today > p.take.day && !broke("take-day"), oOverTakeCap)
	m.takenDay, m.taken = now.day(p), today
}

func (m *member) collect(v *verdict, x *transaction, now clock, p *unitPolicy) {
	dates := lot{matures: x.matures, expires: x.expires}
	v.when(p.collect == none && !broke("no-collect"), oNoCollect)
	v.when(now.past(dates) && !broke("collect-past"), oDates)
	there := m.lotOf(dates)
	if there == nil || !now.ripe(*there) && !broke("collect-ripe") {
		v.refuse(oNotDue)
		return
	}
	debt, amount := m.debt(), there.amount
	var kept []lot
	for _, one := range m.lots {
		if !one.sameDates(dates) {
			kept = append(kept, one)
		}
	}
	m.lots = kept
	expires, from := int64(0), now.t
	if broke("collect-by-its-own-time") {
		from = x.t
	}
	if p.collect > 0 {
		expires = (from+quarterMs-1)/quarterMs + p.collect
		if broke("collect-rounds-down") {
			expires = from/quarterMs + p.collect
		}
		for !onGrain(expires, p) && !broke("collect-off-grain") {
			expires++
		}
	}
	m.arrive(debt, lot{expires: expires, amount: amount})
}
