package main

import (
	"fmt"
	"time"
)

// What provoke.go makes up: a small world, and random transactions in it.

func (p *provoker) now() int64 {
	if p.local {
		return p.clock
	}
	return time.Now().UnixMilli()
}

func (p *provoker) id() id {
	t := p.now()
	if p.ready && p.chance(20) {
		t += int64(p.random.Intn(4000)) - 2000
	}
	made := newID(p.random, t)
	if p.ready && p.chance(50) && len(p.ids) > 0 {
		made = p.ids[p.random.Intn(len(p.ids))]
	}
	p.ids = append(p.ids, made)
	return made
}

// span is a time that the small world lives in: seconds beside a running ledger, hours in a log that is forged.
func (p *provoker) span(ms int) int64 {
	if p.local {
		return int64(ms) * 4000
	}
	return int64(ms)
}

// until is a time near now, mostly to come.
func (p *provoker) until() int64 { return p.now() + p.span(p.random.Intn(3600)-300) }

// chance is one in so many.
func (p *provoker) chance(of int) bool { return p.random.Intn(of) == 0 }

func (p *provoker) record(number int64) { p.signers[signer1(0, number)] = true }

// signerName is a signer before it signed.
type signerName struct{ class, number int64 }

func signer1(class, number int64) signerName { return signerName{class, number} }

// roles are the records of a role that stand.
func (p *provoker) roles(role int64) (numbers []int64) {
	for _, one := range p.mirror.records {
		if one.hasRole(role) && one.stands() {
			if key, _, _ := one.key(); p.keys[key] != nil {
				numbers = append(numbers, one.number)
			}
		}
	}
	return numbers
}

// signRole has a key of a role sign, most of the time.
func (p *provoker) signRole(role int64) {
	if numbers := p.roles(role); len(numbers) > 0 && !p.chance(30) {
		p.record(numbers[p.random.Intn(len(numbers))])
	}
}

// signScope has a key of a role sign that has this account in its scope, most of the time.
func (p *provoker) signScope(role, account int64) {
	for _, number := range p.roles(role) {
		for _, one := range p.mirror.records[number].x.scope {
			if one == account && !p.chance(25) {
				p.record(number)
				return
			}
		}
	}
	p.signRole(role)
}

// signChain has a key of the chain of a custodian sign, most of the time one that stands.
func (p *provoker) signChain(of *record) {
	base := p.mirror.base(of)
	for _, number := range p.roles(roleCustodian) {
		if p.mirror.base(p.mirror.records[number]) == base && !p.chance(4) {
			p.record(number)
			return
		}
	}
	p.signRole(roleCustodian)
}

// signHolder has whoever holds an account sign: owner, or custodian.
func (p *provoker) signHolder(number int64) {
	of := p.mirror.account(number)
	if of == nil || of.member == nil {
		return
	}
	if of.member.owner != nil && !p.chance(20) {
		p.signers[signer1(1, number)] = true
	}
	if of.member.custodian != nil && (of.member.owner == nil || p.chance(3)) {
		p.signChain(p.mirror.records[of.member.custodian.record])
	}
}

// spender is a member's account, most of the time one that can spend.
func (p *provoker) spender() (number int64) {
	for try := 0; try < 12; try++ {
		number = p.pick(kindMember)
		if of := p.mirror.account(number); of != nil && of.member != nil && of.member.balance > 20 && of.member.status == 0 {
			return number
		}
	}
	return number
}

func (p *provoker) pick(kind int64) int64 {
	var numbers []int64
	for _, one := range p.mirror.accounts {
		closed := one.member != nil && one.member.status == 2
		if one.kind() == kind && (!closed || p.chance(20)) || p.chance(400) {
			numbers = append(numbers, one.number)
		}
	}
	if len(numbers) == 0 || p.ready && p.chance(100) {
		return int64(p.random.Intn(60))
	}
	return numbers[p.random.Intn(len(numbers))]
}

// of picks an account of a kind and, most of the time, of the unit of another.
func (p *provoker) of(kind, beside int64) int64 {
	for try := 0; try < 30; try++ {
		made := p.pick(kind)
		one, other := p.mirror.account(made), p.mirror.account(beside)
		if one != nil && other != nil && one.unit() == other.unit() {
			return made
		}
	}
	return p.pick(kind)
}

