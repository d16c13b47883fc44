package main

import "sort"

// A member account, as the code of SPEC §6 has it.

const (
	quarterMs  = 900000
	dayMs      = 86400000
	lotsMax    = 1024
	lotsRoom   = 992
	pendingMax = 496
	aheadMs    = 63158400000
	holdsMax   = 16
	grantsMax  = 32
	recoveryMs = 2592000000
)

// lot is points that mature and expire together, in quarter hours; also a part of a hold or of a movement.
type lot struct{ matures, expires, amount int64 }

func (l lot) dated() bool { return l.matures != 0 || l.expires != 0 }

func (l lot) sameDates(other lot) bool {
	return l.matures == other.matures && l.expires == other.expires
}

// before is the order of spending: by expires, 0 last; then by matures.
func (l lot) before(other lot) bool {
	if l.expires != other.expires {
		if broke("never-expires-first") {
			return l.expires < other.expires
		}
		return other.expires == 0 || l.expires != 0 && l.expires < other.expires
	}
	if broke("order-by-matures") {
		return l.matures > other.matures
	}
	return l.matures < other.matures
}

type hold struct {
	id            id
	credit        int64
	amount, until int64
	parts         []lot
}

type consent struct {
	id        id
	to, until int64
	may       int64
}

// pending is a recovery: the key to come and when it is due, also when it is under way no more.
type pending struct {
	key hash
	due int64
}

type member struct {
	owner     *hash
	custodian *custodian
	recovery  *recovery

	balance  int64
	status   int
	lots     []lot // in the order of spending, none of nothing, none without dates
	holds    []hold
	givenDay int64
	given    int64
	pending  *pending
	grants   []consent
	takenDay int64
	taken    int64
	takes    []taken
	tiers    []tier
}

// clock is ledger time, where it is known: a line of a statement without a place has none.
type clock struct {
	t     int64
	known bool
}

func at(t int64) clock { return clock{t, true} }

func (c clock) past(l lot) bool {
	if broke("past-inclusive") {
		return c.known && l.expires != 0 && l.expires*quarterMs < c.t
	}
	return c.known && l.expires != 0 && l.expires*quarterMs <= c.t
}

func (c clock) ripe(l lot) bool {
	if broke("ripe-inclusive") {
		return l.matures*quarterMs < c.t
	}
	return l.matures*quarterMs <= c.t
}

func (c clock) day(p *unitPolicy) int64 {
	if broke("day-offset") {
		return c.t / dayMs
	}
	return (c.t + quarterMs*(p.offset+40)) / dayMs
}

func onGrain(date int64, p *unitPolicy) bool {
	return date == 0 || (date+p.offset+40)%p.grain == 0 || broke("grain-offset") && date%p.grain == 0
}

func (m *member) clone() *member {
	made := *m
	made.lots = append([]lot(nil), m.lots...)
	made.holds = append([]hold(nil), m.holds...)
	made.grants = append([]consent(nil), m.grants...)
	made.takes = append([]taken(nil), m.takes...)
	made.tiers = append([]tier(nil), m.tiers...)
	return &made
}

// shut: closed, but for being opened again; or merged, but for what undoes its own entries, expires or leaves it.
func (m *member) shut(x *transaction, number int64) bool {
	switch m.status {
	case 2:
		return x.kind != kReopen
	case 3:
		return x.kind != kExpire && (x.kind != kReinstate || broke("merged-is-not-reinstated")) && x.kind != kReverse &&
			(x.kind != kMerge || x.debit != number) || broke("merged-is-closed")
	}
	return false
}

// whole is all that the account has and does not hold, in the order of spending.
func (m *member) whole() (parts []lot) {
	parts, _ = m.clone().draw(amountMax, func(lot) bool { return true })
	return parts
}

func total(lots []lot) (amount int64) {
	for _, one := range lots {
		amount += one.amount
	}
	return amount
}

// base is the points without dates, which stand in no lot; below zero it is a debt.
func (m *member) base() int64 {
	left := m.balance - total(m.lots)
	for _, one := range m.holds {
		left -= one.amount
	}
	return left
}

func (m *member) debt() int64 { return max(0, -m.base()) }

func (m *member) heldParts() (count int) {
	for _, one := range m.holds {
		count += len(one.parts)
	}
	return count
}

// draw takes points part by part, in the order of spending, and says how many are still wanted. What it takes of the
// base is no longer in the balance when the caller has lowered that.
func (m *member) draw(wanted int64, may func(lot) bool) (parts []lot, left int64) {
	base := lot{amount: max(0, m.base())}
	row := append(append([]lot(nil), m.lots...), base)
	sort.SliceStable(row, func(i, j int) bool { return row[i].before(row[j]) })
	var kept []lot
	for _, one := range row {
		if some := min(wanted, one.amount); some > 0 && may(one) {
			parts = append(parts, lot{one.matures, one.expires, some})
			wanted -= some
			one.amount -= some
		}
		if one.amount > 0 && one.dated() {
			kept = append(kept, one)
		}
	}
	m.lots = kept
	return parts, wanted
}

func (m *member) spend(v *verdict, now clock, amount int64, may func(lot) bool) []lot {
	parts, left := m.draw(amount, func(one lot) bool {
		return may(one) && (!one.dated() || now.ripe(one) && (!now.past(one) || broke("past-is-spent")))
	})
	v.when(left > 0, oInsufficient)
	return parts
}

