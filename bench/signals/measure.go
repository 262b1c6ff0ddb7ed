package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"
	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/kernel"
	"github.com/nngplab/nngplab/nngpkit/proxy"
)

// group is what is measured together, in the order of the columns of its files.
type group struct {
	columns []string
	measure func(m *measurer, ctx context.Context, net *arch.Network, cfg nngpkit.Config, v map[string]float64) error
}

var groups = map[string]group{
	"recommended": {[]string{"noise_entropy", "noise_sensitivity", "sensitivity_mean8", "sensitivity_quarters8"}, (*measurer).recommended},
	"noise": {
		[]string{"entropy", "entropy_mean", "sensitivity", "sensitivity_mean", "sensitivity_quarters", "sensitivity_cell", "entropy_batch"},
		(*measurer).noise,
	},
	"jacobian": {
		[]string{"jacobian_entropy", "jacobian_dimension", "sensitivity_noise"},
		(*measurer).jacobian,
	},
	"peers": {
		[]string{"agreement", "naswot_noise", "zen", "zen_published", "naswot", "pair_log_det", "pair_effective_dimension"},
		(*measurer).peers,
	},
}

// measurer measures cells with one seed.
type measurer struct {
	options
	group
	seed uint64
	sets *nngpkit.NoiseSets

	normNoise *imageset.Set
	cifar     *imageset.Set // nil where it is not at hand
	batch     *imageset.Batch
}

