package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/printable"
)

// duration is a flag for a length of time: as Go writes it, and with days and weeks,
// such as 1d12h.
type duration struct{ to *time.Duration }

var longUnits = regexp.MustCompile(`([0-9]+(?:\.[0-9]+)?)(w|d)`)

// Set implements pflag.Value.
func (d duration) Set(text string) error {
	days := 0.0
	rest := longUnits.ReplaceAllStringFunc(text, func(part string) string {
		n, _ := strconv.ParseFloat(part[:len(part)-1], 64) // digits, by the expression; too many are too long
		if strings.HasSuffix(part, "w") {
			n *= 7
		}
		days += n
		return ""
	})
	more := time.Duration(0)
	if rest != "" || text == "" {
		var err error
		if more, err = time.ParseDuration(rest); err != nil {
			return fmt.Errorf("%s is no length of time of at most %.0f years: want hours, minutes or days, such as 90m, 8h, 2d or 1d12h", printable.Quote(text), mostYears)
		}
	}
	if days+more.Hours()/24 > mostYears*365 {
		return fmt.Errorf("%s is longer than %.0f years", printable.Quote(text), mostYears)
	}
	*d.to = time.Duration(days*float64(24*time.Hour)) + more
	return nil
}

// mostYears is less than what a time.Duration can hold.
const mostYears = 290.0

// String implements pflag.Value.
func (d duration) String() string {
	if d.to == nil {
		return ""
	}
	return d.to.String()
}

// Type implements pflag.Value.
func (d duration) Type() string { return "duration" }
