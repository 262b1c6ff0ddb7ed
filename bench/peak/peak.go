//go:build unix

// Package peak says how much memory a process of the benchmarks took.
package peak

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// MiB returns the peak resident memory of this process.
func MiB() (float64, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	unit := 1024.0 // bytes of a unit of Maxrss
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return float64(u.Maxrss) * unit / (1 << 20), nil
}

// CPUSeconds returns the processor time that this process has used.
func CPUSeconds() (float64, error) {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds(), nil
}
