package cases

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// place is where something else is, within a message.
var place = regexp.MustCompile(`(In\[\d+\]|p\d+/p\.go):\d+:\d+`)

// TestWords compares what the kernel says of invalid cells with what the
// compiler says of the same lines in a file.
func TestWords(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a kernel")
	}
	k, err := batch.Built(context.Background(), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	said := compilerSays(t)
	for i, c := range refusedCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			run, err := k.Run(context.Background(), time.Minute, nil, append([]string{imports}, c.cells...)...)
			if err != nil {
				t.Fatal(err)
			}
			last := run.Cells[len(run.Cells)-1]
			got, _, _ := strings.Cut(last.Message, "\n")
			got = place.ReplaceAllString(got, "PLACE")
			if !strings.Contains(said[i], " "+got+"\n") {
				t.Errorf("%s\nthe kernel says\n%s\nthe compiler\n%s", c.cells[0], got, said[i])
			}
		})
	}
}

// compilerSays returns the compiler's messages about each of the refused cases:
// declarations stand in a file as they are, statements in a function.
func compilerSays(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module words\n\ngo 1.26\n")
	for i, c := range refusedCases {
		decls, body := "", ""
		for line := range strings.Lines(c.cells[0]) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "func ") || strings.HasPrefix(line, "type ") {
				decls += line + "\n"
			} else {
				body += "\t" + line + "\n"
			}
		}
		head := "package p\n\nimport \"fmt\"\n"
		if strings.Contains(c.cells[0], "strings.") {
			head += "import \"strings\"\n"
		}
		write(fmt.Sprintf("p%02d/p.go", i), head+decls+"func _() {\n"+body+"}\n")
	}
	build := exec.Command("go", "build", "-gcflags=-e", "./...")
	build.Dir, build.Env = dir, append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GO111MODULE=on")
	out, err := build.CombinedOutput()
	if err == nil {
		t.Fatal("the compiler takes all of the invalid cells")
	}
	said := make([]string, len(refusedCases))
	for i := range said {
		lines := regexp.MustCompile(fmt.Sprintf(`(?m)^p%02d/p\.go:\d+:\d+:( .*\n)`, i))
		for _, m := range lines.FindAllStringSubmatch(string(out)+"\n", -1) {
			said[i] += place.ReplaceAllString(m[1], "PLACE")
		}
	}
	return said
}
