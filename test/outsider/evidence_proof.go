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

// caseOf is evidence with its notes opened and its proofs recomputed.
type caseOf struct {
	*evidenceFile
	trust               *policy
	checkpoint, earlier *checkpoint
	byIndex             map[uint64][]byte
	rootHolds           bool // proof leads from root to the checkpoint's
}

var logFaults = map[string]func(*caseOf) bool{}

// verifyEvidence returns where the file proves what its code says, and fails where not.
func verifyEvidence(document []byte, trust *policy) *evidenceFile {
	e := parseEvidence(document)
	c := &caseOf{evidenceFile: e, trust: trust, byIndex: map[uint64][]byte{}}
	if e.checkpoint != nil {
		c.checkpoint = openLoosely(e.checkpoint, trust)
	}
	if e.earlier != nil {
		c.earlier = openLoosely(e.earlier, trust)
	}
	if e.promise != nil {
		e.promise.transactions = nil
		check(trust.signedByLog(e.promise.message(), e.promise.signature), "promise-signature", "the log did not promise it")
		check(included(leafHash(e.promise.batch), e.promise.index, e.promise.size, e.promise.path, e.promise.root),
			"inclusion-proof", "the promised batch is not in the promised tree")
	}
	c.checkProof()
	for i, one := range e.entries {
		check(i == 0 || one.index > e.entries[i-1].index, "not-proven", "entries out of order")
		check(c.checkpoint != nil && c.checkpoint.includes(one.raw, one.index, one.proof), "inclusion-proof",
			"entry %d is not in the checkpoint's tree", one.index)
		c.byIndex[one.index] = one.raw
	}
	for _, one := range e.entries {
		knownRules(one.raw)
	}
	c.prove()
	return e
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

// checkProof: where a root is shown, the proof leads from it, at the smaller size, to the larger tree.
func (c *caseOf) checkProof() {
	if c.root == nil || c.checkpoint == nil {
		return
	}
	larger, size := c.checkpoint, uint64(0)
	switch {
	case c.earlier != nil:
		size = c.earlier.size
		if size > larger.size {
			larger, size = c.earlier, c.checkpoint.size
		}
	case c.promise != nil:
		size = c.promise.size
		check(c.code != "promise-broken" || size <= larger.size, "not-proven", "the checkpoint has not that size yet")
	case c.log != nil:
		size = c.log.entries
	default:
		return
	}
	check(grew(size, *c.root, larger.size, larger.root, c.proof), "consistency-proof", "the proof leads nowhere")
	c.rootHolds = true
}

func (c *caseOf) prove() {
	switch c.code {
	case "forked":
		check(c.forked(), "not-proven", "no fork is shown")
		return
	case "promise-broken":
		shown := c.promise != nil && c.rootHolds && *c.root != c.promise.root
		check(shown, "not-proven", "no broken promise is shown")
		return
	case "promise-overdue":
		c.overduePromise()
		return
	case "continued-twice":
		check(c.statement != nil && c.earlierStatement != nil, "not-proven", "not both statements are shown")
		check(c.continuedTwice(), "not-proven", "the ledger did not go on in two logs")
		return
	case "line-late":
		check(c.statement != nil && c.earlierStatement != nil, "not-proven", "not both statements are shown")
		check(c.lineLate(), "not-proven", "no line is late")
		return
	}
	shows, direct := logFaults[c.code]
	if direct && len(c.entries) > 0 && shows(c) {
		return
	}
	check(direct || replayedFaults[c.code], "needs-observer", "nobody signed that")
	check(len(c.entries) > 0, "needs-observer", "no entry is shown")
	c.replay()
}

func (c *caseOf) forked() bool {
	if c.checkpoint == nil || c.earlier == nil || c.checkpoint.origin != c.earlier.origin && !broke("forked-one-log") {
		return false
	}
	if c.checkpoint.size == c.earlier.size {
		return c.checkpoint.root != c.earlier.root
	}
	smaller := c.checkpoint
	if c.earlier.size < smaller.size {
		smaller = c.earlier
	}
	return c.rootHolds && *c.root != smaller.root
}

func (c *caseOf) overduePromise() {
	check(c.promise != nil && c.checkpoint != nil && c.checkpoint.size < c.promise.size, "not-proven",
		"no smaller checkpoint is shown")
	last, shown := c.byIndex[c.checkpoint.size-1]
	check(shown && typeOf(last) == 3 && (parseSeal(last).time > c.promise.deadline || broke("overdue-after-deadline")), "needs-observer",
		"nothing says that the deadline was over")
}

// lineLate: an entry of the account that an earlier seal, which did not count it, had below it.
func (c *caseOf) lineLate() bool {
	later, before := c.open(c.statement), c.open(c.earlierStatement)
	is, was := c.statement.account, c.earlierStatement.account
	if later.ledger != before.ledger && !broke("late-ledger") || later.checkpoint.origin != before.checkpoint.origin || is.number != was.number && !broke("late-account") || is.opening != was.opening && !broke("late-opening") {
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
	if fresh > uint64(len(c.statement.lines)) {
		return false
	}
	for i, raw := range c.statement.lines {
		if uint64(i) == fresh && head != was.head && !broke("late-earlier-head") {
			return false
		}
		leaf := leafHash(raw)
		head = sum(head[:], leaf[:])
	}
	if head != is.head && !broke("late-head") || fresh == uint64(len(c.statement.lines)) {
		return false
	}
	return c.placedBelow(later, was.entries, before.checkpoint.size)
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
