package main

import (
	"fmt"
)

type größe float64
type 数 struct{ 値 int }

func (n 数) 二倍() int { return n.値 * 2 }
func π() float64    { return 3.14 }

const Δ = 0.5

var _x, x_, X1 = 1, 2, 3

func main() {
	τ := 2 * π()
	var g größe = größe(τ) * Δ
	名 := 数{値: 4}
	fmt.Println(τ, g, 名, 名.二倍(), _x+x_+X1)
	fmt.Printf("%T %+v\n", 名, 名)
	é := map[string]größe{"α": 1}
	é["β"]++
	fmt.Println(é)
}