// measure measures the cells that the file of the group and seed lacks.
func (o options) measure(ctx context.Context, cells []cell, name string, seed uint64) error {
	g, ok := groups[name]
	if !ok {
		return fmt.Errorf("there is no group %q", name)
	}
	m := &measurer{options: o, group: g, seed: seed}
	var err error
	if m.sets, err = nngpkit.DrawNoiseSets(arch.Shape{H: 32, W: 32, C: 3}, 16, 32, seed); err != nil {
		return err
	}
	if m.normNoise, err = imageset.Noise(imageset.NoiseConfig{Images: 32, Seed: ^seed}); err != nil {
		return err
	}
	if name == "peers" {
		if err := m.peerImages(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	done, err := readRows(o.file(name, seed), g.columns)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(o.file(name, seed), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	return m.all(ctx, cells, done, f)
}

// all measures cells side by side and appends each as it is done.
func (m *measurer) all(ctx context.Context, cells []cell, done map[string][]float64, f *os.File) error {
	g, ctx := errgroup.WithContext(ctx)
	work := make(chan cell)
	var mu sync.Mutex
	for range m.threads {
		g.Go(func() error {
			runtime.LockOSThread()
			pool := new(forward.Pool)
			for c := range work {
				values, err := m.cell(ctx, c, pool)
				if err != nil {
					return fmt.Errorf("%s: %w", c.key, err)
				}
				row := []string{c.key}
				for _, name := range m.columns {
					text := ""
					if v, ok := values[name]; ok {
						text = strconv.FormatFloat(v, 'g', 9, 64)
					}
					row = append(row, text)
				}
				mu.Lock()
				w := csv.NewWriter(f)
				err = w.Write(row)
				w.Flush()
				mu.Unlock()
				if err = errors.Join(err, w.Error()); err != nil {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(work)
		for _, c := range cells {
			if _, ok := done[c.key]; ok {
				continue
			}
			select {
			case work <- c:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}

// readRows reads the file of a seed; none is no rows. A last line that was cut
// short is an error that says so.
func readRows(path string, columns []string) (map[string][]float64, error) {
	rows := map[string][]float64{}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return rows, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(rec) != len(columns)+1 {
			return nil, fmt.Errorf("%s: row %d has %d fields, want %d", filepath.Base(path), len(rows)+1, len(rec), len(columns)+1)
		}
		values := make([]float64, len(columns))
		for i, text := range rec[1:] {
			if values[i], err = number(text); err != nil {
				return nil, fmt.Errorf("%s: row %d: %w", filepath.Base(path), len(rows)+1, err)
			}
		}
		rows[rec[0]] = values
	}
}

// peerImages sets the images of the peers: CIFAR-10's where they are at hand.
func (m *measurer) peerImages() error {
	set, err := imageset.Load("cifar10")
	var missing *datasets.MissingError
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	m.cifar = set
	m.batch, err = set.Batch(imageset.Shuffled(set.Len(), m.seed)[:64], imageset.Normalization{})
	return err
}

// cell measures one cell. What is not defined, such as the entropy of a dead
// network, is not among the values.
func (m *measurer) cell(ctx context.Context, c cell, pool *forward.Pool) (map[string]float64, error) {
	net, err := c.network()
	if err != nil {
		return nil, err
	}
	v := map[string]float64{}
	base := nngpkit.Config{Train: 12, Val: 4, Seed: m.seed, SplitSeed: m.seed, Threads: 1, Pool: pool}
	err = m.group.measure(m, ctx, net, base, v)
	for name, x := range v {
		if !finite(x) {
			delete(v, name)
		}
	}
	return v, err
}

// recommended takes what MeasureNoise does.
func (m *measurer) recommended(ctx context.Context, net *arch.Network, cfg nngpkit.Config, v map[string]float64) error {
	sets := *m.sets
	var err error
	if sets.Norm, err = sets.Norm.Subset(imageset.Shuffled(16, 0)); err != nil {
		return err
	}
	s, err := nngpkit.MeasureNoise(ctx, net, nngpkit.NoiseConfig{Seed: m.seed, Threads: 1, Pool: cfg.Pool, Sets: &sets})
	if err != nil {
		return nil // a dead network
	}
	v["noise_entropy"], v["noise_sensitivity"] = s.Entropy, s.Sensitivity
	v["sensitivity_mean8"], v["sensitivity_quarters8"] = s.Mean.Signal(), s.Quarters.Signal()
	return nil
}

func (m *measurer) noise(ctx context.Context, net *arch.Network, cfg nngpkit.Config, v map[string]float64) error {
	cfg.Norm, cfg.Views = forward.None, []nngpkit.View{nngpkit.Maximum, nngpkit.Standardized}
	err := nngpkit.Kernels(ctx, net, m.sets.Noise, cfg, []int{4}, func(e *nngpkit.Estimate) error {
		for i, name := range []string{"entropy", "entropy_mean"} {
			if err := entropy(ctx, e.Kernels[i], v, name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	cfg.Norm, cfg.NormSet, cfg.NormBatch = forward.Batch, m.sets.Norm, 32
	cfg.Views = []nngpkit.View{nngpkit.Standardized}
	cfg.Perturb = nngpkit.Perturbation{Std: 0.05, At: []nngpkit.Place{{}, {Pooling: arch.Quarters}, lastMark(net)}}
	return nngpkit.Kernels(ctx, net, m.sets.Noise, cfg, []int{2}, func(e *nngpkit.Estimate) error {
		a, b := e.Sensitivities[0].Signal(), e.Sensitivities[1].Signal()
		v["sensitivity"], v["sensitivity_mean"], v["sensitivity_quarters"] = (a+b)/2, a, b
		v["sensitivity_cell"] = e.Sensitivities[2].Signal()
		return entropy(ctx, e.Kernel, v, "entropy_batch")
	})
}

// lastMark returns the end of the last module or cell.
func lastMark(net *arch.Network) nngpkit.Place {
	return nngpkit.Place{Mark: net.Marks[len(net.Marks)-1].Name}
}

func entropy(ctx context.Context, k *mat.SymDense, v map[string]float64, name string) error {
	s, err := gp.SpectraOf(ctx, k, 0)
	if err != nil {
		return err
	}
	v[name] = s.Entropy
	return nil
}

// jacobian measures how the changes of images under the same noise differ.
func (m *measurer) jacobian(ctx context.Context, net *arch.Network, cfg nngpkit.Config, v map[string]float64) error {
	cfg.Norm, cfg.NormSet, cfg.NormBatch, cfg.Views = forward.Batch, m.normNoise, 32, []nngpkit.View{}
	cfg.Perturb = nngpkit.Perturbation{Std: 0.05, Shared: true, At: []nngpkit.Place{lastMark(net)}}
	return nngpkit.Kernels(ctx, net, m.sets.Noise, cfg, []int{2}, func(e *nngpkit.Estimate) error {
		s := e.Sensitivities[0]
		v["sensitivity_noise"] = s.Signal()
		k, err := kernel.Cosine(s.Changes)
		if err != nil {
			return nil // some image does not change: there is no angle
		}
		sp, err := gp.SpectraOf(ctx, k, 0)
		if err != nil {
			return err
		}
		v["jacobian_entropy"], v["jacobian_dimension"] = sp.Entropy, sp.Levels[1].EffectiveDimension
		return nil
	})
}

// peers measures what others propose, and the pair of maxima kernels.
func (m *measurer) peers(ctx context.Context, net *arch.Network, cfg nngpkit.Config, v map[string]float64) error {
	codes := cfg
	codes.Norm, codes.NormSet, codes.NormBatch = forward.Batch, m.sets.Norm, 32
	codes.Views, codes.Codes = []nngpkit.View{}, nngpkit.ReLUCodes
	err := nngpkit.Kernels(ctx, net, m.sets.Noise, codes, []int{2}, func(e *nngpkit.Estimate) error {
		v["agreement"], v["naswot_noise"] = e.Codes.MeanAgreement(), e.Codes.LogDet
		return nil
	})
	if err != nil {
		return err
	}
	pc := proxy.Config{Seed: m.seed, Threads: 1, Pool: cfg.Pool}
	z, err := proxy.ZenScore(ctx, net, proxy.ZenConfig{Config: pc})
	if err != nil {
		return err
	}
	v["zen"], v["zen_published"] = z.Score(), z.Published()
	if m.cifar == nil {
		return nil
	}
	if v["naswot"], err = proxy.NASWOT(ctx, net, m.batch, pc); err != nil {
		return err
	}
	cfg.Train, cfg.Val, cfg.Norm, cfg.Views = 40, 20, forward.None, []nngpkit.View{nngpkit.Maxima}
	return nngpkit.Kernels(ctx, net, m.cifar, cfg, []int{2}, func(e *nngpkit.Estimate) error {
		s, err := gp.SpectraOf(ctx, e.Kernel, 0)
		if err != nil {
			return err
		}
		v["pair_log_det"], v["pair_effective_dimension"] = s.LogDet, s.EffectiveDimension
		return nil
	})
}
