// Package machine says how much memory there is.
package machine

import "fmt"

// Memory returns the bytes of memory that this process may still take without
// the system running out of it, and all that it could ever have: of the machine,
// or of the control group or the limit that the process runs under, whichever is
// least. Both are 0 where the system does not say.
func Memory() (free, total int64) { return memory() }

// Bytes writes a number of bytes for people, such as "1.5 GB".
func Bytes(n float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e18, "EB"}, {1e15, "PB"}, {1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}} {
		if n >= u.size {
			return fmt.Sprintf("%.3g %s", n/u.size, u.name)
		}
	}
	return fmt.Sprintf("%.0f kB", n/1e3)
}
