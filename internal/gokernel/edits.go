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
	// The proxy lacks the interface's result type, which gomacro rejects.
	{"x_package.go", "JSON_  func(interface{}) string", "JSON_  func(interface{}) map[string]interface{}"},
	{"x_package.go", "func (P *proxy_JSONer) JSON() string {", "func (P *proxy_JSONer) JSON() map[string]interface{} {"},
}

// gomacroEdits are applied to the copy of gomacro.
var gomacroEdits = []edit{
	// Type information comes from reflection and the tables, never from a Go
	// toolchain at run time: there may be none, and today's is not understood.
	{"xreflect/importer.go", "\t\"go/importer\"\n", ""},
	{"xreflect/importer.go", "compat := importer.Default()", "var compat gotypes.Importer"},
	// Missing packages are asked for often: answer without formatting an error.
	{"xreflect/universe.go", "\tif v.Importer == nil {\n\t\tv.Importer = DefaultImporter()\n\t}", "\tif v.Importer == nil {\n\t\tv.cacheMissingPackage(path)\n\t\treturn nil\n\t}"},
	// A panic in a goroutine of a cell is reported; it does not end the kernel.
	{"fast/statement.go", "\t\t\tdefer tg2.glsDel()\n\n\t\t\tfunv.Call(argv)\n", "\t\t\tdefer tg2.glsDel()\n\t\t\tdefer reportGoroutinePanic(tg2)\n\n\t\t\tfunv.Call(argv)\n"},
	// An interrupt that arrives while a cell compiles must not be forgotten.
	{"fast/repl.go", "\tg.Signals.Sync = base.SigNone\n\tg.Signals.Async = base.SigNone\n", "\tg.Signals.Sync = base.SigNone\n"},
	// Endless recursion ends the cell, not the process.
	{"fast/compile.go", "\t\tenv.CallDepth = caller.CallDepth + 1\n", "\t\tenv.CallDepth = caller.CallDepth + 1\n\t\tcheckDepth(env.CallDepth)\n"},
	// What Go has added to the language since, where it is within reach.
	{"fast/range.go", "\tcase xr.Chan:\n\t\tc.rangeChan(", "\tcase xr.Int:\n\t\tc.rangeInt(node, erange, &jump)\n\tcase xr.Chan:\n\t\tc.rangeChan("},
	{"fast/builtin.go", "\tir.DeclBuiltin(\"new\",", "\tir.DeclBuiltin(\"min\", Builtin{compileMinMax, 1, base.MaxUint16})\n\tir.DeclBuiltin(\"max\", Builtin{compileMinMax, 1, base.MaxUint16})\n\tir.DeclBuiltin(\"clear\", Builtin{compileClear, 1, 1})\n\tir.DeclBuiltin(\"new\","},
	{"fast/builtin.go", "\tdefault:\n\t\toutput.Errorf(\"unimplemented call_builtin()", "\tcase variadicValues: // min(), max()\n\t\tret = fun.compile(args, call.OutTypes[0].Kind())\n\tdefault:\n\t\toutput.Errorf(\"unimplemented call_builtin()"},
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
