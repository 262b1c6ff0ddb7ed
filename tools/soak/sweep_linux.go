package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// sweeper runs sweeps of the program and ends them at random.
type sweeper struct {
	program, dir, plan string
	want               []byte // the merged store of an undisturbed run
	rng                *rand.Rand

	sweeps, kills, signals int
	largest                int64 // memory of a process, in bytes
}

// soakSweep sweeps some small networks again and again, in one to three shards,
// killed, interrupted and resumed at random, and merged: always to the bytes of an
// undisturbed run. Beside it, one sweep of many networks runs all the time, and its
// memory and open files are watched.
func soakSweep(program string, length time.Duration, out io.Writer) error {
	root, err := os.MkdirTemp("", "nngplab-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	s := &sweeper{program: program, dir: root, plan: filepath.Join(root, "small.json"), rng: rand.New(rand.NewPCG(1, 2))}
	if err := s.prepare(); err != nil {
		return err
	}
	long, err := s.startLong()
	if err != nil {
		return err
	}
	w := &watch{out: out, length: length, start: time.Now()}
	err = s.loop(w, long)
	return errors.Join(err, long.stop())
}

// small and many are the flags of the plans: what is measured takes milliseconds.
var (
	small = []string{"--space", "nasbench201", "--sample", "40", "--measure", "kernel", "--images", "noise", "--width", "8", "--train", "6", "--val", "3", "--members", "1", "--statistics", "log_det"}
	many  = []string{"--sample", "300000", "--measure", "kernel", "--images", "noise", "--width", "8", "--train", "6", "--val", "3", "--members", "1", "--statistics", "log_det"}
)

func (s *sweeper) command(args ...string) *exec.Cmd { return exec.Command(s.program, args...) }

// do runs the program to its end.
func (s *sweeper) do(args ...string) error {
	if text, err := s.command(args...).CombinedOutput(); err != nil {
		return fmt.Errorf("nngplab %s: %w: %s", strings.Join(args, " "), err, text)
	}
	return nil
}

func (s *sweeper) prepare() error {
	if err := s.do(append([]string{"sweep", "plan", "--out", s.plan}, small...)...); err != nil {
		return err
	}
	store, merged := filepath.Join(s.dir, "whole"), filepath.Join(s.dir, "whole.jsonl")
	if err := s.do("sweep", "run", s.plan, "--store", store); err != nil {
		return err
	}
	if err := s.do("sweep", "merge", s.plan, "--store", store, "--out", merged); err != nil {
		return err
	}
	var err error
	s.want, err = os.ReadFile(merged)
	return err
}

func (s *sweeper) loop(w *watch, long *longSweep) error {
	say := func() string {
		return fmt.Sprintf("sweeps: %d, of which %d runs were killed and %d interrupted, at most %.0f MB a run; %s", s.sweeps, s.kills, s.signals, float64(s.largest)/1e6, long)
	}
	for time.Since(w.start) < w.length {
		if err := s.sweep(); err != nil {
			return err
		}
		if err := long.look(time.Since(w.start) > w.length/4); err != nil {
			return err
		}
		if err := w.step(say()); err != nil {
			return err
		}
	}
	if err := long.look(true); err != nil {
		return err
	}
	if s.kills == 0 || s.signals == 0 {
		return errors.New("nothing was killed")
	}
	return errors.Join(w.end(say()), long.level())
}

// sweep computes the small plan in some shards, and compares.
func (s *sweeper) sweep() error {
	store := filepath.Join(s.dir, "store")
	shards := 1 + s.rng.IntN(3)
	for i := range shards {
		if err := s.shard(store, fmt.Sprintf("%d/%d", i+1, shards)); err != nil {
			return err
		}
		if i < shards-1 {
			if s.do("sweep", "merge", s.plan, "--store", store) == nil {
				return errors.New("a sweep was merged that was not over")
			}
		}
	}
	merged := filepath.Join(store, "merged.jsonl")
	if err := s.do("sweep", "merge", s.plan, "--store", store); err != nil {
		return err
	}
	got, err := os.ReadFile(merged)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, s.want) {
		return fmt.Errorf("sweep %d, in %d shards: the merged store has other bytes than an undisturbed one", s.sweeps, shards)
	}
	s.sweeps++
	return os.RemoveAll(store)
}

