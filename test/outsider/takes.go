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

// forget: a take is gone with its lot.
func (m *member) forget() {
	var kept []taken
	for _, one := range m.takes {
		if m.lotOf(lot{matures: one.matures, expires: one.expires}) != nil || broke("takes-stay") {
			kept = append(kept, one)
		}
	}
	m.takes = kept
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
		if one.may == 1 && one.to == credit && (one.until == 0 || one.until > now.t) {
			return true
		}
	}
	return false
}

func (m *member) takenFrom(v *verdict, x *transaction, now clock, p *unitPolicy) {
	dates := lot{matures: x.matures, expires: x.expires}
	v.when(p.take != nil && p.take.open == 0 && !m.lets(x.credit, now) && !broke("take-consent"), oGrantUnknown)
	v.when(m.status == 1, oAccountFrozen)
	v.when(now.past(dates), oDates)
	there, before := int64(0), int64(0)
	if one := m.lotOf(dates); one != nil {
		there = one.amount
	}
	for _, one := range m.takes {
		if one.of(dates) {
			before += one.amount
			v.when(one.credit == x.credit, oTakenBefore)
		}
	}
	if p.take == nil {
		v.refuse(oNoTakes)
	} else {
		whole := there + before
		v.when(x.amount > p.take.most || percent(100, x.amount).Cmp(percent(p.take.each, whole)) > 0 ||
			percent(100, there-x.amount).Cmp(percent(p.take.keep, whole)) < 0 && !broke("take-keep"), oOverTakeCap)
	}
	m.spend(v, now, x.amount, func(one lot) bool { return one.dated() && one.sameDates(dates) })
	m.balance -= x.amount
	v.when(len(m.takes) >= takesMax, oTakesFull)
	m.takes = append(append([]taken(nil), m.takes...), taken{x.matures, x.expires, x.credit, x.amount})
}

func percent(of, amount int64) *big.Int { return new(big.Int).Mul(big.NewInt(of), big.NewInt(amount)) }

// takenBy: the account takes; what it is given then it is as of a transfer.
func (m *member) takenBy(v *verdict, x *transaction, now clock, p *unitPolicy) {
	v.when(m.status == 1, oAccountFrozen)
	today := x.amount
	if m.takenDay == now.day(p) {
		today += m.taken
	}
	v.when(p.take != nil && today > p.take.day && !broke("take-day"), oOverTakeCap)
	m.takenDay, m.taken = now.day(p), today
}

func (m *member) collect(v *verdict, x *transaction, now clock, p *unitPolicy) {
	dates := lot{matures: x.matures, expires: x.expires}
	v.when(p.collect == none, oNoCollect)
	v.when(now.past(dates), oDates)
	there := m.lotOf(dates)
	if there == nil || !now.ripe(*there) {
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
	m.forget()
	expires := int64(0)
	if p.collect > 0 {
		expires = (now.t+quarterMs-1)/quarterMs + p.collect
		for !onGrain(expires, p) {
			expires++
		}
	}
	m.arrive(debt, lot{expires: expires, amount: amount})
}
