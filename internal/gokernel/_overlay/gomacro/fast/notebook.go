package fast

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"os"
	r "reflect"
	"runtime/debug"
	"sync/atomic"
	"unsafe"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/base/reflect"
	"github.com/cosmos72/gomacro/base/untyped"
	"github.com/cosmos72/gomacro/gls"
	xr "github.com/cosmos72/gomacro/xreflect"
)

// This file is added to the interpreter by nngplab kernel install. It holds
// what a notebook needs and the interpreter's command line does not: to run a
// cell, to interrupt it, to abandon it, and to say where it failed.

// reserved is the capacity given to the notebook's variables at the start.
// Abandon relies on their storage never moving.
const reserved = 1 << 16

// Reserve gives the notebook's variables storage that never moves while there
// are fewer than reserved of them.
func (ir *Interp) Reserve() {
	env := ir.env
	vals := make([]xr.Value, len(env.Vals), reserved)
	copy(vals, env.Vals)
	ints := make([]uint64, len(env.Ints), reserved)
	copy(ints, env.Ints)
	env.Vals, env.Ints = vals, ints
}

// Universe returns the interpreter of the predeclared names: a name declared
// there is found from every cell, and a cell's declaration hides it.
func (ir *Interp) Universe() *Interp {
	return &Interp{ir.Comp.TopComp(), ir.env.Top()}
}

// AttachGoroutine makes the calling goroutine the one that runs the cells of ir.
func (ir *Interp) AttachGoroutine() {
	run := ir.env.Run.new(gls.GoID())
	run.glsStore()
	ir.env.Run = run
}

// DetachGoroutine forgets the calling goroutine, which is about to end.
func (ir *Interp) DetachGoroutine() { ir.env.Run.glsDel() }

// RequestInterrupt asks the interpreted code that runs in the goroutine of ir
// to stop. It takes effect at the code's next jump or return, as a panic with
// base.SigInterrupt.
func (ir *Interp) RequestInterrupt() {
	s := &ir.env.Run.Signals
	word := (*uint32)(unsafe.Pointer(s))
	var set base.Signals
	set.Async = base.SigInterrupt
	atomic.OrUint32(word, *(*uint32)(unsafe.Pointer(&set)))
}

// Abandon returns an interpreter with the same names and variables as ir, for
// another goroutine, and leaves ir to the goroutine that is still inside a
// cell. That goroutine stops at its next interpreted jump or return.
func (ir *Interp) Abandon() *Interp {
	env := *ir.env
	env.IP, env.Code, env.DebugPos = 0, nil, nil
	env.UsedByClosure = true
	next := &Interp{ir.Comp, &env}
	env.FileEnv = &env
	ir.RequestInterrupt()
	return next
}

// CellPanic describes a cell that ended in a panic.
type CellPanic struct {
	Value I                // the panic's value
	Trace []token.Position // active interpreted calls, innermost first
	Stack []byte           // of the goroutine
}

// RunCell runs the compiled code of a cell and returns the values of its last
// expression. A panic of the code is returned, not raised.
func (ir *Interp) RunCell(e *Expr) (vals []xr.Value, types []xr.Type, failed *CellPanic) {
	if e == nil {
		return nil, nil, nil
	}
	env := ir.PrepareEnv()
	run := env.Run
	env.IP, env.Code, env.DebugPos = 0, nil, nil
	run.ExecFlags, run.Interrupt, run.DeferOfFun, run.PanicFun, run.Panic, run.InstallDefer = 0, nil, nil, nil, nil, nil
	run.CurrEnv = env
	defer func() {
		if v := recover(); v != nil {
			failed = &CellPanic{Value: v, Trace: run.trace(), Stack: debug.Stack()}
		}
		run.CurrEnv = nil
	}()
	if e.Untyped() {
		e.ConstTo(e.DefaultType())
	}
	v, vs := e.AsXV(COptKeepUntyped)(env)
	return reflect.PackValues(v, vs), reflect.PackTypes(e.Type, e.Types), nil
}

// ClearInterrupt drops a request that no code has taken yet.
func (ir *Interp) ClearInterrupt() { ir.env.Run.Signals = base.Signals{} }

