package main

import (
	"strings"
	"unicode"
)

// The fields of the kinds of SPEC §5, one by one.

func (x *transaction) readMovement(r *txReader) {
	x.debit, x.credit = r.acct(), r.acct()
	if x.kind == kMerge {
		x.amount = r.points()
	} else {
		x.amount = r.amount()
	}
	switch x.kind {
	case kMerge:
		x.readParts(r)
	case kIssue:
		x.matures, x.expires = r.dates()
		x.record = r.rec()
	case kHold:
		x.until = r.time()
		check(x.until > 0, txCode, "a hold without an end")
	case kCapture, kReverse:
		x.ref = r.id()
	case kOpeningBalance:
		x.matures, x.expires = r.dates()
		x.record = r.rec()
		x.ref = r.id()
	case kReinstate:
		x.expires, x.ref = r.quarter(), r.id()
		check(x.expires != 0, txCode, "what is reinstated has an end")
	case kSettle:
		x.asked = r.maybeID()
	case kTransfer:
		x.matures, x.expires = r.dates()
	case kTake:
		x.matures, x.expires = r.lotDates()
	case kClaim:
		x.series, x.memberRef, x.round = r.acct(), r.maybeRef(), r.num(0, 1)
		check(x.memberRef != nil || x.round == 0, txCode, "what has no reference is claimed once")
	case kConvert:
		x.record, x.budget, x.gainer = r.rec(), r.acct(), r.acct()
		x.gained, x.expires = r.amount(), r.quarter()
	}
	x.details, x.cites = r.maybeHash(), r.maybeID()
}

// readParts: the parts of a merge, in the order of spending, one for equal dates, and in sum the amount.
func (x *transaction) readParts(r *txReader) {
	left := x.amount
	for count := r.list(0, partsMax); count > 0; count-- {
		r.fields(3, txCode)
		part := lot{}
		part.matures, part.expires = r.dates()
		part.amount = r.amount()
		last := len(x.parts) - 1
		check(last < 0 || x.parts[last].before(part) && !x.parts[last].sameDates(part), txCode, "parts out of order")
		check(part.amount <= left, txCode, "parts of more than the amount")
		left -= part.amount
		x.parts = append(x.parts, part)
	}
	check(left == 0, txCode, "parts of less than the amount")
}

func (x *transaction) readOrigin(r *txReader) {
	x.origin, x.logKey = r.text(), r.key()
	check(len(x.origin) >= 1 && len(x.origin) <= 255 && !strings.ContainsRune(x.origin, '+') &&
		strings.IndexFunc(x.origin, func(c rune) bool { return unicode.IsSpace(c) || c < ' ' }) < 0,
		txCode, "%q is no origin", x.origin)
}

func (x *transaction) readGenesis(r *txReader) {
	x.readOrigin(r)
	x.roots = r.keys(4)
	x.need = int(r.num(1, uint64(len(x.roots))))
	x.skew, x.beat, x.promise = r.num(1000, 3600000), r.num(60000, 3600000), r.num(1000, 86400000)
}

func (x *transaction) readKey(r *txReader) {
	x.key, x.role = r.key(), r.num(0, 8)
	x.scope = r.accountsUpTo(scopeMax)
	scoped := x.role == roleIssuer || x.role == roleMerchant
	check(scoped == (len(x.scope) > 0), txCode, "a scope that does not fit the role")
	x.backdate, x.rate = r.time(), r.points()
	dated := x.role == roleIssuer || x.role == roleRegistrar || x.role == roleTreasurer
	check(dated || x.backdate == 0, txCode, "a backdate that does not fit the role")
	if !r.null() {
		x.succeeds = r.rec()
		check(x.role == roleCustodian, txCode, "who is no custodian succeeds none")
	}
}

func (x *transaction) readUnit(r *txReader) {
	x.name = r.name()
	p := &x.policy
	p.cap, p.step = r.amount(), r.amount()
	p.giftEach, p.giftDay, p.debtMax = r.points(), r.points(), r.points()
	p.custody, p.window, p.holdMax = r.num(0, 15), r.time(), r.time()
	p.offset, p.grain = r.num(0, 112), r.num(1, 96)
	p.take, p.collect = r.takes(), none
	if !r.null() {
		p.collect = r.quarter()
	}
	p.takeover = r.time()
	p.balanceMax, p.notice, p.memberRate = r.points(), r.time(), r.points()
	bound := p.window
	if bound == 0 {
		bound = 31536000000
	}
	check(p.holdMax >= 1 && p.holdMax <= bound, txCode, "a hold-max of %d", p.holdMax)
	check(96%p.grain == 0, txCode, "a grain that does not divide 96")
	check(p.takeover >= 604800000, txCode, "a takeover of less than a week")
}

func (x *transaction) readOpening(r *txReader) {
	x.accountKind, x.record, x.terms = r.num(1, 6), r.rec(), r.hash()
	x.owner, x.custodian, x.recovery = r.maybeKey(), r.maybeCustodian(), r.maybeRecovery()
	x.sponsor, x.memberRef, x.nonce = r.maybeAcct(), r.maybeRef(), r.hash()
	mayHave := x.accountKind == kindMember || x.accountKind == kindBudget || x.accountKind == kindSeries
	check(x.sponsor == nil || mayHave, txCode, "an account of this kind has no sponsor")
	check(x.memberRef == nil || x.accountKind == kindMember, txCode, "an account of this kind has no reference")
	if x.accountKind == kindMember {
		check(x.owner != nil || x.custodian != nil, txCode, "a member's account in nobody's hands")
		check(!x.recovery.has(x.owner), txCode, "a recovery key that is the owner's")
	} else {
		check(x.owner == nil && x.custodian == nil && x.recovery == nil, txCode, "an account of this kind has no owner")
	}
}
