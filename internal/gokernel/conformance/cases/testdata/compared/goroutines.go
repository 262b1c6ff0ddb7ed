package main

import (
	"context"
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

type SafeMap[K comparable, V any] struct {
	mu sync.RWMutex
	m  map[K]V
}

func (s *SafeMap[K, V]) Do(k K, f func(V) V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = map[K]V{}
	}
	s.m[k] = f(s.m[k])
}

type job struct{ id, n int }

func worker(ctx context.Context, jobs <-chan job, out chan<- [2]int, wg *sync.WaitGroup) {
	defer wg.Done()
	for {
		select {
		case j, ok := <-jobs:
			if !ok {
				return
			}
			out <- [2]int{j.id, j.n * j.n}
		case <-ctx.Done():
			return
		}
	}
}

func gen(ctx context.Context) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := 0; ; i++ {
			select {
			case c <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

type ctxKey struct{}

func main() {
	var s SafeMap[string, int]
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { s.Do(fmt.Sprint(i%3), func(v int) int { return v + i }) })
	}
	wg.Wait()
	fmt.Println(s.m)
	jobs, out := make(chan job), make(chan [2]int, 20)
	var wg2 sync.WaitGroup
	for range 4 {
		wg2.Add(1)
		go worker(context.Background(), jobs, out, &wg2)
	}
	for i := range 10 {
		jobs <- job{i, i}
	}
	close(jobs)
	wg2.Wait()
	close(out)
	var rs [][2]int
	for r := range out {
		rs = append(rs, r)
	}
	sort.Slice(rs, func(i, j int) bool { return rs[i][0] < rs[j][0] })
	fmt.Println(rs)
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), ctxKey{}, "v"))
	sum := 0
	for x := range gen(ctx) {
		sum += x
		if x == 100 {
			cancel()
			break
		}
	}
	fmt.Println(sum, ctx.Err(), ctx.Value(ctxKey{}), context.Cause(ctx))
	tctx, stop := context.WithTimeout(context.Background(), 5*time.Millisecond)
	<-tctx.Done()
	stop()
	fmt.Println(tctx.Err())
	var n atomic.Int64
	var once sync.Once
	var wg3 sync.WaitGroup
	for range 20 {
		wg3.Add(1)
		go func() {
			defer wg3.Done()
			once.Do(func() { n.Add(1000) })
			n.Add(1)
			runtime.Gosched()
		}()
	}
	wg3.Wait()
	fmt.Println(n.Load())
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	ready := false
	go func() { mu.Lock(); ready = true; cond.Broadcast(); mu.Unlock() }()
	mu.Lock()
	for !ready {
		cond.Wait()
	}
	mu.Unlock()
	v := sync.OnceValue(func() int { n.Add(1); return 5 })
	fmt.Println(v(), v(), n.Load())
	pool := sync.Pool{New: func() any { return new(job) }}
	fmt.Println(*pool.Get().(*job))
	var sm sync.Map
	sm.Store(job{1, 2}, "x")
	got, ok := sm.Load(job{1, 2})
	fmt.Println(got, ok)
	errc := make(chan error)
	go func() {
		defer func() { errc <- fmt.Errorf("recovered %v", recover()) }()
		panic("in goroutine")
	}()
	fmt.Println(<-errc)
	res := make(chan int)
	go func() {
		defer close(res)
		for i := range 3 {
			res <- i
		}
	}()
	for r := range res {
		fmt.Print(r, " ")
	}
	fmt.Println()
}
