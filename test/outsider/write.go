package main

import (
	"crypto/ed25519"
	"encoding/binary"
	"math/rand"
)

// Transactions and batches as a client writes them, for provoke.go.

// cborOf writes numbers, byte strings, texts, arrays and null in the form of SPEC §2.
func cborOf(value any) []byte {
	switch v := value.(type) {
	case nil:
		return []byte{cborNull}
	case int:
		return cborHead(majorUint, uint64(v))
	case int64:
		return cborHead(majorUint, uint64(v))
	case []byte:
		return append(cborHead(majorBytes, uint64(len(v))), v...)
	case hash:
		return cborOf(v[:])
	case id:
		return cborOf(v[:])
	case string:
		return append(cborHead(majorText, uint64(len(v))), v...)
	case []any:
		made := cborHead(majorArray, uint64(len(v)))
		for _, item := range v {
			made = append(made, cborOf(item)...)
		}
		return made
	}
	panic("a value that CBOR of SPEC §2 does not have")
}

func cborHead(major byte, value uint64) []byte {
	first := major << 5
	switch {
	case value < 24:
		return []byte{first | byte(value)}
	case value < 1<<8:
		return []byte{first | 24, byte(value)}
	case value < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{first | 25}, uint16(value))
	case value < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{first | 26}, uint32(value))
	}
	return binary.BigEndian.AppendUint64([]byte{first | 27}, value)
}

// writeTransaction is the entry of a kind with these fields behind kind and id.
func writeTransaction(kind int, of id, fields ...any) []byte {
	return append([]byte{2}, cborOf(append([]any{kind, of}, fields...))...)
}

// newID is a UUIDv7 of a time.
func newID(random *rand.Rand, t int64) (made id) {
	random.Read(made[:])
	binary.BigEndian.PutUint64(made[:8], uint64(t)<<16|uint64(made[6])<<8|uint64(made[7]))
	made[6] = made[6]&0x0f | 0x70
	made[8] = made[8]&0x3f | 0x80
	return made
}

// keyring has the seeds of all keys that were ever made.
type keyring map[hash]ed25519.PrivateKey

func (k keyring) add(seed []byte) hash {
	private := ed25519.NewKeyFromSeed(seed)
	public := hash(private.Public().(ed25519.PublicKey))
	k[public] = private
	return public
}

func (k keyring) fresh(random *rand.Rand) hash {
	seed := make([]byte, 32)
	random.Read(seed)
	return k.add(seed)
}

// sign signs a batch under the keys that the ledger has for its signers.
func (k keyring) sign(of *ledger, signers []signer, groups []batchGroup, entries [][]byte) []signer {
	var leaves []hash
	for _, one := range entries {
		leaves = append(leaves, leafHash(one))
	}
	message := signingMessage(of.id, signers, groups, len(entries), batchRoot(leaves))
	for i := range signers {
		signers[i].signature = make([]byte, 64)
		if key := of.signerKey(signers[i]); key != nil && k[*key] != nil {
			signers[i].signature = ed25519.Sign(k[*key], message)
		}
	}
	return signers
}

func writeSubmission(signers []signer, groups []batchGroup, entries [][]byte) []byte {
	var names, bodies []any
	parts := []any{}
	for _, one := range groups {
		parts = append(parts, []any{one.first, one.count})
	}
	for _, one := range signers {
		names = append(names, []any{one.class, one.number, one.signature})
	}
	for _, one := range entries {
		bodies = append(bodies, one)
	}
	return cborOf([]any{names, parts, bodies})
}
