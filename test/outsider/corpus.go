package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
)

// The corpus: files of the form of test/lies/README.md, and what became of them here.

type lie struct {
	Says, Verifier, Expect string
	Trust, Shown, Facts    map[string]any

	path string
	raw  []byte
}

// verifiers by name. Each ends in a Failure or returns facts.
var verifiers = map[string]func(*lie) map[string]any{}

func readLie(path string) *lie {
	raw, err := os.ReadFile(path)
	orDie(err)
	made := &lie{path: path, raw: raw}
	orDie(json.Unmarshal(raw, made))
	return made
}

func corpusFiles(root string) (paths []string) {
	for _, part := range []string{"lies", "truths"} {
		orDie(filepath.WalkDir(filepath.Join(root, part), func(path string, _ os.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".json") {
				paths = append(paths, path)
			}
			return err
		}))
	}
	sort.Strings(paths)
	return paths
}

// judge runs one file and says in which way it and this verifier disagree, or nothing.
func (l *lie) judge() string {
	var facts map[string]any
	failure := attempt(func() { facts = verifiers[l.Verifier](l) })
	switch {
	case failure == nil && l.Expect != "holds":
		return "holds here, expected " + l.Expect
	case failure == nil:
		return l.missing(facts)
	case failure.Code == l.Expect, malformed[failure.Code] && malformed[l.Expect]:
		return ""
	}
	return fmt.Sprintf("%s here (%s), expected %s", failure.Code, failure.Words, l.Expect)
}

// missing says which fact the verifier does not report as the file has it.
func (l *lie) missing(facts map[string]any) string {
	raw, err := json.Marshal(facts)
	orDie(err)
	var made map[string]any
	orDie(json.Unmarshal(raw, &made))
	for name, value := range l.Facts {
		if !reflect.DeepEqual(value, made[name]) {
			return fmt.Sprintf("fact %s: %v here, expected %v", name, made[name], value)
		}
	}
	return ""
}

// runCorpus judges all files and prints what disagrees; it returns how many do.
func runCorpus(root string, verbose bool) int {
	counts, wrong, without := map[string]int{}, 0, map[string]int{}
	for _, path := range corpusFiles(root) {
		l := readLie(path)
		if verifiers[l.Verifier] == nil {
			without[l.Verifier]++
			continue
		}
		counts[l.Verifier]++
		problem := l.judge()
		if problem != "" {
			wrong++
		}
		if problem != "" || verbose {
			fmt.Printf("%-60s %s\n", strings.TrimPrefix(path, root+"/"), orElse(problem, "agrees"))
		}
	}
	names, total := []string{}, 0
	for name, count := range counts {
		names = append(names, fmt.Sprintf("%s %d", name, count))
		total += count
	}
	sort.Strings(names)
	fmt.Printf("%d files: %d agree, %d disagree (%s)\n", total, total-wrong, wrong, strings.Join(names, ", "))
	for name, count := range without {
		fmt.Printf("not covered: %d files for the verifier %s\n", count, name)
	}
	return wrong
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func orDie(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}
