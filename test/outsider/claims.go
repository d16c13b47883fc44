package main

// What exists once is claimed (SPEC §7), and the serials of claims in a statement (SPEC §10).

const (
	seriesMax   = 1 << 32
	seriesDepth = 32
)

// series is what a claim is of: an account of that kind and of the unit of the debit.
func (a *attemptAt) series(debit *account) *account {
	of := a.account(a.x.series)
	if of == nil {
		a.refuse(oAccountUnknown)
		return nil
	}
	a.when(debit != nil && debit.unit() != of.unit(), oUnitMismatch)
	if of.kind() != kindSeries {
		a.refuse(oAccountKind)
		return nil
	}
	return of
}

// claim: a reference once, and once more when the first claim was reversed as a whole.
func (a *attemptAt) claim(debit *account) {
	x := a.x
	of := a.series(debit)
	if of == nil {
		return
	}
	a.when(len(of.claims) >= seriesMax, oSeriesFull)
	if to := a.account(x.credit); to != nil && !broke("claim-elsewhere") {
		sponsor := of.opening.sponsor
		a.when(sponsor == nil && to.kind() != kindTreasury || sponsor != nil && *sponsor != x.credit, oSponsorMismatch)
	}
	if x.memberRef != nil {
		a.when(!a.free(x), oClaimedBefore)
	}
	a.then(func() { of.claims = append(of.claims, x.leaf) })
}

func (a *attemptAt) free(x *transaction) bool {
	before := [2]*original{}
	for _, one := range a.ids {
		if of := one.accepted; of != nil && of.x.kind == kClaim && of.x.series == x.series && of.x.memberRef != nil &&
			*of.x.memberRef == *x.memberRef {
			before[of.x.round] = of
		}
	}
	if before[x.round] != nil && !broke("claimed-once") {
		return false
	}
	return x.round == 0 || before[0] != nil && (before[0].left() == 0 || broke("claimed-again"))
}

// claimsRoot is `more` of a series.
func (a *account) claimsRoot() hash {
	if len(a.claims) == 0 {
		return hash{}
	}
	return listRoot(a.claims, seriesDepth)
}

type shownSerial struct {
	line, serial uint64
	path         []hash
}

type shownSeries struct {
	account shownAccount
	path    []hash
	serials []shownSerial
}

func readSeries(r *cbor, max int) shownSeries {
	r.fields(3, "statement")
	made := shownSeries{account: readAccount(r), path: r.hashes(accountDepth)}
	made.serials = make([]shownSerial, r.list(0, max))
	for i := range made.serials {
		r.fields(3, "statement")
		made.serials[i] = shownSerial{r.uint(exactMax), r.uint(seriesMax - 1), r.hashes(seriesDepth)}
	}
	return made
}

// checkSeries: each claim among the lines shown stands in its series, which the seal commits to, at its number.
func (a *audit) checkSeries() {
	const code = "series-proof"
	last := int64(-1)
	serials := map[uint64]bool{}
	for _, one := range a.seriesShown {
		number := int64(one.account.number)
		check(number > last || broke("series-increase"), code, "series out of order")
		last = number
		check(listed(one.account.root(), one.account.number, a.sealed.accounts, one.path, accountDepth, a.sealed.state) ||
			broke("series-sealed"), code, "the seal does not commit to this series")
		check(one.account.kind == kindSeries || broke("series-kind"), code, "no series")
		for _, shown := range one.serials {
			isLine := shown.line > a.since && shown.line <= a.account.entries
			check(isLine, code, "no such line")
			x := a.lines[shown.line-1].x
			check(x.kind == kClaim && (x.series == number || broke("serial-of-series")) && !serials[shown.line], code,
				"line %d is no claim of this series", shown.line)
			serials[shown.line] = true
			check(one.account.entries > 0 && listed(x.leaf, shown.serial, one.account.entries-1, shown.path, seriesDepth, one.account.more) ||
				broke("serial"), code, "line %d has another serial", shown.line)
		}
	}
	for i, one := range a.lines {
		number := uint64(i + 1)
		check(one.x.kind != kClaim || number <= a.since || serials[number] || broke("serial-shown"), code, "line %d has no serial", number)
	}
}

// claimedTwice: two claims of one reference and round that their batches accepted.
func (c *caseOf) claimedTwice() bool {
	type what struct {
		series, round int64
		ref           id
	}
	seen := map[what]bool{}
	return c.some(func(index uint64, _ []byte) bool {
		x := c.transactionAt(index)
		if x == nil || x.kind != kClaim || x.memberRef == nil || !c.accepted(index) && !broke("evidence-claim-accepted") {
			return false
		}
		mine := what{x.series, x.round, *x.memberRef}
		if broke("evidence-claim-round") {
			mine.round = 0
		}
		twice := seen[mine]
		seen[mine] = true
		return twice
	})
}

// accepted: a batch that is shown announces the entry at this index, and accepted it.
func (c *caseOf) accepted(index uint64) bool {
	return c.some(func(b uint64, _ []byte) bool {
		made := c.batchAt(b)
		return made != nil && index > b && index <= b+uint64(made.count) && made.status(int(index-b-1)) == 0
	})
}
