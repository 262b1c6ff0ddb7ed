package cases

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// A testCase is a notebook and what its last cell has to come to. The earlier
// cells must not fail, unless failing says so.
type testCase struct {
	name  string
	cells []string // the first one begins with the imports that the test adds
	out   string   // what the last cell prints
	value string   // text form of the last cell's value
	has   []string // parts of the value's text and HTML forms
	fails string   // the last cell fails with an error that this matches
	line  int      // at this line, if not 0
	never string   // what nothing that is printed may match

	failing    int    // cells before the last that fail
	interrupts string // as in batch.Kernel
	limit      time.Duration
}

// imports are available to every case.
const imports = `import (
	"container/heap"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)
`

// TestCases runs each case in a fresh kernel.
func TestCases(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	k, err := batch.Built(context.Background(), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range slices.Concat(silentCases, deathCases, stopCases, unsupportedCases, messageCases, refusedCases, showCases, acrossCases) {
		if seen[c.name] {
			t.Errorf("two cases are called %s", c.name)
		}
		seen[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wrong := c.run(t, *k)
			switch expected := slices.Contains(unfinished, c.name); {
			case wrong != "" && !expected:
				t.Errorf("%s\n%s", strings.Join(c.cells, "\n---\n"), wrong)
			case wrong == "" && expected:
				t.Error("comes out right: take it off the list of unfinished cases")
			}
		})
	}
	for _, name := range unfinished {
		if !seen[name] {
			t.Errorf("there is no case %q", name)
		}
	}
}

// run returns what is wrong, "" if nothing is.
func (c *testCase) run(t *testing.T, k batch.Kernel) string {
	limit := c.limit
	if limit == 0 {
		limit = 30 * time.Second
	}
	k.Interrupts = c.interrupts
	run, err := k.Run(context.Background(), limit, nil, append([]string{imports}, c.cells...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c.judge(run)
}

func (c *testCase) judge(run *batch.Run) string {
	n := len(c.cells)
	if len(run.Cells) != n+1 {
		return fmt.Sprintf("%d of %d cells ended; status %d, timeout %t: %s", len(run.Cells), n+1, run.Status, run.Timeout, batch.Clip(run.Output, 300))
	}
	failing := 0
	for _, cell := range run.Cells[:n] {
		if !cell.OK {
			failing++
		}
	}
	if failing != c.failing {
		return fmt.Sprintf("%d earlier cells fail, want %d: %+v", failing, c.failing, run.Cells[:n])
	}
	if c.never != "" && regexp.MustCompile(c.never).MatchString(run.Output) {
		return fmt.Sprintf("it prints %q", run.Output)
	}
	last, out := run.Cells[n], run.Outputs[n]
	if c.fails != "" {
		return c.judgeFailure(last)
	}
	if !last.OK {
		return fmt.Sprintf("the cell fails: %s line %d: %s", last.Name, last.Line(), last.Message)
	}
	if out != c.out {
		return fmt.Sprintf("it prints %q, want %q", out, c.out)
	}
	return c.judgeValue(last)
}

func (c *testCase) judgeFailure(last batch.Cell) string {
	switch {
	case last.OK:
		return fmt.Sprintf("the cell does not fail; its value: %q", valueText(last))
	case !regexp.MustCompile(c.fails).MatchString(last.Name + ": " + last.Message):
		return fmt.Sprintf("it fails with %q, want %q", last.Name+": "+last.Message, c.fails)
	case c.line != 0 && last.Line() != c.line:
		return fmt.Sprintf("it fails at line %d, want %d: %s", last.Line(), c.line, last.Message)
	}
	return c.judgeValue(last)
}

func (c *testCase) judgeValue(last batch.Cell) string {
	if len(c.has) > 0 {
		all := fmt.Sprint(last.Values, last.Shown)
		for _, part := range c.has {
			if !strings.Contains(all, part) {
				return fmt.Sprintf("no %q is shown: %s", part, batch.Clip(all, 400))
			}
		}
		return ""
	}
	if got := valueText(last); got != c.value {
		return fmt.Sprintf("its value is %q, want %q", got, c.value)
	}
	return ""
}

// valueText joins the text forms of a cell's values.
func valueText(c batch.Cell) string {
	var parts []string
	for _, v := range c.Values {
		parts = append(parts, fmt.Sprint(v["text/plain"]))
	}
	return strings.Join(parts, ", ")
}

func cells(s ...string) []string { return s }
