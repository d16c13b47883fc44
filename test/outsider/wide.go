package main

import "math/bits"

// product is 128 bits, so that no multiplication of two amounts overflows.
type product struct{ high, low uint64 }

func wide(one, other int64) product {
	high, low := bits.Mul64(uint64(one), uint64(other))
	return product{high, low}
}
