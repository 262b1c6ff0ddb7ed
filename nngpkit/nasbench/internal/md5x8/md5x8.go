// Package md5x8 computes the MD5 of eight messages of equal length at once.
package md5x8

import "encoding/binary"

//go:generate go run asm.go -out block_amd64.s -stubs block_amd64.go -pkg md5x8

// Lanes is the number of messages.
const Lanes = 8

// Size is the number of bytes of a lane of a Buffer: room for a message of at
// most MaxMessage bytes and its padding.
const Size = 5 * 64

// MaxMessage is the greatest length of a message.
const MaxMessage = Size - 9

// Buffer holds the messages, each from the start of its lane.
type Buffer [Lanes][Size]byte

// Sum computes the MD5 of the first n bytes of every lane, n <= MaxMessage. It
// writes the padding into the lanes, behind the messages. Available must be
// true.
func (b *Buffer) Sum(n int, out *[Lanes][16]byte) {
	end := (n + 9 + 63) &^ 63
	for i := range b {
		clear(b[i][n:end])
		b[i][n] = 0x80
		binary.LittleEndian.PutUint64(b[i][end-8:], uint64(n)*8)
	}
	state := [4][8]uint32{}
	for i, s := range [4]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476} {
		for lane := range state[i] {
			state[i][lane] = s
		}
	}
	block8(&state, &b[0][0], Size, end/64)
	for lane := range out {
		for i := range state {
			binary.LittleEndian.PutUint32(out[lane][4*i:], state[i][lane])
		}
	}
}
