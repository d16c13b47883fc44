package main

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Small forms: cards (SPEC §10), tiles and bundles (tlog-tiles), add-checkpoint requests (tlog-witness).

type card struct {
	origin         string
	ledger         hash
	account        uint64
	opening, nonce hash
	owners         []hash
}

// object reads a JSON object that has exactly these fields.
func object(raw []byte, code string, fields ...string) map[string]json.RawMessage {
	var made map[string]json.RawMessage
	check(json.Unmarshal(raw, &made) == nil && made != nil, code, "no JSON object")
	for _, field := range fields {
		_, there := made[field]
		check(there, code, "no field %s", field)
	}
	check(len(made) == len(fields), code, "a field that there is not")
	return made
}

func jsonText(raw json.RawMessage, code string) string {
	var made *string
	check(json.Unmarshal(raw, &made) == nil && made != nil, code, "no text")
	return *made
}

func jsonNumber(raw json.RawMessage, most uint64, code string) uint64 {
	check(decimalForm.Match(raw), code, "%s is no whole number", raw)
	made := decimal(string(raw))
	check(made <= most, code, "%d is beyond %d", made, most)
	return made
}

func jsonList(raw json.RawMessage, code string) []json.RawMessage {
	var made []json.RawMessage
	check(json.Unmarshal(raw, &made) == nil && made != nil, code, "no list")
	return made
}

func parseCard(document []byte) *card {
	wantUTF8(document)
	shown := object(document, "card", "format", "origin", "ledger", "account", "opening", "nonce", "owners")
	check(jsonText(shown["format"], "card") == "tallystick/card/v1", "card", "another format")
	key := func(raw json.RawMessage) hash { return hash(unhex(jsonText(raw, "card"), 32)) }
	made := &card{
		origin: jsonText(shown["origin"], "card"), account: jsonNumber(shown["account"], accountMax, "card"),
		ledger: key(shown["ledger"]), opening: key(shown["opening"]), nonce: key(shown["nonce"]),
	}
	for _, owner := range jsonList(shown["owners"], "card") {
		made.owners = append(made.owners, key(owner))
	}
	return made
}

// parseBundle reads an entry bundle of so many entries.
func parseBundle(raw []byte, count int) (entries [][]byte) {
	for len(raw) > 0 {
		check(len(raw) >= 2, "entry-bundle", "half a length")
		size := int(raw[0])<<8 | int(raw[1])
		check(size >= 1 && len(raw)-2 >= size, "entry-bundle", "a length that does not fit")
		entries = append(entries, raw[2:2+size])
		raw = raw[2+size:]
	}
	check(len(entries) == count && count <= 256, "entry-bundle", "%d entries, not %d", len(entries), count)
	return entries
}

// A level above 5 is refused: a guess, the corpus has it so, while tlog-tiles allows levels up to 63.
var tilePath = regexp.MustCompile(`^tile/(?:[0-5]|entries)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?$`)

func parseTilePath(text string) {
	parts := tilePath.FindStringSubmatch(text)
	check(parts != nil && !strings.HasPrefix(parts[1], "x000/"), "tile-path", "%q is no tile", text)
	check(parts[2] == "" || decimal(parts[2]) <= 255, "tile-path", "%q is no width", parts[2])
}

type addCheckpoint struct {
	old        uint64
	proof      []hash
	checkpoint string
}

const growthMax = 63 // tlog-witness: no more than 63 hashes

func parseAddCheckpoint(document []byte) *addCheckpoint {
	head, body, found := strings.Cut(wantUTF8(document), "\n\n")
	check(found, "add-checkpoint", "no blank line")
	lines := strings.Split(head, "\n")
	old, found := strings.CutPrefix(lines[0], "old ")
	check(found, "add-checkpoint", "no old size")
	made := &addCheckpoint{old: decimal(old), checkpoint: body}
	for _, line := range lines[1:] {
		made.proof = append(made.proof, hashOf(line, "add-checkpoint"))
	}
	check(len(made.proof) <= growthMax, "add-checkpoint", "%d hashes", len(made.proof))
	return made
}
