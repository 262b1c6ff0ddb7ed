package main

import (
	"fmt"
	"go/doc/comment"
	"go/types"
	"html"
	"reflect"
	"regexp"
	"strings"

	"github.com/nngplab/nngplab/internal/gokernel/cursor"
	"github.com/nngplab/nngplab/internal/gokernel/docindex"
	"github.com/nngplab/nngplab/internal/gokernel/session"
	"github.com/nngplab/nngplab/notebook/tables"
)

// documentation is read when it is first asked for.
var documentation = func() func() *docindex.Index {
	var ix *docindex.Index
	return func() *docindex.Index {
		if ix == nil {
			var err error
			if ix, err = docindex.Open(tables.Docs); err != nil {
				ix = &docindex.Index{}
			}
		}
		return ix
	}
}()

// inspect answers an inspect_request with the declaration and the doc comment
// of the name at the cursor, or of the function whose arguments it is in.
func (n *notebook) inspect(code string, offset int) (answer map[string]any) {
	answer = map[string]any{"status": "ok", "found": false, "data": map[string]any{}, "metadata": map[string]any{}}
	defer func() { recover() }() // half-written code: nothing found
	pos := cursor.ByteOffset(code, offset)
	start, end := cursor.WordAround(code, pos)
	if start == end {
		pos = cursor.EnclosingCall(code, pos)
		start, end = cursor.WordAround(code, pos)
	}
	if start == end {
		return answer
	}
	e, ok := n.describe(code, start, end)
	if !ok {
		return answer
	}
	answer["found"] = true
	answer["data"] = map[string]any{MIMETypeText: plainDoc(e), MIMETypeHTML: htmlDoc(e)}
	return answer
}

// describe finds the entry of the name code[start:end].
func (n *notebook) describe(code string, start, end int) (docindex.Entry, bool) {
	word := code[start:end]
	src, dotted := cursor.Operand(code, start)
	v := n.session.View(code, end)
	if !dotted {
		return n.describeName(word, code, v)
	}
	o := n.resolve(src, code, v)
	switch {
	case o.pkg != "":
		return n.lookupDoc(o.pkg, word)
	case o.typ != nil:
		return n.describeMember(o.typ, word)
	}
	return docindex.Entry{}, false
}

func (n *notebook) lookupDoc(path, name string) (docindex.Entry, bool) {
	if e, ok := predeclaredDocs[path+"."+name]; ok {
		return e, true
	}
	if e, err := documentation().Lookup(path, name); err == nil {
		return e, true
	}
	if o := n.packageMember(path, name); o != nil {
		return docindex.Entry{Sig: session.ObjectString(o)}, true
	}
	return docindex.Entry{}, false
}

// describeName describes a name without a dot before it.
func (n *notebook) describeName(word, code string, v *session.View) (docindex.Entry, bool) {
	if e, ok := n.declaredInCell(word, code); ok {
		return e, true
	}
	if o := v.Names()[word]; o != nil {
		if p, ok := o.(*types.PkgName); ok {
			return packageDoc(p.Imported().Path())
		}
		if e, ok := predeclaredDocs[word]; ok {
			return e, true
		}
		return n.describeObject(word, o)
	}
	if types.Universe.Lookup(word) != nil {
		e, err := documentation().Lookup("builtin", word)
		return e, err == nil
	}
	if path := importedAs(word, code); path != "" {
		return packageDoc(path)
	}
	return docindex.Entry{}, false
}

func packageDoc(path string) (docindex.Entry, bool) {
	if e, ok := predeclaredDocs[path]; ok {
		return e, true
	}
	e, err := documentation().Lookup(path, "")
	if err != nil {
		return docindex.Entry{Sig: "package " + path}, true
	}
	e.Sig += " // import " + fmt.Sprintf("%q", path)
	return e, true
}

// describeObject shows what cells have declared: a variable's type, its size
// where it has one, and what its type is.
func (n *notebook) describeObject(word string, o types.Object) (docindex.Entry, bool) {
	e := docindex.Entry{Sig: session.ObjectString(o)}
	if _, isVar := o.(*types.Var); !isVar {
		return e, true
	}
	if n.session.Lookup(word) == o {
		if v, ok := n.session.Value(word); ok {
			switch v.Kind() {
			case reflect.Slice, reflect.Map, reflect.Chan, reflect.String:
				e.Sig += fmt.Sprintf(" // length %d", v.Len())
			}
		}
	}
	if path, name := namedPath(o.Type()); path != "" && path != "main" {
		if d, ok := n.lookupDoc(path, name); ok {
			e.Doc = d.Doc
			e.Sig += "\n\n" + d.Sig
		}
	}
	return e, true
}

