package main

import "fmt"

// Who signed for the lines of a statement (SPEC §10, Who signed).

// session is the question who signed for one line.
type session struct {
	*audit
	line    *line
	missing bool     // a signer is not shown
	names   []string // who signed, of those entitled
	back    int64    // the greatest backdate of their keys
}

func (a *audit) checkAuthority() {
	for _, one := range a.placed() {
		s := &session{audit: a, line: one}
		if !s.signed() && !broke("line-signature") {
			check(!s.missing, "record-missing", "a signer is not shown")
			fail("evidence-signature", "nobody signed who may")
		}
		a.signers = append(a.signers, s.names)
		s.checkTime()
		s.checkRule()
		s.checkRate()
	}
}

func (s *session) checkTime() {
	back := int64(0)
	if s.line.x.kind == kIssue || s.line.x.kind == kOpeningBalance || s.line.x.kind == kOpenAccount {
		back = s.back
	}
	now, t := s.line.when.t, s.line.x.t
	check((t <= now+s.genesis.skew || broke("line-ahead")) && (t >= now-s.genesis.skew-back || broke("line-behind")), "line-time",
		"a line of %d at %d", t, now)
}

func (s *session) checkRule() {
	x := s.line.x
	if x.kind != kIssue && x.kind != kSetStatus || x.record == 0 {
		return
	}
	rule := s.byNumber[uint64(x.record)]
	check(rule != nil && (rule.made.kind == kPublishRule || broke("rule-kind")), "record-missing", "the rule is not shown")
	budget := x.debit
	if x.kind == kSetStatus {
		budget = x.budget
	}
	check(rule.made.names(budget) || broke("statement-rule-of-any-budget"), "line-rule", "a rule that budget %d may not name", budget)
	check((rule.from < s.line.index() || broke("rule-before")) &&
		(rule.until == 0 || rule.until > s.line.index() || broke("rule-stands")),
		"line-rule", "no rule that stood")
	check(s.line.when.t >= s.batches[rule.at].read.time+s.unit.notice || broke("notice"), "line-rule", "a rule that was too new")
}

// signed: whoever has to sign by the table of §7 did.
func (s *session) signed() bool {
	if s.isBook() {
		return s.signedBook()
	}
	return s.signedByKind()
}

func (s *session) signedByKind() bool {
	x := s.line.x
	switch x.kind {
	case kOpenAccount:
		return either(!broke("statement-registrar-opens") && s.key(roleRegistrar, none), broke("opened-by-treasurer") && s.key(roleTreasurer, none))
	case kIssue:
		return s.key(roleIssuer, x.debit)
	case kOpeningBalance:
		issuer, source := s.key(roleIssuer, x.debit), s.source(uint64(x.record))
		return issuer && source
	case kSetStatus:
		return s.key(roleIssuer, x.budget)
	case kReinstate:
		return s.key(roleTreasurer, none) || broke("statement-reinstated-by-anyone")
	case kClaim:
		seller := x.memberRef == nil || s.key(roleMerchant, x.credit) || broke("statement-claim-by-one")
		return either(s.owner(), s.custodian(1)) && seller
	case kRedeem, kHold:
		return either(s.owner(), !broke("statement-custodian-spends") && s.custodian(1))
	case kExpire, kDisclose, kErase:
		return s.key(roleOperator, none)
	case kCapture:
		return s.key(roleMerchant, x.credit)
	case kRelease:
		held := s.line.before.holds[s.line.before.holdOf(x.ref)]
		merchant := s.key(roleMerchant, held.credit)
		return either(merchant && !broke("statement-merchant-releases"), (held.until <= s.line.when.t || broke("released-early")) && s.key(roleOperator, none))
	case kMerge:
		return s.merges()
	case kReverse:
		if s.line.undoes != nil && s.line.undoes.x.kind == kMerge {
			return s.merges()
		}
		if s.is(x.debit) {
			return s.key(roleIssuer, x.credit)
		}
		return s.key(roleMerchant, x.debit)
	case kTransfer:
		return !s.is(x.debit) || either(s.owner(), !broke("statement-custodian-gives") && s.custodian(8))
	case kTake:
		return !s.is(x.credit) || either(s.owner(), !broke("statement-custodian-takes") && s.custodian(2)) || broke("statement-taken-by-anyone")
	case kCollect:
		return either(s.owner(), !broke("statement-custodian-collects") && s.custodian(2)) || broke("statement-collected-by-anyone")
	case kConvert:
		return !s.is(x.debit) || either(s.owner(), !broke("statement-custodian-converts") && s.custodian(2))
	case kFreeze, kUnfreeze:
		return s.key(roleRegistrar, none) || broke("statement-freeze")
	case kReopen:
		return s.key(roleRegistrar, none) || broke("statement-reopened-by-anyone")
	case kClose:
		return either(s.owner(), !broke("statement-registrar-closes") && s.key(roleRegistrar, none))
	case kSetCustody:
		return s.newCustody()
	case kRecover:
		return s.recoveryKeys()
	case kVeto:
		return s.owner() || broke("statement-veto")
	case kFinishRecovery:
		return either(s.recoveryKeys(), !broke("statement-registrar-finishes") && s.key(roleRegistrar, none))
	case kGrant, kWithdraw:
		return either(s.owner(), !broke("statement-custodian-consents") && s.custodian(4))
	}
	return false
}

