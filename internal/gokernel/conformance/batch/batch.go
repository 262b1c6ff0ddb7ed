// Package batch runs cells in fresh processes of a kernel's binary, without
// Jupyter, by its hidden flag -cells. It serves tests.
package batch

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Kernel runs cells in fresh processes of a kernel's binary.
type Kernel struct {
	Binary   string
	MemoryMB int // of address space for each process, 0 for no bound
	// Interrupts press the stop button: "CELL:SECONDS,...", so long after the
	// cell has begun.
	Interrupts string
}

// Cell is what one cell came to.
type Cell struct {
	Cell    int
	OK      bool
	Name    string // of the error
	Message string // of the error
	Where   []struct {
		Cell      string
		Line, Col int
	}
	Values  []map[string]any // by MIME type
	Shown   []map[string]any
	Notes   []string
	Seconds float64
}

// Line is where the error is in the cell, 0 where that is unknown.
func (c *Cell) Line() int {
	if len(c.Where) == 0 {
		return 0
	}
	return c.Where[0].Line
}

// Run is what a process came to.
type Run struct {
	Cells   []Cell   // those that ended
	Output  string   // standard output and standard error in the order written
	Outputs []string // the same by cell; one more than Cells, for what came after
	Status  int      // exit status; -1 where a signal or the time limit ended it
	Timeout bool
	Seconds float64
}

// maxOutput bounds what is kept of a program's output.
const maxOutput = 16 << 20

// Run puts the cells through a fresh process in a folder of its own, which
// holds the files given by name. It is an error if the process cannot be
// started or writes no results that can be read.
func (k *Kernel) Run(ctx context.Context, limit time.Duration, files map[string]string, cells ...string) (*Run, error) {
	dir, err := os.MkdirTemp("", "nngplab-cells")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	results := filepath.Join(dir, ".results.jsonl")
	input, err := json.Marshal(cells)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	mark := "\x01" + rand.Text()
	cmd := k.command(ctx, results, mark)
	out := &bounded{limit: maxOutput}
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, bytes.NewReader(input), out, out
	cmd.WaitDelay = 2 * time.Second
	start := time.Now()
	err = cmd.Run()
	outputs := strings.Split(out.String(), mark+"\n")
	r := &Run{Output: strings.Join(outputs, ""), Outputs: outputs, Seconds: time.Since(start).Seconds(), Timeout: errors.Is(ctx.Err(), context.DeadlineExceeded)}
	if cmd.ProcessState == nil {
		return nil, fmt.Errorf("the kernel %s: %w", k.Binary, err)
	}
	r.Status = cmd.ProcessState.ExitCode()
	if r.Cells, err = readCells(results); err != nil {
		return nil, fmt.Errorf("the kernel %s, status %d: %w\n%s", k.Binary, r.Status, err, Clip(r.Output, 500))
	}
	return r, nil
}

func (k *Kernel) command(ctx context.Context, results, mark string) *exec.Cmd {
	if k.MemoryMB > 0 && runtime.GOOS != "windows" {
		return exec.CommandContext(ctx, "sh", "-c", fmt.Sprintf(`ulimit -v %d 2>/dev/null; exec "$0" -cells "$1" -mark "$2" -interrupts "$3"`, k.MemoryMB<<10), k.Binary, results, mark, k.Interrupts)
	}
	return exec.CommandContext(ctx, k.Binary, "-cells", results, "-mark", mark, "-interrupts", k.Interrupts)
}

func readCells(path string) ([]Cell, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("it knows no -cells: %w", err)
	}
	defer f.Close()
	var cells []Cell
	for d := json.NewDecoder(f); ; {
		var c Cell
		if err := d.Decode(&c); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return cells, nil // a process that dies may leave half a line
		} else if err != nil {
			return cells, err
		}
		cells = append(cells, c)
	}
}

// bounded keeps the first bytes written.
type bounded struct {
	mu    sync.Mutex
	b     bytes.Buffer
	limit int
}

func (w *bounded) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.b.Write(p[:min(len(p), w.limit-w.b.Len())])
	return len(p), nil
}

func (w *bounded) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// Clip returns the beginning of s on one line.
func Clip(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		s = strings.ToValidUTF8(s[:n], "") + "..."
	}
	return s
}
