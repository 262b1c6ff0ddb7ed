package forward

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// cells24 holds 24 cells drawn uniformly from the 423,624 of NAS-Bench-101: a
// line with the rows of the matrix and the operations of the inner vertices.
//
//go:embed testdata/cells24.txt
var cells24 string

// benchCells returns the cells for benchmarks as networks: all, or, with
// -short, every sixth.
func benchCells(t testing.TB, stem int) []*arch.Network {
	var nets []*arch.Network
	for i, line := range strings.Split(strings.TrimSpace(cells24), "\n") {
		if testing.Short() && i%6 > 0 {
			continue
		}
		rows, ops, _ := strings.Cut(line, " ")
		nets = append(nets, skeleton(t, rows, ops, stem))
	}
	return nets
}

// skeleton returns NAS-Bench-101's network of three stacks of three cells.
func skeleton(t testing.TB, rows, ops string, stem int) *arch.Network {
	c := parseCell(rows, ops)
	b := arch.NewBuilder(rows+" "+ops, arch.Shape{H: 32, W: 32, C: 3})
	x := b.Conv(0, arch.Layer{Channels: stem, Kernel: 3, Norm: true, Act: arch.ReLU})
	width := stem
	for s := range 3 {
		if s > 0 {
			x = b.MaxPool(x, 2, 2)
			width *= 2
		}
		for range 3 {
			x = c.add(b, x, width)
		}
	}
	b.GlobalAvgPool(x)
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// cell is a NAS-Bench-101 cell.
type cell struct {
	edge [][]bool
	ops  []string // of inner vertices, from vertex 1 on
}

func parseCell(rows, ops string) cell {
	var c cell
	for _, r := range strings.Split(rows, "/") {
		row := make([]bool, len(r))
		for j := range row {
			row[j] = r[j] == '1'
		}
		c.edge = append(c.edge, row)
	}
	c.ops = strings.Split(ops, ",")
	return c
}

// channels returns the channels of each vertex.
func (c cell) channels(in, out int) []int {
	n := len(c.edge)
	ch := make([]int, n)
	ch[0], ch[n-1] = in, out
	var last []int
	for i := 1; i < n-1; i++ {
		if c.edge[i][n-1] {
			last = append(last, i)
		}
	}
	for k, i := range last {
		ch[i] = out / len(last)
		if k < out%len(last) {
			ch[i]++
		}
	}
	for i := n - 2; i > 0; i-- {
		for j := i + 1; j < n-1; j++ {
			if c.edge[i][j] && !c.edge[i][n-1] {
				ch[i] = max(ch[i], ch[j])
			}
		}
	}
	return ch
}

// add appends the cell to a network.
func (c cell) add(b *arch.Builder, x, out int) int {
	n := len(c.edge)
	ch := c.channels(b.Shape(x).C, out)
	conv := func(in, channels, kernel int) int {
		return b.Conv(in, arch.Layer{Channels: channels, Kernel: kernel, Norm: true, Act: arch.ReLU})
	}
	value := make([]int, n)
	var last []int
	for t := 1; t < n-1; t++ {
		var in []int
		for s := 1; s < t; s++ {
			if c.edge[s][t] {
				in = append(in, value[s])
			}
		}
		if c.edge[0][t] {
			in = append(in, conv(x, ch[t], 1))
		}
		v := b.Sum(ch[t], in...)
		switch c.ops[t-1] {
		case "c3":
			v = conv(v, ch[t], 3)
		case "c1":
			v = conv(v, ch[t], 1)
		case "mp":
			v = b.MaxPool(v, 3, 1)
		}
		value[t] = v
		if c.edge[t][n-1] {
			last = append(last, v)
		}
	}
	if len(last) == 0 {
		return conv(x, out, 1)
	}
	y := b.Concat(last...)
	if c.edge[0][n-1] {
		y = b.Sum(out, y, conv(x, out, 1))
	}
	return y
}
