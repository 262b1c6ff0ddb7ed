package session

import (
	"go/types"
	"reflect"
	"slices"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// past is a cell that has run and of which nothing can be used any more once its
// variables have been declared anew: it declared variables, or nothing.
type past struct {
	pkg  *ssa.Package
	fns  []*ssa.Function
	vars []*types.Var
}

// pastOf returns the cell as one that can be forgotten, nil if it declared what later
// cells may come to use by other ways than a variable's name: types, functions,
// constants.
func (s *Session) pastOf(c *Checked) *past {
	p := &past{pkg: c.ssa}
	if len(c.late) > 0 || len(c.texts) > 0 {
		return nil
	}
	for _, name := range c.pkg.Scope().Names() {
		switch o := c.pkg.Scope().Lookup(name).(type) {
		case *types.Var:
			p.vars = append(p.vars, o)
		case *types.Func:
			if o != c.bodyObj && !hidden(name) {
				return nil
			}
		default:
			return nil
		}
	}
	var add func(fn *ssa.Function)
	add = func(fn *ssa.Function) {
		p.fns = append(p.fns, fn)
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

// forgetPast drops the code and the names of cells of which nothing can be used any
// more, so that a session of many cells takes little more memory than one of few. What
// still runs of such a cell, such as a goroutine, has its code and its variables. The
// lines of a cell stay, since the checker looks up places of what it once saw.
func (s *Session) forgetPast() {
	if len(s.past) == 0 {
		return
	}
	used := map[types.Object]bool{}
	for _, set := range s.uses {
		for o := range set {
			used[o] = true
		}
	}
	s.past = slices.DeleteFunc(s.past, func(p *past) bool {
		for _, v := range p.vars {
			if s.names[v.Name()] == v || used[s.root(v)] {
				return false
			}
		}
		s.forget(p)
		return true
	})
}

func (s *Session) forget(p *past) {
	s.Prog.Forget(p.fns, p.vars)
	for _, v := range p.vars {
		delete(s.where, v)
		delete(s.first, v)
	}
	if packages := packagesOf(s.Prog.SSA); packages != nil {
		delete(packages, p.pkg.Pkg)
	}
}

// packagesOf returns the packages that a program of package ssa holds, which has no
// way of letting one go; nil where its fields are others.
func packagesOf(p *ssa.Program) map[*types.Package]*ssa.Package {
	f := reflect.ValueOf(p).Elem().FieldByName("packages")
	if !f.IsValid() || f.Type() != reflect.TypeFor[map[*types.Package]*ssa.Package]() {
		return nil
	}
	return *(*map[*types.Package]*ssa.Package)(unsafe.Pointer(f.UnsafeAddr()))
}
