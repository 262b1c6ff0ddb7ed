//go:build !unix

// Package peak says how much memory a process of the benchmarks took.
package peak

import "errors"

var errUnknown = errors.New("peak: unknown on this system")

// MiB returns the peak resident memory of this process.
func MiB() (float64, error) { return 0, errUnknown }

// CPUSeconds returns the processor time that this process has used.
func CPUSeconds() (float64, error) { return 0, errUnknown }
