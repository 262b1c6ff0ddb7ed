package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

type NotFound struct{ what string }

func (n NotFound) Error() string        { return n.what + " not found" }
func (n NotFound) Is(target error) bool { return target == fs.ErrNotExist }

type Wrap struct {
	op  string
	err error
}

func (w *Wrap) Error() string { return w.op + ": " + w.err.Error() }
func (w *Wrap) Unwrap() error { return w.err }

type Temporary interface{ Temporary() bool }
type net struct{ error }

func (net) Temporary() bool { return true }

var ErrBase = errors.New("base")

type typedNil struct{}

func (*typedNil) Error() string { return "typed nil" }
func mayFail() error {
	var p *typedNil
	return p
}

func main() {
	err := error(&Wrap{"open", NotFound{"file"}})
	var nf NotFound
	var w *Wrap
	fmt.Println(err, errors.As(err, &nf), nf.what, errors.As(err, &w), w.op, errors.Is(err, fs.ErrNotExist))
	joined := errors.Join(err, fmt.Errorf("a: %w, b: %w", ErrBase, net{io.EOF}))
	var tmp Temporary
	fmt.Println(errors.Is(joined, ErrBase), errors.As(joined, &tmp), errors.Is(joined, io.EOF), errors.Is(joined, io.ErrUnexpectedEOF))
	fmt.Println(joined)
	_, e := os.Open("/does/not/exist")
	var pe *fs.PathError
	fmt.Println(errors.As(e, &pe), pe.Op, errors.Is(e, os.ErrNotExist))
	fmt.Println(mayFail() == nil, mayFail())
	v, ok := errors.AsType[NotFound](err)
	fmt.Println(v, ok)
	fmt.Println(errors.Is(&Wrap{"a", ErrBase}, &Wrap{"a", ErrBase}), NotFound{"x"} == error(NotFound{"x"}))
}
