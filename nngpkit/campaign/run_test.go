package campaign

import (
	"context"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/internal/linefile"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestRunValues: a run's values are those of MeasureNoise, whatever the threads.
func TestRunValues(t *testing.T) {
	p := planned(t, 6, 0, 7)
	dir := t.TempDir()
	one := whole(t, p, RunConfig{Dir: dir, Threads: 1})
	if four := whole(t, p, RunConfig{Threads: 4}); four != one {
		t.Error("4 threads write another store than 1")
	}
	df, err := Table(context.Background(), p, dir, TableConfig{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		a, err := p.Architecture(i)
		if err != nil {
			t.Fatal(err)
		}
		if key := df.Col("hash").Elem(i).String(); key != a.Key() {
			t.Errorf("row %d is of %s, want %s", i, key, a.Key())
		}
		net, err := a.Network(8, arch.Shape{})
		if err != nil {
			t.Fatal(err)
		}
		mean := 0.0
		for _, seed := range p.Seeds {
			s, err := nngpkit.MeasureNoise(context.Background(), net, nngpkit.NoiseConfig{
				Images: 6, Members: 2, SensitivityImages: 2, SensitivityMembers: 1, NormBatch: 2, Seed: seed,
			})
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range map[string]float64{"noise_entropy": s.Entropy, "noise_sensitivity": s.Sensitivity} {
				if got := df.Col(name + seedSuffix(seed)).Elem(i).Float(); got != want {
					t.Errorf("row %d, %s, seed %d: %v, want %v", i, name, seed, got, want)
				}
			}
			mean += s.Entropy / 2
		}
		if got := df.Col("noise_entropy").Elem(i).Float(); math.Abs(got-mean) > 1e-15 {
			t.Errorf("row %d: the mean is %v, want %v", i, got, mean)
		}
		if got := int(df.Col("parameters").Elem(i).Float()); got != a.Parameters() {
			t.Errorf("row %d: %d parameters, want %d", i, got, a.Parameters())
		}
	}
}

// TestRunRecommended: what is recommended in a space is measured as study.RankNoise
// does, in the same network and setting.
func TestRunRecommended(t *testing.T) {
	for name, want := range map[string]func(ctx context.Context, cells []space.Architecture, width int, seed uint64, progress func(done, total, fresh int)) (dataframe.DataFrame, error){
		"nasbench101": sweep.MeasureNoise, "nasbench201": sweep.MeasureScores, "mnasnet": sweep.MeasureCodes,
	} {
		t.Setenv(sweep.CacheEnv, t.TempDir())
		p, err := NewPlan(name, SampleOf(2, 5), []Measurement{RecommendedNoise(name)}, []uint64{4}, nil)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		whole(t, p, RunConfig{Dir: dir})
		df, err := Table(t.Context(), p, dir, TableConfig{})
		if err != nil {
			t.Fatal(err)
		}
		var cells []space.Architecture
		for i := range 2 {
			a, err := p.Architecture(i)
			if err != nil {
				t.Fatal(err)
			}
			cells = append(cells, a)
		}
		rows, err := want(t.Context(), cells, 8, 4, nil)
		if err != nil {
			t.Fatal(err)
		}
		columns := map[string]string{"noise_entropy": "noise_entropy", "noise_sensitivity": "noise_sensitivity"}
		switch name {
		case "nasbench201":
			columns = map[string]string{"noise_score": sweep.ScoreColumn}
		case "mnasnet":
			columns = map[string]string{"noise_agreement": sweep.AgreementColumn, "noise_last_agreement": sweep.LastStageAgreement}
		}
		if got := p.MeanColumns(); len(got) != len(columns) {
			t.Errorf("%s: columns %q, want %v", name, got, columns)
		}
		for ours, theirs := range columns {
			for i := range 2 {
				got, want := df.Col(ours).Elem(i).Float(), rows.Col(theirs).Elem(i).Float()
				if math.IsNaN(want) || float64(float32(got)) != want {
					t.Errorf("%s, row %d: %s is %v, want %v", name, i, ours, got, want)
				}
			}
		}
	}
}

// TestRunTwice: a second run computes nothing, and one of another sharding takes
// over what is there.
func TestRunTwice(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 40), t.TempDir()
	if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{1, 2}}); err != nil {
		t.Fatal(err)
	}
	half, err := p.Items(context.Background(), Shard{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Run(context.Background(), p, RunConfig{Dir: dir})
	if err != nil || got.Fresh != 40-len(half) || got.Done != 40 {
		t.Errorf("%+v, %v: want the %d that are missing to be computed", got, err, 40-len(half))
	}
	if _, err := Merge(context.Background(), p, dir, "", false); err != nil {
		t.Fatal(err)
	}
	if read(t, MergedPath(dir)) != whole(t, p, RunConfig{}) {
		t.Error("the merged store is not that of a single run")
	}
	got, err = Run(context.Background(), p, RunConfig{Dir: dir})
	if err != nil || got.Fresh != 0 || got.Done != 40 {
		t.Errorf("%+v, %v: want nothing to be computed", got, err)
	}
}

// TestFailures: what cannot be measured is kept with its reason, a panic too, and
// computed again only when asked.
func TestFailures(t *testing.T) {
	p, dir := planned(t, 30), t.TempDir()
	broken := true
	faked(t, func(a space.Architecture) error {
		switch key := a.Key(); {
		case !broken:
			return nil
		case key[0] < '4':
			panic("index out of range")
		case key[0] < '8':
			return errBoom
		case key[0] == '8':
			return &nngpkit.MemoryError{Need: 3 << 30, Free: 1 << 20, Total: 2 << 30}
		}
		return nil
	})
	got, err := Run(context.Background(), p, RunConfig{Dir: dir})
	if err != nil || got.Failed == 0 || got.Done == 0 || got.Done+got.Failed != 30 {
		t.Fatalf("%+v, %v", got, err)
	}
	write(t, dir+"/plan.json", encoded(t, p))
	st, err := Survey(dir+"/plan.json", dir)
	if err != nil {
		t.Fatal(err)
	}
	reasons := ""
	for _, f := range st.Failures {
		reasons += f.Reason + "\n"
	}
	for _, want := range []string{"panic: index out of range", "boom", "memory: it needs about 3.22 GB"} {
		if !strings.Contains(reasons, want) {
			t.Errorf("the reasons are %q, want %q", reasons, want)
		}
	}
	df, err := Table(context.Background(), p, dir, TableConfig{Columns: []string{"noise_entropy", FailedColumn}})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range df.Col("noise_entropy").Float() {
		if math.IsNaN(v) != (df.Col(FailedColumn).Elem(i).String() != "") {
			t.Errorf("row %d: %v, failed %q", i, v, df.Col(FailedColumn).Elem(i).String())
		}
	}
	again, err := Run(context.Background(), p, RunConfig{Dir: dir})
	if err != nil || again.Fresh != 0 {
		t.Errorf("%+v, %v: failures were computed again", again, err)
	}
	broken = false
	retried, err := Run(context.Background(), p, RunConfig{Dir: dir, RetryFailed: true})
	if err != nil || retried.Fresh != got.Failed || retried.Failed != 0 {
		t.Errorf("%+v, %v: want %d computed again", retried, err, got.Failed)
	}
	if read(t, Shard{}.StorePath(dir)) != whole(t, p, RunConfig{}) {
		t.Error("the store is not that of a run without failures")
	}
}

// TestStop: the context's end lets what is in hand finish, and the rest is computed
// later.
func TestStop(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 50), t.TempDir()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(context.Background())
	got, err := Run(ctx, p, RunConfig{Dir: dir, Threads: 2, Progress: func(now Progress) {
		if now.Fresh == 10 {
			cancel(stop)
		}
	}})
	if !errors.Is(err, stop) || got.Fresh < 10 || got.Fresh > 16 {
		t.Fatalf("%+v, %v: want about 10 and the cause", got, err)
	}
	if lines := strings.Count(read(t, Shard{}.StorePath(dir)), "\n"); lines != got.Fresh+1 {
		t.Errorf("%d lines of %d items and a head", lines, got.Fresh)
	}
	if read := whole(t, p, RunConfig{Dir: dir}); read != whole(t, p, RunConfig{}) {
		t.Error("the store is not that of an undisturbed run")
	}
}

