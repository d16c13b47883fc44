package main

// breaking is the one rule that is broken on purpose in this run (mutants.go), or empty.
var breaking string

// broke says whether this rule is the broken one.
func broke(rule string) bool { return breaking == rule }
