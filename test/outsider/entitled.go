package main

// Who may (SPEC §7): at least one of a batch's signers is entitled to a transaction, as the state is at its position.

// signersOf are the signers of one batch, with the keys that they signed under.
type signersOf struct {
	*ledger
	list []signer
	keys []*hash
	now  int64
	from uint64 // index of the batch: a key that it revokes is good up to its end
	// the recovery terms of the accounts that signed, as they were
	terms map[int64]*recovery
}

func (l *ledger) signersOf(list []signer, now int64, index uint64) *signersOf {
	s := &signersOf{ledger: l, list: list, now: now, from: index, keys: make([]*hash, len(list)),
		terms: map[int64]*recovery{}}
	for i, one := range list {
		s.keys[i] = l.signerKey(one)
		if of := l.account(one.number); one.class > 0 && of != nil && of.member != nil {
			s.terms[one.number] = of.member.recovery
		}
	}
	return s
}

// entitlement: who may, and the greatest backdate of their keys.
type entitlement struct {
	holds    bool
	backdate int64
	merchant bool // of a release: not by an operator alone
}

func (e *entitlement) also(holds bool) { e.holds = e.holds || holds }

func (s *signersOf) entitled(x *transaction) *entitlement {
	e := &entitlement{}
	switch x.kind {
	case kGenesis:
		e.holds = true
	case kRegisterKey, kDefineUnit, kPublishRule, kPublishRate:
		e.also(s.root())
	case kContinueLog:
		e.also(s.root() && (x.seen == nil || s.allRoots()))
	case kRevoke:
		e.also(s.root() || !broke("chain-revokes") && s.chainRevokes(x))
	case kOpenAccount:
		if x.accountKind == kindMember && !broke("member-by-treasurer") {
			s.role(e, roleRegistrar, none)
		} else {
			s.role(e, roleTreasurer, none)
			if x.accountKind == kindSeries && x.sponsor != nil && !broke("sponsor-of-a-series-signs") {
				e.holds = e.holds && s.merchant(*x.sponsor)
			}
		}
	case kMerge:
		e.also(s.merges(x))
	case kSetBudget, kReinstate:
		s.role(e, roleTreasurer, none)
	case kSettle:
		s.role(e, roleTreasurer, none)
		if x.asked == nil && !broke("settle-unasked") {
			e.holds = e.holds && s.merchant(x.debit)
		}
	case kOpeningBalance:
		s.role(e, roleIssuer, x.debit)
		if !s.source(x.record) && !broke("source-signs") {
			e.holds = false
		}
	case kAskSettle:
		s.role(e, roleMerchant, x.account)
	case kFund:
		if s.shop(x.debit) {
			s.role(e, roleMerchant, x.debit)
		} else {
			s.role(e, roleTreasurer, none)
		}
	case kIssue:
		s.role(e, roleIssuer, x.debit)
	case kSetStatus:
		s.role(e, roleIssuer, x.budget)
	case kRedeem, kHold, kClaim:
		e.also(s.owner(x.debit) || s.custodian(x.debit, 1))
		if x.kind == kClaim && x.memberRef != nil && !broke("claim-by-one") {
			e.holds = e.holds && s.merchant(x.credit)
		}
	case kExpire, kDisclose, kErase:
		s.role(e, roleOperator, none)
	case kCapture:
		s.role(e, roleMerchant, x.credit)
	case kRelease:
		s.release(e, x)
	case kReverse:
		s.reverse(e, x)
	case kTransfer:
		e.also(s.owner(x.debit) || s.custodian(x.debit, 8))
	case kTake:
		e.also(s.owner(x.credit) || s.custodian(x.credit, 2))
	case kCollect:
		e.also(s.owner(x.account) || s.custodian(x.account, 2))
	case kConvert:
		e.also(s.owner(x.debit) || s.custodian(x.debit, 2))
	case kFreeze, kUnfreeze:
		s.role(e, roleRegistrar, none)
	case kReopen:
		s.role(e, roleRegistrar, none)
		e.also(broke("reopened-by-its-owner") && s.owner(x.account))
	case kClose:
		e.also(s.owner(x.account))
		if !broke("registrar-closes") {
			s.role(e, roleRegistrar, none)
		}
	case kSetCustody:
		e.also(s.setCustody(x))
	case kRecover:
		e.also(s.recoveryKeys(x.account))
	case kVeto:
		e.also(s.owner(x.account))
	case kFinishRecovery:
		e.also(s.recoveryKeys(x.account))
		if !broke("registrar-finishes") {
			s.role(e, roleRegistrar, none)
		}
	case kGrant, kWithdraw:
		e.also(s.owner(x.account) || s.custodian(x.account, 4))
	}
	if broke("not-entitled") {
		e.holds = true
	}
	return e
}

