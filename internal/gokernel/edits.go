package gokernel

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// An edit replaces, in one file, a text that occurs there exactly once. A
// missing or repeated anchor fails the build: the sources are then not the
// ones that the edit was written for.
type edit struct{ file, old, new string }

// gophernotesEdits are applied to the copy of gophernotes.
var gophernotesEdits = []edit{
	// The kernel's own tables replace the empty ones of gophernotes/imports.
	{"kernel.go", "// compile and link files generated in imports/\n\t_ \"github.com/gopherdata/gophernotes/imports\"", "// the tables of the linked packages\n\t_ \"" + kernelModule + "/tables\""},
	// The message loop of _overlay/notebook, which can be interrupted.
	{"main.go", "ProtocolVersion string = \"5.0\"", "ProtocolVersion string = \"5.3\""},
	{"kernel.go", "address := fmt.Sprintf(\"%v://%v:%%v\", connInfo.Transport, connInfo.IP)", "address := listenAddress(connInfo)"},
	{"main.go", "runKernel(flag.Arg(0))", "runNotebook(flag.Arg(0))"},
	{"main.go", "flag.Parse()\n", "flag.Parse()\n\trunProbe()\n\trunBatch()\n\trunMonitor()\n"},
}

// applyEdits changes the files below dir.
func applyEdits(dir string, edits []edit) error {
	for _, e := range edits {
		path := filepath.Join(dir, filepath.FromSlash(e.file))
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("editing a copied source: %w", err)
		}
		src := string(b)
		if n := strings.Count(src, e.old); n != 1 {
			return fmt.Errorf("editing %s: the anchor %q occurs %d times, not once", path, e.old, n)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(src, e.old, e.new, 1)), 0o644); err != nil {
			return err
		}
	}
	return nil
}
