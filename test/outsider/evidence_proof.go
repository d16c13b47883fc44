package main

import "strings"

// What evidence proves, SPEC §11. A note of evidence is opened under the log's keys alone.

func openLoosely(document []byte, trust *policy) *checkpoint {
	text, rest, found := strings.Cut(string(document), "\n\n")
	check(found, "checkpoint", "no empty line")
	text += "\n"
	made := parseCheckpoint(text)
	made.policy = trust
	logs := trust.logsOf(made.origin)
	check(len(logs) > 0, "unknown-log", "%q is no log of the policy", made.origin)
	for _, raw := range strings.Split(rest, "\n") {
		var line noteLine
		if attempt(func() { line = parseNoteLine(raw) }) != nil {
			continue
		}
		for _, key := range logs {
			if key.understood() && key.keyName == line.keyName {
				if _, holds := verifyLine(key, text, line.signature); holds {
					return made
				}
			}
		}
	}
	fail("log-signature", "the log did not sign it")
	return nil
}

// caseOf is evidence with its notes opened and its proofs recomputed, row by row as SPEC §11 has them.
type caseOf struct {
	*evidenceFile
	trust               *policy
	checkpoint, earlier *checkpoint
	byIndex             map[uint64][]byte
}

var logFaults = map[string]func(*caseOf) bool{}

// verifyEvidence returns where the file proves what its code says, and fails where not.
func verifyEvidence(document []byte, trust *policy) *evidenceFile {
	c := &caseOf{evidenceFile: parseEvidence(document), trust: trust, byIndex: map[uint64][]byte{}}
	switch c.code {
	case "forked":
		c.forked()
	case "promise-broken", "promise-overdue":
		c.promised()
	case "continued-twice":
		c.twoStatements()
		check(c.continuedTwice(), "not-proven", "the ledger did not go on in two logs")
	case "totals-false":
		check(c.opened != nil, "not-proven", "no totals are shown")
		shown := parseOpened(c.opened)
		check(!shown.isTrue(openLoosely(shown.note, c.trust)), "not-proven", "the totals are those of the seal")
	case "refusal-false":
		c.pretext()
	case "line-late":
		c.twoStatements()
		check(c.lineLate(), "not-proven", "no line is late")
	default:
		shows, direct := logFaults[c.code]
		check(direct || replayedFaults[c.code], "needs-observer", "nobody signed that")
		c.checkpoint = c.note(c.evidenceFile.checkpoint)
		c.readEntries()
		if !direct || !shows(c) {
			c.replay()
		}
	}
	return c.evidenceFile
}

// note is a note that has to be shown, opened under the log's keys alone.
func (c *caseOf) note(document []byte) *checkpoint {
	check(document != nil, "not-proven", "a checkpoint is not shown")
	return openLoosely(document, c.trust)
}

func (c *caseOf) twoStatements() {
	check(c.statement != nil && c.earlierStatement != nil, "not-proven", "not both statements are shown")
}

// readEntries: each is in the checkpoint's tree, above the one before, and of rules that are known.
func (c *caseOf) readEntries() {
	last := int64(-1)
	for _, one := range c.entries {
		c.readEntry(one)
		check(int64(one.index) > last, "not-proven", "entries out of order")
		knownRules(one.raw)
		last = int64(one.index)
	}
	check(len(c.entries) > 0, "needs-observer", "no entry is shown")
}

func (c *caseOf) readEntry(one shownEntry) {
	check(c.checkpoint.includes(one.raw, one.index, one.proof), "inclusion-proof", "entry %d is not in the tree", one.index)
	c.byIndex[one.index] = one.raw
}

// knownRules: an entry of later rules than these says nothing to this verifier, and nothing of the operator.
func knownRules(raw []byte) {
	var failure *Failure
	switch typeOf(raw) {
	case 1:
		failure = attempt(func() { parseBatch(raw) })
	case 3:
		failure = attempt(func() { parseSeal(raw) })
	}
	if failure != nil && (failure.Code == "batch-version" || failure.Code == "seal-version") {
		panic(*failure)
	}
}

// beginning is the root of the first entries of a tree: of all of them its own, of fewer the one that is shown, from
// which the proof has to lead to it.
func (c *caseOf) beginning(size uint64, larger *checkpoint) hash {
	if size == larger.size {
		return larger.root
	}
	check(c.root != nil && c.hasProof, "not-proven", "nothing says with what the larger tree begins")
	check(grew(size, *c.root, larger.size, larger.root, c.proof), "consistency-proof", "the proof leads nowhere")
	return *c.root
}

func (c *caseOf) forked() {
	c.earlier = c.note(c.evidenceFile.earlier)
	c.checkpoint = c.note(c.evidenceFile.checkpoint)
	check(c.checkpoint.origin == c.earlier.origin || broke("forked-one-log"), "not-proven", "two logs")
	smaller, larger := c.earlier, c.checkpoint
	if smaller.size > larger.size {
		smaller, larger = larger, smaller
	}
	check(c.beginning(smaller.size, larger) != smaller.root, "not-proven", "the one is the beginning of the other")
}

