//go:build unix

package sweep

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// fullDisk takes so many bytes, and then no more until somebody makes room.
type fullDisk struct {
	appendFile
	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	n, err := d.appendFile.Write(p[:min(len(p), d.room)])
	d.room -= n
	if err == nil && n < len(p) {
		err = syscall.ENOSPC
	}
	return n, err
}

// TestKeptScoresOnAFullDisk: a score that could not be written whole is an error,
// and leaves no half line before those that are written later.
func TestKeptScoresOnAFullDisk(t *testing.T) {
	header := measuredHeader{Table: "scores", Images: "x"}
	cells := sampled(t, 4).Architectures
	for room := range 400 {
		t.Setenv(CacheEnv, filepath.Join(t.TempDir(), fmt.Sprint(room)))
		f, err := openKept[[]measured](header)
		if err != nil {
			t.Fatal(err)
		}
		disk := &fullDisk{f.file, room}
		f.file = disk
		var kept []space.Architecture
		for i, c := range cells {
			if i == len(cells)-1 {
				disk.room = 1 << 20
			}
			if err := f.put(c, []measured{{Members: i + 1}}); err == nil {
				kept = append(kept, c)
			} else if _, ok := f.get(c); ok {
				t.Errorf("room for %d bytes: a score that was not written is kept", room)
			}
		}
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
		again, err := readKept[[]measured](header)
		if err != nil {
			t.Fatalf("room for %d bytes: %v", room, err)
		}
		if len(again.scores) != len(kept) || len(kept) < 1 {
			t.Errorf("room for %d bytes: %d scores of %d are read back", room, len(again.scores), len(kept))
		}
	}
}

// keptOf computes three cells and returns their file and what it holds.
func keptOf(t *testing.T) (compute func() error, file string, whole []byte) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv(CacheEnv, dir)
	set, cells := imageset.Drawn(60, 1), sampled(t, 3)
	compute = func() error {
		_, err := Compute(t.Context(), drawnExperiment(cells, tinyPass(2)), set, ComputeConfig{})
		return err
	}
	if err := compute(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	if whole, err = os.ReadFile(files[0]); err != nil {
		t.Fatal(err)
	}
	return compute, files[0], whole
}

// TestEveryBitOfKeptScores: whatever bit of a line changes, it is an error that
// names the line, or the score is the same as before.
func TestEveryBitOfKeptScores(t *testing.T) {
	line, err := formatKept("01/00 input,output", []measured{{Members: 2, Train: 3, View: "raw", Values: map[string]float64{"log_det": -2.5}}})
	if err != nil {
		t.Fatal(err)
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	cell, want, err := parseKept[[]measured](line)
	if err != nil {
		t.Fatal(err)
	}
	for i := range line {
		for bit := range 8 {
			bad := bytes.Clone(line)
			bad[i] ^= 1 << bit
			got, score, err := parseKept[[]measured](bad)
			if err == nil && (got != cell || fmt.Sprint(score) != fmt.Sprint(want)) {
				t.Errorf("bit %d of byte %d: %s is read as %v", bit, i, bad, score)
			}
		}
	}
	// A line of an earlier version has no checksum.
	if got, _, err := parseKept[[]measured]([]byte(`{"cell":"a","score":[{"members":1}]}`)); err != nil || got != "a" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestWhatIsNoStore: a file in the place of kept scores that is somebody's, also
// one without a single line, is an error and stays as it is; a pipe is waited for
// by nobody.
func TestWhatIsNoStore(t *testing.T) {
	compute, file, whole := keptOf(t)
	for name, text := range map[string]string{
		"a word":      "mine",
		"lines":       "mine\nmine\n",
		"a note":      string(whole) + "mine",
		"a long line": strings.Repeat("a", maxKeptLine+1),
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := compute(); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
		if now, _ := os.ReadFile(file); string(now) != text {
			t.Errorf("%s was changed", name)
		}
	}
	for name, text := range map[string]string{"nothing": "", "half a header": string(whole[:20]), "zeros": "\x00\x00\x00", "half a line": string(whole[:len(whole)-9])} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := compute(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, pipe := range []string{file, file + ".lock"} {
		if err := os.Remove(pipe); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		done := make(chan error, 1)
		go func() { done <- compute() }()
		if err := <-done; err == nil || !strings.Contains(err.Error(), "no plain file") {
			t.Errorf("a pipe in the place of %s: %v", pipe, err)
		}
		if err := os.Remove(pipe); err != nil {
			t.Fatal(err)
		}
		if pipe == file {
			if err := os.WriteFile(file, whole, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
