package differential

import (
	"context"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/internal/gokernel/conformance"
	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// programs are the valid ones among n numbers.
func programs(t *testing.T, seed, n uint64) []*Program {
	t.Helper()
	var out []*Program
	for id := range n {
		if p, ok := Generate(seed, id, Features{Generics: true}); ok {
			out = append(out, p)
		}
	}
	if len(out) < int(n)*9/10 {
		t.Errorf("only %d of %d numbers give valid Go: the others are lost as tests", len(out), n)
	}
	return out
}

// TestKernel compares some hundred programs; `make differential` compares more.
func TestKernel(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	k, err := batch.Built(context.Background(), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	all := programs(t, 1, 300)
	diffs, err := CompareThese(context.Background(), k, all)
	if err != nil {
		t.Fatal(err)
	}
	share := 100 * float64(len(diffs)) / float64(len(all))
	t.Logf("%d of %d programs differ (%.1f %%)", len(diffs), len(all), share)
	if share > conformance.DifferencesAllowed {
		for _, d := range diffs[:min(10, len(diffs))] {
			t.Error(d.Report())
		}
	}
}

// TestReference compiles programs twice, with and without optimization: what
// they print must not depend on what the language leaves to a compiler.
func TestReference(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles")
	}
	all := programs(t, 2, 150)
	slow, err := compiled(context.Background(), all, plain)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := compiled(context.Background(), all, "")
	if err != nil {
		t.Fatal(err)
	}
	empty := 0
	for i, p := range all {
		if slow[i] != fast[i] {
			t.Errorf("program %d of seed %d prints\n%s\nand, optimized,\n%s", p.ID, p.Seed, slow[i], fast[i])
		}
		if slow[i] == "" {
			empty++
		}
		if strings.Contains(slow[i], "0xc0") {
			t.Errorf("program %d of seed %d prints an address:\n%s", p.ID, p.Seed, slow[i])
		}
	}
	if empty > len(all)/20 {
		t.Errorf("%d of %d programs print nothing", empty, len(all))
	}
}

// TestGenerate checks that a seed always gives the same programs, and that
// different numbers give different ones.
func TestGenerate(t *testing.T) {
	seen := map[string]uint64{}
	for id := range uint64(50) {
		p, _ := Generate(7, id, Features{})
		q, _ := Generate(7, id, Features{})
		if p.Source() != q.Source() {
			t.Fatalf("program %d differs from itself", id)
		}
		body := strings.Join(p.Steps, "")
		if other, ok := seen[body]; ok {
			t.Errorf("programs %d and %d are the same", id, other)
		}
		seen[body] = id
	}
}

// TestGenerateEnds: the program asked for keys of maps within each other without end.
func TestGenerateEnds(t *testing.T) {
	if p, ok := Generate(16, 84410, Features{Generics: true}); ok && len(p.Source()) > 1<<20 {
		t.Errorf("it has %d bytes", len(p.Source()))
	}
}
