package study

import (
	"errors"
	"math"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestRankNoise ranks a list with a cell twice and one that passes nothing on: its
// mixture is worked out here from nngpkit.MeasureNoise.
func TestRankNoise(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	s, err := space.Find("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := s.Sample(20, 2)
	if err != nil {
		t.Fatal(err)
	}
	var list []space.Architecture
	var e, j, p []float64
	for _, a := range drawn {
		net, err := space.Shallow(a.Canonical(), 8, s.Info().Input)
		if err != nil {
			t.Fatal(err)
		}
		m, err := nngpkit.MeasureNoise(t.Context(), net, nngpkit.NoiseConfig{Seed: 4})
		if errors.Is(err, nngpkit.ErrNoSignal) || len(list) == 5 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
		e, j, p = append(e, m.Entropy), append(j, m.Sensitivity), append(p, float64(a.Parameters()))
	}
	none, err := s.Parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, list[2], none)
	df, err := RankNoise(t.Context(), list, RankNoiseConfig{Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	want, err := corr.WeightedRankMix([][]float64{e, j, p}, []float64{2, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := frame.Floats(df, RowColumn)
	if err != nil {
		t.Fatal(err)
	}
	mixture, place := df.Col(MixtureColumn).Float(), df.Col(PlaceColumn).Float()
	order := make([]float64, 5)
	for i, r := range rows {
		switch {
		case r == 6:
			if !math.IsNaN(place[i]) || i != len(rows)-1 {
				t.Errorf("a network that passes nothing on has place %v, row %d", place[i], i)
			}
		case r < 5:
			order[int(r)] = mixture[i]
		}
	}
	if tau := corr.Tau(want, order); math.Abs(tau-1) > 1e-12 {
		t.Errorf("mixtures %v, want the order of %v", order, want)
	}
	if df.Col(truth.Parameters.Column).Err != nil || df.Col("noise_entropy").Err != nil || place[0] != 1 {
		t.Errorf("%v", df)
	}
	for name, bad := range map[string]func() error{
		"an empty list": func() error { _, err := RankNoise(t.Context(), nil, RankNoiseConfig{}); return err },
		"a width of -1": func() error { _, err := RankNoise(t.Context(), list, RankNoiseConfig{Width: -1}); return err },
	} {
		if bad() == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
