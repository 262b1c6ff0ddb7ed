package main

import (
	"fmt"
	"sync"
	"time"
)

type Msg struct {
	id   int
	resp chan<- string
}

func sieve(n int) (ps []int) {
	ch := make(chan int)
	go func(ch chan<- int) {
		for i := 2; ; i++ {
			ch <- i
		}
	}(ch)
	for range n {
		p := <-ch
		ps = append(ps, p)
		next := make(chan int)
		go func(in <-chan int, out chan<- int) {
			for {
				if x := <-in; x%p != 0 {
					out <- x
				}
			}
		}(ch, next)
		ch = next
	}
	return
}

func fanIn[T any](cs ...<-chan T) <-chan T {
	out := make(chan T)
	var wg sync.WaitGroup
	for _, c := range cs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for x := range c {
				out <- x
			}
		}()
	}
	go func() { wg.Wait(); close(out) }()
	return out
}

func produce(n, k int) <-chan int {
	c := make(chan int, 1)
	go func() {
		defer close(c)
		for i := range n {
			c <- i * k
		}
	}()
	return c
}

type sem chan struct{}

func (s sem) with(f func()) { s <- struct{}{}; defer func() { <-s }(); f() }

func main() {
	fmt.Println(sieve(12))
	sum := 0
	for x := range fanIn(produce(10, 1), produce(10, 100)) {
		sum += x
	}
	fmt.Println(sum)
	reqs := make(chan Msg)
	go func() {
		for m := range reqs {
			m.resp <- fmt.Sprint("reply ", m.id)
		}
	}()
	for i := range 3 {
		r := make(chan string)
		reqs <- Msg{i, r}
		fmt.Println(<-r)
	}
	close(reqs)
	cc := make(chan chan int, 1)
	c := make(chan int, 2)
	cc <- c
	(<-cc) <- 7
	fmt.Println(<-c, len(c), cap(c))
	var ro <-chan int = c
	fmt.Printf("%T %T %v\n", ro, cc, ro == c)
	s := make(sem, 2)
	var wg sync.WaitGroup
	var mu sync.Mutex
	most, now := 0, 0
	for range 8 {
		wg.Go(func() {
			s.with(func() {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				now--
				mu.Unlock()
			})
		})
	}
	wg.Wait()
	fmt.Println(most <= 2, now)
	tick := time.NewTicker(time.Millisecond)
	n := 0
	for range tick.C {
		if n++; n == 3 {
			tick.Stop()
			break
		}
	}
	fmt.Println(n)
	done := make(chan struct{})
	time.AfterFunc(time.Millisecond, func() { close(done) })
	select {
	case <-done:
		fmt.Println("done")
	case <-time.After(time.Minute):
		fmt.Println("late")
	}
	errs := make(chan error, 1)
	go func() { errs <- fmt.Errorf("from %d", 3) }()
	if err := <-errs; err != nil {
		fmt.Println(err)
	}
	v, ok := <-done
	fmt.Println(v, ok)
	arr := [2]chan int{make(chan int, 1), make(chan int, 1)}
	arr[1] <- 3
	for i := range arr {
		select {
		case x := <-arr[i]:
			fmt.Println(i, x)
		default:
			fmt.Println(i, "empty")
		}
	}
	type result struct {
		v   int
		err error
	}
	rc := make(chan result)
	go func() { rc <- result{v: 1} }()
	r := <-rc
	fmt.Println(r.v, r.err)
}
