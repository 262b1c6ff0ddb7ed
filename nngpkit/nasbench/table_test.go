package nasbench

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nngplab/nngplab/internal/testdata"
)

// smallFile returns a synthetic file of 40 cells, hashing the space once for
// all tests.
var smallFile = sync.OnceValue(func() []byte {
	data, err := SyntheticFile(smallOptions)
	if err != nil {
		panic(err)
	}
	return data
})

var smallOptions = SyntheticOptions{Cells: 40, Budgets: []int{4, 108}, Seed: 9}

func writeFile(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func readBytes(data []byte) (*Table, error) {
	return readTFRecord(context.Background(), bytes.NewReader(data), "test.tfrecord", int64(len(data)), nil)
}

// sameTable compares two tables, NaN equal to NaN.
func sameTable(t *testing.T, got, want *Table) {
	t.Helper()
	if got.Len() != want.Len() || got.Records() != want.Records() || got.Info() != want.Info() || !slices.Equal(got.Budgets(), want.Budgets()) {
		t.Fatalf("%d cells, %d runs, %+v, budgets %v; want %d, %d, %+v, %v", got.Len(), got.Records(), got.Info(), got.Budgets(), want.Len(), want.Records(), want.Info(), want.Budgets())
	}
	for i := 0; i < want.Len(); i++ {
		if got.Hash(i) != want.Hash(i) || got.Spec(i) != want.Spec(i) || got.Parameters(i) != want.Parameters(i) {
			t.Fatalf("cell %d: %s %v %d, want %s %v %d", i, got.Hash(i), got.Spec(i), got.Parameters(i), want.Hash(i), want.Spec(i), want.Parameters(i))
		}
		g, w := fmt.Sprintf("%+v", got.Runs(i, 0)), fmt.Sprintf("%+v", want.Runs(i, 0))
		if g != w {
			t.Fatalf("cell %d: %s, want %s", i, g, w)
		}
	}
}

func TestSyntheticImport(t *testing.T) {
	tab, err := readBytes(smallFile())
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != 40 || tab.Records() != 240 || !slices.Equal(tab.Budgets(), []int{4, 108}) {
		t.Fatalf("%d cells, %d runs, budgets %v", tab.Len(), tab.Records(), tab.Budgets())
	}
	for i := 0; i < tab.Len(); i++ {
		if s := tab.Spec(i); s.Hash() != tab.Hash(i) || s.Parameters(StemWidth) != tab.Parameters(i) {
			t.Fatalf("cell %d: %v has hash %s, %d parameters", i, s, tab.Hash(i), tab.Parameters(i))
		}
		for _, b := range tab.Budgets() {
			runs := tab.Runs(i, b)
			if len(runs) != 3 {
				t.Fatalf("%d runs", len(runs))
			}
			for r, got := range runs {
				want, err := SyntheticRun(tab.Hash(i), b, r, smallOptions.Seed)
				if err != nil || got != want {
					t.Fatalf("cell %d, %d epochs, repeat %d: %+v, want %+v (%v)", i, b, r, got, want, err)
				}
			}
		}
	}
}

// In random order the cells are the same and the repeats of each are a
// permutation.
func TestSyntheticShuffled(t *testing.T) {
	opts := smallOptions
	opts.Shuffle = true
	data, err := SyntheticFile(opts)
	if err != nil {
		t.Fatal(err)
	}
	tab, err := readBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	straight, err := readBytes(smallFile())
	if err != nil {
		t.Fatal(err)
	}
	moved := false
	for i := 0; i < straight.Len(); i++ {
		for _, b := range straight.Budgets() {
			for m := FinalTest; m <= TotalTime; m++ {
				g, w := tab.Values(i, b, m), straight.Values(i, b, m)
				moved = moved || !slices.Equal(g, w)
				slices.Sort(g)
				slices.Sort(w)
				if tab.Hash(i) != straight.Hash(i) || !slices.Equal(g, w) {
					t.Fatalf("cell %d, %v at %d: %v, want %v", i, m, b, g, w)
				}
			}
		}
	}
	if !moved {
		t.Error("nothing was shuffled")
	}
}

// Every record of the retrained file must read, and its final values must be
// those of the comma-separated table that others made of the same runs.
func TestRetrainedTFRecord(t *testing.T) {
	path := testdata.Path(t, "nasbench101", "retrained_4v9e.tfrecord")
	tab, err := ReadTable(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != 91 || tab.Records() != 1092 || !slices.Equal(tab.Budgets(), []int{4, 12, 36, 108}) {
		t.Fatalf("%d cells, %d runs, budgets %v", tab.Len(), tab.Records(), tab.Budgets())
	}
	sawEpochs := map[float64]bool{}
	type key struct {
		hash   string
		epochs int
	}
	want := map[key][][4]float64{}
	for _, row := range csvRows(t, "retrained.csv") {
		if row["source"] != "nc_nasbench" || row["space"] != "4V9E" {
			continue
		}
		e, _ := strconv.Atoi(row["epochs"])
		var v [4]float64
		for i, name := range []string{"train_accuracy", "validation_accuracy", "test_accuracy", "training_time_s"} {
			if v[i], err = strconv.ParseFloat(row[name], 64); err != nil {
				t.Fatal(err)
			}
		}
		k := key{row["module_hash"], e}
		want[k] = append(want[k], v)
	}
	for i := 0; i < tab.Len(); i++ {
		for _, b := range tab.Budgets() {
			var got [][4]float64
			for _, r := range tab.Runs(i, b) {
				got = append(got, [4]float64{r.End.Train, r.End.Validation, r.End.Test, r.End.TrainingTime})
				if r.End.Epoch != float64(b) || r.Start.Epoch != 0 || r.TotalTime < r.End.TrainingTime {
					t.Fatalf("cell %s: run %+v", tab.Hash(i), r)
				}
				sawEpochs[r.Half.Epoch] = true
			}
			w := want[key{tab.Hash(i), b}]
			byValue := func(a, b [4]float64) int { return slices.Compare(a[:], b[:]) }
			slices.SortFunc(got, byValue)
			slices.SortFunc(w, byValue)
			if len(got) != 3 || !slices.Equal(got, w) {
				t.Fatalf("cell %s at %d epochs: %v, want %v", tab.Hash(i), b, got, w)
			}
		}
	}
	t.Logf("half-way epochs in the file: %v", sawEpochs)
}

func csvRows(t *testing.T, name string) []map[string]string {
	f, err := os.Open(testdata.Path(t, "nasbench101", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = r[i]
		}
		out = append(out, m)
	}
	return out
}

// kendall is tau-b by its definition.
func kendall(x, y []float64) float64 {
	var s, nx, ny float64
	sign := func(v float64) float64 {
		switch {
		case v > 0:
			return 1
		case v < 0:
			return -1
		}
		return 0
	}
	for i := range x {
		for j := 0; j < i; j++ {
			a, b := sign(x[i]-x[j]), sign(y[i]-y[j])
			s += a * b
			nx += a * a
			ny += b * b
		}
	}
	return s / math.Sqrt(nx*ny)
}

// Reference correlations of these tables were computed with SciPy from the
// text: the reader must give the same columns.
func TestRetrainedCSV(t *testing.T) {
	tab, err := ReadCSV(testdata.Path(t, "nasbench101", "retrained.csv"))
	if err != nil {
		t.Fatal(err)
	}
	info := tab.Info()
	if tab.Len() != 2532 || info.Records != 5997 || info.Duplicates != 273 || tab.Records() != 5997-273 {
		t.Errorf("%d cells, %d runs, %+v", tab.Len(), tab.Records(), info)
	}
	truth := tab.Means(108, FinalTest)
	pairs := func(signal []float64, keep func(i int) bool) (x, y []float64) {
		for i := range truth {
			if !math.IsNaN(truth[i]) && !math.IsNaN(signal[i]) && keep(i) {
				x, y = append(x, signal[i]), append(y, truth[i])
			}
		}
		return x, y
	}
	params := make([]float64, tab.Len())
	for i := range params {
		params[i] = float64(tab.Parameters(i))
	}
	four := func(i int) bool { return len(tab.Runs(i, 36)) > 0 }
	bySource := make([]float64, tab.Len()) // of the file's first source alone
	for i := range bySource {
		n := 0.0
		for _, r := range tab.Runs(i, 4) {
			if r.Source == "nc_nasbench" {
				bySource[i] += r.End.Validation
				n++
			}
		}
		bySource[i] /= n
	}
	all := func(int) bool { return true }
	for _, c := range []struct {
		name   string
		signal []float64
		keep   func(int) bool
		n      int
		tau    float64
	}{
		{"parameters", params, all, 772, 0.541},
		{"4 epochs", tab.Means(4, FinalValidation), all, 772, 0.280},
		{"4 epochs, one source", bySource, four, 91, 0.3143},
		{"12 epochs", tab.Means(12, FinalValidation), four, 91, 0.636},
		{"36 epochs", tab.Means(36, FinalValidation), four, 91, 0.862},
	} {
		x, y := pairs(c.signal, c.keep)
		if tau := kendall(x, y); len(x) != c.n || math.Abs(tau-c.tau) > 0.0006 {
			t.Errorf("%s: tau %.4f over %d cells, want %.3f over %d", c.name, tau, len(x), c.tau, c.n)
		}
	}
}

func TestOfficialSubsetCSV(t *testing.T) {
	tab, err := ReadCSV(testdata.Path(t, "nasbench101", "official_subset.csv"))
	if err != nil {
		t.Fatal(err)
	}
	validation, test := 0, 0
	for i := 0; i < tab.Len(); i++ {
		if len(tab.Values(i, 108, FinalValidation)) > 0 {
			validation++
		}
		v := tab.Values(i, 108, FinalTest)
		if len(v) > 0 {
			test++
			if len(v) != 3 || len(tab.Values(i, 108, HalfTest)) != 3 || len(tab.Values(i, 108, FinalTime)) != 3 {
				t.Errorf("cell %s: test accuracies %v", tab.Hash(i), v)
			}
		}
		if !math.IsNaN(tab.Mean(i, 108, StartTest)) || !math.IsNaN(tab.Mean(i, 12, FinalTest)) {
			t.Errorf("cell %s has values that the file has not", tab.Hash(i))
		}
	}
	if tab.Len() != 268 || validation != 268 || test != 43 || tab.Info().Records != 531 {
		t.Errorf("%d cells, %d with validation, %d with test accuracy; %+v", tab.Len(), validation, test, tab.Info())
	}
	i, err := tab.IndexByHash("00005c142e6f48ac74fdcf73e3439874")
	if err == nil {
		t.Logf("mean test accuracy %.6f", tab.Mean(i, 108, FinalTest))
	}
}

// Whatever byte of a file is changed or wherever it is cut, reading must fail
// and say where, except that a cut between records cannot be seen.
func TestDamagedTFRecord(t *testing.T) {
	data := smallFile()
	_, offsets := cut(t, data)
	data, offsets = data[:offsets[6]], offsets[:7]
	if _, err := readBytes(data); err != nil {
		t.Fatal(err)
	}
	recordOf := func(at int64) int {
		k, found := slices.BinarySearch(offsets, at)
		if !found {
			k--
		}
		return k
	}
	check := func(what string, err error, at int64) {
		t.Helper()
		var r *RecordError
		k := recordOf(at)
		if !errors.As(err, &r) || r.Record != int64(k) || r.Offset != offsets[k] || r.File != "test.tfrecord" {
			t.Fatalf("%s: error %v, want one of record %d at byte %d", what, err, k, offsets[k])
		}
	}
	for at := range data {
		bad := slices.Clone(data)
		bad[at] ^= 1 << (at % 8)
		_, err := readBytes(bad)
		check(fmt.Sprintf("bit %d of byte %d flipped", at%8, at), err, int64(at))
		if _, err := readBytes(data[:at]); slices.Contains(offsets, int64(at)) {
			if at > 0 && err != nil {
				t.Fatalf("cut at byte %d, between records: %v", at, err)
			}
		} else {
			check(fmt.Sprintf("cut at byte %d", at), err, int64(at))
		}
	}
}

// cut returns the payloads of a file and the offsets of its records and end.
func cut(t testing.TB, data []byte) (payloads [][]byte, offsets []int64) {
	t.Helper()
	r := NewTFRecordReader(bytes.NewReader(data), "")
	for {
		offsets = append(offsets, r.Offset())
		p, err := r.Next()
		if err != nil {
			return payloads, offsets
		}
		payloads = append(payloads, slices.Clone(p))
	}
}

// A length that the file merely claims must cost no memory.
func TestClaimedLength(t *testing.T) {
	for _, claim := range []uint64{maxRecord, maxRecord + 1, 1 << 40, math.MaxUint64} {
		head := binary.LittleEndian.AppendUint64(nil, claim)
		head = binary.LittleEndian.AppendUint32(head, maskedCRC(head))
		head = append(head, "only this"...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := NewTFRecordReader(bytes.NewReader(head), "claim")
		_, err := r.Next()
		runtime.ReadMemStats(&after)
		var re *RecordError
		if !errors.As(err, &re) {
			t.Errorf("%d bytes claimed: %v", claim, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
			t.Errorf("%d bytes claimed: %d bytes allocated", claim, used)
		}
		if _, again := r.Next(); again != err {
			t.Errorf("a second call: %v", again)
		}
	}
}

// replaceRecord returns the small file with record k's payload edited.
func replaceRecord(t *testing.T, k int, edit func(string) string) []byte {
	payloads, _ := cut(t, smallFile())
	var out []byte
	for i, p := range payloads[:k+2] {
		if i == k {
			p = []byte(edit(string(p)))
		}
		out = appendTFRecord(out, p)
	}
	return out
}

func TestWrongRecords(t *testing.T) {
	swap := func(old, new string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				t.Fatalf("%q is not in %s", old, s)
			}
			return strings.Replace(s, old, new, 1)
		}
	}
	payloads, _ := cut(t, smallFile())
	bad := slices.IndexFunc(payloads, func(p []byte) bool {
		return bytes.Contains(p, []byte("maxpool3x3")) && bytes.Contains(p, []byte(", 108, "))
	})
	first := string(payloads[bad])
	hash := first[2:34]
	wrong := "0" + hash[1:]
	if hash[0] == '0' {
		wrong = "f" + hash[1:]
	}
	metric := func(change func(*metrics)) func(string) string {
		return func(s string) string {
			r, _, err := decodeRecord([]byte(s), nil)
			if err != nil {
				t.Fatal(err)
			}
			change(&r.metrics)
			return string(syntheticPayload(r.hash, r.spec, int(r.epochs), &r.metrics))
		}
	}
	for _, c := range []struct {
		name   string
		edit   func(string) string
		reason string
	}{
		{"another hash", swap(hash, wrong), "stored " + wrong},
		{"short hash", swap(hash, hash[1:]), "32 hexadecimal"},
		{"no hash", swap(hash, strings.Repeat("z", 32)), "32 hexadecimal"},
		{"unknown operation", swap("maxpool3x3", "maxpool5x5"), "unknown operation"},
		{"epochs", swap(", 108, ", ", 0, "), "0 epochs"},
		{"text epochs", swap(", 108, ", `, "108", `), "epochs"},
		{"no JSON", func(string) string { return "{" }, "JSON"},
		{"four values", func(string) string { return `["a", 4, "0100", "input,output"]` }, "want 5"},
		{"null", func(string) string { return `["a", 4, null, "input,output", ""]` }, "matrix: is null"},
		{"base64", func(s string) string { return s[:len(s)-12] + `!!!!` + s[len(s)-8:] }, "base64"},
		{"accuracy", metric(func(m *metrics) { m.values[2][4] = 1.5 }), "test_accuracy end is 1.5"},
		{"negative time", metric(func(m *metrics) { m.values[1][1] = -1 }), "training_time half-way is -1"},
		{"infinite", metric(func(m *metrics) { m.totalTime = math.Inf(1) }), "total_time"},
		{"two evaluations", metric(func(m *metrics) { m.evaluations = 2 }), "2 evaluations"},
		{"no parameters", metric(func(m *metrics) { m.parameters = 0 }), "0 trainable parameters"},
	} {
		data := replaceRecord(t, bad, c.edit)
		_, offsets := cut(t, data)
		_, err := readBytes(data)
		var r *RecordError
		if !errors.As(err, &r) || r.Record != int64(bad) || r.Offset != offsets[bad] || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s: %v, want record %d at %d and %q", c.name, err, bad, offsets[bad], c.reason)
		}
	}
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("hash,epochs\n"), "zeros": make([]byte, 100)} {
		if _, err := ReadTable(context.Background(), writeFile(t, name, data), nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s file: %v", name, err)
		}
	}
	if _, err := ReadTable(context.Background(), t.TempDir(), nil); err == nil {
		t.Error("a folder was read")
	}
}

