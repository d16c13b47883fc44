package main

const (
	overdueMs = 86400000
	minuteMs  = 60000
)

// overdueWatch finds points and holds that stood at a seal for a running day since they were due (SPEC §7, Overdue).
type overdueWatch struct {
	seals  []sealTime // those that D may be of
	last   *sealTime
	late   map[lateThing]bool // at the last seal
	lastAt uint64
	came   map[lateThing]int64 // when a lot came in
}

type sealTime struct{ time, running int64 }

// lateThing is a lot or a hold of an account.
type lateThing struct {
	account          int64
	matures, expires int64
	hold             id
}

func newOverdueWatch() *overdueWatch {
	return &overdueWatch{came: map[lateThing]int64{}, late: map[lateThing]bool{}}
}

func lotOf(number int64, l lot) lateThing { return lateThing{number, l.matures, l.expires, id{}} }

// behind notes which lots came in with a batch.
func (w *overdueWatch) behind(r *replayer, now int64) {
	stands := map[lateThing]bool{}
	for _, one := range r.accounts {
		if one.member == nil {
			continue
		}
		for _, l := range one.member.lots {
			thing := lotOf(one.number, l)
			stands[thing] = true
			if _, known := w.came[thing]; !known {
				w.came[thing] = now
			}
		}
	}
	for thing := range w.came {
		if !stands[thing] {
			delete(w.came, thing)
		}
	}
	for thing := range w.late {
		if !r.stands(thing) {
			r.at = w.lastAt
			fail("overdue", "what was late goes")
		}
	}
}

// stands: a lot or hold is still there.
func (l *ledger) stands(thing lateThing) bool {
	m := l.accounts[thing.account].member
	if thing.hold != (id{}) {
		return m.holdOf(thing.hold) >= 0
	}
	for _, one := range m.lots {
		if one.matures == thing.matures && one.expires == thing.expires {
			return true
		}
	}
	return false
}

func (w *overdueWatch) sealed(r *replayer, now int64) {
	running := int64(0)
	if w.last != nil {
		running = w.last.running + min(r.genesis.beat, now-w.last.time)
	}
	if w.last == nil || running/minuteMs > w.last.running/minuteMs {
		w.seals = append(w.seals, sealTime{now, running})
	}
	w.last = &sealTime{now, running}
	w.lastAt = r.at
	w.late = map[lateThing]bool{}
	day := int64(-1)
	for _, one := range w.seals {
		if one.running <= running-overdueMs && !broke("overdue") {
			day = one.time
		}
	}
	if day < 0 {
		return
	}
	for _, one := range r.accounts {
		if one.member == nil {
			continue
		}
		for _, l := range one.member.lots {
			if thing := lotOf(one.number, l); l.expires != 0 && l.expires*quarterMs <= day && w.came[thing] <= day {
				w.late[thing] = true
			}
		}
		for _, h := range one.member.holds {
			if h.until <= day {
				w.late[lateThing{account: one.number, hold: h.id}] = true
			}
		}
	}
}

func (w *overdueWatch) atEnd(r *replayer) {
	r.at = w.lastAt
	check(len(w.late) == 0, "overdue", "%d lots and holds are late", len(w.late))
}
