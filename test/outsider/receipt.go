package main

import "strings"

// Receipts: c2sp.org/tlog-proof with the entry and what became of it as extra data, SPEC §10.

const logPathMax = 64

type evidenceOfBatch struct {
	index     uint64
	batch     []byte
	path      []hash
	position  uint64
	batchPath []hash
}

type receipt struct {
	entry      []byte
	evidence   *evidenceOfBatch
	index      uint64
	path       []hash
	checkpoint string

	accepted *checkpoint // after verify
	batch    *batch
}

func parseReceipt(document []byte) *receipt {
	text := wantUTF8(document)
	made := &receipt{}
	line, text := cutLine(text, "receipt")
	check(line == "c2sp.org/tlog-proof@v1", "receipt", "%q is another format", line)
	line, text = cutLine(text, "receipt")
	extra, found := strings.CutPrefix(line, "extra ")
	check(found, "receipt", "no extra data")
	made.readExtra(unbase64(extra))
	line, text = cutLine(text, "receipt")
	index, found := strings.CutPrefix(line, "index ")
	check(found, "receipt", "no index")
	made.index = decimal(index)
	for {
		line, text = cutLine(text, "receipt")
		if line == "" {
			break
		}
		made.path = append(made.path, hashOf(line, "receipt"))
		check(len(made.path) <= logPathMax, "receipt", "a path that is too long")
	}
	check(text != "", "receipt", "no checkpoint")
	made.checkpoint = text
	return made
}

func (p *receipt) readExtra(raw []byte) {
	r := &cbor{b: raw}
	r.fields(2, "receipt")
	p.entry = r.bytes()
	if !r.null() {
		r.fields(5, "receipt")
		p.evidence = &evidenceOfBatch{
			r.uint(exactMax), r.bytes(), r.hashes(logPathMax), r.uint(batchMax - 1), r.hashes(batchDepth),
		}
	}
	r.end()
	kind := typeOf(p.entry)
	check(len(p.entry) >= 1 && len(p.entry) <= entryMax, "receipt", "no entry")
	check((kind == 2) == (p.evidence != nil), "receipt", "evidence that does not fit an entry of type %d", kind)
}

// verify checks a receipt against a policy; open says how its checkpoint is accepted.
func (p *receipt) verify(trust *policy, open func([]byte, *policy) *checkpoint) {
	p.accepted = open([]byte(p.checkpoint), trust)
	check(p.accepted.includes(p.entry, p.index, p.path), "inclusion-proof", "the entry is not at its index")
	if p.evidence == nil {
		return
	}
	e := p.evidence
	check(p.accepted.includes(e.batch, e.index, e.path), "evidence-proof", "the batch is not at its index")
	check(typeOf(e.batch) == 1, "evidence-proof", "no batch")
	p.batch = parseBatch(e.batch)
	check(p.batch.holds(leafHash(p.entry), e.position, e.batchPath), "evidence-proof", "not at its position in the batch")
	check(e.index+1+e.position == p.index, "evidence-proof", "the batch stands elsewhere")
}

// status is what became of a transaction; ok is false for batches and seals.
func (p *receipt) status() (status int, ok bool) {
	if p.batch == nil {
		return 0, false
	}
	return p.batch.status(int(p.evidence.position)), true
}

// identity is which ledger a receipt of entry 1 is of (SPEC §11, Clients).
type identity struct {
	id      hash
	genesis *transaction
}

func verifyIdentity(document []byte, trust *policy) identity {
	shown := parseReceipt(document)
	shown.verify(trust, openCheckpoint)
	check(typeOf(shown.entry) == 2, "genesis-proof", "no transaction")
	genesis := parseTransaction(shown.entry)
	check(genesis.kind == kGenesis && shown.batch.count == 1 && shown.evidence.index == 0 && shown.index == 1,
		"genesis-proof", "no genesis that stands alone in the first batch")
	checkIdentity(genesis, shown.accepted)
	return identity{shown.batch.leaf, genesis}
}

// checkIdentity: genesis names the checkpoint's origin, and a log key that the policy has for it.
func checkIdentity(genesis *transaction, of *checkpoint) {
	check(logOf(genesis, hash{}, 1).of(of), "log-identity", "a genesis of another log")
}

// registryRow is a record as a ledger lists it.
type registryRow struct {
	entry       []byte
	from, until uint64
}

// verifyRegistry: the rows make the registry root of the seal that the receipt is of. Returns size and count.
func verifyRegistry(document []byte, rows []registryRow, trust *policy) (size uint64, count int) {
	shown := parseReceipt(document)
	shown.verify(trust, acceptCheckpoint)
	check(typeOf(shown.entry) == 3, "seal-proof", "no seal")
	sealed := parseSeal(shown.entry)
	check(uint64(len(rows)) == sealed.records, "record-proof", "%d records of %d", len(rows), sealed.records)
	next := make([]uint64, len(rows))
	naming := 0
	for number, row := range rows {
		made := parseTransaction(row.entry)
		if made.kind == kRegisterKey && made.succeeds != none && made.succeeds < int64(number) {
			next[made.succeeds] = uint64(number)
		}
		if made.kind == kContinueLog {
			next[naming] = uint64(number)
			naming = number
		}
	}
	roots := make([]hash, len(rows))
	for number, row := range rows {
		roots[number] = recordRoot(leafHash(row.entry), row.from, row.until, next[number])
	}
	check(listRoot(roots, recordDepth) == sealed.registry, "record-proof", "the records make another registry root")
	return shown.index + 1, len(rows)
}

func recordRoot(body hash, from, until, next uint64) hash {
	return container(body, chunk(from), chunk(until), chunk(next))
}
