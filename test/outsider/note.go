package main

import (
	"encoding/binary"
	"strings"
	"unicode"
)

// Notes of c2sp.org/signed-note.

const (
	keyLog         = 0x01 // Ed25519
	keyWitness     = 0x04 // timestamped Ed25519 cosignature
	noteSignatures = 64   // a guess: SPEC names no bound, and the corpus refuses 65
)

type keyName struct {
	name string
	id   uint32
}

// verifierKey is a vkey; a key of a type that is not understood stands with its name and id alone.
type verifierKey struct {
	keyName
	kind byte
	key  []byte
}

func (k verifierKey) understood() bool { return k.kind == keyLog || k.kind == keyWitness }

func goodName(name string) bool {
	return name != "" && !strings.ContainsRune(name, '+') && strings.IndexFunc(name, unicode.IsSpace) < 0
}

func parseKey(text string) verifierKey {
	parts := strings.SplitN(text, "+", 3)
	check(len(parts) == 3 && goodName(parts[0]), "verifier-key", "%q is no verifier key", text)
	var made verifierKey
	form("verifier-key", func() {
		id := unhex(parts[1], 4)
		material := unbase64(parts[2])
		check(len(material) > 1, "verifier-key", "a key of no bytes")
		made = verifierKey{keyName{parts[0], binary.BigEndian.Uint32(id)}, material[0], material[1:]}
	})
	if made.understood() {
		check(len(made.key) == 32, "verifier-key", "a key of %d bytes", len(made.key))
		check(goodKey(made.key), "verifier-key", "a key under which nothing can be signed")
		digest := sum([]byte(made.name), []byte{'\n', made.kind}, made.key)
		check(binary.BigEndian.Uint32(digest[:4]) == made.id, "verifier-key", "the id is not that of the key")
	}
	return made
}

type noteLine struct {
	keyName
	signature []byte
}

type note struct {
	text  string
	lines []noteLine
}

func parseNote(document []byte) note {
	whole := wantUTF8(document)
	for _, letter := range whole {
		check(letter >= ' ' || letter == '\n', "note", "a control character")
	}
	split := strings.LastIndex(whole, "\n\n")
	check(split >= 0 && strings.HasSuffix(whole, "\n"), "note", "no blank line before signatures, or no last newline")
	made := note{text: whole[:split+1]}
	seen := map[keyName]bool{}
	for rest := whole[split+2:]; rest != ""; {
		var line string
		line, rest = cutLine(rest, "note")
		parsed := parseNoteLine(line)
		check(!seen[parsed.keyName] || broke("note-line-twice"), "note", "two lines of one key")
		seen[parsed.keyName] = true
		made.lines = append(made.lines, parsed)
		check(len(made.lines) <= noteSignatures, "note", "too many signatures")
	}
	check(len(made.lines) > 0, "note", "no signature")
	return made
}

func parseNoteLine(line string) noteLine {
	body, dashed := strings.CutPrefix(line, "— ")
	name, encoded, found := strings.Cut(body, " ")
	check(dashed && found && goodName(name), "note", "%q is no signature line", line)
	blob := unbase64(encoded)
	check(len(blob) > 4, "note", "a signature of %d bytes", len(blob))
	return noteLine{keyName{name, binary.BigEndian.Uint32(blob)}, blob[4:]}
}

// verifyLine verifies one line under a key of its name and id; for a witness the time it names, in seconds.
func verifyLine(key verifierKey, text string, signature []byte) (seconds uint64, holds bool) {
	if key.kind == keyLog {
		return 0, signed(key.key, []byte(text), signature)
	}
	if len(signature) != 8+64 {
		return 0, false
	}
	seconds = binary.BigEndian.Uint64(signature)
	if seconds > exactMax && !broke("cosignature-time-exact") {
		return 0, false
	}
	message := "cosignature/v1\ntime " + formatUint(seconds) + "\n" + text
	return seconds, signed(key.key, []byte(message), signature[8:])
}

// verifyNote opens a note under verifier keys alone and says whose lines verified.
func verifyNote(document []byte, keys []verifierKey) []string {
	opened := parseNote(document)
	signers := []string{}
	for _, line := range opened.lines {
		for _, key := range keys {
			if key.keyName == line.keyName {
				_, holds := verifyLine(key, opened.text, line.signature)
				check(holds, "note-signature", "the signature of %s does not verify", key.name)
				signers = append(signers, key.name)
			}
		}
	}
	return signers
}
