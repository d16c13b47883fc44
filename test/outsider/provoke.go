package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"time"
)

// Random batches for a running ledger, whose log is replayed here behind each: does it make of them what SPEC says?

type provoker struct {
	*caller
	random  *rand.Rand
	keys    keyring
	mirror  *replayer
	trust   *policy
	auditor []byte
	signers map[signerName]bool // of the batch at hand, without signatures
	ids     []id
	entries [][]byte
	refused map[string]int
	names   int

	local  bool // the log is written here (forge.go), at the time of this clock
	clock  int64
	owners []hash  // of several accounts each
	world  []int64 // the units that have accounts
	ready  bool    // the small world stands: ids may come again, and times be off
	lazy   int     // in how many rounds the operator writes down what is due
}

// provoke hands so many random batches to a ledger that a first start made, with all the keys in its data directory, and
// the root key beside it.
func provoke(url, data string, rounds int, seed int64) {
	p := &provoker{caller: &caller{url: url}, random: rand.New(rand.NewSource(seed)), keys: keyring{}, refused: map[string]int{}}
	raw, err := os.ReadFile(filepath.Join(data, "policy"))
	orDie(err)
	p.trust = parsePolicy(raw)
	files, err := filepath.Glob(filepath.Join(data, "keys", "*.json"))
	orDie(err)
	beside, err := filepath.Glob(filepath.Join(filepath.Clean(data)+".root", "*.json"))
	orDie(err)
	for _, file := range append(files, beside...) {
		var key struct{ Name, Seed string }
		raw, err := os.ReadFile(file)
		orDie(err)
		if json.Unmarshal(raw, &key) == nil && key.Name != "" {
			public := p.keys.add(unbase64(key.Seed))
			if key.Name == "auditor" {
				p.auditor = public[:]
			}
		}
	}
	p.token = tokenOf(p.keys[hash(p.auditor)].Seed(), p.recordOf(p.auditor), verifyIdentity(p.get("/v1/receipts/1"), p.trust).id)
	p.mirror = &replayer{trust: openCheckpoint(p.get("/checkpoint"), p.trust), ledger: newLedger(), late: newOverdueWatch()}
	p.catchUp()
	fmt.Printf("seed %d\n", seed)
	p.setUp()
	begin := len(p.mirror.records)
	for round := 0; round < rounds; round++ {
		if round%100 == 99 {
			p.renew()
		}
		p.round()
	}
	p.statements()
	p.receipts()
	p.report(begin)
}

// statements verifies what the ledger states of each member, with and without the signatures under all lines.
func (p *provoker) statements() {
	p.renew()
	lines := 0
	for _, one := range p.mirror.accounts {
		for _, query := range []string{"", "?signatures=all"} {
			if one.member == nil {
				continue
			}
			raw := p.get(fmt.Sprintf("/v1/accounts/%d/statement%s", one.number, query))
			var done *audit
			if failure := attempt(func() { done = verifyStatement(raw, reader{policy: p.trust}) }); failure != nil {
				name := fmt.Sprintf("disagrees-%d.statement", one.number)
				save(".", name, raw)
				fmt.Println("DISAGREES: the statement of account", one.number, failure.Error(), "in", name)
				continue
			}
			lines += len(done.lines)
			if done.checkpoint.size == p.mirror.size && done.state.balance != one.member.balance {
				fmt.Println("DISAGREES: account", one.number, "has", done.state.balance, "and here", one.member.balance)
			}
		}
	}
	fmt.Printf("statements hold, of %d lines in all\n", lines)
}

// receipts verifies those of some entries, and that they say what the replay says.
func (p *provoker) receipts() {
	for try := 0; try < 40; try++ {
		index := p.random.Int63n(int64(p.mirror.size))
		shown := parseReceipt(p.get(fmt.Sprintf("/v1/receipts/%d", index)))
		if failure := attempt(func() { shown.verify(p.trust, acceptCheckpoint) }); failure != nil ||
			!sameBytes(shown.entry, p.mirror.entries[index]) {
			fmt.Println("DISAGREES: the receipt of", index, failure)
		}
	}
}

// renew makes a token again: they end after five minutes.
func (p *provoker) renew() {
	p.token = tokenOf(p.keys[hash(p.auditor)].Seed(), p.recordOf(p.auditor), p.mirror.id)
}

