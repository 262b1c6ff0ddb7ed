package mnasnet

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/testdata"
)

// tauB is Kendall's tau-b by its definition, over all pairs.
func tauB(x, y []float64) float64 {
	var s, nx, ny float64
	sign := func(d float64) float64 {
		switch {
		case d > 0:
			return 1
		case d < 0:
			return -1
		}
		return 0
	}
	for i := range x {
		for k := 0; k < i; k++ {
			a, b := sign(x[i]-x[k]), sign(y[i]-y[k])
			s += a * b
			nx += a * a
			ny += b * b
		}
	}
	return s / math.Sqrt(nx*ny)
}

func column(t *testing.T, tab *Table, name string) []float64 {
	t.Helper()
	v, err := tab.Column(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestRealTable reads the real table. The expected taus were computed by
// SciPy (kendalltau) on the same file and are given to three digits.
func TestRealTable(t *testing.T) {
	tab, err := ReadTableFile(testdata.Path(t, "mnasnet", "accel_nasbench_imagenet.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != 4110 {
		t.Errorf("%d rows, want 4,110", tab.Len())
	}
	top1 := column(t, tab, "top1")
	for col, want := range map[string]float64{"params": 0.620, "macs": 0.436} {
		if got := tauB(column(t, tab, col), top1); math.Abs(got-want) > 0.0005 {
			t.Errorf("tau-b of %s against top-1: %.4f, SciPy says %.3f", col, got, want)
		}
	}
	first := Row{
		ID: 1, Top1: 61.092, Top5: 83.588, Seconds: 1779.2719540596008, MACs: 372732640, Params: 3444360,
		Decisions: Decisions{Expansion: [7]int{6, 1, 6, 6, 4, 6, 4}, Kernel: [7]int{3, 5, 3, 3, 3, 5, 5}, Layers: [7]int{1, 3, 2, 1, 2, 1, 2}},
	}
	if !reflect.DeepEqual(tab.Rows[0], first) {
		t.Errorf("first row %+v, want %+v", tab.Rows[0], first)
	}
}

// TestRealMultiseed: the six tables hold the same 117 networks, and longer
// training is better for nearly all of them.
func TestRealMultiseed(t *testing.T) {
	var short [3]*Table
	better, all := 0, 0
	for seed := 1; seed <= 3; seed++ {
		var err error
		short[seed-1], err = ReadTableFile(testdata.Path(t, "mnasnet", fmt.Sprintf("multiseed_short16_seed%d.csv", seed)))
		if err != nil {
			t.Fatal(err)
		}
		long, err := ReadTableFile(testdata.Path(t, "mnasnet", fmt.Sprintf("multiseed_long_seed%d.csv", seed)))
		if err != nil {
			t.Fatal(err)
		}
		if long.Len() != 117 || short[seed-1].Len() != 117 {
			t.Fatalf("seed %d: %d and %d rows, want 117", seed, short[seed-1].Len(), long.Len())
		}
		for i := range long.Rows {
			a, b := short[seed-1].Rows[i], long.Rows[i]
			if a.Decisions != b.Decisions || a.MACs != b.MACs || a.Params != b.Params || a.Decisions != short[0].Rows[i].Decisions {
				t.Errorf("seed %d, row %d: the tables hold different networks", seed, i)
			}
			if all++; b.Top1 > a.Top1 {
				better++
			}
		}
	}
	if better*100 < all*99 {
		t.Errorf("longer training is better for %d of %d", better, all)
	}
	if s := short[0].Rows[0].SE; s != [7]bool{true, false, false, true, false, true, true} {
		t.Errorf("squeeze-and-excite of the first network: %v", s)
	}
}

// TestPublishedArchive reads the archive as published, and compares it with
// the CSV table where both are there.
func TestPublishedArchive(t *testing.T) {
	tab, err := ReadTableFile(testdata.Path(t, "accel-nasbench", "anb_dataset_jsons.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != 5138 {
		t.Errorf("%d results, want 5,138", tab.Len())
	}
	byID := map[int]Row{}
	for _, r := range tab.Rows {
		byID[r.ID] = r
	}
	csv, err := ReadTableFile(testdata.Path(t, "mnasnet", "accel_nasbench_imagenet.csv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range csv.Rows {
		a := byID[r.ID]
		a.Measured = nil
		if !reflect.DeepEqual(a, r) {
			t.Errorf("network %d: %+v in the archive, %+v in the table", r.ID, a, r)
		}
	}
	v := column(t, tab, "throughput_a100")
	if math.IsNaN(v[0]) {
		t.Error("the first network has no throughput on an A100")
	}
}

const goodHeader = "id,val_top1,val_top5,train_time_s,macs_M,params_M,block0_e,block1_e,block2_e,block3_e,block4_e,block5_e,block6_e,block0_k,block1_k,block2_k,block3_k,block4_k,block5_k,block6_k,block0_l,block1_l,block2_l,block3_l,block4_l,block5_l,block6_l,block0_se,block1_se,block2_se,block3_se,block4_se,block5_se,block6_se\n"

const goodRow = "7,60,80,100,300.5,3.25,1,4,6,1,4,6,1,3,5,3,5,3,5,3,1,2,3,1,2,4,3,0,1,0,1,0,1,0\n"

func TestReadTable(t *testing.T) {
	want := Row{ID: 7, Top1: 60, Top5: 80, Seconds: 100, MACs: 300.5e6, Params: 3.25e6, Decisions: Decisions{
		Expansion: [7]int{1, 4, 6, 1, 4, 6, 1}, Kernel: [7]int{3, 5, 3, 5, 3, 5, 3}, Layers: [7]int{1, 2, 3, 1, 2, 4, 3},
		SE: [7]bool{false, true, false, true, false, true, false}}}
	plain := "7,1,2,3,60,80,300.5,3.25,100,1,4,6,1,4,6,1,3,5,3,5,3,5,3,1,2,3,1,2,4,3,False,True,False,True,False,True,False\n"
	for name, text := range map[string]string{"header": goodHeader + goodRow, "mark": "\ufeff" + goodHeader + goodRow, "no header": plain, "windows": strings.ReplaceAll(goodHeader+goodRow, "\n", "\r\n")} {
		tab, err := ReadTable(strings.NewReader(text), "t.csv")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if name == "no header" {
			tab.Rows[0].ID += 7 // the place, 0
		}
		if tab.Len() != 1 || !reflect.DeepEqual(tab.Rows[0], want) {
			t.Errorf("%s: %+v, want %+v", name, tab.Rows, want)
		}
	}
	if got := want.Decisions.String(); got != "e1461461 k3535353 l1231243 se0101010" {
		t.Errorf("decisions as text: %q", got)
	}
}

func TestReadTableRejects(t *testing.T) {
	swap := func(from, to string) string {
		if !strings.Contains(goodHeader+goodRow, from) {
			t.Fatalf("%q is not in the table", from)
		}
		return strings.Replace(goodHeader+goodRow, from, to, 1)
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"empty":          {"", []string{"no rows"}},
		"header only":    {goodHeader, []string{"no rows"}},
		"no column":      {swap("macs_M", "macs"), []string{"line 1", "macs_M"}},
		"no decision":    {swap("block3_se", "x"), []string{"line 1", "block3_se"}},
		"double column":  {swap("block3_se", "block2_se"), []string{"line 1", "block2_se", "twice"}},
		"missing value":  {swap("7,60,", "7,,"), []string{"line 2", "column top1", `""`}},
		"text":           {swap("3.25", "many"), []string{"line 2", "column params_M", "many"}},
		"NaN":            {swap("7,60,", "7,NaN,"), []string{"line 2", "column top1", "NaN"}},
		"over 100":       {swap("7,60,80", "7,60,180"), []string{"line 2", "column top5", "180"}},
		"negative":       {swap("300.5", "-300.5"), []string{"line 2", "column macs_M"}},
		"top1 over top5": {swap("7,60,80", "7,81,80"), []string{"line 2", "top1"}},
		"zero":           {swap("3.25", "0"), []string{"line 2", "params_M"}},
		"expansion":      {swap("3.25,1,4", "3.25,2,4"), []string{"line 2", "stage 0", "expansion 2"}},
		"layers":         {swap("2,4,3,0", "2,5,3,0"), []string{"line 2", "stage 5", "5 layers"}},
		"fraction":       {swap("3.25,1,4", "3.25,1.5,4"), []string{"line 2", "column e0", "1.5"}},
		"se":             {swap("0,1,0\n", "0,1,2\n"), []string{"line 2", "column se6", `"2"`}},
		"id":             {swap("7,60", "x,60"), []string{"line 2", "column id"}},
		"short line":     {goodHeader + goodRow + "1,2\n", []string{"line 3", "fields"}},
		"double id":      {goodHeader + goodRow + goodRow, []string{"line 3", "line 2 already"}},
		"quote":          {goodHeader + `"7,60`, []string{"line 2"}},
		"few columns":    {"1,2,3\n", []string{"line 1", "3 columns"}},
	} {
		_, err := ReadTable(strings.NewReader(c.text), "t.csv")
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if i := strings.Index(err.Error(), "line "); i >= 0 && !strings.Contains(c.text, "1,2,3\n") {
			// The place is that of the line.
			var line, offset int
			if _, serr := fmt.Sscanf(err.Error()[i:], "line %d (offset %d)", &line, &offset); serr != nil || strings.Count(c.text[:offset], "\n") != line-1 {
				t.Errorf("%s: error %q names a wrong place", name, err)
			}
		}
		for _, w := range append(c.want, "t.csv") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not name %q", name, err, w)
			}
		}
	}
}

const goodResult = `{"architecture":{"block0_e":1,"block0_k":3,"block0_l":1,"block0_se":false,"block1_e":4,"block1_k":5,"block1_l":2,"block1_se":true,"block2_e":6,"block2_k":3,"block2_l":3,"block2_se":false,"block3_e":1,"block3_k":5,"block3_l":1,"block3_se":true,"block4_e":4,"block4_k":3,"block4_l":2,"block4_se":false,"block5_e":6,"block5_k":5,"block5_l":4,"block5_se":true,"block6_e":1,"block6_k":3,"block6_l":3,"block6_se":false},"metrics":{"val_top1":60,"val_top5":80,"train_time":100},"model_info":{"macs":300.5,"params":3.25},"platform_perf":{"latency_x":{"latency_mean":1.5,"latency_std":null},"latency_y":{"latency_mean":null}}}`

// archive packs files as the published archive does.
func archive(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(files[i+1]))
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

func TestReadResults(t *testing.T) {
	data := archive(t, "x/result_10.json", goodResult, "x/readme", "hi", "x/result_9.json", goodResult)
	path := filepath.Join(t.TempDir(), "a.tar.gz")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tab, err := ReadTableFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := ReadTable(strings.NewReader(goodHeader+goodRow), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	w := want.Rows[0]
	w.ID, w.Measured = 9, map[string]float64{"latency_x": 1.5}
	if tab.Len() != 2 || !reflect.DeepEqual(tab.Rows[0], w) || tab.Rows[1].ID != 10 {
		t.Errorf("%+v, want %+v", tab.Rows, w)
	}
	if _, err := tab.Column("latency_y"); err == nil || !strings.Contains(err.Error(), "latency_y") {
		t.Errorf("a measurement that no row has: error %v", err)
	}
	if v := column(t, tab, "latency_x"); v[1] != 1.5 {
		t.Errorf("latency_x: %v", v)
	}
	cut := func(from, to string) string { return strings.Replace(goodResult, from, to, 1) }
	for name, c := range map[string]struct {
		data []byte
		want []string
	}{
		"no gzip":     {[]byte("hello"), []string{"gzip"}},
		"nothing":     {archive(t, "readme", "hi"), []string{"no result_N.json"}},
		"cut":         {data[:len(data)/2], []string{"entry"}},
		"no json":     {archive(t, "result_3.json", "{"), []string{"entry 0", "result_3.json", "offset 512", "JSON"}},
		"missing":     {archive(t, "result_3.json", cut(`"val_top1":60,`, "")), []string{"result_3.json", "metrics.val_top1", "missing"}},
		"range":       {archive(t, "result_3.json", cut(`"val_top1":60,`, `"val_top1":160,`)), []string{"metrics.val_top1", "160"}},
		"decision":    {archive(t, "result_3.json", cut(`"block4_k":3,`, `"block4_k":4,`)), []string{"stage 4", "kernel 4"}},
		"no decision": {archive(t, "result_3.json", cut(`"block4_k":3,`, "")), []string{"architecture.block4_k"}},
		"se":          {archive(t, "result_3.json", cut(`"block1_se":true`, `"block1_se":"yes"`)), []string{"architecture.block1_se"}},
		"twice":       {archive(t, "result_3.json", goodResult, "y/result_3.json", goodResult), []string{"entry 1", "twice"}},
		"long":        {archive(t, "result_3.json", strings.Repeat(" ", maxResult)+goodResult), []string{"more than 1048576 bytes"}},
	} {
		_, err := ReadResults(bytes.NewReader(c.data), "a.tar.gz")
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		for _, w := range append(c.want, "a.tar.gz") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not name %q", name, err, w)
			}
		}
	}
	bad := bytes.Clone(data)
	bad[len(bad)-7] ^= 1 // gzip's checksum
	if _, err := ReadResults(bytes.NewReader(bad), "a.tar.gz"); err == nil {
		t.Error("wrong checksum: no error")
	}
}

func TestDataFrame(t *testing.T) {
	tab, err := ReadTable(strings.NewReader(goodHeader+goodRow), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	df := tab.DataFrame()
	if df.Err != nil || df.Nrow() != 1 || df.Ncol() != 6+28 {
		t.Fatalf("%d x %d, %v", df.Nrow(), df.Ncol(), df.Err)
	}
	if got := df.Col("macs").Float()[0]; got != 300.5e6 {
		t.Errorf("macs %v", got)
	}
	if e, se := df.Col("e2").Elem(0).String(), df.Col("se1").Elem(0).String(); e != "6" || se != "1" {
		t.Errorf("e2 %s, se1 %s", e, se)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
	if _, err := Load(); err == nil || !strings.Contains(err.Error(), "nngplab data fetch accel-nasbench") {
		t.Errorf("nowhere: error %v", err)
	}
	for _, f := range []string{"accel_nasbench_imagenet.csv", "multiseed_short16_seed2.csv", "multiseed_long_seed2.csv"} {
		if err := os.MkdirAll(filepath.Join(dir, "mnasnet"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "mnasnet", f), []byte(goodHeader+goodRow), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if tab, err := Load(); err != nil || tab.Len() != 1 {
		t.Errorf("%v, %v", tab, err)
	}
	for _, long := range []bool{false, true} {
		if tab, err := LoadMultiseed(long, 2); err != nil || !strings.Contains(tab.Source, "seed2") {
			t.Errorf("long %v: %v, %v", long, tab, err)
		}
	}
	// A fetched table of which a digit changed since still reads as one.
	sum := sha256.Sum256([]byte(goodHeader + goodRow))
	record, err := json.Marshal(&datasets.Record{Set: "accel-nasbench", Files: []datasets.File{{Path: "accel_nasbench_imagenet.csv", Bytes: int64(len(goodHeader + goodRow)), SHA256: hex.EncodeToString(sum[:])}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{".nngplab.json": string(record), "accel_nasbench_imagenet.csv": strings.Replace(goodHeader+goodRow, "7,60,", "7,61,", 1)} {
		if err := os.WriteFile(filepath.Join(dir, "mnasnet", name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var wrong *datasets.WrongFileError
	if _, err := Load(); !errors.As(err, &wrong) || !strings.Contains(err.Error(), "accel_nasbench_imagenet.csv") {
		t.Errorf("damaged since fetched: error %v", err)
	}
	if _, err := LoadMultiseed(true, 1); err == nil || !strings.Contains(err.Error(), "fewproxy-seed1.csv") {
		t.Errorf("a seed that is not there: error %v", err)
	}
	if _, err := LoadMultiseed(true, 4); err == nil {
		t.Error("seed 4: no error")
	}
}

// FuzzAccelCSV checks that no text makes the reader panic and that what it
// accepts is of the space.
func FuzzAccelCSV(f *testing.F) {
	f.Add(goodHeader + goodRow)
	f.Add("7,1,2,3,60,80,300.5,3.25,100,1,4,6,1,4,6,1,3,5,3,5,3,5,3,1,2,3,1,2,4,3,False,True,False,True,False,True,False\n")
	f.Add("1\n")
	f.Add("\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		tab, err := ReadTable(strings.NewReader(text), "fuzz.csv")
		sound(t, tab, err, "fuzz.csv")
	})
}

// FuzzAccelResults does the same for the archive of results.
func FuzzAccelResults(f *testing.F) {
	f.Add(archive(f, "x/result_10.json", goodResult))
	f.Add(archive(f, "result_1.json", "{}"))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, data []byte) {
		tab, err := ReadResults(bytes.NewReader(data), "fuzz.tar.gz")
		sound(t, tab, err, "fuzz.tar.gz")
	})
}

// FuzzAccelResult does the same for one result, past the compression.
func FuzzAccelResult(f *testing.F) {
	f.Add(goodResult)
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		row, err := readResult(strings.NewReader(text), 3)
		if err == nil && row.check() != nil {
			t.Errorf("accepted %+v", row)
		}
	})
}

func sound(t *testing.T, tab *Table, err error, name string) {
	t.Helper()
	if err != nil {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name the file", err)
		}
		return
	}
	for i := range tab.Rows {
		if err := tab.Rows[i].check(); err != nil {
			t.Errorf("row %d was accepted: %v", i, err)
		}
	}
	if tab.Len() == 0 {
		t.Error("an empty table was accepted")
	}
}
