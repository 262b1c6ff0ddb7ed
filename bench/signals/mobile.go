package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/mnasnet"
	"github.com/nngplab/nngplab/nngpkit/proxy"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// mobileSetting is a setting that was tried for networks of the MnasNet space.
type mobileSetting struct {
	name  string
	width int
	side  int // of the images
	act   arch.Activation
	norm  forward.Norm
	what  func(ctx context.Context, m *mobileInput, net *arch.Network, s mobileSetting, pool *forward.Pool) (attempt, error)
}

// mobileInput are the images of all settings of one side.
type mobileInput struct {
	set   *imageset.Set        // of Tiny-ImageNet
	noise []*nngpkit.NoiseSets // of GeneralNoise
	codes []*nngpkit.NoiseSets // of CodesNoise
}

// mobileSettings are all that were tried, kernels of images first.
var mobileSettings = []mobileSetting{
	{"kernel, batch", 8, 64, arch.ReLU, forward.Batch, imageKernels},
	{"kernel, no norm", 8, 64, arch.ReLU, forward.None, imageKernels},
	{"kernel, ema", 8, 64, arch.ReLU, forward.EMA, imageKernels},
	{"kernel, batch, swish", 8, 64, arch.Swish, forward.Batch, imageKernels},
	{"kernel, batch, 32 pixels", 8, 32, arch.ReLU, forward.Batch, imageKernels},
	{"kernel, batch, width 16", 16, 64, arch.ReLU, forward.Batch, imageKernels},
	{"noise", 8, 64, arch.ReLU, forward.Batch, noiseSignals},
	{"noise, swish", 8, 64, arch.Swish, forward.Batch, noiseSignals},
	{"noise, 32 pixels", 8, 32, arch.ReLU, forward.Batch, noiseSignals},
	{"noise, width 16", 16, 64, arch.ReLU, forward.Batch, noiseSignals},
	{"codes of images, batch", 8, 64, arch.ReLU, forward.Batch, imageCodes},
	{"codes of images, no norm", 8, 64, arch.ReLU, forward.None, imageCodes},
	{"peers", 8, 64, arch.ReLU, forward.Batch, mobilePeers},
}

