package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// duration is a flag for a length of time: as Go writes it, and with days and weeks,
// such as 1d12h.
type duration struct{ to *time.Duration }

var longUnits = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(w|d)`)

// Set implements pflag.Value.
func (d duration) Set(text string) error {
	total := time.Duration(0)
	rest := longUnits.ReplaceAllStringFunc(text, func(part string) string {
		n, _ := strconv.ParseFloat(part[:len(part)-1], 64) // digits, by the expression
		if strings.HasSuffix(part, "w") {
			n *= 7
		}
		total += time.Duration(min(n, 1e5) * float64(24*time.Hour))
		return ""
	})
	if rest != "" || total == 0 {
		more, err := time.ParseDuration(rest)
		if err != nil {
			return fmt.Errorf("%q is no length of time: want hours, minutes or days, such as 90m, 8h, 2d or 1d12h", text)
		}
		total += more
	}
	*d.to = total
	return nil
}

// String implements pflag.Value.
func (d duration) String() string {
	if d.to == nil {
		return ""
	}
	return d.to.String()
}

// Type implements pflag.Value.
func (d duration) Type() string { return "duration" }
