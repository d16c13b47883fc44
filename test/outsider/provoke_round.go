package main

import "fmt"

// round hands in one random batch.
func (p *provoker) round() {
	if p.chance(12) {
		p.send(p.revokedAndUsed()...)
		return
	}
	var entries [][]byte
	for count := 1 + p.random.Intn(24); count > 0; count-- {
		entries = append(entries, p.transaction())
		if p.chance(25) {
			entries = append(entries, entries[len(entries)-1])
		}
	}
	if p.chance(15) {
		p.record(int64(p.random.Intn(len(p.mirror.records))))
	}
	p.send(entries...)
}

// transaction makes a random one, and has those sign who may, most of the time.
func (p *provoker) transaction() []byte {
	weights := []int{kRegisterKey, kRevoke, kPublishRule, kOpenAccount, kFund, kIssue, kIssue, kIssue, kIssue, kIssue, kIssue, kIssue,
		kIssue, kRedeem, kRedeem, kRedeem, kExpire, kHold, kHold, kHold, kCapture, kCapture, kCapture, kRelease, kReverse, kReverse,
		kReverse, kTransfer, kTransfer, kTransfer, kSettle, kSettle, kAskSettle, kOpeningBalance, kOpeningBalance, kPublishRate, kConvert, kConvert, kConvert, kSetBudget, kFreeze,
		kUnfreeze, kClose, kSetCustody, kSetCustody, kRecover, kVeto, kFinishRecovery, kGrant, kGrant, kWithdraw, kDisclose, kErase,
		kTake, kTake, kTake, kCollect, kClaim, kClaim, kClaim, kSetStatus, kSetStatus, kReinstate, kReinstate, kReinstate,
		kMerge, kMerge, kMerge}
	kind := weights[p.random.Intn(len(weights))]
	if p.chance(150) {
		kind = kDefineUnit
	}
	if kind == kFreeze && !p.chance(3) {
		kind = kUnfreeze
	}
	if made := p.registryKind(kind); made != nil {
		p.signRole(roleRoot)
		return made
	}
	if made := p.moving(kind); made != nil {
		return made
	}
	return p.single(kind)
}

func (p *provoker) registryKind(kind int) []byte {
	switch kind {
	case kRegisterKey:
		switch p.random.Intn(5) {
		case 0:
			return p.keyOf(roleRoot, nil, 0, nil)
		case 1:
			return p.keyOf(roleIssuer, []any{p.pick(kindBudget)}, int64(p.random.Intn(20000)), nil)
		case 2:
			return p.keyOf(roleMerchant, []any{p.pick(kindMerchant)}, 0, nil)
		}
		var succeeds any
		if numbers := p.roles(roleCustodian); len(numbers) > 0 && !p.chance(3) {
			succeeds = numbers[p.random.Intn(len(numbers))]
			p.signRole(roleCustodian)
		}
		return p.keyOf(roleCustodian, nil, 0, succeeds)
	case kRevoke:
		number := int64(p.random.Intn(len(p.mirror.records)))
		if of := p.mirror.records[number]; number < 8 || of.hasRole(roleTreasurer) || of.hasRole(roleRegistrar) && len(p.roles(roleRegistrar)) < 2 {
			number = 90
		}
		return p.write(kRevoke, number, 0, p.random.Intn(2))
	case kDefineUnit:
		return p.newUnit(1, 10, 10, 5, p.random.Intn(16), 4000, 1000, p.random.Intn(113), 4)
	case kPublishRule:
		return p.write(kPublishRule, p.perhapsTaken(), hash{1}, p.budgets())
	case kPublishRate:
		return p.rate()
	}
	return nil
}

