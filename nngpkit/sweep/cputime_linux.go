package sweep

import (
	"golang.org/x/sys/unix"
)

// CPUSeconds returns the processor time of the calling thread, to which the caller
// must have locked its goroutine.
func CPUSeconds() float64 { return cpuSeconds(false) }

// cpuSeconds returns the processor time of the calling thread, which the caller
// must have locked to its goroutine, or of the whole process.
func cpuSeconds(process bool) float64 {
	clock := int32(unix.CLOCK_THREAD_CPUTIME_ID)
	if process {
		clock = unix.CLOCK_PROCESS_CPUTIME_ID
	}
	var t unix.Timespec
	if unix.ClockGettime(clock, &t) != nil {
		return 0
	}
	return float64(t.Nano()) * 1e-9
}
