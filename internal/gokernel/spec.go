package gokernel

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// The kernel spec's default name and the name that people see.
const (
	DefaultName        = "nngplab-go"
	DefaultDisplayName = "Go (nngplab)"
)

// Location says under which of Jupyter's data folders a kernel spec lies. The
// zero value is the user's.
type Location struct {
	User      bool   // the user's, said explicitly
	DataDir   string // a Jupyter data folder itself
	Prefix    string // an environment: PREFIX/share/jupyter
	SysPrefix bool   // the active virtual or conda environment
}

// spec is a kernel.json.
type spec struct {
	Argv          []string          `json:"argv"`
	DisplayName   string            `json:"display_name"`
	Language      string            `json:"language"`
	InterruptMode string            `json:"interrupt_mode"`
	Env           map[string]string `json:"env,omitempty"`
	Metadata      map[string]any    `json:"metadata"`
}

// validName matches the names that a kernel spec's folder can have. Names of
// dots alone are folders of their own: "." is the one around it, ".." the one
// around that.
var validName = regexp.MustCompile(`^[a-zA-Z0-9._-]*[a-zA-Z0-9_-][a-zA-Z0-9._-]*$`)

// maxName bounds a name's length; file systems allow 255 bytes.
const maxName = 100

// dataDir resolves the location to a Jupyter data folder.
func (l Location) dataDir() (string, error) {
	given := 0
	for _, set := range []bool{l.User, l.DataDir != "", l.Prefix != "", l.SysPrefix} {
		if set {
			given++
		}
	}
	if given > 1 {
		return "", &InputError{fmt.Errorf("give one of --data-dir, --prefix, --sys-prefix and --user")}
	}
	switch {
	case l.DataDir != "":
		return filepath.Abs(l.DataDir)
	case l.Prefix != "":
		abs, err := filepath.Abs(l.Prefix)
		return filepath.Join(abs, "share", "jupyter"), err
	case l.SysPrefix:
		for _, k := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
			if v := os.Getenv(k); v != "" {
				return filepath.Join(v, "share", "jupyter"), nil
			}
		}
		return "", &InputError{fmt.Errorf("--sys-prefix: no environment is active (neither VIRTUAL_ENV nor CONDA_PREFIX is set); name it with --prefix")}
	}
	return userDataDir()
}

// userDataDir is the user's Jupyter data folder, by Jupyter's own rules.
func userDataDir() (string, error) {
	if v := os.Getenv("JUPYTER_DATA_DIR"); v != "" {
		return filepath.Abs(v)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", &InputError{fmt.Errorf("no home folder: name a place with --prefix or --data-dir: %w", err)}
	}
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Jupyter"), nil
	case "windows":
		if v := os.Getenv("APPDATA"); v != "" {
			return filepath.Join(v, "jupyter"), nil
		}
	}
	if v := os.Getenv("XDG_DATA_HOME"); v != "" {
		return filepath.Join(v, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// specDir is the folder of the kernel spec of this name.
func (l Location) specDir(name string) (string, error) {
	if !validName.MatchString(name) || len(name) > maxName {
		return "", &InputError{fmt.Errorf("kernel name %.100q: at most %d letters, digits, '.', '_' and '-' are allowed, and not dots alone", name, maxName)}
	}
	d, err := l.dataDir()
	return filepath.Join(d, "kernels", name), err
}

func readSpec(dir string) (*spec, error) {
	path := filepath.Join(dir, "kernel.json")
	b, err := plainfile.Read(path, maxDescription)
	if err != nil {
		return nil, err
	}
	var s spec
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &s, nil
}
