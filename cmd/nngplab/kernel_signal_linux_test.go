package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSignalDuringBuild: a kernel build that is interrupted while it compiles, here
// everything, for its cache is empty, ends within a second, and with it every
// process that it has started; no kernel and no half of one is left.
func TestSignalDuringBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for some seconds")
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"), "XDG_CACHE_HOME="+dir,
		"NNGPLAB_TEST_ARGS="+strings.Join([]string{"kernel", "install", "--build-dir", filepath.Join(dir, "build"), "--data-dir", filepath.Join(dir, "jupyter")}, "\n"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for limit := time.After(2 * time.Minute); len(ofSession(t, cmd.Process.Pid, "compile")) == 0; {
		select {
		case <-done:
			t.Fatalf("the build has ended before anything was compiled: %s", out.String())
		case <-limit:
			cmd.Process.Kill()
			t.Fatalf("nothing is compiled: %s", out.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	sent := time.Now()
	cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		cmd.Process.Kill()
		t.Fatal("SIGINT does not end it")
	}
	if d := time.Since(sent); cmd.ProcessState.ExitCode() != exitInterrupted || d > 5*time.Second {
		t.Errorf("exit code %d after %v: %s", cmd.ProcessState.ExitCode(), d, out.String())
	}
	time.Sleep(time.Second) // what was killed is gone
	if left := ofSession(t, cmd.Process.Pid, ""); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
	for _, name := range []string{"jupyter/kernels/nngplab-go", "build/nngplab-kernel", "build/nngplab-kernel.new"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is left", name)
		}
	}
}

// ofSession returns the living processes of a session whose name begins so.
func ofSession(t *testing.T, session int, name string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, path := range all {
		b, err := os.ReadFile(path)
		if err != nil {
			continue // gone
		}
		// PID (NAME) STATE PARENT GROUP SESSION ...
		head, rest, _ := strings.Cut(string(b), ") ")
		f := strings.Fields(rest)
		if len(f) < 4 || f[3] != strconv.Itoa(session) || f[0] == "Z" || f[0] == "X" {
			continue
		}
		if _, comm, _ := strings.Cut(head, " ("); strings.HasPrefix(comm, name) {
			out = append(out, comm)
		}
	}
	return out
}
