package nasbench

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
)

// Op is the operation of a vertex.
type Op uint8

// The operations. The first three are numbered as NAS-Bench-101 numbers them
// in hashes.
const (
	Conv3x3    Op = iota // 3x3 convolution, batch normalization, ReLU
	Conv1x1              // 1x1 convolution, batch normalization, ReLU
	MaxPool3x3           // 3x3 maximum, stride 1
	Input                // the cell's input, always vertex 0
	Output               // the cell's output, always the last vertex
)

// The numbers of operations: those of inner vertices, which come first, and
// all.
const (
	innerOps = int(Input)
	allOps   = int(Output) + 1
)

// inner reports whether an inner vertex can have the operation.
func (o Op) inner() bool { return int(o) < innerOps }

// innerNames lists the operations of inner vertices for a message.
func innerNames() string { return strings.Join(opNames[:innerOps], ", ") }

var opNames = [allOps]string{"conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3", "input", "output"}

var opAliases = map[string]Op{
	"conv3x3-bn-relu": Conv3x3, "conv3x3": Conv3x3, "c3": Conv3x3,
	"conv1x1-bn-relu": Conv1x1, "conv1x1": Conv1x1, "c1": Conv1x1,
	"maxpool3x3": MaxPool3x3, "maxpool": MaxPool3x3, "mp": MaxPool3x3,
	"input": Input, "output": Output,
}

// String returns the name that NAS-Bench-101 uses, such as conv3x3-bn-relu.
func (o Op) String() string {
	if int(o) < len(opNames) {
		return opNames[o]
	}
	return fmt.Sprintf("op(%d)", uint8(o))
}

// label returns the number that stands for the operation in a hash.
func (o Op) label() int {
	switch {
	case o.inner():
		return int(o)
	case o == Input:
		return -1
	case o == Output:
		return -2
	}
	panic(fmt.Sprintf("nasbench: %v has no label", o))
}

// ParseOp returns the operation of that name: NAS-Bench-101's own names, and
// the short forms conv3x3 or c3, conv1x1 or c1, maxpool or mp.
func ParseOp(name string) (Op, error) {
	if o, ok := opAliases[strings.TrimSpace(name)]; ok {
		return o, nil
	}
	return 0, fmt.Errorf("nasbench: unknown operation %s (known: %s)", printable.Quote(name), strings.Join(opNames[:], ", "))
}
