package main

import (
	"errors"
	"fmt"
	"io"
)

type A struct{}
type B int
type E1 struct{}

func (E1) Error() string { return "e1" }

type G[T any] struct{ v T }

func kind(x any) string {
	switch v := x.(type) {
	case nil:
		return "nil"
	case int, int8:
		return fmt.Sprintf("int-ish %v", v)
	case []int:
		return fmt.Sprint("ints ", len(v))
	case func(int) string:
		return v(3)
	case map[string]any:
		return fmt.Sprint("map ", len(v))
	case *A:
		return fmt.Sprint("*A ", v == nil)
	case A:
		return "A"
	case B:
		return fmt.Sprint("B ", v+1)
	case G[int]:
		return fmt.Sprint("G[int] ", v.v)
	case G[string]:
		return "G[string] " + v.v
	case interface{ Foo() }:
		return "Foo"
	case error:
		return "error " + v.Error()
	case fmt.Stringer:
		return "stringer"
	case chan<- int:
		return "send only"
	case [2]string:
		return v[1]
	case struct{ X int }:
		return fmt.Sprint("anon ", v.X)
	default:
		return fmt.Sprintf("%T", v)
	}
}

func main() {
	for _, x := range []any{nil, 1, int8(2), int16(3), []int{1}, func(i int) string { return fmt.Sprint("f", i) }, map[string]any{"a": 1}, (*A)(nil), &A{}, A{}, B(4), G[int]{5}, G[string]{"s"}, G[bool]{true}, E1{}, io.EOF, errors.New("x"), make(chan<- int), make(chan int), [2]string{"p", "q"}, struct{ X int }{8}, struct{ Y int }{8}, 'r', 2.5, 3i} {
		fmt.Println(kind(x))
	}
	var err error = E1{}
	switch err {
	case io.EOF:
		fmt.Println("EOF")
	case E1{}:
		fmt.Println("E1 by value")
	}
	switch x := 5; {
	case x > 3:
		fmt.Println("big")
		fallthrough
	case x > 100:
		fmt.Println("fell")
	default:
		fmt.Println("no")
	}
	switch f := func() int { fmt.Println("once"); return 2 }; f() {
	default:
		fmt.Println("default")
	case 1, 2:
		fmt.Println("1 or 2")
	}
	var i any = B(3)
	switch i {
	case 3:
		fmt.Println("int 3")
	case B(3):
		fmt.Println("B 3")
	}
}