// mobile measures the first n networks of the choosing half of Accel-NASBench's
// table in every setting that was tried, whose name begins with only, and prints
// what each signal is worth alone, beside parameters and multiply-accumulates, and
// beside the sum over stages of the fourth root of their parameters.
func mobile(ctx context.Context, n int, only string, w io.Writer) error {
	all, err := truth.OpenCells(ctx, "accel", 0)
	if err != nil {
		return err
	}
	choose, _, err := all.Halves()
	if err != nil {
		return err
	}
	n = min(n, choose.Len())
	b, err := newBeside(choose, n)
	if err != nil {
		return err
	}
	inputs := map[int]*mobileInput{}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%d networks, tau-b\talone\twith parameters + MACs\tgain\twith S (4 to 1)\tgain\tpartial given S\n", n)
	fmt.Fprintf(tw, "parameters + MACs\t%.3f\nS\t%.3f\n", corr.Tau(b.truth, b.pm), corr.Tau(b.truth, b.roots))
	for _, s := range mobileSettings {
		if !strings.HasPrefix(s.name, only) {
			continue
		}
		if inputs[s.side] == nil {
			if inputs[s.side], err = newMobileInput(ctx, s.side); err != nil {
				return err
			}
		}
		values := make([]attempt, n)
		err := sweep.InParallel(ctx, runtime.GOMAXPROCS(0), n, func(ctx context.Context, i int, pool *forward.Pool) error {
			net, err := mobileNetwork(choose.Architectures[i], s)
			if err != nil {
				return err
			}
			values[i], err = s.what(ctx, inputs[s.side], net, s, pool)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := b.report(tw, s.name, values); err != nil {
			return err
		}
	}
	return tw.Flush()
}

func newMobileInput(ctx context.Context, side int) (*mobileInput, error) {
	set, err := imageset.Open(ctx, "tiny-imagenet-200-val", imageset.OwnConfig{Size: side})
	if err != nil {
		return nil, err
	}
	cfg := nngpkit.GeneralNoise()
	cfg.Draws = 1
	noise, err := cfg.DrawSets(arch.Shape{H: side, W: side, C: 3})
	if err != nil {
		return nil, err
	}
	codes, err := nngpkit.CodesNoise().DrawSets(arch.Shape{H: side, W: side, C: 3})
	return &mobileInput{set, noise, codes}, err
}

func mobileNetwork(a space.Architecture, s mobileSetting) (*arch.Network, error) {
	d, err := mnasnet.DecisionsOf(a)
	if err != nil {
		return nil, err
	}
	return d.Network(mnasnet.Skeleton{Width: s.width, Input: arch.Shape{H: s.side, W: s.side, C: 3}, Act: s.act})
}

// imageKernels takes the catalogue of package gp, of 200 + 200 images, one of each
// class.
func imageKernels(ctx context.Context, m *mobileInput, net *arch.Network, s mobileSetting, pool *forward.Pool) (attempt, error) {
	out := attempt{}
	cfg := nngpkit.Config{
		Train: 200, Val: 200, Balanced: true, Norm: s.norm, NormBatch: 50, Threads: 1, Pool: pool,
		Views: []nngpkit.View{nngpkit.Raw, nngpkit.Maxima},
	}
	return out, nngpkit.Kernels(ctx, net, m.set, cfg, []int{1}, func(e *nngpkit.Estimate) error {
		for k, v := range cfg.Views {
			x, err := gp.Measure(ctx, e.Kernels[k], cfg.Train, e.Labels, e.Classes, gp.Config{Threads: 1})
			if err != nil {
				return err
			}
			for _, st := range gp.Catalogue() {
				sign := 1.0
				if st.Better == gp.Smaller {
					sign = -1
				}
				out[string(v)+" "+st.Name] = sign * x.Score(st).Value
			}
		}
		return nil
	})
}

// noiseSignals takes one draw of the general signals of noise.
func noiseSignals(ctx context.Context, m *mobileInput, net *arch.Network, _ mobileSetting, pool *forward.Pool) (attempt, error) {
	cfg := nngpkit.GeneralNoise()
	cfg.Draws, cfg.Threads, cfg.Pool, cfg.Sets = 1, 1, pool, m.noise
	s, err := nngpkit.MeasureNoise(ctx, net, cfg)
	if errors.Is(err, nngpkit.ErrNoSignal) {
		return attempt{}, nil
	}
	if err != nil {
		return nil, err
	}
	g := s.General
	out := attempt{
		"e": s.Entropy, "e of means": s.EntropyMeans, "j means": s.SensitivityMeans, "j quarters": s.SensitivityQuarters,
		"entropy by pictures": g.PictureEntropy, "entropy by noise": g.NoiseEntropy, "J": g.Jacobian, "J by pictures": g.JacobianPictures,
		"j last stage": g.Sensitivity, "NASWOT on noise": g.NASWOT, "NASWOT by pictures": g.NASWOTPictures, "c": g.Agreement,
	}
	if len(forward.ReLUs(net)) == 0 {
		delete(out, "c")
		return out, nil
	}
	cfg = nngpkit.CodesNoise()
	cfg.Threads, cfg.Pool, cfg.Sets = 1, pool, m.codes
	if s, err = nngpkit.MeasureNoise(ctx, net, cfg); err != nil {
		return nil, err
	}
	out["c of maps"], out["c of maps, last stage"] = s.General.Agreement, s.General.PartAgreement[mnasnet.Stages]
	return out, nil
}

// imageCodes compares codes of 32 images, of all ReLUs and stage by stage.
func imageCodes(ctx context.Context, m *mobileInput, net *arch.Network, s mobileSetting, pool *forward.Pool) (attempt, error) {
	out := attempt{}
	cfg := nngpkit.Config{
		Train: 24, Val: 8, Norm: s.norm, NormBatch: 24, Threads: 1, Pool: pool,
		Views: []nngpkit.View{}, Codes: nngpkit.MapCodes,
	}
	return out, nngpkit.Kernels(ctx, net, m.set, cfg, []int{1}, func(e *nngpkit.Estimate) error {
		out["c"], out["NASWOT"] = e.Codes.MeanAgreement(), e.Codes.LogDet
		var sum [mnasnet.Stages]float64
		var nodes [mnasnet.Stages]float64
		for i, node := range e.Codes.Nodes {
			for st := range sum {
				if strings.HasPrefix(net.Nodes[node].Name, fmt.Sprintf("stage%d/", st)) {
					sum[st], nodes[st] = sum[st]+e.Codes.Agreement[i], nodes[st]+1
				}
			}
		}
		mean := 0.0
		for st := range sum {
			out[fmt.Sprintf("c of stage %d", st)] = sum[st] / nodes[st]
			mean += sum[st] / nodes[st] / mnasnet.Stages
		}
		out["c, mean of stages"] = mean
		return nil
	})
}

// mobilePeers takes NASWOT and the Zen-score.
func mobilePeers(ctx context.Context, m *mobileInput, net *arch.Network, _ mobileSetting, pool *forward.Pool) (attempt, error) {
	batch, err := m.set.Batch(imageset.Shuffled(m.set.Len(), 0)[:32], imageset.Normalization{})
	if err != nil {
		return nil, err
	}
	cfg := proxy.Config{Threads: 1, Pool: pool}
	s, err := proxy.NASWOT(ctx, net, batch, cfg)
	if err != nil {
		return nil, err
	}
	z, err := proxy.ZenScore(ctx, net, proxy.ZenConfig{Config: cfg})
	if err != nil {
		return nil, err
	}
	return attempt{"NASWOT": s, "Zen-score": z.Score(), "Zen-score as published code": z.Published()}, nil
}

// beside is what signals are compared with.
type beside struct{ truth, parameters, macs, roots, pm []float64 }

func newBeside(c *truth.Cells, n int) (*beside, error) {
	b := &beside{}
	for name, x := range map[string]*[]float64{truth.TruthColumn: &b.truth, "parameters": &b.parameters, "gflops": &b.macs, "stage_roots": &b.roots} {
		all, err := frame.Floats(c.Frame, name)
		if err != nil {
			return nil, err
		}
		*x = all[:n]
	}
	var err error
	b.pm, err = corr.RankMix(b.parameters, b.macs)
	return b, err
}

// report prints a line for each signal of a setting that is defined.
func (b *beside) report(w io.Writer, setting string, values []attempt) error {
	for _, name := range names([][]attempt{values}) {
		x := make([]float64, len(values))
		known := 0
		for i, v := range values {
			y, ok := v[name]
			if x[i] = y; !ok {
				x[i] = math.NaN()
			}
			if finite(x[i]) {
				known++
			}
		}
		if x = worst(x); known < len(x)*9/10 || slices.Max(x) == slices.Min(x) {
			continue
		}
		three, err := corr.RankMix(b.parameters, b.macs, x)
		if err != nil {
			return err
		}
		four, err := corr.WeightedRankMix([][]float64{b.roots, x}, []float64{4, 1})
		if err != nil {
			return err
		}
		p, err := corr.PartialKendall(b.truth, x, b.roots)
		if err != nil {
			return err
		}
		m, s := corr.Tau(b.truth, three), corr.Tau(b.truth, four)
		fmt.Fprintf(w, "%s: %s\t%.3f\t%.3f\t%+.3f\t%.3f\t%+.3f\t%.3f\n", setting, name, corr.Tau(b.truth, x), m, m-corr.Tau(b.truth, b.pm), s, s-corr.Tau(b.truth, b.roots), p.Value)
	}
	return nil
}
