package main

import (
	"strconv"
	"strings"
)

func formatUint(x uint64) string { return strconv.FormatUint(x, 10) }

// checkpoint is c2sp.org/tlog-checkpoint; signed and cosigned where a policy accepted it.
type checkpoint struct {
	origin string
	size   uint64
	root   hash
	text   string
	times  map[string]uint64 // what witnesses of the policy cosigned it, by name, and when, in seconds
	policy *policy
}

func parseCheckpoint(text string) *checkpoint {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	check(len(lines) >= 3, "checkpoint", "%d lines", len(lines))
	for _, line := range lines {
		check(line != "", "checkpoint", "an empty line")
	}
	return &checkpoint{
		origin: lines[0], size: decimal(lines[1]), root: hashOf(lines[2], "checkpoint"), text: text,
		times: map[string]uint64{},
	}
}

// acceptCheckpoint: signed by a log of the policy, and cosigned as the policy demands (SPEC §3).
func acceptCheckpoint(document []byte, trust *policy) *checkpoint {
	made := openCheckpoint(document, trust)
	check(made.quorumMet(func(uint64) bool { return true }) || broke("quorum"), "quorum", "too few cosigned it")
	return made
}

// openCheckpoint: signed by a log of the policy; lines of keys of the policy all verify; whoever cosigned it.
func openCheckpoint(document []byte, trust *policy) *checkpoint {
	opened := parseNote(document)
	made := parseCheckpoint(opened.text)
	made.policy = trust
	logs := trust.logsOf(made.origin)
	check(len(logs) > 0, "unknown-log", "%q is no log of the policy", made.origin)
	ofLog := false
	for _, line := range opened.lines {
		for _, key := range logs {
			if key.understood() && key.keyName == line.keyName {
				_, holds := verifyLine(key, opened.text, line.signature)
				check(holds || broke("log-line-spoils"), "log-signature", "a line of the log does not verify")
				ofLog = ofLog || holds
			}
		}
		for _, one := range trust.witnesses {
			if one.key.understood() && one.key.keyName == line.keyName {
				seconds, holds := verifyLine(one.key, opened.text, line.signature)
				check(holds || broke("witness-line-spoils"), "log-signature", "the line of %s does not verify", one.name)
				if holds {
					made.times[one.name] = seconds
				}
			}
		}
	}
	check(ofLog, "log-signature", "the log did not sign it")
	return made
}

// quorumMet counts the cosignatures of the times that are asked for, in seconds.
func (c *checkpoint) quorumMet(good func(seconds uint64) bool) bool {
	if c.policy.quorum == nil {
		return true
	}
	return c.policy.quorum.met(func(key *verifierKey) bool {
		for _, one := range c.policy.witnesses {
			if one.key.keyName == key.keyName {
				seconds, cosigned := c.times[one.name]
				return cosigned && good(seconds)
			}
		}
		return false
	})
}

func (c *checkpoint) includes(entry []byte, index uint64, proof []hash) bool {
	return included(leafHash(entry), index, c.size, proof, c.root)
}
