package differential

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// plain keeps the compiler from optimizing and inlining, for speed.
const plain = "-N -l"

// perFile is how many programs share a file of the compiled binary.
const perFile = 50

// compiled builds the programs into one binary, runs it, and returns what each
// of them printed.
func compiled(ctx context.Context, programs []*Program, gcflags string) ([]string, error) {
	dir, err := os.MkdirTemp("", "nngplab-differential")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	mark := "\x01" + rand.Text()
	if err := writeModule(dir, programs, mark); err != nil {
		return nil, err
	}
	bin := filepath.Join(dir, "programs")
	build := exec.CommandContext(ctx, "go", "build", "-gcflags="+gcflags, "-ldflags=-s -w", "-o", bin, ".")
	build.Dir, build.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GO111MODULE=on")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, out)
	}
	var out bytes.Buffer
	limited, cancel := context.WithTimeout(ctx, limit(programs))
	defer cancel()
	run := exec.CommandContext(limited, bin)
	run.Stdout, run.Stderr = &out, &out
	if err := run.Run(); err != nil {
		if limited.Err() != nil && ctx.Err() == nil {
			// The mark is printed behind each program that has ended.
			return nil, fmt.Errorf("compiled program %d of seed %d does not end", programs[strings.Count(out.String(), mark)].ID, programs[0].Seed)
		}
		tail := out.String()
		return nil, fmt.Errorf("the compiled programs: %w\n%s", err, tail[max(0, len(tail)-2000):])
	}
	parts := strings.Split(out.String(), mark+"\n")
	if len(parts) != len(programs)+1 {
		return nil, fmt.Errorf("the compiled programs printed %d parts, want %d", len(parts), len(programs)+1)
	}
	return parts[:len(programs)], nil
}

func writeModule(dir string, programs []*Program, mark string) error {
	files := map[string]string{"go.mod": "module programs\n\ngo 1.26\n"}
	var calls strings.Builder
	for i := 0; i < len(programs); i += perFile {
		var b strings.Builder
		b.WriteString("package main\n\n" + importDecl() + uses + "\n")
		for _, p := range programs[i:min(i+perFile, len(programs))] {
			b.WriteString(p.Decls + "\n" + p.body() + "\n")
			fmt.Fprintf(&calls, "\trun_%d()\n\tfmt.Println(%q)\n", p.ID, mark)
		}
		files[fmt.Sprintf("programs%d.go", i/perFile)] = b.String()
	}
	files["main.go"] = "package main\n\nimport \"fmt\"\n\n" + prelude + "\nfunc main() {\n" + calls.String() + "}\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
