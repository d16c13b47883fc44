package main

import (
	"strings"
)

// Policies of c2sp.org/tlog-policy.

type witness struct {
	name string
	key  verifierKey
}

// group is a witness (k = 0, one key) or a threshold of other groups.
type group struct {
	key     *verifierKey
	k       int
	members []*group
}

type policy struct {
	logs      []verifierKey
	witnesses []witness
	names     map[string]*group
	quorum    *group // nil: none
	quorumOf  string
}

func parsePolicy(document []byte) *policy {
	text := wantUTF8(document)
	for i := 0; i < len(text); i++ {
		check(text[i] >= ' ' && text[i] != 0x7f || text[i] == '\n' || text[i] == '\t', "policy", "a control character")
	}
	made := &policy{names: map[string]*group{}}
	used := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		form("policy", func() { made.line(words, used) })
	}
	check(made.quorumOf != "", "policy", "no quorum")
	known := len(made.logs) == 0
	for _, log := range made.logs {
		known = known || log.understood()
	}
	check(known, "policy", "no log has a key that is understood")
	made.parties()
	check(made.quorum == nil || made.quorum.met(func(key *verifierKey) bool { return key.understood() }),
		"policy", "the quorum takes a witness whose key is not understood")
	return made
}

// isTest tells whether every log of it is of a test ledger, whose time no clock is held against.
func (p *policy) isTest() bool {
	for _, one := range p.logs {
		if !strings.HasPrefix(one.name, "test.") {
			return false
		}
	}
	return len(p.logs) > 0
}

func (p *policy) line(words []string, used map[string]bool) {
	switch words[0] {
	case "log":
		check(len(words) == 2 || len(words) == 3, "policy", "a log line of %d words", len(words))
		key := parseKey(words[1])
		check(key.kind != keyWitness, "policy", "a witness's key as a log's")
		for _, other := range p.logs {
			check(!sameBytes(other.key, key.key), "policy", "one log twice")
		}
		p.logs = append(p.logs, key)
	case "witness":
		check(len(words) == 3 || len(words) == 4, "policy", "a witness line of %d words", len(words))
		key := parseKey(words[2])
		check(key.kind != keyLog, "policy", "a log's key as a witness's")
		for _, other := range p.witnesses {
			check(!sameBytes(other.key.key, key.key), "policy", "one witness twice")
		}
		p.witnesses = append(p.witnesses, witness{words[1], key})
		p.define(words[1], &group{key: &key})
	case "group":
		check(len(words) >= 4, "policy", "a group of nobody")
		p.define(words[1], p.group(words[2], words[3:], used))
	case "quorum":
		check(len(words) == 2 && p.quorumOf == "", "policy", "two quorums, or a word too many")
		p.quorumOf = words[1]
		if words[1] != "none" {
			p.quorum = p.names[words[1]]
			check(p.quorum != nil, "policy", "%q is not defined", words[1])
		}
	default:
		fail("policy", "%q is no word of a policy", words[0])
	}
}

// parties: no log is its own witness, and no party counts twice.
func (p *policy) parties() {
	inGroup := func(name string) *group {
		for _, one := range p.names {
			for _, member := range one.members {
				if member == p.names[name] {
					return one
				}
			}
		}
		return nil
	}
	for i, one := range p.witnesses {
		for _, log := range p.logs {
			own := sameBytes(log.key, one.key.key) && !broke("own-witness-key") || log.name == one.key.name && !broke("own-witness-name")
			check(!own, "policy", "a log as its own witness")
		}
		for _, other := range p.witnesses[:i] {
			a, b := inGroup(one.name), inGroup(other.name)
			if other.key.name == one.key.name && a != nil && b != nil {
				check((a == b || broke("party-two-groups")) && (a.k == 1 || broke("party-of-one")), "policy", "one party counts twice")
			}
		}
	}
}

func (p *policy) define(name string, what *group) {
	check(name != "none" && p.names[name] == nil, "policy", "the name %q is taken", name)
	p.names[name] = what
}

func (p *policy) group(threshold string, names []string, used map[string]bool) *group {
	made := &group{}
	for _, name := range names {
		member := p.names[name]
		check(member != nil && !used[name], "policy", "%q is not defined, or is in a group already", name)
		used[name] = true
		made.members = append(made.members, member)
	}
	switch threshold {
	case "any":
		made.k = 1
	case "all":
		made.k = len(names)
	default:
		made.k = int(decimal(threshold))
	}
	check(made.k >= 1 && made.k <= len(names), "policy", "a group that asks for %d of %d", made.k, len(names))
	return made
}

// met says whether enough cosigned, by what is said of each witness's key.
func (g *group) met(cosigned func(*verifierKey) bool) bool {
	if g.key != nil {
		return cosigned(g.key)
	}
	count := 0
	for _, member := range g.members {
		if member.met(cosigned) {
			count++
		}
	}
	return count >= g.k
}

func (p *policy) logsOf(origin string) (keys []verifierKey) {
	for _, log := range p.logs {
		if log.name == origin {
			keys = append(keys, log)
		}
	}
	return keys
}

// signedByLog: promises and refusals name no origin, so any log key of the policy may have signed them.
func (p *policy) signedByLog(message, signature []byte) bool {
	for _, log := range p.logs {
		if log.kind == keyLog && signed(log.key, message, signature) {
			return true
		}
	}
	return false
}
