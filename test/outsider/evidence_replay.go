package main

// Evidence that is replayed, SPEC §11: what takes the state of the whole log to see.

var replayedFaults = map[string]bool{
	"batch-statuses": true, "seal-state": true, "seal-registry": true, "seal-totals": true, "overdue": true, "reward": true,
	"tier": true,
}

// ofAll is what is said of a log as its checkpoint has it.
var ofAll = map[string]bool{"seal-last": true, "log-identity": true, "after-end": true}

// replay takes the file for proof only if replaying the entries that it carries finds its code at its index.
func (c *caseOf) replay() {
	check(c.log != nil && len(c.log.raw) > 0, "needs-replay", "the log is not carried")
	check(c.at != nil && c.log.entries <= c.checkpoint.size, "not-proven", "nothing ties the log to the checkpoint")
	root := c.beginning(c.log.entries, c.checkpoint)
	part := c.log.entries < c.checkpoint.size
	check(!part || !ofAll[c.code] || broke("evidence-of-a-part"), "not-proven", "it is said of a whole log")
	check(c.code != "overdue" || c.log.entries == *c.at+1, "not-proven", "overdue is said of the last seal")
	check(c.code != "seal-totals" || c.salt != nil, "needs-observer", "no salt is shown")
	ofDetails := c.code == "reward" || c.code == "tier"
	check(!ofDetails || len(c.details) > 0, "needs-replay", "no details are shown")
	check(treeRoot(leavesOf(c.log.raw)) == root, "log-root", "the entries are not those that were signed")
	r := &replayer{entries: c.log.raw, trust: c.checkpoint, part: part}
	if c.code == "seal-totals" {
		r.salts, r.onlySalt = []hash{c.openSalt()}, int64(c.salt.epoch)+1
	}
	if ofDetails {
		r.rewards = newRewardWatch(c.details, c.rule)
	}
	failure := r.replay()
	if ofDetails {
		check(r.rewards.finds(c.code, *c.at), "not-proven", "what its rule gives")
		return
	}
	check(failure != nil && failure.Code == c.code && r.at == *c.at, "not-proven", "a replay does not find that")
}

// openSalt is the salt of the seal at fault, under the log's signature, without which any seal could be made wrong.
func (c *caseOf) openSalt() hash {
	for _, one := range c.shownLogs() {
		if c.isSalt(one.id) {
			return c.salt.salt
		}
	}
	for index, raw := range c.log.raw {
		// The id that the ledger had then: that of entry 0, or of a continue-log.
		if index > 0 && (typeOf(raw) != 2 || attempt(func() { check(parseTransaction(raw).kind == kContinueLog, "", "") }) != nil) {
			continue
		}
		if c.isSalt(leafHash(raw)) {
			return c.salt.salt
		}
	}
	fail("not-proven", "the log did not sign the salt")
	return hash{}
}

// isSalt: a key of the checkpoint's log signed the salt, for this id of the ledger.
func (c *caseOf) isSalt(ledger hash) bool {
	digest := sum(c.salt.salt[:])
	message := labelled("tallystick/salts/v1", ledger[:], u64be(c.salt.epoch), digest[:])
	for _, log := range c.trust.logsOf(c.checkpoint.origin) {
		if log.kind == keyLog && signed(log.key, message, c.salt.signature) {
			return true
		}
	}
	return false
}
