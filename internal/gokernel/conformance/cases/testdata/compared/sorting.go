package main

import (
	"fmt"
	"sort"
)

type person struct {
	name string
	age  int
}
type byAge []person

func (b byAge) Len() int           { return len(b) }
func (b byAge) Less(i, j int) bool { return b[i].age < b[j].age }
func (b byAge) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

type less func(a, b *person) bool
type sorter struct {
	ps   []person
	less less
}

func (s *sorter) Len() int           { return len(s.ps) }
func (s *sorter) Less(i, j int) bool { return s.less(&s.ps[i], &s.ps[j]) }
func (s *sorter) Swap(i, j int)      { s.ps[i], s.ps[j] = s.ps[j], s.ps[i] }
func (by less) Sort(ps []person)     { sort.Sort(&sorter{ps, by}) }

func main() {
	ps := []person{{"A", 30}, {"B", 20}, {"C", 25}, {"D", 20}}
	sort.Stable(byAge(ps))
	fmt.Println(ps)
	less(func(a, b *person) bool { return a.name > b.name }).Sort(ps)
	fmt.Println(ps)
	sort.Slice(ps, func(i, j int) bool { return ps[i].age*10-len(ps[i].name) < ps[j].age*10-len(ps[j].name) })
	fmt.Println(ps[3].name, sort.SliceIsSorted(ps, func(i, j int) bool { return ps[i].age < ps[j].age }))
	i := sort.Search(100, func(i int) bool { return i*i >= 50 })
	x, found := sort.Find(4, func(i int) int { return 25 - ps[i].age })
	fmt.Println(i, x, found)
	sort.Sort(sort.Reverse(byAge(ps)))
	fmt.Println(ps[0].age, sort.IsSorted(byAge(ps)))
}