func (p *provoker) report(begin int) {
	counts := map[int]int{}
	for _, raw := range p.mirror.entries {
		if typeOf(raw) == 1 {
			b := parseBatch(raw)
			for i := 0; i < b.count; i++ {
				counts[b.status(i)]++
			}
		}
	}
	var seen []int
	for status := range counts {
		seen = append(seen, status)
	}
	sort.Ints(seen)
	fmt.Printf("%d entries, %d accounts, %d records (%d before); batches refused %v; transactions by status:", p.mirror.size,
		len(p.mirror.accounts), len(p.mirror.records), begin, p.refused)
	for _, status := range seen {
		fmt.Printf(" %d:%d", status, counts[status])
	}
	fmt.Println()
}

// catchUp replays what the log has grown by.
func (p *provoker) catchUp() {
	size := openCheckpoint(p.get("/checkpoint"), p.trust).size
	for from := p.mirror.size - p.mirror.size%256; from < size; from += 256 {
		width := min(256, size-from)
		bundle := parseBundle(p.get("/"+tileName("entries", from/256, width)), int(width))
		p.mirror.entries = append(p.mirror.entries[:from], bundle...)
	}
	for p.mirror.size < size {
		at := p.mirror.size
		if failure := attempt(p.mirror.step); failure != nil {
			p.disagree(at, failure)
		}
	}
}

// disagree prints the batch at which ledger and verifier differ, and ends.
func (p *provoker) disagree(at uint64, failure *Failure) {
	fmt.Println("DISAGREES at", at, failure.Error())
	if b := p.mirror.entries[at]; typeOf(b) == 1 {
		head := parseBatch(b)
		fmt.Printf("batch at %d:", head.time)
		for _, one := range head.signers {
			fmt.Printf(" %d/%d", one.class, one.number)
		}
		fmt.Println()
		for i := 0; i < head.count; i++ {
			fmt.Printf("%d: status %d, %s\n", i, head.status(i), hex.EncodeToString(p.mirror.entries[at+1+uint64(i)]))
		}
	}
	os.Exit(1)
}

// send submits a batch under the signers collected, and follows the log.
func (p *provoker) send(entries ...[]byte) {
	var signers []signer
	for one := range p.signers {
		if key := p.mirror.signerKey(signer{class: one.class, number: one.number}); key != nil && p.keys[*key] == nil {
			continue // a key that another run made
		}
		signers = append(signers, signer{class: one.class, number: one.number})
	}
	p.signers = map[signerName]bool{}
	sort.Slice(signers, func(i, j int) bool {
		return signers[i].class < signers[j].class || signers[i].class == signers[j].class && signers[i].number < signers[j].number
	})
	if len(signers) == 0 || len(entries) == 0 {
		return
	}
	signers = signers[:min(len(signers), signaturesMax)]
	groups := p.groups(entries)
	body := writeSubmission(p.keys.sign(p.mirror.ledger, signers, groups, entries), groups, entries)
	handed := parseSubmission(body)
	message := signingMessage(p.mirror.id, handed.signers, handed.groups, len(entries), handed.root)
	expected := p.mirror.refuseBatch(handed.signers, message, handed.transactions)
	if p.local {
		p.refused[expected]++
		if expected == "" {
			p.append(handed, entries)
		}
		return
	}
	code := p.post(body)
	p.refused[code]++
	if code != expected && (batchCodes[code] || code == "" && p.someNew(handed)) {
		fmt.Printf("DISAGREES: a batch is %q, and %q here: %x\n", code, expected, body)
		os.Exit(1)
	}
	p.catchUp()
}

func (p *provoker) someNew(handed *submission) bool {
	for _, one := range handed.transactions {
		if p.mirror.ids[one.id] == nil {
			return true
		}
	}
	return false
}

// post hands a batch in and returns the code of a problem, or nothing.
func (p *provoker) post(body []byte) string {
	for {
		response, err := http.Post(p.url+"/v1/batches?wait=sealed", "application/cbor", bytes.NewReader(body))
		orDie(err)
		raw, err := io.ReadAll(response.Body)
		orDie(err)
		response.Body.Close()
		if response.StatusCode == 200 {
			return ""
		}
		var problem struct{ Code, Detail string }
		orDie(json.Unmarshal(raw, &problem))
		if response.StatusCode != 503 {
			if !batchCodes[problem.Code] {
				fmt.Println("problem:", response.StatusCode, problem.Code, problem.Detail)
			}
			return problem.Code
		}
		time.Sleep(time.Second)
	}
}
