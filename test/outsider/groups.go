package main

import "math/big"

// Groups (SPEC §7): what has to be put back where one of their transactions is refused.

// groupsAt is how many transactions a group has, by the position where it begins.
func groupsAt(groups []batchGroup) map[int]int {
	made := map[int]int{}
	for _, one := range groups {
		made[one.first] = one.count
	}
	return made
}

// copied is the ledger as it is, as far as transactions of a group may change it.
func (l *ledger) copied() *ledger {
	made := newLedger()
	for _, one := range l.accounts {
		again := *one
		again.links = append([]hash{}, one.links...)
		again.claims = append([]hash{}, one.claims...)
		made.accounts = append(made.accounts, &again)
	}
	for id, one := range l.ids {
		again := *one
		again.accepted, again.asked, again.expired = one.accepted.copied(), one.asked.copied(), one.expired.copied()
		made.ids[id] = &again
	}
	for budget, one := range l.terms {
		again := &budgetTerms{last: one.last, given: map[int64]*given{}}
		for member, counted := range one.given {
			count := *counted
			again.given[member] = &count
		}
		made.terms[budget] = again
	}
	for unit, one := range l.totals {
		made.totals[unit] = &unitTotals{
			new(big.Int).Set(one.issued), new(big.Int).Set(one.opened), new(big.Int).Set(one.redeemed),
			new(big.Int).Set(one.expired), new(big.Int).Set(one.reinstated), new(big.Int).Set(one.reversed),
		}
	}
	return made
}

// goBack makes the ledger what it was; the id of the transaction that was refused is used all the same.
func (l *ledger) goBack(before *ledger, refused *transaction, outcome int) {
	if !broke("group-accounts-stay") {
		l.accounts = before.accounts
	}
	if !broke("group-ids-stay") {
		l.ids = before.ids
	}
	if !broke("group-caps-stay") {
		l.terms = before.terms
	}
	if !broke("group-totals-stay") {
		l.totals = before.totals
	}
	if (outcome != oNotEntitled || broke("group-not-entitled-uses-id")) && !broke("group-refused-uses-id") && l.ids[refused.id] == nil {
		l.ids[refused.id] = &used{leaf: refused.leaf}
	}
}
