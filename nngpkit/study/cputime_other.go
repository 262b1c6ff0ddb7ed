//go:build !linux

package study

import "time"

var started = time.Now()

// cpuSeconds returns the time on the wall: an upper bound of a thread's
// processor time.
func cpuSeconds(bool) float64 { return time.Since(started).Seconds() }
