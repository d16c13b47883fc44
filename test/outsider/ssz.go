package main

import (
	"encoding/binary"
	"math/bits"
)

// Merkleization as SPEC §2 has it (hash_tree_root of the Ethereum consensus specification).

const (
	batchDepth   = 13
	accountDepth = 32
	recordDepth  = 20
	unitDepth    = 8
	lotDepth     = 11
	holdDepth    = 4
	grantDepth   = 5
	takeDepth    = 6
)

// zeros[i] is the root of a tree of depth i whose chunks are all zero.
var zeros [64]hash

func init() {
	for i := 1; i < len(zeros); i++ {
		zeros[i] = node(zeros[i-1], zeros[i-1])
	}
}

func node(left, right hash) hash { return sum(left[:], right[:]) }

func chunk(value uint64) (made hash) {
	binary.LittleEndian.PutUint64(made[:], value)
	return made
}

// merkle is the root of a tree of a depth, zero chunks behind the last.
func merkle(chunks []hash, depth int) hash {
	if len(chunks) == 0 {
		return zeros[depth]
	}
	row := append([]hash(nil), chunks...)
	for level := 0; level < depth; level++ {
		if len(row)%2 == 1 {
			row = append(row, zeros[level])
		}
		for i := 0; i < len(row)/2; i++ {
			row[i] = node(row[2*i], row[2*i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0]
}

func depthOf(length uint64) int { return bits.Len64(length - 1) }

func container(fields ...hash) hash { return merkle(fields, depthOf(uint64(len(fields)))) }

func listRoot(items []hash, depth int) hash {
	if broke("list-without-length") {
		return merkle(items, depth)
	}
	return node(merkle(items, depth), chunk(uint64(len(items))))
}

// packed is the root of a List[uint64, 2^bound]: four numbers a chunk, and the number of numbers.
func packed(numbers []uint64, bound int) hash {
	chunks := make([]hash, (len(numbers)+3)/4)
	for i, number := range numbers {
		binary.LittleEndian.PutUint64(chunks[i/4][i%4*8:], number)
	}
	return node(merkle(chunks, bound-2), chunk(uint64(len(numbers))))
}

// climb makes the root of a list from one item and its list path; false where the path has another length.
func climb(item hash, number, length uint64, path []hash, depth int) (hash, bool) {
	if number >= length || len(path) != depthOf(length) {
		return hash{}, false
	}
	made := item
	for level := 0; level < depth; level++ {
		sibling := zeros[level]
		if level < len(path) {
			sibling = path[level]
		}
		if number>>level&1 == 1 {
			made = node(sibling, made)
		} else {
			made = node(made, sibling)
		}
	}
	return node(made, chunk(length)), true
}

func listed(item hash, number, length uint64, path []hash, depth int, root hash) bool {
	made, fits := climb(item, number, length, path, depth)
	return fits && made == root
}