// good: a key is good up to and including the batch that revokes it.
func (s *signersOf) good(of *record) bool {
	if broke("good-to-the-end-of-the-batch") {
		return of.stands()
	}
	return of.stands() || of.until > s.from
}

// role asks for a key of a role, and of the scope where there is one.
func (s *signersOf) role(e *entitlement, role, scope int64) {
	for _, one := range s.list {
		of := s.record(one.number)
		if one.class != 0 || of == nil || !of.hasRole(role) || broke("role-stands-at-position") && !of.stands() {
			continue
		}
		within := scope == none || broke("replay-scope")
		for _, account := range of.x.scope {
			within = within || account == scope
		}
		if within {
			e.holds = true
			if broke("backdate-least") && e.backdate > 0 {
				e.backdate = min(e.backdate, of.x.backdate)
			} else {
				e.backdate = max(e.backdate, of.x.backdate)
			}
			e.merchant = e.merchant || role == roleMerchant
		}
	}
}

// root: `need` of the root keys that stand.
func (s *signersOf) root() bool {
	keys := map[hash]bool{}
	for _, one := range s.list {
		if of := s.record(one.number); one.class == 0 && of != nil && of.hasRole(roleRoot) && s.good(of) {
			key, _, _ := of.key()
			keys[key] = true
		}
	}
	return len(keys) >= s.genesis.need || broke("root-need") && len(keys) > 0
}

// owner: the key that signed is the owner's at this position.
func (s *signersOf) owner(number int64) bool {
	of := s.account(number)
	if of == nil || of.member == nil || of.member.owner == nil {
		return false
	}
	for i, one := range s.list {
		if one.class == 1 && one.number == number && s.keys[i] != nil &&
			(*s.keys[i] == *of.member.owner || broke("owner-at-position")) {
			return true
		}
	}
	return false
}

func (s *signersOf) recoveryKeys(number int64) bool {
	of := s.account(number)
	if of == nil || of.member == nil || of.member.recovery == nil {
		return false
	}
	if !of.member.recovery.same(s.terms[number]) && !broke("recovery-at-position") {
		return false
	}
	count := 0
	for i, one := range s.list {
		if one.class >= 2 && one.number == number && s.keys[i] != nil {
			count++
		}
	}
	return count >= of.member.recovery.need || broke("replay-recovery-need") && count > 0
}

func (s *signersOf) custodian(number, bit int64) bool {
	of := s.account(number)
	if of == nil || of.member == nil || of.member.custodian == nil {
		return false
	}
	if s.policy(of).custody&bit == 0 && !broke("replay-custody-bit") {
		return false
	}
	return s.chainKey(s.records[of.member.custodian.record], s.policy(of).takeover)
}

// chainKey: a key of the chain of this record that stands and is due.
func (s *signersOf) chainKey(of *record, takeover int64) bool {
	base := s.base(of)
	for _, one := range s.list {
		mine := s.record(one.number)
		if one.class == 0 && mine != nil && mine.hasRole(roleCustodian) && s.base(mine) == base && s.good(mine) &&
			mine.due(takeover, s.now) {
			return true
		}
	}
	return false
}

// chainRevokes: of a custodian's key that root alone registered, a key of its chain that is due everywhere.
func (s *signersOf) chainRevokes(x *transaction) bool {
	of := s.record(x.record)
	if of == nil || !of.hasRole(roleCustodian) || of.atOnce && !broke("chain-revokes-all") {
		return false
	}
	if broke("chain-revokes-due-somewhere") {
		return s.chainKey(of, 0)
	}
	return s.chainKey(of, s.longestTakeover())
}

