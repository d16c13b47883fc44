package main

// What some entries of a log show by themselves, SPEC §11.

// batchAt is the batch entry at an index, where it is shown and well-formed.
func (c *caseOf) batchAt(index uint64) *batch {
	raw, shown := c.byIndex[index]
	if !shown || typeOf(raw) != 1 {
		return nil
	}
	var made *batch
	attempt(func() { made = parseBatch(raw) })
	return made
}

func (c *caseOf) sealAt(index uint64) *seal {
	raw, shown := c.byIndex[index]
	if !shown || typeOf(raw) != 3 {
		return nil
	}
	var made *seal
	attempt(func() { made = parseSeal(raw) })
	return made
}

// opens: a batch or a seal, which may stand behind a batch and behind a seal.
func opens(raw []byte) bool { return typeOf(raw) == 1 || typeOf(raw) == 3 }

// some says whether one of the entries shown is as asked.
func (c *caseOf) some(is func(index uint64, raw []byte) bool) bool {
	for _, one := range c.entries {
		if is(one.index, one.raw) {
			return true
		}
	}
	return false
}

// inBatch: a batch that is shown announces the entry at this index.
func (c *caseOf) inBatch(index uint64) bool {
	return c.some(func(b uint64, _ []byte) bool {
		made := c.batchAt(b)
		return made != nil && index > b && index <= b+uint64(made.count)
	})
}

func init() {
	logFaults["entry-form"] = func(c *caseOf) bool {
		return c.some(func(index uint64, raw []byte) bool {
			switch typeOf(raw) {
			case 1:
				failure := attempt(func() { parseBatch(raw) })
				return failure != nil && failure.Code != "batch-version"
			case 2:
				return (c.inBatch(index) || broke("evidence-form-without-batch")) && attempt(func() { parseTransaction(raw) }) != nil
			case 3:
				failure := attempt(func() { parseSeal(raw) })
				return failure != nil && failure.Code != "seal-version"
			}
			return true
		})
	}
	logFaults["entry-order"] = func(c *caseOf) bool {
		return c.some(func(index uint64, raw []byte) bool {
			behind, shown := c.byIndex[index+1]
			switch {
			case index == 0 && typeOf(raw) != 1 && !broke("evidence-entry-0"):
				return true
			case typeOf(raw) == 3:
				return shown && !opens(behind)
			case typeOf(raw) != 1:
				return typeOf(raw) != 2 && c.inBatch(index)
			}
			b := c.batchAt(index)
			if b == nil {
				return false
			}
			end := index + 1 + uint64(b.count)
			after, shown := c.byIndex[end]
			wrong := end > c.checkpoint.size && !broke("evidence-ends-in-batch") || shown && !opens(after) && !broke("evidence-behind-batch")
			for at := index + 1; at < end && !wrong; at++ {
				one, there := c.byIndex[at]
				wrong = there && typeOf(one) != 2
			}
			return wrong
		})
	}
	logFaults["batch-root"] = func(c *caseOf) bool {
		return c.some(func(index uint64, _ []byte) bool {
			b := c.batchAt(index)
			if b == nil {
				return false
			}
			var leaves []hash
			for at := index + 1; at <= index+uint64(b.count); at++ {
				raw, shown := c.byIndex[at]
				if !shown {
					return false
				}
				leaves = append(leaves, leafHash(raw))
			}
			return batchRoot(leaves) != b.root
		})
	}
	logFaults["batch-time"] = func(c *caseOf) bool { return c.timeFalls(1) }
	logFaults["seal-time"] = func(c *caseOf) bool { return c.timeFalls(3) }
	logFaults["seal-epoch"] = func(c *caseOf) bool {
		return c.some(func(i uint64, _ []byte) bool {
			first := c.sealAt(i)
			return first != nil && (first.epoch > int64(i) && !broke("epoch-above-index") || c.some(func(j uint64, _ []byte) bool {
				second := c.sealAt(j)
				if second == nil || j <= i {
					return false
				}
				grown := second.epoch - first.epoch
				return grown < 1 || grown > int64(j-i) && !broke("epochs-grow-by-entries")
			}))
		})
	}
	logFaults["seal-last"] = func(c *caseOf) bool {
		last, shown := c.byIndex[c.checkpoint.size-1]
		return shown && typeOf(last) != 3
	}
	logFaults["log-identity"] = func(c *caseOf) bool {
		return c.otherIdentity()
	}
	logFaults["claim-twice"] = (*caseOf).claimedTwice
	logFaults["after-end"] = (*caseOf).afterEnd
	logFaults["batch-refused"] = (*caseOf).batchRefused
}

func (c *caseOf) transactionAt(index uint64) *transaction {
	raw, shown := c.byIndex[index]
	if !shown || typeOf(raw) != 2 {
		return nil
	}
	var made *transaction
	attempt(func() { made = parseTransaction(raw) })
	return made
}

