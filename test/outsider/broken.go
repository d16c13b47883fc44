package main

// breaking is the one rule that is broken on purpose in this run (mutants.go), or empty.
var breaking string

// askedRules are the rules that were asked for while one was broken: the others were never reached.
var askedRules = map[string]bool{}

// broke says whether this rule is the broken one.
func broke(rule string) bool {
	if breaking == "" {
		return false
	}
	askedRules[rule] = true
	return breaking == rule
}
