package md5x8

import "golang.org/x/sys/cpu"

// Available reports whether Sum works on this processor.
func Available() bool { return cpu.X86.HasAVX2 }
