package main

// Tiers that members have by rules (SPEC §6).

const (
	statusesMax = 8
	statusDepth = 3
)

// tier is what a member has by a rule until a time, 0 for no end.
type tier struct{ rule, tier, until int64 }

func (t tier) over(now clock) bool {
	return t.until != 0 && t.until <= now.t
}

// setTier puts a tier in place of the one by its rule; those whose time is over are gone.
func (m *member) setTier(v *verdict, x *transaction, now clock) {
	made := tier{x.record, x.tier, x.until}
	v.when(made.over(now) && !broke("tier-over"), oDates)
	var kept []tier
	for _, one := range m.tiers {
		if one.rule != x.record && (!one.over(now) || broke("tiers-stay")) {
			kept = append(kept, one)
		}
	}
	if x.tier > 0 {
		v.when(len(kept) >= statusesMax, oStatusesFull)
		kept = append(kept, made)
	}
	m.tiers = kept
}

// setStatus: beside a budget of the unit, and by a rule that stands and was public for long enough.
func (a *attemptAt) setStatus(of *account) {
	x := a.x
	rule := a.record(x.record)
	if rule == nil || rule.x.kind != kPublishRule || !rule.stands() && !broke("tier-rule-revoked") ||
		!rule.x.names(x.budget) && !broke("tier-of-any-budget") {
		a.refuse(oRuleUnknown)
		rule = nil
	}
	budget := a.account(x.budget)
	if budget == nil {
		a.refuse(oAccountUnknown)
	} else {
		a.when(budget.kind() != kindBudget, oAccountKind)
		if one := a.account(x.account); one != nil {
			a.when(one.unit() != budget.unit(), oUnitMismatch)
		}
	}
	if of != nil && rule != nil {
		a.when(a.now < rule.registered+a.policy(of).notice, oRuleEarly)
	}
}

func tiersRoot(tiers []tier) hash {
	roots := make([]hash, len(tiers))
	for i, one := range tiers {
		roots[i] = container(chunk(uint64(one.rule)), chunk(uint64(one.tier)), chunk(uint64(one.until)))
	}
	return listRoot(roots, statusDepth)
}
