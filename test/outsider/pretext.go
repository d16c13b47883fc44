package main

// Rates (SPEC §7), and refusals whose reason is false (SPEC §11, refusal-false).

const rateMinute = 60000

// rateOf is how many transactions a minute are taken of a signer; 0: any number.
func (l *ledger) rateOf(by signer) int64 {
	if by.class == 0 {
		if of := l.record(by.number); of != nil && of.x.kind == kRegisterKey {
			return of.x.rate
		}
		return 0
	}
	if of := l.account(by.number); of != nil {
		return l.policy(of).memberRate
	}
	return 0
}

// overRate: of one of the signers more transactions would be of one minute than are taken of it.
func (l *ledger) overRate(entries [][]byte, signers []signer, count int, time int64) bool {
	for _, by := range signers {
		rate, taken := l.rateOf(by), int64(count)
		for _, raw := range entries {
			if typeOf(raw) != 1 {
				continue
			}
			b := parseBatch(raw)
			for _, one := range b.signers {
				same := one.number == by.number && (one.class == by.class || broke("rate-by-account"))
				if same && (b.time > time-rateMinute || broke("rate-for-ever")) {
					taken += int64(b.count)
				}
			}
		}
		if rate > 0 && taken > rate {
			return true
		}
	}
	return false
}

// pretext: the log refused a batch for a reason that its entries do not show.
func (c *caseOf) pretext() {
	c.checkpoint = c.note(c.evidenceFile.checkpoint)
	check(c.refusal != nil, "not-proven", "no refusal is shown")
	f := c.refusal
	f.verify(c.trust)
	if c.checkpoint.size < f.size {
		check(c.sealedAfter(f.time) || broke("pretext-unreached"), "needs-observer", "nothing says that the log was shorter")
		return
	}
	check(c.log != nil && len(c.log.raw) > 0, "needs-replay", "the log is not carried")
	check(c.log.entries <= c.checkpoint.size, "not-proven", "nothing ties the log to the checkpoint")
	root := c.beginning(c.log.entries, c.checkpoint)
	check(c.log.entries == f.size || broke("pretext-size"), "not-proven", "it is said of another log")
	check(treeRoot(leavesOf(c.log.raw)) == root, "log-root", "the entries are not those that were signed")
	r := &replayer{entries: c.log.raw, trust: c.checkpoint, part: c.log.entries < c.checkpoint.size}
	failure := r.replay()
	// Of a part nothing but a batch that is cut off ends so.
	half := failure != nil && failure.Code == "seal-last" && r.part
	check(failure == nil || half, "not-proven", "a replay finds a fault")
	if half && r.genesis == nil {
		r.id = leafHash(r.entries[0])
	}
	check(r.id == f.ledger || broke("pretext-ledger"), "not-proven", "a refusal of another ledger")
	if half && !broke("pretext-half") || f.time < r.time {
		return
	}
	if f.time > r.time+r.genesis.beat && !broke("pretext-silent") {
		return
	}
	handed := f.submission
	message := signingMessage(r.id, handed.signers, handed.groups, len(handed.transactions), handed.root)
	reason := r.refuseBatch(handed.signers, message, handed.transactions)
	if reason == "" && r.overRate(c.log.raw, handed.signers, len(handed.transactions), f.time) {
		reason = "rate"
	}
	check(reason != f.code || broke("pretext"), "not-proven", "the reason is true")
}
