package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"text/tabwriter"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/kernel"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// attempt is one cell measured in one draw, in all settings that were tried.
type attempt map[string]float64

// attempts measures every o.every-th cell of the choosing half in all settings that
// were tried for the recommended ones, o.draws times, keeps the values in a file,
// and prints tau-b of each alone and of mixtures, by the number of draws that are
// averaged.
func (o options) attempts(ctx context.Context, w io.Writer) error {
	all, err := o.cells(ctx)
	if err != nil {
		return err
	}
	choose, _, err := all.Halves()
	if err != nil {
		return err
	}
	var rows []int
	for i := 0; i < choose.Len(); i += max(1, o.every) {
		rows = append(rows, i)
	}
	values := make([][]attempt, o.draws) // by draw and cell
	for d := range values {
		values[d] = make([]attempt, len(rows))
		sets, err := nngpkit.DrawNoiseSets(arch.Shape{H: 32, W: 32, C: 3}, 16, 16, uint64(d))
		if err != nil {
			return err
		}
		err = sweep.InParallel(ctx, runtime.GOMAXPROCS(0), len(rows), func(ctx context.Context, i int, pool *forward.Pool) error {
			net, err := o.network(choose.Architectures[rows[i]])
			if err != nil {
				return err
			}
			values[d][i], err = measureAttempt(ctx, net, sets, uint64(d), pool)
			return err
		})
		if err != nil {
			return err
		}
	}
	t, err := frame.Floats(choose.Frame, truth.TruthColumn)
	if err != nil {
		return err
	}
	p, err := truth.Parameters.Values(choose.Frame)
	if err != nil {
		return err
	}
	if err := keepAttempts(o.out, keys(choose), rows, values); err != nil {
		return err
	}
	return reportAttempts(w, truth.PickRows(t, rows), truth.PickRows(p, rows), values)
}

