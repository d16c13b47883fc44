package main

import (
	"encoding/json"
	"math/bits"
)

// Evidence that carries the log, written from a false log of the corpus: for other verifiers, and for this one.

// inclusionProof is PATH of RFC 6962 §2.1.1.
func inclusionProof(index int, leaves []hash) []hash {
	if len(leaves) <= 1 {
		return nil
	}
	split := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	if index < split {
		return append(inclusionProof(index, leaves[:split]), treeRoot(leaves[split:]))
	}
	return append(inclusionProof(index-split, leaves[split:]), treeRoot(leaves[:split]))
}

// consistencyProof is PROOF of RFC 6962 §2.1.2, SUBPROOF with whether the old tree is whole.
func consistencyProof(size int, leaves []hash, whole bool) []hash {
	if size == len(leaves) {
		if whole {
			return nil
		}
		return []hash{treeRoot(leaves)}
	}
	split := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	if size <= split {
		return append(consistencyProof(size, leaves[:split], whole), treeRoot(leaves[split:]))
	}
	return append(consistencyProof(size-split, leaves[split:], false), treeRoot(leaves[:split]))
}

func base64s(hashes []hash) []string {
	made := []string{}
	for _, one := range hashes {
		made = append(made, base64Of(one[:]))
	}
	return made
}

// notReplayed are faults that entries show by themselves, or that take a salt under the log's signature.
var notReplayed = map[string]bool{"log-identity": true, "seal-totals": true}

// accuse replays the false log of a file and writes evidence of its fault; nothing where it is none of a replay.
func accuse(l *lie) []byte {
	note, entries := []byte(l.text("checkpoint")), blobs(l.Shown["entries"])
	r := &replayer{entries: entries, salts: hashesOf(l.Shown["salts"], "state")}
	var failure *Failure
	if failure = attempt(func() { r.trust = openLoosely(note, l.policy()) }); failure != nil || uint64(len(entries)) < r.trust.size {
		return nil
	}
	r.entries = entries[:r.trust.size]
	if failure = r.replay(); failure == nil || notReplayed[failure.Code] {
		return nil
	}
	return r.accusation(note, failure.Code)
}

// accusation is evidence that a replay finds this code at the entry at hand.
func (r *replayer) accusation(note []byte, code string) []byte {
	var leaves []hash
	for _, one := range r.entries {
		leaves = append(leaves, leafHash(one))
	}
	if treeRoot(leaves) != r.trust.root {
		return nil
	}
	end := int(r.at) + 1
	if typeOf(r.entries[r.at]) == 1 && attempt(func() { end += parseBatch(r.entries[r.at]).count }) != nil {
		end = int(r.at) + 1
	}
	if end > len(leaves) || ofAll[code] {
		end = len(leaves)
	}
	root := treeRoot(leaves[:end])
	document := facts{"code": code, "message": "found by the outsider",
		"needs": "nothing", "origin": r.trust.origin, "evidence": facts{
			"checkpoint": string(note), "at": r.at, "root": base64Of(root[:]),
			"proof":   base64s(consistencyProof(end, leaves, true)),
			"log":     facts{"entries": end, "bundles": (end + 255) / 256},
			"entries": []facts{{"index": r.at, "entry": base64Of(r.entries[r.at]), "proof": base64s(inclusionProof(int(r.at), leaves))}},
		}}
	made, err := json.Marshal(document)
	orDie(err)
	made = append([]byte(`{"format":"tallystick/evidence/v1",`), made[1:]...) // which stands first
	for number := 0; number*256 < end; number++ {
		var bundle []byte
		for _, one := range r.entries[number*256 : min(end, number*256+256)] {
			bundle = append(append(bundle, byte(len(one)>>8), byte(len(one))), one...)
		}
		line, err := json.Marshal(facts{"bundle": number, "entries": base64Of(bundle)})
		orDie(err)
		made = append(append(made, '\n'), line...)
	}
	return append(made, '\n')
}

// accuseAll writes evidence of every false log of the corpus into a folder, and verifies it here.
func accuseAll(root, folder string) (wrong int) {
	for _, path := range corpusFiles(root) {
		l := readLie(path)
		// What an auditor's policy lacks accuses nobody.
		if l.Verifier != "log" || l.Expect == "holds" || l.Expect == "log-key" {
			continue
		}
		made := accuse(l)
		if made == nil {
			continue
		}
		name := fileName(path)
		save(folder, name+".jsonl", made)
		save(folder, name+".policy", []byte(l.Trust["policy"].(string)))
		if failure := attempt(func() { verifyEvidence(made, l.policy()) }); failure != nil {
			report(name, failure)
			wrong++
		}
	}
	return wrong
}
