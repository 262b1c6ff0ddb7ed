package search

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// line is a problem whose candidates are near those up to ten places away, the
// closest first, and whose truth rises along the line.
func line(n int) *Problem {
	p := &Problem{}
	for i := range n {
		p.Truth = append(p.Truth, float64(i))
		var near []int
		for d := 1; d <= 10; d++ {
			for _, j := range []int{i - d, i + d} {
				if j >= 0 && j < n {
					near = append(near, j)
				}
			}
		}
		p.Near = append(p.Near, near)
	}
	return p
}

// TestRandom compares random search with its expectation: of k of n ranks drawn
// without repeats the largest is k(n+1)/(k+1) on average.
func TestRandom(t *testing.T) {
	p := line(50)
	const repeats = 4000
	found, err := Replay(t.Context(), repeats, 20, 1, func(int, *rand.Rand) (*Repeat, error) {
		return &Repeat{p, []Strategy{Random{}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{1, 5, 20} {
		want := float64(k*51)/float64(k+1) - 1
		// The standard deviation of the largest is at most that of one draw, 14.4.
		if got := found[0].Mean[k-1]; math.Abs(got-want) > 4*14.4/math.Sqrt(repeats) {
			t.Errorf("%d trainings find %.2f, want %.2f", k, got, want)
		}
	}
	if f := found[0]; f.Lower[0] < 0 || f.Lower[0] > 2 || f.Upper[0] < 47 { // 2.5 % of 50 ranks at each end
		t.Errorf("95 %% of single draws lie in %v to %v", f.Lower[0], f.Upper[0])
	}
}

func TestRanked(t *testing.T) {
	p := line(4)
	order, err := Ranked{Signal: []float64{3, 1, 2, 0}}.Order(p, 3, rand.New(rand.NewPCG(1, 1)))
	if err != nil || !slices.Equal(order, []int{0, 2, 1}) {
		t.Errorf("order %v, %v", order, err)
	}
	if got := Best(p.Truth, order); !slices.Equal(got, []float64{0, 2, 2}) {
		t.Errorf("best %v", got)
	}
	// Each of two that tie comes first about half of the time: 2,000 coins within four
	// standard deviations.
	first := 0
	for s := range uint64(2000) {
		order, err := Ranked{Signal: []float64{1, 1, 0, 0}}.Order(p, 1, rand.New(rand.NewPCG(s, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if order[0] > 1 {
			t.Fatalf("order %v", order)
		}
		first += order[0]
	}
	if math.Abs(float64(first)-1000) > 4*math.Sqrt(500) {
		t.Errorf("one of two that tie came first %d times of 2000", first)
	}
}

// TestEvolution checks the steps of the rule on a line: a child is an untrained
// neighbor of one of the living where there is one, nothing is trained twice, and
// parents are the better ones.
func TestEvolution(t *testing.T) {
	p := line(300)
	e := Evolution{Population: 10, Sample: 4}
	rises, children := 0, 0
	for s := range uint64(50) {
		order, err := e.Order(p, 80, rand.New(rand.NewPCG(s, 2)))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for k, i := range order {
			if seen[i] {
				t.Fatalf("candidate %d is trained twice", i)
			}
			seen[i] = true
			if k < 10 {
				continue
			}
			// The parent is one of the ten before: the child is near it, unless all
			// that is near it was trained.
			children++
			alone, exhausted := true, false
			for _, j := range order[k-10 : k] {
				left := false
				for _, n := range p.Near[j] {
					alone = alone && n != i
					left = left || n == i || !seen[n]
				}
				exhausted = exhausted || !left
			}
			if alone && !exhausted {
				t.Fatalf("training %d: candidate %d is near none of the living", k, i)
			}
			if !alone {
				rises++
			}
		}
	}
	if rises < children/2 {
		t.Errorf("%d of %d children are near one of the living", rises, children)
	}
	found, err := Replay(t.Context(), 200, 80, 1, func(_ int, rng *rand.Rand) (*Repeat, error) {
		return &Repeat{p, []Strategy{Random{}, e, Evolution{Population: 10, Sample: 4, Start: p.Truth, Label: "started"}, Evolution{Population: 10, Sample: 1, Label: "blind"}}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// A population of the ten best has found the best at once.
	if found[2].Mean[0] != 299 {
		t.Errorf("started at the best, it finds %v", found[2].Mean[0])
	}
	if got, blind := found[1].Mean[79], found[3].Mean[79]; !(got > blind) {
		t.Errorf("choosing parents finds %.1f, not choosing %.1f", got, blind)
	}
	// One parent and one neighbor to choose from: a path that the lists determine.
	order, err := Evolution{Population: 1, Sample: 1, Nearest: 1}.Order(&Problem{
		Truth: []float64{1, 2, 3, 4}, Near: [][]int{{2, 1, 3}, {3, 2, 0}, {0, 3, 1}, {2, 0, 1}}, // 0 2 3 1, 1 3 2 0, 2 0 1 3, 3 2 0 1
	}, 4, rand.New(rand.NewPCG(1, 2)))
	paths := [][]int{{0, 2, 3, 1}, {1, 3, 2, 0}, {2, 0, 1, 3}, {3, 2, 0, 1}}
	if err != nil || !slices.Equal(order, paths[order[0]]) {
		t.Errorf("the nearest alone give %v, %v", order, err)
	}
}

// TestThreads checks that the same seed finds the same, and another seed other bits.
func TestThreads(t *testing.T) {
	p := line(40)
	run := func(seed uint64) []float64 {
		f, err := Replay(t.Context(), 30, 10, seed, func(int, *rand.Rand) (*Repeat, error) {
			return &Repeat{p, []Strategy{Evolution{Population: 4, Sample: 2}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return f[0].Mean
	}
	if a, b, c := run(1), run(1), run(2); !slices.Equal(a, b) || slices.Equal(a, c) {
		t.Errorf("seed 1: %v and %v, seed 2: %v", a, b, c)
	}
}

func TestNear(t *testing.T) {
	near := Near([][]int{{0, 3, 1}, {3, 0, 2}, {1, 2, 0}}, rand.New(rand.NewPCG(1, 1)))
	if !slices.Equal(near[0], []int{2, 1}) || !slices.Equal(near[1], []int{2, 0}) || !slices.Equal(near[2], []int{0, 1}) {
		t.Errorf("near %v", near)
	}
}

func TestErrors(t *testing.T) {
	ok := func(p *Problem, s ...Strategy) func(int, *rand.Rand) (*Repeat, error) {
		return func(int, *rand.Rand) (*Repeat, error) { return &Repeat{p, s}, nil }
	}
	alone := &Problem{Truth: []float64{1, 2, 3}}
	for name, f := range map[string]func() ([]Found, error){
		"one repeat":         func() ([]Found, error) { return Replay(t.Context(), 1, 1, 0, ok(alone, Random{})) },
		"no training":        func() ([]Found, error) { return Replay(t.Context(), 5, 0, 0, ok(alone, Random{})) },
		"too many trainings": func() ([]Found, error) { return Replay(t.Context(), 5, 4, 0, ok(alone, Random{})) },
		"one candidate": func() ([]Found, error) {
			return Replay(t.Context(), 5, 1, 0, ok(&Problem{Truth: []float64{1}}, Random{}))
		},
		"NaN": func() ([]Found, error) {
			return Replay(t.Context(), 5, 1, 0, ok(&Problem{Truth: []float64{1, math.NaN()}}, Random{}))
		},
		"near nothing": func() ([]Found, error) {
			return Replay(t.Context(), 5, 1, 0, ok(&Problem{Truth: []float64{1, 2}, Near: [][]int{{1}, {2}}}, Random{}))
		},
		"no neighbors": func() ([]Found, error) {
			return Replay(t.Context(), 5, 3, 0, ok(alone, Evolution{Population: 2, Sample: 1}))
		},
		"sample": func() ([]Found, error) {
			return Replay(t.Context(), 5, 3, 0, ok(line(9), Evolution{Population: 2, Sample: 3}))
		},
		"short signal": func() ([]Found, error) { return Replay(t.Context(), 5, 1, 0, ok(alone, Ranked{Signal: []float64{1}})) },
		"signal of NaNs": func() ([]Found, error) {
			return Replay(t.Context(), 5, 1, 0, ok(alone, Ranked{Signal: []float64{1, 2, math.NaN()}}))
		},
		"other strategies": func() ([]Found, error) {
			return Replay(t.Context(), 5, 1, 0, func(r int, _ *rand.Rand) (*Repeat, error) {
				return &Repeat{alone, []Strategy{Ranked{Label: string(rune('a' + r)), Signal: alone.Truth}}}, nil
			})
		},
	} {
		if _, err := f(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Replay(ctx, 5, 1, 0, ok(alone, Random{})); err == nil {
		t.Error("a canceled replay has no error")
	}
}
