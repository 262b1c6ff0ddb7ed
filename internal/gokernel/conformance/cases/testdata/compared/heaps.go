package main

import (
	"container/heap"
	"container/list"
	"container/ring"
	"fmt"
)

type Item struct {
	value string
	prio  int
	index int
}
type PQ []*Item

func (pq PQ) Len() int           { return len(pq) }
func (pq PQ) Less(i, j int) bool { return pq[i].prio > pq[j].prio }
func (pq PQ) Swap(i, j int)      { pq[i], pq[j] = pq[j], pq[i]; pq[i].index = i; pq[j].index = j }
func (pq *PQ) Push(x any)        { it := x.(*Item); it.index = len(*pq); *pq = append(*pq, it) }
func (pq *PQ) Pop() any {
	old := *pq
	n := len(old)
	it := old[n-1]
	old[n-1] = nil
	it.index = -1
	*pq = old[:n-1]
	return it
}
func (pq *PQ) update(it *Item, prio int) { it.prio = prio; heap.Fix(pq, it.index) }

func main() {
	pq := PQ{}
	for i, s := range []string{"a", "b", "c"} {
		pq = append(pq, &Item{s, i * 2, i})
	}
	heap.Init(&pq)
	it := &Item{value: "d", prio: 1}
	heap.Push(&pq, it)
	pq.update(it, 5)
	for pq.Len() > 0 {
		x := heap.Pop(&pq).(*Item)
		fmt.Print(x.prio, x.value, " ")
	}
	fmt.Println()
	l := list.New()
	e := l.PushBack(4)
	l.InsertBefore(Item{value: "in"}, e)
	for e := l.Front(); e != nil; e = e.Next() {
		fmt.Print(e.Value, " ")
	}
	r := ring.New(3)
	for i := range 3 {
		r.Value = i
		r = r.Next()
	}
	r.Do(func(x any) { fmt.Print(x, " ") })
	fmt.Println()
}
