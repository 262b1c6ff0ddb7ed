//go:build unix && !linux && !solaris

package main

import (
	"os"
	"syscall"
)

// replaceStderr makes f the file descriptor 2.
func replaceStderr(f *os.File) error { return syscall.Dup2(int(f.Fd()), 2) }
