package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
)

type Reader interface{ Read(p []byte) (int, error) }
type RC interface {
	io.Reader
	fmt.Stringer
	interface{ Close() error }
}
type upper struct {
	io.Reader
	closed bool
}

func (u *upper) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	copy(p, strings.ToUpper(string(p[:n])))
	return n, err
}
func (u *upper) Close() error   { u.closed = true; return nil }
func (u *upper) String() string { return fmt.Sprint("upper closed=", u.closed) }

type byLen struct{ sort.StringSlice }

func (b byLen) Less(i, j int) bool { return len(b.StringSlice[i]) < len(b.StringSlice[j]) }

type multi struct {
	io.Writer
	*strings.Reader
}

func main() {
	var rc RC = &upper{Reader: strings.NewReader("some text")}
	data, err := io.ReadAll(rc)
	fmt.Println(string(data), err, rc.Close(), rc)
	b := byLen{sort.StringSlice{"ccc", "a", "bb"}}
	sort.Sort(b)
	fmt.Println(b.StringSlice)
	sort.Sort(sort.Reverse(b))
	fmt.Println(b.StringSlice, b.Len())
	var sb strings.Builder
	m := multi{&sb, strings.NewReader("xyz")}
	n, err := io.Copy(m, m)
	fmt.Println(n, err, sb.String(), m.Len(), m.Size())
	var r Reader = rc
	_, ok := r.(io.ReadWriter)
	_, ok2 := r.(fmt.Stringer)
	fmt.Println(ok, ok2)
	pr, pw := io.Pipe()
	go func() {
		fmt.Fprint(pw, "through the pipe")
		pw.Close()
	}()
	got, _ := io.ReadAll(&upper{Reader: pr})
	fmt.Println(string(got))
}
