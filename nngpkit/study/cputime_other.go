//go:build !linux

package study

import "time"

var started = time.Now()

// cpuSeconds returns the wall-clock time: an upper bound of a thread's
// processor time.
func cpuSeconds(bool) float64 { return time.Since(started).Seconds() }
