package session

import (
	"go/ast"
	"go/printer"
	"go/types"
	"sort"
	"strings"
)

// Types that a cell declares in the words of an earlier one.

// typeText is how a type was declared.
type typeText struct {
	text    string
	uses    map[string]types.Object // what its names meant
	methods map[string]bool         // declared in the same cell
}

// describeTypes notes how the types of a cell were declared.
func (s *Session) describeTypes(c *Checked, b *builder) {
	for _, d := range b.types {
		for _, sp := range d.(*ast.GenDecl).Specs {
			ts, ok := sp.(*ast.TypeSpec)
			if !ok {
				continue
			}
			tt := &typeText{text: s.specText(ts), uses: map[string]types.Object{}, methods: map[string]bool{}}
			ast.Inspect(ts, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if o := c.info.Uses[id]; o != nil && o.Parent() != types.Universe {
						if _, isPkg := o.(*types.PkgName); !isPkg {
							tt.uses[id.Name] = o
						}
					}
				}
				return true
			})
			for _, f := range b.p.funcs {
				if name, _ := receiver(f); name == ts.Name.Name {
					tt.methods[f.Name.Name] = true
				}
			}
			if o := c.info.Defs[ts.Name]; o != nil {
				c.texts[o] = tt
			}
		}
	}
}

func (s *Session) specText(ts *ast.TypeSpec) string {
	var sb strings.Builder
	_ = printer.Fprint(&sb, s.Fset, ts)
	return sb.String()
}

// reuseTypes drops the declarations of types that an earlier cell has declared
// in the same words: the type stays, with its values, and its methods are
// declared anew.
func (b *builder) reuseTypes() {
	keep := map[string]bool{} // names declared in this cell that are not the old ones
	specs := map[string]*ast.TypeSpec{}
	for _, d := range b.types {
		for _, sp := range d.(*ast.GenDecl).Specs {
			switch sp := sp.(type) {
			case *ast.TypeSpec:
				keep[sp.Name.Name] = true
				if _, twice := specs[sp.Name.Name]; twice {
					return
				}
				specs[sp.Name.Name] = sp
			case *ast.ValueSpec:
				for _, n := range sp.Names {
					keep[n.Name] = true
				}
			}
		}
	}
	for _, d := range b.decls {
		for _, n := range d.names {
			keep[n.Name] = true
		}
	}
	for _, f := range b.p.funcs {
		if f.Recv == nil {
			keep[f.Name.Name] = true
		}
	}
	same := map[string]bool{}
	names := make([]string, 0, len(specs))
	for name := range specs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		ts := specs[name]
		tn, ok := b.s.names[name].(*types.TypeName)
		if !ok || ts.TypeParams != nil || ts.Assign.IsValid() {
			continue
		}
		old := b.s.texts[tn]
		if old == nil || old.text != b.s.specText(ts) {
			continue
		}
		methods := map[string]bool{}
		for _, f := range b.p.funcs {
			if n, _ := receiver(f); n == name {
				methods[f.Name.Name] = true
			}
		}
		all := true
		for m := range old.methods {
			all = all && methods[m]
		}
		if all {
			same[name] = true
		}
	}
	// A type is the old one only if all that it mentions is.
	for changed := true; changed; {
		changed = false
		for name := range same {
			for n, o := range b.s.texts[b.s.names[name]].uses {
				if b.s.names[n] != o || keep[n] && !same[n] {
					delete(same, name)
					changed = true
					break
				}
			}
		}
	}
	if len(same) == 0 {
		return
	}
	var out []ast.Decl
	for _, d := range b.types {
		g := d.(*ast.GenDecl)
		var left []ast.Spec
		for _, sp := range g.Specs {
			if ts, ok := sp.(*ast.TypeSpec); !ok || !same[ts.Name.Name] {
				left = append(left, sp)
			}
		}
		if len(left) > 0 {
			h := *g
			h.Specs = left
			out = append(out, &h)
		}
	}
	b.types = out
}
