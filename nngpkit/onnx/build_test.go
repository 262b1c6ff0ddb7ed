package onnx

import (
	"bytes"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// msg is a message in the making.
type msg []byte

func (m msg) text(field protowire.Number, s string) msg {
	return protowire.AppendString(protowire.AppendTag(m, field, protowire.BytesType), s)
}

func (m msg) sub(field protowire.Number, s msg) msg {
	return protowire.AppendBytes(protowire.AppendTag(m, field, protowire.BytesType), s)
}

func (m msg) num(field protowire.Number, v int64) msg {
	return protowire.AppendVarint(protowire.AppendTag(m, field, protowire.VarintType), uint64(v))
}

// op is a node; in and out are names separated by spaces in lists of their own.
func op(kind, name string, in, out []string, attributes ...msg) msg {
	var m msg
	for _, s := range in {
		m = m.text(1, s)
	}
	for _, s := range out {
		m = m.text(2, s)
	}
	m = m.text(3, name).text(4, kind)
	for _, a := range attributes {
		m = m.sub(5, a)
	}
	return m
}

func ints(name string, values ...int64) msg {
	m := msg{}.text(1, name).num(20, 7)
	for _, v := range values {
		m = m.num(8, v)
	}
	return m
}

func integer(name string, v int64) msg { return msg{}.text(1, name).num(20, 2).num(3, v) }

func float(name string, v float32) msg {
	m := msg{}.text(1, name).num(20, 1)
	return protowire.AppendFixed32(protowire.AppendTag(m, 2, protowire.Fixed32Type), math.Float32bits(v))
}

// shaped is an initializer without data.
func shaped(name string, dims ...int64) msg {
	m := msg{}.num(2, typeFloat).text(8, name)
	for _, d := range dims {
		m = m.num(1, d)
	}
	return m
}

// info is a value with its shape; -1 leaves a size open.
func info(name string, dims ...int64) msg {
	var shape msg
	for i, d := range dims {
		if d < 0 {
			shape = shape.sub(1, msg{}.text(2, "d"+strconv.Itoa(i)))
		} else {
			shape = shape.sub(1, msg{}.num(1, d))
		}
	}
	return msg{}.text(1, name).sub(2, msg{}.sub(1, msg{}.num(1, typeFloat).sub(2, shape)))
}

// file puts a graph together.
func modelOf(inputs, initializers []msg, output string, nodes ...msg) msg {
	var g msg
	for _, n := range nodes {
		g = g.sub(1, n)
	}
	for _, t := range initializers {
		g = g.sub(5, t)
	}
	for _, in := range inputs {
		g = g.sub(11, in)
	}
	g = g.sub(12, info(output))
	return msg{}.num(1, 8).sub(8, msg{}.num(2, 17)).sub(7, g)
}

// one is a graph of one convolution and what follows, on images of 8 x 8.
func one(output string, nodes ...msg) msg {
	conv := op("Conv", "conv", []string{"x", "w"}, []string{"c"}, ints("pads", 1, 1, 1, 1))
	return modelOf([]msg{info("x", 1, 3, 8, 8)}, []msg{shaped("w", 4, 3, 3, 3)}, output, append([]msg{conv}, nodes...)...)
}

func readBytes(b []byte, o Options) (*Model, error) {
	return Read(bytes.NewReader(b), int64(len(b)), "test", o)
}

func kinds(net *arch.Network) string {
	s := ""
	for i := range net.Nodes {
		if i > 0 {
			s += " "
		}
		s += net.Nodes[i].Kind.String()
	}
	return s
}
