package main

import "encoding/binary"

// The logs that a ledger is, or was, in (SPEC §6, Logs).

type namedLog struct {
	origin string
	key    hash
	id     hash   // for which is signed what stands behind it
	from   uint64 // log index of the transaction that names it
	size   uint64 // of the log before, that it goes on from
	seen   *int64
}

func logOf(x *transaction, id hash, from uint64) namedLog {
	return namedLog{x.origin, x.logKey, id, from, uint64(x.size), x.seen}
}

// of: the log is the one that a checkpoint is of, by its origin and a key that the policy has for it.
func (n namedLog) of(shown *checkpoint) bool {
	for _, log := range shown.policy.logsOf(shown.origin) {
		if log.kind == keyLog && (sameBytes(log.key, n.key[:]) || broke("identity-key")) && n.origin == shown.origin {
			return true
		}
	}
	return false
}

// idAt is the ledger id for which a batch at an index is signed.
func idAt(logs []namedLog, index uint64) hash {
	id := logs[0].id
	for _, one := range logs {
		if one.from < index {
			id = one.id
		}
	}
	return id
}

// lastSize is how many entries the last checkpoint of the log before has.
func (n namedLog) lastSize() uint64 { return n.from + 2 }

// inLog: the ledger is in the log of the checkpoint, or left it by the last batch of that.
func inLog(logs []namedLog, shown *checkpoint) {
	last := logs[len(logs)-1]
	if last.of(shown) {
		return
	}
	known := false
	for _, one := range logs {
		known = known || one.of(shown)
	}
	check(known, "log-identity", "no log of the ledger signed the checkpoint")
	before := logs[len(logs)-2]
	check(before.of(shown) && shown.size <= last.lastSize(), "after-end", "the log had ended")
}

// continueLog goes on in another log.
func (a *attemptAt) continueLog() {
	x := a.x
	fits := a.below != nil && (uint64(x.size) == a.index-1 || broke("continue-size")) && (x.root == *a.below || broke("continue-root"))
	for _, one := range a.logs {
		fits = fits && (one.origin != x.origin || broke("continue-origin")) && (one.key != x.logKey || broke("continue-key"))
	}
	a.when(!fits && !broke("log-mismatch"), oLogMismatch)
	a.when(len(a.records) > recordMax, oRegistryFull)
	a.then(func() {
		if !broke("continued-next") {
			a.records[a.naming].next = uint64(len(a.records))
		}
		a.ledger.naming = len(a.records)
		a.add(&record{x: x})
		a.ledger.logs = append(a.ledger.logs, logOf(x, x.leaf, a.index))
		if !broke("continued-id") {
			a.ledger.id = x.leaf
		}
	})
}

// allRoots: all root keys that stand signed.
func (s *signersOf) allRoots() bool {
	for number, of := range s.records {
		if !of.hasRole(roleRoot) || !of.stands() {
			continue
		}
		did := broke("seen-all-roots")
		for _, one := range s.list {
			did = did || one.class == 0 && one.number == int64(number)
		}
		if !did {
			return false
		}
	}
	return true
}

// claimLogs reads the logs that genesis and the records of a statement name.
func (a *audit) claimLogs() {
	a.logs = []namedLog{logOf(a.genesis, a.ledger, 1)}
	for _, one := range a.records {
		var x *transaction
		if attempt(func() { x = parseTransaction(one.entry) }) != nil || x.kind != kContinueLog || one.at >= uint64(len(a.batches)) {
			continue
		}
		a.logs = append(a.logs, logOf(x, x.leaf, a.batches[one.at].index+1+one.position))
	}
	known := false
	for _, one := range a.logs {
		known = known || one.of(a.checkpoint)
	}
	check(known, "log-identity", "no log that is shown is the checkpoint's")
	a.ledger = a.logs[len(a.logs)-1].id
}

// checkLogs: the logs are all of them, by the next of what names each, and the checkpoint's is the last.
func (a *audit) checkLogs() {
	count := 1
	for last := a.byNumber[0]; last.next != 0; count++ {
		next := a.byNumber[last.next]
		check(next != nil, "record-missing", "record %d is not shown", last.next)
		check(next.number > last.number && next.made.kind == kContinueLog && count < len(a.logs) &&
			a.logs[count].from == next.from, "record-proof", "record %d does not continue the log", next.number)
		in := a.batches[next.at]
		check(in.read.count == 1 && uint64(next.made.size) == in.index, "record-proof", "it says that it stands elsewhere")
		last = next
	}
	check(count == len(a.logs), "record-proof", "a log that does not follow")
	inLog(a.logs, a.checkpoint)
	a.checkGrowthBefore()
}

// checkGrowthBefore: where no checkpoint of this log was accepted, one of a log before is its beginning.
func (a *audit) checkGrowthBefore() {
	for _, one := range a.seen {
		if one.origin == a.checkpoint.origin {
			return
		}
	}
	for at := len(a.logs) - 2; at >= 0; at-- {
		for _, one := range a.seen {
			if one.origin != a.logs[at].origin {
				continue
			}
			next := a.logs[at+1]
			if next.seen != nil && one.size > next.size && one.size <= uint64(*next.seen) {
				return
			}
			lost := one.size > next.lastSize()
			if next.seen != nil {
				lost = one.size > uint64(*next.seen)
			}
			check(!lost, "continued-dropped", "more was accepted than is gone on from")
			check(grew(one.size, one.root, a.checkpoint.size, a.checkpoint.root, a.growth), "consistency-proof",
				"the log does not begin with the one before")
			return
		}
	}
}

