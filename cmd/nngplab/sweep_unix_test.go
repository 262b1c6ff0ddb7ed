//go:build unix

package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sweepProcess starts 'nngplab sweep run' as a process of its own.
func sweepProcess(t *testing.T, args ...string) (cmd *exec.Cmd, errs *bytes.Buffer, ended chan error) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NNGPLAB_TEST_ARGS="+strings.Join(append([]string{"sweep", "run"}, args...), "\n"))
	errs = new(bytes.Buffer)
	cmd.Stderr = errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended = make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return cmd, errs, ended
}

// lines counts the whole lines of a store behind its head.
func lines(path string) int {
	b, _ := os.ReadFile(path)
	return max(0, bytes.Count(b, []byte("\n"))-1)
}

// TestSweepKilled kills a sweep at 50 random moments with SIGKILL, some of them while it
// starts, most while it computes; it loses nothing but what it had in hand, and ends
// with the bytes of one that nobody disturbed.
func TestSweepKilled(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 5
	}
	plan := quickPlan(t, "--sample", "600")
	calm, dir := t.TempDir(), t.TempDir()
	must(t, "sweep", "run", plan, "--store", calm)
	store := filepath.Join(dir, "shard-1-of-1.jsonl")
	rng := rand.New(rand.NewPCG(1, 1))
	working, finished := 0, 0
	for k := range kills {
		before := lines(store)
		cmd, errs, ended := sweepProcess(t, plan, "--store", dir, "--threads", "2")
		wait := time.Duration(rng.IntN(1000)) * time.Millisecond // while it starts, or later
		if k%5 != 0 {
			for limit := time.Now().Add(time.Minute); lines(store) <= before && len(ended) == 0 && time.Now().Before(limit); {
				time.Sleep(time.Millisecond)
			}
			wait = time.Duration(rng.IntN(20_000)) * time.Microsecond
		}
		time.Sleep(wait)
		_ = cmd.Process.Kill()
		if err := <-ended; err == nil {
			finished++
		} else if cmd.ProcessState.ExitCode() > 0 {
			t.Fatalf("kill %d: exit code %d: %s", k, cmd.ProcessState.ExitCode(), errs)
		}
		if now := lines(store); now > before {
			working++
		} else if now < before {
			t.Fatalf("kill %d: %d lines, %d before", k, now, before)
		}
	}
	if working < kills/2 || finished > 0 {
		t.Errorf("of %d kills %d came while it computed, and %d after it was over", kills, working, finished)
	}
	if out := must(t, "sweep", "status", plan, "--store", dir); !strings.Contains(out, "stopped") {
		t.Errorf("status after the kills: %s", out)
	}
	must(t, "sweep", "run", plan, "--store", dir)
	if contentsOf(t, store) != contentsOf(t, filepath.Join(calm, "shard-1-of-1.jsonl")) {
		t.Error("the store is not that of an undisturbed sweep")
	}
}

// TestSweepSignals: SIGINT and SIGTERM finish what is in hand and end with 130; a
// second process on the shard is refused while the first is at work; status reads
// along.
func TestSweepSignals(t *testing.T) {
	plan := quickPlan(t, "--sample", "3000")
	dir := strings.TrimSuffix(plan, ".json") + ".store"
	store := filepath.Join(dir, "shard-1-of-1.jsonl")
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		before := lines(store)
		cmd, errs, ended := sweepProcess(t, plan, "--threads", "2")
		for limit := time.Now().Add(time.Minute); lines(store) < before+3 && len(ended) == 0 && time.Now().Before(limit); {
			time.Sleep(time.Millisecond)
		}
		if code, _, errs := call("sweep", "run", plan); code != exitFailed || !strings.Contains(errs, "another process is working on it") {
			t.Errorf("a second run: exit %d, %s", code, errs)
		}
		if out := must(t, "sweep", "status", plan); !strings.Contains(out, "running") {
			t.Errorf("status while it runs: %s", out)
		}
		_ = cmd.Process.Signal(sig)
		<-ended
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(errs.String(), "finishing what is in hand") {
			t.Errorf("%v: exit code %d, %s", sig, code, errs)
		}
		if b := contentsOf(t, store); !strings.HasSuffix(b, "\n") {
			t.Errorf("%v: the last line is cut off", sig)
		}
		if out := must(t, "sweep", "status", plan); !strings.Contains(out, "stopped") {
			t.Errorf("status after %v: %s", sig, out)
		}
	}
}
