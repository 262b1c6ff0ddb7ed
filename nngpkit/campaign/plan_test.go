package campaign

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestPlanFile: a plan is what it was after it was written and read, and any
// change of its file is noticed.
func TestPlanFile(t *testing.T) {
	p := planned(t, 5, 0, 1)
	path := filepath.Join(t.TempDir(), "p.json")
	if err := p.Save(path); err != nil {
		t.Fatal(err)
	}
	back, err := Load(path)
	if err != nil || encoded(t, back) != encoded(t, p) {
		t.Fatalf("%v, or another plan came back", err)
	}
	good := read(t, path)
	for at := range len(good) {
		if strings.ContainsRune(" \n", rune(good[at])) {
			continue
		}
		write(t, path, good[:at]+string(good[at]^1)+good[at+1:])
		if q, err := Load(path); err == nil && encoded(t, q) != good {
			t.Fatalf("byte %d, %q: no error", at, good[at])
		}
	}
	for _, bad := range []string{"", "{}", good[:len(good)/2], good + "{}", strings.Replace(good, `"seeds"`, `"more": 1, "seeds"`, 1), "null", "[]"} {
		write(t, path, bad)
		if _, err := Load(path); err == nil {
			t.Errorf("%.40q is taken for a plan", bad)
		}
	}
}

