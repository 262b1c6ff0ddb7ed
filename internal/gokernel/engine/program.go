package engine

import (
	"fmt"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/tools/go/ssa"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/nngplab/nngplab/internal/gokernel/rtype"
)

// A Package is what compiled code offers of one package: functions and
// addressable variables by name, and types.
type Package struct {
	Name  string
	Binds map[string]reflect.Value
	Types map[string]reflect.Type
}

// Linker finds what a program needs beside its own code.
type Linker interface {
	// Compiled returns the compiled package at path, or nil.
	Compiled(path string) *Package
	// Instance returns an instance, with a body, of a generic function that has
	// none, or nil.
	Instance(fn *ssa.Function) *ssa.Function
}

// A Program holds the code that is run.
type Program struct {
	SSA  *ssa.Program
	Fset *token.FileSet
	Link Linker
	// Override returns a compiled function in place of the one of this full
	// name, or an invalid value.
	Override map[string]any
	// Hooks are functions of the interpreter itself, by their full names: they
	// get the calling thread and the addresses of their arguments and results.
	Hooks map[string]func(th *Thread, args []unsafe.Pointer, result unsafe.Pointer)
	// Replace gives another body to a function, such as a method declared anew.
	Replace map[*types.Func]*ssa.Function
	// Report is told of a panic on a goroutine that a cell started.
	Report func(*Failure)

	Types rtype.Maker

	mu      sync.Mutex
	funcs   map[*ssa.Function]*Func
	ids     *idPool
	globals map[*ssa.Global]unsafe.Pointer
	places  map[*types.Var]unsafe.Pointer
	sizes   types.Sizes
	linked  linkedTypes
	msets   typeutil.MethodSetCache

	threads sync.Map // uintptr -> *Thread
	current *Cell
}

// NewProgram returns an empty program.
func NewProgram(fset *token.FileSet, link Linker) *Program {
	p := &Program{
		SSA:      ssa.NewProgram(fset, ssa.InstantiateGenerics),
		Fset:     fset,
		Link:     link,
		Override: map[string]any{},
		Hooks:    map[string]func(*Thread, []unsafe.Pointer, unsafe.Pointer){},
		Replace:  map[*types.Func]*ssa.Function{},
		funcs:    map[*ssa.Function]*Func{},
		globals:  map[*ssa.Global]unsafe.Pointer{},
		places:   map[*types.Var]unsafe.Pointer{},
		sizes:    types.SizesFor("gc", goarch),
		ids:      &idPool{},
	}
	p.linked.prog = p
	p.Override["maps.clone"] = cloneMap
	p.addHooks()
	p.Types.Linked = p.linked.find
	p.Types.Call = p.callMethodFromNative
	return p
}

// A Func is a function that can be run.
type Func struct {
	id   int
	prog *Program
	ssa  *ssa.Function
	cur  *Func // what runs in its place: itself, until it is declared anew

	once      sync.Once
	code      []instr
	lines     []token.Pos
	files     []*token.File
	frameType *rtype.Type
	template  unsafe.Pointer
	defers    bool
	recoverPC int
	wrapper   bool

	sig     *types.Signature
	params  []slot // receiver first
	results []slot
	free    []slot
	shape   *rtype.FuncShape
	bindTyp *rtype.Type
	bindOff []uintptr
	value   unsafe.Pointer // as a func value without captured variables
	err     error
}

// A slot is a register: where it is and how it is moved.
type slot struct {
	off uintptr
	typ types.Type
	mv  move
}

// Name is the function's name in tracebacks.
func (f *Func) Name() string { return f.ssa.Name() }

// place is a position in the function's code.
func (f *Func) place(p token.Pos) token.Position {
	for _, file := range f.files {
		if holds(file, p) {
			return file.Position(p)
		}
	}
	return token.Position{}
}

// Func returns the function made of fn.
func (p *Program) Func(fn *ssa.Function) *Func {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.funcOf(fn)
}

func (p *Program) funcOf(fn *ssa.Function) *Func {
	if f := p.funcs[fn]; f != nil {
		return f
	}
	f := &Func{id: p.ids.take(), prog: p, ssa: fn}
	f.cur = f
	// A frame holds its function: where nothing does, no thread has frames of this
	// number left, and another function can have it.
	runtime.AddCleanup(f, p.ids.give, f.id)
	p.funcs[fn] = f
	f.layout()
	return f
}

