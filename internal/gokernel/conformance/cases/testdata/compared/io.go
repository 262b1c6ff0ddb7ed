package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
)

type rot13 struct{ r io.Reader }

func (r rot13) Read(p []byte) (n int, err error) {
	n, err = r.r.Read(p)
	for i, c := range p[:n] {
		switch {
		case c >= 'a' && c <= 'z':
			p[i] = 'a' + (c-'a'+13)%26
		case c >= 'A' && c <= 'Z':
			p[i] = 'A' + (c-'A'+13)%26
		}
	}
	return
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

type header struct {
	Magic [2]byte
	N     uint16
	V     int32
}

func main() {
	io.Copy(os.Stdout, rot13{strings.NewReader("Uryyb, Jbeyq!\n")})
	var c counter
	fmt.Fprintf(io.MultiWriter(&c, io.Discard), "%d bytes", 42)
	fmt.Println(c)
	sc := bufio.NewScanner(strings.NewReader("one two\nthree"))
	sc.Split(bufio.ScanWords)
	for sc.Scan() {
		fmt.Print(sc.Text(), "|")
	}
	sc = bufio.NewScanner(strings.NewReader("a,b"))
	sc.Split(func(data []byte, atEOF bool) (int, []byte, error) {
		if len(data) == 0 {
			return 0, nil, nil
		}
		return 1, data[:1], nil
	})
	for sc.Scan() {
		fmt.Print(sc.Text(), "|")
	}
	fmt.Println()
	var buf bytes.Buffer
	fmt.Println(binary.Write(&buf, binary.BigEndian, header{[2]byte{'a', 'b'}, 3, -4}), buf.Bytes())
	var h header
	fmt.Println(binary.Read(&buf, binary.BigEndian, &h), h)
	r := csv.NewReader(strings.NewReader("a,\"b,c\"\n1,2\n"))
	recs, err := r.ReadAll()
	fmt.Println(recs, err)
	var a, b int
	n, err := fmt.Sscanf("3-4", "%d-%d", &a, &b)
	fmt.Println(n, err, a+b)
	var w string
	fmt.Sscan("word 5", &w, &a)
	fmt.Println(w, a)
}
