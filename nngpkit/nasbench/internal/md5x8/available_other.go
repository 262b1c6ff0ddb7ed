//go:build !amd64

package md5x8

// Available reports whether Sum works on this processor.
func Available() bool { return false }

func block8(*[4][8]uint32, *byte, int, int) { panic("md5x8: not on this processor") }
