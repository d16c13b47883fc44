package main

import (
	"encoding/binary"
	"unicode/utf8"
)

const (
	exactMax = 1<<53 - 1 // the greatest whole number of SPEC §2
	timeMax  = 1<<48 - 1
)

// cbor reads the narrow CBOR of SPEC §2 from the front: unsigned integers, byte and text strings, arrays, null.
type cbor struct {
	b  []byte
	at int
}

const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	cborNull   = 0xf6
)

// head reads one head of the major type, in its shortest form.
func (r *cbor) head(major byte) uint64 {
	check(r.at < len(r.b), "cbor", "ends at byte %d", r.at)
	first := r.b[r.at]
	check(first>>5 == major, "cbor", "byte %d: major type %d, not %d", r.at, first>>5, major)
	info := first & 31
	r.at++
	if info < 24 {
		return uint64(info)
	}
	check(info <= 27, "cbor", "byte %d: no definite head", r.at-1)
	size := 1 << (info - 24)
	check(len(r.b)-r.at >= size, "cbor", "ends in a head")
	var long [8]byte
	copy(long[8-size:], r.b[r.at:r.at+size])
	r.at += size
	value := binary.BigEndian.Uint64(long[:])
	least := uint64(24)
	if info > 24 {
		least = 1 << (8 << (info - 25))
	}
	check(value >= least || broke("cbor-longer-heads"), "cbor", "a head that is longer than it needs to be")
	return value
}

func (r *cbor) uint(max uint64) uint64 {
	value := r.head(majorUint)
	check(value <= max, "cbor", "%d is beyond %d", value, max)
	return value
}

func (r *cbor) int(max uint64) int64 { return int64(r.uint(max)) }

// between reads a number of a range, in the code of whoever asks.
func (r *cbor) between(min, max uint64, code string) int64 {
	value := r.uint(exactMax)
	check(value >= min && value <= max, code, "%d is not between %d and %d", value, min, max)
	return int64(value)
}

func (r *cbor) string(major byte) []byte {
	size := r.head(major)
	check(size <= uint64(len(r.b)-r.at), "cbor", "a string that goes on behind the end")
	value := r.b[r.at : r.at+int(size) : r.at+int(size)]
	r.at += int(size)
	return value
}

func (r *cbor) bytes() []byte { return r.string(majorBytes) }

func (r *cbor) bytesOf(size int) []byte {
	value := r.bytes()
	check(len(value) == size, "cbor", "%d bytes, not %d", len(value), size)
	return value
}

func (r *cbor) hash() hash { return hash(r.bytesOf(32)) }

func (r *cbor) text() string {
	value := r.string(majorText)
	check(utf8.Valid(value), "utf8", "a text that is not UTF-8")
	return string(value)
}

// null steps over a null, if there is one.
func (r *cbor) null() bool {
	check(r.at < len(r.b), "cbor", "ends at byte %d", r.at)
	if r.b[r.at] != cborNull {
		return false
	}
	r.at++
	return true
}

func (r *cbor) array() int {
	size := r.head(majorArray)
	check(size <= uint64(len(r.b)-r.at), "cbor", "an array that goes on behind the end")
	return int(size)
}

// fields opens an array that has to have so many fields.
func (r *cbor) fields(size int, code string) {
	got := r.array()
	check(got == size, code, "%d fields, not %d", got, size)
}

// list opens an array of a range of lengths.
func (r *cbor) list(min, max int) int {
	size := r.array()
	check(size >= min && size <= max, "list-length", "%d items, not %d to %d", size, min, max)
	return size
}

func (r *cbor) hashes(max int) []hash {
	items := make([]hash, r.list(0, max))
	for i := range items {
		items[i] = r.hash()
	}
	return items
}

func (r *cbor) maybeHash() *hash {
	if r.null() {
		return nil
	}
	value := r.hash()
	return &value
}

func (r *cbor) end() {
	check(r.at == len(r.b), "cbor", "%d bytes behind the end", len(r.b)-r.at)
}
