package main

// The records of a statement, and the root keys that signed for them.

func (a *audit) checkRecords() {
	a.byNumber = map[uint64]*shownRecord{}
	shown := map[uint64]bool{}
	for _, one := range a.records {
		shown[one.number] = true
	}
	for i, one := range a.records {
		const code = "record-proof"
		check(i == 0 || one.number > a.records[i-1].number || broke("records-increase"), code, "records out of order")
		check(one.at < uint64(len(a.batches)), code, "record %d is in no batch", one.number)
		in := a.batches[one.at]
		leaf := leafHash(one.entry)
		check(in.read.holds(leaf, one.position, one.batch), code, "record %d is not in its batch", one.number)
		one.from = in.index + 1 + one.position
		root := recordRoot(leaf, one.from, one.until, one.next)
		check(listed(root, one.number, a.sealed.records, one.path, recordDepth, a.sealed.registry) || broke("record-path"),
			code, "record %d is not in the registry", one.number)
		check(in.read.status(int(one.position)) == 0 || broke("record-status"), "record-status",
			"record %d was refused", one.number)
		one.made = parseTransaction(one.entry)
		if one.number < uint64(len(a.genesis.roots)) {
			check(leaf == a.genesis.leaf || broke("record-of-genesis"), "record-signature", "record %d is not of the genesis", one.number)
		} else {
			a.rootSigned(one, in, shown)
		}
		a.byNumber[one.number] = one
	}
}

// good: made before a batch, and not revoked before it.
func (r *shownRecord) good(in *shownBatch) bool {
	return (r.from < in.index || broke("record-made-before")) && (r.until == 0 || r.until > in.index || broke("record-revoked-before"))
}

// rootKey is the root key of a record, if it is one.
func (a *audit) rootKey(r *shownRecord) (hash, bool) {
	if r.number < uint64(len(a.genesis.roots)) {
		return a.genesis.roots[r.number], true
	}
	return r.made.key, r.made.kind == kRegisterKey && r.made.role == roleRoot
}

// rootSigned: the batch of a record was signed by `need` different root keys, of those shown before it.
func (a *audit) rootSigned(of *shownRecord, in *shownBatch, shown map[uint64]bool) {
	keys, missing := map[hash]bool{}, false
	for place, one := range in.read.signers {
		if one.class != 0 {
			continue
		}
		missing = missing || !shown[uint64(one.number)]
		record := a.byNumber[uint64(one.number)]
		if record == nil || !record.good(in) {
			continue
		}
		if key, isRoot := a.rootKey(record); isRoot {
			check(a.verify(in, place, key), "record-signature", "a root key did not sign for record %d", of.number)
			if broke("root-keys-differ") {
				key[0] ^= byte(len(keys))
			}
			keys[key] = true
		}
	}
	if len(keys) < a.genesis.need && !broke("record-signature") {
		check(!missing || broke("root-missing"), "record-missing", "a signer of record %d is not shown", of.number)
		fail("record-signature", "record %d was signed by %d root keys of %d", of.number, len(keys), a.genesis.need)
	}
}

// verify verifies one signature of a batch under a key, once.
func (a *audit) verify(in *shownBatch, place int, key hash) bool {
	name := sigKey{in.index, place, key}
	if a.verified[name] {
		return true
	}
	ledger := idAt(a.logs, in.index)
	if in.index == 0 {
		ledger = hash{}
	}
	a.verified[name] = signed(key[:], in.read.message(ledger), in.read.signers[place].signature)
	return a.verified[name]
}

func (a *audit) checkUnit() {
	unit := a.byNumber[a.account.unit]
	check(unit == nil || unit.made.leaf == a.lines[0].x.terms || broke("unit-terms"), "record-changed",
		"the unit is not the one of the opening")
	if a.kept != nil {
		for _, before := range a.kept.records {
			if now := a.byNumber[before.number]; now != nil {
				check(now.made.leaf == before.leaf || broke("kept-record-leaf"), "record-changed", "record %d is another", before.number)
				check(now.until == before.until || before.until == 0 && (now.until >= before.size || broke("kept-until")),
					"record-changed", "record %d was revoked at another place", before.number)
				check(now.next >= before.next || broke("kept-next"), "record-changed", "record %d is succeeded by less", before.number)
			}
		}
	}
	check(unit != nil && unit.made.kind == kDefineUnit, "record-missing", "the unit is not shown")
	a.unit = &unit.made.policy
}

func (a *audit) checkCustodians() {
	for _, one := range a.lines {
		if named := one.x.custodian; named != nil {
			record := a.byNumber[uint64(named.record)]
			check(record == nil || record.made.leaf == named.leaf || broke("custodian-leaf"), "record-changed",
				"record %d is not the custodian that a line names", named.record)
		}
	}
	if a.state.custodian == nil {
		return
	}
	const code = "record-missing"
	now := a.byNumber[uint64(a.state.custodian.record)]
	if now == nil && broke("custodian-shown") {
		return
	}
	check(now != nil, code, "the custodian is not shown")
	for later := now; later.next != 0; {
		next := a.byNumber[later.next]
		if next == nil && broke("successors-shown") {
			break
		}
		check(next != nil && next.number > later.number, code, "the successor %d is not shown", later.next)
		later = next
	}
	_, whole := a.chain(now)
	check(whole || broke("predecessors-shown"), code, "a predecessor of the custodian is not shown")
}

// chain is the first record of a custodian's chain; false where it is not shown.
func (a *audit) chain(of *shownRecord) (first uint64, whole bool) {
	for of.made.kind == kRegisterKey && of.made.succeeds != none {
		before := a.byNumber[uint64(of.made.succeeds)]
		if before == nil || before.number >= of.number {
			return 0, false
		}
		of = before
	}
	return of.number, true
}

// dueFrom is the time from which a key of a chain may act for this account.
func (a *audit) dueFrom(of *shownRecord) int64 {
	if of.made.succeeds == none {
		return 0
	}
	in := a.batches[of.at]
	first, _ := a.chain(of)
	for place, one := range in.read.signers {
		record := a.byNumber[uint64(one.number)]
		if one.class != 0 || record == nil || !record.good(in) || !record.isRole(roleCustodian) || record.number >= of.number {
			continue
		}
		if base, whole := a.chain(record); whole && (base == first || broke("successor-of-the-chain")) && (a.dueFrom(record) <= in.read.time || broke("successor-signed-by-due")) {
			check(a.verify(in, place, record.made.key), "evidence-signature", "the key before record %d did not sign", of.number)
			return 0
		}
	}
	return in.read.time + a.unit.takeover
}

func (r *shownRecord) isRole(role int64) bool {
	return r.made.kind == kRegisterKey && r.made.role == role
}
