package main

import (
	"os"
	"syscall"
)

// replaceStderr makes f the file descriptor 2.
func replaceStderr(f *os.File) error { return syscall.Dup3(int(f.Fd()), 2, 0) }
