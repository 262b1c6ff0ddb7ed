package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// heldBy returns the resident memory and the open files of a process.
func heldBy(pid int) (held, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return held{}, err
	}
	f := strings.Fields(string(b))
	if len(f) < 2 {
		return held{}, fmt.Errorf("statm of %d: %q", pid, b)
	}
	pages, err := strconv.ParseInt(f[1], 10, 64)
	if err != nil || pages == 0 { // a process that has ended holds nothing
		return held{}, fmt.Errorf("statm of %d: %q", pid, b)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	return held{pages * int64(os.Getpagesize()), len(files)}, err
}

// maxRSS returns the largest memory that a process had.
func maxRSS(u *syscall.Rusage) int64 { return u.Maxrss << 10 }
