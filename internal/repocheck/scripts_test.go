package repocheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSomebodysEnvironment: `make clean` and the making of the environment leave a
// folder alone that does not carry our mark, whatever else it holds.
func TestSomebodysEnvironment(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	tools := filepath.Join(root(t), "tools")
	for name, files := range map[string]map[string]string{
		"somebody's":               {"mine": "x"},
		"a file of the stamp's":    {"mine": "x", ".complete": ""},
		"a list of another's":      {"mine": "x", ".complete": "done"},
		"another's environment":    {"mine": "x", "pyvenv.cfg": "home = /usr/bin"},
		"another's, with a stamp":  {"mine": "x", "pyvenv.cfg": "home = /usr/bin", ".complete": "yes"},
		"a list without a program": {"mine": "x", ".complete": "jupyterlab==4.0.0"},
	} {
		dir := t.TempDir()
		folder := filepath.Join(dir, "thesis")
		for file, text := range files {
			if err := os.MkdirAll(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		for _, script := range [][]string{{"clean.sh", "thesis"}, {"venv.sh", "thesis", filepath.Join(root(t), "requirements.txt")}} {
			cmd := exec.Command(sh, append([]string{filepath.Join(tools, script[0])}, script[1:]...)...)
			cmd.Dir = dir
			out, err := cmd.CombinedOutput()
			if script[0] == "venv.sh" && err == nil {
				t.Errorf("%s: an environment was made there: %s", name, out)
			}
			for file, text := range files {
				if b, err := os.ReadFile(filepath.Join(folder, file)); err != nil || string(b) != text {
					t.Errorf("%s, %s: %s is %q, %v: %s", name, script[0], file, b, err, out)
				}
			}
		}
	}
	// Ours is removed.
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "venv"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "venv", ".nngplab-venv"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sh, filepath.Join(tools, "clean.sh"), "venv")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "venv")); !os.IsNotExist(err) {
		t.Error("our environment stays")
	}
}