func (p *provoker) amount() int64 {
	switch p.random.Intn(12) {
	case 0:
		return amountMax - int64(p.random.Intn(3))
	case 1, 2, 3:
		return int64(1 + p.random.Intn(200))
	}
	return int64(5 * (1 + p.random.Intn(12)))
}

// quarter is a date around now, on the grain or off it.
func (p *provoker) quarter(later int) int64 {
	now := p.now() / quarterMs
	made := now + int64(p.random.Intn(later)) - int64(later)/2
	if !p.chance(8) {
		made -= made % 4
	}
	return made
}

func (p *provoker) dates() (matures, expires int64) {
	if p.chance(2) {
		matures = p.quarter(24)
	}
	if p.chance(2) {
		expires = max(matures+4, p.quarter(40))
	}
	return matures, expires
}

func (p *provoker) ref() id {
	if len(p.ids) == 0 {
		return p.id()
	}
	return p.ids[len(p.ids)-1-p.random.Intn(min(len(p.ids), 60))]
}

func (p *provoker) tail() []any {
	if p.chance(10) {
		return []any{nil, p.ref()}
	}
	return []any{nil, nil}
}

func (p *provoker) name() string { p.names++; return fmt.Sprintf("n%d-%d", p.now()%100000, p.names) }

// perhapsTaken is a name, now and then of a rule that there is.
func (p *provoker) perhapsTaken() string {
	if number := p.random.Intn(len(p.mirror.records)); p.mirror.records[number].x.kind == kPublishRule {
		return p.mirror.records[number].x.name
	}
	return p.name()
}

func (p *provoker) write(kind int, fields ...any) []byte {
	return writeTransaction(kind, p.id(), fields...)
}

// movement writes debit, credit, amount, what is between, and the tail.
func (p *provoker) movement(kind int, debit, credit, amount int64, between ...any) []byte {
	return p.write(kind, append(append([]any{debit, credit, amount}, between...), p.tail()...)...)
}

func (p *provoker) custodian() any {
	numbers := p.roles(roleCustodian)
	if len(numbers) == 0 || p.chance(3) {
		return nil
	}
	number := numbers[p.random.Intn(len(numbers))]
	if p.chance(40) {
		number = int64(p.random.Intn(min(20, len(p.mirror.records))))
		return []any{number, p.mirror.records[number].x.leaf}
	}
	return []any{number, p.mirror.records[number].x.leaf}
}

func (p *provoker) terms() any {
	if p.chance(3) {
		return nil
	}
	keys := []any{p.keys.fresh(p.random), p.keys.fresh(p.random)}
	return []any{keys, 1 + p.random.Intn(2), p.span(p.random.Intn(3) * 700)}
}

func (p *provoker) ownerKey(custodian any) any {
	if custodian != nil && p.chance(2) {
		return nil
	}
	if len(p.owners) < 4 || p.chance(6) {
		p.owners = append(p.owners, p.keys.fresh(p.random))
	}
	return p.owners[p.random.Intn(len(p.owners))]
}

// units are the records of units.
func (p *provoker) unit() int64 {
	if p.chance(9) {
		return p.mirror.units[p.random.Intn(len(p.mirror.units))]
	}
	return p.world[p.random.Intn(len(p.world))]
}

func (p *provoker) opening(kind, unit int64) []byte {
	var owner, custodian, terms any
	if kind == kindMember {
		custodian = p.custodian()
		owner = p.ownerKey(custodian)
		terms = p.terms()
	}
	var sponsor, ref any
	if p.ready && (kind == kindMember || kind == kindBudget || kind == kindSeries) && p.chance(2) {
		sponsor = p.pick(kindMerchant)
		p.signScope(roleMerchant, sponsor.(int64))
	}
	if p.ready && kind == kindMember && p.chance(2) {
		ref = id{byte(p.random.Intn(12))}
	}
	nonce := make([]byte, 32)
	p.random.Read(nonce)
	return p.write(kOpenAccount, kind, unit, p.mirror.records[unit].x.leaf, owner, custodian, terms, sponsor, ref, nonce)
}

