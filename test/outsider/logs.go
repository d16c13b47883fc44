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
	check(known, otherLog(logs, shown), "no log of the ledger signed the checkpoint")
	before := logs[len(logs)-2]
	check(before.of(shown) && shown.size <= last.lastSize(), "after-end", "the log had ended")
}

// otherLog: a log of that origin is there under another key (and may have changed it), or none is.
func otherLog(logs []namedLog, shown *checkpoint) string {
	for _, one := range logs {
		if one.origin == shown.origin && !broke("log-key") {
			return "log-key"
		}
	}
	return "log-identity"
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
	a.foundersApart()
}

// foundersApart: without witnesses that have a key of the ledger itself, enough cosigned.
func (a *audit) foundersApart() {
	own := map[hash]bool{}
	for _, key := range a.genesis.roots {
		own[key] = true
	}
	for _, one := range a.logs {
		own[one.key] = true
	}
	if a.policy.quorum == nil || broke("founders-apart") {
		return
	}
	others := func(key *verifierKey) bool {
		for _, one := range a.policy.witnesses {
			if sameBytes(one.key.key, key.key) {
				_, cosigned := a.checkpoint.times[one.name]
				return cosigned && !(len(key.key) == 32 && own[hash(key.key)])
			}
		}
		return false
	}
	check(a.policy.quorum.met(others), "quorum", "a witness has a key of the ledger itself")
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

// otherIdentity: by the registry of the last seal, the ledger never was in a log of this origin.
func (c *caseOf) otherIdentity() bool {
	sealed := c.sealAt(c.checkpoint.size - 1)
	if sealed == nil {
		return false
	}
	for number := uint64(0); ; {
		var shown *shownRow
		for i := range c.records {
			if c.records[i].number == number {
				shown = &shownRow{leafHash(c.records[i].entry), c.records[i].from, c.records[i].until, c.records[i].next}
				root := recordRoot(shown.leaf, shown.from, shown.until, shown.next)
				check(listed(root, number, sealed.records, c.records[i].path, recordDepth, sealed.registry), "not-proven",
					"record %d is not in the registry of the last seal", number)
				x := parseTransaction(c.records[i].entry)
				named := x.kind == kGenesis || x.kind == kContinueLog
				if !named || x.origin == c.checkpoint.origin && !broke("identity-of-one") {
					return false
				}
				if shown.next <= number {
					return true
				}
				break
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

// continuedTwice: two statements of one ledger whose logs are the same up to one, and then differ; root keys that signed
// the one stand in the other.
func (c *caseOf) continuedTwice() bool {
	here := ledgerUnder(c.statement, c.trust)
	there := ledgerUnder(c.earlierStatement, namedBy(c.earlierStatement))
	for i := range here.logs {
		if i == len(there.logs) {
			return false
		}
		if here.logs[i].id != there.logs[i].id {
			common := min(here.logs[i].size, there.logs[i].size)
			return i > 0 && here.continuedBy(there, i, common) && there.continuedBy(here, i, common)
		}
	}
	return false
}

// continuedBy: enough root keys signed a continuation that stand in the registry of another statement, or were made by
// such behind what the two have in common.
func (a *audit) continuedBy(other *audit, at int, common uint64) bool {
	standing := map[uint64]bool{}
	for _, one := range a.records {
		if one.from >= common && !broke("twice-made-since") {
			standing[one.number] = a.standingSigned(one, standing)
			continue
		}
		same := other.byNumber[one.number]
		standing[one.number] = same != nil && (leafHash(same.entry) == leafHash(one.entry) || broke("twice-same-key")) &&
			(same.until == 0 || broke("twice-standing"))
	}
	for _, one := range a.records {
		if one.from == a.logs[at].from {
			return a.standingSigned(one, standing)
		}
	}
	return false
}

// standingSigned: as many of these root keys as it takes signed the batch of a record.
func (a *audit) standingSigned(of *shownRecord, standing map[uint64]bool) bool {
	in, keys := a.batches[of.at], map[hash]bool{}
	for place, one := range in.read.signers {
		record := a.byNumber[uint64(one.number)]
		if one.class != 0 || record == nil || !standing[record.number] || !record.good(in) {
			continue
		}
		if key, isRoot := a.rootKey(record); isRoot && a.verify(in, place, key) {
			keys[key] = true
		}
	}
	return len(keys) >= a.genesis.need
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
func logsUnder(s *statement, trust *policy) []namedLog { return ledgerUnder(s, trust).logs }

// ledgerUnder is a statement of which the logs and records are proven, whoever cosigned its checkpoint.
func ledgerUnder(s *statement, trust *policy) *audit {
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
	return a
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
