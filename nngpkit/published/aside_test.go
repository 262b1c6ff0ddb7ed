package published

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/nasbench201"
)

// TestTable201 reads two spellings of one cell (nodes 1 and 2 exchanged) and
// another cell: spellings are one row of means, accuracies are shares.
func TestTable201(t *testing.T) {
	const one = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|"
	const same = "|skip_connect~0|+|nor_conv_3x3~0|none~1|+|nor_conv_1x1~0|avg_pool_3x3~1|none~2|"
	const other = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
	all, err := nasbench201.ReadTable(strings.NewReader("arch,cifar10_val,imagenet16_120_val,proxy_zen\n"+
		one+",90,40,1\n"+same+",92,,3\n"+other+",10,1,\n"), "cells.csv")
	if err != nil {
		t.Fatal(err)
	}
	tab, err := newTable201(all)
	if err != nil {
		t.Fatal(err)
	}
	if tab.Len() != 2 {
		t.Fatalf("%d rows of two cells", tab.Len())
	}
	a, ok := tab.Index(nasbench201.Architecture(all.Cell(1)).Key())
	b, ok2 := tab.Index(nasbench201.Architecture(all.Cell(2)).Key())
	if !ok || !ok2 || a == b {
		t.Fatalf("rows %d and %d", a, b)
	}
	mean, runs := tab.Truth(a)
	if mean != .91 || runs != 2 {
		t.Errorf("truth %v of %d, want .91 of 2", mean, runs)
	}
	im, zen := tab.Columns()[0], tab.Columns()[1]
	if im.Name != nasbench201.ImageNet16 || im.Values[a] != .4 || im.Values[b] != .01 {
		t.Errorf("%s is %v", im.Name, im.Values)
	}
	if zen.Name != ProxyPrefix+"zen" || zen.Values[a] != 2 || !math.IsNaN(zen.Values[b]) {
		t.Errorf("%s is %v", zen.Name, zen.Values)
	}
}

// TestProxies reads proxies of a table's cells, and refuses bad files by row.
func TestProxies(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	folder := filepath.Join(dir, "nasbench101")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// Hash and parameters of the cell of input and output alone, as published.
	write("uniform_subset.csv", "module_hash,n_vertices,adjacency_rowmajor,ops,trainable_parameters,test108\n"+
		"043721b9c7fe8c5fad811d47d83132ec,2,0100,input;output,882570,0.5\n")
	s, err := Find("uniform")
	if err != nil {
		t.Fatal(err)
	}
	write("zen_naslib.csv", "module_hash,zen,seconds\n28cfc7874f6d200472e1a9dcd8650aa0,3,1\n043721b9c7fe8c5fad811d47d83132ec,2.5,1\n")
	tab, err := s.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	columns := tab.(Columned).Columns()
	if len(columns) != 1 || columns[0].Name != "proxy_zen" || columns[0].Values[0] != 2.5 {
		t.Fatalf("columns %+v", columns)
	}
	for text, want := range map[string]string{
		"module_hash,zen\n043721b9c7fe8c5fad811d47d83132ec,much\n": `row 1: zen is "much"`,
		"module_hash,zen\nabc,1\n":                                 "row 1",
		"zen\n1\n":                                                 "no column module_hash",
		"module_hash,zen\n043721b9c7fe8c5fad811d47d83132ec,1\n043721b9c7fe8c5fad811d47d83132ec,1\n": "row 2",
		"module_hash,zen\n043721b9c7fe8c5fad811d47d83132ec,1,2\n":                                   "row 1",
		"": "header",
	} {
		write("zen_naslib.csv", text)
		if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "zen_naslib.csv") {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if err := os.Remove(filepath.Join(folder, "uniform_subset.csv")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"uniform", "nasbench201"} {
		s, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context()); err == nil || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
