package main

// Statements of merchants and budgets, SPEC §10: accounts without a holder, whose chain has a link a batch.

// shownLink says how many lines a link has, and where they are all of a batch, which one.
type shownLink struct {
	count uint64
	at    *uint64
}

func readLink(r *cbor) shownLink {
	r.fields(2, "statement")
	made := shownLink{count: r.uint(exactMax)}
	if !r.null() {
		at := r.uint(exactMax)
		made.at = &at
	}
	return made
}

func (a *audit) isBook() bool { return a.account.kind == kindMerchant || a.account.kind == kindBudget }

// checkLinks: a member has none, and those of a book have as many lines as are shown.
func (a *audit) checkLinks() {
	sum := uint64(0)
	for _, one := range a.links {
		check(a.isBook() || broke("links-of-a-member"), "line-count", "a member has no links")
		check(one.count > 0 && one.count <= 8192 || broke("empty-link"), "line-count", "a link of %d lines", one.count)
		sum += one.count
	}
	check(!a.isBook() || sum == uint64(len(a.statement.lines)) || broke("links-in-sum"), "line-count",
		"links of %d lines, and %d are shown", sum, len(a.statement.lines))
}

// countLinks is how many lines each link has, those kept first.
func (a *audit) countLinks() (counts []uint64) {
	if a.kept != nil && a.since > 0 {
		counts = append(counts, a.kept.links...)
	}
	for _, one := range a.links {
		counts = append(counts, one.count)
	}
	return counts
}

// linkOf is the number of the link of each line, from the first.
func (a *audit) linkOf() (of []int) {
	for i, count := range a.countLinks() {
		for n := uint64(0); n < count; n++ {
			of = append(of, i)
		}
	}
	return of
}

// placeWhole: the lines of a link that has a batch are all of that, in order.
func (a *audit) placeWhole() {
	first := a.since
	for _, one := range a.links {
		if one.at == nil {
			first += one.count
			continue
		}
		const code = "evidence-proof"
		check(*one.at < uint64(len(a.batches)), code, "the batch of line %d is not shown", first+1)
		in := a.batches[*one.at]
		var leaves []hash
		for n := uint64(0); n < one.count; n++ {
			leaves = append(leaves, leafHash(a.raw(first+n+1)))
		}
		check(one.count == uint64(in.read.count) && batchRoot(leaves) == in.read.root || broke("whole-batch"), code,
			"lines that are not all of the batch at %d", in.index)
		for n := uint64(0); n < one.count; n++ {
			a.lines[first+n].at(in, n)
		}
		first += one.count
	}
}

func (l *line) at(batch *shownBatch, position uint64) {
	l.batch, l.position, l.when = batch, position, clock{batch.read.time, true}
}

// checkLinked: lines of one link are of one batch, and lines of two of two.
func (a *audit) checkLinked() {
	of, last := a.linkOf(), -1
	for i, one := range a.lines {
		if one.batch == nil || i >= len(of) {
			continue
		}
		if last >= 0 {
			same := a.lines[last].batch == one.batch
			check((of[last] == of[i]) == same || broke("link-of-one-batch"), "evidence-order", "line %d is of another batch than its link", i+1)
		}
		last = i
	}
}

// headOfLinks is the head that lines make with so many of them a link.
func headOfLinks(head hash, lines [][]byte, counts []uint64) hash {
	for _, count := range counts {
		if count > uint64(len(lines)) {
			return hash{}
		}
		var leaves []hash
		for _, raw := range lines[:count] {
			leaves = append(leaves, leafHash(raw))
		}
		lines = lines[count:]
		link := batchRoot(leaves)
		head = sum(head[:], link[:])
	}
	if len(lines) > 0 {
		return hash{}
	}
	return head
}

// adds: the line only brings points, so it needs no place.
func (a *audit) adds(x *transaction) bool {
	switch x.kind {
	case kFund, kIssue, kOpeningBalance, kRedeem, kClaim, kCapture, kReverse, kSettle, kConvert, kTransfer, kTake, kHold, kExpire:
		return a.is(x.credit)
	}
	return false
}

// isOf: the line names the account where the table of §7 has a merchant, or a budget.
func (a *audit) isOf(x *transaction) bool {
	if x.kind == kReverse {
		return a.is(x.debit) || a.is(x.credit)
	}
	if a.account.kind == kindMerchant {
		switch x.kind {
		case kRedeem, kClaim, kCapture:
			return a.is(x.credit)
		case kFund, kSettle:
			return a.is(x.debit)
		case kAskSettle:
			return a.is(x.account)
		}
		return false
	}
	switch x.kind {
	case kFund:
		return a.is(x.credit)
	case kIssue, kOpeningBalance:
		return a.is(x.debit)
	case kConvert:
		return a.is(x.budget)
	case kSetBudget:
		return a.is(x.account)
	}
	return false
}