func (s *signersOf) setCustody(x *transaction) bool {
	of := s.account(x.account)
	if of == nil || of.member == nil {
		return false
	}
	before := of.member.custodian
	did := s.owner(x.account)
	if (of.member.owner == nil || broke("custodian-drops-owner")) && before != nil {
		did = s.chainKey(s.records[before.record], s.policy(of).takeover)
	}
	if x.recovery != nil && of.member.owner != nil && of.member.recovery != nil && !broke("terms-replaced-alone") {
		did = did && s.recoveryKeys(x.account)
	}
	if x.custodian == nil {
		return did
	}
	named := s.record(x.custodian.record)
	if named == nil || !named.hasRole(roleCustodian) {
		return did
	}
	if before != nil && (s.base(named) == s.base(s.records[before.record]) && !broke("same-chain-signs")) {
		return did
	}
	return did && (s.chainKey(named, s.policy(of).takeover) || broke("new-custodian-signs"))
}

func (s *signersOf) release(e *entitlement, x *transaction) {
	scope := int64(none)
	if of := s.account(x.account); of != nil && of.member != nil {
		if place := of.member.holdOf(x.ref); place >= 0 {
			scope = of.member.holds[place].credit
		}
	}
	if scope != none || !broke("release-of-no-hold") {
		s.role(e, roleMerchant, scope)
	}
	if !broke("operator-releases") {
		s.role(e, roleOperator, none)
	}
}

// merges: the registrar, and of both accounts the owner, or where there is none the custodian.
func (s *signersOf) merges(x *transaction) bool {
	registrar := &entitlement{}
	s.role(registrar, roleRegistrar, none)
	return (registrar.holds || broke("merged-without-a-registrar")) &&
		(s.holder(x.debit) || broke("merged-from-anyone")) && (s.holder(x.credit) || broke("merged-into-anyone"))
}

func (s *signersOf) holder(number int64) bool {
	of := s.account(number)
	if of == nil || of.member == nil {
		return false
	}
	if of.member.owner != nil {
		return s.owner(number)
	}
	return of.member.custodian != nil && s.chainKey(s.records[of.member.custodian.record], s.policy(of).takeover)
}

func (s *signersOf) reverse(e *entitlement, x *transaction) {
	kind := kGenesis
	if of := s.original(x.ref); of != nil {
		kind = of.x.kind
	}
	if kind == kMerge {
		e.also(s.merges(x))
		return
	}
	any := kind == kGenesis && !broke("reverse-of-nothing")
	if any || kind == kFund {
		s.role(e, roleTreasurer, none)
	}
	if any || kind == kFund && (s.shop(x.credit) || broke("merchant-reverses-any-fund")) {
		s.role(e, roleMerchant, x.credit)
	}
	if any || kind == kIssue || kind == kOpeningBalance {
		s.role(e, roleIssuer, x.credit)
	}
	if any || kind == kRedeem || kind == kCapture || kind == kClaim {
		s.role(e, roleMerchant, x.debit)
	}
}

// source: the key of an old system that has this record signed.
func (s *signersOf) source(number int64) bool {
	of := s.record(number)
	if of == nil || !of.hasRole(roleSource) && !broke("source-of-any-role") {
		return false
	}
	for _, one := range s.list {
		if one.class == 0 && (one.number == number || broke("source-that-is-named")) {
			return true
		}
	}
	return false
}

// merchant: a merchant's key signed whose scope has the account.
func (s *signersOf) merchant(number int64) bool {
	e := &entitlement{}
	s.role(e, roleMerchant, number)
	return e.holds
}

// shop: an account is a merchant's.
func (s *signersOf) shop(number int64) bool {
	of := s.account(number)
	return of != nil && of.kind() == kindMerchant
}

// original is the accepted movement of an id that can be reversed.
func (l *ledger) original(ref id) *original {
	if of := l.ids[ref]; of != nil {
		return of.accepted
	}
	return nil
}
