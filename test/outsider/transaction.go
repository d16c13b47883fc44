package main

import (
	"encoding/binary"
	"regexp"
	"slices"
)

// The kinds of SPEC §5.
const (
	kGenesis = iota
	kRegisterKey
	kRevoke
	kDefineUnit
	kPublishRule
	kOpenAccount
	kFund
	kIssue
	kRedeem
	kExpire
	kHold
	kCapture
	kRelease
	kReverse
	kTransfer
	kSettle
	kPublishRate
	kConvert
	kSetBudget
	kFreeze
	kUnfreeze
	kClose
	kSetCustody
	kRecover
	kVeto
	kFinishRecovery
	kGrant
	kWithdraw
	kDisclose
	kErase
	kContinueLog
	kTake
	kCollect
	kReopen
	kAskSettle
	kOpeningBalance
	kClaim
	kSetStatus
	kReinstate
	kMerge
)

const (
	roleRoot = iota
	roleRegistrar
	roleTreasurer
	roleIssuer
	roleMerchant
	roleCustodian
	roleOperator
	roleAuditor
	roleSource
)

const (
	kindTreasury = 1 + iota
	kindBudget
	kindMember
	kindMerchant
	kindExpired
	kindSeries
)

const (
	transactionMax = 24576
	partsMax       = 1025
	amountMax      = exactMax
	accountMax     = 1<<32 - 1
	recordMax      = 1<<20 - 1
	scopeMax       = 16
	poolsMax       = 4
	ruleBudgetsMax = 64
	quarterMax     = 1<<32 - 1
	none           = -1 // where a record number is null
)

type id = [16]byte

type custodian struct {
	record int64
	leaf   hash
}

// names: a budget may name the rule.
func (x *transaction) names(budget int64) bool { return slices.Contains(x.budgets, budget) }

// has: a key is one of the terms.
func (t *recovery) has(key *hash) bool {
	if t == nil || key == nil {
		return false
	}
	for _, one := range t.keys {
		if one == *key {
			return true
		}
	}
	return false
}

// same: two are the same terms, or none.
func (t *recovery) same(other *recovery) bool {
	if t == nil || other == nil {
		return t == other
	}
	return t.need == other.need && t.delay == other.delay && slices.Equal(t.keys, other.keys)
}

type recovery struct {
	keys  []hash
	need  int
	delay int64
}

// unitPolicy is what a define-unit fixes for ever.
type unitPolicy struct {
	cap, step, giftEach, giftDay, debtMax int64
	custody                               int64
	window, holdMax                       int64
	offset, grain                         int64
	take                                  *takePolicy
	collect                               int64 // none: lots cannot be collected
	takeover                              int64
	balanceMax, notice, memberRate        int64
}

