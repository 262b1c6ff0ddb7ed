package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/faults"
)

// soakFetch fetches a data set from a server that fails at random, again and
// again: whole, interrupted, and over what is there. A fetch ends with the set or
// with an error, never with half a set; what somebody put beside it stays.
func soakFetch(length time.Duration, out io.Writer) error {
	root, err := os.MkdirTemp("", "nngplab-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	rng := rand.New(rand.NewPCG(1, 1))
	content := make([]byte, 200_000)
	for i := range content {
		content[i] = byte(rng.Uint32())
	}
	server := &faults.Server{Content: content, ETag: `"a"`, Next: faults.Random(1)}
	srv := httptest.NewServer(server)
	defer srv.Close()
	set := datasets.TestSet("soak", srv.URL+"/soak.bin", int64(len(content)), fmt.Sprintf("%x", sha256.Sum256(content)))
	client := srv.Client()
	w := &watch{out: out, length: length, start: time.Now()}
	whole, failed, interrupted := 0, 0, 0
	for time.Since(w.start) < length {
		ctx, cancel := context.WithCancel(context.Background())
		if rng.IntN(4) == 0 {
			time.AfterFunc(time.Duration(rng.IntN(30))*time.Millisecond, cancel)
		}
		_, err := datasets.FetchSet(ctx, set, datasets.FetchConfig{
			Dir: root, Client: client, Force: rng.IntN(2) == 0,
			Stall: 50 * time.Millisecond, Retries: 6, Backoff: time.Microsecond,
		})
		cancel()
		switch {
		case err == nil:
			whole++
		case errors.Is(err, context.Canceled):
			interrupted++
		default:
			failed++
		}
		if err := checkSet(filepath.Join(root, "soak"), content, err == nil); err != nil {
			return err
		}
		if err := w.step(fmt.Sprintf("fetches: %d whole, %d failed, %d interrupted, %d requests", whole, failed, interrupted, server.Requests())); err != nil {
			return err
		}
	}
	client.CloseIdleConnections()
	if whole == 0 {
		return errors.New("no fetch got through")
	}
	return w.end(fmt.Sprintf("fetches: %d whole, %d failed, %d interrupted, %d requests", whole, failed, interrupted, server.Requests()))
}

// checkSet checks that the placed file is whole, if there is one.
func checkSet(dir string, content []byte, must bool) error {
	b, err := os.ReadFile(filepath.Join(dir, "soak.bin"))
	switch {
	case errors.Is(err, os.ErrNotExist) && !must:
		return nil
	case err != nil:
		return err
	case string(b) != string(content):
		return fmt.Errorf("%s holds %d other bytes", dir, len(b))
	}
	return nil
}

// watch looks at what must not grow.
type watch struct {
	out    io.Writer
	length time.Duration
	start  time.Time
	last   time.Time
	base   *usage // at the end of the first quarter
}

// usage is what this process holds.
type usage struct {
	heap       uint64
	files      int
	goroutines int
}

func now() usage {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, _ := os.ReadDir("/proc/self/fd") // empty where there is no such folder
	return usage{m.HeapAlloc, len(files), runtime.NumGoroutine()}
}

// step prints a line a minute.
func (w *watch) step(what string) error {
	if w.base == nil && time.Since(w.start) > w.length/4 {
		u := now()
		w.base = &u
	}
	if time.Since(w.last) < time.Minute {
		return nil
	}
	w.last = time.Now()
	return w.print(what)
}

func (w *watch) print(what string) error {
	u := now()
	_, err := fmt.Fprintf(w.out, "%6.0f s  %s; heap %.1f MB, %d files, %d goroutines\n", time.Since(w.start).Seconds(), what, float64(u.heap)/1e6, u.files, u.goroutines)
	return err
}

// Growth that is no leak: of caches and idle connections.
const (
	heapSlack  = 8 << 20
	otherSlack = 20
)

// end prints the last line and compares.
func (w *watch) end(what string) error {
	time.Sleep(100 * time.Millisecond) // connections that were closed just now
	if err := w.print(what); err != nil {
		return err
	}
	u := now()
	if w.base == nil {
		return errors.New("too short")
	}
	if u.heap > w.base.heap+heapSlack || u.files > w.base.files+otherSlack || u.goroutines > w.base.goroutines+otherSlack {
		return fmt.Errorf("something grows: %+v after a quarter, %+v at the end", *w.base, u)
	}
	return nil
}
