package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

// Evidence, SPEC §11: its form.

type shownEntry struct {
	index uint64
	raw   []byte
	proof []hash
}

type sealedRecord struct {
	number, from, until, next uint64
	entry                     []byte
	path                      []hash
}

type sealedAccount struct {
	shownAccount
	path []hash
}

type shownDetail struct {
	salt hash
	text string
}

type evidenceFile struct {
	code, needs         string
	checkpoint, earlier []byte
	opened              []byte
	promise             *promise
	refusal             *refusal
	root                *hash
	proof               []hash
	hasProof            bool
	at                  *uint64
	entries             []shownEntry
	records             []sealedRecord
	accounts            []sealedAccount
	statement           *statement
	earlierStatement    *statement
	log                 *carriedLog
	salt                *shownSalt
	details             []shownDetail
	rule                string
}

type carriedLog struct {
	entries, bundles uint64
	raw              [][]byte
}

type shownSalt struct {
	epoch     uint64
	salt      hash
	signature []byte
}

const evForm = "evidence"

// Limits of SPEC §13.
const (
	ruleBytesMax    = 65536
	shownDetailsMax = 1024
	detailsBytesMax = 16384
)

var codeForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)

// members reads a JSON object that has the fields asked for and perhaps some of the others.
func members(raw []byte, must, may []string) map[string]json.RawMessage {
	var made map[string]json.RawMessage
	check(json.Unmarshal(raw, &made) == nil && made != nil, evForm, "no JSON object")
	known := 0
	for _, field := range must {
		_, there := made[field]
		check(there, evForm, "no field %s", field)
		known++
	}
	for _, field := range may {
		if _, there := made[field]; there {
			known++
		}
	}
	check(len(made) == known, evForm, "a field that there is not")
	return made
}

func evBytes(raw json.RawMessage) []byte { return unbase64(jsonText(raw, evForm)) }
func evHash(raw json.RawMessage) hash    { return hashOf(jsonText(raw, evForm), evForm) }
func evNumber(raw json.RawMessage) uint64 {
	return jsonNumber(raw, exactMax, evForm)
}

func evHashes(raw json.RawMessage) (made []hash) {
	for _, item := range jsonList(raw, evForm) {
		made = append(made, evHash(item))
	}
	return made
}

func parseEvidence(document []byte) *evidenceFile {
	first, rest := document, ""
	if line, more, found := strings.Cut(string(document), "\n"); found && json.Valid([]byte(line)) {
		first, rest = []byte(line), more
	}
	top := members(first, []string{"format", "code", "message", "needs", "evidence"}, []string{"origin", "url", "time"})
	check(jsonText(top["format"], evForm) == "tallystick/evidence/v1", evForm, "another format")
	for _, field := range []string{"message", "origin", "url", "time"} {
		if raw, there := top[field]; there {
			jsonText(raw, evForm)
		}
	}
	if raw, there := top["time"]; there {
		_, err := time.Parse(time.RFC3339, jsonText(raw, evForm))
		check(err == nil, evForm, "no time")
	}
	e := &evidenceFile{code: jsonText(top["code"], evForm), needs: jsonText(top["needs"], evForm)}
	check(codeForm.MatchString(e.code), evForm, "%q is no code", e.code)
	check(e.needs == "nothing" || e.needs == "replay" || e.needs == "observer", evForm, "needs %q", e.needs)
	e.read(members(top["evidence"], nil, []string{"checkpoint", "earlier", "promise", "root", "proof", "at", "entries",
		"records", "accounts", "statement", "earlierStatement", "log", "salt", "details", "rule", "opened", "refusal"}))
	e.readBundles(rest)
	return e
}