// TestLocked: one run a shard, any number of shards.
func TestLocked(t *testing.T) {
	faked(t, nil)
	p, dir := planned(t, 20), t.TempDir()
	lock, err := linefile.Acquire(Shard{1, 2}.StorePath(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{1, 2}}); !errors.Is(err, linefile.ErrLocked) {
		t.Errorf("%v, want that it is locked", err)
	}
	if _, err := Run(context.Background(), p, RunConfig{Dir: dir, Shard: Shard{2, 2}}); err != nil {
		t.Error(err)
	}
}

// fullDisk is a file on a disk that takes so many more bytes.
type fullDisk struct {
	linefile.File
	left *int
}

func (f fullDisk) Write(b []byte) (int, error) {
	if len(b) <= *f.left {
		*f.left -= len(b)
		return f.File.Write(b)
	}
	n, _ := f.File.Write(b[:*f.left])
	*f.left = 0
	return n, os.NewSyscallError("write", errNoSpace)
}

// TestFullDisk: wherever the disk is full, the error says so and the store holds
// whole lines; with room again the run goes on to the same bytes.
func TestFullDisk(t *testing.T) {
	faked(t, nil)
	p := planned(t, 12)
	want := whole(t, p, RunConfig{})
	for room := 0; room < len(want); room += 97 {
		dir, left := t.TempDir(), room
		restore := linefile.Use(func(f linefile.File) linefile.File { return fullDisk{f, &left} })
		_, err := Run(context.Background(), p, RunConfig{Dir: dir, Threads: 2})
		restore()
		if !errors.Is(err, errNoSpace) || !strings.Contains(err.Error(), dir) {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
		if text := read(t, Shard{}.StorePath(dir)); text != "" && !strings.HasSuffix(text, "\n") {
			t.Errorf("room for %d bytes: the store ends in a part of a line", room)
		}
		if got := whole(t, p, RunConfig{Dir: dir}); got != want {
			t.Errorf("room for %d bytes: the store is not that of an undisturbed run", room)
		}
	}
}

func encoded(t testing.TB, p *Plan) string {
	t.Helper()
	b, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