// merges: the registrar, and the holder of this account; the other's key is none that a statement can show.
func (s *session) merges() bool {
	registrar := s.key(roleRegistrar, none)
	holder := false
	if s.line.before.owner != nil {
		holder = s.owner()
	} else if s.line.before.custodian != nil {
		holder = s.chainKey(uint64(s.line.before.custodian.record))
	}
	return (registrar || broke("statement-merged-without-a-registrar")) && (holder || broke("statement-merged-by-anyone"))
}

// either asks both: all signatures that count are looked at.
func either(one, other bool) bool { return one || other }

func (s *session) count(place int, key hash, name string) {
	check(s.verify(s.line.batch, place, key) || broke("line-signature-verifies"), "evidence-signature", "the signature of %s does not verify", name)
	s.names = append(s.names, name)
}

// owner: the key was the owner's when the batch came, and still is at this line.
func (s *session) owner() (did bool) {
	now := s.line.before.owner
	if now == nil || !sameKey(now, s.batchStart().owner) && !broke("owner-at-batch") {
		return false
	}
	for place, one := range s.line.batch.read.signers {
		if one.class == 1 && s.is(one.number) {
			s.count(place, *now, "owner")
			did = true
		}
	}
	return did
}

// batchStart is the account before the first line of this line's batch.
func (s *session) batchStart() *member {
	for _, one := range s.lines {
		if one.batch == s.line.batch {
			return one.before
		}
	}
	return s.line.before
}

func (s *session) recoveryKeys() bool {
	terms := s.line.before.recovery
	if terms == nil || !terms.same(s.batchStart().recovery) && !broke("statement-recovery-at-batch") {
		return false
	}
	count := 0
	for place, one := range s.line.batch.read.signers {
		if broke("recovery-of-account") {
			one.number = int64(s.account.number)
		}
		if which := one.class - 2; which >= 0 && which < int64(len(terms.keys)) && s.is(one.number) {
			s.count(place, terms.keys[which], fmt.Sprintf("recovery %d", which))
			count++
		}
	}
	return count >= terms.need || broke("recovery-need") && count > 0
}

var roleNames = [...]string{"root", "registrar", "treasurer", "issuer", "merchant", "custodian", "operator", "auditor", "source"}

// records goes through the signers of the registry that are shown and good for the batch.
func (s *session) records(each func(place int, record *shownRecord)) {
	for place, one := range s.line.batch.read.signers {
		if one.class != 0 {
			continue
		}
		record := s.byNumber[uint64(one.number)]
		if record == nil {
			s.missing = true
		} else if record.good(s.line.batch) && record.number >= uint64(len(s.genesis.roots)) {
			each(place, record)
		}
	}
}

// key: a key of a role, and of the scope where there is one.
func (s *session) key(role, scope int64) (did bool) {
	s.records(func(place int, record *shownRecord) {
		if !record.isRole(role) {
			return
		}
		within := scope == none || broke("scope")
		for _, account := range record.made.scope {
			within = within || account == scope
		}
		if within {
			s.count(place, record.made.key, fmt.Sprintf("%s %d", roleNames[role], record.number))
			if !broke("statement-backdate") {
				s.back = max(s.back, record.made.backdate)
			}
			did = true
		}
	})
	return did
}

// source: the key of an old system that has this record.
func (s *session) source(number uint64) (did bool) {
	s.records(func(place int, record *shownRecord) {
		if record.isRole(roleSource) && record.number == number {
			s.count(place, record.made.key, fmt.Sprintf("%s %d", roleNames[roleSource], number))
			did = true
		}
	})
	return did
}

// custodian: a key of the chain that has the custody, due, where the unit lets custodians do this.
func (s *session) custodian(bit int64) bool {
	named := s.line.before.custodian
	if named == nil || s.unit.custody&bit == 0 && !broke("custody-bit") {
		return false
	}
	return s.chainKey(uint64(named.record))
}

func (s *session) chainKey(of uint64) (did bool) {
	named := s.byNumber[of]
	if named == nil {
		s.missing = true
		return false
	}
	first, whole := s.chain(named)
	s.missing = s.missing || !whole
	s.records(func(place int, record *shownRecord) {
		if !record.isRole(roleCustodian) {
			return
		}
		base, shown := s.chain(record)
		s.missing = s.missing || !shown
		if whole && shown && base == first && (s.dueFrom(record) <= s.line.when.t || broke("takeover")) {
			s.count(place, record.made.key, fmt.Sprintf("custodian %d", record.number))
			did = true
		}
	})
	return did
}

// newCustody: the owner, or where there is none the custodian; and a custodian of another chain besides.
func (s *session) newCustody() bool {
	before, named := s.line.before, s.line.x.custodian
	did := false
	if before.owner != nil {
		did = s.owner()
	} else if before.custodian != nil {
		did = s.chainKey(uint64(before.custodian.record))
	}
	if s.line.x.recovery != nil && before.owner != nil && before.recovery != nil {
		did = (s.recoveryKeys() || broke("statement-terms-replaced")) && did
	}
	if named == nil || s.sameChain(named, before.custodian) {
		return did
	}
	return (s.chainKey(uint64(named.record)) || broke("statement-new-custodian")) && did
}

func (s *session) sameChain(one, other *custodian) bool {
	if other == nil {
		return false
	}
	a, b := s.byNumber[uint64(one.record)], s.byNumber[uint64(other.record)]
	if a == nil || b == nil {
		return one.record == other.record
	}
	first, whole := s.chain(a)
	second, both := s.chain(b)
	return whole && both && first == second
}
