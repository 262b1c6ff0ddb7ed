package main

import (
	"fmt"
)

func main() {
outer:
	for i := range 4 {
		for j := range 4 {
			switch {
			case j == 1:
				continue outer
			case i == 2:
				break outer
			}
			fmt.Println(i, j)
		}
	}
loop:
	for k := 0; ; k++ {
		switch {
		case k < 2:
			continue
		case k == 4:
			break loop
		}
		select {
		default:
			if k == 3 {
				continue loop
			}
		}
		fmt.Println("k", k)
	}
block:
	for {
		fmt.Println("in block")
		if len("a") == 1 {
			break block
		}
		fmt.Println("never")
	}
sw:
	switch 1 {
	case 1:
		for {
			break sw
		}
	}
	m := map[string][]int{"a": {1, 2, 3}}
rng:
	for k, v := range m {
		for i, x := range v {
			if x == 2 {
				fmt.Println(k, i)
				break rng
			}
		}
	}
}
