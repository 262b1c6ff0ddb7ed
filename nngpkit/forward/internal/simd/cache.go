package simd

import (
	"os"
	"strconv"
	"strings"
	"sync"
)

// SecondCache returns the size of the second-level cache of a core, in bytes,
// or what most have where the system does not tell.
var SecondCache = sync.OnceValue(func() int {
	const usual = 1 << 20
	s, err := os.ReadFile("/sys/devices/system/cpu/cpu0/cache/index2/size")
	if err != nil {
		return usual
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(string(s)), "K"))
	if err != nil || n <= 0 {
		return usual
	}
	return n << 10
})
