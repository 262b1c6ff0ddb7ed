package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// NamedNetwork is a network of no search space, such as one that was exported.
type NamedNetwork struct {
	Name    string // in the ranking
	Network *arch.Network
}

// Columns of the frame that RankNetworks returns, beside those of Rank.
const (
	NetworkColumn     = "network"
	InputColumn       = "input"    // shape of the images that it reads
	FeaturesColumn    = "features" // their number
	EntropyColumn     = "noise_entropy"
	SensitivityColumn = "noise_sensitivity"
	ScoreColumn       = sweep.ScoreColumn // where the mixture names it: nngpkit.NoiseSignals.Score
)

// NetworkMix returns what RankNetworks averages the ranks of where there are no
// images: that of NoiseMix, by its names. A name that comes twice counts twice.
func NetworkMix() []string {
	return []string{EntropyColumn, EntropyColumn, SensitivityColumn, truth.Parameters.Column}
}

// NetworkSignals returns the signals that a mixture of RankNetworks names. Noise
// says that it is of images of noise that code draws for each network (a nil set),
// labeled that the images have labels.
func NetworkSignals(noise, labeled bool, names []string) ([]truth.Signal, error) {
	if len(names) == 0 {
		return nil, errors.New("there is nothing to rank by: the mixture names no signal")
	}
	known := []string{truth.Parameters.Column, MACsColumn, truth.FLOPs.Column}
	if noise {
		known = append(known, EntropyColumn, SensitivityColumn, ScoreColumn)
	}
	var out []truth.Signal
	for _, given := range names {
		name, turned := strings.CutPrefix(strings.TrimSpace(given), "-")
		name = strings.TrimSpace(name)
		s := truth.Signal{Column: name, Label: name}
		if !slices.Contains(known, name) {
			st, err := gp.Find(name)
			switch {
			case err != nil || noise:
				more := statistics(labeled)
				if noise {
					more = nil
				}
				return nil, fmt.Errorf("there is nothing called %q to rank networks by: known are %s", name, strings.Join(append(known, more...), ", "))
			case st.Labels && !labeled:
				return nil, fmt.Errorf("%s needs the classes of the images, and these have no labels", name)
			}
			s = sweep.ScoreSignal(st.Name)
		}
		s.Lower = s.Lower != turned
		out = append(out, s)
	}
	return out, nil
}

// RankNetworks scores networks of no search space and ranks them together. Where
// set is nil it measures them on images of noise, drawn by code for the shape that
// each reads (nngpkit.MeasureNoise; of the setting it takes the seed), and ranks them by
// NetworkMix unless RankConfig.Mix names others. Otherwise it scores them on images of the
// set, brought to the shape that each network reads, as Rank does cells; the
// width of the setting means nothing here.
//
// The frame has a row for each network, the best first, with the columns place,
// mixture, row, network, parameters, macs, gflops, input, features, and the
// signals: see Rank. A network that does not end in a global average is given one
// where the view or the noise needs it. Progress is told the networks that are done.
func RankNetworks(ctx context.Context, networks []NamedNetwork, set *imageset.Set, cfg RankConfig) (dataframe.DataFrame, error) {
	df, err := rankNetworks(ctx, networks, set, cfg)
	if err != nil {
		return dataframe.DataFrame{}, fmt.Errorf("study: rank: %w", err)
	}
	return df, nil
}

func rankNetworks(ctx context.Context, networks []NamedNetwork, set *imageset.Set, cfg RankConfig) (dataframe.DataFrame, error) {
	fail := func(err error) (dataframe.DataFrame, error) { return dataframe.DataFrame{}, err }
	if len(networks) == 0 {
		return fail(errors.New("there is no network to rank"))
	}
	if set == nil && cfg.Mix == nil {
		cfg.Mix = NetworkMix()
	}
	cfg = cfg.resolved()
	mix, err := NetworkSignals(set == nil, set != nil && set.Labeled(), cfg.Mix)
	if err != nil {
		return fail(err)
	}
	for _, n := range networks {
		if err := n.Network.Check(); err != nil {
			return fail(err)
		}
	}
	values := make([]map[string]float64, len(networks))
	pool := new(forward.Pool)
	for i, n := range networks {
		if set == nil {
			values[i], err = noiseValues(ctx, n.Network, cfg, pool)
		} else {
			values[i], err = setValues(ctx, n.Network, set, cfg, pool)
		}
		if err != nil {
			return fail(fmt.Errorf("%s: %w", n.Name, err))
		}
		if cfg.Progress != nil {
			cfg.Progress(i+1, len(networks), i+1)
		}
	}
	df, err := networkFrame(networks, values, set, cfg)
	if err != nil {
		return fail(err)
	}
	place, mixture, err := places(df, mix)
	if err != nil {
		return fail(err)
	}
	return allRows(df).ranked(df, place, mixture)
}

