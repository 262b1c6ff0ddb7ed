package differential

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Program is one random program.
type Program struct {
	Seed, ID uint64
	Decls    string   // types and functions
	Steps    []string // statements that follow each other in one scope
	// Cells says how the kernel runs it: the statements as cells of their own,
	// or inside a function.
	Cells bool
}

// prelude is declared once, before all programs.
const prelude = `var zero int

func emit(args ...any) { fmt.Println(args...) }

func cut(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}

func toInt(f float64) int {
	if f > -1e9 && f < 1e9 {
		return int(f)
	}
	return 7
}

func at(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}
`

// imports are those of the prelude and of all programs.
var imports = []string{"errors", "fmt", "math", "sort", "strconv", "strings", "sync"}

func importDecl() string { return "import (\n\t\"" + strings.Join(imports, "\"\n\t\"") + "\"\n)\n" }

// uses keeps imports that no program of a file needs from being errors.
const uses = "var _, _, _, _, _, _ = errors.New, math.Pi, sort.Ints, strconv.Itoa, strings.ToUpper, sync.NewCond\n"

// body is the program as the statements of a function.
func (p *Program) body() string {
	return fmt.Sprintf("func run_%d() {\n\tdefer func() {\n\t\tif r := recover(); r != nil {\n\t\t\temit(\"panic:\", r)\n\t\t}\n\t}()\n%s}\n", p.ID, strings.Join(p.Steps, ""))
}

// Source is the program as a file of its own.
func (p *Program) Source() string {
	return "package main\n\n" + importDecl() + "\n" + uses + "\n" + prelude + "\n" + p.Decls + "\n" + p.body() + fmt.Sprintf("\nfunc main() { run_%d() }\n", p.ID)
}

// gen generates one program.
type gen struct {
	r        *rand.Rand
	id       uint64
	decls    strings.Builder
	named    []*typ // declared types
	funcs    []*fn  // pure functions
	scope    []*variable
	names    int
	depth    int  // of nested statements
	loops    int  // of nested loops
	inFunc   bool // in a declared function, not in run
	nested   int  // keys of maps, within each other
	risk     int  // operations that may panic, left to the statement
	noCalls  bool // in functions of the lowest level
	indent   string
	features Features
}

// fn is a declared function without effects.
type fn struct {
	name   string
	params []*typ
	result *typ
	risky  bool // it may panic
}

// variable is a name in scope.
type variable struct {
	name     string
	typ      *typ
	fixed    bool // must not be assigned to
	appended bool // a slice that is appended to: it has no other name
}

// Features choose what programs are made of.
type Features struct {
	Generics bool // type parameters, and ranges over functions
}

// Generate returns program id of the seed, or false where what came out does
// not compile, which the checker of Go finds.
func Generate(seed, id uint64, features Features) (*Program, bool) {
	g := &gen{r: rand.New(rand.NewPCG(seed, id)), id: id, features: features, indent: "\t"}
	g.declareTypes()
	g.declareFuncs()
	p := &Program{Seed: seed, ID: id, Cells: g.r.IntN(3) == 0}
	for range 2 + g.r.IntN(3) {
		p.Steps = append(p.Steps, g.declareVariable())
	}
	for range 4 + g.r.IntN(8) {
		if g.r.IntN(3) == 0 {
			p.Steps = append(p.Steps, g.idiom())
		} else {
			p.Steps = append(p.Steps, g.statement())
		}
	}
	p.Steps = append(p.Steps, g.emitAll())
	p.Decls = g.decls.String()
	return p, valid(p)
}

func (g *gen) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d_%d", prefix, g.names, g.id)
}

func (g *gen) one(in int) bool { return g.r.IntN(in) == 0 }

func pick[T any](g *gen, list []T) T { return list[g.r.IntN(len(list))] }

// declareTypes declares some types of the program's own.
func (g *gen) declareTypes() {
	for range 1 + g.r.IntN(3) {
		switch g.r.IntN(4) {
		case 0:
			g.declareNamedBasic()
		default:
			g.declareStruct()
		}
	}
}

func (g *gen) declareNamedBasic() {
	u := pick(g, basicTypes)
	t := &typ{kind: u.kind, name: g.name("T"), bits: u.bits}
	fmt.Fprintf(&g.decls, "type %s %s\n\n", t.name, u.name)
	g.named = append(g.named, t)
	switch {
	case g.one(2) && u.kind <= floatKind:
		fmt.Fprintf(&g.decls, "func (x %s) String() string { return fmt.Sprintf(\"<%%v>\", %s(x)) }\n\n", t.name, u.name)
	case g.one(3):
		fmt.Fprintf(&g.decls, "func (x %s) Error() string { return fmt.Sprint(\"error \", %s(x)) }\n\n", t.name, u.name)
	}
	if u.kind == intKind && g.one(2) {
		t.method = g.name("M")
		fmt.Fprintf(&g.decls, "func (x %s) %s() int { return int(x)*3 + 1 }\n\n", t.name, t.method)
	}
}