// bookSum is what the entries of one kind came to.
type bookSum struct {
	kind   int
	count  int
	change int64
}

type book struct {
	used  map[id]*original // what can be reversed or settled, and what of it was
	terms *budgetTerms
	sums  []bookSum
}

// asked is what was asked for and not settled.
func (b *book) asked() (sum int64) {
	for _, one := range b.used {
		if one.x.kind == kAskSettle {
			sum += one.left()
		}
	}
	return sum
}

func (b *book) add(kind int, change int64) {
	for i := range b.sums {
		if b.sums[i].kind == kind {
			b.sums[i].count++
			b.sums[i].change += change
			return
		}
	}
	b.sums = append(b.sums, bookSum{kind, 1, change})
}

func (a *audit) checkBookLines() {
	a.state, a.book = &member{}, &book{used: map[id]*original{}}
	seen := map[id]bool{}
	for i, one := range a.lines {
		if i > 0 {
			one.x = parseTransaction(a.raw(uint64(i + 1)))
		}
		check(one.when.known || a.adds(one.x) || broke("book-place-needed"), "evidence-missing", "line %d has no place", i+1)
		check((i == 0) == (one.x.kind == kOpenAccount) && (i == 0 || a.isOf(one.x) || broke("book-line-kind")), "line-kind",
			"line %d does not belong to the account", i+1)
		check(!seen[one.x.id] || broke("book-line-repeated"), "line-repeated", "the id of line %d stands twice", i+1)
		seen[one.x.id] = true
		one.before = &member{}
		change := int64(0)
		if i > 0 {
			v := &verdict{}
			change = a.applyToBook(v, one, i+1)
			check(v.least == 0, "line-rule", "line %d would have been refused: %d", i+1, v.least)
		}
		a.state.balance += change
		a.book.add(one.x.kind, change)
		switch one.x.kind {
		case kFund, kIssue, kOpeningBalance, kRedeem, kCapture, kClaim, kAskSettle:
			a.book.used[one.x.id] = &original{x: one.x, when: one.when}
		}
	}
}

// applyToBook is what a line adds to the balance.
func (a *audit) applyToBook(v *verdict, l *line, number int) (change int64) {
	x, p := l.x, a.unit
	switch {
	case x.kind == kSetBudget:
		if a.book.terms == nil {
			a.book.terms = &budgetTerms{given: map[int64]*given{}}
		}
		a.book.terms.last = x
		return 0
	case x.kind == kAskSettle:
		v.when(x.amount%p.step != 0 && !broke("asked-step"), oOffStep)
		return 0
	case x.kind == kConvert:
		change = -x.gained
	case a.is(x.credit):
		change = x.amount
	default:
		change = -x.amount
	}
	v.when(x.debit == x.credit && !broke("book-same-account"), oSameAccount)
	v.when(max(change, -change)%p.step != 0 && !broke("book-step"), oOffStep)
	switch x.kind {
	case kIssue, kOpeningBalance:
		if x.matures+x.expires > 0 {
			v.when(x.expires != 0 && x.expires*quarterMs <= x.t && !broke("book-issued-past"), oDates)
			v.when(!onGrain(x.matures, p) || !onGrain(x.expires, p), oOffGrain)
		}
	case kReverse:
		a.useUp(v, l, a.book.used[x.ref], change, number)
	case kSettle:
		if x.asked != nil {
			of := a.book.used[*x.asked]
			fits := of != nil && (of.x.kind == kAskSettle || broke("settles-what-was-asked"))
			v.when(!fits, oOriginalUnknown)
			if fits {
				v.when(x.amount > of.left() && !broke("settled-over"), oOverOriginal)
				l.of = of.x
				of.reversed += x.amount
			}
		}
	}
	if to, amount, gives := gift(x); gives && a.book.terms != nil {
		a.underOwnTerms(v, to, amount, l.when.t)
	}
	v.when(a.state.balance+change < 0 && !broke("book-below-zero"), oInsufficient)
	v.when(a.state.balance > exactMax-change, oTotalOverflow)
	return change
}

// useUp: a reversal is between the accounts of its original, within the window, and of what is left of it.
func (a *audit) useUp(v *verdict, l *line, of *original, change int64, number int) {
	x := l.x
	between := of != nil && of.x.kind != kAskSettle &&
		(of.x.debit == x.credit && of.x.credit == x.debit || broke("book-original-between"))
	v.when(!between, oOriginalUnknown)
	if !between {
		return
	}
	check(of.when.known || change > 0 || broke("book-original-placed"), "evidence-missing", "the original of line %d has no place", number)
	late := l.when.known && of.when.known && l.when.t > of.when.t+a.unit.window
	v.when(late && !broke("book-window"), oWindowOver)
	v.when(x.amount > of.left() && !broke("book-reversed-over"), oOverOriginal)
	l.of = of.x
	of.reversed += x.amount
}

