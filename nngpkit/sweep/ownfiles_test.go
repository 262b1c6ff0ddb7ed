package sweep

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/faults"
	"github.com/nngplab/nngplab/internal/filesum"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// smallScores is a table of a few rows of a committed one, as Save writes it.
func smallScores(t testing.TB) (*ScoreTable, []byte) {
	t.Helper()
	all, err := CommittedScores(datasets.ScoreTables()[0])
	if err != nil {
		t.Fatal(err)
	}
	s := &ScoreTable{Info: all.Info, Frame: all.Frame.Subset([]int{0, 1, 2})}
	b, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

// TestDamagedScores changes bytes of tables: of one with a checksum any change
// is found; of one without, as earlier versions wrote them, reading ends with an
// error or with a table, and never with a panic or gigabytes.
func TestDamagedScores(t *testing.T) {
	_, signed := smallScores(t)
	step := 1
	if testing.Short() {
		step = 37
	}
	for i := 0; i < len(signed); i += step {
		bad := bytes.Clone(signed)
		bad[i] ^= 0xff
		if _, err := decodeScores(bad); err == nil {
			t.Errorf("byte %d of %d: no error", i, len(bad))
		}
	}
	old, err := datasets.ScoreTable("widths")
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(filesum.Verify(old), filesum.ErrUnsigned) {
		t.Skip("the committed tables have checksums now")
	}
	for i := len(old) - 3000; i < len(old); i += 61 {
		bad := bytes.Clone(old)
		bad[i] = 0xff
		if _, err := decodeScores(bad); err != nil && len(err.Error()) > 4096 {
			t.Errorf("byte %d: an error of %d bytes", i, len(err.Error()))
		}
	}
	path := filepath.Join(t.TempDir(), "widths.parquet")
	if err := os.WriteFile(path, old[:len(old)-1000], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadScores(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("cut short: %v", err)
	}
}

// FuzzScores: whatever the bytes, reading a table of scores ends, in memory that
// follows their number.
func FuzzScores(f *testing.F) {
	_, signed := smallScores(f)
	f.Add(signed, false)
	f.Add(bytes.Replace(signed, []byte(filesum.Marker()), []byte("no-file-digest-here:"), 1), true)
	f.Fuzz(func(t *testing.T, data []byte, sign bool) {
		if len(data) > 1<<20 {
			return
		}
		if sign { // past the checksum, as a forger would
			data = bytes.Clone(data)
			_ = filesum.Sign(data)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		table, err := decodeScores(data)
		runtime.ReadMemStats(&after)
		if err == nil && (table == nil || table.Info.Rows != table.Frame.Nrow()) {
			t.Error("no error and no table")
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<30 {
			t.Errorf("%d MB were allocated for %d bytes", n>>20, len(data))
		}
	})
}

// TestScoresFolder: what somebody has in the folder of tables stays, and is
// found before anything is computed.
func TestScoresFolder(t *testing.T) {
	table, signed := smallScores(t)
	name := table.Info.Name
	for what, c := range map[string]struct {
		file, text string
	}{
		"a README":                {"README.md", "mine\n"},
		"an empty README":         {"README.md", ""},
		"a README with our title": {"README.md", "# Computed tables of scores\n\nNotes of mine\n"},
		"a table":                 {name + ".parquet", "mine"},
		"another Parquet file":    {name + ".parquet", "PAR1 mine PAR1"},
		"an empty table":          {name + ".parquet", ""},
		"a damaged table":         {name + ".parquet", string(signed[:len(signed)-9])},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, c.file)
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := CheckScoresFolder(dir, name); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", what, err)
		}
		if err := IndexScores(dir); err == nil {
			t.Errorf("%s: the index was written", what)
		}
		if b, err := os.ReadFile(path); err != nil || string(b) != c.text {
			t.Errorf("%s: is now %q", what, b)
		}
	}
	dir := t.TempDir()
	for range 2 { // our own files make room for new ones
		if err := CheckScoresFolder(dir, name); err != nil {
			t.Error(err)
		}
		if err := table.Save(filepath.Join(dir, name+".parquet")); err != nil {
			t.Error(err)
		}
		if err := IndexScores(dir); err != nil {
			t.Error(err)
		}
	}
}

// TestScoresFullDisk: a table that cannot be written leaves the one before.
func TestScoresFullDisk(t *testing.T) {
	table, _ := smallScores(t)
	path := filepath.Join(t.TempDir(), "x.parquet")
	if err := table.Save(path); err != nil {
		t.Fatal(err)
	}
	for at := 0; ; at++ {
		d := &faults.Disk{At: at}
		restore := wholefile.Use(d)
		err := table.Save(path)
		restore()
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Error(err)
		}
		if _, err := LoadScores(path); err != nil {
			t.Errorf("operation %d: %v", at, err)
		}
		if d.Operations() <= at {
			break
		}
	}
}
