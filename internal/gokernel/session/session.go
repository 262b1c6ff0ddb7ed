package session

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"runtime/debug"
	"slices"
	"sort"
	"unsafe"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// A Library is the compiled code that cells can import.
type Library interface {
	// Compiled returns the values and types of the package at path, or nil.
	Compiled(path string) *engine.Package
	// Export returns the export data of the package, nil where there is none.
	Export(path string) []byte
	// Source returns the Go files of a package with generic declarations.
	Source(path string) map[string][]byte
}

// A Session holds what the cells so far have declared.
type Session struct {
	Prog *engine.Program
	Fset *token.FileSet
	// Shown receives the values of a cell's last expression with their types.
	lib     Library
	imports *importer
	generic *generics

	names map[string]types.Object // what a name means to the next cell
	funcs map[types.Object]*ssa.Function
	uses  map[*types.Func]map[types.Object]bool // what functions of cells use
	where map[types.Object]string               // the cell that declared it
	stale map[*types.Func]string                // functions that can no longer be used, and why
	texts map[types.Object]*typeText            // how types were declared
	anew  map[string]string                     // types that a cell has declared again, and which
	first map[types.Object]types.Object         // of redeclared names: see root
	cells int
	// Missing words the refusal of an import.
	Missing   func(path string) string
	shown     []any // values of the running cell's last expression
	reflected map[*types.Package]*reflected
	past      []*past                                // cells that can be forgotten some time
	former    map[string][]weak.Pointer[engine.Func] // functions of forgotten cells, by name
}

// hooks is the package of the functions that only translated cells call.
var hooks = types.NewPackage("nb·", "nb·")

const showName = "show·"

var showFunc = types.NewFunc(token.NoPos, hooks, showName, types.NewSignatureType(nil, nil, nil,
	types.NewTuple(types.NewVar(token.NoPos, hooks, "values", types.NewSlice(types.Universe.Lookup("any").Type()))), nil, true))

func init() { hooks.Scope().Insert(showFunc); hooks.MarkComplete() }

// New returns an empty session.
func New(lib Library) (*Session, error) {
	if err := rtype.Check(); err != nil {
		return nil, err
	}
	if err := scopeCheck(); err != nil {
		return nil, err
	}
	debug.SetMaxStack(2 << 30) // the engine bounds the depth of calls itself
	s := &Session{
		Fset: token.NewFileSet(), lib: lib, names: map[string]types.Object{}, funcs: map[types.Object]*ssa.Function{},
		uses: map[*types.Func]map[types.Object]bool{}, where: map[types.Object]string{}, stale: map[*types.Func]string{}, texts: map[types.Object]*typeText{}, first: map[types.Object]types.Object{}, anew: map[string]string{},
		former: map[string][]weak.Pointer[engine.Func]{},
	}
	s.Missing = func(path string) string { return fmt.Sprintf("package %q is not linked into this kernel", path) }
	s.imports = newImporter(lib, s.Fset)
	s.Prog = engine.NewProgram(s.Fset, s)
	s.generic = &generics{s: s, pkgs: map[string]*ssa.Package{}, made: map[*ssa.Function]*ssa.Function{}}
	s.Prog.Hooks["nb·."+showName] = func(_ *engine.Thread, args []unsafe.Pointer, _ unsafe.Pointer) {
		s.shown = append([]any(nil), *(*[]any)(args[0])...)
	}
	s.Prog.SSA.CreatePackage(hooks, nil, nil, true)
	s.predeclare()
	return s, nil
}

// Compiled implements engine.Linker.
func (s *Session) Compiled(path string) *engine.Package { return s.lib.Compiled(path) }

// Instance implements engine.Linker.
func (s *Session) Instance(fn *ssa.Function) *ssa.Function { return s.generic.instance(fn) }

// A Result is what a cell came to.
type Result struct {
	Values []any        // of its last expression
	Types  []types.Type // their static types
	Last   ast.Expr     // that expression
	Pkg    *types.Package
	Info   *types.Info
	Errors []*Error        // why it was refused; nothing has run
	Failed *engine.Failure // the panic that ended it
	Notes  []string        // what the user should know
	Pos    token.Position  // of the last expression
}

// Run checks and runs a cell.
func (s *Session) Run(cell *engine.Cell, name, code string) *Result {
	c, errs := s.Check(name, code)
	if errs != nil {
		return &Result{Errors: errs}
	}
	return s.Execute(cell, c)
}

// Declare makes a variable of the given type known to cells, and returns it.
func (s *Session) Declare(name string, t types.Type, place unsafe.Pointer) {
	pkg := types.NewPackage("main", "main")
	v := types.NewVar(token.NoPos, pkg, name, t)
	pkg.Scope().Insert(v)
	s.Prog.SSA.CreatePackage(pkg, nil, nil, false)
	s.Prog.SetPlace(v, place)
	s.names[name] = v
}

// Lookup returns what a name means to the next cell.
func (s *Session) Lookup(name string) types.Object { return s.names[name] }