// gift is what a budget gives under its terms, and to whom.
func gift(x *transaction) (to, amount int64, gives bool) {
	switch x.kind {
	case kIssue:
		return x.credit, x.amount, true
	case kConvert:
		return x.gainer, x.gained, true
	}
	return 0, 0, false
}

// underOwnTerms: what a budget gave itself is within its own terms; what others gave under them is not shown.
func (a *audit) underOwnTerms(v *verdict, to, amount, now int64) {
	terms, self := a.book.terms, int64(a.account.number)
	last := terms.last
	closed := now < last.from || last.until != 0 && now >= last.until
	v.when(closed && !broke("book-terms-open"), oBudgetClosed)
	periods := periodsAt(now, a.unit)
	mine, sum := terms.after(to, amount, periods), terms.after(self, amount, periods)
	v.when(last.memberCaps.exceeded(mine, [4]bool{}) && !broke("book-member-caps"), oOverMemberCap)
	v.when(last.sumCaps.exceeded(sum, [4]bool{}) && !broke("book-sum-caps"), oOverBudgetCap)
	terms.given[to], terms.given[self] = mine, sum
}

// byShop: a fund took its points from a merchant account: this one, or the one that sponsors this budget.
func (a *audit) byShop(fund *transaction) bool {
	sponsor := a.lines[0].x.sponsor
	return a.account.kind == kindMerchant || sponsor != nil && *sponsor == fund.debit
}

// signedBook: anyone who has to sign a line of a merchant or a budget did.
func (s *session) signedBook() bool {
	x := s.line.x
	switch x.kind {
	case kOpenAccount:
		return s.key(roleTreasurer, none) || broke("book-opened-by-anyone")
	case kRedeem, kClaim, kConvert:
		return true // by a member, whose key is none that this statement can show
	case kFund:
		if s.byShop(x) && !broke("shop-funds") {
			return s.key(roleMerchant, x.debit)
		}
		return s.key(roleTreasurer, none)
	case kSettle:
		treasurer := s.key(roleTreasurer, none) || broke("settled-by-treasurer")
		if x.asked != nil || broke("settled-unasked") {
			return treasurer
		}
		return s.key(roleMerchant, x.debit) && treasurer
	case kAskSettle:
		return s.key(roleMerchant, x.account) || broke("asked-by-merchant")
	case kSetBudget:
		return s.key(roleTreasurer, none) || broke("terms-by-treasurer")
	case kReverse:
		switch s.line.of.kind {
		case kFund:
			shop := s.byShop(s.line.of) || broke("taken-back-by-shop")
			return either(s.key(roleTreasurer, none), shop && s.key(roleMerchant, x.credit))
		case kIssue, kOpeningBalance:
			return s.key(roleIssuer, x.credit)
		}
		return s.key(roleMerchant, x.debit) || broke("refund-by-merchant")
	}
	return s.signedByKind()
}

// checkRate: a conversion out of a budget is at a rate of it that stood.
func (s *session) checkRate() {
	x := s.line.x
	if x.kind != kConvert || !s.is(x.budget) {
		return
	}
	rate := s.byNumber[uint64(x.record)]
	check(rate != nil && rate.made.kind == kPublishRate, "record-missing", "the rate is not shown")
	check(rate.from < s.line.index() && (rate.until == 0 || rate.until > s.line.index() || broke("book-rate-stands")),
		"line-rule", "no rate that stood")
	expires := int64(0)
	if rate.made.life != 0 {
		for expires = (x.t+quarterMs-1)/quarterMs + rate.made.life; !onGrain(expires, s.unit); {
			expires++
		}
	}
	check(rate.made.budget == x.budget || broke("book-rate-of-budget"), "line-rule", "a rate of another budget")
	check(wide(x.amount, rate.made.get) == wide(x.gained, rate.made.give) || broke("book-rate"), "line-rule", "another rate")
	check(x.expires == expires || broke("book-rate-life"), "line-rule", "another end than the rate gives")
}

func (a *audit) bookFacts() facts {
	sums := []facts{}
	for _, one := range a.book.sums {
		sums = append(sums, facts{"kind": kindNames[one.kind], "count": one.count, "change": one.change})
	}
	var sponsor any
	if of := a.lines[0].x.sponsor; of != nil {
		sponsor = *of
	}
	return facts{"sums": sums, "asked": a.book.asked(), "sponsor": sponsor, "terms": a.book.terms != nil}
}

// kindNames are the names of those kinds that a merchant or a budget has, as SPEC §5 has them.
var kindNames = map[int]string{
	kOpenAccount: "open-account", kFund: "fund", kIssue: "issue", kRedeem: "redeem", kCapture: "capture",
	kReverse: "reverse", kSettle: "settle", kConvert: "convert", kSetBudget: "set-budget", kAskSettle: "ask-settle",
	kOpeningBalance: "opening-balance", kClaim: "claim",
}
