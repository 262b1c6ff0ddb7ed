package main

import (
	"context"
	"reflect"
	"sort"
	"time"

	"github.com/cosmos72/gomacro/base"
	interp "github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/gls"
	"github.com/cosmos72/gomacro/imports"
	"github.com/cosmos72/gomacro/xreflect"

	"github.com/nngplab/nngplab/internal/gokernel/show"
)

func init() {
	imports.Packages["nb"] = imports.Package{
		Name: "nb",
		Binds: map[string]reflect.Value{
			"Context":     reflect.ValueOf(nbContext),
			"Show":        reflect.ValueOf(nbShow),
			"ClearOutput": reflect.ValueOf(nbClearOutput),
			"Sized":       reflect.ValueOf(show.Sized),
		},
	}
	// Sleeping is the one blocking call that every notebook makes: let an
	// interrupt end it.
	if p, ok := imports.Packages["time"]; ok {
		p.Binds["Sleep"] = reflect.ValueOf(sleep)
	}
}

// contextPlace is where the predeclared variable ctx is stored.
var contextPlace xreflect.Value

// declare adds what every notebook finds declared: the package nb, and ctx,
// the running cell's context.
func (n *notebook) declare(ir *interp.Interp) {
	top := ir.Universe()
	t := ir.Comp.Universe.FromReflectType(reflect.TypeOf((*context.Context)(nil)).Elem())
	top.Comp.DeclVar0("ctx", t, nil)
	top.PrepareEnv()
	if e := top.Comp.Code.Exec(); e != nil {
		e(top.PrepareEnv())
	}
	contextPlace = top.ValueOf("ctx")
	importPackage(ir, "nb", "nb")
}

// setContext makes ctx the value of the predeclared variable.
func (n *notebook) setContext(ctx context.Context) {
	contextPlace.Set(xreflect.ValueOf(ctx))
	n.kernel.ir.ValueOf("Display").Set(xreflect.ValueOf(n.displayData))
}

func (n *notebook) displayData(d Data) error {
	if batchShown != nil {
		*batchShown = append(*batchShown, withoutByteText(d).Data)
		return nil
	}
	n.mu.Lock()
	r := n.request
	n.mu.Unlock()
	n.out.flush()
	return r.PublishDisplayData(withoutByteText(d))
}

// nbContext returns the context of the running cell: an interrupt cancels it,
// and the next cell has a new one.
func nbContext() context.Context {
	if n := theNotebook; n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.cell != nil {
			return n.cell.ctx
		}
	}
	return context.Background()
}

// nbShow shows values now, as the last value of a cell would be shown.
func nbShow(values ...any) error {
	n := theNotebook
	for _, v := range values {
		d, err := n.render(v, nil)
		if err != nil {
			return err
		}
		if err := n.displayData(d); err != nil {
			return err
		}
	}
	return nil
}

// nbClearOutput removes what the cell has shown so far, or, with wait, does so
// when something new is shown.
func nbClearOutput(wait bool) error {
	n := theNotebook
	n.out.flush()
	n.mu.Lock()
	r := n.request
	n.mu.Unlock()
	return r.Publish("clear_output", map[string]any{"wait": wait})
}

// sleep is time.Sleep, ended by an interrupt where the cell itself sleeps.
func sleep(d time.Duration) {
	n := theNotebook
	if n == nil {
		time.Sleep(d)
		return
	}
	n.mu.Lock()
	c := n.cell
	own := c != nil && c.goid == gls.GoID()
	n.mu.Unlock()
	if !own {
		time.Sleep(d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-c.ctx.Done():
		panic(base.SigInterrupt)
	}
}

func sortedUnique(s []string) []string {
	sort.Strings(s)
	out := s[:0]
	for i, v := range s {
		if i == 0 || v != s[i-1] {
			out = append(out, v)
		}
	}
	return out
}