func (e *evidenceFile) read(of map[string]json.RawMessage) {
	each := func(name string, read func(json.RawMessage)) {
		if raw, there := of[name]; there {
			read(raw)
		}
	}
	each("opened", func(raw json.RawMessage) { e.opened = []byte(jsonText(raw, evForm)) })
	each("checkpoint", func(raw json.RawMessage) { e.checkpoint = []byte(jsonText(raw, evForm)) })
	each("earlier", func(raw json.RawMessage) { e.earlier = []byte(jsonText(raw, evForm)) })
	each("promise", func(raw json.RawMessage) { e.promise = parsePromise(evBytes(raw)) })
	each("refusal", func(raw json.RawMessage) { e.refusal = parseRefusal(evBytes(raw)) })
	each("root", func(raw json.RawMessage) { root := evHash(raw); e.root = &root })
	each("proof", func(raw json.RawMessage) { e.proof, e.hasProof = evHashes(raw), true })
	each("at", func(raw json.RawMessage) { at := evNumber(raw); e.at = &at })
	each("statement", func(raw json.RawMessage) { e.statement = parseStatement(evBytes(raw)) })
	each("earlierStatement", func(raw json.RawMessage) { e.earlierStatement = parseStatement(evBytes(raw)) })
	each("entries", func(raw json.RawMessage) {
		for _, item := range jsonList(raw, evForm) {
			one := object(item, evForm, "index", "entry", "proof")
			e.entries = append(e.entries, shownEntry{evNumber(one["index"]), evBytes(one["entry"]), evHashes(one["proof"])})
		}
	})
	each("records", func(raw json.RawMessage) {
		for _, item := range jsonList(raw, evForm) {
			one := object(item, evForm, "number", "entry", "from", "until", "next", "path")
			e.records = append(e.records, sealedRecord{evNumber(one["number"]), evNumber(one["from"]),
				evNumber(one["until"]), evNumber(one["next"]), evBytes(one["entry"]), evHashes(one["path"])})
		}
	})
	each("accounts", func(raw json.RawMessage) {
		for _, item := range jsonList(raw, evForm) {
			e.accounts = append(e.accounts, readSealedAccount(item))
		}
	})
	each("log", func(raw json.RawMessage) {
		one := object(raw, evForm, "entries", "bundles")
		e.log = &carriedLog{entries: evNumber(one["entries"]), bundles: evNumber(one["bundles"])}
	})
	each("salt", func(raw json.RawMessage) {
		one := object(raw, evForm, "epoch", "salt", "signature")
		e.salt = &shownSalt{evNumber(one["epoch"]), evHash(one["salt"]), evBytes(one["signature"])}
	})
	each("rule", func(raw json.RawMessage) {
		e.rule = jsonText(raw, evForm)
		check(len(e.rule) <= ruleBytesMax, evForm, "a rule that is too long")
	})
	each("details", func(raw json.RawMessage) {
		for _, item := range jsonList(raw, evForm) {
			one := object(item, evForm, "salt", "text")
			text := jsonText(one["text"], evForm)
			check(len(text) <= detailsBytesMax, evForm, "details that are too long")
			check(len(e.details) < shownDetailsMax, evForm, "too many details")
			e.details = append(e.details, shownDetail{evHash(one["salt"]), text})
		}
	})
}

func readSealedAccount(raw json.RawMessage) sealedAccount {
	one := object(raw, evForm, "number", "kind", "unit", "owner", "opening", "status", "entries", "time", "credit",
		"debit", "head", "more", "path")
	made := sealedAccount{path: evHashes(one["path"])}
	made.number, made.kind, made.unit = evNumber(one["number"]), evNumber(one["kind"]), evNumber(one["unit"])
	if string(one["owner"]) != "null" {
		owner := evHash(one["owner"])
		made.owner = &owner
	}
	made.opening, made.status, made.entries = evHash(one["opening"]), evNumber(one["status"]), evNumber(one["entries"])
	made.time, made.credit, made.debit = int64(evNumber(one["time"])), evNumber(one["credit"]), evNumber(one["debit"])
	made.head, made.more = evHash(one["head"]), evHash(one["more"])
	return made
}

// readBundles reads the log that a file carries: the bundles on the lines behind the document, in order.
func (e *evidenceFile) readBundles(rest string) {
	wanted := uint64(0)
	if e.log != nil {
		whole := (e.log.entries + 255) / 256
		check(e.log.entries > 0 && (e.log.bundles == 0 || e.log.bundles == whole), evForm, "a log that is half carried")
		wanted = e.log.bundles
	}
	for number := uint64(0); number < wanted; number++ {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		one := object([]byte(line), evForm, "bundle", "entries")
		check(evNumber(one["bundle"]) == number, evForm, "bundles out of order")
		count := min(256, e.log.entries-256*number)
		e.log.raw = append(e.log.raw, parseBundle(evBytes(one["entries"]), int(count))...)
	}
	check(strings.TrimSpace(rest) == "", evForm, "lines behind the end")
}
