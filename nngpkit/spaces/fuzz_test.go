package spaces_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/spaces"
)

// checkArchitecture checks what every architecture promises, however it was read.
func checkArchitecture(t *testing.T, s space.Space, a space.Architecture) {
	t.Helper()
	text := a.String()
	if b, err := s.Parse(text); err != nil || b != a || strings.ContainsAny(text, "\n\r") {
		t.Fatalf("%q is read back as %v, %v", text, b, err)
	}
	c := a.Canonical()
	if c.Canonical() != c || c.Key() != a.Key() || a.Key() == "" {
		t.Fatalf("%q: canonical %v, keys %q and %q", text, c, a.Key(), c.Key())
	}
	if a.Parameters() < 0 || a.MACs() < 0 || a.MinWidth() < 1 || len(a.Counts()) != len(s.Counts()) {
		t.Fatalf("%q: %d parameters, %d multiply-accumulates, width %d, counts %v", text, a.Parameters(), a.MACs(), a.MinWidth(), a.Counts())
	}
	if tab, ok := s.(space.Tabular); ok {
		columns, values := space.SpellColumns(s), space.Spell(a)
		if i := slices.IndexFunc(tab.Columns(), func(set []string) bool { return slices.Equal(set, columns) }); i >= 0 {
			if b, err := tab.ParseColumns(columns, values); err != nil || b != a {
				t.Fatalf("%q: columns %q are read back as %v, %v", text, values, b, err)
			}
		}
	}
	net, err := a.Network(a.MinWidth(), arch.Shape{})
	if err == nil {
		err = net.Check()
	}
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
}

// FuzzText: whatever the text, of whichever space, it is an architecture that keeps
// what architectures promise, or an error that is not too long to read.
func FuzzText(f *testing.F) {
	for i, s := range spaces.All() {
		some, err := s.Sample(3, 1)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range some {
			f.Add(uint8(i), a.String())
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		all := spaces.All()
		s := all[int(which)%len(all)]
		a, err := s.Parse(text)
		if err == nil {
			checkArchitecture(t, s, a)
		} else if a != nil || len(err.Error()) > 2000 {
			t.Errorf("%v with an error of %d bytes", a, len(err.Error()))
		}
	})
}

// FuzzColumns is FuzzText for the columns of tables.
func FuzzColumns(f *testing.F) {
	for i, s := range spaces.All() {
		some, err := s.Sample(2, 1)
		if err != nil {
			f.Fatal(err)
		}
		for _, a := range some {
			f.Add(uint8(i), uint8(0), strings.Join(space.Spell(a), "\t"))
		}
	}
	f.Fuzz(func(t *testing.T, which, set uint8, text string) {
		all := spaces.All()
		s := all[int(which)%len(all)]
		tab, ok := s.(space.Tabular)
		if !ok {
			return
		}
		columns := tab.Columns()[int(set)%len(tab.Columns())]
		values := make([]string, len(columns))
		copy(values, strings.SplitN(text, "\t", len(columns)))
		a, err := tab.ParseColumns(columns, values)
		if err == nil {
			checkArchitecture(t, s, a)
		} else if a != nil || len(err.Error()) > 2000 {
			t.Errorf("%v with an error of %d bytes", a, len(err.Error()))
		}
	})
}
