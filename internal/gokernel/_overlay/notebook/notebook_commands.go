package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/internal/gokernel/library"
)

const commandHelp = `A cell may begin with lines that are commands:
  %help             this text
  %packages [TEXT]  lists the packages linked into the kernel
  %cd [FOLDER]      changes the working folder
  $COMMAND          runs a shell command
After them comes Go: declarations and statements at top level. The value of a
last expression is shown. ctx is the cell's context, canceled by the stop
button; nb.Show shows values before the end.
`

// specialCommands runs the leading lines of a cell that begin with % or $ and
// returns the code with those lines empty, so that line numbers stay.
func (n *notebook) specialCommands(c *cell) string {
	lines := strings.Split(c.code, "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			continue
		case line[0] == '%':
			n.percentCommand(line)
		case line[0] == '$':
			n.shellCommand(c, strings.TrimSpace(line[1:]))
		default:
			return strings.Join(lines, "\n")
		}
		lines[i] = ""
	}
	return strings.Join(lines, "\n")
}

// commandError is the failure of a command line of a cell.
type commandError struct{ error }

// percentCommand runs one command; a failure is a panic with a commandError.
func (n *notebook) percentCommand(line string) {
	name, arg, _ := strings.Cut(line, " ")
	arg = strings.TrimSpace(arg)
	switch name {
	case "%help":
		n.publishStream(StreamStdout, commandHelp)
	case "%packages":
		var paths []string
		for _, p := range library.Paths() {
			if strings.Contains(p, arg) {
				paths = append(paths, p)
			}
		}
		sort.Strings(paths)
		n.publishStream(StreamStdout, strings.Join(paths, "\n")+"\n")
	case "%cd":
		if arg == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				panic(commandError{err})
			}
			arg = home
		}
		if err := os.Chdir(arg); err != nil {
			panic(commandError{err})
		}
	default:
		panic(commandError{fmt.Errorf("unknown command %s; %%help lists the commands", name)})
	}
}

// shellCommand runs a command line until it ends or the cell is interrupted.
func (n *notebook) shellCommand(c *cell, line string) {
	if line == "" {
		return
	}
	cmd := exec.CommandContext(c.ctx, "sh", "-c", line)
	if _, err := exec.LookPath("sh"); err != nil {
		args := strings.Fields(line)
		cmd = exec.CommandContext(c.ctx, args[0], args[1:]...)
	}
	cmd.Stdout = streamWriter{n, StreamStdout}
	cmd.Stderr = streamWriter{n, StreamStderr}
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		panic(commandError{fmt.Errorf("%s: %w", line, err)})
	} else if err != nil {
		panic(commandError{err})
	}
}

type streamWriter struct {
	n    *notebook
	name string
}

// Write publishes p at once.
func (w streamWriter) Write(p []byte) (int, error) {
	w.n.publishStream(w.name, string(p))
	return len(p), nil
}
