package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// verifyFolder verifies what lies in a folder: a ledger's tiles, entries and salts, and what it gave out beside them.
func verifyFolder(folder string) int {
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		orDie(err)
		return raw
	}
	trust := parsePolicy(read("policy"))
	wrong := 0
	tell := func(name string, run func() string) {
		said := ""
		if failure := attempt(func() { said = run() }); failure != nil {
			said = "FAILS: " + failure.Error()
			wrong++
		}
		fmt.Printf("%-32s %s\n", name, said)
	}
	if there(folder, "checkpoint") {
		tell("tiles", func() string { return verifyTiles(read, trust) })
		if there(folder, "tile/entries") {
			tell("log", func() string { return verifyEntries(read, trust, there(folder, "salts")) })
		}
	}
	files, err := os.ReadDir(folder)
	orDie(err)
	for _, file := range files {
		name := file.Name()
		if verify := fileVerifier(name, folder); verify != nil {
			tell(name, func() string { return verify(read(name), trust) })
		}
	}
	return wrong
}

func there(folder, name string) bool {
	_, err := os.Stat(filepath.Join(folder, filepath.FromSlash(name)))
	return err == nil
}

// verifyTiles: the hash tiles make the root of the checkpoint, each level out of the one below.
func verifyTiles(read func(string) []byte, trust *policy) string {
	seen := acceptCheckpoint(read("checkpoint"), trust)
	var below []hash
	count := 0
	for level := 0; level < 6; level++ {
		var row []hash
		for index, width := range tilesOf(seen.size, level) {
			raw := read(tileName(fmt.Sprint(level), uint64(index), width))
			check(uint64(len(raw)) == 32*width, "tile", "a tile of %d bytes", len(raw))
			for at := 0; at < len(raw); at += 32 {
				row = append(row, hash(raw[at:at+32]))
			}
			count++
		}
		for i, made := range row {
			check(level == 0 || made == treeRoot(below[256*i:256*i+256]), "tile", "level %d does not fit the one below", level)
		}
		if level == 0 {
			check(treeRoot(row) == seen.root, "tile", "the tiles make another root")
		}
		below = row
	}
	return fmt.Sprintf("hold: %d tiles make the root at size %d", count, seen.size)
}

func verifyEntries(read func(string) []byte, trust *policy, salted bool) string {
	note := read("checkpoint")
	size := acceptCheckpoint(note, trust).size
	var entries [][]byte
	for index, width := range tilesOf(size, 0) {
		entries = append(entries, parseBundle(read(tileName("entries", uint64(index), width)), int(width))...)
	}
	var salts []hash
	if salted {
		salts = readSalts(read("salts"), leafHash(entries[0]), trust)
	}
	done := verifyLog(note, trust, entries, salts, nil)
	return fmt.Sprintf("holds: %d entries, %d accounts, %d records, %d seals, %d salts", done.size, len(done.accounts),
		len(done.records), done.epoch, len(salts))
}

// readSalts reads the salts from epoch 0 on, under the log's signature.
func readSalts(raw []byte, ledger hash, trust *policy) (salts []hash) {
	var shown struct {
		Salts     []string
		Signature string
	}
	check(json.Unmarshal(raw, &shown) == nil, "answer", "no salts")
	var all []byte
	for _, one := range shown.Salts {
		salt := unhex(one, 32)
		salts = append(salts, hash(salt))
		all = append(all, salt...)
	}
	digest := sum(all)
	message := labelled("tallystick/salts/v1", ledger[:], u64be(0), digest[:])
	check(trust.signedByLog(message, unbase64(shown.Signature)), "answer", "the log did not sign these salts")
	return salts
}

// fileVerifier is what verifies a file of this name, or nil.
func fileVerifier(name, folder string) func([]byte, *policy) string {
	base := strings.TrimSuffix(name, filepath.Ext(name))
	switch filepath.Ext(name) {
	case ".statement":
		return func(raw []byte, trust *policy) string {
			by := reader{policy: trust}
			if there(folder, base+".card.json") {
				card, err := os.ReadFile(filepath.Join(folder, base+".card.json"))
				orDie(err)
				by.card = parseCard(card)
			}
			done := verifyStatement(raw, by)
			return fmt.Sprintf("holds: account %d has %d, in %d lines", done.account.number, done.state.balance, len(done.lines))
		}
	case ".receipt":
		return func(raw []byte, trust *policy) string {
			shown := parseReceipt(raw)
			shown.verify(trust, acceptCheckpoint)
			if status, ok := shown.status(); ok {
				return fmt.Sprintf("holds: entry %d, status %d", shown.index, status)
			}
			return fmt.Sprintf("holds: entry %d", shown.index)
		}
	case ".promise":
		return func(raw []byte, trust *policy) string {
			shown := parsePromise(raw)
			shown.verify(trust)
			return fmt.Sprintf("holds: entry %d by %d", shown.index, shown.deadline)
		}
	case ".refusal":
		return func(raw []byte, trust *policy) string {
			shown := parseRefusal(raw)
			shown.verify(trust)
			return fmt.Sprintf("holds: %s at size %d", shown.code, shown.size)
		}
	}
	if strings.HasPrefix(name, "evidence") {
		return func(raw []byte, trust *policy) string { return "convicts: " + verifyEvidence(raw, trust).code }
	}
	return nil
}

// fileName is the last part of a path, without its ending.
func fileName(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

func report(name string, failure *Failure) { fmt.Printf("%-32s FAILS: %s\n", name, failure.Error()) }
