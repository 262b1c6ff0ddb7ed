package study

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

func TestNoTables(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("NNGPLAB_DATA", dir)
	t.Setenv("XDG_CACHE_HOME", dir)
	t.Setenv("HOME", dir)
	_, err := truth.OpenCells(t.Context(), "official", 0)
	var missing *published.NotFoundError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "official_subset.csv") {
		t.Errorf("error %v", err)
	}
	if _, err := truth.OpenCells(t.Context(), "unknown", 0); err == nil || errors.As(err, &missing) {
		t.Errorf("an unknown table gives the error %v", err)
	}
	tables, err := truth.Tables(t.Context(), 12)
	if err != nil || len(tables) != 1 || tables[0].Len() != 12 || tables[0].HasTruth() {
		t.Fatalf("tables %+v, %v", tables, err)
	}
	all, err := CompareAll(t.Context(), tables, truth.Baselines(), CompareConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(all.HTML(), "nngplab data fetch") || all.Table("official") != nil {
		t.Errorf("without truth the comparison says %q", all.HTML())
	}
	if fig, err := all.TauFigure(); err != nil || !strings.Contains(fig.SVG(), "no trained accuracies here") {
		t.Errorf("without truth the figure is %v", err)
	}
	if fig, err := all.ScatterFigure("parameters", 0); err != nil || fig == nil {
		t.Error(err)
	}
	// A table that is there but damaged is an error: nothing stands in for it.
	if err := os.MkdirAll(filepath.Join(dir, "nasbench101"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "nasbench101", "retrained.csv")
	if err := os.WriteFile(file, []byte("module_hash,epochs\nx,y\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := truth.Tables(t.Context(), 0); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a damaged table gives the error %v", err)
	}
}

func TestFiguresOverTables(t *testing.T) {
	fixture.WithData(t)
	tables, err := truth.Tables(t.Context(), 60)
	if err != nil {
		t.Fatal(err)
	}
	all, err := CompareAll(t.Context(), tables, truth.Baselines(), CompareConfig{Resamples: 20})
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"scatter":    func() error { _, err := all.ScatterFigure("parameters", 0.8); return err },
		"pqetp":      func() error { _, err := all.PQETPFigure(corr.Thresholds()); return err },
		"discovered": func() error { _, err := all.DiscoveredFigure(t.Context(), 30); return err },
		"reduction":  func() error { _, err := all.ReductionFigure(); return err },
		"tau":        func() error { _, err := all.TauFigure(); return err },
	} {
		if err := f(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := all.ScatterFigure("nothing", 0); err == nil {
		t.Error("there is a scatter of a signal that was not compared")
	}
	if all.Table("retrained").N() != 60 || !strings.Contains(all.HTML(), "Official") && !strings.Contains(all.HTML(), "official") {
		t.Errorf("comparisons %v", all.Cells)
	}
}
