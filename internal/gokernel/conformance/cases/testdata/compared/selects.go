package main

import (
	"fmt"
	"time"
)

func main() {
	c := make(chan int, 1)
	select {
	case v := <-c:
		fmt.Println("got", v)
	default:
		fmt.Println("empty")
	}
	select {
	case c <- 5:
		fmt.Println("sent")
	default:
		fmt.Println("full")
	}
	select {
	case c <- 6:
		fmt.Println("sent")
	default:
		fmt.Println("full")
	}
	var nilc chan int
	select {
	case <-nilc:
	case v, ok := <-c:
		fmt.Println(v, ok)
	case <-time.After(time.Minute):
	}
	m := map[string]int{}
	c <- 9
	select {
	case m["x"] = <-c:
	}
	fmt.Println(m)
	f := func(s string) chan int { fmt.Println("eval", s); return c }
	g := func(n int) int { fmt.Println("value", n); return n }
	select {
	case f("a") <- g(1):
	case <-nilc:
		fmt.Println("never")
	}
	done := make(chan struct{})
	out := make(chan int)
	go func() {
		defer close(done)
		for x := range out {
			if x == 3 {
				return
			}
			fmt.Println("x", x)
		}
	}()
	n := 0
L:
	for {
		select {
		case out <- n:
			n++
		case <-done:
			break L
		}
	}
	fmt.Println(n > 3)
	t := time.NewTimer(time.Hour)
	fmt.Println(t.Stop(), len(c), cap(c))
	close(c)
	for v := range c {
		fmt.Println("rest", v)
	}
	func() {
		defer func() { fmt.Println(recover()) }()
		close(c)
	}()
	func() {
		defer func() { fmt.Println(recover()) }()
		c <- 1
	}()
}
