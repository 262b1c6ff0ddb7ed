package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Progress writes one line that says how far a long computation is, again and
// again, with carriage returns, and a last line that stays.
type Progress struct {
	mu    sync.Mutex
	w     io.Writer
	what  string // "scored %d of %d official cells"
	total int
	start time.Time
	last  time.Time
	width int
}

// every is the least time between two lines.
const every = 500 * time.Millisecond

// NewProgress returns a progress of total items that prints to standard output;
// what says of how many of how many items: "scored %d of %d cells".
func NewProgress(what string, total int) *Progress {
	now := time.Now()
	return &Progress{w: os.Stdout, what: what, total: total, start: now, last: now}
}

// Step reports that done items are ready, of which fresh were computed since
// the start.
func (p *Progress) Step(done, fresh int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.last) < every {
		return
	}
	p.last = now
	line := fmt.Sprintf(p.what, done, p.total)
	if fresh > 0 && done < p.total {
		left := time.Duration(float64(now.Sub(p.start)) / float64(fresh) * float64(p.total-done))
		line += ", " + Roughly(left) + " left"
	}
	p.line(line)
}

func (p *Progress) line(s string) {
	pad := max(0, p.width-len(s))
	p.width = len(s)
	fmt.Fprint(p.w, "\r", s, strings.Repeat(" ", pad))
}

// End writes the last line.
func (p *Progress) End(s string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line(s)
	fmt.Fprintln(p.w)
}

// Roughly formats a duration in its largest unit.
func Roughly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

// Counting returns a function to be called after each item of a long computation,
// with how many are ready, of how many, and how many of them were computed since
// the start. It prints one line that says so and how long the rest will take. What
// says of how many of how many items: "scored %d of %d cells".
func Counting(what string) func(done, total, fresh int) {
	var p *Progress
	return func(done, total, fresh int) {
		if p == nil {
			p = NewProgress(what, total)
		}
		if done < total {
			p.Step(done, fresh)
			return
		}
		p.End(fmt.Sprintf(what, done, total))
		p = nil
	}
}
