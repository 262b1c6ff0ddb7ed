package main

import (
	"fmt"
)

var x = 1

func f(x int) (y int) {
	if x := x * 2; x > 3 {
		y := x + 1
		_ = y
	} else {
		y = x
	}
	{
		x := "s"
		_ = x
	}
	y += x
	return
}

func main() {
	x := "outer"
	{
		x := 3
		x++
		fmt.Println(x)
	}
	for x := range 2 {
		x := x * 10
		fmt.Println(x)
	}
	switch x := any(x).(type) {
	case string:
		x += "!"
		fmt.Println(x)
	}
	if x, err := fmt.Sprint("in"), error(nil); err == nil {
		fmt.Println(x)
	}
	fmt.Println(x, f(1), f(2))
	len := func(s string) int { return 7 }
	fmt.Println(len("abc"))
	true := false
	fmt.Println(true)
	{
		type int string
		var n int = "named int"
		fmt.Printf("%v\n", n)
	}
}
