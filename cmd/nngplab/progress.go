package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/printable"
)

// progress shows how far the work on a data set is: as a bar on a terminal, as
// a line for each stage elsewhere.
type progress struct {
	w        io.Writer
	terminal bool
	items    bool // what is counted are no bytes

	mu    sync.Mutex
	bar   *progressbar.ProgressBar
	stage string // of the bar or the last line
	total int64
}

func newProgress(w io.Writer) *progress {
	return &progress{w: w, terminal: isTerminal(w)}
}

// update shows a state. It may be called from several goroutines at once.
func (p *progress) update(s datasets.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Message != "" {
		p.leave()
		fmt.Fprintf(p.w, "%s: %s\n", s.Set, printable.Text(printable.Clip(s.Message, maxMessage)))
		return
	}
	stage := s.Set + ": " + s.Stage
	if s.File != "" {
		stage += " " + printable.Text(s.File)
	}
	if stage != p.stage || s.Total != p.total {
		p.leave()
		p.begin(stage, s.Total)
	}
	if p.bar != nil {
		// A bar that cannot be drawn is no reason to stop.
		_ = p.bar.Set64(s.Done)
	}
}

func (p *progress) begin(stage string, total int64) {
	line := stage != p.stage
	p.stage, p.total = stage, total
	if !p.terminal {
		if line {
			fmt.Fprintln(p.w, stage)
		}
		return
	}
	if total == 0 {
		total = -1 // a spinner
	}
	p.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(stage),
		progressbar.OptionShowBytes(!p.items), progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())
}

// end leaves the line of the bar.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave()
}

func (p *progress) leave() {
	if p.bar != nil {
		_ = p.bar.Exit()
		fmt.Fprintln(p.w)
		p.bar = nil
	}
	p.total = 0
	p.stage = ""
}
