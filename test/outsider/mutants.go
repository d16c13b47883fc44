package main

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The mutants: one rule of this verifier broken after the other, and whether the corpus sees it.

//go:embed *.go
var sources embed.FS

// ruleText is a rule that can be broken: a call of broke in the source, which is where and how.
type ruleText struct{ name, where, line string }

var brokeForm = regexp.MustCompile(`broke\("([a-z0-9-]+)"\)`)

// ruleList finds the rules in the sources themselves, each once.
func ruleList() (rules []ruleText) {
	files, err := sources.ReadDir(".")
	orDie(err)
	known := map[string]bool{}
	for _, file := range files {
		raw, err := sources.ReadFile(file.Name())
		orDie(err)
		for at, line := range strings.Split(string(raw), "\n") {
			for _, found := range brokeForm.FindAllStringSubmatch(line, -1) {
				if !known[found[1]] {
					known[found[1]] = true
					rules = append(rules, ruleText{found[1], fmt.Sprintf("%s:%d", file.Name(), at+1), strings.TrimSpace(line)})
				}
			}
		}
	}
	return rules
}

// runMutants breaks each rule and prints which file sees it first; every rule that
// survives is a vector that the corpus lacks, or a rule that another one makes needless.
// Only those that are named are broken, or all where none is.
func runMutants(root string, named []string) {
	rules := chosen(ruleList(), named)
	var lies []*lie
	for _, path := range corpusFiles(root) {
		lies = append(lies, readLie(path))
	}
	caught, survivors := 0, []ruleText{}
	for _, rule := range rules {
		breaking = rule.name
		if by := caughtBy(lies); by != "" {
			caught++
			fmt.Printf("caught    %-32s %s\n", rule.name, strings.TrimPrefix(by, root+"/"))
		} else {
			survivors = append(survivors, rule)
			reached := ""
			if !askedRules[rule.name] {
				reached = ", never reached"
			}
			fmt.Printf("SURVIVES  %-32s %s%s: %s\n", rule.name, rule.where, reached, rule.line)
		}
	}
	breaking = ""
	fmt.Printf("%d rules broken: the corpus sees %d, and not %d\n", caught+len(survivors), caught, len(survivors))
}

// chosen are the rules of these names, or all where none is named.
func chosen(rules []ruleText, named []string) (made []ruleText) {
	if len(named) == 0 {
		return rules
	}
	for _, name := range named {
		at := slices.IndexFunc(rules, func(one ruleText) bool { return one.name == name })
		if at < 0 {
			orDie(fmt.Errorf("no rule is called %s", name))
		}
		made = append(made, rules[at])
	}
	return made
}

// caughtBy is the first file that is judged otherwise; a crash counts.
func caughtBy(lies []*lie) (by string) {
	at := ""
	defer func() {
		if recover() != nil {
			by = at + " (crashes)"
		}
	}()
	for _, one := range lies {
		at = one.path
		if one.judge() != "" {
			return one.path
		}
	}
	return ""
}
