// Package progress shows how far long work is: as a bar where a line can be drawn
// again and again, as a line for each stage and then one a minute elsewhere. It is
// the only place that draws; commands and notebooks hand it their counts.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/nngplab/nngplab/internal/printable"
)

// How says how work is shown.
type How int

const (
	// Quiet shows nothing unless lines can be drawn again: for work of seconds.
	Quiet How = iota
	// Stages shows a line for each stage where lines cannot be drawn again.
	Stages
	// Minutes shows a line a minute where lines cannot be drawn again.
	Minutes
)

// Line is the progress of one piece of work. Its methods may be called from
// several goroutines at once; those of a nil Line do nothing.
type Line struct {
	w     io.Writer
	live  bool
	how   How
	start time.Time
	now   func() time.Time

	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	stage string // of the bar or the last line
	total int64
	last  time.Time
}

// New returns a Line on w, which draws a bar if w is a terminal.
func New(w io.Writer, how How) *Line { return newLine(w, isTerminal(w), how) }

// Live returns a Line that draws a bar on w: for notebooks, whose output is no
// terminal and yet draws lines again.
func Live(w io.Writer) *Line { return newLine(w, true, Quiet) }

func newLine(w io.Writer, live bool, how How) *Line {
	now := time.Now()
	return &Line{w: w, live: live, how: how, start: now, last: now, now: time.Now}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// State is how far a stage is.
type State struct {
	Stage       string // what is done: "fetching a.zip"
	Done, Total int64  // Total is 0 where it is unknown
	Fresh       int64  // of Done, what was done in this run; 0 means all of it
	Bytes       bool   // what is counted are bytes
}

// Update shows a state.
func (l *Line) Update(s State) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	stage := printable.Text(s.Stage)
	if l.live {
		l.draw(stage, s)
		return
	}
	fresh := stage != l.stage
	l.stage = stage
	switch {
	case l.how == Stages && fresh:
		fmt.Fprintln(l.w, stage)
		l.last = l.now()
	case l.how == Minutes && (l.now().Sub(l.last) >= time.Minute || s.Total > 0 && s.Done == s.Total):
		fmt.Fprintln(l.w, l.text(stage, s))
		l.last = l.now()
	}
}

// Say shows a stage of unknown length.
func (l *Line) Say(format string, args ...any) { l.Update(State{Stage: fmt.Sprintf(format, args...)}) }

// Count shows that done items of total are ready.
func (l *Line) Count(stage string, done, total int) {
	l.Update(State{Stage: stage, Done: int64(done), Total: int64(total)})
}

// Message leaves the line and prints a text below it.
func (l *Line) Message(text string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave()
	fmt.Fprintln(l.w, printable.Text(text))
}

// End takes the bar away.
func (l *Line) End() {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leave()
}

func (l *Line) draw(stage string, s State) {
	if l.bar == nil || stage != l.stage || s.Total != l.total {
		l.leave()
		l.stage, l.total = stage, s.Total
		length := s.Total
		if length == 0 {
			length = -1 // a spinner
		}
		l.bar = progressbar.NewOptions64(length,
			progressbar.OptionSetWriter(l.w), progressbar.OptionSetDescription(stage),
			progressbar.OptionShowBytes(s.Bytes), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionFullWidth())
	}
	// A bar that cannot be drawn is no reason to stop.
	_ = l.bar.Set64(s.Done)
}

func (l *Line) leave() {
	if l.bar != nil {
		_ = l.bar.Clear()
		_ = l.bar.Exit()
		l.bar = nil
	}
	l.total, l.stage = 0, ""
}

// text is a state as a line of its own.
func (l *Line) text(stage string, s State) string {
	if s.Total == 0 {
		return stage
	}
	line := fmt.Sprintf("%s: %d of %d", stage, s.Done, s.Total)
	fresh := s.Fresh
	if fresh == 0 {
		fresh = s.Done
	}
	if fresh > 0 && s.Done < s.Total {
		left := float64(l.now().Sub(l.start)) / float64(fresh) * float64(s.Total-s.Done)
		line += ", " + RoughlySeconds(left/1e9) + " left"
	}
	return line
}

// Roughly formats a duration in its largest unit.
func Roughly(d time.Duration) string { return RoughlySeconds(d.Seconds()) }

// RoughlySeconds is Roughly for so many seconds, which may be more than a
// time.Duration holds.
func RoughlySeconds(s float64) string {
	switch {
	case s > 0 && s < 0.5:
		return fmt.Sprintf("%.1g s", s)
	case s < 2*60:
		return fmt.Sprintf("%.0f s", s)
	case s < 2*60*60:
		return fmt.Sprintf("%.0f min", s/60)
	case s < 1e6*60*60:
		return fmt.Sprintf("%.1f h", s/3600)
	}
	return fmt.Sprintf("%.2g h", s/3600)
}
