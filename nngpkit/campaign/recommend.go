package campaign

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Budget says what may be spent on a sweep.
type Budget struct {
	Time    time.Duration // wall clock
	Threads int           // 0 means GOMAXPROCS
}

// Recommendation is what a budget buys.
type Recommendation struct {
	Measurements []Measurement `json:"measurements"`
	Seeds        []uint64      `json:"seeds"`
	SecondsACell float64       `json:"thread_seconds_a_cell"` // processor time of all seeds, as measured on this machine
	Seconds      float64       `json:"seconds"`               // wall clock, for all cells, where nobody else uses the threads
	Budget       float64       `json:"budget_seconds"`
	Threads      int           `json:"threads"`
	Fits         bool          `json:"fits"` // Seconds is within the budget
}

// mostSeeds is the most that Recommend asks for: docs/SIGNALS.md has what the mean
// over five is worth.
const mostSeeds = 5

// RecommendedNoise is the measurement that Recommend recommends in a space: the
// signals of noise of sweep.NoiseKindOf in their recommended setting.
func RecommendedNoise(spaceName string) Measurement {
	n := &Noise{}
	switch sweep.NoiseKindOf(spaceName) {
	case sweep.NoiseScore:
		n.Values = scoreValues
	case sweep.NoiseCodes:
		n.Values = codeValues
	}
	return Measurement{Name: "noise", Noise: n}.resolved()
}

// Recommend says what to measure of some architectures within a budget: the
// recommended signals of noise, by as many seeds as fit, five at most; where not even
// one fits, of entropy and sensitivity the entropy alone, which takes half; where that does not fit either, it is
// recommended nevertheless, and Fits is false. It measures the processor time of a few
// of the architectures first, on all threads: what else the machine is doing at the
// moment does not decide what a sweep of hours measures.
func Recommend(ctx context.Context, spaceName string, cells Cells, b Budget) (*Recommendation, error) {
	if b.Time <= 0 {
		return nil, fmt.Errorf("campaign: a budget of %v: want more than nothing", b.Time)
	}
	if b.Threads <= 0 {
		b.Threads = runtime.GOMAXPROCS(0)
	}
	both := RecommendedNoise(spaceName)
	s, err := space.Find(spaceName)
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	both.Noise.Width = max(both.Noise.Width, s.Info().MinWidth)
	out := &Recommendation{Seeds: []uint64{0}, Budget: b.Time.Seconds(), Threads: b.Threads}
	for _, m := range append([]Measurement{both}, lesser(both)...) {
		one, err := speed(ctx, spaceName, cells, m, b.Threads)
		if err != nil {
			return nil, err
		}
		out.Measurements, out.SecondsACell = []Measurement{m}, one
		out.Seconds = one * float64(cells.N) / float64(b.Threads)
		seeds := int(min(mostSeeds, out.Budget/out.Seconds))
		if seeds < 1 {
			continue
		}
		out.Fits, out.Seeds = true, nil
		for k := range seeds {
			out.Seeds = append(out.Seeds, uint64(k))
		}
		out.SecondsACell *= float64(seeds)
		out.Seconds *= float64(seeds)
		return out, nil
	}
	return out, nil
}

// lesser returns what may be measured where there is no time for m: of the pair the
// entropy alone.
func lesser(m Measurement) []Measurement {
	if m.Noise.kind() != sweep.NoisePair {
		return nil
	}
	n := *m.Noise
	n.Values = n.Values[:1]
	m.Noise = &n
	return []Measurement{m}
}

// Of speed: how many architectures stand for all, and how many are measured.
const (
	speedSample = 1000
	speedCells  = 16
)

// speed returns the processor seconds that a measurement with one seed takes of an
// architecture: those of a few, scaled by their predicted cost to the mean.
func speed(ctx context.Context, spaceName string, cells Cells, m Measurement, threads int) (float64, error) {
	p, err := NewPlan(spaceName, cells, []Measurement{m}, []uint64{0}, nil)
	if err != nil {
		return 0, err
	}
	it, err := p.items()
	if err != nil {
		return 0, fmt.Errorf("campaign: %w", err)
	}
	order, err := p.itemsOf(ctx, it, Shard{1, 1})
	if err != nil {
		return 0, err
	}
	g, err := p.gallery(nil)
	if err != nil {
		return 0, err
	}
	measures, err := g.measures()
	if err != nil {
		return 0, err
	}
	var some []space.Architecture
	mean, ours := 0.0, 0.0
	threads = min(threads, runtime.GOMAXPROCS(0))
	measured := min(max(speedCells, threads), len(order))
	for k, i := range order[:min(speedSample, len(order))] {
		a, err := it.at(int(i))
		if err != nil {
			return 0, fmt.Errorf("campaign: %w", err)
		}
		cost := float64(p.cost(a))
		mean += cost / float64(min(speedSample, len(order)))
		if k < measured {
			some, ours = append(some, a), ours+cost
		}
	}
	run := func(some []space.Architecture) (float64, error) {
		took := make([]float64, len(some))
		err := sweep.InParallel(ctx, threads, len(some), func(ctx context.Context, i int, pool *forward.Pool) error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			took[i] = math.Inf(1)
			for range 2 { // the second finds caches warm, as those of a sweep are
				start := sweep.CPUSeconds()
				_, err := guarded(ctx, measures[0], some[i], pool)
				took[i] = min(took[i], sweep.CPUSeconds()-start)
				if ctx.Err() != nil {
					return err
				}
			}
			return nil // what fails takes its time, too
		})
		total := 0.0
		for _, s := range took {
			total += s
		}
		return total, err
	}
	if _, err := run(some[:1]); err != nil { // what only the first one takes
		return 0, err
	}
	took, err := run(some)
	if err != nil {
		return 0, err
	}
	return took / ours * mean, nil
}