// shard runs a shard until it is done. No line that was whole before a run is lost
// by it.
func (s *sweeper) shard(store, shard string) error {
	for {
		before := lines(store)
		cmd := s.command("sweep", "run", s.plan, "--store", store, "--shard", shard, "--threads", "2")
		var text bytes.Buffer
		cmd.Stdout, cmd.Stderr = &text, &text
		if err := cmd.Start(); err != nil {
			return err
		}
		var timer *time.Timer
		var sig syscall.Signal
		if s.rng.IntN(3) > 0 {
			sig = []syscall.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM}[s.rng.IntN(4)]
			timer = time.AfterFunc(time.Duration(s.rng.IntN(1500))*time.Millisecond, func() { cmd.Process.Signal(sig) })
		}
		err := cmd.Wait()
		if timer != nil {
			timer.Stop()
		}
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			s.largest = max(s.largest, maxRSS(u))
		}
		if after := lines(store); after < before {
			return fmt.Errorf("%d lines of %d are left: %s", after, before, text.String())
		}
		if err == nil {
			return nil
		}
		status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
		switch {
		case sig == syscall.SIGKILL && status.Signaled() && status.Signal() == syscall.SIGKILL:
			s.kills++
		case sig != 0 && cmd.ProcessState.ExitCode() == 130, status.Signaled() && status.Signal() == sig: // before it listens
			s.signals++
		default:
			return fmt.Errorf("sweep run: %w: %s", err, text.String())
		}
	}
}

// lines counts the whole lines of the stores in a folder.
func lines(dir string) int {
	files, _ := filepath.Glob(filepath.Join(dir, "shard-*.jsonl"))
	n := 0
	for _, f := range files {
		b, _ := os.ReadFile(f)
		n += bytes.Count(b, []byte("\n"))
	}
	return n
}

// longSweep is one process that sweeps all the time.
type longSweep struct {
	cmd         *exec.Cmd
	out         bytes.Buffer
	base, now   held
	store       string
	first, last int       // lines
	since       time.Time // the first
}

// held is what a process holds.
type held struct {
	memory int64
	files  int
}

func (h held) String() string {
	return fmt.Sprintf("%.0f MB, %d files", float64(h.memory)/1e6, h.files)
}

func (s *sweeper) startLong() (*longSweep, error) {
	plan := filepath.Join(s.dir, "many.json")
	if err := s.do(append([]string{"sweep", "plan", "--out", plan}, many...)...); err != nil {
		return nil, err
	}
	l := &longSweep{store: filepath.Join(s.dir, "many")}
	l.cmd = s.command("sweep", "run", plan, "--store", l.store, "--threads", "1")
	l.cmd.Stdout, l.cmd.Stderr = &l.out, &l.out
	return l, l.cmd.Start()
}

// String says how far it is, and what it holds.
func (l *longSweep) String() string { return fmt.Sprintf("a long one: %d networks, %v", l.last, l.now) }

// look reads what it holds. The first look that counts is the base.
func (l *longSweep) look(counts bool) error {
	h, err := heldBy(l.cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("the long sweep has ended: %w", err)
	}
	if l.now, l.last = h, lines(l.store); counts && l.base.memory == 0 {
		l.base, l.first, l.since = h, l.last, time.Now()
	}
	return nil
}

// sweepSlack is what a sweep may hold more at the end: garbage, and the lines that it
// collects between two writes.
const sweepSlack = 64 << 20

// level returns an error if it holds more at the end than after a quarter, or does
// not get on.
func (l *longSweep) level() error {
	switch {
	case l.base.memory == 0:
		return errors.New("too short")
	case l.now.memory > l.base.memory+sweepSlack, l.now.files > l.base.files+otherSlack:
		return fmt.Errorf("the long sweep grows: %v after a quarter, %v at the end", l.base, l.now)
	case l.last <= l.first && time.Since(l.since) > time.Minute:
		return fmt.Errorf("the long sweep stands still at %d networks", l.last)
	}
	return nil
}

// stop interrupts it. It ends by itself, and has lost nothing.
func (l *longSweep) stop() error {
	before := lines(l.store)
	if err := l.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	_ = l.cmd.Wait() // its exit code says the same
	if code := l.cmd.ProcessState.ExitCode(); code != 130 {
		return fmt.Errorf("the long sweep was interrupted and ended with exit code %d: %s", code, l.out.String())
	}
	if after := lines(l.store); after < before {
		return fmt.Errorf("the long sweep has lost lines: %d of %d", after, before)
	}
	return nil
}