func (p *provoker) moving(kind int) []byte {
	switch kind {
	case kFund:
		if p.chance(3) {
			return p.fundOfShop()
		}
		p.signRole(roleTreasurer)
		debit := p.pick(kindTreasury)
		return p.movement(kind, debit, p.of(kindBudget, debit), p.amount())
	case kIssue:
		debit := p.pick(kindBudget)
		p.signScope(roleIssuer, debit)
		matures, expires := p.dates()
		rule := int64(0)
		if p.chance(6) {
			rule = int64(p.random.Intn(len(p.mirror.records)))
		}
		return p.movement(kind, debit, p.of(kindMember, debit), p.amount(), matures, expires, rule)
	case kOpeningBalance:
		debit := p.pick(kindBudget)
		p.signScope(roleIssuer, debit)
		p.signRole(roleSource)
		source := int64(p.random.Intn(len(p.mirror.records)))
		if sources := p.roles(roleSource); len(sources) > 0 {
			source = sources[p.random.Intn(len(sources))]
		}
		matures, expires := p.dates()
		return p.movement(kind, debit, p.of(kindMember, debit), p.amount(), matures, expires,
			source, id{byte(p.random.Intn(200))})
	case kRedeem, kHold:
		debit := p.spender()
		p.signHolder(debit)
		credit := p.of([]int64{kindTreasury, kindMerchant}[p.random.Intn(2)], debit)
		if kind == kHold {
			return p.movement(kind, debit, credit, p.amount(), p.until())
		}
		return p.movement(kind, debit, credit, p.amount())
	case kExpire:
		p.signRole(roleOperator)
		debit := p.pick(kindMember)
		amount := p.amount()
		if of := p.mirror.account(debit); of != nil && of.member != nil && !p.chance(4) {
			due := int64(0)
			for _, one := range of.member.lots {
				if at(p.now()).past(one) {
					due += one.amount
				}
			}
			amount = max(1, due)
		}
		return p.movement(kind, debit, p.of(kindExpired, debit), amount)
	case kCapture, kRelease:
		return p.ofHold(kind)
	case kReverse:
		return p.reversal()
	case kReinstate:
		return p.reinstatement()
	case kMerge:
		return p.merging()
	case kTransfer:
		debit := p.spender()
		p.signHolder(debit)
		matures, expires := int64(0), int64(0)
		if of := p.mirror.account(debit); of != nil && of.member != nil && len(of.member.lots) > 0 && p.chance(2) {
			dates := of.member.lots[p.random.Intn(len(of.member.lots))]
			matures, expires = dates.matures, dates.expires
		}
		return p.movement(kind, debit, p.of(kindMember, debit), int64(1+p.random.Intn(50)), matures, expires)
	case kTake:
		debit, dates := p.lotOf()
		credit := p.of(kindMember, debit)
		if of := p.mirror.account(debit); of != nil && of.member != nil {
			for _, one := range of.member.grants {
				if one.may == 1 && !p.chance(4) {
					credit = one.to
				}
			}
		}
		p.signHolder(credit)
		return p.movement(kind, debit, credit, int64(1+p.random.Intn(12)), dates.matures, dates.expires)
	case kClaim:
		debit := p.spender()
		p.signHolder(debit)
		credit := p.of([]int64{kindTreasury, kindMerchant}[p.random.Intn(2)], debit)
		var thing any
		round := 0
		if !p.chance(4) {
			thing, round = id{byte(p.random.Intn(9))}, p.random.Intn(2)
		}
		series := p.of(kindSeries, debit)
		if of := p.mirror.account(series); of != nil && !p.chance(4) {
			credit = p.of(kindTreasury, debit)
			if of.opening.sponsor != nil {
				credit = *of.opening.sponsor
			}
		}
		if thing != nil {
			p.signScope(roleMerchant, credit)
		}
		return p.movement(kind, debit, credit, p.amount(), series, thing, round)
	case kSettle:
		return p.settlement()
	case kConvert:
		return p.conversion()
	}
	return nil
}

// fundOfShop funds a budget from a merchant account, most of the time from that of its sponsor.
func (p *provoker) fundOfShop() []byte {
	credit := p.pick(kindBudget)
	debit := p.of(kindMerchant, credit)
	for _, one := range p.mirror.accounts {
		if sponsor := one.opening.sponsor; one.kind() == kindBudget && sponsor != nil && !p.chance(4) {
			debit, credit = *sponsor, one.number
		}
	}
	p.signScope(roleMerchant, debit)
	amount := p.amount()
	if of := p.mirror.account(debit); of != nil && of.balance > 0 && !p.chance(4) {
		amount = 1 + p.random.Int63n(of.balance)
	}
	return p.movement(kFund, debit, credit, amount)
}

