// Command outsider verifies what a Tallystick ledger shows, by SPEC.md alone. See README.md.
package main

import (
	"fmt"
	"os"
)

const usage = `outsider corpus [-v] [FOLDER]   judge every file of test/lies and test/truths (FOLDER: test)
`

func main() {
	args := os.Args[1:]
	verbose := false
	if len(args) > 1 && args[1] == "-v" {
		verbose = true
		args = append(args[:1], args[2:]...)
	}
	folder := ".."
	if len(args) > 1 {
		folder = args[1]
	}
	if len(args) == 0 || args[0] != "corpus" {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if runCorpus(folder, verbose) > 0 {
		os.Exit(1)
	}
}