// Forget drops what is known of functions and variables that nothing will name again.
// Code that was compiled, and what it holds, stays for as long as it can run.
func (p *Program) Forget(fns []*ssa.Function, vars []*types.Var) {
	fns = append(fns, p.instances(fns)...)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fn := range fns {
		delete(p.funcs, fn)
		if fn.Pkg == nil {
			continue
		}
		for _, m := range fn.Pkg.Members {
			if g, ok := m.(*ssa.Global); ok {
				delete(p.globals, g)
			}
		}
	}
	for _, v := range vars {
		delete(p.places, v)
	}
}

// Redirect makes calls of old run fn, which has the same signature.
func (p *Program) Redirect(old, fn *ssa.Function) { p.RedirectFunc(p.Func(old), fn) }

// instances returns the instances of those of the functions that are generic, and
// what is declared in them, all compiled: to what they name they get by their code.
func (p *Program) instances(fns []*ssa.Function) (found []*ssa.Function) {
	generic := map[*ssa.Function]bool{}
	for _, fn := range fns {
		if fn.TypeParams().Len() > 0 {
			generic[fn] = true
		}
	}
	if len(generic) == 0 {
		return nil
	}
	for known := map[*ssa.Function]bool{}; ; {
		fresh := p.ofGenerics(generic, known)
		if len(fresh) == 0 {
			return found
		}
		for fn, f := range fresh { // may name further ones
			known[fn] = true
			found = append(found, fn)
			_ = f.compiled() // what cannot be run says so where it is called
		}
	}
}

func (p *Program) ofGenerics(generic, known map[*ssa.Function]bool) map[*ssa.Function]*Func {
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := map[*ssa.Function]*Func{}
	for fn, f := range p.funcs {
		outer := fn
		for outer.Parent() != nil {
			outer = outer.Parent()
		}
		if generic[outer.Origin()] && !known[fn] {
			fresh[fn] = f
		}
	}
	return fresh
}

// RedirectFunc is Redirect for a function that may have been forgotten.
func (p *Program) RedirectFunc(old *Func, fn *ssa.Function) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old.cur = p.funcOf(fn)
}

// Signature is the function's, with its receiver.
func (f *Func) Signature() *types.Signature { return f.sig }

// idPool gives functions their numbers, as small as can be: each thread has a list as
// long as the largest.
type idPool struct {
	mu   sync.Mutex
	next int
	free []int
}

func (n *idPool) take() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if k := len(n.free) - 1; k >= 0 {
		id := n.free[k]
		n.free = n.free[:k]
		return id
	}
	n.next++
	return n.next - 1
}

func (n *idPool) give(id int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.free = append(n.free, id)
}

// ForgetMethodSets is called when types have got further methods.
func (p *Program) ForgetMethodSets() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.msets = typeutil.MethodSetCache{}
}

// ready compiles the function on its first call.
func (f *Func) ready() {
	if err := f.compiled(); err != nil {
		panic(err)
	}
}

// compiled compiles the function once, and returns why it cannot be run.
func (f *Func) compiled() error {
	f.once.Do(func() {
		defer func() {
			if v := recover(); v != nil {
				err, ok := v.(error)
				if !ok {
					err = fmt.Errorf("%v", v)
				}
				f.err = fmt.Errorf("%s cannot be run: %w", f.ssa, err)
			}
		}()
		compile(f)
	})
	return f.err
}

