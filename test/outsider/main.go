// Command outsider verifies what a Tallystick ledger shows, by SPEC.md alone. See README.md.
package main

import (
	"fmt"
	"os"
	"strconv"
)

const usage = `outsider corpus [-v] [FOLDER]            judge every file of test/lies and test/truths (FOLDER: test)
outsider -break RULE corpus [FOLDER]      the same, with one rule of this verifier broken
outsider mutants [RULE …]                 break one rule after the other, or these: does the corpus see it?
outsider vectors [SPEC.md]               verify the ledger of SPEC §15
outsider folder FOLDER                   verify what lies in a folder: policy, checkpoint, tiles, entries, salts,
                                         statements, receipts, promises, refusals, evidence
outsider provoke URL DATA ROUNDS SEED    hand random batches to a ledger that a first start made in DATA, and replay them
outsider accuse FOLDER                   write evidence of every false log of the corpus there
outsider forge SEED ROUNDS FOLDER [on]   write a log of random batches over weeks there, as (false) evidence; on: that
                                         goes on in other logs
outsider fetch URL KEY POLICY FOLDER     copy a running ledger there; KEY: the key file of an auditor
`

func main() {
	args := os.Args[1:]
	if len(args) > 1 && args[0] == "-break" {
		breaking, args = args[1], args[2:]
	}
	verbose := len(args) > 1 && args[1] == "-v"
	if verbose {
		args = append(args[:1], args[2:]...)
	}
	home := ".."
	if len(args) == 2 {
		home = args[1]
	}
	switch {
	case len(args) == 5 && args[0] == "provoke":
		rounds, _ := strconv.Atoi(args[3])
		seed, _ := strconv.ParseInt(args[4], 10, 64)
		provoke(args[1], args[2], rounds, seed)
	case len(args) == 5 && args[0] == "fetch":
		fetchLedger(args[1], args[2], args[3], args[4])
	case len(args) >= 4 && args[0] == "forge":
		seed, _ := strconv.ParseInt(args[1], 10, 64)
		rounds, _ := strconv.Atoi(args[2])
		forge(seed, rounds, args[3], len(args) == 5 && args[4] == "on")
	case len(args) == 2 && args[0] == "accuse":
		exit(accuseAll("..", args[1]))
	case len(args) == 2 && args[0] == "folder":
		exit(verifyFolder(args[1]))
	case len(args) > 0 && len(args) < 3 && args[0] == "corpus":
		exit(runCorpus(home, verbose))
	case len(args) > 0 && args[0] == "mutants":
		runMutants("..", args[1:])
	case len(args) > 0 && len(args) < 3 && args[0] == "vectors":
		if len(args) == 1 {
			home = "../../SPEC.md"
		}
		exit(verifyVectors(home))
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
}

func exit(wrong int) {
	if wrong > 0 {
		os.Exit(1)
	}
}