func (p *provoker) keyOf(role int64, scope []any, backdate int64, succeeds any) []byte {
	if scope == nil {
		scope = []any{}
	}
	return p.write(kRegisterKey, p.keys.fresh(p.random), role, scope, backdate, 0, succeeds)
}

// takes is a policy of what members may take of each other's lots, or none.
func (p *provoker) takes() any {
	if p.chance(4) {
		return nil
	}
	return []any{10 * (1 + p.random.Intn(10)), 5 + p.random.Intn(60), 10 * p.random.Intn(8), 20 + p.random.Intn(200), p.random.Intn(2)}
}

func (p *provoker) collects() any {
	if p.chance(4) {
		return nil
	}
	return p.random.Intn(3) * 40
}

// lotOf is an account that has lots, and the dates of one, most of the time.
func (p *provoker) lotOf() (number int64, dates lot) {
	for try := 0; try < 20; try++ {
		number = p.pick(kindMember)
		if of := p.mirror.account(number); of != nil && of.member != nil && len(of.member.lots) > 0 {
			return number, of.member.lots[p.random.Intn(len(of.member.lots))]
		}
	}
	return number, lot{expires: p.quarter(40)}
}

func (p *provoker) newUnit(step, each, day, debt, custody, window, hold, offset, grain int) []byte {
	return p.write(kDefineUnit, p.name(), 100000, step, each, day, debt, custody, p.span(window), p.span(hold), offset, grain,
		p.takes(), p.collects(), 604800000, 0, 0, 0)
}

// setUp makes units, accounts, keys and funds.
func (p *provoker) setUp() {
	p.signers = map[signerName]bool{}
	p.record(0)
	p.send(p.newUnit(1, 40, 90, 50, 15, 4000, 3000, 56, 4), p.newUnit(5, 0, 0, 0, 1, 60000, 60000, 88, 1),
		p.newUnit(1, 1000, 1000, 1000000, 7, 0, 5000, 30, 96),
		p.keyOf(roleCustodian, nil, 0, nil), p.keyOf(roleCustodian, nil, 0, nil), p.keyOf(roleRoot, nil, 0, nil),
		p.keyOf(roleRegistrar, nil, 0, nil), p.keyOf(roleSource, nil, 0, nil), p.keyOf(roleSource, nil, 0, nil),
		p.write(kPublishRule, p.name(), hash{7}, []any{1, 2, 7, 8, 11, 12}))
	p.world = p.mirror.units[len(p.mirror.units)-3:]
	for _, unit := range p.world {
		p.signRoles(roleTreasurer, roleRegistrar)
		p.send(p.opening(kindTreasury, unit), p.opening(kindBudget, unit), p.opening(kindBudget, unit),
			p.opening(kindExpired, unit), p.opening(kindMerchant, unit), p.opening(kindSeries, unit))
		first := int64(len(p.mirror.accounts) - 6)
		p.record(0)
		p.send(p.keyOf(roleIssuer, []any{first + 1, first + 2}, 86400000*int64(p.random.Intn(3)), nil),
			p.keyOf(roleMerchant, []any{first, first + 4}, 0, nil))
		p.signRoles(roleTreasurer)
		p.send(p.movement(kFund, first, first+1, 20000), p.movement(kFund, first, first+2, 500))
		p.signRoles(roleRegistrar)
		p.send(p.opening(kindMember, unit), p.opening(kindMember, unit), p.opening(kindMember, unit), p.opening(kindMember, unit))
	}
	p.record(0)
	p.send(p.rate(), p.rate(), p.rate(), p.rate())
	p.ready = true
}

func (p *provoker) rate() []byte {
	budget := p.pick(kindBudget)
	return p.write(kPublishRate, p.name(), p.unit(), budget, 1+p.random.Intn(3), 1+p.random.Intn(3), p.random.Intn(3)*50)
}

func (p *provoker) signRoles(roles ...int64) {
	for _, role := range roles {
		if numbers := p.roles(role); len(numbers) > 0 {
			p.record(numbers[0])
		}
	}
}
