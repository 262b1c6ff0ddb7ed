package archlist_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/archlist"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

func ExampleRead() {
	s, err := space.Find("nasbench101")
	if err != nil {
		fmt.Println(err)
		return
	}
	const file = `matrix,ops
01100/00010/00001/00001/00000,"input,conv3x3,maxpool,conv1x1,output"
01/00,"input,output"
01100/00001/00010/00001/00000,"input,maxpool,conv3x3,conv1x1,output"
01/00,"input,"
`
	l, err := archlist.Read(context.Background(), strings.NewReader(file), "cells.csv", s, archlist.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, g := range l.Groups() {
		fmt.Println(g.Key, "in lines", l.Lines(g))
	}
	fmt.Println(l.Err())
	// Output:
	// ceaaa1beaca7f28cda45639aba99b66d in lines [2 4]
	// 043721b9c7fe8c5fad811d47d83132ec in lines [3]
	// cells.csv: line 5: nasbench: 1 operations for 2 vertices
}
