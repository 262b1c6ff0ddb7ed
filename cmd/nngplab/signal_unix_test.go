//go:build unix

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain: with arguments in the environment this program is the command.
func TestMain(m *testing.M) {
	if args := os.Getenv("NNGPLAB_TEST_ARGS"); args != "" {
		os.Args = append(os.Args[:1], strings.Split(args, "\n")...)
		main()
	}
	os.Exit(m.Run())
}

// TestIgnoredHangUp: nohup keeps its promise.
func TestIgnoredHangUp(t *testing.T) {
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), "NNGPLAB_TEST_ARGS="+strings.Join([]string{"corr", "--csv", "-", "--truth", "x", "--signal", "y", "--top", "1"}, "\n"))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGHUP)
	time.Sleep(300 * time.Millisecond)
	in.Write([]byte("x,y\n1,2\n2,3\n3,1\n"))
	in.Close()
	if err := cmd.Wait(); err != nil || !strings.Contains(out.String(), "n = 3") {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestSignals: SIGINT and SIGTERM end every command within a second with exit
// code 130, wherever it waits.
func TestSignals(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	open, err := os.OpenFile(pipe, os.O_RDWR, 0) // a writer that never writes
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	lone := filepath.Join(dir, "lone")
	if err := syscall.Mkfifo(lone, 0o600); err != nil {
		t.Fatal(err)
	}
	corr := func(csv string) []string { return []string{"corr", "--csv", csv, "--truth", "x", "--signal", "y"} }
	for name, c := range map[string]struct {
		args  []string
		stdin string
	}{
		"standard input left open":   {corr("-"), "pipe"},
		"a pipe that stays empty":    {corr(pipe), ""},
		"a pipe without a writer":    {corr(lone), ""},
		"an endless file of lines":   {corr("/dev/stdin"), "yes"},
		"a sample":                   {[]string{"space", "sample", "-n", "400000"}, ""},
		"a sample of random specs":   {[]string{"space", "sample", "-n", "400000", "--random-spec"}, ""},
		"a long evaluation":          {[]string{"eval", "--images", "drawn", "--matrix", "0101/0010/0001/0000", "--ops", "input,conv3x3-bn-relu,conv3x3-bn-relu,output", "--members", "10000"}, ""},
		"a long ranking":             {[]string{"rank", "--images", "drawn", "--sample", "100000"}, ""},
		"a list that never ends":     {[]string{"rank", "--images", "noise", "-"}, "pipe"},
		"a bootstrap":                {[]string{"corr", "--csv", "TABLE", "--truth", "x", "--signal", "y", "--bootstrap", "1000000"}, ""},
		"a server that never speaks": {[]string{"data", "fetch", "mnist", "--mirror", "SERVER"}, ""},
	} {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
			if (testing.Short() || sig == syscall.SIGHUP) && sig != syscall.SIGINT && name != "standard input left open" {
				continue
			}
			if signal.Ignored(sig) { // as under nohup, and the commands inherit it
				t.Logf("%s: %v is ignored here", name, sig)
				continue
			}
			signaled(t, name, c.args, c.stdin, sig)
		}
	}
}

func signaled(t *testing.T, name string, args []string, stdin string, sig syscall.Signal) {
	t.Helper()
	args = append([]string(nil), args...)
	for i, a := range args {
		switch a {
		case "TABLE":
			args[i] = writeCSV(t, "x,y\n"+strings.Repeat("1,2\n2,3\n3,1\n5,8\n", 5000))
		case "SERVER":
			args[i] = "http://" + silent(t)
		}
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NNGPLAB_TEST_ARGS="+strings.Join(args, "\n"), "XDG_CACHE_HOME="+t.TempDir(), "NNGPLAB_DATA=")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	switch stdin {
	case "pipe":
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
	case "yes":
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		cmd.Stdin = r
		go func() {
			for text := []byte(strings.Repeat("1,2\n", 1000)); ; {
				if _, err := w.Write(text); err != nil {
					return
				}
			}
		}()
		defer r.Close()
		w.WriteString("x,y\n")
		defer w.Close()
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	sent := time.Now()
	cmd.Process.Signal(sig)
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		cmd.Process.Kill()
		t.Errorf("%s: %v does not end it", name, sig)
		return
	}
	// The promise is a second; a busy machine may take longer to say so.
	if d := time.Since(sent); cmd.ProcessState.ExitCode() != exitInterrupted || d > 5*time.Second {
		t.Errorf("%s: %v: exit code %d after %v: %s", name, sig, cmd.ProcessState.ExitCode(), d, errs.String())
	}
}

// silent returns the address of a server that accepts and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
		}
	}()
	return l.Addr().String()
}
