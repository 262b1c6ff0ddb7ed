package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/faults"
)

// TestLostOutput: a command whose output cannot be written does not end as if
// all were well, whatever the command.
func TestLostOutput(t *testing.T) {
	dataAlone(t)
	table := writeCSV(t, "x,y\n1,2\n2,3\n3,1\n")
	for _, args := range [][]string{
		{"--help"}, {"data", "--help"}, {"data", "list"}, {"data", "list", "--json"}, {"data", "verify"},
		{"space", "sample", "-n", "3"},
		{"corr", "--csv", table, "--truth", "x", "--signal", "y", "--top", "1"},
		{"corr", "--csv", table, "--truth", "x", "--signal", "y", "--top", "1", "--json"},
		{"scores", "list"}, {"completion", "bash"},
	} {
		for _, n := range []int{0, 10} {
			var out, errs bytes.Buffer
			code := run(args, &faults.Writer{W: &out, N: n, Err: syscall.ENOSPC}, &errs)
			if code != exitFailed || !strings.Contains(errs.String(), "no space left") {
				t.Errorf("%q after %d bytes: exit code %d: %s", args, n, code, errs.String())
			}
		}
	}
}

// TestUsageErrors: what only another way to call the command mends ends with
// exit code 2, and at once.
func TestUsageErrors(t *testing.T) {
	dataAlone(t)
	table := writeCSV(t, "x,y\n1,2\n2,3\n3,1\n")
	cell := []string{"eval", "--matrix", "01/00", "--ops", "input,output", "--images", "drawn"}
	corr := []string{"corr", "--csv", table, "--truth", "x", "--signal", "y", "--top", "1"}
	for _, args := range [][]string{
		{"data", "fetch", "mnist", "--url", "file:///x"}, {"data", "fetch", "mnist", "--url", "http://h/x"},
		{"data", "fetch", "mnist", "--mirror", "file:///x"}, {"data", "fetch", "mnist", "--mirror", "http://"},
		{"data", "fetch", "cifar10", "mnist", "--mirror", "nonsense"}, {"data", "fetch", "mnist", "--stall", "-1s"},
		append(cell, "--threads", "-1"), append(cell, "--norm", "x"), append(cell, "--view", "x"), append(cell, "--draw", "x"),
		append(cell, "--width", "0"), append(cell, "--width", "99999999999999999999"), append(cell, "--width", "2147483648"),
		append(cell, "--train", "1000000"), append(cell, "--members", "-3"), append(cell, "--members", "99999999999999"), append(cell, "--norm-batch", "501"),
		append(corr, "--threads", "-1"), append(corr, "--bootstrap", "1000000000000"), append(corr, "--level", "NaN"),
		{"space", "sample", "-n", "-1"}, {"space", "sample", "-n", "1000000000"},
		{"plan", "--threads", "-1"}, {"plan", "--cells", "0"}, {"scores", "compute", "nothing"}, {"scores", "evidence", "--resamples", "1000000000000"},
		{"kernel", "nothing"}, {"data", "nothing"}, {"space", "nothing"}, {"scores", "nothing"}, {"nothing"},
		{"kernel", "uninstall", "--purge", "--data-dir", ""}, {"kernel", "uninstall", "--purge", "--build-dir="}, {"kernel", "install", "--prefix", ""},
		{"kernel", "uninstall", "--name", ""}, {"data", "fetch", "mnist", "--to", ""}, {"data", "import", "nasbench101", "x", "--table", ""}, {"scores", "compute", "all", "--out", ""},
		{"kernel", "install", "--name", ".."}, {"kernel", "uninstall", "--name", "."}, {"kernel", "doctor", "--name", "a/b"},
	} {
		code, _, errs := nngplab(args...)
		if code != exitUsage {
			t.Errorf("%q: exit code %d: %s", args, code, errs)
		}
	}
}

