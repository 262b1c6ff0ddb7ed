//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nngplab/nngplab/datasets"
)

// TestDataFetchInterrupted: Ctrl-C in the middle of a download ends with exit
// code 130, keeps what has arrived, places nothing, and the next run asks for
// the rest.
func TestDataFetchInterrupted(t *testing.T) {
	dataAlone(t)
	const size, sent = 248100043, 300_000
	ranges := make(chan string, 4)
	srv := slowServer(t, size, sent, ranges)
	t.Setenv(datasets.EnvMirror, srv.URL)
	cache, err := datasets.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(cache, ".downloads", "tiny-imagenet-200", "tiny-imagenet-200.zip.part")
	for round := int64(1); round <= 2; round++ {
		go func() {
			for range 1000 {
				if info, err := os.Stat(part); err == nil && info.Size() == round*sent {
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			syscall.Kill(os.Getpid(), syscall.SIGINT)
		}()
		code, _, errs := nngplab("data", "fetch", "tiny-imagenet-200")
		if code != exitInterrupted || !strings.Contains(errs, "interrupted") {
			t.Errorf("exit code %d: %s", code, errs)
		}
		info, err := os.Stat(part)
		if err != nil || info.Size() != round*sent {
			t.Errorf("round %d: the part file: %v, %v", round, info, err)
		}
	}
	if a, b := <-ranges, <-ranges; a != "" || b != "bytes=300000-" {
		t.Errorf("ranges asked for: %q, %q", a, b)
	}
	if _, err := datasets.Find("tiny-imagenet-200"); err == nil {
		t.Error("half a set was placed")
	}
	if code, out, _ := nngplab("data", "list"); code != 0 || !strings.Contains(out, "600 kB of an unfinished download") {
		t.Errorf("list: exit code %d:\n%s", code, out)
	}
	if code, out, _ := nngplab("data", "rm", "tiny-imagenet-200"); code != 0 || !strings.Contains(out, ".downloads") {
		t.Errorf("rm: exit code %d: %s", code, out)
	}
}