// trace lists the positions of the active interpreted calls.
func (run *Run) trace() []token.Position {
	var out []token.Position
	for env := run.CurrEnv; env != nil && len(out) < 20; {
		if ip := env.IP; ip >= 0 && ip < len(env.DebugPos) {
			p := run.Fileset.Position(env.DebugPos[ip])
			if p.IsValid() && (len(out) == 0 || out[len(out)-1] != p) {
				out = append(out, p)
			}
		}
		for env != nil && env.Caller == nil {
			env = env.Outer
		}
		if env != nil {
			env = env.Caller
		}
	}
	return out
}

// reportGoroutinePanic is deferred in goroutines that a cell starts.
func reportGoroutinePanic(run *Run) {
	v := recover()
	if v == nil {
		return
	}
	where := ""
	if t := run.trace(); len(t) > 0 {
		where = " at " + t[0].String()
	}
	fmt.Fprintf(os.Stderr, "panic in a goroutine%s: %v\n", where, v)
}

// maxDepth is how deeply interpreted calls may nest. The interpreter takes some
// kilobytes of stack for each; a machine for notebooks may have one gigabyte.
const maxDepth = 50000

func checkDepth(depth int) {
	if depth > maxDepth {
		panic(fmt.Sprintf("stack overflow: calls nested more than %d deep", maxDepth))
	}
}

// rangeInt compiles "for i := range n" for n of type int.
func (c *Comp) rangeInt(node *ast.RangeStmt, erange *Expr, jump *rangeJump) {
	if node.Value != nil {
		c.Errorf("range over %v <%v> permits only one iteration variable", node.X, erange.Type)
	}
	end := c.Bind(c.DeclVar0("", c.TypeOfInt(), erange)).WithFun().(func(*Env) int)
	// The hidden counter drives the loop: the body may assign to its variable.
	counter := c.DeclVar0("", c.TypeOfInt(), nil).AsVar(0, PlaceSettable).AsPlace()
	ecounter := c.GetPlace(counter)
	now := ecounter.WithFun().(func(*Env) int)
	key, _ := c.rangeVars(node, c.TypeOfInt(), nil)
	jump.Start = c.Code.Len()
	c.append(func(env *Env) (Stmt, *Env) {
		ip := jump.Break
		if now(env) < end(env) {
			ip = env.IP + 1
		}
		env.IP = ip
		return env.Code[ip], env
	})
	if key != nil {
		c.SetPlace(key, token.ASSIGN, ecounter)
	}
	c.Block(node.Body)
	jump.Continue = c.Code.Len()
	c.SetPlace(counter, token.ADD_ASSIGN, c.exprValue(c.TypeOfInt(), 1))
	c.append(func(env *Env) (Stmt, *Env) {
		ip := jump.Start
		env.IP = ip
		return env.Code[ip], env
	})
}

// compileMinMax compiles the builtins min and max.
func compileMinMax(c *Comp, sym Symbol, node *ast.CallExpr) *Call {
	op := token.LSS
	if sym.Name == "max" {
		op = token.GTR
	}
	args := make([]*Expr, len(node.Args))
	var t xr.Type
	for i, a := range node.Args {
		args[i] = c.Expr1(a, nil)
		if t == nil && !args[i].Untyped() {
			t = args[i].Type
		}
	}
	if t == nil {
		return constMinMax(c, sym, op, args)
	}
	switch k := reflect.Category(t.Kind()); k {
	case r.Int, r.Uint, r.Float64, r.String:
	default:
		c.Errorf("%s of %v, which is not ordered", sym.Name, t)
	}
	in := make([]xr.Type, len(args))
	for i, a := range args {
		in[i] = t
		if a.Const() {
			a.ConstTo(t)
		} else if !a.Type.IdenticalTo(t) {
			c.Errorf("%s of %v and %v: the arguments must have one type", sym.Name, t, a.Type)
		}
	}
	sym.Type = c.Universe.FuncOf(in, []xr.Type{t}, false)
	fun := exprLit(Lit{Type: sym.Type, Value: variadicValues(func(vs ...xr.Value) xr.Value { return extreme(op, vs) })}, &sym)
	return &Call{Fun: fun, Args: args, OutTypes: []xr.Type{t}}
}

// variadicValues is a builtin that takes any number of values.
type variadicValues func(...xr.Value) xr.Value

