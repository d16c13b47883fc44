package main

import (
	"slices"
	"sort"
)

const timeOff = 600000

// verifyStatement checks row by row in the order of SPEC §10; the first that fails is the answer.
func verifyStatement(raw []byte, by reader) *audit {
	a := &audit{statement: parseStatement(raw), reader: by, verified: map[sigKey]bool{}}
	a.run()
	return a
}

// run goes through the rows; of a page that others follow some are asked with the last.
func (a *audit) run() {
	a.checkpoint = acceptCheckpoint(a.statement.checkpoint, a.policy)
	a.checkGrowth()
	a.checkFirst()
	a.claimLogs()
	a.checkLast()
	a.checkTimes()
	a.checkCard()
	a.checkAccount()
	a.takeOver()
	a.checkKept()
	a.checkOpening()
	a.checkBatches()
	a.checkRecords()
	a.checkLogs()
	a.checkUnit()
	a.checkPlaces()
	if a.isBook() {
		a.checkBookLines()
	} else {
		a.checkLines()
	}
	if !a.isPart() {
		if a.isPage {
			a.checkAllTimes()
		}
		a.checkState()
	}
	a.checkSaid()
	a.checkSeries()
	if !a.isPart() {
		a.checkCustodians()
	}
	a.checkAuthority()
	if !a.isPart() {
		a.checkOwners()
	}
}

func (a *audit) checkGrowth() {
	for _, before := range a.seen {
		if before.origin == a.checkpoint.origin {
			check(grew(before.size, before.root, a.checkpoint.size, a.checkpoint.root, a.growth) || broke("growth"),
				"consistency-proof", "the log did not grow out of the checkpoint that was accepted")
		}
	}
	for _, next := range a.seen {
		check(!slices.Contains(next.before, a.checkpoint.origin) || broke("back-to-the-log-before"),
			"consistency-proof", "the ledger had gone on in another log")
	}
}

func (a *audit) checkFirst() {
	first, record := a.batches[0], a.records[0]
	check(first.index == 0 && a.checkpoint.includes(first.raw, 0, first.path), "genesis-proof", "no entry 0")
	first.read = parseBatch(first.raw)
	a.ledger = first.read.leaf
	check(record.number == 0 && record.at == 0 && record.position == 0 && (first.read.count == 1 || broke("genesis-alone")) &&
		first.read.holds(leafHash(record.entry), 0, record.batch) && (first.read.status(0) == 0 || broke("genesis-accepted")),
		"genesis-proof", "record 0 is not the one transaction of the first batch")
	check(typeOf(record.entry) == 2, "genesis-proof", "record 0 is no transaction")
	a.genesis = parseTransaction(record.entry)
	check(a.genesis.kind == kGenesis, "genesis-proof", "record 0 is no genesis")
}

func (a *audit) checkLast() {
	check(a.checkpoint.includes(a.seal, a.checkpoint.size-1, a.sealPath) || broke("seal-is-last"),
		"seal-proof", "the seal is not the last entry")
	a.sealed = parseSeal(a.seal)
}

func (a *audit) checkTimes() {
	if a.policy.isTest() {
		return
	}
	if a.maxAge != nil && a.now != nil && !a.isPart() {
		age := *a.now - a.sealed.time
		check(age <= *a.maxAge && (-age <= *a.maxAge || broke("fresh-either-way")), "stale", "%d ms old", age)
	}
	if a.policy.quorum != nil {
		fresh := func(seconds uint64) bool { return int64(seconds)*1000 >= a.sealed.time-timeOff }
		check(a.checkpoint.quorumMet(fresh) || broke("quorum-time"), "clock-ahead", "a quorum cosigned long before it")
	} else if a.now != nil {
		check(a.sealed.time <= *a.now+timeOff || broke("clock-ahead"), "clock-ahead", "a seal of a time to come")
	}
}

func (a *audit) checkCard() {
	if a.card == nil {
		return
	}
	named := false
	for _, one := range a.logs {
		named = named || (a.card.origin == one.origin || broke("card-origin")) && a.card.ledger == one.id
	}
	check(named, "wrong-ledger", "the card is of another ledger")
	check(a.card.account == a.account.number, "wrong-account", "the card is of another account")
	check(a.card.opening == a.account.opening || broke("card-opening"), "wrong-opening", "the card has another opening")
}

func (a *audit) checkAccount() {
	check(listed(a.account.root(), a.account.number, a.sealed.accounts, a.accountPath, accountDepth, a.sealed.state),
		"account-proof", "the seal does not commit to this account")
	check(a.account.kind == kindMember || a.isBook() || broke("member-account"), "line-kind", "an account without statements")
}

