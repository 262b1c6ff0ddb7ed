package main

import (
	"fmt"
)

type day int

const (
	mon day = iota
	tue
	wed
)

func classify(x int) string {
	switch {
	case x < 0:
		return "negative"
	case x == 0:
		fallthrough
	case x == 1:
		return "tiny"
	case x > 100 && x%2 == 0, x == 77:
		return "special"
	}
	return "other"
}
func f(x any) (r string) {
	switch y := x.(type) {
	case int, string:
		r = fmt.Sprintf("%T", y)
	case nil:
		r = "nil"
	case error:
		r = y.Error()
	case func() int:
		r = fmt.Sprint(y())
	case []any:
		for _, e := range y {
			r += f(e) + ","
		}
	case *int:
		*y++
		r = fmt.Sprint(*y)
	default:
		r = "?"
	}
	return
}
func g(d day) (out []string) {
	switch d {
	default:
		out = append(out, "default")
		fallthrough
	case tue:
		out = append(out, "tue")
	case mon:
		if len(out) == 0 {
			out = append(out, "mon")
			break
		}
		out = append(out, "no")
	}
	return
}

func main() {
	for _, x := range []int{-1, 0, 1, 50, 102, 77} {
		fmt.Print(classify(x), " ")
	}
	fmt.Println()
	n := 4
	fmt.Println(f([]any{1, "a", nil, fmt.Errorf("e"), func() int { return 9 }, &n, 2.5, []any{true}}), n)
	fmt.Println(g(mon), g(tue), g(wed))
	switch x := n * 2; x {
	case 10:
		fmt.Println("ten")
	case 1 << 3:
		fmt.Println("eight")
	}
	switch s := "b"; s + "c" {
	case "bc":
		fmt.Println("concatenated")
	}
	switch {
	}
	switch x := 5; {
	case x > 1:
		x := "shadow"
		fmt.Println(x)
	}
	switch i := any(int8(3)).(type) {
	case int:
		fmt.Println("int", i)
	case int8:
		fmt.Println("int8", i+1)
	}
	for i := range 3 {
		switch i {
		case 1:
			continue
		}
		fmt.Print(i, " ")
	}
	fmt.Println()
	switch c := 'x'; {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		fmt.Println("letter")
	}
	type T struct{ a, b int }
	switch (T{1, 2}) {
	case T{1, 2}:
		fmt.Println("struct case")
	}
	switch [2]int{1, 2} {
	case [2]int{2, 1}:
	case [...]int{1, 2}:
		fmt.Println("array case")
	}
	switch interface{}(1.5) {
	case 1.5:
		fmt.Println("float in interface")
	}
}
