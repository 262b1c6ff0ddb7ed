package gokernel

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python returns a Python that has jupyter_client: that of NNGPLAB_PYTHON, or
// of the checkout's .venv, which make prepares.
func python(t *testing.T) string {
	t.Helper()
	candidates := []string{os.Getenv("NNGPLAB_PYTHON")}
	if candidates[0] == "" {
		candidates = []string{filepath.Join(repoRoot(t), ".venv", "bin", "python"), "python3"}
	}
	for _, c := range candidates {
		if exec.Command(c, "-c", "import jupyter_client").Run() == nil {
			return c
		}
	}
	t.Skipf("no Python with jupyter_client among %q: run 'make test', or name one in NNGPLAB_PYTHON", candidates)
	return ""
}

// installForTest installs a kernel from this checkout below a folder of the
// test's and returns that folder, for JUPYTER_PATH.
func installForTest(t *testing.T, name string, o BuildOptions) string {
	t.Helper()
	data := t.TempDir()
	o.Source, o.Progress = repoRoot(t), func(s string) { t.Log(s) }
	if _, err := Install(context.Background(), InstallOptions{BuildOptions: o, Location: Location{DataDir: data}, Name: name}); err != nil {
		t.Fatal(err)
	}
	return data
}

// TestNotebook drives a kernel as a notebook does; the scripts of testdata hold
// the checks. The first run builds the kernel, which takes minutes.
func TestNotebook(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	py := python(t)
	data := installForTest(t, "nngplab-test", BuildOptions{})
	for _, script := range []string{"values", "errors", "interrupts", "language", "protocol", "deaths"} {
		t.Run(script, func(t *testing.T) { runChecks(t, py, data, script+".py") })
	}
}

// runChecks runs a script of testdata, which prints a JSON object a line for
// each of its checks, with an installed kernel.
func runChecks(t *testing.T, py, data, script string) {
	cmd := exec.Command(py, filepath.Join("testdata", script), "nngplab-test")
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+data, "PYTHONDONTWRITEBYTECODE=1")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	checks := 0
	for sc := bufio.NewScanner(stdout); sc.Scan(); {
		var c struct {
			Name, Detail string
			OK           bool
		}
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			t.Fatalf("the driver printed %q", sc.Text())
		}
		checks++
		t.Run(c.Name, func(t *testing.T) {
			if !c.OK {
				t.Error(c.Detail)
			}
		})
	}
	if err := cmd.Wait(); err != nil && !t.Failed() {
		t.Fatalf("the driver: %v\n%s", err, stderr.String())
	}
	if want := strings.Count(readFile(t, "testdata/"+script), "\n@check\n"); checks != want {
		t.Errorf("%d checks ran, of %d\n%s", checks, want, stderr.String())
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWith links a package from the network. It runs where NNGPLAB_TEST_NETWORK
// is set, since it builds a second kernel.
func TestWith(t *testing.T) {
	if os.Getenv("NNGPLAB_TEST_NETWORK") == "" {
		t.Skip("downloads a module and builds a kernel: set NNGPLAB_TEST_NETWORK=1")
	}
	py := python(t)
	build := t.TempDir()
	const extra = "github.com/montanaflynn/stats@v0.7.1"
	data := installForTest(t, "nngplab-with", BuildOptions{Dir: build, With: []string{extra}})
	script := `import sys
sys.path.insert(0, "testdata")
from driver import Kernel
with Kernel("nngplab-with", {"PATH": ""}) as k:
    r = k.run('import "github.com/montanaflynn/stats"\nstats.Median([]float64{1, 5, 3})')
    assert r.ok and r.value["text/plain"] == "3", (r.value, r.error)
    assert "func Median(" in k.inspect("stats.Median")["data"]["text/plain"]
`
	cmd := exec.Command(py, "-c", script)
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+data, "PYTHONDONTWRITEBYTECODE=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := BuildKernel(context.Background(), BuildOptions{Dir: build, Source: repoRoot(t)})
	if err != nil || b.Fresh || len(b.With) != 1 || b.With[0] != extra {
		t.Errorf("the package is not remembered: %+v, %v", b, err)
	}
	if _, err := BuildKernel(context.Background(), BuildOptions{Dir: build, Source: repoRoot(t), With: []string{"github.com/montanaflynn/stats@v99.0.0"}}); err == nil {
		t.Error("a version that does not exist: no error")
	}
}
