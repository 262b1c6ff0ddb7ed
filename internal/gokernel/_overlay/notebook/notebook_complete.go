package main

import (
	"go/token"
	"maps"
	"sort"
	"strings"
	"unicode/utf8"

	interp "github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/imports"

	"github.com/nngplab/nngplab/internal/gokernel/cursor"
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
		o := n.resolve(src, code)
		switch own := syntax.Members(code[:start], src); {
		case len(own) > 0:
			all = own
		case o.pkg != "":
			all = packageMembers(o.pkg)
		case o.typ != nil:
			all = n.members(o.typ)
		}
	} else if prefix != "" {
		all = n.names()
		maps.Copy(all, syntax.Declared(code[:start]))
	}
	for name, kind := range all {
		if strings.HasPrefix(name, prefix) {
			found[name] = kind
		}
	}
	return nil
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

// names lists what can be written without a dot: keywords, names declared by
// cells or predeclared, imported packages.
func (n *notebook) names() map[string]string {
	out := map[string]string{}
	for t := token.BREAK; t <= token.VAR; t++ {
		out[t.String()] = "keyword"
	}
	for c := n.kernel.ir.Comp; c != nil; c = c.Outer {
		for name, b := range c.Binds {
			kind := "instance"
			if _, ok := b.Value.(*interp.Import); ok {
				kind = "module"
			} else if b.Desc.Class() == interp.FuncBind {
				kind = "function"
			}
			out[name] = kind
		}
		for name := range c.Types {
			out[name] = "class"
		}
	}
	return out
}

func linkedPaths() map[string]string {
	out := map[string]string{}
	for p := range imports.Packages {
		out[p] = "module"
	}
	return out
}