// settlement settles what was asked for, most of the time, or has the merchant sign.
func (p *provoker) settlement() []byte {
	p.signRole(roleTreasurer)
	debit, amount := p.pick(kindMerchant), p.amount()
	var asked any
	for try := 0; try < 40 && asked == nil; try++ {
		ref := p.ref()
		if of := p.mirror.ids[ref]; of != nil && of.asked != nil {
			asked, debit, amount = ref, of.asked.x.account, max(1, of.asked.left())
		}
	}
	if asked == nil || p.chance(4) {
		asked = nil
		p.signScope(roleMerchant, debit)
	}
	if of := p.mirror.account(debit); of != nil && of.balance > 0 && p.chance(2) {
		amount = 1 + p.random.Int63n(of.balance)
	}
	return p.movement(kSettle, debit, p.of(kindTreasury, debit), amount, asked)
}

func (p *provoker) ofHold(kind int) []byte {
	if p.chance(3) {
		p.signRole(roleOperator)
	}
	number, ref, credit, amount := p.pick(kindMember), p.ref(), p.pick(kindTreasury), p.amount()
	for _, one := range p.mirror.accounts {
		if one.member != nil && len(one.member.holds) > 0 && p.chance(3) {
			held := one.member.holds[p.random.Intn(len(one.member.holds))]
			number, ref, credit, amount = one.number, held.id, held.credit, 1+p.random.Int63n(held.amount+held.amount/8+1)
		}
	}
	p.signScope(roleMerchant, credit)
	if kind == kRelease {
		return p.write(kind, number, ref)
	}
	return p.movement(kind, number, credit, amount, ref)
}

func (p *provoker) reversal() []byte {
	if p.chance(3) {
		p.signRole(roleTreasurer)
	}
	debit, credit, amount, ref := p.pick(kindTreasury), p.pick(kindMember), p.amount(), p.ref()
	for try := 0; try < 40; try++ {
		ref = p.ref()
		if of := p.mirror.original(ref); of != nil {
			debit, credit, amount = of.x.credit, of.x.debit, 1+p.random.Int63n(max(1, of.x.amount))
			if p.chance(2) {
				amount = max(1, of.left())
			}
			break
		}
	}
	p.signScope(roleMerchant, debit)
	if of := p.mirror.account(credit); of != nil && of.kind() == kindMerchant {
		p.signScope(roleMerchant, credit)
	}
	if of := p.mirror.original(ref); of != nil && of.x.kind == kMerge {
		p.signRole(roleRegistrar)
		p.signHolder(debit)
		p.signHolder(credit)
	}
	p.signScope(roleIssuer, credit)
	return p.movement(kReverse, debit, credit, amount, ref)
}

// merging merges two members, most of the time of all that the one has.
func (p *provoker) merging() []byte {
	debit := p.spender()
	credit := p.of(kindMember, debit)
	p.signRole(roleRegistrar)
	p.signHolder(debit)
	p.signHolder(credit)
	parts, amount := []any{}, int64(0)
	if of := p.mirror.account(debit); of != nil && of.member != nil {
		for _, one := range of.member.whole() {
			if !p.chance(40) {
				parts = append(parts, []any{one.matures, one.expires, one.amount})
				amount += one.amount
			}
		}
	}
	return p.movement(kMerge, debit, credit, amount, parts)
}

func (p *provoker) reinstatement() []byte {
	p.signRole(roleTreasurer)
	debit, credit, amount, ref := p.pick(kindExpired), p.pick(kindMember), p.amount(), p.ref()
	for try := 0; try < 60; try++ {
		ref = p.ref()
		if of := p.mirror.ids[ref]; of != nil && of.expired != nil {
			debit, credit, amount = of.expired.x.credit, of.expired.x.debit, max(1, of.expired.left())
			if p.chance(2) {
				amount = 1 + p.random.Int63n(of.expired.x.amount)
			}
			break
		}
	}
	_, expires := p.dates()
	if expires == 0 {
		expires = p.quarter(40)
	}
	return p.movement(kReinstate, debit, credit, amount, expires, ref)
}

