package main

import (
	"errors"
	"fmt"
)

type Celsius float64
type ID string
type Flag bool
type Ints []int
type Fn func(int) error
type Ch chan<- Celsius
type Pair[A, B any] struct {
	First  A
	Second B
}
type Str struct{ s string }

func (s Str) String() string { return "<" + s.s + ">" }

type PStr struct{ s string }

func (s *PStr) String() string { return "*" + s.s }

type GoStr struct{}

func (GoStr) GoString() string { return "GO" }

type Fmt struct{ n int }

func (f Fmt) Format(s fmt.State, verb rune) {
	w, ok := s.Width()
	fmt.Fprintf(s, "F%c%d%t%v", verb, w, ok, s.Flag('+'))
}

type Err struct{ error }
type Bad struct{}

func (Bad) String() string { panic("bad stringer") }

func main() {
	c := Celsius(36.6)
	fmt.Printf("%T %v %.2f %8.1f| %e\n", c, c, c, c, c)
	fmt.Printf("%T %q %v %x\n", ID("a"), ID("a"), ID("a"), ID("az"))
	fmt.Printf("%T %v %t\n", Flag(true), Flag(true), Flag(false))
	fmt.Printf("%T %v %d %#v\n", Ints{1}, Ints{1, 2}, Ints{3}, Ints{4})
	fmt.Printf("%T %T %v\n", Fn(nil), Ch(nil), Fn(nil) == nil)
	p := Pair[string, []Celsius]{"a", []Celsius{1}}
	fmt.Printf("%T %v %+v %#v\n", p, p, p, p)
	fmt.Printf("%T\n", Pair[Pair[int, ID], map[ID]*Str]{})
	fmt.Println(Str{"x"}, &Str{"y"}, PStr{"z"}, &PStr{"w"}, []Str{{"a"}}, []*Str{}, map[Str]Str{{"k"}: {"v"}})
	fmt.Printf("%v %s %d %+v\n", Str{"q"}, Str{"q"}, Str{"q"}, struct{ S Str }{Str{"in"}})
	fmt.Printf("%#v %v\n", GoStr{}, GoStr{})
	fmt.Printf("%+7d|%v\n", Fmt{1}, Fmt{2})
	fmt.Println(Err{errors.New("inner")}, Err{})
	fmt.Printf("%v\n", Bad{})
	var np *Str
	fmt.Printf("%v %+v\n", np, (*PStr)(nil) == nil)
	fmt.Printf("%d %s %!|%v\n", "str", 5, nil)
	fmt.Printf("%[2]d %[1]d %d\n", 1, 2)
	fmt.Printf("%*d|%-5d|%05d|%x|%X|%o|%b|%c|%U\n", 5, 42, 42, 42, 255, 255, 8, 5, 'x', 'é')
	fmt.Printf("%t %v %p\n", true, nil, nil)
	fmt.Printf("%6.2f|%-8s|%8s|%+d|% d\n", 3.14159, "ab", "cd", 5, 7)
	fmt.Printf("%v %v %v\n", []byte("hi"), [3]byte{1, 2, 3}, []any{1, "a", nil, 2.0})
	fmt.Printf("%q %v %s\n", []string{"a b", "c"}, []string{"a b", "c"}, []error{errors.New("e")})
	fmt.Printf("%v %.3v %g %G\n", 1e21, 3.14159, 1e-7, 1e20)
	fmt.Printf("%v %v\n", 3+4i, complex64(1i))
	fmt.Printf("%5t|%q|%#x|%#o\n", true, 'x', 255, 8)
	var i any = 3
	var e error
	fmt.Printf("%T %T %v\n", i, e, e)
	fmt.Print("a", 1, 2, "b", "c", 3.0, '\n', "\n")
	fmt.Println(fmt.Sprint("x", 5, 6, "y"), fmt.Sprintln("end"))
	w := fmt.Errorf("ctx: %w", Err{errors.New("root")})
	var er Err
	fmt.Println(w, errors.As(w, &er), er, errors.Unwrap(w))
}
