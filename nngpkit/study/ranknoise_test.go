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

// TestRankNoiseScore ranks a list of NAS-Bench-201 with a cell twice and one that passes
// nothing on by the score, which is worked out here from nngpkit.MeasureNoise.
func TestRankNoiseScore(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	s, err := space.Find("nasbench201")
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := s.Sample(20, 2)
	if err != nil {
		t.Fatal(err)
	}
	general := nngpkit.GeneralNoise()
	general.Seed = 4
	var list []space.Architecture
	var scores []float64
	for _, a := range drawn {
		net, err := space.Shallow(a.Canonical(), 8, s.Info().Input)
		if err != nil {
			t.Fatal(err)
		}
		m, err := nngpkit.MeasureNoise(t.Context(), net, general)
		if errors.Is(err, nngpkit.ErrNoSignal) || len(list) == 5 {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
		scores = append(scores, m.Score(a.Canonical().Parameters()))
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
	rows, err := frame.Floats(df, RowColumn)
	if err != nil {
		t.Fatal(err)
	}
	got, place := df.Col(sweep.ScoreColumn).Float(), df.Col(PlaceColumn).Float()
	for i, r := range rows {
		switch {
		case r == 6:
			if !math.IsNaN(place[i]) || i != len(rows)-1 {
				t.Errorf("a network that passes nothing on has place %v, row %d", place[i], i)
			}
		case r < 5:
			if want := scores[int(r)]; float64(float32(want)) != got[i] {
				t.Errorf("row %v: the score is %v, want %v", r, got[i], want)
			}
			better := 0
			for _, other := range scores {
				if other > scores[int(r)] {
					better++
				}
			}
			if int(place[i]) != better+1 {
				t.Errorf("row %v: place %v, want %d", r, place[i], better+1)
			}
		}
	}
	if df.Col(truth.Parameters.Column).Err != nil || df.Col("noise_jacobian").Err != nil || place[0] != 1 {
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

// TestRankNoise ranks cells of NAS-Bench-101 by the mixture, which is worked out here
// from nngpkit.MeasureNoise.
func TestRankNoise(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	s, err := space.Find("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Sample(5, 2)
	if err != nil {
		t.Fatal(err)
	}
	var e, j, p []float64
	for _, a := range list {
		net, err := a.Canonical().Network(NoiseWidth, s.Info().Input)
		if err != nil {
			t.Fatal(err)
		}
		m, err := nngpkit.MeasureNoise(t.Context(), net, nngpkit.NoiseConfig{Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		e, j, p = append(e, m.Entropy), append(j, m.Sensitivity), append(p, float64(a.Parameters()))
	}
	want, err := corr.WeightedRankMix([][]float64{e, j, p}, []float64{2, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	df, err := RankNoise(t.Context(), list, RankNoiseConfig{Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := frame.Floats(df, RowColumn)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, len(list))
	for i, r := range rows {
		got[int(r)] = df.Col(MixtureColumn).Float()[i]
	}
	if tau := corr.Tau(want, got); math.Abs(tau-1) > 1e-12 {
		t.Errorf("mixtures %v, want the order of %v", got, want)
	}
}