func (g *gen) declareStruct() {
	t := &typ{kind: structKind, name: g.name("S")}
	for i := range 1 + g.r.IntN(4) {
		ft := g.anyType(1)
		name := fmt.Sprintf("%c%d", "fG"[g.r.IntN(2)], i)
		t.fields = append(t.fields, field{name, ft})
	}
	fmt.Fprintf(&g.decls, "type %s struct {\n", t.name)
	for _, f := range t.fields {
		fmt.Fprintf(&g.decls, "\t%s %s\n", f.name, f.typ.name)
	}
	fmt.Fprintf(&g.decls, "}\n\n")
	g.named = append(g.named, t)
	if g.one(2) {
		t.method = g.name("M")
		fmt.Fprintf(&g.decls, "func (x %s) %s() int { return %s }\n\n", t.name, t.method, measure("x."+t.fields[0].name, t.fields[0].typ))
	}
	if t.printable() && g.one(5) {
		fmt.Fprintf(&g.decls, "func (x %s) String() string { return fmt.Sprint(\"S(\", x.%s, \")\") }\n\n", t.name, t.fields[0].name)
	}
}

// measure turns a value of any type into an int.
func measure(x string, t *typ) string {
	switch t.kind {
	case intKind, uintKind:
		return "int(" + x + ")"
	case floatKind:
		return "toInt(float64(" + x + "))"
	case complexKind:
		return "toInt(float64(real(" + x + ")))"
	case stringKind, sliceKind, mapKind, arrayKind:
		return "len(" + x + ")"
	}
	return "5"
}

// anyType chooses a type; depth bounds how deep it nests.
func (g *gen) anyType(depth int) *typ {
	k := g.r.IntN(12)
	if depth <= 0 && k >= 8 {
		k = g.r.IntN(8)
	}
	switch {
	case k < 6:
		return pick(g, basicTypes)
	case k < 8 && len(g.named) > 0:
		return pick(g, g.named)
	case k == 8:
		return arrayOf(2+g.r.IntN(4), g.anyType(depth-1))
	case k == 9:
		return sliceOf(g.anyType(depth - 1))
	case k == 10:
		return mapOf(g.keyType(), g.anyType(depth-1))
	case k == 11 && len(g.named) > 0 && pick(g, g.named).kind == structKind:
		for _, t := range g.named {
			if t.kind == structKind {
				return pointerTo(t)
			}
		}
	}
	return pick(g, basicTypes)
}

func (g *gen) keyType() *typ {
	for range 4 {
		t := pick(g, basicTypes)
		if t.integer() || t.kind == stringKind || t.kind == boolKind {
			return t
		}
	}
	return tInt
}

// declareFuncs declares functions without effects: those of the first half
// call nothing, the others may call those.
func (g *gen) declareFuncs() {
	n := 1 + g.r.IntN(3)
	for i := range n {
		g.noCalls = i < (n+1)/2
		g.declareFunc()
	}
	g.noCalls = false
}

func (g *gen) declareFunc() {
	f := &fn{name: g.name("f"), result: g.anyType(1)}
	outer := g.scope
	g.scope, g.inFunc = nil, true
	defer func() { g.scope, g.inFunc = outer, false }()
	var params []string
	for range 1 + g.r.IntN(3) {
		v := g.newVariable("p", g.anyType(1))
		f.params = append(f.params, v.typ)
		params = append(params, v.name+" "+v.typ.name)
		v.fixed = v.typ.kind == sliceKind || v.typ.kind == mapKind || v.typ.kind == pointerKind
	}
	var body strings.Builder
	named := g.one(2)
	if named {
		r := g.newVariable("r", f.result)
		fmt.Fprintf(&body, "func %s(%s) (%s %s) {\n", f.name, strings.Join(params, ", "), r.name, f.result.name)
		if g.one(3) {
			fmt.Fprintf(&body, "\tdefer func() {\n\t\tif e := recover(); e != nil {\n\t\t\t%s = %s\n\t\t}\n\t}()\n", r.name, g.zeroOr(f.result))
			f.risky = false
		} else {
			f.risky = true
		}
	} else {
		fmt.Fprintf(&body, "func %s(%s) %s {\n", f.name, strings.Join(params, ", "), f.result.name)
		f.risky = true
	}
	for range 1 + g.r.IntN(4) {
		if g.one(3) {
			body.WriteString(g.declareVariable())
		} else {
			body.WriteString(g.pureStatement())
		}
	}
	g.risk = 1
	fmt.Fprintf(&body, "\treturn %s\n}\n\n", g.expr(f.result, 2))
	g.decls.WriteString(body.String())
	g.funcs = append(g.funcs, f)
}

func (g *gen) newVariable(prefix string, t *typ) *variable {
	v := &variable{name: g.name(prefix), typ: t}
	g.scope = append(g.scope, v)
	return v
}
