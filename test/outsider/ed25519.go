package main

import (
	"bytes"
	"crypto/ed25519"
	"math/big"
	"sync"
)

// The accept set of SPEC §2: canonical encodings, no point of small order, S < L, no cofactor.

var (
	fieldPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	curveD     = func() *big.Int {
		d := new(big.Int).ModInverse(big.NewInt(121666), fieldPrime)
		return d.Mod(d.Mul(d, big.NewInt(-121665)), fieldPrime)
	}()
)

// yOf is the y coordinate of an encoded point, and whether it is below the prime.
func yOf(point []byte) (*big.Int, bool) {
	big32 := make([]byte, 32)
	for i, b := range point {
		big32[31-i] = b
	}
	big32[0] &= 0x7f
	y := new(big.Int).SetBytes(big32)
	return y, y.Cmp(fieldPrime) < 0
}

// xSquared is what the curve has as x² at y: −x² + y² = 1 + d·x²·y².
func xSquared(y *big.Int) *big.Int {
	yy := new(big.Int).Mul(y, y)
	over := new(big.Int).Sub(yy, big.NewInt(1))
	under := new(big.Int).Add(new(big.Int).Mul(curveD, yy), big.NewInt(1))
	under.ModInverse(under.Mod(under, fieldPrime), fieldPrime)
	return over.Mod(over.Mul(over, under), fieldPrime)
}

// smallOrder: 8·P is the identity. Of those points y is 0, ±1, or a root of d·y⁴ + 2·y² − 1 (order 8).
func smallOrder(y *big.Int) bool {
	one := big.NewInt(1)
	if y.Sign() == 0 || y.Cmp(one) == 0 || new(big.Int).Add(y, one).Cmp(fieldPrime) == 0 {
		return true
	}
	// Of order 8: doubling leads to y = 0, that is x² + y² = 0 on the numerator of y(2P) = (y² + x²)/(2 + x² − y²).
	total := new(big.Int).Add(new(big.Int).Mul(y, y), xSquared(y))
	return total.Mod(total, fieldPrime).Sign() == 0
}

var keyMemo sync.Map

// goodKey: a public key that can sign, §2: a canonical encoding of a point of the curve that is not of small order.
func goodKey(key []byte) bool {
	if len(key) != 32 {
		return false
	}
	if known, found := keyMemo.Load(hash(key)); found {
		return known.(bool)
	}
	y, canonical := yOf(key)
	good := canonical && !smallOrder(y) && big.Jacobi(xSquared(y), fieldPrime) == 1
	keyMemo.Store(hash(key), good)
	return good
}

// signed says whether a signature holds under the accept set.
func signed(key, message, signature []byte) bool {
	if len(signature) != 64 || !goodKey(key) {
		return false
	}
	y, canonical := yOf(signature[:32])
	if !canonical || smallOrder(y) {
		return false
	}
	return ed25519.Verify(key, message, signature)
}

func sameBytes(a, b []byte) bool { return bytes.Equal(a, b) }
