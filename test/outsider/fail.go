package main

import "fmt"

// Failure is how a check ends that does not hold: with a code of SPEC §10 or §12, and words for people.
type Failure struct{ Code, Words string }

func (f Failure) Error() string { return f.Code + ": " + f.Words }

// fail ends the verification at hand; attempt catches it.
func fail(code, words string, args ...any) {
	panic(Failure{code, fmt.Sprintf(words, args...)})
}

// check fails unless something holds.
func check(holds bool, code, words string, args ...any) {
	if !holds {
		fail(code, words, args...)
	}
}

// attempt runs a verification and returns the failure that ended it, or nil. Other panics are bugs and go on.
func attempt(run func()) (failure *Failure) {
	defer func() {
		switch caught := recover().(type) {
		case nil:
		case Failure:
			failure = &caught
		default:
			panic(caught)
		}
	}()
	run()
	return nil
}

// form runs a reader, and gives another code to whatever it finds malformed.
func form(code string, run func()) {
	if failure := attempt(run); failure != nil {
		fail(code, "%s", failure.Error())
	}
}

// malformed are the codes of SPEC §12 for bytes that are not of their form: any may stand for any.
var malformed = map[string]bool{}

func init() {
	for _, code := range []string{
		"cbor", "utf8", "hex", "base64", "decimal", "list-length", "entry-type", "entry-size", "entry-bundle",
		"batch", "batch-count", "seal", "transaction", "transaction-size", "id", "time", "submission",
		"submission-size", "batch-version", "seal-version", "statement", "receipt", "promise", "refusal", "answer",
		"card", "evidence", "sealed-checkpoint", "note", "checkpoint", "verifier-key", "policy", "tile-path",
		"add-checkpoint", "seed", "csv-line", "details-line", "details",
	} {
		malformed[code] = true
	}
}