// takeOver: what was kept, as far as the ledger took it over.
func (a *audit) takeOver() {
	if a.kept == nil {
		return
	}
	for at, one := range a.logs {
		if one.id != a.kept.ledger || at+1 == len(a.logs) || a.kept.size <= a.logs[at+1].lastSize() {
			continue
		}
		size := a.logs[at+1].size
		check(a.since == 0, "kept-state", "a whole statement is asked for")
		for i, raw := range a.kept.entries {
			check(i < len(a.statement.lines) && sameBytes(raw, a.statement.lines[i]), "continued-dropped", "line %d was dropped", i+1)
		}
		left := *a.kept
		left.size, left.records = size, nil
		for _, before := range a.kept.records {
			below := true
			for _, now := range a.records {
				if now.number == before.number && now.at < uint64(len(a.batches)) {
					below = a.batches[now.at].index < size
				}
			}
			if before.until >= size {
				before.until = 0
			}
			before.next, before.size = 0, size
			if below {
				left.records = append(left.records, before)
			}
		}
		a.kept = &left
	}
}

// shownLogs are the logs that entries of evidence name: genesis, and what continued the log and was accepted.
func (c *caseOf) shownLogs() (logs []namedLog) {
	for _, one := range c.entries {
		x := c.transactionAt(one.index)
		if x == nil || one.index == 0 {
			continue
		}
		in := c.batchAt(one.index - 1)
		if x.kind == kGenesis && one.index == 1 {
			id := hash{}
			if in != nil {
				id = in.leaf
			}
			logs = append(logs, logOf(x, id, 1))
		}
		if x.kind == kContinueLog && in != nil && in.count == 1 && in.status(0) == 0 {
			logs = append(logs, logOf(x, x.leaf, one.index))
		}
	}
	return logs
}

// afterEnd: the checkpoint's log is named, then another, and there is more than a seal behind that.
func (c *caseOf) afterEnd() bool {
	mine := false
	for _, one := range c.shownLogs() {
		if mine && one.origin != c.checkpoint.origin && c.checkpoint.size > one.lastSize() {
			return true
		}
		mine = mine || one.of(c.checkpoint)
	}
	return false
}

// otherIdentity: by the registry of the last seal, the log that the ledger is in is another.
func (c *caseOf) otherIdentity() bool {
	sealed := c.sealAt(c.checkpoint.size - 1)
	if sealed == nil {
		return false
	}
	var before *namedLog
	for number := uint64(0); ; {
		var shown *shownRow
		for i := range c.records {
			if c.records[i].number == number {
				shown = &shownRow{leafHash(c.records[i].entry), c.records[i].from, c.records[i].until, c.records[i].next}
				root := recordRoot(shown.leaf, shown.from, shown.until, shown.next)
				check(listed(root, number, sealed.records, c.records[i].path, recordDepth, sealed.registry), "not-proven",
					"record %d is not in the registry of the last seal", number)
				x := parseTransaction(c.records[i].entry)
				if x.kind != kGenesis && x.kind != kContinueLog {
					return false
				}
				one := logOf(x, x.leaf, shown.from)
				if shown.next > number {
					before = &one
					break
				}
				end := before != nil && before.of(c.checkpoint) && c.checkpoint.size <= one.lastSize()
				return !one.of(c.checkpoint) && !end
			}
		}
		if shown == nil {
			return false
		}
		number = shown.next
	}
}

type shownRow struct {
	leaf              hash
	from, until, next uint64
}

// continuedTwice: two statements of one ledger whose logs are the same up to one, and then differ.
func (c *caseOf) continuedTwice() bool {
	here := logsUnder(c.statement, c.trust)
	there := logsUnder(c.earlierStatement, namedBy(c.earlierStatement))
	for i := range here {
		if i == len(there) {
			return false
		}
		if here[i].id != there[i].id {
			return i > 0 || broke("twice-one-ledger")
		}
	}
	return false
}

// beginsWith: none of the logs behind that of an earlier checkpoint goes on from before it.
func beginsWith(logs []namedLog, earlier *checkpoint) bool {
	found := false
	for _, one := range logs {
		if found {
			last := one.lastSize()
			if one.seen != nil {
				last = one.size
			}
			if earlier.size > last && !broke("late-dropped") {
				return false
			}
		}
		found = found || one.of(earlier)
	}
	return found
}

// logsUnder are the logs of a statement, proven as §10 has it, whoever cosigned its checkpoint.
func logsUnder(s *statement, trust *policy) []namedLog {
	loose := *trust
	loose.quorum = nil
	a := &audit{statement: s, reader: reader{policy: &loose}, verified: map[sigKey]bool{}}
	a.checkpoint = acceptCheckpoint(s.checkpoint, &loose)
	a.checkFirst()
	a.claimLogs()
	a.checkLast()
	a.checkBatches()
	a.checkRecords()
	a.checkLogs()
	return a.logs
}

// namedBy is a policy of the logs that a statement names.
func namedBy(s *statement) *policy {
	made := &policy{}
	for _, one := range s.records {
		x := parseTransaction(one.entry)
		if x.kind == kGenesis || x.kind == kContinueLog {
			digest := sum([]byte(x.origin), []byte{'\n', keyLog}, x.logKey[:])
			key := verifierKey{kind: keyLog, key: append([]byte{}, x.logKey[:]...)}
			key.name, key.id = x.origin, binary.BigEndian.Uint32(digest[:4])
			made.logs = append(made.logs, key)
		}
	}
	return made
}