// noiseValues measures a network on noise.
func noiseValues(ctx context.Context, net *arch.Network, cfg RankConfig, pool *forward.Pool) (map[string]float64, error) {
	s, err := nngpkit.MeasureNoise(ctx, net.Averaged(), nngpkit.NoiseConfig{Seed: cfg.Setting.Seed, Pool: pool})
	if errors.Is(err, nngpkit.ErrNoSignal) {
		return map[string]float64{}, nil // a network without a place
	}
	if err != nil {
		return nil, err
	}
	out := map[string]float64{EntropyColumn: s.Entropy, SensitivityColumn: s.Sensitivity, sweep.GFLOPsColumn: float64(s.FLOPs) * 1e-9}
	if !mixesScore(cfg.Mix) {
		return out, nil
	}
	if len(forward.ReLUs(net)) == 0 {
		return nil, fmt.Errorf("it has no ReLU units, and a part of %s compares the signs of these: rank such networks by other signals", ScoreColumn)
	}
	general := nngpkit.GeneralNoise()
	general.Seed, general.Pool = cfg.Setting.Seed, pool
	g, err := nngpkit.MeasureNoise(ctx, net.Averaged(), general)
	if err != nil {
		return nil, err
	}
	out[ScoreColumn] = g.Score(net.Parameters())
	return out, nil
}

// mixesScore tells whether a mixture names the score of noise, which costs several
// times what the other signals do.
func mixesScore(mix []string) bool {
	return slices.ContainsFunc(mix, func(name string) bool {
		return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "-")) == ScoreColumn
	})
}

// setValues scores a network on images.
func setValues(ctx context.Context, net *arch.Network, set *imageset.Set, cfg RankConfig, pool *forward.Pool) (map[string]float64, error) {
	set, err := Fitted(set, net, cfg.Setting)
	if err != nil {
		return nil, err
	}
	if cfg.View != nngpkit.Raw && cfg.View != nngpkit.Standardized {
		net = net.Averaged()
	}
	p := sweep.Pass{Setting: cfg.Setting, At: []int{cfg.Setting.Members}, Views: []nngpkit.View{cfg.View}}.Resolved()
	rows, err := sweep.MeasureNetwork(ctx, net, set, p, runtime.GOMAXPROCS(0), pool, "")
	if err != nil {
		return nil, err
	}
	return rows[0].Values, nil
}

// Fitted returns the images in the shape that the network reads: noise is drawn
// anew, gray images fill all channels, and other images are brought to its size
// without smoothing. Images of several channels for a network that reads one are an
// error.
func Fitted(set *imageset.Set, net *arch.Network, s sweep.Setting) (*imageset.Set, error) {
	in := net.InputShape()
	if in == (arch.Shape{H: set.H, W: set.W, C: set.C}) {
		return set, nil
	}
	if imageset.IsNoise(set.Name) {
		s = s.Resolved()
		for kind := imageset.WhiteNoise; kind <= imageset.GrayNoise; kind++ {
			if kind.String() == set.Name {
				return imageset.Noise(imageset.NoiseConfig{Kind: kind, Images: s.Train + s.Val, H: in.H, W: in.W, C: in.C})
			}
		}
	}
	if set.C != in.C && set.C != 1 {
		return nil, fmt.Errorf("the network reads images of %d channels, and those of %s have %d", in.C, set.Name, set.C)
	}
	return set.Resized(in.H, in.W, in.C)
}

// networkFrame returns a row for each network.
func networkFrame(networks []NamedNetwork, values []map[string]float64, set *imageset.Set, cfg RankConfig) (dataframe.DataFrame, error) {
	names := []string{EntropyColumn, SensitivityColumn}
	if mixesScore(cfg.Mix) {
		names = append(names, ScoreColumn)
	}
	if set != nil {
		names = statistics(set.Labeled())
	}
	names = append(names, sweep.GFLOPsColumn)
	var name, input []string
	var parameters, macs, features []float64
	for _, n := range networks {
		name, input = append(name, n.Name), append(input, n.Network.InputShape().String())
		parameters = append(parameters, float64(n.Network.Parameters()))
		macs = append(macs, float64(n.Network.FLOPs()/2))
		features = append(features, float64(n.Network.Features()))
	}
	cols := []series.Series{
		series.New(name, series.String, NetworkColumn),
		frame.Numbers(truth.Parameters.Column, parameters), frame.Numbers(MACsColumn, macs), series.New(giga(macs), series.Float, truth.FLOPs.Column),
		series.New(input, series.String, InputColumn), frame.Numbers(FeaturesColumn, features),
	}
	for _, column := range names {
		x := make([]float64, len(values))
		for i, v := range values {
			var ok bool
			if x[i], ok = v[column]; !ok {
				x[i] = math.NaN()
			} else if column != sweep.GFLOPsColumn {
				x[i] = float64(float32(x[i])) // as in all tables of scores
			}
		}
		cols = append(cols, series.New(x, series.Float, column))
	}
	text := func(column, v string) {
		cols = append(cols, series.New(slices.Repeat([]string{v}, len(networks)), series.String, column))
	}
	if set != nil {
		s := cfg.Setting.Resolved()
		whole := func(column string, v int) {
			cols = append(cols, series.New(slices.Repeat([]int{v}, len(networks)), series.Int, column))
		}
		whole("members", s.Members)
		whole("train", s.Train)
		whole("val", s.Val)
		text("norm", s.Norm.String())
		text("draw", s.Draw.String())
		text("view", string(cfg.View))
	}
	text("seed", strconv.FormatUint(cfg.Setting.Seed, 10))
	return frame.Checked(dataframe.New(cols...))
}
