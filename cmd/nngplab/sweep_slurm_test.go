//go:build linux

package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// slurm is a cluster of this machine alone, of daemons that this test started.
type slurm struct {
	dir string
	env []string
}

// startSlurm starts munged, slurmctld and slurmd in a temporary folder. It skips the
// test where they are not installed, or may not be started.
func startSlurm(t *testing.T) *slurm {
	t.Helper()
	for _, name := range []string{"munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed (Debian: slurm-wlm, munge)", name)
		}
	}
	if os.Getuid() != 0 {
		t.Skip("slurmd starts jobs for root alone")
	}
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	// Not t.TempDir, which munged's clients may not enter.
	dir, err := os.MkdirTemp("", "nngplab-slurm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &slurm{dir: dir}
	conf := filepath.Join(s.dir, "slurm.conf")
	s.env = append(os.Environ(), "SLURM_CONF="+conf)
	key := make([]byte, 1024)
	rand.Read(key)
	if err := os.WriteFile(filepath.Join(s.dir, "munge.key"), key, 0o400); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"state", "spool"} {
		if err := os.Mkdir(filepath.Join(s.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	host, _, _ = strings.Cut(host, ".")
	text := strings.NewReplacer("DIR", s.dir, "HOST", host, "PORT1", freePort(t), "PORT2", freePort(t)).Replace(`ClusterName=nngplab
SlurmctldHost=HOST(127.0.0.1)
SlurmctldPort=PORT1
SlurmdPort=PORT2
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=DIR/munge.sock
StateSaveLocation=DIR/state
SlurmdSpoolDir=DIR/spool
SlurmctldPidFile=DIR/slurmctld.pid
SlurmdPidFile=DIR/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=5
NodeName=HOST NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=HOST Default=YES MaxTime=INFINITE State=UP
`)
	if err := os.WriteFile(conf, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(s.dir, name) }
	s.daemon(t, "munged", "-F", "--socket="+in("munge.sock"), "--key-file="+in("munge.key"), "--log-file="+in("munged.log"),
		"--pid-file="+in("munged.pid"), "--seed-file="+in("munge.seed"), "--num-threads=4")
	s.until(t, "munged listens", func() bool { _, err := os.Stat(in("munge.sock")); return err == nil })
	s.daemon(t, "slurmctld", "-D", "-f", conf)
	s.daemon(t, "slurmd", "-D", "-f", conf)
	s.until(t, "the node is idle", func() bool { return strings.TrimSpace(s.output("sinfo", "-h", "-o", "%t")) == "idle" })
	return s
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}

// daemon starts a daemon that ends with the test.
func (s *slurm) daemon(t *testing.T, name string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(s.dir, name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = s.env, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		done := make(chan struct{})
		go func() { cmd.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
		}
		log.Close()
		if t.Failed() {
			b, _ := os.ReadFile(log.Name())
			t.Logf("%s: %s", name, b[max(0, len(b)-2000):])
		}
	})
}

// output returns what a command prints, empty where it fails.
func (s *slurm) output(name string, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Env = s.env
	b, _ := cmd.Output()
	return string(b)
}

func (s *slurm) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(3 * time.Minute); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("waited in vain that %s; the queue: %s", what, s.output("squeue"))
}

// TestSweepSlurm: an array of shards runs under Slurm, one of its jobs is killed, and
// the merge does not run; the array submitted again computes what is missing, and the
// merge is the store of a single run.
func TestSweepSlurm(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	s := startSlurm(t)
	program := filepath.Join(s.dir, "nngplab")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	plan := filepath.Join(s.dir, "my plan's.json") // a name that a shell has to quote
	must(t, "sweep", "plan", "--measurements", quickNoise(t), "--sample", "1500", "--out", plan)
	store := strings.TrimSuffix(plan, ".json") + ".store"
	submit := func() {
		t.Helper()
		cmd := exec.Command(program, "sweep", "slurm", plan, "--jobs", "3", "--submit", "--partition", "test", "--time", "0:10:00")
		cmd.Env = s.env
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "which waits for it") {
			t.Fatalf("%v: %s", err, out)
		}
	}
	idle := func() bool {
		cmd := exec.Command("squeue", "-h")
		cmd.Env = s.env
		b, err := cmd.Output()
		return err == nil && strings.TrimSpace(string(b)) == ""
	}
	submit()
	second := filepath.Join(store, "shard-2-of-3.jsonl")
	s.until(t, "the second shard is at work", func() bool { return lines(second) > 5 })
	id := strings.Fields(s.output("squeue", "-h", "-r", "-o", "%F", "-t", "running"))
	if len(id) == 0 {
		t.Fatalf("no job is running: %s", s.output("squeue"))
	}
	s.output("scancel", "--batch", "--signal=KILL", id[0]+"_2")
	s.until(t, "the jobs end", idle)
	if n := lines(second); n >= 450 {
		t.Errorf("the shard has %d lines: it was not killed at work", n)
	}
	if _, err := os.Stat(filepath.Join(store, "merged.jsonl")); err == nil {
		t.Error("the stores were merged though a job was killed")
	}
	submit()
	s.until(t, "the jobs end", idle)
	calm := t.TempDir()
	must(t, "sweep", "run", plan, "--store", calm)
	merged, err := os.ReadFile(filepath.Join(store, "merged.jsonl"))
	if err != nil {
		logs, _ := filepath.Glob(filepath.Join(store, "*.out"))
		for _, l := range logs {
			t.Logf("%s: %s", l, contentsOf(t, l))
		}
		t.Fatal(err)
	}
	if want := contentsOf(t, filepath.Join(calm, "shard-1-of-1.jsonl")); withoutHead(string(merged)) != withoutHead(want) {
		t.Error("the merged store is not that of a single run")
	}
}

// withoutHead returns the lines of a store behind the first, which names the version
// of the program.
func withoutHead(store string) string { return store[strings.Index(store, "\n")+1:] }
