package main

import (
	"crypto/ed25519"
	"fmt"
	"math/rand"
)

// Logs that are written here, with random batches at times of any kind: hours, days and weeks pass between them.

// forge writes such a log as evidence of what a replay here finds: a fault, or wrongly seal-last where there is none.
func forge(seed int64, rounds int, folder string, goesOn bool) {
	p := &provoker{random: rand.New(rand.NewSource(seed)), keys: keyring{}, refused: map[string]int{}, local: true,
		clock: 1800000000000, signers: map[signerName]bool{}, mirror: &replayer{ledger: newLedger(), late: newOverdueWatch()}}
	log, root := p.keys.fresh(p.random), p.keys.fresh(p.random)
	genesis := p.write(kGenesis, "forged.example", log, []any{root}, 1, 600000, 3600000, 60000)
	p.appendSigned([]signer{{number: 0}}, nil, [][]byte{genesis}, []hash{root})
	p.record(0)
	p.send(p.keyOf(roleRegistrar, nil, 0, nil), p.keyOf(roleTreasurer, nil, 0, nil), p.keyOf(roleOperator, nil, 0, nil),
		p.keyOf(roleAuditor, nil, 0, nil))
	p.lazy = 1 + p.random.Intn(3)
	if seed%2 == 0 {
		p.lazy *= 10
	}
	p.setUp()
	for round := 0; round < rounds; round++ {
		p.round()
		if goesOn && p.chance(25) {
			p.continueLog()
		}
		p.pass()
	}
	p.seal()
	note, policyText := p.publish()
	breaking = "" // a rule may be broken where the log is written, never where it is replayed
	r := &replayer{entries: p.mirror.entries, trust: openLoosely(note, parsePolicy([]byte(policyText)))}
	failure := r.replay()
	code, expected := "seal-last", "no fault"
	if failure != nil {
		code, expected = failure.Code, fmt.Sprintf("%s at entry %d", failure.Code, r.at)
	} else {
		r.at = uint64(len(r.entries)) - 1
	}
	name := fmt.Sprintf("forged-%d", seed)
	save(folder, name+".jsonl", r.accusation(note, code))
	save(folder, name+".policy", []byte(policyText))
	fmt.Printf("%s: %d entries, %s\n", name, len(r.entries), expected)
}

// pass lets time pass, and seals.
func (p *provoker) pass() {
	switch p.random.Intn(14) {
	case 0:
		p.clock += int64(p.random.Intn(20)) * p.mirror.genesis.beat
	case 1:
		for hours := p.random.Intn(45); hours > 0; hours-- {
			p.clock += p.mirror.genesis.beat - int64(p.random.Intn(2))*int64(p.random.Intn(1200000))
			p.seal()
		}
	case 2:
		p.clock += int64(p.random.Intn(12)) * dayMs
	case 3, 4:
		p.clock += int64(p.random.Intn(40)) * quarterMs / 10
	default:
		p.clock += int64(p.random.Intn(3000))
	}
	if p.chance(2) {
		p.seal()
	}
	if p.chance(p.lazy) {
		p.tidy()
	}
}

// tidy writes down what is due, as an operator does.
func (p *provoker) tidy() {
	var entries [][]byte
	for _, one := range p.mirror.accounts {
		if one.member == nil {
			continue
		}
		due := int64(0)
		for _, l := range one.member.lots {
			if at(p.clock).past(l) {
				due += l.amount
			}
		}
		if due > 0 {
			entries = append(entries, p.movement(kExpire, one.number, p.of(kindExpired, one.number), due))
		}
		for _, h := range one.member.holds {
			if h.until <= p.clock {
				entries = append(entries, p.write(kRelease, one.number, h.id))
			}
		}
	}
	p.signRoles(roleOperator)
	p.send(entries...)
	p.signers = map[signerName]bool{}
}

// append writes a batch that is taken, with the statuses that it has here.
func (p *provoker) append(handed *submission, entries [][]byte) {
	var keys []hash
	for _, one := range handed.signers {
		keys = append(keys, *p.mirror.signerKey(one))
	}
	p.appendSigned(handed.signers, handed.groups, entries, keys)
}

func (p *provoker) appendSigned(signers []signer, groups []batchGroup, entries [][]byte, keys []hash) {
	var leaves []hash
	var transactions []*transaction
	for _, one := range entries {
		leaves = append(leaves, leafHash(one))
		transactions = append(transactions, parseTransaction(one))
	}
	root := batchRoot(leaves)
	message := signingMessage(p.mirror.id, signers, groups, len(entries), root)
	var names []any
	parts := []any{}
	for i, one := range signers {
		names = append(names, []any{one.class, one.number, ed25519.Sign(p.keys[keys[i]], message)})
	}
	for _, one := range groups {
		parts = append(parts, []any{one.first, one.count})
	}
	first := p.mirror.size
	made := &batch{time: p.clock, signers: signers, groups: groups, count: len(entries), root: root}
	p.mirror.lookBelow(first, transactions)
	statuses := p.mirror.applyBatch(made, first, transactions)
	said := []byte{}
	for _, status := range statuses {
		if status != 0 {
			said = statuses
		}
	}
	raw := append([]byte{1}, cborOf([]any{1, p.clock, names, parts, len(entries), root, said})...)
	if first == 0 {
		p.mirror.id = leafHash(raw)
	}
	p.mirror.entries = append(append(p.mirror.entries, raw), entries...)
	p.mirror.size = uint64(len(p.mirror.entries))
}

func (p *provoker) seal() {
	m := p.mirror
	raw := append([]byte{3}, cborOf([]any{1, m.epoch, p.clock, len(m.accounts), m.stateRoot(), len(m.records), m.registryRoot(),
		m.totalsRoot(hash{})})...)
	m.entries = append(m.entries, raw)
	m.size, m.epoch, m.time = uint64(len(m.entries)), m.epoch+1, p.clock
}

// continueLog goes on in another log, most of the time as it has to be.
func (p *provoker) continueLog() {
	if !p.chance(5) {
		p.seal()
	}
	root := treeRoot(leavesOf(p.mirror.entries))
	origin, size := fmt.Sprintf("forged-%d.example", p.random.Intn(4)), int64(p.mirror.size)
	var seen any
	if p.chance(3) {
		seen = size + int64(1+p.random.Intn(9))
	}
	if p.chance(6) {
		size--
		root = hash{}
	}
	for _, number := range p.roles(roleRoot) {
		if seen != nil && !p.chance(8) || number == 0 {
			p.record(number)
		}
	}
	p.send(p.write(kContinueLog, origin, p.keys.fresh(p.random), size, root, seen))
	p.seal()
}

// publish signs a checkpoint of the log that the ledger is in, and writes a policy that has its key.
func (p *provoker) publish() (note []byte, policyText string) {
	is := p.mirror.logs[len(p.mirror.logs)-1]
	root := treeRoot(leavesOf(p.mirror.entries))
	text := fmt.Sprintf("%s\n%d\n%s\n", is.origin, len(p.mirror.entries), base64Of(root[:]))
	id := sum([]byte(is.origin+"\n\x01"), is.key[:])
	line := base64Of(append(append([]byte{}, id[:4]...), ed25519.Sign(p.keys[is.key], []byte(text))...))
	vkey := fmt.Sprintf("%s+%x+%s", is.origin, id[:4], base64Of(append([]byte{keyLog}, is.key[:]...)))
	return []byte(text + "\n— " + is.origin + " " + line + "\n"), "log " + vkey + "\nquorum none\n"
}
