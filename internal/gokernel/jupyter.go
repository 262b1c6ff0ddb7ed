package gokernel

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// jupyterCommand returns the command that lists Jupyter's kernel specs. What
// pip installs as jupyter is, below a path with spaces or a long one, a script
// of sh that has that path between double quotes: a folder called $(...) would
// be run. So the script's Python is started itself, without the script, and
// without the modules of the working folder.
func jupyterCommand(ctx context.Context, jupyter string) *exec.Cmd {
	python := interpreterOf(jupyter)
	if python == "" {
		return command(ctx, jupyter, "kernelspec", "list", "--json")
	}
	// "-m jupyter kernelspec" would go on to the script jupyter-kernelspec.
	cmd := command(ctx, python, "-m", "jupyter_client.kernelspecapp", "list", "--json")
	cmd.Dir = filepath.Dir(python)
	cmd.Env = append(os.Environ(), "PYTHONSAFEPATH=1")
	return cmd
}

// interpreterOf returns the Python that a script names as its interpreter, in
// its first line or as pip does where that line would be too long; "" where it
// names none.
func interpreterOf(script string) string {
	f, err := plainfile.Open(script)
	if err != nil {
		return ""
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<13)
	first, err := readLine(r)
	line, ok := strings.CutPrefix(first, "#!")
	if !ok || err != nil {
		return ""
	}
	if name := strings.TrimSpace(line); isPython(name) {
		return name
	}
	second, _ := readLine(r)
	rest, ok := strings.CutPrefix(second, "'''exec' ")
	if !ok {
		return ""
	}
	rest, ok = strings.CutSuffix(strings.TrimSpace(rest), ` "$0" "$@"`)
	if name := strings.Trim(rest, `"`); ok && isPython(name) {
		return name
	}
	return ""
}

func readLine(r *bufio.Reader) (string, error) {
	line, more, err := r.ReadLine()
	if more {
		err = bufio.ErrBufferFull
	}
	return string(line), err
}

// isPython tells whether a path is that of a Python that can be started.
func isPython(path string) bool {
	if !filepath.IsAbs(path) || !strings.HasPrefix(filepath.Base(path), "python") {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// shellQuote returns an argument as a shell takes it, for commands that people
// are to copy.
func shellQuote(arg string) string {
	if arg != "" && strings.Trim(arg, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,") == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
