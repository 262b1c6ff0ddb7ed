package space

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// plain is a space of numbers that can do nothing optional: of its size, or
// 2^80 where that is zero.
type plain struct {
	name string
	size int64
}

func (p plain) Name() string { return p.name }
func (p plain) Info() Info   { return Info{Title: p.name} }
func (p plain) Size() *big.Int {
	if p.size == 0 {
		return new(big.Int).Lsh(big.NewInt(1), 80)
	}
	return big.NewInt(p.size)
}
func (p plain) Counts() []Count { return []Count{{"digits", "digits"}} }
func (p plain) Parse(text string) (Architecture, error) {
	var n int64
	if _, err := fmt.Sscan(text, &n); err != nil {
		return nil, err
	}
	return number{p, n}, nil
}
func (p plain) Sample(n int, seed uint64) ([]Architecture, error) { return nil, errors.New("no") }

type number struct {
	of plain
	n  int64
}

func (a number) SpaceName() string       { return a.of.name }
func (a number) String() string          { return fmt.Sprint(a.n) }
func (a number) Key() string             { return a.String() }
func (a number) Canonical() Architecture { return a }
func (a number) MinWidth() int           { return 1 }
func (a number) Parameters() int         { return int(a.n) }
func (a number) MACs() int64             { return a.n }
func (a number) Counts() []float64       { return []float64{float64(len(a.String()))} }
func (a number) Network(width int, input arch.Shape) (*arch.Network, error) {
	b := arch.NewBuilder(a.String(), input)
	b.GlobalAvgPool(b.Conv(0, arch.Layer{Channels: width, Kernel: 3}))
	return b.Network(0)
}

// numbered is plain with numbers.
type numbered struct{ plain }

func (p numbered) At(i int64) (Architecture, error) { return number{p.plain, i}, nil }

func TestRegister(t *testing.T) {
	s := plain{"zz9", 10}
	Register(s)
	if got, err := Find("zz9"); err != nil || got != Space(s) {
		t.Errorf("found %v, %v", got, err)
	}
	if _, err := Find("zz8"); err == nil || !strings.Contains(err.Error(), `"zz8"`) || !strings.Contains(err.Error(), "zz9") {
		t.Errorf("an unknown name: %v", err)
	}
	names := strings.Join(Names(), " ")
	if !strings.Contains(names, "zz9") || len(All()) != len(Names()) {
		t.Errorf("names %s, %d spaces", names, len(All()))
	}
	for _, bad := range []Space{nil, s, plain{"", 1}, plain{"NAS Bench", 1}, plain{"a-b", 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Register(%v) did not panic", bad)
				}
			}()
			Register(bad)
		}()
	}
}

func TestUnsupported(t *testing.T) {
	s := plain{"plain", 0}
	Register(s)
	a, err := s.Parse("123")
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	_, lookup := ByKey(ctx, s, "123")
	_, propose := Propose(s, 1)
	_, near := Neighbors(a)
	_, sample := SampleIndexed(numbered{s}, 1, 1, 1)
	for name, err := range map[string]error{
		"Enumerate": Enumerate(ctx, s, 0, 1, nil), "ByKey": lookup, "Propose": propose, "Neighbors": near, "SampleIndexed": sample,
	} {
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), "plain") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := Spell(a); len(got) != 1 || got[0] != "123" || SpellColumns(s)[0] != TextColumn {
		t.Errorf("spelled %v in %v", got, SpellColumns(s))
	}
	if keys, err := Keys(ctx, s, []Architecture{a, a}); err != nil || len(keys) != 2 || keys[1] != "123" {
		t.Errorf("keys %v, %v", keys, err)
	}
	if _, err := Keys(ctx, plain{"other", 0}, []Architecture{a}); err == nil {
		t.Error("keys of another space's architecture")
	}
	if _, err := Keys(ctx, s, []Architecture{nil}); err == nil {
		t.Error("the key of nothing")
	}
	if m, err := MACs(a, 2, arch.Shape{H: 4, W: 4, C: 3}); err != nil || m != 9*3*2*16 {
		t.Errorf("%d MACs, %v", m, err)
	}
	if Of(a) != Space(s) {
		t.Errorf("the space of %v is %v", a, Of(a))
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("an architecture of an unregistered space has one")
			}
		}()
		Of(number{plain{"nowhere", 1}, 1})
	}()
	if got := CountsOf(a); len(got) != 3 || len(AllCounts(s)) != 3 || got[0] != 123 || got[2] != 3 {
		t.Errorf("counts %v", got)
	}
}

func TestIndices(t *testing.T) {
	// All of a space, each once.
	all, err := Indices(1000, 1000, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int64]bool{}
	for _, i := range all {
		if i < 0 || i >= 1000 || seen[i] {
			t.Fatalf("index %d", i)
		}
		seen[i] = true
	}
	first, err := Indices(10, 1000, 3, 4)
	if err != nil || fmt.Sprint(first) != fmt.Sprint(all[:10]) {
		t.Errorf("%v of 10, %v of 1000, %v", first, all[:10], err)
	}
	other, _ := Indices(10, 1000, 3, 5)
	if fmt.Sprint(other) == fmt.Sprint(first) {
		t.Error("two purposes give one sample")
	}
	// Uniform: chi-squared of first draws, 99 degrees of freedom, 5 sigma.
	const draws = 20000
	var hits [100]float64
	for seed := range uint64(draws) {
		i, err := Indices(2, 100, seed, 1)
		if err != nil {
			t.Fatal(err)
		}
		hits[i[1]]++
	}
	chi := 0.0
	for _, h := range hits {
		chi += (h - draws/100) * (h - draws/100) / (draws / 100)
	}
	if math.Abs(chi-99) > 5*math.Sqrt(2*99) {
		t.Errorf("chi-squared %g with 99 degrees of freedom", chi)
	}
	// Far beyond memory: only what is drawn is kept.
	if huge, err := Indices(5, math.MaxInt64, 1, 1); err != nil || len(huge) != 5 {
		t.Errorf("%v, %v", huge, err)
	}
	for _, bad := range []struct {
		n    int
		size int64
	}{{-1, 10}, {11, 10}, {MaxSample + 1, math.MaxInt64}} {
		if _, err := Indices(bad.n, bad.size, 1, 1); err == nil {
			t.Errorf("%d of %d drawn", bad.n, bad.size)
		}
	}
}

// Notebooks' interpreter takes types from reflection, and loses the type of a
// slice whose element it is still reading. So an architecture must not lead to
// its space, nor to slices of itself.
func TestArchitectureIsNoCycle(t *testing.T) {
	a, s := reflect.TypeFor[Architecture](), reflect.TypeFor[Space]()
	for i := range a.NumMethod() {
		m := a.Method(i)
		for k := range m.Type.NumIn() + m.Type.NumOut() {
			of := m.Type.Out
			if k < m.Type.NumIn() {
				of = m.Type.In
			} else {
				k -= m.Type.NumIn()
			}
			if x := of(k); x == s || x.Kind() == reflect.Slice && x.Elem() == a {
				t.Errorf("method %s mentions %v", m.Name, x)
			}
		}
	}
}
