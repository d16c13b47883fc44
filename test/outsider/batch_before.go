package main

// Whether a batch is taken at all (SPEC §7, Before).

// refuseBatch says why a batch is not taken, in the order of §7, or nothing.
func (l *ledger) refuseBatch(signers []signer, message []byte, transactions []*transaction) string {
	first := l.genesis == nil
	for _, x := range transactions {
		if (x.kind == kGenesis) != first && !broke("batch-genesis") {
			return "batch-genesis"
		}
	}
	if first && len(transactions) != 1 {
		return "batch-genesis"
	}
	keys := make([]hash, len(signers))
	if first {
		genesis := transactions[0]
		for i, one := range signers {
			if one.class != 0 || one.number >= int64(len(genesis.roots)) {
				return "signer-unknown"
			}
			keys[i] = genesis.roots[one.number]
		}
		if len(signers) < genesis.need && !broke("genesis-need") {
			return "signer-unknown"
		}
	}
	for i, one := range signers {
		if first {
			break
		}
		key := l.signerKey(one)
		if key == nil {
			return "signer-unknown"
		}
		keys[i] = *key
	}
	for _, one := range signers {
		if !first && one.class == 0 && !l.records[one.number].stands() && !broke("signer-revoked") {
			return "signer-revoked"
		}
	}
	for i, one := range signers {
		if !signed(keys[i][:], message, one.signature) && !broke("batch-signature") {
			return "signature-invalid"
		}
	}
	return ""
}

func (l *ledger) signerKey(by signer) *hash {
	if by.class == 0 {
		of := l.record(by.number)
		if of == nil {
			return nil
		}
		if key, _, is := of.key(); is {
			return &key
		}
		return nil
	}
	of := l.account(by.number)
	if of == nil || of.member == nil {
		return nil
	}
	if by.class == 1 {
		return of.member.owner
	}
	terms, which := of.member.recovery, by.class-2
	if terms == nil || which >= int64(len(terms.keys)) {
		return nil
	}
	return &terms.keys[which]
}