func (p *provoker) conversion() []byte {
	debit := p.spender()
	var rates []*record
	for _, one := range p.mirror.records {
		if one.x.kind == kPublishRate && (one.stands() || p.chance(20)) {
			rates = append(rates, one)
		}
	}
	if len(rates) == 0 {
		return p.single(kErase)
	}
	rate := rates[p.random.Intn(len(rates))].x
	for try := 0; try < 20 && p.mirror.account(debit) != nil && p.mirror.account(debit).unit() != rate.record; try++ {
		debit = p.spender()
	}
	p.signHolder(debit)
	times := int64(1 + p.random.Intn(10))
	gainer := p.of(kindMember, rate.budget)
	for try := 0; try < 40; try++ { // most accounts are of somebody else
		one, other := p.mirror.account(debit), p.mirror.account(gainer)
		if one != nil && other != nil && one.member != nil && other.member != nil &&
			(&attemptAt{ledger: p.mirror.ledger}).oneHolder(one.member, other.member) && debit != gainer {
			break
		}
		gainer = p.of(kindMember, rate.budget)
	}
	made := p.id()
	expires := int64(0)
	if budget := p.mirror.account(rate.budget); rate.life != 0 && budget != nil {
		expires = (idTime(made)+quarterMs-1)/quarterMs + rate.life
		for !onGrain(expires, p.mirror.policy(budget)) {
			expires++
		}
	}
	number := int64(0)
	for _, one := range p.mirror.records {
		if one.x == rate {
			number = one.number
		}
	}
	return writeTransaction(kConvert, made, append([]any{debit, p.of(kindTreasury, debit), times * rate.give, number, rate.budget, gainer,
		times * rate.get, expires}, p.tail()...)...)
}

func (p *provoker) single(kind int) []byte {
	account := p.pick(kindMember)
	switch kind {
	case kOpenAccount:
		if p.chance(4) {
			p.signRole(roleTreasurer)
			return p.opening(int64(1+p.random.Intn(5)), p.unit())
		}
		p.signRole(roleRegistrar)
		return p.opening(kindMember, p.unit())
	case kAskSettle:
		shop := p.pick(kindMerchant)
		p.signScope(roleMerchant, shop)
		return p.write(kind, append([]any{shop, p.amount()}, p.tail()...)...)
	case kSetBudget:
		p.signRole(roleTreasurer)
		return p.write(kind, p.pick(kindBudget), p.from(), p.later(), p.random.Intn(3)*300, 0, p.random.Intn(3)*600,
			p.random.Intn(3)*900, 0, p.random.Intn(2)*2000, 0, 0, p.pools())
	case kFreeze:
		p.signRole(roleRegistrar)
		return p.write(kind, account, 0)
	case kUnfreeze, kClose:
		for try := 0; try < 20 && kind == kUnfreeze; try++ {
			if of := p.mirror.account(account); of != nil && of.member != nil && of.member.status == 1 {
				break
			}
			account = p.pick(kindMember)
		}
		p.signRole(roleRegistrar)
		return p.write(kind, account)
	case kSetCustody:
		p.signHolder(account)
		named := p.custodian()
		if named != nil {
			p.record(named.([]any)[0].(int64))
		}
		terms := p.terms()
		if of := p.mirror.account(account); terms != nil && of != nil && of.member != nil && of.member.recovery != nil && !p.chance(4) {
			p.signers[signer1(2, account)] = true
			if len(of.member.recovery.keys) > 1 {
				p.signers[signer1(3, account)] = true
			}
		}
		return p.write(kind, account, p.ownerKey(named), named, terms)
	case kRecover, kFinishRecovery:
		p.signers[signer1(2, account)] = true
		p.signers[signer1(3, account)] = true
		if of := p.mirror.account(account); of == nil || of.member == nil || of.member.recovery == nil {
			delete(p.signers, signer1(2, account))
			delete(p.signers, signer1(3, account))
			p.signRole(roleRegistrar)
		}
		if kind == kRecover {
			return p.write(kind, account, p.keys.fresh(p.random))
		}
		return p.write(kind, account)
	case kVeto:
		p.signHolder(account)
		return p.write(kind, account)
	case kSetStatus:
		budget := p.of(kindBudget, account)
		p.signScope(roleIssuer, budget)
		rule := int64(p.random.Intn(len(p.mirror.records)))
		for try := 0; try < 30 && p.mirror.records[rule].x.kind != kPublishRule; try++ {
			rule = int64(p.random.Intn(len(p.mirror.records)))
		}
		tier, until := p.random.Intn(4), int64(0)
		if tier > 0 && p.chance(2) {
			until = p.until()
		}
		return p.write(kind, account, budget, max(1, rule), tier, until, nil)
	case kGrant:
		p.signHolder(account)
		may, to := 0, int64(p.random.Intn(12))
		if p.chance(2) {
			may, to = 1, p.of(kindMember, account)
		}
		return p.write(kind, account, to, int64(p.random.Intn(2))*p.until(), hash{9}, may)
	case kCollect:
		number, dates := p.lotOf()
		p.signHolder(number)
		return p.write(kind, number, max(1, dates.matures), dates.expires)
	case kWithdraw, kDisclose:
		p.signHolder(account)
		p.signRole(roleOperator)
		ref := p.ref()
		if of := p.mirror.account(account); of != nil && of.member != nil && len(of.member.grants) > 0 && !p.chance(4) {
			ref = of.member.grants[p.random.Intn(len(of.member.grants))].id
		}
		if kind == kWithdraw {
			return p.write(kind, account, ref)
		}
		return p.write(kind, account, ref, hash{3})
	case kErase:
		p.signRole(roleOperator)
		return p.write(kind, account, hash{3})
	}
	panic(fmt.Sprintf("no kind %d", kind))
}