// TestRawText: control characters of files, names and flags do not reach the
// terminal, and a message is of bounded length.
func TestRawText(t *testing.T) {
	dataAlone(t)
	const red = "\x1b[31mred\x1b]0;owned\x07"
	long := strings.Repeat("x", 5<<20)
	wide := strings.Repeat("column,", 1_000_000) + "y"
	for name, c := range map[string]struct {
		csv  string
		args []string
	}{
		"header":        {red + ",y\n1,2\n2,3\n", []string{"--truth", "y", "--signal", "z"}},
		"header shown":  {red + ",y\n1,2\n2,3\n", []string{"--truth", "y", "--signal", red}},
		"value":         {"x,y\n" + red + ",2\n2,3\n", []string{"--truth", "y", "--signal", "x"}},
		"long value":    {"x,y\n" + long + ",2\n2,3\n", []string{"--truth", "y", "--signal", "x"}},
		"long header":   {long + ",y\n1,2\n", []string{"--truth", "y", "--signal", "x"}},
		"wide":          {wide + "\n", []string{"--truth", "y", "--signal", "x"}},
		"wide and long": {strings.Repeat("column,", 3_000_000) + "y\n", []string{"--truth", "y", "--signal", "x"}},
		"many fields":   {"x,y\n" + strings.Repeat(",", 2_000_000) + "\n", []string{"--truth", "y", "--signal", "x"}},
		"no file":       {"", []string{"--csv", red, "--truth", "y", "--signal", "x"}},
		"names":         {"x,y\n1,2\n", []string{"--truth", long, "--signal", red}},
	} {
		args := append([]string{"corr", "--top", "1"}, c.args...)
		if c.csv != "" {
			args = append(args, "--csv", writeCSV(t, c.csv))
		}
		code, out, errs := nngplab(args...)
		if all := out + errs; strings.ContainsAny(all, "\x1b\x07") || len(all) > 2*maxMessage {
			t.Errorf("%s: exit code %d, %d bytes: %.300q", name, code, len(all), all)
		}
	}
	// A folder's name reaches results and errors.
	dir := filepath.Join(t.TempDir(), red)
	if err := os.MkdirAll(filepath.Join(dir, "cifar10"), 0o755); err != nil {
		t.Skip(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cifar10", "test_batch.bin"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv(datasets.EnvData, dir)
	for _, args := range [][]string{{"data", "list"}, {"data", "verify"}, {"data", "verify", "--json"}, {"eval", "--images", "cifar10-test", "--matrix", "01/00", "--ops", "input,output"}} {
		if _, out, errs := nngplab(args...); strings.ContainsAny(out+errs, "\x1b\x07") {
			t.Errorf("%q: %q", args, out+errs)
		}
	}
	// But a path that a script asks for is that path.
	if _, out, _ := nngplab("data", "path", "cifar10"); out != filepath.Join(dir, "cifar10")+"\n" {
		t.Errorf("path: %q", out)
	}
}

// TestCorrNumbers: a number is a decimal one.
func TestCorrNumbers(t *testing.T) {
	for v, want := range map[string]string{
		"1_000": "", "0x1p4": "", "0b11": "", "Inf": "", "+inf": "", "infinity": "", "1e400": "", "１": "",
		"nan": "the value is missing", "1,000": "is 1000 or 1.000",
	} {
		if want == "" {
			want = "is not a finite number"
		}
		code, out, errs := corrRun("--csv", writeCSV(t, "x,y\n1,2\n\""+v+"\",3\n2,1\n"), "--truth", "x", "--signal", "y", "--top", "1")
		if code != exitUsage || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%q: exit code %d, %q, %s", v, code, out, errs)
		}
	}
}

// TestCorrByteOrderMark: with and without one, and with quotes, the report is
// the same.
func TestCorrByteOrderMark(t *testing.T) {
	var reports []string
	for _, head := range []string{"x,y", "\ufeffx,y", "\ufeff\"x\",\"y\"", "\"x\",\"y\""} {
		code, out, errs := corrRun("--csv", writeCSV(t, head+"\n1,2\n2,3\n3,1\n"), "--truth", "x", "--signal", "y", "--top", "2")
		if code != 0 {
			t.Errorf("%q: exit code %d: %s", head, code, errs)
		}
		reports = append(reports, out)
	}
	for _, r := range reports {
		if r != reports[0] {
			t.Errorf("reports differ: %q", reports)
		}
	}
}

// TestCorrEndless: a device that never ends a line is given up, in little memory.
func TestCorrEndless(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	code, _, errs := corrRun("--csv", "/dev/zero", "--truth", "x", "--signal", "y")
	runtime.ReadMemStats(&after)
	if code != exitUsage || !strings.Contains(errs, "too long") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<28 {
		t.Errorf("%d MB were allocated", n>>20)
	}
}

// TestCorrThreads: more threads than there is work for change nothing.
func TestCorrThreads(t *testing.T) {
	file := writeCSV(t, smallCSV)
	var first string
	for _, n := range []string{"1", "7", "1000000", "9223372036854775807"} {
		code, out, errs := corrRun("--csv", file, "--truth", "acc", "--signal", "nngp", "--top", "2", "--bootstrap", "10", "--threads", n)
		if first == "" {
			first = out
		}
		if code != 0 || out != first {
			t.Errorf("%s threads: exit code %d, %s %s", n, code, out, errs)
		}
	}
}

// TestNoHome: without a place for a cache, the hint names the flag that helps.
func TestNoHome(t *testing.T) {
	for _, k := range []string{"HOME", "XDG_CACHE_HOME", "NNGPLAB_DATA", "USERPROFILE", "LocalAppData"} {
		t.Setenv(k, "")
	}
	if _, err := os.UserCacheDir(); err == nil {
		t.Skip("there is a cache folder all the same")
	}
	code, _, errs := nngplab("data", "fetch", "mnist")
	if code != exitUsage || !strings.Contains(errs, "--to") {
		t.Errorf("fetch: exit code %d: %s", code, errs)
	}
	code, _, errs = nngplab("data", "fetch", "mnist", "--offline", "--to", t.TempDir())
	if code != exitFailed || strings.Contains(errs, "no cache folder") {
		t.Errorf("fetch --to: exit code %d: %s", code, errs)
	}
	file := filepath.Join(t.TempDir(), "x.tfrecord")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errs = nngplab("data", "import", "nasbench101", file)
	if code != exitUsage || !strings.Contains(errs, "--table") {
		t.Errorf("import: exit code %d: %s", code, errs)
	}
	t.Setenv("NNGPLAB_SCORES", "")
	code, _, errs = nngplab("rank", "--sample", "2", "--images", pictures(t), "--train", "10", "--val", "5")
	if code != exitUsage || !strings.Contains(errs, "NNGPLAB_SCORES") {
		t.Errorf("rank: exit code %d: %s", code, errs)
	}
}

// TestEvalMemory: an evaluation that cannot fit is refused before it starts, with
// a sentence that says what it needs and what the machine has.
func TestEvalMemory(t *testing.T) {
	dataAlone(t)
	chain := []string{"eval", "--images", "drawn", "--members", "1", "--matrix", "0101/0010/0001/0000", "--ops", "input,conv3x3-bn-relu,conv3x3-bn-relu,output"}
	alone := []string{"eval", "--images", "drawn", "--members", "1", "--matrix", "01/00", "--ops", "input,output"}
	for _, args := range [][]string{
		append(chain, "--width", "3800", "--train", "2", "--val", "1", "--norm-batch", "2"), append(chain, "--width", "3500", "--norm", "none"),
		append(alone, "--width", "1000000"), append(alone, "--width", "2147483648"),
	} {
		code, _, errs := nngplab(args...)
		said := strings.Contains(errs, "of memory") && strings.Contains(errs, "'s") && strings.Contains(errs, " are free") ||
			strings.Contains(errs, "too many weights") || strings.Contains(errs, "want 1 to")
		if code != exitUsage || !said {
			t.Errorf("%q: exit code %d: %s", args, code, errs)
		}
	}
}

// TestEvalDeadKernel: where all images have the same features the command says
// so, whatever the normalization, and prints no scores.
func TestEvalDeadKernel(t *testing.T) {
	dataAlone(t)
	for _, norm := range []string{"ema", "none"} {
		code, out, errs := nngplab("eval", "--images", "drawn", "--members", "1", "--matrix", "0101/0010/0001/0000", "--ops", "input,conv3x3-bn-relu,conv3x3-bn-relu,output",
			"--width", "1", "--train", "20", "--val", "10", "--norm", norm)
		if code != exitFailed || out != "" || !strings.Contains(errs, "kernel is 0") && !strings.Contains(errs, "kernel is zero") {
			t.Errorf("norm %s: exit code %d, %s %s", norm, code, out, errs)
		}
	}
}

// FuzzFlags: whatever the flags, a command ends with a documented exit code, and
// an error with a message without control characters. Only commands that read
// and write nothing are tried.
func FuzzFlags(f *testing.F) {
	f.Add("corr", "--bootstrap=3", "--csv=/nowhere")
	f.Add("space", "info", "--matrix=01/00")
	f.Add("eval", "--width=\x1b", "--threads=-9")
	f.Add("data", "path", "mnist")
	f.Add("data", "fetch", "--url=http://u:p@h")
	f.Add("plan", "--budget=-1h", "--cells=0")
	f.Add("kernel", "doctor", "--name=..")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		switch a {
		case "corr", "space", "eval", "plan", "scores":
		case "data", "kernel":
			if b == "rm" || b == "fetch" || b == "install" || b == "uninstall" || b == "import" || b == "verify" || b == "doctor" {
				c = "--no-such-flag=" + c
			}
		default:
			a = "no such command " + a
		}
		if b == "count" || b == "sample" || b == "compute" || b == "evidence" || a == "eval" || a == "plan" {
			c = "--no-such-flag=" + c // work
		}
		if len(b) > 1<<12 || len(c) > 1<<12 {
			return
		}
		var out, errs bytes.Buffer
		code := run([]string{a, b, c}, &out, &errs)
		if code != 0 && code != exitFailed && code != exitUsage {
			t.Errorf("%q: exit code %d", []string{a, b, c}, code)
		}
		if code != 0 && errs.Len() == 0 {
			t.Errorf("%q: exit code %d and no message", []string{a, b, c}, code)
		}
		if strings.ContainsAny(errs.String()+out.String(), "\x1b\x07\x00") {
			t.Errorf("%q: raw text: %q", []string{a, b, c}, errs.String())
		}
	})
}

var errTest = errors.New(fmt.Sprint("a", strings.Repeat("\x1b", 20_000)))

func TestMessage(t *testing.T) {
	if m := message(errTest); len(m) > 8*maxMessage || strings.Contains(m, "\x1b") {
		t.Errorf("%d bytes", len(m))
	}
}
