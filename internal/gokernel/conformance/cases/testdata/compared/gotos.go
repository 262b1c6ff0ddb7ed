package main

import (
	"fmt"
)

func collatz(n int) (steps int) {
again:
	if n == 1 {
		return
	}
	steps++
	if n%2 == 0 {
		n /= 2
		goto again
	}
	n = 3*n + 1
	goto again
}

func closuresInGoto() (out []int) {
	var fs []func() int
	i := 0
top:
	{
		j := i
		fs = append(fs, func() int { j++; return j })
	}
	i++
	if i < 3 {
		goto top
	}
	for _, f := range fs {
		f()
		out = append(out, f())
	}
	return
}

func main() {
	fmt.Println(collatz(27), closuresInGoto())
}
