package session

import (
	"fmt"
	"go/types"
	"reflect"
	"regexp"
	"strings"
)

// What cells declare again, and who still uses what it was.

// shareStorage lets a variable that is declared anew with its old type keep its
// place, so that functions of earlier cells see the new value. A predeclared one,
// such as ctx, is another variable: each cell has it anew.
func (s *Session) shareStorage(c *Checked) {
	for _, d := range c.decls {
		for _, v := range d.vars {
			old, ok := s.names[v.Name()].(*types.Var)
			if ok && s.where[old] != "" && types.Identical(old.Type(), v.Type()) && !c.usesOld[v.Name()] {
				p := s.Prog.Place(old)
				s.Prog.SetPlace(v, p)
				if d.zero {
					rt := s.Prog.Types.TypeOf(v.Type())
					c.atStart = append(c.atStart, func() { reflect.NewAt(rt, p).Elem().SetZero() })
				}
			}
		}
	}
}

// redirect makes functions of earlier cells call what is declared anew under
// the same name with the same signature.
func (s *Session) redirect(c *Checked) {
	for _, name := range c.pkg.Scope().Names() {
		f, ok := c.pkg.Scope().Lookup(name).(*types.Func)
		if !ok || hidden(name) {
			continue
		}
		fn := s.Prog.SSA.FuncValue(f)
		s.funcs[f] = fn
		old, ok := s.names[name].(*types.Func)
		if !ok || fn == nil || !types.Identical(old.Type(), f.Type()) || f.Signature().TypeParams().Len() > 0 {
			continue
		}
		for o, ofn := range s.funcs {
			if of, ok := o.(*types.Func); ok && of != f && of.Name() == name && ofn != nil && of.Signature().Recv() == nil && types.Identical(of.Type(), f.Type()) && o.Parent() == o.Pkg().Scope() {
				s.Prog.Redirect(ofn, fn)
			}
		}
		for _, w := range s.former[name] {
			if was := w.Value(); was != nil && types.Identical(was.Signature(), f.Type()) {
				s.Prog.RedirectFunc(was, fn)
			}
		}
	}
}

// markStale notes the functions of earlier cells that use what a name meant
// before the cell declared it anew with another type: they can no longer be
// used. A function that uses such a one is such a one.
func (s *Session) markStale(c *Checked, committed map[string]bool) {
	for name := range committed {
		now, old := c.pkg.Scope().Lookup(name), s.names[name]
		if old == nil || now == nil || old == now {
			continue
		}
		switch old.(type) {
		case *types.PkgName:
			continue
		case *types.Var:
			if s.where[old] == "" { // predeclared: who uses it goes on to
				continue
			}
		case *types.TypeName: // the checker tells the types apart
			s.anew[name] = c.name
			continue
		}
		if _, isConst := old.(*types.Const); !isConst && reflect.TypeOf(old) == reflect.TypeOf(now) && types.Identical(old.Type(), now.Type()) {
			s.first[now] = s.root(old) // the same to those who use it
			continue
		}
		if a, ok := old.(*types.Const); ok {
			if b, ok := now.(*types.Const); ok && types.Identical(a.Type(), b.Type()) && a.Val().ExactString() == b.Val().ExactString() {
				s.first[now] = s.root(old)
				continue
			}
		}
		s.spreadStale(s.root(old), fmt.Sprintf("uses %s, which %s has declared anew", name, c.name))
	}
}

func (s *Session) spreadStale(old types.Object, why string) {
	for f, set := range s.uses {
		if set[old] && s.stale[f] == "" {
			s.stale[f] = why
			s.spreadStale(s.root(f), "calls "+f.Name()+", which "+why)
		}
	}
}

// twoTypes adds to messages that name a type what is needed to understand them
// where there have been several of the name.
func (s *Session) twoTypes(errs []*Error) {
	for _, e := range errs {
		for name, cell := range s.anew {
			if strings.HasPrefix(e.Msg, "cannot use ") && regexp.MustCompile(`\b`+regexp.QuoteMeta(name)+`\b`).MatchString(e.Msg) {
				e.Msg += fmt.Sprintf(" (%s has declared %s anew: values made before have the former type)", cell, name)
			}
		}
	}
}

// root returns the first of the objects that have stood for one thing.
func (s *Session) root(o types.Object) types.Object {
	if r := s.first[o]; r != nil {
		return r
	}
	return o
}

// staleUses lists the uses of such functions in a checked cell.
func (s *Session) staleUses(info *types.Info) []*Error {
	var errs []*Error
	for id, o := range info.Uses {
		f, ok := o.(*types.Func)
		if !ok {
			continue
		}
		if why := s.stale[f.Origin()]; why != "" {
			errs = append(errs, &Error{Pos: s.Fset.Position(id.Pos()), Msg: fmt.Sprintf("%s %s: run the cell of %s again", id.Name, why, id.Name)})
		}
	}
	return tidy(errs)
}
