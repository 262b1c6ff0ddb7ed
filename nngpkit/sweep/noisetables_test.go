package sweep

import (
	"errors"
	"io/fs"
	"math"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// TestComputeNoise computes a few rows, compares them with the library's, and takes
// them up again.
func TestComputeNoise(t *testing.T) {
	fixture.WithData(t)
	set, err := ScoreImages()
	if err != nil {
		t.Skip(err)
	}
	t.Setenv(CacheEnv, t.TempDir())
	for _, name := range []string{"signals_uniform", "signals_nasbench201", "peers_uniform"} {
		e, err := FindNoiseTable(name)
		if err != nil {
			t.Fatal(err)
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
			checkNoiseRow(t, table, 3, all[1], 1) // cell 1, seed 1
		}
		if _, err := ComputeNoise(t.Context(), e, set, cfg); err != nil || fresh != 4 {
			t.Errorf("%s: rows that are kept were computed again, %v", name, err)
		}
		for _, c := range e.columns() {
			if x := table.Frame.Col(c.name).Float(); math.IsNaN(x[0]) || x[0] == x[1] {
				t.Errorf("%s: %s of seeds 0 and 1 are %v", name, c.name, x[:2])
			}
		}
	}
}

// checkNoiseRow compares a row with what the library measures.
func checkNoiseRow(t *testing.T, table *ScoreTable, row int, a space.Architecture, seed uint64) {
	t.Helper()
	if k := table.Frame.Col(frame.KeyColumn).Records()[row]; k != a.Key() {
		t.Fatalf("row %d is of %s, want %s", row, k, a.Key())
	}
	net, err := space.Shallow(a, 8, space.Of(a).Info().Input)
	if err != nil {
		t.Fatal(err)
	}
	general := nngpkit.GeneralNoise()
	general.Seed, general.Draws = seed, 1
	g, err := nngpkit.MeasureNoise(t.Context(), net, general)
	if err != nil {
		t.Fatal(err)
	}
	s, err := nngpkit.MeasureNoise(t.Context(), net, nngpkit.NoiseConfig{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	for column, want := range map[string]float64{
		"noise_entropy": s.Entropy, "noise_sensitivity": s.Sensitivity, "entropy": g.Entropy, "entropy_means": g.EntropyMeans,
		"picture_entropy": g.General.PictureEntropy, "cell_sensitivity": g.General.Sensitivity, "noise_norm_entropy": g.General.NoiseEntropy,
		"noise_jacobian": g.General.Jacobian, "noise_agreement": g.General.Agreement, "noise_naswot": g.General.NASWOT,
	} {
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
		at, entropy := -1, table.Frame.Col("noise_entropy").Float()
		for k, a := range cells { // the smallest that has signals with the second seed
			if math.IsNaN(entropy[k*e.Seeds+1]) {
				continue
			}
			if at < 0 || a.Parameters() < cells[at].Parameters() {
				at = k
			}
		}
		checkNoiseRow(t, table, at*e.Seeds+1, cells[at], 1)
	}
}

// checkPeers computes the rows of the first cell again.
func checkPeers(t *testing.T, e NoiseTable, table *ScoreTable, a space.Architecture) {
	t.Helper()
	fixture.WithData(t)
	set, err := ScoreImages()
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
	for _, c := range peerColumns {
		if strings.HasSuffix(c.name, "_seconds") {
			continue
		}
		x, y := table.Frame.Col(c.name).Float()[1], again.Frame.Col(c.name).Float()[1]
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
