package main

// Batches and seals, SPEC §4, and what is handed in, §11.

const (
	entryMax      = 65535
	batchMax      = 8192
	signaturesMax = 16
	lastStatus    = oLogMismatch
	groupsMax     = 64
	groupMost     = 64
	submissionMax = 4194304
)

type signer struct {
	class     int64
	number    int64
	signature []byte
}

// batchGroup is a part of a batch that is accepted whole or not at all.
type batchGroup struct{ first, count int }

type batch struct {
	raw      []byte
	leaf     hash
	time     int64
	signers  []signer
	groups   []batchGroup
	count    int
	root     hash
	statuses []byte
}

type seal struct {
	raw                     []byte
	leaf                    hash
	epoch, time             int64
	accounts, records       uint64
	state, registry, totals hash
}

func typeOf(entry []byte) byte {
	if len(entry) == 0 {
		return 0
	}
	return entry[0]
}

func openEntry(raw []byte, kind byte) *cbor {
	check(typeOf(raw) == kind, "entry-type", "not an entry of type %d", kind)
	check(len(raw) <= entryMax, "entry-size", "%d bytes", len(raw))
	return &cbor{b: raw, at: 1}
}

// readSigners reads the signatures of a batch: strictly increasing by class and number.
func readSigners(r *cbor) []signer {
	size := r.array()
	check(size >= 1 && size <= signaturesMax, "batch", "%d signatures", size)
	made := make([]signer, size)
	for i := range made {
		r.fields(3, "batch")
		one := signer{class: r.int(5)}
		most := uint64(accountMax)
		if one.class == 0 {
			most = recordMax
		}
		one.number = r.int(most)
		one.signature = r.bytesOf(64)
		if i > 0 {
			last := made[i-1]
			check(one.class > last.class || one.class == last.class && one.number > last.number,
				"batch", "signers out of order")
		}
		made[i] = one
	}
	return made
}

// readGroups reads the groups of a batch: disjoint, in order.
func readGroups(r *cbor) []batchGroup {
	size := r.array()
	check(size <= groupsMax, "batch", "%d groups", size)
	made := make([]batchGroup, size)
	end := 0
	for i := range made {
		r.fields(2, "batch")
		made[i] = batchGroup{int(r.int(batchMax - 1)), int(r.between(2, groupMost, "batch"))}
		check(made[i].first >= end, "batch", "groups out of order")
		end = made[i].first + made[i].count
	}
	return made
}

// alone are the kinds that stand in no group: they make or revoke records, or reach beyond the log.
var alone = map[int]bool{
	kGenesis: true, kRegisterKey: true, kRevoke: true, kDefineUnit: true, kPublishRule: true, kPublishRate: true,
	kSetBudget: true, kContinueLog: true, kErase: true,
}

// fit checks that the last group ends within a batch of that many transactions.
func fit(groups []batchGroup, count int) {
	if len(groups) > 0 {
		last := groups[len(groups)-1]
		check(last.first+last.count <= count, "batch", "a group ends behind its batch")
	}
}

func parseBatch(raw []byte) *batch {
	r := openEntry(raw, 1)
	size := r.array()
	check(size > 0, "batch", "no fields")
	check(r.uint(exactMax) == 1, "batch-version", "a version that this verifier does not know")
	check(size == 7, "batch", "%d fields", size)
	b := &batch{raw: raw, leaf: leafHash(raw), time: r.int(timeMax), signers: readSigners(r)}
	b.groups = readGroups(r)
	b.count = int(r.between(1, batchMax, "batch"))
	fit(b.groups, b.count)
	b.root = r.hash()
	b.statuses = r.bytes()
	r.end()
	said := len(b.statuses) == 0
	for _, status := range b.statuses {
		check(status <= lastStatus, "batch", "status %d", status)
		said = said || status != 0
	}
	check(said && (len(b.statuses) == 0 || len(b.statuses) == b.count), "batch", "statuses of another form")
	for _, one := range b.groups {
		accepted := 0
		for at := one.first; at < one.first+one.count; at++ {
			if b.status(at) == oAccepted {
				accepted++
			}
		}
		check(accepted == 0 || accepted == one.count, "batch", "a group that is accepted in part")
	}
	return b
}

func (b *batch) status(position int) int {
	if len(b.statuses) == 0 {
		return 0
	}
	return int(b.statuses[position])
}

// signingMessage is what stands under each signature of a batch, §4.
func signingMessage(ledger hash, signers []signer, groups []batchGroup, count int, root hash) []byte {
	var names []byte
	for _, one := range signers {
		names = append(names, byte(one.class))
		names = append(names, u32be(uint64(one.number))...)
	}
	parts := u16be(len(groups))
	for _, one := range groups {
		parts = append(append(parts, u16be(one.first)...), u16be(one.count)...)
	}
	return labelled("tallystick/batch/v1", ledger[:], []byte{byte(len(signers))}, names, parts,
		u32be(uint64(count)), root[:])
}

func u16be(n int) []byte { return []byte{byte(n >> 8), byte(n)} }

func (b *batch) message(ledger hash) []byte {
	return signingMessage(ledger, b.signers, b.groups, b.count, b.root)
}

// holds says whether a leaf is at a position of the batch.
func (b *batch) holds(leaf hash, position uint64, path []hash) bool {
	return listed(leaf, position, uint64(b.count), path, batchDepth, b.root)
}

func batchRoot(leaves []hash) hash { return listRoot(leaves, batchDepth) }

func parseSeal(raw []byte) *seal {
	r := openEntry(raw, 3)
	size := r.array()
	check(size > 0, "seal", "no fields")
	check(r.uint(exactMax) == 1, "seal-version", "a version that this verifier does not know")
	check(size == 8, "seal", "%d fields", size)
	s := &seal{raw: raw, leaf: leafHash(raw), epoch: r.int(exactMax), time: r.int(timeMax)}
	s.accounts, s.state = r.uint(1<<accountDepth), r.hash()
	s.records, s.registry = r.uint(1<<recordDepth), r.hash()
	s.totals = r.hash()
	r.end()
	return s
}

// submission is a batch as it is handed in.
type submission struct {
	signers      []signer
	groups       []batchGroup
	signed       []byte // the CBOR of signatures and groups, one after the other
	transactions []*transaction
	root         hash
}

func parseSubmission(raw []byte) *submission {
	check(len(raw) <= submissionMax, "submission-size", "%d bytes", len(raw))
	r := &cbor{b: raw}
	r.fields(3, "submission")
	begin := r.at
	made := &submission{signers: readSigners(r)}
	made.groups = readGroups(r)
	made.signed = raw[begin:r.at]
	size := r.array()
	check(size >= 1 && size <= batchMax, "batch-count", "%d transactions", size)
	fit(made.groups, size)
	var leaves []hash
	for i := 0; i < size; i++ {
		one := parseTransaction(r.bytes())
		made.transactions = append(made.transactions, one)
		leaves = append(leaves, one.leaf)
	}
	r.end()
	for _, one := range made.groups {
		for at := one.first; at < one.first+one.count; at++ {
			check(!alone[made.transactions[at].kind], "batch", "a kind that stands in no group")
		}
	}
	made.root = batchRoot(leaves)
	return made
}