// namedPath returns the import path and name of a declared type, or of what a
// pointer to one points to.
func namedPath(t types.Type) (path, name string) {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return "", ""
	}
	return n.Obj().Pkg().Path(), n.Obj().Name()
}

// describeMember describes a field or method of t.
func (n *notebook) describeMember(t types.Type, name string) (docindex.Entry, bool) {
	path, typeName := namedPath(t)
	if path != "" && path != "main" {
		if e, ok := n.lookupDoc(path, typeName+"."+name); ok {
			return e, true
		}
	}
	if e, ok := n.declaredInCell(name, ""); ok && path == "main" {
		return e, true
	}
	m := session.Member(t, name)
	if m == nil {
		return docindex.Entry{}, false
	}
	if f, ok := m.(*types.Func); ok {
		return docindex.Entry{Sig: strings.Replace(session.TypeString(f.Type()), "func(", "func ("+session.TypeString(t)+") "+name+"(", 1)}, true
	}
	return docindex.Entry{Sig: "field " + name + " " + session.TypeString(m.Type())}, true
}

// declaredInCell finds a function that some cell declares, newest first, with
// the comment before it.
func (n *notebook) declaredInCell(name, code string) (docindex.Entry, bool) {
	re, err := regexp.Compile(`(?m)((?:^[ \t]*//[^\n]*\n)*)^[ \t]*(func (?:\([^)\n]*\) )?` + regexp.QuoteMeta(name) + `\([^\n]*)$`)
	if err != nil {
		return docindex.Entry{}, false
	}
	sources := []string{code}
	for i := ExecCounter; i > 0; i-- {
		sources = append(sources, n.source(fmt.Sprintf("In[%d]", i)))
	}
	for _, src := range sources {
		if m := re.FindStringSubmatch(src); m != nil {
			var doc []string
			for _, l := range strings.Split(strings.TrimSpace(m[1]), "\n") {
				doc = append(doc, strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(l), "//"), " "))
			}
			sig := strings.TrimSpace(m[2])
			if i := strings.LastIndex(sig, " {"); i > 0 {
				sig = sig[:i]
			}
			return docindex.Entry{Sig: sig, Doc: strings.Join(doc, "\n")}, true
		}
	}
	return docindex.Entry{}, false
}

func plainDoc(e docindex.Entry) string {
	if e.Doc == "" {
		return e.Sig
	}
	var p comment.Parser
	return e.Sig + "\n\n" + strings.TrimRight(string((&comment.Printer{}).Text(p.Parse(e.Doc))), "\n")
}

func htmlDoc(e docindex.Entry) string {
	s := "<pre><code>" + html.EscapeString(e.Sig) + "</code></pre>\n"
	if e.Doc != "" {
		var p comment.Parser
		pr := &comment.Printer{
			DocLinkURL: func(l *comment.DocLink) string { return l.DefaultURL("https://pkg.go.dev") },
			HeadingID:  func(*comment.Heading) string { return "" },
		}
		s += string(pr.HTML(p.Parse(e.Doc)))
	}
	return s
}

// predeclaredDocs documents what the kernel itself adds.
var predeclaredDocs = map[string]docindex.Entry{
	"ctx":            {Sig: "var ctx context.Context", Doc: "ctx is the context of the running cell: the stop button cancels it, and each cell has a new one. Pass it to whatever takes a context, so that it can be stopped."},
	"nb":             {Sig: "package nb", Doc: "Package nb is the notebook itself: the running cell's context and output."},
	"nb.Context":     {Sig: "func Context() context.Context", Doc: "Context returns the context of the running cell, as the predeclared variable ctx does."},
	"nb.Show":        {Sig: "func Show(values ...any) error", Doc: "Show shows values at once, each as the last value of a cell would be shown."},
	"nb.Sized":       {Sig: "func Sized(p *plot.Plot, width, height float64) Figure", Doc: "Sized returns p to be shown in the given size in inches, by Show or as the last value of a cell. A plot alone is shown in 6 by 4 inches."},
	"nb.ClearOutput": {Sig: "func ClearOutput(wait bool) error", Doc: "ClearOutput removes what the cell has shown so far; with wait, as soon as it shows something new."},
	"Display":        {Sig: "func Display(data display.Data) error", Doc: "Display shows data at once."},
}
