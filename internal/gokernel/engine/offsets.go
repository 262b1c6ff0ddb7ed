package engine

import (
	"fmt"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ssa"
)

// offsetOf returns the offset of the field that v is the value of. What is on the
// way to a field of an embedded one cannot be told from here.
func (c *compiler) offsetOf(v ssa.Value) uint64 {
	if load, ok := v.(*ssa.UnOp); ok && load.Op == token.MUL {
		v = load.X
	}
	off, x := c.fieldOf(v)
	if _, within := c.fieldOf(x); x == nil || within != nil {
		panic(fmt.Errorf("builtin Offsetof of a field in a field"))
	}
	return uint64(off)
}

// fieldOf returns the offset of the field that v is or points to, and the value
// that it is a field of; nil where v is no field.
func (c *compiler) fieldOf(v ssa.Value) (uintptr, ssa.Value) {
	switch f := v.(type) {
	case *ssa.FieldAddr:
		return c.fieldOffset(f.X.Type().Underlying().(*types.Pointer).Elem(), f.Field), f.X
	case *ssa.Field:
		return c.fieldOffset(f.X.Type(), f.Field), f.X
	}
	return 0, nil
}