// measureAttempt measures a network in one draw.
func measureAttempt(ctx context.Context, net *arch.Network, sets *nngpkit.NoiseSets, seed uint64, pool *forward.Pool) (attempt, error) {
	v := attempt{}
	base := nngpkit.Config{Seed: seed, SplitSeed: seed, Threads: 1, Pool: pool}
	for _, n := range []int{8, 16} {
		cfg := base
		cfg.Train, cfg.Val, cfg.Norm, cfg.Views = n*3/4, n/4, forward.None, []nngpkit.View{nngpkit.Maximum, nngpkit.Standardized}
		err := nngpkit.Kernels(ctx, net, sets.Noise, cfg, []int{1, 2, 4}, func(e *nngpkit.Estimate) error {
			v[fmt.Sprintf("entropy %dx%d", n, e.Members)] = entropyOf(ctx, e.Kernels[0])
			v[fmt.Sprintf("entropy of means %dx%d", n, e.Members)] = entropyOf(ctx, e.Kernels[1])
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	last := net.Marks[len(net.Marks)-1].Name
	places := []nngpkit.Place{{}, {Pooling: arch.Quarters}, {Mark: last}, {Mark: last, Pooling: arch.Quarters}}
	for _, by := range []string{"pictures", "noise"} {
		cfg := base
		cfg.Train, cfg.Val, cfg.Norm, cfg.NormSet, cfg.NormBatch = 6, 2, forward.Batch, sets.Norm, 16
		if by == "noise" {
			cfg.NormSet = sets.Plain
		}
		cfg.Views, cfg.Codes = []nngpkit.View{nngpkit.Standardized}, nngpkit.ReLUCodes
		cfg.Perturb = nngpkit.Perturbation{Std: .05, Shared: true, At: places}
		err := nngpkit.Kernels(ctx, net, sets.Noise, cfg, []int{1, 2}, func(e *nngpkit.Estimate) error {
			name := fmt.Sprintf(" by %s x%d", by, e.Members)
			v["agreement"+name], v["naswot"+name] = e.Codes.MeanAgreement(), e.Codes.LogDet
			v["entropy"+name] = entropyOf(ctx, e.Kernel)
			for _, s := range e.Sensitivities {
				at := ", end"
				if s.Place.Mark != "" {
					at = ", last cell"
				}
				at += " " + s.Place.Pooling.String() + name
				v["j"+at], v["j/variance"+at], v["j/square"+at] = s.Signal(), s.Signal()+math.Log(s.Variance), s.Signal()+math.Log(s.Square)
				if k, err := kernel.Cosine(s.Changes); err == nil {
					v["J"+at] = entropyOf(ctx, k)
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return v, nil
}

func entropyOf(ctx context.Context, k *mat.SymDense) float64 {
	s, err := gp.SpectraOf(ctx, k, 0)
	if err != nil {
		return math.NaN()
	}
	return s.Entropy
}

// names returns all settings, sorted.
func names(values [][]attempt) []string {
	seen := map[string]bool{}
	var out []string
	for _, d := range values {
		for _, a := range d {
			for name := range a {
				if !seen[name] {
					seen[name] = true
					out = append(out, name)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// keepAttempts writes what was measured.
func keepAttempts(path string, keys []string, rows []int, values [][]attempt) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := csv.NewWriter(f)
	columns := names(values)
	if err := w.Write(append([]string{"key", "draw"}, columns...)); err != nil {
		return err
	}
	for d := range values {
		for i, a := range values[d] {
			rec := []string{keys[rows[i]], strconv.Itoa(d)}
			for _, c := range columns {
				text := ""
				if x, ok := a[c]; ok && finite(x) {
					text = strconv.FormatFloat(x, 'g', 9, 64)
				}
				rec = append(rec, text)
			}
			if err := w.Write(rec); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

// recipe is a mixture that was tried: of ranks, or of values.
type recipe struct {
	title  string
	values bool
	parts  []part
}

var recipes = []recipe{
	{"2e + j + parameters, e 16x4, j x2", false, []part{{"entropy 16x4", 2}, {"j, end mean by pictures x2", .5}, {"j, end quarters by pictures x2", .5}, {"parameters", 1}}},
	{"the same, e 16x2, j x1", false, []part{{"entropy 16x2", 2}, {"j, end mean by pictures x1", .5}, {"j, end quarters by pictures x1", .5}, {"parameters", 1}}},
	{"the same, e 8x2, j x1", false, []part{{"entropy 8x2", 2}, {"j, end mean by pictures x1", .5}, {"j, end quarters by pictures x1", .5}, {"parameters", 1}}},
	{"the same, e 8x1, j x1", false, []part{{"entropy 8x1", 2}, {"j, end mean by pictures x1", .5}, {"j, end quarters by pictures x1", .5}, {"parameters", 1}}},
	{"2e + j + parameters, j by noise", false, []part{{"entropy 16x4", 2}, {"j, end mean by noise x2", .5}, {"j, end quarters by noise x2", .5}, {"parameters", 1}}},
	{"2e + j + parameters, j by both", false, []part{{"entropy 16x4", 2}, {"j, last cell mean by noise x2", .5}, {"j, end quarters by pictures x2", .5}, {"parameters", 1}}},
	{"e + parameters", false, []part{{"entropy 16x4", 1}, {"parameters", 1}}},
	{"sums of ranks: e + e of means + J + j/2 + parameters", false, []part{{"entropy 16x4", 1}, {"entropy of means 16x4", 1}, {"J, last cell mean by noise x2", 1}, {"j, last cell mean by pictures x2", .5}, {"parameters", 1}}},
	{"sums of ranks: the parts of the general score", false, []part{{"entropy 16x4", 3}, {"entropy by noise x2", 1}, {"entropy by pictures x2", 1}, {"J, last cell quarters by noise x2", 1}, {"j, last cell mean by noise x2", 1}, {"naswot by noise x2", 1}, {"parameters", 2}}},
	{"general score", true, []part{{"entropy 16x4", 3}, {"entropy by noise x2", 1}, {"entropy by pictures x2", 1}, {"J, last cell quarters by noise x2", 1}, {"j, last cell mean by noise x2", .1}, {"naswot by noise x2", 1. / 30}, {"log parameters", .2}}},
	{"general score without J", true, []part{{"entropy 16x4", 3}, {"entropy by noise x2", 1}, {"entropy by pictures x2", 1}, {"j, last cell mean by noise x2", .1}, {"naswot by noise x2", 1. / 30}, {"log parameters", .2}}},
	{"general score without the pass by pictures", true, []part{{"entropy 16x4", 3}, {"entropy by noise x2", 2}, {"J, last cell quarters by noise x2", 1}, {"j, last cell mean by noise x2", .1}, {"naswot by noise x2", 1. / 30}, {"log parameters", .2}}},
	{"general score, e 8x4, others x1", true, []part{{"entropy 8x4", 3}, {"entropy by noise x1", 1}, {"entropy by pictures x1", 1}, {"J, last cell quarters by noise x1", 1}, {"j, last cell mean by noise x1", .1}, {"naswot by noise x1", 1. / 30}, {"log parameters", .2}}},
}

// reportAttempts prints tau-b, means over choices of draws, by how many of them are
// averaged.
func reportAttempts(w io.Writer, t, parameters []float64, values [][]attempt) error {
	all := []recipe{{"parameters", false, []part{{"parameters", 1}}}}
	for _, name := range names(values) {
		all = append(all, recipe{name, true, []part{{name, 1}}})
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%d cells, tau-b by the number of draws averaged", len(t))
	for k := 1; k <= min(4, len(values)); k++ {
		fmt.Fprintf(tw, "\t%d", k)
	}
	fmt.Fprintln(tw)
	for _, r := range append(all, recipes...) {
		fmt.Fprint(tw, r.title)
		for k := 1; k <= min(4, len(values)); k++ {
			sum, sets := 0.0, choices(len(values), k)
			for _, draws := range sets {
				sum += corr.Tau(t, r.mix(parameters, values, draws))
			}
			fmt.Fprintf(tw, "\t%.3f", sum/float64(len(sets)))
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}

// mix returns a recipe's values of the cells, of means over draws.
func (r recipe) mix(parameters []float64, values [][]attempt, draws []int) []float64 {
	out := make([]float64, len(parameters))
	for _, p := range r.parts {
		x := slices.Clone(parameters)
		for i := range x {
			switch p.name {
			case "parameters":
			case "log parameters":
				x[i] = math.Log(parameters[i])
			default:
				x[i] = 0
				for _, d := range draws {
					v, ok := values[d][i][p.name]
					if !ok {
						v = math.NaN()
					}
					x[i] += v / float64(len(draws))
				}
			}
		}
		if x = worst(x); !r.values {
			x = corr.Ranks(x)
		}
		for i := range out {
			out[i] += p.weight * x[i]
		}
	}
	return out
}
