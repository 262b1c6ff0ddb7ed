package main

import (
	"context"
	"reflect"
	"sort"

	"github.com/cosmos72/gomacro/imports"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
	"github.com/nngplab/nngplab/internal/gokernel/library"
	"github.com/nngplab/nngplab/internal/gokernel/show"
)

// contextPlace and displayPlace are where the predeclared variables ctx and
// Display are stored.
var (
	contextPlace = new(context.Context)
	displayPlace = new(func(Data) error)
)

// declare adds what every notebook finds declared: the packages nb and display,
// Display, and ctx, the running cell's context.
func (n *notebook) declare() error {
	nb := &engine.Package{Name: "nb", Binds: map[string]reflect.Value{
		"Context":     reflect.ValueOf(nbContext),
		"Show":        reflect.ValueOf(nbShow),
		"ClearOutput": reflect.ValueOf(nbClearOutput),
		"Sized":       reflect.ValueOf(show.Sized),
	}, Types: map[string]reflect.Type{"Figure": reflect.TypeFor[show.Figure]()}}
	d := imports.Packages["display"]
	display := &engine.Package{Name: "display", Binds: d.Binds, Types: d.Types}
	for path, p := range map[string]*engine.Package{"nb": nb, "display": display, "github.com/gopherdata/gophernotes": display} {
		library.Register(path, func() *engine.Package { return p })
	}
	n.session.AddPackage("nb", nb)
	shown := n.session.AddPackage("display", display)
	n.session.AliasPackage("github.com/gopherdata/gophernotes", "display")
	for _, name := range []string{"nb", "display"} {
		if err := n.session.PredeclareImport(name, name); err != nil {
			return err
		}
	}
	*displayPlace = stubDisplay
	n.session.PredeclareVar("ctx", reflect.ValueOf(contextPlace).Elem(), nil)
	n.session.PredeclareVar("Display", reflect.ValueOf(displayPlace).Elem(), n.session.TypeIn(shown, reflect.TypeFor[func(Data) error]()))
	return nil
}

// setContext makes ctx the value of the predeclared variable.
func (n *notebook) setContext(ctx context.Context) {
	*contextPlace = ctx
	*displayPlace = n.displayData
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
		d, err := n.render(v)
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
