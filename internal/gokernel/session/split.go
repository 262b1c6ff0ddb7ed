package session

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"
	"unicode/utf8"
)

// An Error is a refused cell: where, and why.
type Error struct {
	Pos    token.Position
	Msg    string
	Import bool // a package that is not linked
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }

// Bounds on the text of a cell. Deeper nesting would take the parser and the
// checker, which recurse, beyond any use.
const (
	maxCell  = 1 << 20
	maxDepth = 10000
	maxOps   = 50000 // operators of one expression
)

// A part is a stretch of a cell: an import, a function, or statements.
type part struct {
	kind       partKind
	start, end int
}

type partKind int

const (
	statements partKind = iota
	importDecl
	funcDecl
)

// tok is one token of a cell.
type tok struct {
	tok token.Token
	off int
	lit string
}

// scan returns the tokens of the cell, or the first lexical error. It refuses
// text that is no cell: not UTF-8, too long, too deeply nested.
func scan(name, code string) ([]tok, *Error) {
	at := func(off int, msg string) *Error {
		line, col := 1, 1
		for i := 0; i < off && i < len(code); i++ {
			if code[i] == '\n' {
				line, col = line+1, 1
			} else {
				col++
			}
		}
		return &Error{Pos: token.Position{Filename: name, Offset: off, Line: line, Column: col}, Msg: msg}
	}
	if len(code) > maxCell {
		return nil, at(0, "the cell has "+strconv.Itoa(len(code))+" bytes; at most "+strconv.Itoa(maxCell)+" are accepted")
	}
	if !utf8.ValidString(code) {
		off := 0
		for off < len(code) {
			r, n := utf8.DecodeRuneInString(code[off:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			off += n
		}
		return nil, at(off, "invalid UTF-8 encoding")
	}
	fset := token.NewFileSet()
	f := fset.AddFile(name, -1, len(code))
	var s scanner.Scanner
	var first *Error
	s.Init(f, []byte(code), func(pos token.Position, msg string) {
		if first == nil {
			first = &Error{Pos: pos, Msg: msg}
		}
	}, 0)
	var toks []tok
	depth, run := 0, 0
	for {
		pos, t, lit := s.Scan()
		off := f.Offset(pos)
		switch t {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
		// Operators nest as well: each of a run of them is a level of the tree.
		switch {
		case t == token.SEMICOLON || t == token.COMMA || t == token.LBRACE || t == token.RBRACE:
			run = 0
		case t.IsOperator():
			run++
		}
		if depth > maxDepth {
			return nil, at(off, "nested more than "+strconv.Itoa(maxDepth)+" deep")
		}
		if run > maxOps {
			return nil, at(off, "an expression of more than "+strconv.Itoa(maxOps)+" operators")
		}
		toks = append(toks, tok{t, off, lit})
		if t == token.EOF {
			break
		}
	}
	return toks, first
}

// split divides a cell into its parts, and returns the length of a package
// clause at its beginning.
func split(toks []tok, size int) (parts []part, clause int) {
	i := 0
	if toks[0].tok == token.PACKAGE && len(toks) > 2 && toks[1].tok == token.IDENT {
		i = 2
		if toks[2].tok == token.SEMICOLON {
			i = 3
		}
		clause = toks[2].off
		if i < len(toks) {
			clause = min(clause, size)
		}
	}
	from := clause
	flush := func(to int) {
		if to > from {
			parts = append(parts, part{statements, from, to})
		}
	}
	depth := 0
	begin := true // of a statement
	for ; i < len(toks); i++ {
		t := toks[i]
		kind := statements
		if begin && depth == 0 {
			switch {
			case t.tok == token.IMPORT:
				kind = importDecl
			case t.tok == token.FUNC && isFuncDecl(toks[i:]):
				kind = funcDecl
			}
		}
		if kind != statements {
			flush(t.off)
			d := 0
			j := i
			for ; j < len(toks) && toks[j].tok != token.EOF; j++ {
				switch toks[j].tok {
				case token.LPAREN, token.LBRACK, token.LBRACE:
					d++
				case token.RPAREN, token.RBRACK, token.RBRACE:
					d--
				}
				if d == 0 && toks[j].tok == token.SEMICOLON {
					break
				}
			}
			end := size
			if j < len(toks) {
				end = min(toks[j].off, size)
			}
			parts = append(parts, part{kind, t.off, end})
			from = end
			if j < len(toks) && toks[j].tok == token.SEMICOLON && toks[j].lit == ";" {
				from = end + 1
			}
			i = j
			begin = true
			continue
		}
		switch t.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			depth--
		}
		begin = t.tok == token.SEMICOLON
	}
	flush(size)
	return parts, clause
}

// isFuncDecl reports whether the tokens, which begin with func, declare a
// function or method: if not, they are a function literal.
func isFuncDecl(t []tok) bool {
	if len(t) < 3 {
		return false
	}
	if t[1].tok == token.IDENT {
		return true
	}
	if t[1].tok != token.LPAREN {
		return false
	}
	d := 0
	for i := 1; i < len(t); i++ {
		switch t[i].tok {
		case token.LPAREN:
			d++
		case token.RPAREN:
			d--
			if d == 0 {
				return i+2 < len(t) && t[i+1].tok == token.IDENT && t[i+2].tok == token.LPAREN
			}
		}
	}
	return false
}

// parsed is a cell as syntax.
type parsed struct {
	imports []*ast.ImportSpec
	funcs   []*ast.FuncDecl
	runs    []*run
	files   []*token.File // what was parsed
}

// run is a stretch of statements.
type run struct {
	list       []ast.Stmt
	unresolved map[*ast.Ident]bool // names that nothing before them in the run declares
}

// parse parses the parts of a cell. Positions are those in the cell.
func parse(fset *token.FileSet, name, code string, parts []part) (p *parsed, refused *Error) {
	p = &parsed{}
	from := fset.Base()
	defer func() {
		files := filesSince(fset, from)
		if refused != nil {
			dropFiles(fset, files)
			return
		}
		p.files = files
	}()
	for _, pt := range parts {
		text := code[pt.start:pt.end]
		line, col := 1, 1
		for i := 0; i < pt.start; i++ {
			if code[i] == '\n' {
				line, col = line+1, 1
			} else {
				col++
			}
		}
		mark := "/*line " + name + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(col) + "*/"
		src := "package main;" + mark + text
		if pt.kind == statements {
			src = "package main;func _(){" + mark + text + "\n}"
		}
		f, err := parser.ParseFile(fset, name, src, parser.ParseComments)
		if err != nil {
			if list, ok := err.(scanner.ErrorList); ok {
				list.Sort()
				return nil, &Error{Pos: list[0].Pos, Msg: syntaxError(list[0].Msg)}
			}
			return nil, &Error{Pos: token.Position{Filename: name, Line: line, Column: col}, Msg: err.Error()}
		}
		switch pt.kind {
		case importDecl:
			p.imports = append(p.imports, f.Imports...)
		case funcDecl:
			for _, d := range f.Decls {
				if fd, ok := d.(*ast.FuncDecl); ok {
					p.funcs = append(p.funcs, fd)
				}
			}
		default:
			if len(f.Decls) != 1 {
				pos := fset.Position(f.Decls[1].Pos())
				return nil, &Error{Pos: pos, Msg: "syntax error: non-declaration statement outside function body"}
			}
			r := &run{list: f.Decls[0].(*ast.FuncDecl).Body.List, unresolved: map[*ast.Ident]bool{}}
			for _, id := range f.Unresolved {
				r.unresolved[id] = true
			}
			p.runs = append(p.runs, r)
		}
	}
	return p, nil
}

// filesSince lists the files that a set has got since its base was from.
func filesSince(fset *token.FileSet, from int) (files []*token.File) {
	for base := from; base < fset.Base(); {
		f := fset.File(token.Pos(base))
		if f == nil {
			break
		}
		files = append(files, f)
		base = f.Base() + f.Size() + 1
	}
	return files
}

// dropFiles takes out of a set the files that no position is looked up in any more.
func dropFiles(fset *token.FileSet, files []*token.File) {
	for _, f := range files {
		fset.RemoveFile(f)
	}
}