// Compile compiles fn and every function it names, and returns what cannot be
// run, before anything is.
func (p *Program) Compile(fns ...*ssa.Function) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if e, ok := v.(error); ok {
				err = e
				return
			}
			panic(v)
		}
	}()
	for _, fn := range fns {
		f := p.Func(fn)
		f.ready()
		for _, a := range fn.AnonFuncs {
			if err := p.Compile(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// layout places what callers need to know: parameters, results, captured
// values. It depends on the signature only, so that a function can be replaced
// by another one of the same signature.
func (f *Func) layout() {
	fn := f.ssa
	f.sig = fn.Signature
	off := headSize
	place := func(t types.Type) slot {
		s := f.prog.slotAt(&off, t)
		return s
	}
	if r := f.sig.Recv(); r != nil {
		f.params = append(f.params, place(r.Type()))
	}
	for v := range f.sig.Params().Variables() {
		f.params = append(f.params, place(v.Type()))
	}
	for v := range f.sig.Results().Variables() {
		f.results = append(f.results, place(v.Type()))
	}
	for _, v := range fn.FreeVars {
		f.free = append(f.free, place(v.Type()))
	}
	f.wrapper = fn.Synthetic != "" && fn.Syntax() == nil && fn.Blocks != nil && fn.Name() != "init"
}

// slotAt places a value of type t at the next fitting offset.
func (p *Program) slotAt(off *uintptr, t types.Type) slot {
	mv := p.moveOf(t)
	a := uintptr(p.alignof(t))
	*off = (*off + a - 1) &^ (a - 1)
	s := slot{off: *off, typ: t, mv: mv}
	*off += mv.size
	return s
}

func (p *Program) alignof(t types.Type) int64 {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Kind() == types.Invalid {
			return 1
		}
		return p.sizes.Alignof(types.Typ[kindOf(u)])
	case *types.Tuple:
		return 8
	}
	if _, ok := t.(interface{ Underlying() types.Type }); ok && p.moveOf(t).class == cPtr {
		return 8
	}
	return max(1, p.sizes.Alignof(t))
}

// funcShape returns the shape of func values of f's type.
func (f *Func) funcShape() *rtype.FuncShape {
	if f.shape == nil {
		f.shape = rtype.ShapeOf(f.prog.Types.TypeOf(types.NewSignatureType(nil, nil, nil, f.sig.Params(), f.sig.Results(), f.sig.Variadic())))
	}
	return f.shape
}

// funcValue returns the func value of a function that captures nothing.
func (f *Func) funcValue() unsafe.Pointer {
	if f.value == nil {
		shape := f.funcShape()
		f.value = value(shape.Type, shape.New(unsafe.Pointer(f), nil, f.prog.callFromNative))
	}
	return f.value
}

// Place returns the memory of a package-level variable of interpreted code.
func (p *Program) Place(v *types.Var) unsafe.Pointer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.place(v)
}

func (p *Program) place(v *types.Var) unsafe.Pointer {
	a := p.places[v]
	if a == nil {
		a = unsafe_New(p.Types.Layout(v.Type()))
		p.places[v] = a
	}
	return a
}

// SetPlace makes v another name of the memory at a.
func (p *Program) SetPlace(v *types.Var, a unsafe.Pointer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.places[v] = a
}

// Value returns the variable v, addressable.
func (p *Program) Value(v *types.Var) reflect.Value {
	return reflect.NewAt(p.Types.TypeOf(v.Type()), p.Place(v)).Elem()
}

// global returns the address of a package-level variable.
func (p *Program) global(g *ssa.Global) unsafe.Pointer {
	if a, ok := p.globals[g]; ok {
		return a
	}
	var a unsafe.Pointer
	obj, _ := g.Object().(*types.Var)
	if pkg := p.compiled(g.Pkg); pkg != nil && obj != nil {
		if v, ok := pkg.Binds[obj.Name()]; ok && v.CanAddr() {
			a = v.Addr().UnsafePointer()
		}
	}
	if a == nil && obj != nil && p.places[obj] != nil {
		a = p.places[obj]
	}
	if a == nil && obj != nil {
		if g.Pkg != nil && !hasSyntax(g.Pkg) {
			panic(fmt.Errorf("the variable %s cannot be reached", g))
		}
		a = p.place(obj)
	}
	if a == nil {
		a = unsafe_New(p.Types.Layout(g.Type().(*types.Pointer).Elem()))
	}
	p.globals[g] = a
	return a
}

// compiled returns the compiled package behind pkg where there is one.
func (p *Program) compiled(pkg *ssa.Package) *Package {
	if pkg == nil || pkg.Pkg.Path() == "main" {
		return nil
	}
	return p.Link.Compiled(pkg.Pkg.Path())
}

// hasSyntax reports whether pkg was made from source.
func hasSyntax(pkg *ssa.Package) bool {
	init := pkg.Func("init")
	return init != nil && init.Blocks != nil
}

// cloneMap is what maps.Clone calls.
func cloneMap(m any) any {
	v := reflect.ValueOf(m)
	out := reflect.MakeMapWithSize(v.Type(), v.Len())
	for it := v.MapRange(); it.Next(); {
		out.SetMapIndex(it.Key(), it.Value())
	}
	return out.Interface()
}
