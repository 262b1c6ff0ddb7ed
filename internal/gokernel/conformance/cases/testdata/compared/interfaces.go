package main

import (
	"fmt"
)

type Shape interface {
	Area() float64
	Perimeter() float64
}
type Rect struct{ w, h float64 }
type Circle struct{ r float64 }
type Sq struct{ Rect }

func (r Rect) Area() float64         { return r.w * r.h }
func (r Rect) Perimeter() float64    { return 2 * (r.w + r.h) }
func (c *Circle) Area() float64      { return 3 * c.r * c.r }
func (c *Circle) Perimeter() float64 { return 6 * c.r }

type Named interface {
	Shape
	comparableName() string
}

func (s Sq) comparableName() string { return "sq" }

type Visitor interface{ Visit(n int) Visitor }
type v struct{ depth int }

func (x v) Visit(n int) Visitor {
	if n == 0 {
		return nil
	}
	return v{x.depth + 1}
}

type Eq interface{ Equal(Eq) bool }
type I1 int

func (a I1) Equal(b Eq) bool { o, ok := b.(I1); return ok && o == a }

type Any = interface{}

func main() {
	shapes := []Shape{Rect{1, 2}, &Circle{1}, Sq{Rect{3, 3}}, &Rect{2, 2}}
	total := 0.0
	for _, s := range shapes {
		total += s.Area()
		switch s := s.(type) {
		case Rect:
			s.w = 100
			fmt.Print("rect ", s.w, " ")
		case *Circle:
			s.r = 2
		case Named:
			fmt.Print(s.comparableName(), " ")
		}
	}
	fmt.Println(total, shapes[1].Area())
	var n Named
	fmt.Println(n == nil)
	n, ok := shapes[2].(Named)
	fmt.Println(n.Perimeter(), ok)
	_, ok = shapes[0].(Named)
	fmt.Println(ok, shapes[0] == Shape(Rect{1, 2}), shapes[1] == Shape(&Circle{2}), shapes[0] != shapes[2])
	var vis Visitor = v{}
	for i := 3; vis != nil; i-- {
		fmt.Print(vis, " ")
		vis = vis.Visit(i)
	}
	fmt.Println()
	fmt.Println(I1(3).Equal(I1(3)), I1(3).Equal(nil))
	m := map[Shape]string{Rect{1, 1}: "unit", &Circle{}: "circle"}
	fmt.Println(m[Rect{1, 1}], len(m))
	var a Any = shapes
	fmt.Println(len(a.([]Shape)), a != nil)
	func() {
		defer func() { fmt.Println(recover()) }()
		_ = shapes[0].(*Circle)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		var s Shape
		s.Area()
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		_ = shapes[0].(Named)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		_ = any(nil).(Shape)
	}()
	var e fmt.Stringer
	var x any = e
	fmt.Println(x == nil)
}