// Names lists what cells have declared.
func (s *Session) Names() []string {
	out := make([]string, 0, len(s.names))
	for n := range s.names {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Import returns the types of a package.
func (s *Session) Import(path string) (*types.Package, error) { return s.imports.Import(path) }

// Value returns the value of a variable that cells have declared.
func (s *Session) Value(name string) (reflect.Value, bool) {
	v, ok := s.names[name].(*types.Var)
	if !ok {
		return reflect.Value{}, false
	}
	return s.Prog.Value(v), true
}

// Execute runs a checked cell.
func (s *Session) Execute(cell *engine.Cell, c *Checked) *Result {
	r := &Result{Pkg: c.pkg, Info: c.info, Last: c.last}
	if c.last != nil {
		r.Pos = s.Fset.Position(c.last.Pos())
	}
	for _, m := range c.late {
		m.known = s.Prog.Types.Has(m.named)
	}
	s.numberLocals(c)
	s.shareStorage(c)
	fns, err := s.translate(c)
	if err != nil {
		c.undo()
		if p := s.pastOf(c); p != nil {
			s.forget(p)
		}
		p := token.Position{Filename: c.name, Line: 1, Column: 1}
		r.Errors = []*Error{{Pos: p, Msg: err.Error()}}
		return r
	}
	r.Notes = s.install(c)
	s.redirect(c)
	for _, f := range c.atStart {
		f()
	}
	s.shown = nil
	r.Failed = s.Prog.Run(cell, fns...)
	if cell.Abandoned() { // other cells may have run since
		return r
	}
	s.commit(c, r.Failed)
	if r.Failed == nil && c.last != nil && c.shows {
		r.Values = s.shown
		t := c.info.TypeOf(c.last)
		if tup, ok := t.(*types.Tuple); ok {
			for v := range tup.Variables() {
				r.Types = append(r.Types, v.Type())
			}
		} else {
			r.Types = []types.Type{t}
		}
	}
	s.shown = nil
	return r
}

// translate builds the code of a cell, and compiles it as far as to know that
// it can be run.
func (s *Session) translate(c *Checked) (fns []*ssa.Function, err error) {
	defer func() {
		if v := recover(); v != nil {
			if e, ok := v.(error); ok {
				err = e
			} else {
				err = fmt.Errorf("%v", v)
			}
		}
	}()
	s.createImported(c.info)
	c.ssa = s.Prog.SSA.CreatePackage(c.pkg, []*ast.File{c.file}, c.info, false)
	c.ssa.Build()
	s.replaceMethods(c)
	fns = []*ssa.Function{c.ssa.Func("init")}
	if c.body != nil {
		fns = append(fns, c.ssa.Func(c.body.Name.Name))
	}
	all := append([]*ssa.Function(nil), fns...)
	for _, o := range c.info.Defs {
		f, ok := o.(*types.Func)
		if !ok {
			continue
		}
		if fn := s.Prog.SSA.FuncValue(f); fn != nil && fn.Blocks != nil && fn.TypeParams().Len() == 0 {
			all = append(all, fn)
		}
	}
	return fns, s.Prog.Compile(all...)
}

// createImported makes the packages that a cell uses known to the program.
func (s *Session) createImported(info *types.Info) {
	for _, o := range info.Uses {
		if p := o.Pkg(); p != nil && s.Prog.SSA.Package(p) == nil {
			if _, isField := o.(*types.Var); isField && o.Parent() != p.Scope() {
				continue
			}
			if o.Parent() == p.Scope() {
				s.Prog.SSA.CreatePackage(p, nil, nil, true)
			}
		}
	}
}

// commit makes what the cell declared known to the next ones. Of a cell that
// failed, variables whose declaration was not reached are left out.
func (s *Session) commit(c *Checked, failed *engine.Failure) {
	reached := token.Pos(1 << 60)
	if failed != nil && c.body != nil {
		reached = 0
		for _, call := range failed.Trace {
			if call.Func == c.body.Name.Name {
				reached = call.Raw
			}
		}
	}
	skip := map[string]bool{}
	for _, d := range c.decls {
		// The place of a name is that of storing its value: what has no place
		// of its own, such as an empty loop, counts to what is before it.
		done := slices.ContainsFunc(d.vars, func(v *types.Var) bool { return v.Pos() == reached })
		if d.end > reached && !done {
			for _, v := range d.vars {
				skip[v.Name()] = true
			}
		}
	}
	for _, im := range c.imported {
		s.names[im.Name()] = im
	}
	committed := map[string]bool{}
	for _, name := range c.pkg.Scope().Names() {
		o := c.pkg.Scope().Lookup(name)
		if !skip[name] && name != "_" && o != c.bodyObj && !hidden(name) {
			committed[name] = true
		}
	}
	s.markStale(c, committed)
	for name := range committed {
		o := c.pkg.Scope().Lookup(name)
		s.names[name] = o
		s.where[o] = c.name
	}
	for o, tt := range c.texts {
		s.texts[o] = tt
	}
	for f, used := range c.usedBy {
		set := map[types.Object]bool{}
		for o := range used {
			set[o], set[s.root(o)] = true, true
		}
		s.uses[f] = set
	}
	s.forgetPast()
	if p := s.pastOf(c); p != nil {
		s.past = append(s.past, p)
	}
}

// Background runs code that must not fail, for tests and predeclared names.
func (s *Session) Background(code string) error {
	r := s.Run(engine.NewCell(context.Background()), "nb", code)
	switch {
	case len(r.Errors) > 0:
		return r.Errors[0]
	case r.Failed != nil:
		return fmt.Errorf("%s", r.Failed.Text())
	}
	return nil
}
