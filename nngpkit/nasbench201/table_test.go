package nasbench201

import (
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/testdata"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Every row of the real table: parameters and operations of the network are
// the published columns, to the last digit that these have.
func TestRealTable(t *testing.T) {
	path := testdata.Path(t, "nasbench201", "cells.csv")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	table, err := OpenTable(path)
	if err != nil {
		t.Fatal(err)
	}
	if table.Len() != len(rows)-1 {
		t.Fatalf("%d rows read of %d", table.Len(), len(rows)-1)
	}
	accuracy, err := table.Column("cifar10_val")
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows[1:] {
		c := table.Cell(i)
		if v, err := strconv.ParseFloat(row[column["cifar10_val"]], 64); err != nil || v != accuracy[i] || c.String() != row[0] {
			t.Fatalf("line %d: %v, %g", i+2, c, accuracy[i])
		}
		params, flops := row[column["proxy_params"]], row[column["proxy_flops"]]
		if got := c.Parameters(Skeleton{}); !rounds(got, params) {
			t.Errorf("line %d: %d parameters, published %s million", i+2, got, params)
		}
		if got := c.PublishedFLOPs(Skeleton{}); !rounds(int(got), flops) {
			t.Errorf("line %d: %d operations, published %s million", i+2, got, flops)
		}
	}
	// The network itself, of every so many rows; TestCosts compares the counts
	// of other skeletons.
	for i := 0; i < table.Len(); i += 37 {
		c := table.Cell(i)
		net, err := c.Network(Skeleton{})
		if err != nil {
			t.Fatal(err)
		}
		if !rounds(net.Parameters(), rows[i+1][column["proxy_params"]]) || net.FLOPs() != 2*c.MACs(Skeleton{}) {
			t.Errorf("line %d: network of %d parameters, %d FLOPs", i+2, net.Parameters(), net.FLOPs())
		}
	}
}

// rounds reports whether n is the published number of millions to the last of
// its digits.
func rounds(n int, millions string) bool {
	published, err := strconv.ParseFloat(millions, 64)
	_, decimals, _ := strings.Cut(millions, ".")
	return err == nil && math.Abs(published*1e6-float64(n)) <= 0.500001*math.Pow(10, 6-float64(len(decimals)))
}

func TestReadTable(t *testing.T) {
	const text = "\ufeffnet_str,acc,net, x\n" +
		documented + ",91.5,\"(2, 2, 0, 4, 2, 0)\",\n" +
		resnet + ",nan,\"(2, 1, 0, 2, 1, 0)\",-1e3\n"
	table, err := ReadTable(strings.NewReader(text), "t.csv")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(table.Names(), " "); got != "acc x" || table.Len() != 2 || table.Cell(1).String() != resnet {
		t.Errorf("columns %s, %d rows", got, table.Len())
	}
	acc, _ := table.Column("acc")
	x, _ := table.Column("x")
	if acc[0] != 91.5 || !math.IsNaN(acc[1]) || !math.IsNaN(x[0]) || x[1] != -1000 {
		t.Errorf("%v, %v", acc, x)
	}
	if _, err := table.Column("y"); err == nil || !strings.Contains(err.Error(), "acc, x") {
		t.Errorf("a column that is not there: %v", err)
	}
	f := table.DataFrame()
	if f.Nrow() != 2 || strings.Join(f.Names(), " ") != "key arch acc x" {
		t.Errorf("%v", f.Names())
	}
}

func TestReadTableRejects(t *testing.T) {
	for text, reason := range map[string]string{
		"":                             "t.csv: no header line",
		"a,b\n1,2\n":                   "t.csv: line 1: no column of cells",
		"arch\n":                       "t.csv: no rows",
		"arch,a,a\n":                   "column a comes twice",
		"arch,\n":                      "column 2 has no name",
		",a\n":                         "no column of cells",
		"arch,a\n" + resnet + "\n":     "t.csv: line 2: wrong number of fields",
		"arch,a\n" + resnet + ",1,2\n": "t.csv: line 2: wrong number of fields",
		"arch,a\n" + resnet + ",x\n":   `t.csv: line 2: column a: "x" is no finite number`,
		"arch,a\n" + resnet + ",inf\n": "no finite number",
		"arch,a\n" + resnet + ",1\n" + resnet + ",2\n": "t.csv: line 3: " + resnet + " is in line 2 already",
		"arch,a\n|nor_conv_5x5~0|,1\n":                 "t.csv: line 2: column arch: nasbench201: ",
		"arch,net\n" + resnet + ",\"(0,0,0,0,0,0)\"\n": "column arch is " + resnet + ", column net ",
		"arch,a\n\"" + resnet + ",1\n":                 "t.csv: line 2: ",
	} {
		if table, err := ReadTable(strings.NewReader(text), "t.csv"); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%q: %v, %v; want %q", text, table, err, reason)
		}
	}
	if _, err := OpenTable(t.TempDir() + "/none.csv"); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// The published files, in their layouts, become one table; a cell that one of
// them lacks is missing there.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	var missing *datasets.MissingError
	if _, err := Load(t.Context()); !errors.As(err, &missing) || !strings.Contains(err.Error(), "nngplab data fetch nasbench201") {
		t.Errorf("without the data: %v", err)
	}
	folder := filepath.Join(dir, "nasbench201")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const pair = "\"(2, 1, 0, 2, 1, 0)\"," + resnet
	write("nb201_zc_proxies.csv", "net,net_str,nwot,params\n"+pair+",700,0.5\n")
	write("nb201_val_accs.csv", "net,val_accs\n\"(2, 1, 0, 2, 1, 0)\",90.5\n\"(0, 0, 0, 0, 0, 0)\",60\n")
	write("nb201_ImageNet16-120_valid_nets.csv", ",net,net_str,val_accs\n0,"+pair+",40.25\n")
	table, err := Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][2]float64{CIFAR10: {90.5, 60}, ImageNet16: {40.25, math.NaN()}, ProxyPrefix + "nwot": {700, math.NaN()}, ProxyPrefix + "params": {0.5, math.NaN()}}
	if table.Len() != 2 || len(table.Names()) != len(want) || table.Cell(0).String() != resnet {
		t.Errorf("%d cells, columns %v", table.Len(), table.Names())
	}
	for name, w := range want {
		got, err := table.Column(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := range w {
			if got[i] != w[i] && !(math.IsNaN(got[i]) && math.IsNaN(w[i])) {
				t.Errorf("%s of cell %d is %g, want %g", name, i, got[i], w[i])
			}
		}
	}
	// A damaged file is an error, not a table without its columns.
	write("nb201_val_accs.csv", "net,val_accs\n\"(2, 1, 0, 2, 1, 0)\",x\n")
	if _, err := Load(t.Context()); err == nil || !strings.Contains(err.Error(), "nb201_val_accs.csv: line 2") {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestLoadReal(t *testing.T) {
	path := testdata.Path(t, "nasbench201", "cells.csv")
	t.Setenv("NNGPLAB_DATA", filepath.Dir(filepath.Dir(path)))
	table, err := Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{CIFAR10, ImageNet16, ProxyPrefix + "nwot"} {
		if _, err := table.Column(name); err != nil {
			t.Error(err)
		}
	}
}

// Whatever the bytes, reading ends with rows of sound cells or an error.
func FuzzReadTable(f *testing.F) {
	f.Add("arch,a\n" + resnet + ",1\n")
	f.Add("net,a\n\"(2, 2, 0, 4, 2, 0)\",1\n")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := ReadTable(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		for i := range table.Len() {
			if err := table.Cell(i).Validate(); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range table.Names() {
			if col, err := table.Column(name); err != nil || len(col) != table.Len() {
				t.Fatalf("%s: %d of %d, %v", name, len(col), table.Len(), err)
			}
		}
	})
}

// TestShallow: one cell a stage is the network of that skeleton.
func TestShallow(t *testing.T) {
	a, err := Space.Parse("|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|skip_connect~2|")
	if err != nil {
		t.Fatal(err)
	}
	got, err := space.Shallow(a, 8, arch.Shape{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := CellOf(a)
	if err != nil {
		t.Fatal(err)
	}
	want, err := c.Canonical().Network(Skeleton{Width: 8, Cells: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Marks) != Stages || len(got.Nodes) != len(want.Nodes) || got.Parameters() != want.Parameters() {
		t.Errorf("%d cells, %d parameters, want %d", len(got.Marks), got.Parameters(), want.Parameters())
	}
	if _, err := space.Shallow(a, 0, arch.Shape{}); err == nil {
		t.Error("a width of 0 is taken")
	}
}
