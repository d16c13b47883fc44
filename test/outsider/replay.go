package main

// A whole log, replayed by SPEC §7 as an auditor does.

// replayer goes through entries in order; a fault ends in its code, at the index that it is at.
type replayer struct {
	*ledger
	entries [][]byte
	salts   []hash
	trust   *checkpoint
	at      uint64 // of the entry at hand
	late    *overdueWatch
	root    *hash           // of the entries, where all of them are at hand
	rewards *rewardWatch    // of evidence: what is computed of the issues
	watch   func(*replayer) // before the first entry, after each batch and seal

	part     bool  // of evidence: not up to the end of a checkpoint, of whose log and last entry nothing is asked
	onlySalt int64 // of evidence: the epoch of the one salt that is shown, behind one
}

// replay goes through all entries, and returns where it stopped, with the failure if there is one.
func (r *replayer) replay() (failure *Failure) {
	r.ledger = newLedger()
	r.late = newOverdueWatch()
	return attempt(func() {
		if r.watch != nil {
			r.watch(r)
		}
		for r.size < uint64(len(r.entries)) {
			r.step()
			if r.watch != nil {
				r.watch(r)
			}
		}
		last := uint64(len(r.entries)) - 1
		r.at = last
		check(typeOf(r.entries[last]) == 3 || r.part, "seal-last", "the last entry is no seal")
		check(r.root == nil || *r.root == r.trust.root, "log-root", "not what was signed")
		if !r.part || broke("beginning-in-its-log") {
			r.inLog()
		}
		r.late.atEnd(r)
	})
}

// inLog is said at the entry that names the log which should have signed, or behind which the log had ended.
func (r *replayer) inLog() {
	last := r.at
	r.at = r.logs[len(r.logs)-1].from
	for i, one := range r.logs[:len(r.logs)-1] {
		if one.of(r.trust) {
			r.at = r.logs[i+1].from
			break
		}
	}
	inLog(r.logs, r.trust)
	r.at = last
}

func (r *replayer) step() {
	r.at = r.size
	switch raw := r.entries[r.at]; typeOf(raw) {
	case 1:
		r.batch(raw)
	case 3:
		check(r.at > 0, "entry-order", "a log that begins with a seal")
		r.seal(raw)
	case 2:
		fail("entry-order", "a transaction that no batch announces")
	default:
		fail("entry-order", "neither a batch nor a seal")
	}
}

func (r *replayer) batch(raw []byte) {
	var b *batch
	form("entry-form", func() { b = parseBatch(raw) })
	first := r.at
	check(first+uint64(b.count) < uint64(len(r.entries)) || r.batchCutOff(first, b), "seal-last", "the log ends inside a batch")
	var transactions []*transaction
	var leaves []hash
	for i := 0; i < b.count; i++ {
		r.at = first + 1 + uint64(i)
		check(typeOf(r.entries[r.at]) == 2, "entry-order", "no transaction at position %d", i)
	}
	r.at = first
	for _, one := range r.entries[first+1 : first+1+uint64(b.count)] {
		form("entry-form", func() { transactions = append(transactions, parseTransaction(one)) })
		leaves = append(leaves, leafHash(one))
	}
	for _, one := range b.groups {
		for position := one.first; position < one.first+one.count; position++ {
			check(!alone[transactions[position].kind] || broke("group-kinds"), "entry-form", "a kind that stands in no group")
		}
	}
	check(batchRoot(leaves) == b.root || broke("batch-root"), "batch-root", "the transactions make another root")
	check(b.time >= r.time || broke("batch-time"), "batch-time", "a batch of an earlier time")
	id := r.id
	if r.genesis == nil {
		id = hash{}
	}
	refused := r.refuseBatch(b.signers, b.message(id), transactions)
	check(refused == "", "batch-refused", "the batch is to be refused: %s", refused)
	if r.genesis == nil {
		r.id = b.leaf
	}
	r.lookBelow(first, transactions)
	made := r.applyBatch(b, first, transactions)
	for i, status := range made {
		check(int(status) == b.status(i) || broke("batch-statuses"), "batch-statuses", "batch %d, position %d: status %d, not %d", first, i, status, b.status(i))
	}
	if r.rewards != nil {
		r.rewards.behind(r.ledger, first, transactions, made)
	}
	r.late.behind(r, b.time)
	r.size = first + 1 + uint64(b.count)
}

// lookBelow notes the root of the tree below a batch of one continue-log that stands right behind a seal.
func (r *replayer) lookBelow(first uint64, transactions []*transaction) {
	r.below = nil
	if (len(transactions) == 1 || broke("continue-alone")) && transactions[0].kind == kContinueLog && first > 0 &&
		(typeOf(r.entries[first-1]) == 3 || broke("continue-behind-a-seal")) {
		root := treeRoot(leavesOf(r.entries[:first]))
		r.below = &root
	}
}

func leavesOf(entries [][]byte) (leaves []hash) {
	for _, one := range entries {
		leaves = append(leaves, leafHash(one))
	}
	return leaves
}

// batchCutOff: the log ends inside a batch, all of which that is there are transactions.
func (r *replayer) batchCutOff(first uint64, b *batch) bool {
	for at := first + 1; at < uint64(len(r.entries)); at++ {
		if typeOf(r.entries[at]) != 2 {
			r.at = at
			fail("entry-order", "no transaction at %d", at)
		}
	}
	r.at = uint64(len(r.entries)) - 1
	return false
}

func (r *replayer) seal(raw []byte) {
	var s *seal
	form("entry-form", func() { s = parseSeal(raw) })
	check(s.epoch == r.epoch || broke("seal-epoch"), "seal-epoch", "epoch %d, not %d", s.epoch, r.epoch)
	check(s.time >= r.time || broke("seal-time"), "seal-time", "a seal of an earlier time")
	check((s.accounts == uint64(len(r.accounts)) || broke("seal-accounts")) && (s.state == r.stateRoot() || broke("seal-state")), "seal-state", "another state")
	check((s.records == uint64(len(r.records)) || broke("seal-records")) && s.registry == r.registryRoot(), "seal-registry", "another registry")
	if r.onlySalt == 0 && s.epoch < int64(len(r.salts)) {
		check(s.totals == r.totalsRoot(r.salts[s.epoch]) || broke("seal-totals"), "seal-totals", "other totals")
	}
	if r.onlySalt == s.epoch+1 {
		check(s.totals == r.totalsRoot(r.salts[0]), "seal-totals", "other totals")
	}
	r.time, r.epoch = s.time, s.epoch+1
	r.size = r.at + 1
	r.late.sealed(r, s.time)
}

// verifyLog replays a whole log under a checkpoint.
func verifyLog(note []byte, trust *policy, entries [][]byte, salts []hash, watch func(*replayer)) *replayer {
	r := &replayer{entries: entries, salts: salts, watch: watch, trust: acceptCheckpoint(note, trust)}
	var leaves []hash
	for _, one := range entries {
		leaves = append(leaves, leafHash(one))
	}
	check(uint64(len(leaves)) >= r.trust.size, "seal-last", "the log ends before its checkpoint")
	r.entries = entries[:r.trust.size]
	root := treeRoot(leaves[:r.trust.size])
	r.root = &root
	if failure := r.replay(); failure != nil {
		panic(*failure)
	}
	return r
}
