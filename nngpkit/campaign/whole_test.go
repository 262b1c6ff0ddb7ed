package campaign

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// exported writes the table of a folder's stores and reads it.
func exported(t *testing.T, p *Plan, dir string, columns ...string) *Exported {
	t.Helper()
	df, err := Table(context.Background(), p, dir, TableConfig{Partial: true, Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := p.WriteTable(&b, df, false); err != nil {
		t.Fatal(err)
	}
	x, err := ReadTable(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestJoinTables: the tables of shards together are the table of one run, sorted by
// hash, with the means over seeds; what does not belong together is refused.
func TestJoinTables(t *testing.T) {
	faked(t, nil)
	p := planned(t, 30, 0, 4)
	columns := []string{"hash", "parameters", "noise_entropy_seed0", "noise_entropy_seed4", "noise_sensitivity_seed0"}
	var parts []*Exported
	for i := range 3 {
		dir := t.TempDir()
		whole(t, p, RunConfig{Dir: dir, Shard: Shard{i + 1, 3}})
		parts = append(parts, exported(t, p, dir, columns...))
	}
	w, err := JoinTables(parts)
	if err != nil {
		t.Fatal(err)
	}
	if want := slices.Insert(slices.Clone(columns), 2, "noise_entropy"); !slices.Equal(w.Frame.Names(), want) {
		t.Errorf("columns %v, want %v", w.Frame.Names(), want)
	}
	if !w.Complete() || w.Parts != 3 || !strings.HasPrefix(w.String(), "30 cells of nasbench101, drawn uniformly, seeds 0, 4") {
		t.Errorf("%v, %d parts", w, w.Parts)
	}
	dir := t.TempDir()
	whole(t, p, RunConfig{Dir: dir})
	one, err := Table(context.Background(), p, dir, TableConfig{Columns: w.Frame.Names()})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := w.Frame.Records(), one.Arrange(dataframe.Sort("hash")).Records(); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("joined\n%v\nwant\n%v", got, want)
	}
	if half, err := JoinTables(parts[:2]); err != nil || half.Complete() || !strings.Contains(half.String(), "of the 30 cells") {
		t.Errorf("two of three shards: %v, %v", half, err)
	}
	other := planned(t, 29, 0, 4)
	whole(t, other, RunConfig{Dir: dir + "2"})
	for what, bad := range map[string][]*Exported{
		"nothing":       nil,
		"twice":         {parts[0], parts[1], parts[0]},
		"of two plans":  {parts[0], exported(t, other, dir+"2", columns...)},
		"other columns": {parts[0], exported(t, p, dir, columns[:2]...)},
		"no key":        {exported(t, p, dir, columns[1:]...)},
	} {
		if _, err := JoinTables(bad); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

// TestWhole: the committed table's cells are the space's, each once, with the counts
// that the space gives; some measured anew agree. Engines differ in rounding.
func TestWhole(t *testing.T) {
	w, err := OpenWhole()
	if err != nil {
		t.Fatal(err)
	}
	if !w.Complete() {
		t.Errorf("the table has %v", w)
	}
	keys := w.Frame.Col(frame.KeyColumn).Records()
	missing := 0
	for _, v := range w.Frame.Col("noise_entropy").Float() {
		if math.IsNaN(v) {
			missing++
		}
	}
	if missing > len(keys)/20 {
		t.Errorf("%d of %d cells have no entropy", missing, len(keys))
	}
	s, err := space.Find(w.Plan.Space)
	if err != nil {
		t.Fatal(err)
	}
	counts := space.AllCounts(s)
	for i := 0; i < len(keys); i += max(1, len(keys)/200) {
		a, err := space.ByKey(context.Background(), s, keys[i])
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range space.CountsOf(a) {
			col := w.Frame.Col(counts[k].Name)
			if col.Err == nil && col.Elem(i).Float() != v {
				t.Errorf("%s: %s is %v in the table, want %v", keys[i], counts[k].Name, col.Elem(i), v)
			}
		}
	}
	x := &Exported{Plan: w.Plan, Frame: w.Frame}
	v, err := x.Verify(context.Background(), VerifyConfig{Rows: 6, Seed: 1, Tolerance: 1e-3})
	if err != nil {
		t.Fatal(err)
	}
	if !v.Agree() {
		t.Errorf("measured anew: %+v", v)
	}
}
