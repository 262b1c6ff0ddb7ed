package session

import (
	"go/token"
	"go/types"
	"slices"
	"strings"
	"weak"

	"golang.org/x/tools/go/ssa"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

// past is a cell that has run and of which nothing can be used any more once its names
// have been declared anew and what used them is gone, too.
type past struct {
	pkg     *ssa.Package
	fns     []*ssa.Function
	objects []types.Object // that have names: variables, functions, constants
	hidden  []*types.Func  // its statements, the bodies of its methods, its func init()
	files   []*token.File
}

// pastOf returns the cell as one that can be forgotten, nil if it declared what later
// cells may come to use by other ways than a name: types, and methods that a type has
// not had before.
func (s *Session) pastOf(c *Checked) *past {
	p := &past{pkg: c.ssa, files: c.files}
	if c.ssa == nil || len(c.texts) > 0 || slices.ContainsFunc(c.late, func(m *lateMethod) bool { return !m.again }) {
		return nil
	}
	for _, name := range c.pkg.Scope().Names() {
		switch o := c.pkg.Scope().Lookup(name).(type) {
		case *types.Var, *types.Const:
			p.objects = append(p.objects, o)
		case *types.Func:
			if o == c.bodyObj || hidden(name) {
				p.hidden = append(p.hidden, o)
			} else {
				p.objects = append(p.objects, o)
			}
		default:
			return nil
		}
	}
	for f := range c.usedBy {
		if f.Name() == "init" {
			p.hidden = append(p.hidden, f)
		}
	}
	var add func(fn *ssa.Function)
	add = func(fn *ssa.Function) {
		p.fns = append(p.fns, fn)
		p.fns = append(p.fns, wrappers(fn)...)
		for _, a := range fn.AnonFuncs {
			add(a)
		}
	}
	for _, m := range c.ssa.Members {
		if fn, ok := m.(*ssa.Function); ok {
			add(fn)
		}
	}
	return p
}

// wrappers lists the functions that stand for the method values and the method
// expressions of fn, and for nothing else.
func wrappers(fn *ssa.Function) (found []*ssa.Function) {
	for _, b := range fn.Blocks {
		for _, in := range b.Instrs {
			for _, op := range in.Operands(nil) {
				if w, ok := (*op).(*ssa.Function); ok && w.Synthetic != "" && (strings.HasSuffix(w.Name(), "$bound") || strings.HasSuffix(w.Name(), "$thunk")) {
					found = append(found, w)
				}
			}
		}
	}
	return found
}

// forgetPast drops the code and the names of cells of which nothing can be used any
// more, so that a session of many cells takes little more memory than one of few. What
// still runs of such a cell, such as a goroutine, and what values hold of it, such as a
// closure, has its code, its variables and its lines.
func (s *Session) forgetPast() {
	idle := make([]*past, 0, len(s.past))
	for _, p := range s.past {
		if !slices.ContainsFunc(p.objects, func(o types.Object) bool { return s.names[o.Name()] == o }) {
			idle = append(idle, p)
		}
	}
	for more := true; more; { // what only idle cells use is idle
		used := s.usedBeside(idle)
		n := len(idle)
		idle = slices.DeleteFunc(idle, func(p *past) bool {
			return slices.ContainsFunc(p.objects, func(o types.Object) bool { return used[o] })
		})
		more = len(idle) < n
	}
	for _, p := range idle {
		s.forget(p)
	}
	s.past = slices.DeleteFunc(s.past, func(p *past) bool { return slices.Contains(idle, p) })
}

// usedBeside returns what the functions of cells use, but for those of the cells idle.
func (s *Session) usedBeside(idle []*past) map[types.Object]bool {
	skip := map[types.Object]bool{}
	for _, p := range idle {
		for _, o := range p.objects {
			skip[o] = true
		}
		for _, f := range p.hidden {
			skip[f] = true
		}
	}
	used := map[types.Object]bool{}
	for f, set := range s.uses {
		if !skip[f] {
			for o := range set {
				used[o] = true
			}
		}
	}
	return used
}

func (s *Session) forget(p *past) {
	var vars []*types.Var
	for _, o := range p.objects {
		switch o := o.(type) {
		case *types.Var:
			vars = append(vars, o)
		case *types.Func:
			s.keepFormer(o)
			s.dropFunc(o)
		}
		delete(s.where, o)
		delete(s.first, o)
	}
	for _, f := range p.hidden {
		s.dropFunc(f)
	}
	s.Prog.Forget(p.fns, vars)
	letGo(s.Prog.SSA, p.pkg.Pkg)
	if slices.ContainsFunc(p.fns, isGeneric) {
		letInstancesGo(s.Prog.SSA)
	}
	dropFiles(s.Fset, p.files)
}

func (s *Session) dropFunc(f *types.Func) {
	delete(s.funcs, f)
	delete(s.uses, f)
	delete(s.stale, f)
}

// keepFormer notes a function that is forgotten: closures and func values may still
// call it, and then get what is declared anew under its name.
func (s *Session) keepFormer(f *types.Func) {
	if fn := s.funcs[f]; fn != nil && !isGeneric(fn) {
		name := f.Name()
		s.former[name] = append(alive(s.former[name]), weak.Make(s.Prog.Func(fn)))
	}
}

func isGeneric(fn *ssa.Function) bool { return fn.TypeParams().Len() > 0 }

// alive drops the functions that nothing can call any more.
func alive(list []weak.Pointer[engine.Func]) []weak.Pointer[engine.Func] {
	return slices.DeleteFunc(list, func(w weak.Pointer[engine.Func]) bool { return w.Value() == nil })
}
