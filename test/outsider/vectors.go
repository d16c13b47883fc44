package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
)

var vectorForm = regexp.MustCompile(`(?m)^([a-z][a-z0-9.-]*)(?: \([0-9]+ bytes\))?\n((?:    [0-9a-f]+\n)+|` + "```\n(?s:.*?)```\n)")

// readVectors reads the values of SPEC §15, by name.
func readVectors(text string) map[string][]byte {
	made := map[string][]byte{}
	for _, found := range vectorForm.FindAllStringSubmatch(text, -1) {
		if quoted, is := strings.CutPrefix(found[2], "```\n"); is {
			made[found[1]] = []byte(strings.TrimSuffix(quoted, "```\n"))
			continue
		}
		raw, err := hex.DecodeString(strings.Join(strings.Fields(found[2]), ""))
		orDie(err)
		made[found[1]] = raw
	}
	return made
}

// verifyVectors verifies the small ledger of SPEC §15: its log, receipts, statements, promise and refusal.
func verifyVectors(spec string) (wrong int) {
	text, err := os.ReadFile(spec)
	orDie(err)
	of := readVectors(string(text))
	key := of["log.public"]
	digest := sum([]byte("ledger.example/points\n\x01"), key)
	vkey := fmt.Sprintf("ledger.example/points+%x+%s", digest[:4], base64Of(append([]byte{1}, key...)))
	trust := parsePolicy([]byte("log " + vkey + "\nquorum none\n"))
	try := func(name string, run func()) {
		if failure := attempt(run); failure != nil {
			fmt.Println(name, "FAILS:", failure.Error())
			wrong++
		}
	}
	var entries [][]byte
	for of[fmt.Sprintf("entry.%d", len(entries))] != nil {
		entries = append(entries, of[fmt.Sprintf("entry.%d", len(entries))])
	}
	var salts []hash
	for of[fmt.Sprintf("seal-salt.%d", len(salts))] != nil {
		salts = append(salts, hash(of[fmt.Sprintf("seal-salt.%d", len(salts))]))
	}
	try("log", func() {
		done := verifyLog(of["checkpoint"], trust, entries, salts, nil)
		check(done.id == hash(of["ledger-id"]), "wrong-ledger", "another ledger id")
	})
	try("promise", func() { parsePromise(of["promise"]).verify(trust) })
	try("refusal", func() { parseRefusal(of["refusal"]).verify(trust) })
	for _, name := range []string{"receipt.entry-18", "receipt.entry-20"} {
		try(name, func() { parseReceipt(of[name]).verify(trust, acceptCheckpoint) })
	}
	for _, name := range []string{"statement", "statement.signatures"} {
		try(name, func() {
			done := verifyStatement(of[name], reader{policy: trust})
			check(done.state.balance == 79, "totals", "a balance of %d", done.state.balance)
		})
	}
	fmt.Printf("the ledger of SPEC §15: %d entries, %d salts, %d of 7 fail\n", len(entries), len(salts), wrong)
	return wrong
}
