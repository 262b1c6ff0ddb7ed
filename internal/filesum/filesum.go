// Package filesum puts a SHA-256 of a whole file into that file, at a place that
// its format has for text, so that damage to any bit shows before a byte of it is
// believed.
package filesum

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

const (
	marker = "nngplab-file-sha256:"
	digits = 2 * sha256.Size
)

var blank = bytes.Repeat([]byte{'0'}, digits)

// Place is the text that holds a place for the checksum.
func Place() string { return marker + string(blank) }

// Marker is how the place begins.
func Marker() string { return marker }

// ErrUnsigned says that a file has no place for a checksum.
var ErrUnsigned = errors.New("there is no checksum in the file, or it is cut short")

func find(data []byte) (int, error) {
	at := bytes.LastIndex(data, []byte(marker))
	if at < 0 || at+len(marker)+digits > len(data) {
		return 0, ErrUnsigned
	}
	return at + len(marker), nil
}

// Sign computes the checksum, with zeros in its place, and puts it there.
func Sign(data []byte) error {
	at, err := find(data)
	if err != nil {
		return err
	}
	copy(data[at:], blank)
	sum := sha256.Sum256(data)
	hex.Encode(data[at:], sum[:])
	return nil
}

// Verify returns an error if the file has no checksum, which is ErrUnsigned, or
// another one than its bytes have.
func Verify(data []byte) error {
	at, err := find(data)
	if err != nil {
		return err
	}
	h := sha256.New()
	h.Write(data[:at])
	h.Write(blank)
	h.Write(data[at+digits:])
	if hex.EncodeToString(h.Sum(nil)) != string(data[at:at+digits]) {
		return errors.New("the checksum is wrong: the file is damaged")
	}
	return nil
}

// Write writes what make writes, which must hold Place, with its checksum.
func Write(w io.Writer, make func(io.Writer) error) error {
	var b bytes.Buffer
	if err := make(&b); err != nil {
		return err
	}
	if err := Sign(b.Bytes()); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
