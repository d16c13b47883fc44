package main

import "slices"

// Answers to a batch, SPEC §11: what a client believes of them.

type place struct{ position, index uint64 }

type answer struct {
	index      *uint64
	size       uint64
	statuses   []byte
	existed    []place
	accounts   []place
	promise    *promise
	checkpoint []byte
}

func readPlaces(r *cbor, most uint64) []place {
	made := make([]place, r.list(0, batchMax))
	for i := range made {
		r.fields(2, "answer")
		made[i] = place{r.uint(exactMax), r.uint(most)}
	}
	return made
}

func parseAnswer(raw []byte) *answer {
	r := &cbor{b: raw}
	r.fields(7, "answer")
	a := &answer{}
	if !r.null() {
		index := r.uint(exactMax)
		a.index = &index
	}
	a.size, a.statuses = r.uint(exactMax), r.bytes()
	a.existed, a.accounts = readPlaces(r, exactMax), readPlaces(r, accountMax)
	if !r.null() {
		r.fields(8, "answer")
		a.promise = readPromise(r)
	}
	if !r.null() {
		a.checkpoint = r.bytes()
	}
	r.end()
	return a
}

func increasing(places []place, below int) bool {
	for i, one := range places {
		if one.position >= uint64(below) || i > 0 && one.position <= places[i-1].position {
			return false
		}
	}
	return true
}

// verify checks an answer to these transactions, and returns the positions whose outcome it does not prove.
func (a *answer) verify(
	trust *policy, ledger identity, sent [][]byte, groups []batchGroup, now int64,
) (unproven []int) {
	a.checkShape(sent)
	if a.promise == nil {
		check(a.index == nil && len(a.existed) == len(sent), "answer-false", "something was written, and nothing is promised")
		for position := range sent {
			unproven = append(unproven, position)
		}
		return unproven
	}
	p := a.promise
	check(p.ledger == ledger.id, "wrong-ledger", "a promise of another ledger")
	p.transactions = sent
	p.verify(trust)
	latest := now + ledger.genesis.skew + ledger.genesis.promise
	check(p.deadline <= latest || broke("answer-deadline"), "answer-false", "a deadline that is too far away")
	check(a.size == p.size, "answer-false", "another size than was promised")
	check(a.index == nil || *a.index == p.index, "answer-false", "another index than was promised")
	check(a.index == nil || slices.Equal(p.read.groups, groups), "answer-false", "other groups than were signed")
	check(a.index != nil || len(a.existed) == len(sent), "answer-false", "nothing was written, and not all existed")
	existed := map[int]uint64{}
	for _, one := range a.existed {
		existed[int(one.position)] = one.index
	}
	for position := range sent {
		index, known := existed[position]
		if !a.outcome(position, index, known, sent) {
			unproven = append(unproven, position)
		}
	}
	return unproven
}

func (a *answer) checkShape(sent [][]byte) {
	check(len(a.statuses) == len(sent), "answer-false", "%d statuses of %d", len(a.statuses), len(sent))
	check(increasing(a.existed, len(sent)) && increasing(a.accounts, len(sent)), "answer-false", "positions out of order")
	opened := map[uint64]bool{}
	for _, one := range a.accounts {
		opened[one.position] = true
	}
	for position, status := range a.statuses {
		check(status <= lastStatus, "answer-false", "status %d", status)
		opens := status == 0 && parseTransaction(sent[position]).kind == kOpenAccount
		check(opens == opened[uint64(position)], "answer-false", "accounts that were not opened, or the other way round")
	}
}

// outcome checks the status of a position against the promised batch; false where that does not show it.
func (a *answer) outcome(position int, index uint64, known bool, sent [][]byte) bool {
	said, batch, first := int(a.statuses[position]), a.promise.read, a.promise.index+1
	here := batch.status(position)
	if !known {
		check(said == here && here != 1, "answer-false", "another outcome than in the promised batch")
		return true
	}
	if index >= first && index < first+uint64(batch.count) {
		there := int(index - first)
		check(sameBytes(sent[there], sent[position]), "answer-false", "another transaction stands there")
		check(there == position && a.index == nil || there < position && here == 1, "answer-false", "it is new")
		check(said == batch.status(there), "answer-false", "another outcome than in the promised batch")
		return true
	}
	check(here == 1 && (index < a.size || broke("answer-existed-below-size")), "answer-false",
		"what existed is new in the promised batch, or stands nowhere")
	return false
}