func (c *caseOf) promised() {
	c.checkpoint = c.note(c.evidenceFile.checkpoint)
	check(c.promise != nil, "not-proven", "no promise is shown")
	c.promise.verify(&policy{logs: c.trust.logsOf(c.checkpoint.origin)})
	if c.code == "promise-broken" {
		check(c.promise.size <= c.checkpoint.size, "not-proven", "the checkpoint has not that size yet")
		check(c.beginning(c.promise.size, c.checkpoint) != c.promise.root, "not-proven", "the promise was kept")
		return
	}
	check(c.checkpoint.size < c.promise.size, "not-proven", "the checkpoint is large enough")
	check(c.sealedAfter(c.promise.deadline), "needs-observer", "nothing says that the deadline was over")
}

// sealedAfter: the last entry is shown, and a seal of a later time.
func (c *caseOf) sealedAfter(time int64) bool {
	for _, one := range c.entries {
		if one.index == c.checkpoint.size-1 {
			c.readEntry(one)
		}
	}
	last, shown := c.byIndex[c.checkpoint.size-1]
	return shown && typeOf(last) == 3 && (parseSeal(last).time > time || broke("overdue-after-deadline"))
}

// lineLate: an entry of the account that an earlier seal, which did not count it, had below it.
func (c *caseOf) lineLate() bool {
	later, before := c.open(c.statement), c.open(c.earlierStatement)
	is, was := c.statement.account, c.earlierStatement.account
	if later.ledger != before.ledger && !broke("late-ledger") || is.number != was.number && !broke("late-account") || is.opening != was.opening && !broke("late-opening") {
		return false
	}
	if later.checkpoint.origin != before.checkpoint.origin && !beginsWith(logsUnder(c.statement, c.trust), before.checkpoint) {
		return false
	}
	fresh := uint64(0) // the first new line among those shown
	head := was.head
	if c.statement.since == 0 {
		fresh = was.entries
		head = sum([]byte("tallystick/head/v1"))
	} else if c.statement.since != was.entries {
		return false
	}
	lines := c.statement.lines
	if fresh >= uint64(len(lines)) {
		return false
	}
	old, counts := c.split(fresh)
	middle := c.headOf(head, lines[:fresh], old)
	if middle != was.head && !broke("late-earlier-head") {
		return false
	}
	if c.headOf(middle, lines[fresh:], counts) != is.head && !broke("late-head") {
		return false
	}
	return c.placedBelow(later, was.entries, before.checkpoint.size)
}

// split are the links of the first lines shown, and those behind.
func (c *caseOf) split(first uint64) (before, behind []uint64) {
	for _, one := range c.statement.links {
		if first >= one.count && len(behind) == 0 {
			before, first = append(before, one.count), first-one.count
		} else {
			behind = append(behind, one.count)
		}
	}
	return before, behind
}

// headOf is the head behind some lines: of a member each is a link.
func (c *caseOf) headOf(head hash, lines [][]byte, counts []uint64) hash {
	if c.statement.account.kind != kindMember {
		return headOfLinks(head, lines, counts)
	}
	for _, raw := range lines {
		leaf := leafHash(raw)
		head = sum(head[:], leaf[:])
	}
	return head
}

func (c *caseOf) placedBelow(later *audit, known, size uint64) bool {
	s := c.statement
	for _, place := range s.places {
		if place.line <= known || place.line-1-s.since >= uint64(len(s.lines)) || place.at >= uint64(len(s.batches)) {
			continue
		}
		in := s.batches[place.at]
		if in.index >= size && !broke("late-below") || !later.checkpoint.includes(in.raw, in.index, in.path) {
			continue
		}
		b := parseBatch(in.raw)
		leaf := leafHash(s.lines[place.line-1-s.since])
		if b.holds(leaf, place.position, place.path) && (b.status(int(place.position)) == 0 || broke("late-accepted")) {
			return true
		}
	}
	first := s.since
	for _, one := range s.links {
		at, end := one.at, first+one.count
		lines := s.lines[first-s.since : end-s.since]
		first = end
		if at == nil || *at >= uint64(len(s.batches)) || end-one.count < known {
			continue
		}
		in := s.batches[*at]
		if in.index >= size && !broke("late-batch-below") || !later.checkpoint.includes(in.raw, in.index, in.path) {
			continue
		}
		var leaves []hash
		for _, raw := range lines {
			leaves = append(leaves, leafHash(raw))
		}
		b := parseBatch(in.raw)
		if uint64(b.count) == one.count && batchRoot(leaves) == b.root && (b.status(0) == 0 || broke("late-batch-accepted")) {
			return true
		}
	}
	return false
}

// open checks of a statement of evidence the checkpoint, genesis-proof, seal-proof and account-proof.
func (c *caseOf) open(s *statement) *audit {
	a := &audit{statement: s, reader: reader{policy: c.trust}}
	a.checkpoint = openLoosely(s.checkpoint, c.trust)
	a.checkFirst()
	a.checkLast()
	check(listed(s.account.root(), s.account.number, a.sealed.accounts, s.accountPath, accountDepth, a.sealed.state),
		"account-proof", "the seal does not commit to this account")
	return a
}
