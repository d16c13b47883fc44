package main

// Promises and refusals, SPEC §9.

type promise struct {
	ledger       hash
	size         uint64
	root         hash
	deadline     int64
	signature    []byte
	index        uint64
	batch        []byte
	path         []hash
	transactions [][]byte

	read *batch // after verify
}

func parsePromise(raw []byte) *promise {
	r := &cbor{b: raw}
	r.fields(10, "promise")
	check(r.text() == "tallystick/promise/v1", "promise", "another format")
	made := readPromise(r)
	made.transactions = readByteStrings(r, batchMax)
	r.end()
	return made
}

// readPromise reads the fields that a promise file and an answer have in common.
func readPromise(r *cbor) *promise {
	return &promise{
		ledger: r.hash(), size: r.uint(exactMax), root: r.hash(), deadline: r.int(timeMax), signature: r.bytesOf(64),
		index: r.uint(exactMax), batch: r.bytes(), path: r.hashes(logPathMax),
	}
}

func readByteStrings(r *cbor, max int) [][]byte {
	made := make([][]byte, r.list(0, max))
	for i := range made {
		made[i] = r.bytes()
	}
	return made
}

func (p *promise) message() []byte {
	return labelled("tallystick/promise/v1", p.ledger[:], u64be(p.size), p.root[:], u64be(uint64(p.deadline)))
}

// verify: the signature, the inclusion proof, and that the batch is of these transactions.
func (p *promise) verify(trust *policy) {
	check(trust.signedByLog(p.message(), p.signature), "promise-signature", "the log did not sign it")
	check(included(leafHash(p.batch), p.index, p.size, p.path, p.root), "inclusion-proof", "the batch is not in the tree")
	p.read = parseBatch(p.batch)
	leaves := make([]hash, len(p.transactions))
	for i, one := range p.transactions {
		leaves[i] = leafHash(one)
	}
	check(len(leaves) == p.read.count || broke("promise-count"), "promise-transactions", "another number of transactions")
	check(batchRoot(leaves) == p.read.root, "promise-transactions", "the batch is of other transactions")
}

var batchCodes = map[string]bool{
	"batch-genesis": true, "signer-unknown": true, "signer-revoked": true, "signature-invalid": true, "rate": true,
}

type refusal struct {
	ledger     hash
	size       uint64
	time       int64
	code       string
	signature  []byte
	submission *submission
}

func parseRefusal(raw []byte) *refusal {
	r := &cbor{b: raw}
	r.fields(7, "refusal")
	check(r.text() == "tallystick/refusal/v1", "refusal", "another format")
	made := &refusal{ledger: r.hash(), size: r.uint(exactMax), time: r.int(timeMax), code: r.text(), signature: r.bytesOf(64)}
	check(batchCodes[made.code], "refusal", "%q is no reason to refuse a batch", made.code)
	made.submission = parseSubmission(r.bytes())
	r.end()
	return made
}

func (f *refusal) verify(trust *policy) {
	signatures := sum(append([]byte{0x82}, f.submission.signed...))
	if broke("refusal-covers-signatures") {
		signatures = hash{}
	}
	message := labelled("tallystick/refusal/v1", f.ledger[:], u64be(f.size), u64be(uint64(f.time)),
		u32be(uint64(len(f.submission.transactions))), f.submission.root[:], signatures[:], []byte(f.code))
	check(trust.signedByLog(message, f.signature), "refusal-signature", "the log did not sign it")
}
