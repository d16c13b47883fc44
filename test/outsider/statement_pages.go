package main

import "slices"

// Pages of a statement, SPEC §10: what the lines of one make of the account is where the next goes on from. So what a
// page showed is kept for the next, as a wallet keeps it between visits.

// saidThen is how many entries an account had under a checkpoint, with which head.
type saidThen struct {
	entries, size uint64
	head          *hash
}

// paging is what pages before the one at hand leave.
type paging struct {
	isPage bool       // one of several
	isNext bool       // behind another
	said   []saidThen // and what was kept before the first
	times  map[uint64]int64
	first  uint64 // since of the first page
}

// verifyPages checks a file of pages, one behind the other.
func verifyPages(document []byte, by reader) *audit {
	var last *audit
	pages := paging{isPage: true, times: map[uint64]int64{}}
	r := &cbor{b: document}
	for r.at < len(r.b) {
		r.fields(3, "statement")
		check(r.text() == "tallystick/page/v1", "statement", "another format")
		growth, raw := r.hashes(logPathMax), r.bytes()
		check(last == nil || last.isPart(), "kept-state", "something follows the last page")
		a := &audit{statement: parseStatement(raw), reader: by, verified: map[sigKey]bool{}, paging: pages}
		a.growth = growth
		if !pages.isNext {
			a.first = a.since
		}
		a.run()
		by, pages, last = a.carried(), a.paging, a
		pages.isNext = true
	}
	check(last != nil && !last.isPart(), "pages-missing", "the last page is not there")
	return last
}

// isPart: others follow the page.
func (a *audit) isPart() bool {
	return a.isPage && a.since+uint64(len(a.statement.lines)) < a.account.entries
}

// count is how many lines are known of the account.
func (a *audit) count() uint64 {
	if a.isPart() {
		return a.since + uint64(len(a.statement.lines))
	}
	return a.account.entries
}

// carried is the reader of the next page.
func (a *audit) carried() reader {
	next := a.reader
	made := &kept{ledger: a.ledger, account: a.account.number, opening: a.account.opening, size: a.checkpoint.size}
	for i, one := range a.lines {
		made.entries = append(made.entries, a.raw(uint64(i+1)))
		made.times = append(made.times, one.when)
	}
	if a.kept != nil {
		made.links = append(made.links, a.kept.links...)
		for _, one := range a.kept.records {
			if a.byNumber[one.number] == nil {
				made.records = append(made.records, one)
			}
		}
	}
	for _, one := range a.links {
		made.links = append(made.links, one.count)
	}
	for _, one := range a.records {
		made.records = append(made.records, keptRecord{one.number, one.until, one.next, a.checkpoint.size, leafHash(one.entry)})
	}
	next.kept = made
	var names []string
	for _, one := range a.logs {
		if one.origin == a.checkpoint.origin {
			break
		}
		names = append(names, one.origin)
	}
	next.seen = slices.DeleteFunc(slices.Clone(a.seen), func(one seenCheckpoint) bool { return one.origin == a.checkpoint.origin })
	next.seen = append(next.seen, seenCheckpoint{a.checkpoint.origin, a.checkpoint.size, a.checkpoint.root, names})
	head := a.account.head
	a.said = append(a.said, saidThen{a.account.entries, a.checkpoint.size, &head})
	for _, one := range a.batches {
		a.times[one.index] = one.read.time
	}
	return next
}

// checkLate: a line that somebody was told there was not stood in no batch below the checkpoint of then.
func (a *audit) checkLate() {
	if a.kept != nil && !a.isNext {
		a.said = append(a.said, saidThen{uint64(len(a.kept.entries)), a.kept.size, nil})
	}
	for _, then := range a.said {
		for i, one := range a.lines {
			check(uint64(i) < then.entries || one.batch == nil || one.index() >= then.size || broke("line-late"), "line-late",
				"line %d stood below a checkpoint under which it was not there", i+1)
		}
	}
}

// checkSaid: where a page before said how many entries the account had, their chain is the head that it had.
func (a *audit) checkSaid() {
	for _, then := range a.said {
		if then.head != nil && then.entries <= a.count() {
			check(a.headAfter(then.entries) == *then.head || broke("page-head"), "head", "the chain of %d lines is another", then.entries)
		}
	}
}

// headAfter is the head behind the first lines.
func (a *audit) headAfter(count uint64) hash {
	head := sum([]byte("tallystick/head/v1"))
	if a.isBook() {
		var lines [][]byte
		for i := uint64(0); i < count; i++ {
			lines = append(lines, a.raw(i+1))
		}
		counts, sum := []uint64{}, uint64(0)
		for _, one := range a.countLinks() {
			if sum < count {
				counts, sum = append(counts, one), sum+one
			}
		}
		return headOfLinks(head, lines, counts)
	}
	for _, one := range a.lines[:count] {
		head = sum(head[:], one.x.leaf[:])
	}
	return head
}

// checkAllTimes: the times of all batches of all pages do not go back.
func (a *audit) checkAllTimes() {
	for _, one := range a.batches {
		a.times[one.index] = one.read.time
	}
	var indexes []uint64
	for index := range a.times {
		indexes = append(indexes, index)
	}
	slices.Sort(indexes)
	for i, index := range indexes {
		check(i == 0 || a.times[index] >= a.times[indexes[i-1]] || broke("page-times"), "evidence-order",
			"a batch of an earlier time than one before, of another page")
	}
}

func init() {
	verifiers["pages"] = func(l *lie) facts {
		a := verifyPages(l.document(), readerOf(l))
		shown := a.count() - a.first
		a.since = a.first
		said := a.facts()
		said["lines"] = shown
		// Of lines of pages before, those pages said who signed.
		delete(said, "signers")
		return said
	}
}
