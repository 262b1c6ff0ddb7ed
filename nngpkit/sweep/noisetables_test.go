package sweep

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestComputeNoise computes a few rows, compares them with the library's, and takes
// them up again.
func TestComputeNoise(t *testing.T) {
	fixture.WithData(t)
	t.Setenv(CacheEnv, t.TempDir())
	for _, name := range []string{"signals_uniform", "signals_nasbench201", "peers_uniform", "signals_accel", "signals_mnasnetwide"} {
		e, err := FindNoiseTable(name)
		if err != nil {
			t.Fatal(err)
		}
		set, err := e.OpenImages()
		if err != nil {
			t.Skip(err)
		}
		if (set == nil) != (e.Images == "") || set != nil && set.H != e.ImageSide() {
			t.Fatalf("%s: images of %d pixels, %v", name, e.ImageSide(), set)
		}
		e.Seeds = 2
		if _, err := ComputeNoise(t.Context(), e, set, ComputeConfig{KeptOnly: true}); err == nil {
			t.Errorf("%s: a table without rows", name)
		}
		fresh := 0
		cfg := ComputeConfig{Cells: 2, Progress: func(_, _, f int) { fresh = f }}
		table, err := ComputeNoise(t.Context(), e, set, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if i := table.Info; i.Rows != 4 || fresh != 4 || i.CellsDone != 2 || i.Whole() || i.Command != "nngplab scores compute "+name {
			t.Fatalf("%s: %+v, %d fresh", name, i, fresh)
		}
		all, err := e.Architectures(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !e.Peers {
			checkNoiseRow(t, e, table, 3, all[1], 1) // cell 1, seed 1
		}
		if _, err := ComputeNoise(t.Context(), e, set, cfg); err != nil || fresh != 4 {
			t.Errorf("%s: rows that are kept were computed again, %v", name, err)
		}
		for _, c := range e.columns {
			x, free := table.Frame.Col(c.name).Float(), c.name == "mega_macs" || c.name == "parameters"
			if math.IsNaN(x[0]) || free != (x[0] == x[1]) {
				t.Errorf("%s: %s of seeds 0 and 1 are %v", name, c.name, x[:2])
			}
		}
	}
}

// TestFreeColumns: the sample of the wider space brings its counts along, exactly.
func TestFreeColumns(t *testing.T) {
	t.Setenv(CacheEnv, t.TempDir())
	e, err := FindNoiseTable("signals_mnasnetwide")
	if err != nil {
		t.Fatal(err)
	}
	table, err := ComputeNoise(t.Context(), e, nil, ComputeConfig{Cells: 2})
	if err != nil {
		t.Fatal(err)
	}
	all, err := e.Architectures(t.Context())
	if err != nil || len(all) != 10000 || table.Info.CellsOf != 10000 || table.Info.Images != "noise, drawn by code" {
		t.Fatalf("%d networks, %+v, %v", len(all), table.Info, err)
	}
	for i, a := range all[:2] {
		if p := table.Frame.Col("parameters").Float()[i]; int(p) != a.Parameters() {
			t.Errorf("network %d has %v parameters, want %d", i, p, a.Parameters())
		}
		if m := table.Frame.Col("mega_macs").Float()[i]; math.Abs(m*1e6-float64(a.MACs())) > float64(a.MACs())*1e-7 {
			t.Errorf("network %d has %v million MACs, want %d", i, m, a.MACs())
		}
	}
}

// TestKernelColumns computes kernel scores of a network on made-up images of 200
// classes and compares them with the library's; images of another size, or without
// classes, are refused.
func TestKernelColumns(t *testing.T) {
	t.Setenv(CacheEnv, t.TempDir())
	e, err := FindNoiseTable("kernels_accel")
	if err != nil {
		t.Fatal(err)
	}
	s, err := space.Find("mnasnet")
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Sample(1, 1)
	if err != nil {
		t.Fatal(err)
	}
	e.choose, e.Seeds = a, 1
	set := manyClassed(t, 64)
	table, err := ComputeNoise(t.Context(), e, set, ComputeConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if i := table.Info; i.Images != "made: 600 images of 64x64 in 200 classes" || i.Command != "nngplab scores compute kernels_accel --images made" {
		t.Errorf("%+v", i)
	}
	net, err := a[0].Network(8, arch.Shape{H: 64, W: 64, C: 3})
	if err != nil {
		t.Fatal(err)
	}
	r, err := nngpkit.Evaluate(t.Context(), net, set, nngpkit.Config{Train: 200, Val: 200, Members: 1, Balanced: true, Norm: forward.Batch, NormBatch: 50})
	if err != nil {
		t.Fatal(err)
	}
	m, err := r.Measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := m.Values()
	for _, c := range kernelColumns {
		want, ok := values[c.name]
		if got := table.Frame.Col(c.name).Float()[0]; ok && !(math.Abs(got-want) <= RoundingTolerance*(1+math.Abs(want))) {
			t.Errorf("%s is %v, want %v", c.name, got, want)
		}
	}
	if _, err := ComputeNoise(t.Context(), e, manyClassed(t, 32), ComputeConfig{}); err == nil || !strings.Contains(err.Error(), "needs images of 64x64x3") {
		t.Errorf("small images: %v", err)
	}
	set.Classes, set.Labels = nil, make([]int, set.Len())
	if _, err := ComputeNoise(t.Context(), e, set, ComputeConfig{}); err == nil || !strings.Contains(err.Error(), "have none") {
		t.Errorf("images without classes: %v", err)
	}
	if _, err := ComputeNoise(t.Context(), e, nil, ComputeConfig{}); err == nil {
		t.Error("a table of kernels without images")
	}
}

// manyClassed returns three drawn images of each of 200 classes.
func manyClassed(t *testing.T, side int) *imageset.Set {
	t.Helper()
	set, err := imageset.Drawn(600, 1).Resized(side, side, 3)
	if err != nil {
		t.Fatal(err)
	}
	set.Name, set.Classes = "made", nil
	for c := range 200 {
		set.Classes = append(set.Classes, fmt.Sprint("class ", c))
	}
	for i := range set.Labels {
		set.Labels[i] = i % 200
	}
	return set
}

// checkNoiseRow compares a row with what the library measures.
func checkNoiseRow(t *testing.T, e NoiseTable, table *ScoreTable, row int, a space.Architecture, seed uint64) {
	t.Helper()
	if k := table.Frame.Col(frame.KeyColumn).Records()[row]; k != a.Key() {
		t.Fatalf("row %d is of %s, want %s", row, k, a.Key())
	}
	input := space.Of(a).Info().Input
	if input.H > 64 {
		input = arch.Shape{H: 64, W: 64, C: 3}
	}
	net, err := space.Shallow(a, 8, input)
	if err != nil {
		t.Fatal(err)
	}
	measure := func(cfg nngpkit.NoiseConfig) *nngpkit.NoiseSignals {
		cfg.Seed = seed
		s, err := nngpkit.MeasureNoise(t.Context(), net, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	general := nngpkit.GeneralNoise()
	general.Draws = 1
	want := map[string]float64{}
	for _, part := range e.parts {
		switch part {
		case smallPart:
			s := measure(nngpkit.NoiseConfig{})
			want["noise_entropy"], want["noise_sensitivity"] = s.Entropy, s.Sensitivity
		case generalPart:
			g := measure(general)
			for column, x := range map[string]float64{
				"entropy": g.Entropy, "entropy_means": g.EntropyMeans, "picture_entropy": g.General.PictureEntropy,
				"cell_sensitivity": g.General.Sensitivity, "noise_norm_entropy": g.General.NoiseEntropy,
				"noise_jacobian": g.General.Jacobian, "noise_agreement": g.General.Agreement, "noise_naswot": g.General.NASWOT,
			} {
				want[column] = x
			}
		case codesPart:
			c := measure(nngpkit.CodesNoise()).General
			want[AgreementColumn], want["agreement_naswot"], want[LastStageAgreement] = c.Agreement, c.NASWOT, c.PartAgreement[7]
			want["stem_agreement"], want["head_agreement"] = c.PartAgreement[0], c.PartAgreement[8]
		}
	}
	if len(want) == 0 {
		t.Fatalf("%s measures nothing of noise", e.Name)
	}
	for column, want := range want {
		got := table.Frame.Col(column).Float()[row]
		if !(math.Abs(got-want) <= RoundingTolerance*(1+math.Abs(want))) {
			t.Errorf("%s, cell %s, seed %d: %s is %v, want %v", table.Info.Name, a.Key(), seed, column, got, want)
		}
	}
}

// TestCommittedNoise checks what the committed tables of signals claim of
// themselves, and measures a row of each again.
func TestCommittedNoise(t *testing.T) {
	for _, e := range NoiseTables() {
		table, err := CommittedScores(e.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		i := table.Info
		if i.Name != e.Name || i.Rows != i.CellsDone*e.Seeds || i.Rows != table.Frame.Nrow() {
			t.Errorf("%+v", i)
		}
		keys, seeds := table.Frame.Col(frame.KeyColumn).Records(), table.Frame.Col(SeedColumn).Float()
		for r, key := range keys {
			if key != keys[r-r%e.Seeds] || int(seeds[r]) != r%e.Seeds {
				t.Fatalf("%s: row %d is of %s, seed %v", e.Name, r, key, seeds[r])
			}
		}
		cells, ok := committedSpecs(e.Name)
		if !ok || len(cells) != i.CellsDone {
			t.Fatalf("%s: %d cells, want %d", e.Name, len(cells), i.CellsDone)
		}
		if e.Peers {
			checkPeers(t, e, table, cells[0])
			continue
		}
		seed := e.Seeds - 1
		at, first := -1, table.Frame.Col(e.columns[slices.IndexFunc(e.columns, notFree)].name).Float()
		for k, a := range cells { // the smallest that has signals with the last seed
			if math.IsNaN(first[k*e.Seeds+seed]) {
				continue
			}
			if at < 0 || a.Parameters() < cells[at].Parameters() {
				at = k
			}
		}
		checkNoiseRow(t, e, table, at*e.Seeds+seed, cells[at], uint64(seed))
	}
}

// notFree reports whether a column holds what was measured, not counted.
func notFree(c noiseColumn) bool {
	return !slices.Contains(freeColumns, c)
}

// checkPeers computes the rows of the first cell again.
func checkPeers(t *testing.T, e NoiseTable, table *ScoreTable, a space.Architecture) {
	t.Helper()
	fixture.WithData(t)
	set, err := e.OpenImages()
	if err != nil || table.Info.Pixels != digest(set) {
		t.Skip("other images")
	}
	t.Setenv(CacheEnv, t.TempDir())
	again, err := ComputeNoise(t.Context(), e, set, ComputeConfig{Cells: 1})
	if err != nil {
		t.Fatal(err)
	}
	if k := again.Frame.Col(frame.KeyColumn).Records()[0]; k != a.Key() {
		t.Fatalf("%s begins with %s, the published table with %s", e.Name, a.Key(), k)
	}
	for _, c := range e.columns {
		if strings.HasSuffix(c.name, "_seconds") {
			continue
		}
		x, y := table.Frame.Col(c.name).Float()[e.Seeds-1], again.Frame.Col(c.name).Float()[e.Seeds-1]
		if !(math.Abs(x-y) <= RoundingTolerance*(1+math.Abs(x))) && !(math.IsNaN(x) && math.IsNaN(y)) {
			t.Errorf("%s: %s is %v, computed %v", e.Name, c.name, x, y)
		}
	}
}

// TestOpenNoise joins the committed signals with the truth, seed by seed.
func TestOpenNoise(t *testing.T) {
	fixture.WithData(t)
	if _, err := OpenNoise(t.Context(), "signals_of_fire"); err == nil || !strings.Contains(err.Error(), "signals_uniform") {
		t.Errorf("error %v", err)
	}
	for _, e := range NoiseTables() {
		if e.Truth == "" || strings.HasPrefix(e.Truth, "accel") {
			continue // of the MnasNet spaces, which package study opens
		}
		seeds, err := OpenNoise(t.Context(), e.Name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || len(seeds) != e.Seeds {
			t.Fatalf("%s: %d seeds, %v", e.Name, len(seeds), err)
		}
		a, err := frame.FloatsOrNaN(seeds[0].Frame, "noise_entropy")
		if err != nil {
			t.Fatal(err)
		}
		b, err := frame.FloatsOrNaN(seeds[1].Frame, "noise_entropy")
		if err != nil {
			t.Fatal(err)
		}
		if len(a) != seeds[0].Len() || len(a) != len(b) || a[0] == b[0] || !seeds[0].HasTruth() {
			t.Errorf("%s: %d and %d rows, %v and %v", e.Name, len(a), len(b), a[0], b[0])
		}
		if seeds[0].Frame.Col(truth.TruthColumn).Err != nil {
			t.Errorf("%s: no truth", e.Name)
		}
	}
	for _, s := range NoiseSignals() {
		if NoiseColumns()[s.Column] == "" {
			t.Errorf("%s has no description", s.Column)
		}
	}
}