// compile returns the function that calls f with the values of args, of the
// result type that the interpreter expects for the kind k.
func (f variadicValues) compile(args []*Expr, k xr.Kind) I {
	funs := make([]func(*Env) xr.Value, len(args))
	for i, a := range args {
		funs[i] = a.AsX1()
	}
	call := func(env *Env) xr.Value {
		vs := make([]xr.Value, len(funs))
		for i, fun := range funs {
			vs[i] = fun(env)
		}
		return f(vs...)
	}
	switch k {
	case xr.Int:
		return func(env *Env) int { return int(call(env).Int()) }
	case xr.Int8:
		return func(env *Env) int8 { return int8(call(env).Int()) }
	case xr.Int16:
		return func(env *Env) int16 { return int16(call(env).Int()) }
	case xr.Int32:
		return func(env *Env) int32 { return int32(call(env).Int()) }
	case xr.Int64:
		return func(env *Env) int64 { return call(env).Int() }
	case xr.Uint:
		return func(env *Env) uint { return uint(call(env).Uint()) }
	case xr.Uint8:
		return func(env *Env) uint8 { return uint8(call(env).Uint()) }
	case xr.Uint16:
		return func(env *Env) uint16 { return uint16(call(env).Uint()) }
	case xr.Uint32:
		return func(env *Env) uint32 { return uint32(call(env).Uint()) }
	case xr.Uint64:
		return func(env *Env) uint64 { return call(env).Uint() }
	case xr.Uintptr:
		return func(env *Env) uintptr { return uintptr(call(env).Uint()) }
	case xr.Float32:
		return func(env *Env) float32 { return float32(call(env).Float()) }
	case xr.Float64:
		return func(env *Env) float64 { return call(env).Float() }
	case xr.String:
		return func(env *Env) string { return call(env).String() }
	}
	return call
}

// extreme returns the least (op <) or greatest (op >) of vs; a NaN wins.
func extreme(op token.Token, vs []xr.Value) xr.Value {
	best := vs[0]
	for _, v := range vs[1:] {
		var before bool
		switch reflect.Category(v.Kind()) {
		case r.Int:
			before = (v.Int() < best.Int()) == (op == token.LSS) && v.Int() != best.Int()
		case r.Uint:
			before = (v.Uint() < best.Uint()) == (op == token.LSS) && v.Uint() != best.Uint()
		case r.Float64:
			a, b := v.Float(), best.Float()
			before = b == b && (a != a || (op == token.LSS && a < b) || (op == token.GTR && a > b))
		case r.String:
			before = (op == token.LSS && v.String() < best.String()) || (op == token.GTR && v.String() > best.String())
		}
		if before {
			best = v
		}
	}
	return best
}

func constMinMax(c *Comp, sym Symbol, op token.Token, args []*Expr) *Call {
	best := args[0].Value.(UntypedLit)
	for _, a := range args[1:] {
		lit := a.Value.(UntypedLit)
		kind := best.Kind
		if lit.Kind > kind {
			kind = lit.Kind // int, rune, float
		}
		if constant.Compare(lit.Val, op, best.Val) {
			best = lit
		}
		best = untyped.MakeLit(kind, best.Val, &c.Universe.BasicTypes)
	}
	touts := []xr.Type{c.TypeOfUntypedLit()}
	sym.Type = c.Universe.FuncOf(nil, touts, false)
	return &Call{Fun: exprLit(Lit{Type: sym.Type, Value: best}, &sym), OutTypes: touts, Const: true}
}

func callClear(v xr.Value) {
	switch v.Kind() {
	case r.Map, r.Slice:
		v.ReflectValue().Clear()
	}
}

// compileClear compiles the builtin clear.
func compileClear(c *Comp, sym Symbol, node *ast.CallExpr) *Call {
	arg := c.Expr1(node.Args[0], nil)
	if k := arg.Type.Kind(); k != r.Map && k != r.Slice {
		return c.badBuiltinCallArgType(sym.Name, node.Args[0], arg.Type, "map, slice")
	}
	sym.Type = c.Universe.FuncOf([]xr.Type{arg.Type}, zeroTypes, false)
	return newCall1(exprLit(Lit{Type: sym.Type, Value: callClear}, &sym), arg, false)
}
