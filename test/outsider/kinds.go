package main

import "encoding/hex"

// The verifiers that the corpus names, from what a file trusts and shows.

type facts = map[string]any

func (l *lie) text(name string) string { text, _ := l.Shown[name].(string); return text }

func (l *lie) document() []byte {
	if bytes, shown := l.Shown["bytes"].(string); shown {
		return unbase64(bytes)
	}
	return []byte(l.text("text"))
}

func (l *lie) policy() *policy { return parsePolicy([]byte(l.Trust["policy"].(string))) }

// blobs decodes a list of base64; a hash among them that is none is the business of whoever reads it.
func blobs(list any) (made [][]byte) {
	items, _ := list.([]any)
	for _, item := range items {
		made = append(made, unbase64(item.(string)))
	}
	return made
}

func hashesOf(list any, code string) (made []hash) {
	for _, item := range blobs(list) {
		check(len(item) == 32, code, "%d bytes are no hash", len(item))
		made = append(made, hash(item))
	}
	return made
}

func number(value any) (uint64, bool) {
	float, isNumber := value.(float64)
	return uint64(float), isNumber && float >= 0 && float <= exactMax && float == float64(uint64(float))
}

func natural(value any, code string) uint64 {
	made, exact := number(value)
	check(exact, code, "%v is no whole number", value)
	return made
}

func hash32(value any, code string) hash {
	raw := bytesOf(value)
	check(len(raw) == 32, code, "%d bytes are no hash", len(raw))
	return hash(raw)
}

func bytesOf(value any) []byte { text, _ := value.(string); return unbase64(text) }

func formOnly(read func([]byte)) func(*lie) facts {
	return func(l *lie) facts { read(l.document()); return nil }
}

func init() {
	verifiers["batch"] = formOnly(func(raw []byte) { parseBatch(raw) })
	verifiers["seal"] = formOnly(func(raw []byte) { parseSeal(raw) })
	verifiers["transaction"] = formOnly(func(raw []byte) { parseTransaction(raw) })
	verifiers["submission"] = formOnly(func(raw []byte) { parseSubmission(raw) })
	verifiers["card"] = formOnly(func(raw []byte) { parseCard(raw) })
	verifiers["tile-path"] = formOnly(func(raw []byte) { parseTilePath(string(raw)) })
	verifiers["add-checkpoint"] = formOnly(func(raw []byte) { parseAddCheckpoint(raw) })
	verifiers["policy"] = func(l *lie) facts {
		return facts{"quorum": parsePolicy(l.document()).quorumOf}
	}
	verifiers["bundle"] = func(l *lie) facts {
		return facts{"entries": len(parseBundle(l.document(), int(natural(l.Trust["count"], "entry-bundle"))))}
	}
	verifiers["note"] = func(l *lie) facts {
		var keys []verifierKey
		for _, text := range l.Trust["keys"].([]any) {
			key := parseKey(text.(string))
			check(key.understood(), "verifier-key", "a key of type %d", key.kind)
			keys = append(keys, key)
		}
		return facts{"signers": verifyNote(l.document(), keys)}
	}
	verifiers["checkpoint"] = func(l *lie) facts {
		trust := l.policy()
		accepted := acceptCheckpoint(l.document(), trust)
		names := []string{}
		for _, one := range trust.witnesses {
			if _, cosigned := accepted.times[one.name]; cosigned {
				names = append(names, one.name)
			}
		}
		return facts{"size": accepted.size, "witnessed": trust.quorum != nil, "witnesses": names}
	}
	verifiers["receipt"] = func(l *lie) facts {
		shown := parseReceipt(l.document())
		shown.verify(l.policy(), acceptCheckpoint)
		if status, ok := shown.status(); ok {
			return facts{"index": shown.index, "status": status}
		}
		return facts{"index": shown.index, "status": nil}
	}
	verifiers["promise"] = func(l *lie) facts {
		shown := parsePromise(l.document())
		shown.verify(l.policy())
		return facts{"size": shown.size}
	}
	verifiers["refusal"] = func(l *lie) facts {
		shown := parseRefusal(l.document())
		shown.verify(l.policy())
		return facts{"code": shown.code, "size": shown.size, "time": shown.time}
	}
	verifiers["ledger"] = func(l *lie) facts {
		is := verifyIdentity(l.document(), l.policy())
		return facts{"ledgerId": hex.EncodeToString(is.id[:])}
	}
	verifiers["registry"] = func(l *lie) facts {
		var rows []registryRow
		for _, item := range l.Shown["rows"].([]any) {
			row := item.(map[string]any)
			rows = append(rows, registryRow{
				bytesOf(row["entry"]), natural(row["from"], "record-proof"), natural(row["until"], "record-proof"),
			})
		}
		size, count := verifyRegistry(l.document(), rows, l.policy())
		return facts{"records": count, "size": size, "checkpoint": size}
	}
	verifiers["answer"] = func(l *lie) facts {
		trust := l.policy()
		is := verifyIdentity([]byte(l.Trust["beginning"].(string)), trust)
		shown := parseAnswer(l.document())
		var groups []batchGroup
		told, _ := l.Trust["groups"].([]any)
		for _, one := range told {
			pair := one.([]any)
			groups = append(groups, batchGroup{int(natural(pair[0], "answer")), int(natural(pair[1], "answer"))})
		}
		unproven := shown.verify(trust, is, blobs(l.Trust["transactions"]), groups, int64(natural(l.Trust["nowMs"], "answer")))
		statuses := []int{}
		for _, status := range shown.statuses {
			statuses = append(statuses, int(status))
		}
		return facts{"statuses": statuses, "unproven": append([]int{}, unproven...)}
	}
	verifiers["inclusion"] = func(l *lie) facts {
		const code = "inclusion-proof"
		holds := included(hash32(l.Shown["leaf"], code), natural(l.Shown["index"], code), natural(l.Trust["size"], code),
			hashesOf(l.Shown["proof"], code), hash32(l.Trust["root"], code))
		check(holds, code, "it is not there")
		return nil
	}
	verifiers["consistency"] = func(l *lie) facts {
		const code = "consistency-proof"
		holds := grew(natural(l.Trust["oldSize"], code), hash32(l.Trust["oldRoot"], code), natural(l.Trust["size"], code),
			hash32(l.Trust["root"], code), hashesOf(l.Shown["proof"], code))
		check(holds, code, "it did not grow out of that")
		return nil
	}
	verifiers["signature"] = func(l *lie) facts {
		holds := signed(bytesOf(l.Trust["publicKey"]), bytesOf(l.Trust["message"]), bytesOf(l.Shown["signature"]))
		check(holds, "signature-invalid", "it does not verify")
		return nil
	}
}

func init() {
	verifiers["log"] = func(l *lie) facts {
		tries := readTries(l)
		done := verifyLog([]byte(l.text("checkpoint")), l.policy(), blobs(l.Shown["entries"]),
			hashesOf(l.Shown["salts"], "state"), tries.watch)
		tries.end()
		return facts{"size": done.size, "accounts": len(done.accounts)}
	}
}