// A record whose cell has another order of vertices belongs to the same cell;
// the first order and its parameters stay.
func TestReorderedRecords(t *testing.T) {
	var s Spec
	for _, s = range wholeSpace() {
		if r := s.Reorderings(); s.n == 7 && len(r) > 1 && r[1].Parameters(StemWidth) != s.Parameters(StemWidth) {
			break
		}
	}
	var file []byte
	all := s.Reorderings()
	for _, r := range all {
		m := syntheticMetrics(s.hash(), 108, 0, 1)
		m.parameters = int32(r.Parameters(StemWidth))
		file = appendTFRecord(file, syntheticPayload(s.hash(), r, 108, &m))
	}
	tab, err := readBytes(file)
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != 1 || tab.Records() != len(all) || tab.Spec(0) != all[0] || tab.Parameters(0) != all[0].Parameters(StemWidth) || tab.Info().Reordered != int64(len(all)-1) {
		t.Errorf("%d cells, %d runs, %+v", tab.Len(), tab.Records(), tab.Info())
	}
	for _, r := range all {
		if !tab.Contains(r) {
			t.Errorf("%v is not found", r)
		}
	}
}

func TestImportCache(t *testing.T) {
	ctx := context.Background()
	src := writeFile(t, "small.tfrecord", smallFile())
	cache := filepath.Join(t.TempDir(), "deep", "small.parquet")
	var done, total int64
	tab, err := Import(ctx, src, cache, func(d, n int64) { done, total = d, n })
	if err != nil {
		t.Fatal(err)
	}
	if done != int64(len(smallFile())) || total != done {
		t.Errorf("progress ended at %d of %d", done, total)
	}
	kept, err := OpenTable(cache)
	if err != nil {
		t.Fatal(err)
	}
	sameTable(t, kept, tab)
	if i := kept.Info(); i.Source != "small.tfrecord" || i.Bytes != int64(len(smallFile())) || len(i.SHA256) != 64 {
		t.Errorf("%+v", i)
	}
	good, err := os.ReadFile(cache)
	if err != nil {
		t.Fatal(err)
	}
	// An unchanged file is not parsed again: the cache file stays the same one.
	before, _ := os.Stat(cache)
	if again, err := Import(ctx, src, cache, nil); err != nil {
		t.Fatal(err)
	} else {
		sameTable(t, again, tab)
	}
	if after, _ := os.Stat(cache); !os.SameFile(before, after) {
		t.Error("the cache was written again")
	}
	// A damaged one is refused by OpenTable and rebuilt by Import.
	rng := rand.New(rand.NewPCG(1, 1))
	for k := 0; k < 300; k++ {
		bad := slices.Clone(good)
		if k%10 == 0 {
			bad = bad[:rng.IntN(len(bad))]
		} else {
			bad[rng.IntN(len(bad))] ^= 1 << rng.IntN(8)
		}
		path := filepath.Join(filepath.Dir(cache), "bad.parquet")
		if err := os.WriteFile(path, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenTable(path); err == nil || !strings.Contains(err.Error(), "bad.parquet") {
			t.Fatalf("damage %d: %v", k, err)
		}
		if k < 3 {
			again, err := Import(ctx, src, path, nil)
			if err != nil {
				t.Fatal(err)
			}
			sameTable(t, again, tab)
			if _, err := OpenTable(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Another source of the same name replaces it.
	other := appendTFRecord(nil, func() []byte { p, _ := cut(t, smallFile()); return p[0] }())
	if err := os.WriteFile(src, other, 0o644); err != nil {
		t.Fatal(err)
	}
	if again, err := Import(ctx, src, cache, nil); err != nil || again.Records() != 1 {
		t.Fatalf("a changed source: %v", err)
	}
}

// A failed or canceled import leaves no cache, or the older one.
func TestImportLeavesNothing(t *testing.T) {
	bad := slices.Clone(smallFile())
	bad[len(bad)/2] ^= 4
	src := writeFile(t, "bad.tfrecord", bad)
	dir := t.TempDir()
	cache := filepath.Join(dir, "c.parquet")
	list := func() int {
		e, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(e)
	}
	if _, err := Import(context.Background(), src, cache, nil); err == nil || !strings.Contains(err.Error(), "bad.tfrecord: record ") {
		t.Errorf("a damaged file: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	good := writeFile(t, "good.tfrecord", smallFile())
	if _, err := Import(ctx, good, cache, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	if n := list(); n != 0 {
		t.Fatalf("%d files left", n)
	}
	if _, err := Import(context.Background(), good, cache, nil); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(cache)
	if _, err := Import(context.Background(), src, cache, nil); err == nil {
		t.Error("a damaged file was imported")
	}
	if after, _ := os.ReadFile(cache); !bytes.Equal(before, after) || list() != 1 {
		t.Error("the older cache was touched")
	}
	if _, err := Import(context.Background(), filepath.Join(dir, "none"), cache, nil); err == nil {
		t.Error("a missing file was imported")
	}
	blocked := filepath.Join(writeFile(t, "file", nil), "c.parquet")
	if _, err := Import(context.Background(), good, blocked, nil); err == nil {
		t.Error("a cache below a file was written")
	}
}

// CSV tables, with missing values and sources, survive the cache too.
func TestCSVCache(t *testing.T) {
	for _, name := range []string{"retrained.csv", "official_subset.csv"} {
		src := testdata.Path(t, "nasbench101", name)
		cache := filepath.Join(t.TempDir(), "c.parquet")
		tab, err := Import(context.Background(), src, cache, nil)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := OpenTable(cache)
		if err != nil {
			t.Fatal(err)
		}
		sameTable(t, kept, tab)
	}
}

const csvHead = "source,module_hash,n_vertices,adjacency_rowmajor,ops,trainable_parameters,epochs,repeat,train_accuracy,validation_accuracy,test_accuracy,training_time_s\n"
const csvCell = "043721b9c7fe8c5fad811d47d83132ec,2,0100,input;output,882570"

func TestCSVLayouts(t *testing.T) {
	tab, err := ReadCSV(writeFile(t, "runs.csv", []byte(csvHead+
		"a,"+csvCell+",4,1,0.5,0.25,,10\n"+
		"a,"+csvCell+",4,2,0.5,0.25,,10\n"+ // the same values, the same source: another run
		"b,"+csvCell+",4,1,0.5,0.25,0.125,10\n"+ // contains the rows of a
		"b,"+csvCell+",108,1,0.9,0.75,0.7,0.1\n")))
	if err != nil {
		t.Fatal(err)
	}
	runs := tab.Runs(0, 0)
	if len(runs) != 2 || tab.Info().Duplicates != 2 || runs[0].Source != "b" || runs[0].End.Test != 0.125 || runs[1].Epochs != 108 || runs[1].End.TrainingTime != 0.1 {
		t.Errorf("%+v, %+v", runs, tab.Info())
	}
	tab, err = ReadCSV(writeFile(t, "budgets.csv", []byte("\ufeffmodule_hash,adjacency_rowmajor,ops,trainable_parameters,val108,half_test108,test36,acc12,time36_s\n"+
		"043721b9c7fe8c5fad811d47d83132ec,0100,input;output,882570,0.5,0.25,,x,\n"+
		"043721b9c7fe8c5fad811d47d83132ec,0100,input;output,882570,,,0.75,,9\n"+
		"043721b9c7fe8c5fad811d47d83132ec,0100,input;output,882570,0.5,0.25,0.5,,9\n")))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(tab.Budgets(), []int{36, 108}) || !slices.Equal(tab.Values(0, 36, FinalTest), []float64{0.75, 0.5}) ||
		!slices.Equal(tab.Values(0, 108, HalfTest), []float64{0.25, 0.25}) || tab.Mean(0, 36, FinalTime) != 9 {
		t.Errorf("budgets %v: %+v", tab.Budgets(), tab.Runs(0, 0))
	}
}

func TestBadCSV(t *testing.T) {
	good := "a," + csvCell + ",4,1,0.5,0.25,0.2,10\n"
	row := func(old, new string) string { return csvHead + good + strings.Replace(good, old, new, 1) }
	for _, c := range []struct{ name, text, reason string }{
		{"no header", "", "header"},
		{"other header", "a,b\n1,2\n", "no column"},
		{"twice", strings.Replace(csvHead, "repeat", "epochs", 1), "two columns"},
		{"no results", "module_hash,adjacency_rowmajor,ops,trainable_parameters\n" + "h,0,i,1\n", "no column of results"},
		{"no rows", csvHead, "no rows"},
		{"non-numeric", row("0.25", "high"), `validation_accuracy is "high"`},
		{"nan", row("0.25", "NaN"), `validation_accuracy is "NaN"`},
		{"percent", row("0.25", "25"), "validation_accuracy end is 25"},
		{"negative time", row(",10\n", ",-10\n"), "training_time end is -10"},
		{"short row", row(",10\n", "\n"), "wrong number of fields"},
		{"hash", row("043721b9", "143721b9"), "stored 143721b9"},
		{"cell", row("0100", "0110"), "not upper triangular"},
		{"vertices", row(",2,0100", ",3,0100"), "n_vertices"},
		{"parameters", row("882570", ""), "trainable_parameters"},
		{"epochs", row(",4,1,", ",4.5,1,"), "epochs"},
		{"nothing", row("0.5,0.25,0.2,10", ",,,"), "no result"},
		{"quotes", row("a,", "\"a,"), "extraneous or missing"},
	} {
		_, err := ReadCSV(writeFile(t, "bad.csv", []byte(c.text)))
		if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), "bad.csv") {
			t.Errorf("%s: %v, want %q", c.name, err, c.reason)
			continue
		}
		if strings.HasPrefix(c.text, csvHead+good) {
			var r *RowError
			if !errors.As(err, &r) || r.Row != 2 || r.Line != 3 || r.Offset != int64(len(csvHead)+len(good)) {
				t.Errorf("%s: %v, want row 2 (line 3, byte %d)", c.name, err, len(csvHead)+len(good))
			}
		}
	}
}

func TestQuery(t *testing.T) {
	tab, err := readBytes(smallFile())
	if err != nil {
		t.Fatal(err)
	}
	s := tab.Spec(7)
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[float64]bool{}
	for k := 0; k < 60; k++ {
		q, err := tab.Query(s, 108, false, rng)
		if err != nil {
			t.Fatal(err)
		}
		if q.TrainableParameters != tab.Parameters(7) || q.Epoch != 108 {
			t.Fatalf("%+v", q)
		}
		seen[q.TrainingTime] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d of 3 repeats drawn in 60", len(seen))
	}
	q, err := tab.Query(s, 108, true, nil)
	if err != nil || q.Evaluation != tab.Runs(7, 108)[0].Half || q.Epoch != 54 {
		t.Errorf("half-way %+v, %v", q, err)
	}
	if f := tab.Fixed(7); f.TrainableParameters != s.Parameters(StemWidth) || len(f.ModuleOperations) != s.Vertices() {
		t.Errorf("%+v", f)
	}
	if c := tab.Computed(7); len(c) != 2 || len(c[4]) != 3 || len(c[108]) != 3 {
		t.Errorf("%+v", c)
	}
	var absent Spec
	for _, absent = range wholeSpace() {
		if !tab.Contains(absent) {
			break
		}
	}
	for _, err := range []error{
		func() error { _, err := tab.Query(absent, 108, false, nil); return err }(),
		func() error { _, err := tab.Query(s, 36, false, nil); return err }(),
		func() error { _, err := tab.Query(s, 0, false, nil); return err }(),
		func() error { _, err := tab.IndexByHash(absent.Hash()); return err }(),
	} {
		if !errors.Is(err, ErrNotInTable) {
			t.Errorf("%v, want ErrNotInTable", err)
		}
	}
	if _, err := tab.IndexByHash("x"); err == nil {
		t.Error("no hash was found")
	}
	if i, err := tab.IndexByHash(tab.Hash(3)); err != nil || i != 3 {
		t.Errorf("cell 3 found at %d, %v", i, err)
	}
	if _, err := tab.Index(Spec{}); err == nil {
		t.Error("the zero Spec was found")
	}
	m := tab.Means(108, FinalTest)
	v := tab.Values(7, 108, FinalTest)
	if got, want := m[7], (v[0]+v[1]+v[2])/3; got != want {
		t.Errorf("mean %v, want %v", got, want)
	}
}

func TestMetricNames(t *testing.T) {
	for m := FinalTest; m <= TotalTime; m++ {
		if got, err := ParseMetric(m.String()); err != nil || got != m {
			t.Errorf("%v parses to %v, %v", m, got, err)
		}
	}
	for m, want := range map[Metric]string{FinalTest: "final_test_accuracy", HalfTime: "halfway_training_time", StartEpoch: "start_current_epoch", TotalTime: "total_time"} {
		if m.String() != want {
			t.Errorf("%v, want %s", m, want)
		}
	}
	if _, err := ParseMetric("accuracy"); err == nil {
		t.Error("an unknown metric")
	}
	if metricAt(0, 0) != StartEpoch || metricAt(1, 4) != HalfTest || metricAt(2, 1) != FinalTime {
		t.Error("the order of the file's values")
	}
}

func TestFrames(t *testing.T) {
	tab, err := readBytes(smallFile())
	if err != nil {
		t.Fatal(err)
	}
	f := tab.CellFrame()
	if f.Err != nil || f.Nrow() != 40 {
		t.Fatalf("%d rows, %v", f.Nrow(), f.Err)
	}
	acc := f.Col("final_test_accuracy_108").Float()
	params, _ := f.Col("trainable_parameters").Int()
	hash := f.Col("hash").Records()
	for i := range acc {
		if acc[i] != tab.Mean(i, 108, FinalTest) || params[i] != tab.Parameters(i) || hash[i] != tab.Hash(i) {
			t.Fatalf("row %d: %v %v %v", i, hash[i], params[i], acc[i])
		}
	}
	if g := tab.CellFrame(HalfTrain); g.Col("halfway_train_accuracy_4").Len() != 40 || g.Col("repeats_4").Elem(0).String() != "3" {
		t.Error("a chosen metric is not in the frame")
	}
	r := tab.RunFrame(0)
	if r.Err != nil || r.Nrow() != 240 {
		t.Fatalf("%d rows, %v", r.Nrow(), r.Err)
	}
	if got, want := r.Col("total_time").Float()[4], tab.Runs(0, 0)[4].TotalTime; got != want {
		t.Errorf("total time %v, want %v", got, want)
	}
	if rep, _ := r.Col("repeat").Int(); !slices.Equal(rep[:7], []int{0, 1, 2, 0, 1, 2, 0}) {
		t.Errorf("repeats %v", rep[:7])
	}
	if one := tab.RunFrame(4); one.Nrow() != 120 {
		t.Errorf("%d rows of one budget", one.Nrow())
	}
}

// The known-answer checksum of CRC32C (RFC 3720, B.4), below TensorFlow's mask.
func TestTFRecordFormat(t *testing.T) {
	c := maskedCRC(make([]byte, 32))
	raw := c - 0xa282ead8
	if raw = raw>>17 | raw<<15; raw != 0x8a9136aa {
		t.Errorf("CRC32C of 32 zeros is %#x", raw)
	}
	r := NewTFRecordReader(bytes.NewReader(appendTFRecord(nil, nil)), "")
	if p, err := r.Next(); err != nil || len(p) != 0 {
		t.Errorf("an empty record: %v, %v", p, err)
	}
	if got := hex.EncodeToString(appendTFRecord(nil, []byte("nasbench"))); !strings.HasPrefix(got, "0800000000000000") {
		t.Errorf("a record starts with %s", got[:16])
	}
}
