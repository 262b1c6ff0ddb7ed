//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package wholefile

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestMain: with a path in the environment this program is the child of
// TestKilled and writes that file again and again, until it is killed.
func TestMain(m *testing.M) {
	path := os.Getenv("WHOLEFILE_TEST_PATH")
	if path == "" {
		os.Exit(m.Run())
	}
	for i := byte('a'); ; i = 'a' + (i+1-'a')%26 {
		if err := Write(path, bytes.Repeat([]byte{i}, 1<<20)); err != nil {
			os.Exit(1)
		}
	}
}

// TestKilled kills a process that writes, at random moments: the file is always
// whole, and what is left beside it goes with the next write once it is old.
func TestKilled(t *testing.T) {
	rounds := 30
	if testing.Short() {
		rounds = 5
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	rng := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "WHOLEFILE_TEST_PATH="+path)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+rng.IntN(60)) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal("the writer ended by itself: ", err)
		}
		cmd.Wait()
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil || len(b) != 1<<20 || bytes.Count(b, b[:1]) != len(b) {
			t.Fatalf("the file has %d bytes, %v: not one write's", len(b), err)
		}
	}
	old := abandonedAfter
	abandonedAfter = 0
	defer func() { abandonedAfter = old }()
	if err := Write(path, []byte("end")); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left beside the file: %v, %v", entries, err)
	}
}

// TestSweep: a living writer's file stays, and so does what is not of our name.
func TestSweep(t *testing.T) {
	old := abandonedAfter
	abandonedAfter = 0
	defer func() { abandonedAfter = old }()
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	held, err := OS{}.Create(filepath.Join(dir, stem("f")+"1"+tail))
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	for _, name := range []string{stem("f") + "2" + tail, ".f.tmp3", stem("g") + "4" + tail, "f.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(path, nil); err != nil {
		t.Fatal(err)
	}
	var got []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if len(got) != 5 {
		t.Errorf("files left: %q, want all but the abandoned one", got)
	}
}
