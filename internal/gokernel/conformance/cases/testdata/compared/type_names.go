package main

import (
	"encoding/json"
	"fmt"
	"io"
)

type G[T any] struct{ X T }
type P[A, B any] struct {
	A A
	B B
}
type M int
type Emb struct{ q int }
type I interface{ Foo(x int) string }

func f[T any]() { type loc struct{ t T }; fmt.Printf("%T %T\n", loc{}, G[loc]{}) }
func show() {
	type local int
	fmt.Printf("%T\n", G[struct {
		x int
		Y M `json:"a"`
		Emb
		*json.Number
	}]{})
	fmt.Printf("%T\n", G[func(x int, ys ...string) (a, b error)]{})
	fmt.Printf("%T\n", G[interface {
		io.Reader
		Bar(q int)
		priv()
	}]{})
	fmt.Printf("%T\n", P[any, byte]{})
	fmt.Printf("%T\n", P[rune, json.Number]{})
	fmt.Printf("%T\n", P[map[string][]M, chan<- [3]*G[M]]{})
	fmt.Printf("%T\n", P[chan (<-chan int), <-chan int]{})
	fmt.Printf("%T\n", P[func(), func(M) P[M, error]]{})
	fmt.Printf("%T\n", P[local, I]{})
	fmt.Printf("%T %T\n", local(1), struct{}{})
	fmt.Printf("%T\n", P[error, struct{}]{})
	fmt.Printf("%T\n", P[P[M, M], complex128]{})
	fmt.Printf("%T\n", []P[int, G[string]]{})
	f[int]()
	f[G[M]]()
}

func main() {
	show()
}
