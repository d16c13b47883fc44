package main

import "math/big"

// The state of a ledger, SPEC §6.

type record struct {
	number            int64
	x                 *transaction
	from, until, next uint64
	registered        int64 // T of its batch
	atOnce            bool  // a custodian's key that is due at once
}

func (r *record) stands() bool { return r.until == 0 }

// key is the public key of a record, if it is one, and its role.
func (r *record) key() (key hash, role int64, is bool) {
	key, is = keyOf(r.x, int(r.number))
	if r.x.kind == kGenesis {
		return key, roleRoot, is
	}
	return key, r.x.role, is
}

func (r *record) hasRole(role int64) bool {
	_, mine, is := r.key()
	return is && mine == role
}

type account struct {
	number  int64
	opening *transaction
	balance int64 // of accounts that are not members
	member  *member
	entries uint64
	time    int64
	head    hash
	links   []hash // of this batch, where the account is no member
	claims  []hash // leaf hashes of the claims of a series, in order

	kept   hash // its root, until it changes
	sealed bool
}

func (a *account) kind() int64 { return a.opening.accountKind }
func (a *account) unit() int64 { return a.opening.record }

func (a *account) holds() int64 {
	if a.member != nil {
		return a.member.balance
	}
	return a.balance
}

type used struct {
	leaf     hash
	accepted *original // where it is an accepted movement that can be reversed
	asked    *original // where it is an accepted ask-settle, with what of it was settled
	expired  *original // where it is an accepted expire, with what of it was reinstated
	stands   bool      // whether it was accepted
}

// given counts what a budget gave to one member, or in sum: in the day, week and month of the last, and ever.
type given struct {
	periods [3]int64
	counts  [4]int64
}

type budgetTerms struct {
	last  *transaction
	given map[int64]*given
}

type unitTotals struct{ issued, opened, redeemed, expired, reinstated, reversed *big.Int }

type ledger struct {
	id       hash
	genesis  *transaction
	records  []*record
	accounts []*account
	ids      map[id]*used
	terms    map[int64]*budgetTerms
	totals   map[int64]*unitTotals
	units    []int64
	names    map[nameKey]bool
	time     int64
	epoch    int64 // of the next seal
	size     uint64
	leaves   []hash // the roots of records, as far as they do not change
	logs     []namedLog
	naming   int   // the record that names the last of them
	below    *hash // root of the tree below the batch at hand, where one of a continue-log stands right behind a seal
}

type nameKey struct {
	kind int
	name string
}

func newLedger() *ledger {
	return &ledger{ids: map[id]*used{}, terms: map[int64]*budgetTerms{}, totals: map[int64]*unitTotals{},
		names: map[nameKey]bool{}}
}

func (l *ledger) record(number int64) *record {
	if number < 0 || number >= int64(len(l.records)) {
		return nil
	}
	return l.records[number]
}

func (l *ledger) account(number int64) *account {
	if number < 0 || number >= int64(len(l.accounts)) {
		return nil
	}
	return l.accounts[number]
}

func (l *ledger) policy(a *account) *unitPolicy { return &l.records[a.unit()].x.policy }

func (a *account) root() hash {
	if a.sealed {
		return a.kept
	}
	balance, status, more := a.holds(), uint64(0), a.claimsRoot()
	var owner *hash
	if a.member != nil {
		status, more, owner = uint64(a.member.status), a.member.more(), a.member.owner
	}
	a.kept = accountRoot(uint64(a.kind()), uint64(a.unit()), owner, a.opening.leaf, status, a.entries, a.time,
		uint64(max(0, balance)), uint64(max(0, -balance)), a.head, more)
	a.sealed = true
	return a.kept
}

func (l *ledger) stateRoot() hash {
	roots := make([]hash, len(l.accounts))
	for i, one := range l.accounts {
		roots[i] = one.root()
	}
	return listRoot(roots, accountDepth)
}

func (l *ledger) registryRoot() hash {
	roots := make([]hash, len(l.records))
	for i, one := range l.records {
		roots[i] = recordRoot(one.x.leaf, one.from, one.until, one.next)
	}
	return listRoot(roots, recordDepth)
}

func (l *ledger) totalsRoot(salt hash) hash {
	owed := map[int64]*big.Int{}
	for _, unit := range l.units {
		owed[unit] = new(big.Int)
	}
	for _, one := range l.accounts {
		if one.kind() == kindMember || one.kind() == kindMerchant && !broke("owed-to-merchants") {
			owed[one.unit()].Add(owed[one.unit()], big.NewInt(owing(one.holds())))
		}
	}
	roots := make([]hash, len(l.units))
	for i, unit := range l.units {
		t := l.totals[unit]
		roots[i] = container(chunk(uint64(unit)), bigChunk(t.issued), bigChunk(t.opened), bigChunk(t.redeemed), bigChunk(t.expired),
			bigChunk(t.reinstated), bigChunk(t.reversed), bigChunk(owed[unit]))
	}
	return container(salt, listRoot(roots, unitDepth))
}

// owing is what a balance is owed: nothing of one below zero.
func owing(balance int64) int64 {
	if broke("owed-less-debts") {
		return balance
	}
	return max(0, balance)
}

// bigChunk is a uint128, little-endian.
func bigChunk(value *big.Int) (made hash) {
	raw := value.Bytes()
	for i, b := range raw {
		made[len(raw)-1-i] = b
	}
	return made
}

// base is the first record of a custodian's chain.
func (l *ledger) base(of *record) *record {
	for of.x.succeeds != none {
		of = l.records[of.x.succeeds]
	}
	return of
}

// due: a custodian's key may act in the unit of this takeover at this time.
func (r *record) due(takeover, now int64) bool {
	if broke("replay-takeover") {
		return true
	}
	return r.atOnce || now >= r.registered+takeover
}

// longestTakeover of the units that there are: a key is due everywhere when it is due for that.
func (l *ledger) longestTakeover() (longest int64) {
	for _, unit := range l.units {
		longest = max(longest, l.records[unit].x.policy.takeover)
	}
	return longest
}
