package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A copy of a real ledger in a folder: checkpoint, hash tiles, entry bundles and salts, as SPEC §11 serves them.

// caller fetches from a ledger, with a token of a key of the registry where it has one.
type caller struct {
	url, token string
}

func (c *caller) get(path string) []byte {
	request, err := http.NewRequest("GET", c.url+path, nil)
	orDie(err)
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := http.DefaultClient.Do(request)
	orDie(err)
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<27))
	orDie(err)
	if response.StatusCode != 200 {
		orDie(fmt.Errorf("%s: %d %s", path, response.StatusCode, body))
	}
	return body
}

// tokenOf makes a JWT of exactly the claims of SPEC §11, Callers.
func tokenOf(seed []byte, record int, ledger hash) string {
	now := time.Now().Unix()
	part := func(fields map[string]any) string {
		raw, _ := json.Marshal(fields)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signing := part(map[string]any{"alg": "EdDSA", "typ": "tally+jwt"}) + "." + part(map[string]any{
		"iss": fmt.Sprintf("record/%d", record), "aud": hex.EncodeToString(ledger[:]), "sub": "ledger",
		"iat": now, "exp": now + 300,
	})
	signature := ed25519.Sign(ed25519.NewKeyFromSeed(seed), []byte(signing))
	return signing + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// recordOf finds the record of a key in the registry that the ledger lists, page by page.
func (c *caller) recordOf(key []byte) int {
	for number, query := 0, ""; ; query = fmt.Sprintf("?after=%d", number-1) {
		var page struct{ Records []struct{ Entry string } }
		orDie(json.Unmarshal(c.get("/v1/registry"+query), &page))
		if len(page.Records) == 0 {
			orDie(fmt.Errorf("the key is not in the registry"))
		}
		for _, one := range page.Records {
			if made := parseTransaction(unbase64(one.Entry)); made.kind == kRegisterKey && sameBytes(made.key[:], key) {
				return number
			}
			number++
		}
	}
}

// tileName is the path of a tile of a level, or of an entry bundle, of c2sp.org/tlog-tiles.
func tileName(level string, index, width uint64) string {
	name := fmt.Sprintf("%03d", index%1000)
	for rest := index / 1000; rest > 0; rest /= 1000 {
		name = fmt.Sprintf("x%03d/", rest%1000) + name
	}
	if width < 256 {
		name += fmt.Sprintf(".p/%d", width)
	}
	return "tile/" + level + "/" + name
}

// tilesOf names all tiles of a level (or bundles, level 0) that a tree of a size has.
func tilesOf(size uint64, level int) (widths []uint64) {
	hashes := size >> (8 * level)
	for ; hashes > 0; hashes -= min(hashes, 256) {
		widths = append(widths, min(hashes, 256))
	}
	return widths
}

func fetchLedger(url, keyFile, policyFile, folder string) {
	c := &caller{url: strings.TrimSuffix(url, "/")}
	raw, err := os.ReadFile(policyFile)
	orDie(err)
	trust := parsePolicy(raw)
	save(folder, "policy", raw)
	is := verifyIdentity(c.get("/v1/receipts/1"), trust)
	note := c.get("/checkpoint")
	save(folder, "checkpoint", note)
	seen := acceptCheckpoint(note, trust)
	if raw, err = os.ReadFile(keyFile); err == nil {
		var key struct{ Public, Seed string }
		orDie(json.Unmarshal(raw, &key))
		public, err := hex.DecodeString(key.Public)
		orDie(err)
		c.token = tokenOf(unbase64(key.Seed), c.recordOf(public), is.id)
	}
	for level := 0; level < 6; level++ {
		for index, width := range tilesOf(seen.size, level) {
			name := tileName(fmt.Sprint(level), uint64(index), width)
			save(folder, name, c.get("/"+name))
		}
	}
	for index, width := range tilesOf(seen.size, 0) {
		name := tileName("entries", uint64(index), width)
		save(folder, name, c.get("/"+name))
	}
	save(folder, "salts", c.get("/v1/salts?from=0&count=1000"))
	fmt.Printf("%d entries of %s are in %s\n", seen.size, seen.origin, folder)
}

func save(folder, name string, content []byte) {
	path := filepath.Join(folder, filepath.FromSlash(name))
	orDie(os.MkdirAll(filepath.Dir(path), 0o755))
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return
	}
	orDie(os.WriteFile(path, content, 0o644))
}
