package main

import (
	"fmt"
)

func main() {
	var s uint = 33
	var i = 1 << s
	var j int32 = 1 << s
	var k = uint64(1 << s)
	var w int64 = 1.0 << 33
	var x = make([]byte, 1<<(s-30))
	fmt.Println(i, j, k, w, len(x))
	var n int8 = -128
	fmt.Println(n>>1, n>>7, n>>100, n<<1, n/-1, n%-1, -n)
	var u uint16 = 0x8001
	fmt.Println(u>>15, u<<15, u>>16, u<<20, ^u, u&^1)
	var sh int = 3
	fmt.Println(1<<sh, int8(1)<<sh<<sh<<sh, uint32(1)<<31>>sh)
	defer func() {
		fmt.Println(recover())
	}()
	sh = -1
	fmt.Println(1 << sh)
}
