package main

import (
	"encoding/hex"
	"encoding/json"
)

// What a file of truths says beside its bytes: outcomes and roots of each batch, and batches that are not taken.

type tries struct {
	Batches []struct {
		Index                               uint64
		Time                                int64
		StateRoot, RegistryRoot, TotalsRoot string
		Outcomes                            []string
	}
	Refused []struct {
		Size             uint64
		Submission, Code string
	}

	next, tried int
}

func readTries(l *lie) *tries {
	made := &tries{}
	orDie(json.Unmarshal(l.raw, made))
	return made
}

// watch is called where the log has another size, and tries what is not taken there.
func (t *tries) watch(r *replayer) {
	for _, one := range t.Refused {
		if one.Size != r.size {
			continue
		}
		handed := parseSubmission(unbase64(one.Submission))
		message := signingMessage(r.id, handed.signers, handed.groups, len(handed.transactions), handed.root)
		code := r.refuseBatch(handed.signers, message, handed.transactions)
		check(code == one.Code, "truth-refused", "%q, not %q at %d", code, one.Code, one.Size)
		t.tried++
	}
	if t.next < len(t.Batches) && typeOf(r.entries[r.at]) == 3 && r.at > t.Batches[t.next].Index {
		said, sealed := t.Batches[t.next], parseSeal(r.entries[r.at])
		check(hex.EncodeToString(sealed.state[:]) == said.StateRoot && hex.EncodeToString(sealed.registry[:]) == said.RegistryRoot &&
			hex.EncodeToString(sealed.totals[:]) == said.TotalsRoot, "truth-roots", "other roots behind batch %d", t.next)
		t.next++
	}
}

func (t *tries) end() {
	check(t.tried == len(t.Refused) && t.next == len(t.Batches), "truth-rest", "%d of %d tried, %d of %d batches seen",
		t.tried, len(t.Refused), t.next, len(t.Batches))
}