// timeFalls: two batches or seals of which the later, of this type, has the earlier time.
func (c *caseOf) timeFalls(kind byte) bool {
	latest := int64(0)
	return c.some(func(index uint64, raw []byte) bool {
		now := int64(-1)
		if b := c.batchAt(index); b != nil {
			now = b.time
		} else if s := c.sealAt(index); s != nil {
			now = s.time
		}
		falls := now >= 0 && now < latest && typeOf(raw) == kind
		latest = max(latest, now)
		return falls
	})
}

func (c *caseOf) batchRefused() bool {
	misplaced := c.some(func(index uint64, _ []byte) bool {
		x := c.transactionAt(index)
		return x != nil && (x.kind == kGenesis) != (index == 1) && !broke("evidence-genesis-place")
	})
	if misplaced || c.genesisUnsigned() {
		return true
	}
	logs := c.shownLogs()
	return c.some(func(index uint64, _ []byte) bool {
		b := c.batchAt(index)
		if b == nil || index == 0 {
			return false
		}
		// The log that signed the checkpoint: behind its name, all is signed for one ledger id.
		ledger := hash{}
		for _, one := range logs {
			if one.of(c.checkpoint) && one.from < index {
				ledger = one.id
			}
		}
		if ledger == (hash{}) {
			return false
		}
		below, sealed := c.sealBelow(index)
		if sealed == nil {
			return false
		}
		for _, one := range b.signers {
			if one.class == 0 && c.recordForged(b, one, ledger, sealed) ||
				one.class == 1 && c.ownerForged(b, one, ledger, sealed, below, index) {
				return true
			}
		}
		return false
	})
}

func (c *caseOf) genesisUnsigned() bool {
	b, genesis := c.batchAt(0), c.transactionAt(1)
	return b != nil && genesis != nil && genesis.kind == kGenesis && refuseGenesis(b, genesis) != "" && !broke("evidence-genesis-signed")
}

// sealBelow is the last seal shown below an index.
func (c *caseOf) sealBelow(index uint64) (at uint64, last *seal) {
	for _, one := range c.entries {
		if made := c.sealAt(one.index); made != nil && one.index < index {
			at, last = one.index, made
		}
	}
	return at, last
}

func (c *caseOf) recordForged(b *batch, by signer, ledger hash, sealed *seal) bool {
	for _, one := range c.records {
		if one.number != uint64(by.number) {
			continue
		}
		root := recordRoot(leafHash(one.entry), one.from, one.until, one.next)
		check(listed(root, one.number, sealed.records, one.path, recordDepth, sealed.registry), "not-proven",
			"record %d is not in the registry of the seal", one.number)
		key, isKey := keyOf(parseTransaction(one.entry), int(one.number))
		return !isKey || one.until != 0 && !broke("evidence-revoked") || !signed(key[:], b.message(ledger), by.signature)
	}
	return false
}

func (c *caseOf) ownerForged(b *batch, by signer, ledger hash, sealed *seal, below, index uint64) bool {
	for _, one := range c.accounts {
		if one.number != uint64(by.number) {
			continue
		}
		check(listed(one.root(), one.number, sealed.accounts, one.path, accountDepth, sealed.state), "not-proven",
			"account %d is not in the state of the seal", one.number)
		for at := below + 1; at < index; at++ {
			raw, shown := c.byIndex[at]
			if !shown {
				return false
			}
			if x := c.transactionAt(at); !broke("owner-rotated") && typeOf(raw) == 2 && (x == nil || (x.kind == kSetCustody || x.kind == kFinishRecovery) &&
				uint64(x.account) == one.number) {
				return false
			}
		}
		return one.owner == nil && !broke("evidence-no-owner") || one.owner != nil && !signed(one.owner[:], b.message(ledger), by.signature)
	}
	return false
}

// keyOf is the public key that a record is, if it is one.
func keyOf(made *transaction, number int) (hash, bool) {
	if made.kind == kGenesis && number < len(made.roots) {
		return made.roots[number], true
	}
	return made.key, made.kind == kRegisterKey
}

// refuseGenesis says why the batch of the genesis would be refused: signed by anything but records 0 to r − 1, by
// fewer than need, or under a signature that does not verify.
func refuseGenesis(b *batch, genesis *transaction) string {
	for _, one := range b.signers {
		if one.class != 0 || one.number >= int64(len(genesis.roots)) {
			return "signer-unknown"
		}
	}
	if len(b.signers) < genesis.need {
		return "signer-unknown"
	}
	for _, one := range b.signers {
		if !signed(genesis.roots[one.number][:], b.message(hash{}), one.signature) {
			return "signature-invalid"
		}
	}
	return ""
}

func init() {
	verifiers["evidence"] = func(l *lie) facts {
		return facts{"code": verifyEvidence(l.document(), l.policy()).code}
	}
}
