package main

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

var decimalForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,15})$`)

// decimal reads a whole number of digits without leading zeroes, up to 2^53 − 1.
func decimal(text string) uint64 {
	check(decimalForm.MatchString(text), "decimal", "%q is no decimal number", text)
	value, _ := strconv.ParseUint(text, 10, 64)
	check(value <= exactMax, "decimal", "%s is beyond 2^53 − 1", text)
	return value
}

// unbase64 reads base64 of RFC 4648 §4, padded, without loose bits or line breaks.
func unbase64(text string) []byte {
	check(!strings.ContainsAny(text, "\r\n"), "base64", "a line break in base64")
	value, err := base64.StdEncoding.Strict().DecodeString(text)
	check(err == nil, "base64", "%q is no base64", text)
	return value
}

func hashOf(text, code string) hash {
	value := unbase64(text)
	check(len(value) == 32, code, "%d bytes are no hash", len(value))
	return hash(value)
}

var hexForm = regexp.MustCompile(`^[0-9a-f]*$`)

// unhex reads hex in small letters.
func unhex(text string, size int) []byte {
	check(hexForm.MatchString(text) && len(text) == 2*size, "hex", "%q is not %d bytes of hex", text, size)
	value, _ := hex.DecodeString(text)
	return value
}

func wantUTF8(document []byte) string {
	check(utf8.Valid(document), "utf8", "not UTF-8")
	return string(document)
}

// cutLine takes the first line off a text.
func cutLine(text, code string) (line, rest string) {
	line, rest, found := strings.Cut(text, "\n")
	check(found, code, "a line without its end")
	return line, rest
}

func base64Of(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }
