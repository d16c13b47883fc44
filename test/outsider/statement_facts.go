package main

import "encoding/hex"

// What a statement says, once it holds.

func (a *audit) facts() facts {
	said := facts{
		"balance": a.state.balance, "unit": a.byNumber[a.account.unit].made.name, "lines": len(a.statement.lines),
		"erased": a.erased(), "owner": nil, "custodian": nil, "recovery": nil, "signers": a.signers,
	}
	if a.state.owner != nil {
		said["owner"] = hex.EncodeToString(a.state.owner[:])
	}
	if terms := a.state.recovery; terms != nil {
		said["recovery"] = facts{"keys": len(terms.keys), "need": terms.need, "delayMs": terms.delay}
	}
	if a.isBook() {
		said["book"] = a.bookFacts()
	}
	if a.state.custodian != nil {
		said["custodian"] = a.mayAct()
	}
	return said
}

// mayAct: the keys of the chain that stand, and from when on each may act.
func (a *audit) mayAct() []facts {
	keys := []facts{}
	first, _ := a.chain(a.byNumber[uint64(a.state.custodian.record)])
	for _, one := range a.records {
		if one.until != 0 || !one.isRole(roleCustodian) {
			continue
		}
		if base, whole := a.chain(one); whole && base == first {
			keys = append(keys, facts{"record": one.number, "from": a.dueFrom(one)})
		}
	}
	return keys
}

// erased: the numbers of the lines shown, from 1, whose details a later erase names.
func (a *audit) erased() []int {
	last := map[hash]int{}
	for i, one := range a.lines {
		if one.x.kind == kErase {
			last[*one.x.details] = i
		}
	}
	numbers := []int{}
	for i, one := range a.lines {
		if i < int(a.since) || one.x.details == nil || one.x.kind == kErase {
			continue
		}
		if later, gone := last[*one.x.details]; gone && later > i {
			numbers = append(numbers, i-int(a.since)+1)
		}
	}
	return numbers
}

func init() {
	verifiers["statement"] = func(l *lie) facts { return verifyStatement(l.document(), readerOf(l)).facts() }
}

// readerOf is what a file says that the reader brings along.
func readerOf(l *lie) reader {
	by := reader{policy: l.policy()}
	if text, brought := l.Trust["card"].(string); brought {
		by.card = parseCard([]byte(text))
	}
	if list, brought := l.Trust["seen"].([]any); brought {
		for _, item := range list {
			one := item.(map[string]any)
			accepted := seenCheckpoint{origin: one["origin"].(string), size: natural(one["size"], "state"), root: hash32(one["root"], "state")}
			if names, known := one["before"].([]any); known {
				for _, name := range names {
					accepted.before = append(accepted.before, name.(string))
				}
			}
			by.seen = append(by.seen, accepted)
		}
	}
	by.growth = hashesOf(l.Shown["growth"], "consistency-proof")
	if value, brought := l.Trust["nowMs"]; brought {
		now := int64(natural(value, "state"))
		by.now = &now
	}
	if fresh, brought := l.Trust["freshness"].(map[string]any); brought {
		now, age := int64(natural(fresh["nowMs"], "state")), int64(natural(fresh["maxAgeMs"], "state"))
		by.now, by.maxAge = &now, &age
	}
	if before, brought := l.Trust["kept"].(map[string]any); brought {
		by.kept = readKept(before)
	}
	return by
}

func readKept(before map[string]any) *kept {
	made := &kept{
		ledger: hash(unhex(before["ledgerId"].(string), 32)), account: natural(before["account"], "state"),
		opening: hash(unhex(before["opening"].(string), 32)), size: natural(before["size"], "state"),
		entries: blobs(before["entries"]),
	}
	times, _ := before["times"].([]any)
	for _, value := range times {
		when, known := number(value)
		made.times = append(made.times, clock{int64(when), known})
	}
	links, _ := before["links"].([]any)
	for _, value := range links {
		made.links = append(made.links, natural(value, "state"))
	}
	records, _ := before["records"].([]any)
	for _, item := range records {
		one := item.(map[string]any)
		made.records = append(made.records, keptRecord{
			natural(one["number"], "state"), natural(one["until"], "state"), natural(one["next"], "state"),
			natural(one["size"], "state"), hash(unhex(one["leaf"].(string), 32)),
		})
	}
	return made
}
