package differential

import (
	"fmt"
)

// Idioms of channels and goroutines.

func selectReady(g *gen) string {
	return g.stmts(`ch$, other$ := make(chan T, 2), make(chan string)
ch$ <- N
for range 4 {
	select {
	case v, ok := <-ch$:
		emit("received", v, ok)
		if ok && v < 200 {
			ch$ <- v + 100
		} else if ok {
			close(ch$)
		}
	case s := <-other$:
		emit(s)
	}
}
select {
case other$ <- "x":
	emit("sent")
default:
	emit("default")
}`, "T", "int", "N", fmt.Sprint(1+g.r.IntN(99)))
}

func drain(g *gen) string {
	return g.stmts(`in$ := make(chan int)
out$ := make(chan int, N)
go func() {
	defer close(in$)
	for i := range N {
		in$ <- i * i
	}
}()
go func() {
	for v := range in$ {
		out$ <- v + 1
	}
	close(out$)
}()
sum$ := 0
for v := range out$ {
	sum$ = sum$*3 + v
}
x$, more$ := <-out$
emit(sum$, x$, more$)`, "N", g.num())
}

func workers(g *gen) string {
	return g.stmts(`var mu$ sync.Mutex
var wg$ sync.WaitGroup
total$ := 0
res$ := make([]int, N)
for i := range res$ {
	wg$.Add(1)
	go func() {
		defer wg$.Done()
		mu$.Lock()
		defer mu$.Unlock()
		total$ += i
		res$[i] = i * 2
	}()
}
wg$.Wait()
emit(total$, res$)`, "N", g.num())
}