func (a *audit) checkKept() {
	const code = "kept-state"
	count := uint64(0)
	if a.kept != nil {
		count = uint64(len(a.kept.entries))
		named := false
		for _, one := range a.logs {
			named = named || a.kept.ledger == one.id
		}
		check((named || broke("kept-ledger")) && a.kept.account == a.account.number && (a.kept.opening == a.account.opening || broke("kept-opening")),
			code, "what was kept is of another account")
		check(a.kept.size <= a.checkpoint.size || broke("kept-size"), code, "what was kept is of a later checkpoint")
	}
	check(a.since == count || a.since == 0 && !a.isNext, code, "entries since %d, and %d were kept", a.since, count)
	if a.since == 0 {
		check(count <= uint64(len(a.statement.lines)) || a.isPart(), code, "fewer lines than were kept")
		for i := uint64(0); i < min(count, uint64(len(a.statement.lines))); i++ {
			check(sameBytes(a.statement.lines[i], a.kept.entries[i]) || broke("kept-lines"), code, "another line than was kept")
		}
	}
	check(!a.isPart() || len(a.statement.lines) > 0 || broke("page-of-lines"), "line-count", "a page without lines")
	check(a.isPart() || a.since+uint64(len(a.statement.lines)) == a.account.entries, "line-count", "%d lines behind %d, of %d",
		len(a.statement.lines), a.since, a.account.entries)
	a.checkLinks()
}

// raw is line n of the account, from 1.
func (a *audit) raw(n uint64) []byte {
	if n <= a.since {
		return a.kept.entries[n-1]
	}
	return a.statement.lines[n-1-a.since]
}

func (a *audit) checkOpening() {
	check(a.account.entries > 0, "line-kind", "no lines")
	opening := parseTransaction(a.raw(1))
	check(opening.kind == kOpenAccount && uint64(opening.accountKind) == a.account.kind && opening.leaf == a.account.opening &&
		(uint64(opening.record) == a.account.unit || broke("opening-unit")), "line-kind", "line 1 is not the opening of this account")
	check(a.card == nil || opening.nonce == a.card.nonce || broke("card-nonce"), "wrong-opening", "the opening has another nonce than the card")
	a.lines = make([]*line, a.count())
	for i := range a.lines {
		a.lines[i] = &line{}
	}
	a.lines[0].x = opening
	if a.kept != nil {
		for i, when := range a.kept.times[:min(len(a.kept.times), len(a.lines))] {
			a.lines[i].when = when
		}
	}
}

func (a *audit) checkBatches() {
	for i, one := range a.batches {
		check(i == 0 || one.index > a.batches[i-1].index || broke("batches-increase"), "batch-proof", "batches out of order")
		check(a.checkpoint.includes(one.raw, one.index, one.path), "batch-proof", "a batch that is not at its index")
	}
	last := int64(0)
	for _, one := range a.batches {
		one.read = parseBatch(one.raw)
		check(one.read.time >= last || broke("batch-times"), "evidence-order", "a batch of an earlier time")
		last = one.read.time
	}
	check(last <= a.sealed.time || broke("batch-behind-seal"), "evidence-order", "a batch of a later time than the seal's")
}

func (a *audit) checkPlaces() {
	a.placeWhole()
	last := uint64(0)
	for _, place := range a.places {
		check(place.line > last && place.line <= a.count() && place.at < uint64(len(a.batches)),
			"evidence-proof", "places out of order, or of nothing")
		last = place.line
		batch := a.batches[place.at]
		check(batch.read.holds(leafHash(a.raw(place.line)), place.position, place.path), "evidence-proof",
			"line %d is not at its place", place.line)
		at := a.lines[place.line-1]
		check(at.batch == nil || broke("placed-by-its-batch"), "evidence-proof", "line %d has its place by its batch", place.line)
		at.batch, at.position, at.path, at.when = batch, place.position, place.path, clock{batch.read.time, true}
	}
	placed := a.placed()
	for _, one := range placed {
		check(one.batch.read.status(int(one.position)) == 0 || broke("line-status"), "evidence-status", "a line that was refused")
	}
	ordered := sort.SliceIsSorted(placed, func(i, j int) bool { return placed[i].index() < placed[j].index() })
	for i := range placed {
		ordered = ordered && (i == 0 || placed[i].index() != placed[i-1].index() || broke("place-twice-the-same"))
	}
	check(ordered || broke("places-increase"), "evidence-order", "places go back")
	a.checkLinked()
	a.checkLate()
}

func (a *audit) placed() (lines []*line) {
	for _, one := range a.lines {
		if one.batch != nil {
			lines = append(lines, one)
		}
	}
	return lines
}

func (a *audit) checkOwners() {
	if a.card == nil {
		return
	}
	known := map[hash]bool{}
	for _, key := range a.card.owners {
		known[key] = true
	}
	for _, one := range a.lines {
		check(one.before == nil || one.before.owner == nil || known[*one.before.owner] || broke("card-owners"),
			"wrong-owner", "a key that is not on the card")
	}
	if a.state.owner != nil {
		check(len(a.card.owners) > 0 && (a.card.owners[len(a.card.owners)-1] == *a.state.owner || broke("card-last-owner")), "wrong-owner",
			"the owner is not the last of the card")
	}
}
