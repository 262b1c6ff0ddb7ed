package session

import (
	"go/ast"
	"go/token"
	"slices"
)

// numberLocals numbers the types that the cell's functions declare, in the order
// of the source, as the compiler does: between brackets a name tells it.
func (s *Session) numberLocals(c *Checked) {
	var found []token.Pos
	for _, d := range c.file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			var body *ast.BlockStmt
			switch n := n.(type) {
			case *ast.FuncDecl:
				body = n.Body
			case *ast.FuncLit:
				body = n.Body
			}
			if body == nil {
				return true
			}
			ast.Inspect(body, func(n ast.Node) bool {
				if ts, ok := n.(*ast.TypeSpec); ok {
					found = append(found, ts.Name.Pos())
				}
				return true
			})
			return false
		})
	}
	slices.Sort(found)
	s.Prog.Types.NumberLocals(found)
}