// transaction has the fields of all kinds; those of another kind are zero.
type transaction struct {
	raw  []byte
	leaf hash
	kind int
	id   id
	t    int64

	debit, credit, account int64
	budget, gainer         int64 // convert: the budget and the account that gains
	tier                   int64 // set-status
	series, round          int64 // claim: of what series, and which time
	amount, gained         int64
	matures, expires       int64
	from, until            int64
	record                 int64 // a rule, a rate, a unit, what is revoked, to whom a consent is given
	ref                    id    // hold, original, consent
	details                *hash
	cites                  *id
	asked                  *id // of a settle
	may                    int64
	terms                  hash

	origin              string
	logKey              hash
	roots               []hash
	need                int
	skew, beat, promise int64
	size                int64
	root                hash
	seen                *int64

	key             hash
	role            int64
	scope           []int64
	backdate, rate  int64
	succeeds        int64
	reason, strand  int64
	name            string
	digest          hash
	policy          unitPolicy
	accountKind     int64
	owner           *hash
	custodian       *custodian
	recovery        *recovery
	nonce           hash
	sponsor         *int64
	memberRef       *id // of an opening, or of what is claimed
	give, get, life int64
	memberCaps      caps
	sumCaps         caps
	parts           []lot // of a merge
	pools           []int64
	budgets         []int64 // of a rule: those that may name it
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// txReader reads the fields of a transaction; what is out of its range is `transaction`.
type txReader struct{ cbor }

const txCode = "transaction"

func (r *txReader) num(min, max uint64) int64 { return r.between(min, max, txCode) }
func (r *txReader) amount() int64             { return r.num(1, amountMax) }
func (r *txReader) points() int64             { return r.num(0, exactMax) }
func (r *txReader) acct() int64               { return r.num(0, accountMax) }
func (r *txReader) rec() int64                { return r.num(0, recordMax) }
func (r *txReader) quarter() int64            { return r.num(0, quarterMax) }
func (r *txReader) time() int64               { return r.num(0, timeMax) }
func (r *txReader) id() id                    { return id(r.bytesOf(16)) }

// lotDates name a lot: they are not 0 and 0.
func (r *txReader) lotDates() (matures, expires int64) {
	matures, expires = r.dates()
	check(matures != 0 || expires != 0, txCode, "no lot")
	return matures, expires
}

func (r *txReader) takes() *takePolicy {
	if r.null() {
		return nil
	}
	r.list(5, 5)
	return &takePolicy{r.num(1, 100), r.amount(), r.num(0, 100), r.amount(), r.num(0, 1)}
}

func (r *txReader) maybeID() *id {
	if r.null() {
		return nil
	}
	value := r.id()
	return &value
}

func (r *txReader) newID() id {
	made := r.id()
	check(made[6]>>4 == 7 && made[8]>>6 == 2, txCode, "an id that is no UUIDv7")
	return made
}

func (r *txReader) key() hash {
	made := r.hash()
	check(goodKey(made[:]), txCode, "a key that cannot sign")
	return made
}

func (r *txReader) name() string {
	made := r.text()
	check(nameForm.MatchString(made), txCode, "%q is no name", made)
	return made
}

func (r *txReader) keys(max int) []hash {
	made := make([]hash, r.list(1, max))
	seen := map[hash]bool{}
	for i := range made {
		made[i] = r.key()
		check(!seen[made[i]], txCode, "one key as two")
		seen[made[i]] = true
	}
	return made
}

// caps are the most on a day, in a week, in a month and ever; 0: no cap.
type caps [4]int64

func (r *txReader) caps() caps { return caps{r.points(), r.points(), r.points(), r.points()} }

// accountsUpTo reads so many account numbers at most, strictly increasing.
func (r *txReader) accountsUpTo(most int) []int64 {
	made := make([]int64, r.list(0, most))
	for i := range made {
		made[i] = r.acct()
		check(i == 0 || made[i] > made[i-1], txCode, "accounts that do not increase")
	}
	return made
}

func (r *txReader) maybeAcct() *int64 {
	if r.null() {
		return nil
	}
	made := r.acct()
	return &made
}

// maybeRef reads 16 bytes of any form, or null.
func (r *txReader) maybeRef() *id {
	if r.null() {
		return nil
	}
	made := id(r.bytesOf(16))
	return &made
}

func (r *txReader) maybeKey() *hash {
	if r.null() {
		return nil
	}
	made := r.key()
	return &made
}

func (r *txReader) maybeCustodian() *custodian {
	if r.null() {
		return nil
	}
	r.fields(2, txCode)
	return &custodian{r.rec(), r.hash()}
}

func (r *txReader) maybeRecovery() *recovery {
	if r.null() {
		return nil
	}
	r.fields(3, txCode)
	keys := r.keys(4)
	return &recovery{keys, int(r.num(1, uint64(len(keys)))), r.time()}
}

func (r *txReader) dates() (matures, expires int64) {
	matures, expires = r.quarter(), r.quarter()
	check(expires == 0 || expires > matures, txCode, "points that expire before they mature")
	return matures, expires
}

// idTime is a transaction's own time: the milliseconds in its id.
func idTime(of id) int64 { return int64(binary.BigEndian.Uint64(of[:8]) >> 16) }

// fieldsOf is how many items the array of a kind has.
var fieldsOf = [...]int{9, 8, 5, 19, 5, 11, 7, 10, 7, 7, 8, 8, 4, 8, 9, 8, 8, 12, 14, 4, 3, 3, 6, 4, 3, 3, 7, 4, 5, 4, 7, 9, 5, 3, 6, 11, 10, 8, 9, 8}

func parseTransaction(raw []byte) *transaction {
	check(len(raw) > 0 && raw[0] == 2, "entry-type", "not a transaction")
	check(len(raw) <= transactionMax, "transaction-size", "%d bytes", len(raw))
	r := &txReader{cbor{b: raw, at: 1}}
	size := r.array()
	x := &transaction{raw: raw, leaf: leafHash(raw), succeeds: none}
	x.kind = int(r.uint(uint64(len(fieldsOf) - 1)))
	check(size == fieldsOf[x.kind], txCode, "%d fields of kind %d", size, x.kind)
	x.id = r.newID()
	x.t = idTime(x.id)
	x.read(r)
	r.end()
	return x
}

func (x *transaction) read(r *txReader) {
	switch x.kind {
	case kGenesis:
		x.readGenesis(r)
	case kRegisterKey:
		x.readKey(r)
	case kRevoke:
		x.record, x.reason, x.strand = r.rec(), r.num(0, 255), r.num(0, 1)
	case kDefineUnit:
		x.readUnit(r)
	case kPublishRule:
		x.name, x.digest, x.budgets = r.name(), r.hash(), r.accountsUpTo(ruleBudgetsMax)
		check(len(x.budgets) > 0, txCode, "a rule for no budget")
	case kOpenAccount:
		x.readOpening(r)
	case kPublishRate:
		x.name, x.record, x.budget = r.name(), r.rec(), r.acct()
		x.give, x.get, x.life = r.amount(), r.amount(), r.quarter()
	case kSetBudget:
		x.account, x.from, x.until = r.acct(), r.time(), r.time()
		x.memberCaps, x.sumCaps = r.caps(), r.caps()
		x.pools = r.accountsUpTo(poolsMax)
		check(x.until == 0 || x.until > x.from, txCode, "a budget that is never open")
	case kFreeze:
		x.account, x.reason = r.acct(), r.num(0, 255)
	case kUnfreeze, kClose, kReopen, kVeto, kFinishRecovery:
		x.account = r.acct()
	case kSetCustody:
		x.account, x.owner, x.custodian, x.recovery = r.acct(), r.maybeKey(), r.maybeCustodian(), r.maybeRecovery()
		check(x.owner != nil || x.custodian != nil, txCode, "an account in nobody's hands")
		check(!x.recovery.has(x.owner), txCode, "a recovery key that is the owner's")
	case kRecover:
		x.account, x.key = r.acct(), r.key()
	case kGrant:
		x.account, x.record, x.until, x.terms, x.may = r.acct(), r.acct(), r.time(), r.hash(), r.num(0, 1)
		check(x.may == 1 || x.record <= recordMax, txCode, "no record")
	case kAskSettle:
		x.account, x.amount = r.acct(), r.amount()
		x.details, x.cites = r.maybeHash(), r.maybeID()
	case kSetStatus:
		x.account, x.budget, x.record = r.acct(), r.acct(), r.num(1, recordMax)
		x.tier, x.until = r.num(0, 255), r.time()
		x.details = r.maybeHash()
		check(x.tier > 0 || x.until == 0, txCode, "no tier has an end")
	case kCollect:
		x.account = r.acct()
		x.matures, x.expires = r.dates()
		check(x.matures != 0, txCode, "a lot that never had to ripen")
	case kWithdraw, kRelease:
		x.account, x.ref = r.acct(), r.id()
	case kDisclose:
		x.account, x.ref = r.acct(), r.id()
		digest := r.hash()
		x.details = &digest
	case kErase:
		x.account = r.acct()
		digest := r.hash()
		x.details = &digest
	case kContinueLog:
		x.readOrigin(r)
		x.size, x.root = r.points(), r.hash()
		if !r.null() {
			seen := r.points()
			check(seen > x.size, txCode, "nothing more was seen")
			x.seen = &seen
		}
	default:
		x.readMovement(r)
	}
}