// TestPlanPlace: a file of another kind is not overwritten, nor a plan whose scores
// lie beside it; another plan is.
func TestPlanPlace(t *testing.T) {
	faked(t, nil)
	dir := t.TempDir()
	path := filepath.Join(dir, "p.json")
	p, other := planned(t, 5), planned(t, 6)
	write(t, path, `{"my": "own", "file": "of some other kind"}`)
	if err := p.Save(path); err == nil {
		t.Error("another file was overwritten")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for _, q := range []*Plan{p, other, p, p} {
		if err := q.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	whole(t, p, RunConfig{Dir: StoreDir(path)})
	if err := other.Save(path); err == nil || !strings.Contains(err.Error(), StoreDir(path)) {
		t.Errorf("%v: the plan of scores was overwritten", err)
	}
	if err := p.Save(path); err != nil {
		t.Error(err)
	}
}

// TestImages: a machine with other images is refused with both digests, before
// anything is written.
func TestImages(t *testing.T) {
	drawn := func(seed uint64) Loader {
		return func(string) (*imageset.Set, error) { return imageset.Drawn(40, seed), nil }
	}
	k := KernelOf("mine", sweep.Setting{Width: 8, Train: 12, Val: 6, Members: 1, Norm: forward.None}, "raw", []string{"accuracy", "log_det"})
	p, err := NewPlan("nasbench101", SampleOf(2, 0), []Measurement{{Name: "k", Kernel: k}}, []uint64{0}, drawn(1))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "s")
	_, err = Run(context.Background(), p, RunConfig{Dir: dir, Load: drawn(2)})
	for _, want := range []string{sweep.Digest(imageset.Drawn(40, 1)), sweep.Digest(imageset.Drawn(40, 2)), `"mine"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a folder was made")
	}
	// With the right ones the values are those of the table of scores.
	got, err := Run(context.Background(), p, RunConfig{Dir: dir, Load: drawn(1)})
	if err != nil || got.Done != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	df, err := Table(context.Background(), p, dir, TableConfig{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := p.Architecture(1)
	if err != nil {
		t.Fatal(err)
	}
	set := imageset.Drawn(40, 1)
	net, err := a.Network(8, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		t.Fatal(err)
	}
	r, err := nngpkit.Evaluate(context.Background(), net, set, nngpkit.Config{Train: 12, Val: 6, Members: 1, Norm: forward.None})
	if err != nil {
		t.Fatal(err)
	}
	if got := df.Col("k_accuracy").Elem(1).Float(); got != r.BestAccuracy {
		t.Errorf("the accuracy is %v, want %v", got, r.BestAccuracy)
	}
}

// TestPlanRefuses: what cannot be measured is refused when the plan is made.
func TestPlanRefuses(t *testing.T) {
	noise := func(n Noise) []Measurement { return []Measurement{{Name: "noise", Noise: &n}} }
	kernel := func(k Kernel) []Measurement { return []Measurement{{Name: "k", Kernel: &k}} }
	load := func(string) (*imageset.Set, error) { return imageset.Drawn(40, 1), nil }
	s, err := space.Find("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	all, err := AllOf(s)
	if err != nil {
		t.Fatal(err)
	}
	wrong := all
	wrong.N--
	for name, c := range map[string]struct {
		space string
		cells Cells
		what  []Measurement
		seeds []uint64
		want  string
	}{
		"no such space":       {"nasbench", SampleOf(3, 0), noise(Noise{}), []uint64{0}, "there is no space"},
		"no cells":            {"nasbench101", SampleOf(0, 0), noise(Noise{}), []uint64{0}, "0 architectures"},
		"more than all":       {"nasbench101", SampleOf(423625, 0), noise(Noise{}), []uint64{0}, "which has 423624"},
		"not all":             {"nasbench101", wrong, noise(Noise{}), []uint64{0}, "all 423623"},
		"a mixed choice":      {"nasbench101", Cells{Choice: All, N: 423624, Seed: 3}, noise(Noise{}), []uint64{0}, "fields of another"},
		"nothing":             {"nasbench101", all, nil, []uint64{0}, "0 measurements"},
		"no seeds":            {"nasbench101", all, noise(Noise{}), nil, "0 seeds"},
		"a seed twice":        {"nasbench101", all, noise(Noise{}), []uint64{1, 1}, "seed 1 comes twice"},
		"a name twice":        {"nasbench101", all, append(noise(Noise{}), noise(Noise{})...), []uint64{0}, "two measurements"},
		"a bad name":          {"nasbench101", all, []Measurement{{Name: "a b", Noise: &Noise{}}}, []uint64{0}, "want a name"},
		"both":                {"nasbench101", all, []Measurement{{Name: "a", Noise: &Noise{}, Kernel: &Kernel{}}}, []uint64{0}, "either noise or kernel"},
		"too few images":      {"nasbench101", all, noise(Noise{Images: 2}), []uint64{0}, "images is 2"},
		"sensitive to others": {"nasbench101", all, noise(Noise{Images: 4, SensitivityImages: 5}), []uint64{0}, "sensitivity_images is 5"},
		"an unknown value":    {"nasbench101", all, noise(Noise{Values: []string{"depth"}}), []uint64{0}, `nothing called "depth"`},
		"two settings":        {"nasbench101", all, noise(Noise{Values: []string{"entropy", "score"}}), []uint64{0}, "entropy and score are measured in different settings"},
		"a stage of a cell":   {"nasbench101", all, noise(Noise{Values: []string{"last_agreement"}}), []uint64{0}, "of networks of the MnasNet spaces"},
		"an unknown score":    {"nasbench101", all, kernel(Kernel{Images: "x", Train: 12, Val: 6, Statistics: []string{"acc"}}), []uint64{0}, `nothing called "acc"`},
		"too many images":     {"nasbench101", all, kernel(Kernel{Images: "x", Train: 120, Val: 6, Statistics: []string{"log_det"}}), []uint64{0}, "has 40"},
		"an unknown norm":     {"nasbench101", all, kernel(Kernel{Images: "x", Norm: "layer", Statistics: []string{"log_det"}}), []uint64{0}, "unknown normalization"},
		"an unknown view":     {"nasbench101", all, kernel(Kernel{Images: "x", Train: 12, Val: 6, View: "side", Statistics: []string{"log_det"}}), []uint64{0}, "side"},
	} {
		if _, err := NewPlan(c.space, c.cells, c.what, c.seeds, load); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestLists: a list has every architecture once, however it is written.
func TestLists(t *testing.T) {
	s, err := space.Find("nasbench101")
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Parse("0101/0010/0001/0000 input,conv3x3-bn-relu,conv1x1-bn-relu,output")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Parse("011/001/000 input,maxpool3x3,output")
	if err != nil {
		t.Fatal(err)
	}
	c, err := ListOf(context.Background(), "a list", []space.Architecture{a, b, a.Canonical(), b})
	if err != nil || c.N != 2 || !slices.Equal(c.Texts, []string{a.Canonical().String(), b.Canonical().String()}) {
		t.Errorf("%+v, %v", c, err)
	}
	p, err := NewPlan("nasbench101", c, []Measurement{small}, []uint64{0}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Architecture(1); err != nil || got.Key() != b.Key() {
		t.Errorf("%v, %v", got, err)
	}
	if all, err := p.Architectures(); err != nil || len(all) != 2 || all[0] != a.Canonical() || all[1] != b.Canonical() {
		t.Errorf("%v, %v", all, err)
	}
	// A list that was changed by hand, with its hash: named when it is run.
	for want, texts := range map[string][]string{
		"architecture 1 of the list": {c.Texts[0], "011/001 input"},
		"are the same":               {c.Texts[0], c.Texts[0]},
	} {
		q := *p
		q.Cells.Texts = texts
		if q.Hash, err = q.hash(); err != nil {
			t.Fatal(err)
		}
		if _, err := Run(context.Background(), &q, RunConfig{Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
