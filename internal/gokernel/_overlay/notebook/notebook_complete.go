package main

import (
	"go/token"
	"go/types"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/nngplab/nngplab/internal/gokernel/cursor"
	"github.com/nngplab/nngplab/internal/gokernel/library"
	"github.com/nngplab/nngplab/internal/gokernel/session"
	"github.com/nngplab/nngplab/internal/gokernel/syntax"
)

// complete answers a complete_request; offset counts characters.
func (n *notebook) complete(code string, offset int) (answer map[string]any) {
	pos := cursor.ByteOffset(code, offset)
	start, _ := cursor.WordAround(code[:pos], pos)
	if s, ok := cursor.InsideImport(code, pos); ok {
		start = s
	}
	found := map[string]string{}
	defer func() {
		recover() // half-written code may upset the interpreter: then there are no completions
		answer = completions(found, code, start, pos)
	}()
	prefix := code[start:pos]
	var all map[string]string
	if _, ok := cursor.InsideImport(code, pos); ok {
		all = linkedPaths()
	} else if syntax.InText(code, pos) {
		return nil
	} else if src, dotted := cursor.Operand(code, start); dotted {
		o := n.resolve(src, code, n.session.View(code, pos))
		switch {
		case o.pkg != "":
			all = n.packageMembers(o.pkg)
		case o.typ != nil:
			all = n.members(o.typ)
		}
	} else {
		v := n.session.View(code, pos)
		if prefix != "" {
			all = names(v)
		}
		if typ, ok := cursor.Literal(code, start); ok {
			all = n.withFields(all, n.resolve(typ, code, v).typ)
		}
	}
	for name, kind := range all {
		if strings.HasPrefix(name, prefix) {
			found[name] = kind
		}
	}
	return nil
}

// withFields adds to names the fields that a literal of the struct t may name.
func (n *notebook) withFields(names map[string]string, t types.Type) map[string]string {
	if t == nil {
		return names
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return names
	}
	if names == nil {
		names = map[string]string{}
	}
	of := session.Members(t)
	for f := range s.Fields() {
		if of[f.Name()] == f {
			names[f.Name()] = "instance"
		}
	}
	return names
}

func completions(found map[string]string, code string, start, pos int) map[string]any {
	matches := make([]string, 0, len(found))
	for name := range found {
		matches = append(matches, name)
	}
	sort.Strings(matches)
	from, to := utf8.RuneCountInString(code[:start]), utf8.RuneCountInString(code[:pos])
	kinds := make([]map[string]any, len(matches))
	for i, m := range matches {
		kinds[i] = map[string]any{"text": m, "type": found[m], "start": from, "end": to}
	}
	return map[string]any{
		"status":       "ok",
		"matches":      matches,
		"cursor_start": from,
		"cursor_end":   to,
		"metadata":     map[string]any{"_jupyter_types_experimental": kinds},
	}
}

// names lists what can be written without a dot: keywords, predeclared names,
// names declared by cells, imported packages.
func names(v *session.View) map[string]string {
	out := map[string]string{}
	for t := token.BREAK; t <= token.VAR; t++ {
		out[t.String()] = "keyword"
	}
	for _, name := range types.Universe.Names() {
		out[name] = "instance"
		switch types.Universe.Lookup(name).(type) {
		case *types.Builtin:
			out[name] = "function"
		case *types.TypeName:
			out[name] = "class"
		}
	}
	for name, o := range v.Names() {
		out[name] = kindOf(o)
	}
	return out
}

func linkedPaths() map[string]string {
	out := map[string]string{}
	for _, p := range library.Paths() {
		out[p] = "module"
	}
	return out
}
