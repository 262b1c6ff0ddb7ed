// Package machine says how much memory there is.
package machine

import "fmt"

// Memory is the memory that this process may take, by the bound that leaves it least:
// the machine's, a control group's, or a limit of the process itself.
type Memory struct {
	Free  int64 // bytes that may still be taken
	Total int64 // of the bound; 0 where the system does not say
	Whose string
}

// Bounds of memory, as Memory.Whose names them.
const (
	Machine = "this machine's"
	Group   = "its control group's"
	Process = "its own limit's"
)

// ReadMemory asks the system.
func ReadMemory() Memory { return readMemory() }

// String says what is free, such as "1.5 GB of this machine's 8 GB are free".
func (m Memory) String() string {
	whose := m.Whose
	if whose == "" {
		whose = Machine
	}
	return fmt.Sprintf("%s of %s %s are free", Bytes(float64(m.Free)), whose, Bytes(float64(m.Total)))
}

// Allows reports whether so many bytes can be taken; any number where the system does
// not say what there is.
func (m Memory) Allows(bytes float64) bool { return m.Total == 0 || bytes <= float64(m.Free) }

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
