package main

// Statements, SPEC §10: their form, and what a verifier brings along.

type shownBatch struct {
	index uint64
	raw   []byte
	path  []hash

	read *batch
}

type shownPlace struct {
	line, at, position uint64
	path               []hash
}

type shownRecord struct {
	number   uint64
	entry    []byte
	at       uint64
	position uint64
	batch    []hash
	until    uint64
	next     uint64
	path     []hash

	made *transaction
	from uint64
}

type shownAccount struct {
	number, kind, unit uint64
	owner              *hash
	opening            hash
	status, entries    uint64
	time               int64
	credit, debit      uint64
	head, more         hash
}

type statement struct {
	checkpoint  []byte
	seal        []byte
	sealPath    []hash
	account     shownAccount
	accountPath []hash
	since       uint64
	lines       [][]byte
	links       []shownLink
	batches     []*shownBatch
	places      []shownPlace
	records     []*shownRecord
	seriesShown []shownSeries
}

const statementMax = 67108864

func parseStatement(raw []byte) *statement {
	check(len(raw) <= statementMax, "statement", "%d bytes", len(raw))
	r := &cbor{b: raw}
	r.fields(12, "statement")
	check(r.text() == "tallystick/statement/v1", "statement", "another format")
	s := &statement{checkpoint: r.bytes()}
	r.fields(2, "statement")
	s.seal, s.sealPath = r.bytes(), r.hashes(logPathMax)
	s.account = readAccount(r)
	s.accountPath = r.hashes(accountDepth)
	s.since = r.uint(exactMax)
	s.lines = readByteStrings(r, len(raw))
	s.links = make([]shownLink, r.list(0, len(raw)))
	for i := range s.links {
		s.links[i] = readLink(r)
	}
	s.batches = make([]*shownBatch, r.list(1, len(raw)))
	for i := range s.batches {
		r.fields(3, "statement")
		s.batches[i] = &shownBatch{index: r.uint(exactMax), raw: r.bytes(), path: r.hashes(logPathMax)}
	}
	s.places = make([]shownPlace, r.list(0, len(raw)))
	for i := range s.places {
		r.fields(4, "statement")
		s.places[i] = shownPlace{r.uint(exactMax), r.uint(exactMax), r.uint(exactMax), r.hashes(batchDepth)}
	}
	s.records = make([]*shownRecord, r.list(1, len(raw)))
	for i := range s.records {
		s.records[i] = readRecord(r)
	}
	s.seriesShown = make([]shownSeries, r.list(0, len(raw)))
	for i := range s.seriesShown {
		s.seriesShown[i] = readSeries(r, len(raw))
	}
	r.end()
	return s
}

func readAccount(r *cbor) shownAccount {
	r.fields(12, "statement")
	return shownAccount{
		r.uint(accountMax), r.uint(255), r.uint(recordMax), r.maybeHash(), r.hash(),
		r.uint(255), r.uint(exactMax), r.int(timeMax), r.uint(exactMax), r.uint(exactMax), r.hash(), r.hash(),
	}
}

func readRecord(r *cbor) *shownRecord {
	r.fields(8, "statement")
	return &shownRecord{
		number: r.uint(recordMax), entry: r.bytes(), at: r.uint(exactMax), position: r.uint(exactMax),
		batch: r.hashes(batchDepth), until: r.uint(exactMax), next: r.uint(recordMax), path: r.hashes(recordDepth),
	}
}

// accountRoot is hash_tree_root(Account), SPEC §6.
func accountRoot(kind, unit uint64, owner *hash, opening hash, status, entries uint64, time int64, credit, debit uint64,
	head, more hash) hash {
	key := hash{}
	if owner != nil {
		key = *owner
	}
	terms := container(chunk(kind), chunk(unit), key, opening)
	return container(terms, chunk(status), chunk(entries), chunk(uint64(time)), chunk(credit), chunk(debit), head, more)
}

func (a *shownAccount) root() hash {
	return accountRoot(a.kind, a.unit, a.owner, a.opening, a.status, a.entries, a.time, a.credit, a.debit, a.head, a.more)
}

// keptRecord is a record that the reader was shown before.
type keptRecord struct {
	number, until, next, size uint64
	leaf                      hash
}

// kept is what a wallet keeps of an account between visits.
type kept struct {
	ledger  hash
	account uint64
	opening hash
	size    uint64
	entries [][]byte
	times   []clock
	links   []uint64
	records []keptRecord
}

type seenCheckpoint struct {
	origin string
	size   uint64
	root   hash
	before []string // the logs from which its ledger went on to it
}

// reader is what a verifier of a statement brings along.
type reader struct {
	policy *policy
	card   *card
	kept   *kept
	seen   []seenCheckpoint
	growth []hash // comes beside the statement
	now    *int64
	maxAge *int64
}

// line is one entry of the account, with its place where that is shown.
type line struct {
	x        *transaction
	batch    *shownBatch
	position uint64
	path     []hash
	when     clock // T, where the line has a place or its time was kept

	before *member      // the account before the line
	of     *transaction // what it reverses or settles, in a book
	undoes *original    // what a reverse or reinstate names
	bad    bool
}

func (l *line) index() uint64 { return l.batch.index + 1 + l.position }

// audit is the verification of one statement.
type audit struct {
	*statement
	reader
	paging
	checkpoint *checkpoint
	sealed     *seal
	ledger     hash
	logs       []namedLog
	genesis    *transaction
	lines      []*line // from the opening on, kept ones too
	byNumber   map[uint64]*shownRecord
	unit       *unitPolicy
	state      *member
	book       *book
	verified   map[sigKey]bool
	signers    [][]string
}

type sigKey struct {
	batch uint64
	place int
	key   hash
}
