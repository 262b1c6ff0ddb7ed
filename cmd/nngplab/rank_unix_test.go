//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// TestRankKilled kills a ranking twice; called again it goes on, and ends with the
// bits of one that nobody disturbed.
func TestRankKilled(t *testing.T) {
	args := []string{"--space", "nasbench201", "--width", "8", "--sample", "12", "--csv"}
	t.Setenv(sweep.CacheEnv, t.TempDir())
	code, want, errs := runRank(t, args...)
	if code != 0 {
		t.Fatal(code, errs)
	}
	dir := t.TempDir()
	t.Setenv(sweep.CacheEnv, dir)
	whole := append([]string{"rank", "--images", "noise", "--train", "12", "--val", "6", "--members", "1"}, args...)
	kept := func() int {
		files, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
		if len(files) == 0 {
			return 0
		}
		b, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return max(0, bytes.Count(b, []byte("\n"))-1)
	}
	for _, enough := range []int{2, 5} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "NNGPLAB_TEST_ARGS="+strings.Join(whole, "\n"))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for limit := time.Now().Add(time.Minute); kept() < enough && time.Now().Before(limit); {
			time.Sleep(time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil && len(ended) == 0 {
			t.Fatal(err)
		}
		<-ended
		if kept() < enough {
			t.Fatalf("%d networks are kept, want at least %d", kept(), enough)
		}
	}
	before := kept()
	code, got, errs := runRank(t, args...)
	if code != 0 || got != want {
		t.Errorf("exit %d, %s: the ranking differs from an undisturbed one", code, errs)
	}
	if n := kept(); n != 12 {
		t.Errorf("%d lines are kept, %d before: want a line for each of 12", n, before)
	}
}

// TestRankOwnInput: the ranking that is read from standard input is not overwritten
// by the one that is made of it, under whatever name.
func TestRankOwnInput(t *testing.T) {
	t.Setenv(sweep.CacheEnv, t.TempDir())
	dir := t.TempDir()
	ranked, hard := filepath.Join(dir, "ranked.csv"), filepath.Join(dir, "hard.csv")
	if code, _, errs := runRank(t, listOf(t, rankSmallest), "--out", ranked); code != 0 {
		t.Fatal(code, errs)
	}
	if err := os.Link(ranked, hard); err != nil {
		t.Skip(err)
	}
	want, err := os.ReadFile(ranked)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--out", ranked}, {"--out", hard}, {"--out", dir + "/../" + filepath.Base(dir) + "/ranked.csv"}, {"--csv", "--out", "/dev/stdin"}} {
		in, err := os.Open(ranked)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "NNGPLAB_TEST_ARGS="+strings.Join(append([]string{"rank", "-", "--images", "noise", "--train", "12", "--val", "6", "--members", "1"}, args...), "\n"))
		cmd.Stdin = in
		out, _ := cmd.CombinedOutput()
		in.Close()
		if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), "is the list itself") {
			t.Errorf("%q: exit %d: %s", args, cmd.ProcessState.ExitCode(), out)
		}
		if now, _ := os.ReadFile(ranked); !bytes.Equal(now, want) {
			t.Fatalf("%q: the list was overwritten", args)
		}
	}
}

// TestRankMemory: a ranking that does not fit into the memory that the process may
// have is refused before anything is scored, with a sentence that says so.
func TestRankMemory(t *testing.T) {
	cmd := exec.Command("sh", "-c", `ulimit -v 3000000 && exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), sweep.CacheEnv+"="+t.TempDir(),
		"NNGPLAB_TEST_ARGS="+strings.Join([]string{"rank", "--all", "--images", "noise", "--train", "2", "--val", "1", "--members", "1"}, "\n"))
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), "a ranking of 423624 rows needs about 4.34 GB of memory") {
		if runtime.GOOS != "linux" {
			t.Skip("no limit is known here")
		}
		t.Errorf("exit %d: %.2000s", cmd.ProcessState.ExitCode(), out)
	}
}
