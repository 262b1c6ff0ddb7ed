package main

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

func main() {
	s := "aé世\xff\U0001F600z"
	for i, r := range s {
		fmt.Print(i, ":", r, " ")
	}
	fmt.Println(len(s), utf8.RuneCountInString(s), []rune(s)[2], []byte(s)[1])
	for i := range "héy" {
		fmt.Print(i, " ")
	}
	fmt.Println(string([]rune{'x', 0x4e16, -1, 0x110000}), string([]byte{0x61, 0xc3}))
	type MyS string
	type MyB []byte
	m := MyS("abc")
	b := MyB(m)
	b[0] = 'z'
	fmt.Println(m, string(b), m[1:], m+"d", m < "abd", len(m))
	fmt.Printf("%T %q %x % x %v %s\n", m[1:], m, m, m, b, b)
	c := s[:3]
	fmt.Println(c+"|", strings.Map(func(r rune) rune {
		if r == 'é' {
			return -1
		}
		return r + 1
	}, c))
	raw := `a\n
b`
	fmt.Printf("%q %d\n", raw, len(raw))
	bs := append([]byte("x"), "yz"...)
	n := copy(bs, "Q")
	fmt.Println(string(bs), n)
	switch s[0] {
	case 'a':
		fmt.Println("starts with a")
	}
	var sb strings.Builder
	for i := 3; i > 0; i-- {
		fmt.Fprintf(&sb, "%d...", i)
	}
	fmt.Println(sb.String(), strings.Repeat("ab", 3), "x"+string(rune(65)))
	fmt.Println("a\tb", '\'', "\u00e9" == "é", "\x41\101")
}
