package main

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

type hash = [32]byte

func sum(parts ...[]byte) hash {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return hash(h.Sum(nil))
}

func u32be(x uint64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(x)) }
func u64be(x uint64) []byte { return binary.BigEndian.AppendUint64(nil, x) }

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// labelled begins a message that is signed, SPEC §2.
func labelled(label string, parts ...[]byte) []byte {
	return join(append([][]byte{[]byte(label), {0}}, parts...)...)
}

// --- The tree of the log, RFC 6962 §2.1 ---

func leafHash(entry []byte) hash { return sum([]byte{0}, entry) }

func treeNode(left, right hash) hash { return sum([]byte{1}, left[:], right[:]) }

func treeRoot(leaves []hash) hash {
	switch len(leaves) {
	case 0:
		return sum()
	case 1:
		return leaves[0]
	}
	split := 1 << (bits.Len(uint(len(leaves)-1)) - 1)
	return treeNode(treeRoot(leaves[:split]), treeRoot(leaves[split:]))
}

// included follows an inclusion proof as RFC 9162 §2.1.3.2 has it.
func included(leaf hash, index, size uint64, proof []hash, root hash) bool {
	if index >= size {
		return false
	}
	at, last, made := index, size-1, leaf
	for _, sibling := range proof {
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			made = treeNode(sibling, made)
			for at&1 == 0 && at != 0 {
				at >>= 1
				last >>= 1
			}
		} else {
			made = treeNode(made, sibling)
		}
		at >>= 1
		last >>= 1
	}
	return last == 0 && made == root
}

// grew follows a consistency proof as RFC 9162 §2.1.4.2 has it, from one size and root to another.
func grew(oldSize uint64, oldRoot hash, size uint64, root hash, proof []hash) bool {
	switch {
	case oldSize > size:
		return false
	case oldSize == size:
		return len(proof) == 0 && oldRoot == root
	case oldSize == 0:
		return len(proof) == 0 && oldRoot == treeRoot(nil)
	}
	if oldSize&(oldSize-1) == 0 {
		proof = append([]hash{oldRoot}, proof...)
	}
	if len(proof) == 0 {
		return false
	}
	at, last := oldSize-1, size-1
	for at&1 == 1 {
		at >>= 1
		last >>= 1
	}
	first, second := proof[0], proof[0]
	for _, sibling := range proof[1:] {
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			first = treeNode(sibling, first)
			second = treeNode(sibling, second)
			for at&1 == 0 && at != 0 {
				at >>= 1
				last >>= 1
			}
		} else {
			second = treeNode(second, sibling)
		}
		at >>= 1
		last >>= 1
	}
	return last == 0 && first == oldRoot && second == root
}
