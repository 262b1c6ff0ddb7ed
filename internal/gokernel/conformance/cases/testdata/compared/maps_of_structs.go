package main

import (
	"fmt"
	"sort"
)

type P struct{ X, Y int }
type K struct {
	name string
	at   [2]int
}

func main() {
	m := map[string]P{"a": {1, 2}}
	p := m["a"]
	p.X = 100
	fmt.Println(m, p, m["none"])
	m["a"] = p
	m["b"] = P{Y: 3}
	mp := map[string]*P{"q": {5, 6}}
	mp["q"].X++
	fmt.Println(m, *mp["q"])
	k := map[K][]int{{"a", [2]int{1, 2}}: {1}, {name: "b"}: nil}
	k[K{"a", [2]int{1, 2}}] = append(k[K{"a", [2]int{1, 2}}], 2)
	fmt.Println(len(k), k[K{"a", [2]int{1, 2}}])
	mm := map[string]map[string]int{}
	if mm["x"] == nil {
		mm["x"] = map[string]int{}
	}
	mm["x"]["y"] += 5
	mm["x"]["y"]++
	fmt.Println(mm, mm["no"]["way"])
	ia := map[any]string{1: "int", int8(1): "int8", "1": "string", P{1, 1}: "P", [1]int{1}: "array", nil: "nil", true: "bool"}
	fmt.Println(ia[1], ia[int8(1)], ia[P{1, 1}], ia[[1]int{1}], ia[nil], ia[int16(1)] == "")
	arr := map[string][3]int{"a": {1, 2, 3}}
	fmt.Println(arr["a"][1], len(arr["zz"]))
	fn := map[string]func(int) int{"double": func(x int) int { return x * 2 }}
	fmt.Println(fn["double"](4), fn["no"] == nil)
	for k := range m {
		delete(m, k)
		m["c"+k] = P{}
		if len(m) > 10 {
			break
		}
	}
	var keys []string
	cnt := map[rune]int{}
	for _, r := range "hello world" {
		cnt[r]++
	}
	for r, n := range cnt {
		keys = append(keys, fmt.Sprint(string(r), n))
	}
	sort.Strings(keys)
	fmt.Println(keys)
	delete(cnt, 'q')
	clear(cnt)
	fmt.Println(len(cnt))
	v, ok := ia["zzz"]
	fmt.Printf("%q %v\n", v, ok)
}
