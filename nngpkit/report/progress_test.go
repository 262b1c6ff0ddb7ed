package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/progress"
)

func TestCounting(t *testing.T) {
	var out bytes.Buffer
	step := counting(progress.Live(&out), func(line string) { fmt.Fprintln(&out, line) }, "scored %d of %d cells")
	step(5, 10, 5)
	if !strings.Contains(out.String(), "5/10") {
		t.Errorf("half way it shows %q", out.String())
	}
	step(10, 10, 10)
	if !strings.HasSuffix(out.String(), "\rscored 10 of 10 cells\n") {
		t.Errorf("in the end it shows %q", out.String())
	}
}

// TestCountingStart: the bar stands before the first item is ready.
func TestCountingStart(t *testing.T) {
	var out bytes.Buffer
	step := counting(progress.Live(&out), func(line string) { fmt.Fprintln(&out, line) }, "%d of %d")
	step(0, 10, 0)
	if !strings.Contains(out.String(), "0/10") {
		t.Errorf("at the start it shows %q", out.String())
	}
}