// revokedAndUsed revokes a key that signs the batch, and uses it at a later position.
func (p *provoker) revokedAndUsed() [][]byte {
	role := []int64{roleRoot, roleCustodian, roleIssuer, roleMerchant}[p.random.Intn(4)]
	numbers := p.roles(role)
	if len(numbers) < 2 {
		return [][]byte{p.transaction()}
	}
	number := numbers[1+p.random.Intn(len(numbers)-1)]
	p.record(number)
	if role != roleRoot {
		p.record(0)
	}
	entries := [][]byte{p.write(kRevoke, number, 0, 1)}
	switch role {
	case roleRoot:
		return append(entries, p.write(kPublishRule, p.name(), hash{1}, p.budgets()))
	case roleCustodian:
		for _, one := range p.mirror.accounts {
			if m := one.member; m != nil && m.custodian != nil && m.custodian.record == number {
				return append(entries, p.movement(kRedeem, one.number, p.of(kindTreasury, one.number), 5))
			}
		}
	case roleIssuer:
		budget := p.mirror.records[number].x.scope[0]
		return append(entries, p.movement(kIssue, budget, p.of(kindMember, budget), 5, 0, 0, 0))
	}
	return append(entries, p.reversal())
}

// budgets are those that may name a rule: most there are, and one number of none yet.
func (p *provoker) budgets() []any {
	made := []any{}
	for _, one := range p.mirror.accounts {
		if one.kind() == kindBudget && !p.chance(5) && len(made) < ruleBudgetsMax-1 {
			made = append(made, one.number)
		}
	}
	return append(made, int64(len(p.mirror.accounts)))
}

// pools are some budgets, in order.
func (p *provoker) pools() []any {
	made := []any{}
	for _, one := range p.mirror.accounts {
		if one.kind() == kindBudget && p.chance(6) && len(made) < poolsMax {
			made = append(made, one.number)
		}
	}
	return made
}

// from and later are the ends of terms of a budget: most are open now.
func (p *provoker) from() int64 {
	if p.chance(6) {
		return p.now() + p.span(1000)
	}
	return int64(p.random.Intn(2)) * (p.now() - p.span(500))
}

func (p *provoker) later() int64 {
	if p.chance(3) {
		return p.now() + p.span(1001+p.random.Intn(20000))
	}
	return 0
}

// groups makes groups of some runs of transactions that may stand in one.
func (p *provoker) groups(entries [][]byte) (groups []batchGroup) {
	if p.chance(2) {
		return nil
	}
	for first := 0; first < len(entries); first++ {
		count := 0
		for want := 2 + p.random.Intn(4); count < want && first+count < len(entries); count++ {
			if alone[parseTransaction(entries[first+count]).kind] {
				break
			}
		}
		if count >= 2 && p.chance(2) {
			groups = append(groups, batchGroup{first, count})
			first += count - 1
		}
	}
	return groups[:min(len(groups), groupsMax)]
}