// arrive has points come, or come back; debt is what it was before they arrive.
func (m *member) arrive(debt int64, parts ...lot) {
	for _, part := range parts {
		paid := min(debt, part.amount)
		if broke("debt-is-paid-first") {
			paid = 0
		}
		debt -= paid
		part.amount -= paid
		if part.amount > 0 && part.dated() {
			m.join(part)
		}
	}
}

func (m *member) join(part lot) {
	for i := range m.lots {
		if m.lots[i].sameDates(part) {
			m.lots[i].amount += part.amount
			return
		}
	}
	m.lots = append(m.lots, part)
	sort.SliceStable(m.lots, func(i, j int) bool { return m.lots[i].before(m.lots[j]) })
}

// room is asked before points arrive, whether or not a debt will take of them.
func (m *member) room(v *verdict, parts ...lot) {
	fresh := 0
	for _, part := range parts {
		known := !part.dated()
		for _, one := range m.lots {
			known = known || one.sameDates(part)
		}
		if !known {
			fresh++
		}
	}
	limit := lotsRoom
	if broke("lots-room") {
		limit = lotsMax
	}
	held := m.heldParts()
	if broke("room-counts-holds") {
		held = 0
	}
	v.when(fresh > 0 && len(m.lots)+held+fresh > limit, oLotsFull)
}

func (m *member) holdOf(ref id) int {
	for i := range m.holds {
		if m.holds[i].id == ref {
			return i
		}
	}
	return -1
}

func (m *member) endHold(place int) hold {
	ended := m.holds[place]
	m.holds = append(append([]hold(nil), m.holds[:place]...), m.holds[place+1:]...)
	return ended
}

func (m *member) consentOf(ref id) int {
	for i := range m.grants {
		if m.grants[i].id == ref {
			return i
		}
	}
	return -1
}

// splitLast cuts parts so that the second half is the last amount of them.
func splitLast(parts []lot, amount int64) (first, last []lot) {
	return splitFirst(parts, total(parts)-amount)
}

func splitFirst(parts []lot, amount int64) (first, last []lot) {
	for _, part := range parts {
		some := min(max(amount, 0), part.amount)
		amount -= some
		if some > 0 {
			first = append(first, lot{part.matures, part.expires, some})
		}
		if part.amount > some {
			last = append(last, lot{part.matures, part.expires, part.amount - some})
		}
	}
	return first, last
}

// termsAfter are the recovery terms after a change of holders: those that stood without an owner end.
func (m *member) termsAfter(x *transaction) *recovery {
	if m.owner == nil && !broke("terms-outlive-custody") {
		return nil
	}
	if x.kind == kSetCustody && x.recovery != nil {
		return x.recovery
	}
	return m.recovery
}

// pendingFull: what is issued would be one more lot that has to ripen, beside as many as there can be.
func (m *member) pendingFull(x *transaction) bool {
	count := 0
	for _, one := range m.lots {
		if one.sameDates(lot{matures: x.matures, expires: x.expires}) {
			return false
		}
		if one.matures*quarterMs > x.t {
			count++
		}
	}
	return x.matures*quarterMs > x.t && count >= pendingMax
}

// underWay: from its recover until it is vetoed, finished, ended, or forgotten.
func (m *member) underWay(now clock) bool {
	if broke("recovery-lapses") {
		return m.pending != nil
	}
	return m.pending != nil && (now.t < m.pending.due+recoveryMs || now.t == m.pending.due+recoveryMs && !broke("recovery-last-moment"))
}

// root is hash_tree_root(More), or zeros where there is nothing of it.
func (m *member) more() hash {
	if len(m.lots) == 0 && len(m.holds) == 0 && len(m.grants) == 0 && m.givenDay == 0 && m.given == 0 && m.pending == nil &&
		len(m.takes) == 0 && len(m.tiers) == 0 && m.takenDay == 0 && m.taken == 0 {
		return hash{}
	}
	holds := make([]hash, len(m.holds))
	for i, one := range m.holds {
		holds[i] = container(idChunk(one.id), chunk(uint64(one.credit)), chunk(uint64(one.amount)),
			chunk(uint64(one.until)), packed(numbersOf(one.parts), lotDepth))
	}
	grants := make([]hash, len(m.grants))
	for i, one := range m.grants {
		grants[i] = container(idChunk(one.id), chunk(uint64(one.to)), chunk(uint64(one.until)), chunk(uint64(one.may)))
	}
	takes := make([]hash, len(m.takes))
	for i, one := range m.takes {
		takes[i] = container(chunk(uint64(one.matures)), chunk(uint64(one.expires)), chunk(uint64(one.credit)),
			chunk(uint64(one.amount)))
	}
	coming := container(hash{}, hash{})
	if m.pending != nil {
		coming = container(m.pending.key, chunk(uint64(m.pending.due)))
	}
	return container(packed(numbersOf(m.lots), lotDepth), listRoot(holds, holdDepth),
		container(chunk(uint64(m.givenDay)), chunk(uint64(m.given))), coming, listRoot(grants, grantDepth),
		container(chunk(uint64(m.takenDay)), chunk(uint64(m.taken))), listRoot(takes, takeDepth), tiersRoot(m.tiers))
}

func idChunk(of id) (made hash) {
	copy(made[:], of[:])
	return made
}

func numbersOf(lots []lot) (numbers []uint64) {
	for _, one := range lots {
		numbers = append(numbers, uint64(one.matures)<<32+uint64(one.expires), uint64(one.amount))
	}
	return numbers
}
