package main

import (
	"encoding/json"
	"math/big"
	"regexp"
)

// Totals that a log opens for everyone, SPEC §11.

const (
	otForm         = "opened-totals"
	openedBytesMax = 131072
	unitsMax       = 256
)

var sumForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,38})$`)

var sumNames = []string{"issued", "opened", "redeemed", "expired", "reinstated", "reversed", "owed"}

type openedUnit struct {
	unit uint64
	sums []*big.Int
}

type openedTotals struct {
	note, seal []byte
	path       []hash
	ledger     []byte
	salt       hash
	units      []openedUnit
	signature  []byte

	sealed *seal
}

func parseOpened(line []byte) *openedTotals {
	check(len(line) <= openedBytesMax, otForm, "%d bytes", len(line))
	of := object(line, otForm, "checkpoint", "seal", "path", "ledger", "salt", "totals", "signature")
	made := &openedTotals{
		note: []byte(jsonText(of["checkpoint"], otForm)), seal: unbase64(jsonText(of["seal"], otForm)),
		ledger: unhex(jsonText(of["ledger"], otForm), 32), salt: hashOf(jsonText(of["salt"], otForm), otForm),
		signature: unbase64(jsonText(of["signature"], otForm)),
	}
	check(len(made.signature) == 64, otForm, "a signature of %d bytes", len(made.signature))
	for _, item := range jsonList(of["path"], otForm) {
		made.path = append(made.path, hashOf(jsonText(item, otForm), otForm))
	}
	check(len(made.path) <= logPathMax, otForm, "a path that is too long")
	for i, item := range jsonList(of["totals"], otForm) {
		one := object(item, otForm, append([]string{"unit"}, sumNames...)...)
		unit := openedUnit{unit: jsonNumber(one["unit"], 1<<recordDepth-1, otForm)}
		for _, name := range sumNames {
			unit.sums = append(unit.sums, sumOf(one[name]))
		}
		check(i < unitsMax && (i == 0 || unit.unit > made.units[i-1].unit), otForm, "unit %d stands there", unit.unit)
		made.units = append(made.units, unit)
	}
	return made
}

func sumOf(raw json.RawMessage) *big.Int {
	text := jsonText(raw, otForm)
	check(sumForm.MatchString(text), otForm, "%q is no sum", text)
	made, _ := new(big.Int).SetString(text, 10)
	check(made.BitLen() <= 128, otForm, "%s is beyond 2^128 - 1", text)
	return made
}

func (o *openedTotals) unitsRoot() hash {
	roots := make([]hash, len(o.units))
	for i, one := range o.units {
		fields := []hash{chunk(one.unit)}
		for _, sum := range one.sums {
			fields = append(fields, bigChunk(sum))
		}
		roots[i] = container(fields...)
	}
	return listRoot(roots, unitDepth)
}

// isTrue: the log signed totals and salt for the seal that ends this checkpoint; whether the seal commits to them.
func (o *openedTotals) isTrue(under *checkpoint) bool {
	check(under.includes(o.seal, under.size-1, o.path), "seal-proof", "the seal is not the last entry")
	o.sealed = parseSeal(o.seal)
	leaf, units := leafHash(o.seal), o.unitsRoot()
	message := labelled("tallystick/totals/v1", o.ledger, leaf[:], o.salt[:], units[:])
	signs := false
	for _, log := range under.policy.logsOf(under.origin) {
		signs = signs || log.kind == keyLog && signed(log.key, message, o.signature)
	}
	check(signs, "totals-signature", "the log did not sign them")
	return container(o.salt, units) == o.sealed.totals
}

func init() {
	malformed[otForm] = true
	verifiers["totals"] = func(l *lie) facts {
		shown, trust := parseOpened(l.document()), l.policy()
		accepted := acceptCheckpoint(shown.note, trust)
		check(shown.isTrue(accepted), "totals-false", "the seal commits to others")
		if trust.quorum != nil {
			fresh := func(seconds uint64) bool { return int64(seconds)*1000 >= shown.sealed.time-timeOff }
			check(accepted.quorumMet(fresh), "clock-ahead", "a quorum cosigned long before it")
		} else if now, given := number(l.Trust["nowMs"]); given {
			check(shown.sealed.time <= int64(now)+timeOff, "clock-ahead", "a seal of a time to come")
		}
		owed := []string{}
		for _, one := range shown.units {
			owed = append(owed, one.sums[len(sumNames)-1].String())
		}
		return facts{"seal": shown.sealed.epoch, "owed": owed}
	}
}
