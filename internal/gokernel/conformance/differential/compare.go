package differential

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// Difference is a program that the kernel and compiled Go disagree about.
type Difference struct {
	Program   *Program
	Compiled  string // what the compiled program printed
	Kernel    string // what the kernel printed
	Complaint string // of the kernel: the error of a cell, or how the process ended
}

// Silent reports whether the kernel ran the program without a complaint.
func (d *Difference) Silent() bool { return d.Complaint == "" }

// Options say how many programs are compared, and how.
type Options struct {
	Seed     uint64
	First, N uint64 // programs First, First+1, ... of the seed
	Batch    int    // programs to a compiled binary; 0 for 400
	Features Features
	// Progress is told after each batch, with the number of the first program of
	// the next one; may be nil.
	Progress func(programs, differences int, next uint64)
}

// Compare generates programs and returns those that differ. Numbers whose
// program is not valid Go are left out; programs counts the others.
func Compare(ctx context.Context, k *batch.Kernel, o Options) (programs int, diffs []*Difference, err error) {
	if o.Batch == 0 {
		o.Batch = 400
	}
	var todo []*Program
	for id := o.First; id < o.First+o.N && ctx.Err() == nil; id++ {
		if p, ok := Generate(o.Seed, id, o.Features); ok {
			todo = append(todo, p)
		}
		if len(todo) < o.Batch && id+1 < o.First+o.N {
			continue
		}
		d, err := CompareThese(ctx, k, todo)
		if err != nil {
			return programs, diffs, err
		}
		programs, diffs, todo = programs+len(todo), append(diffs, d...), nil
		if o.Progress != nil {
			o.Progress(programs, len(diffs), id+1)
		}
	}
	return programs, diffs, ctx.Err()
}

// CompareThese compares the given programs.
func CompareThese(ctx context.Context, k *batch.Kernel, programs []*Program) ([]*Difference, error) {
	if len(programs) == 0 {
		return nil, nil
	}
	want, err := compiled(ctx, programs, plain)
	if err != nil {
		return nil, err
	}
	var diffs []*Difference
	for start := 0; start < len(programs); {
		got, err := interpreted(ctx, k, programs[start:])
		if err != nil {
			return diffs, err
		}
		for i, g := range got {
			if g.printed != want[start+i] || g.complaint != "" {
				diffs = append(diffs, &Difference{programs[start+i], want[start+i], g.printed, g.complaint})
			}
		}
		start += len(got)
	}
	return diffs, nil
}

// answer is what one program came to in the kernel.
type answer struct{ printed, complaint string }

// interpreted runs programs in one kernel process and returns the answers of
// those that it came to: at least one, but not all where the process ends.
func interpreted(ctx context.Context, k *batch.Kernel, programs []*Program) ([]answer, error) {
	cells := []string{importDecl() + "\n" + prelude}
	ends := make([]int, len(programs)) // the cell behind each program's last
	for i, p := range programs {
		cells = append(cells, p.cells()...)
		ends[i] = len(cells)
	}
	run, err := k.Run(ctx, limit(programs), nil, cells...)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if len(run.Cells) == 0 || !run.Cells[0].OK {
		return nil, fmt.Errorf("the kernel does not take the prelude: %s", batch.Clip(fmt.Sprint(run.Cells, run.Output), 500))
	}
	var out []answer
	from := 1
	for _, end := range ends {
		if len(run.Cells) < end {
			return append(out, answer{strings.Join(run.Outputs[from:], ""), ended(run)}), nil
		}
		out = append(out, answerOf(run.Cells[from:end], run.Outputs[from:end]))
		from = end
	}
	return out, nil
}

// limit is how long programs may run, by far.
func limit(programs []*Program) time.Duration {
	return 30*time.Second + time.Duration(len(programs))*time.Second/2
}

func ended(run *batch.Run) string {
	if run.Timeout {
		return "it does not end"
	}
	return fmt.Sprintf("the kernel ended with status %d: %s", run.Status, batch.Clip(run.Outputs[len(run.Outputs)-1], 300))
}

// answerOf joins the outputs up to the first cell that fails. A panic of a cell
// is what the compiled program prints when it recovers.
func answerOf(cells []batch.Cell, outputs []string) answer {
	var a answer
	for i, c := range cells {
		a.printed += outputs[i]
		if c.OK {
			continue
		}
		switch c.Name {
		case "CompileError", "ImportError", "Interrupted":
			a.complaint = fmt.Sprintf("%s line %d: %s", c.Name, c.Line(), c.Message)
		default:
			a.printed += "panic: " + c.Message + "\n"
		}
		break
	}
	return a
}

// cells is the program as a kernel gets it.
func (p *Program) cells() []string {
	cells := []string{p.Decls}
	if !p.Cells {
		return append(cells, p.body()+fmt.Sprintf("run_%d()", p.ID))
	}
	third := (len(p.Steps) + 2) / 3
	for i := 0; i < len(p.Steps); i += third {
		cells = append(cells, strings.Join(p.Steps[i:min(i+third, len(p.Steps))], ""))
	}
	return cells
}

// Report describes a difference so that it can be found again.
func (d *Difference) Report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "SEED=%d FIRST=%d N=1: ", d.Program.Seed, d.Program.ID)
	if d.Complaint != "" {
		fmt.Fprintf(&b, "%s\n", batch.Clip(d.Complaint, 400))
	}
	got, want := strings.Split(d.Kernel, "\n"), strings.Split(d.Compiled, "\n")
	for i := range max(len(got), len(want)) {
		g, w := lineAt(got, i), lineAt(want, i)
		if g != w {
			fmt.Fprintf(&b, "output line %d\n  kernel   %s\n  compiled %s\n", i+1, batch.Clip(g, 300), batch.Clip(w, 300))
			break
		}
	}
	return b.String()
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}
