package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// The JSON form of a network:
//
//	{
//	  "name": "tiny", "classes": 10,
//	  "nodes": [
//	    {"kind": "input", "out": [32, 32, 3]},
//	    {"kind": "conv", "in": [0], "channels": 16, "kernel": 3, "norm": {}, "act": "relu"},
//	    {"kind": "avgpool", "in": [1], "kernel": [3, 1], "padding": [1, 0, 1, 0], "countPad": true},
//	    {"kind": "activate", "in": [2], "act": "clip", "alpha": 0, "beta": 6},
//	    {"kind": "globalavgpool", "in": [3]}
//	  ]
//	}
//
// Kernel, stride and dilation are a number or [rows, columns]; padding is
// "same", which is the default, or [top, left, bottom, right]. A normalization
// of {} has NAS-Bench-101's epsilon and momentum. Shapes may be left out where
// they follow: all but that of the input, given channels where a node chooses
// them. Infinite bounds of a clip are left out.
type jsonNetwork struct {
	Name    string            `json:"name,omitempty"`
	Classes int               `json:"classes,omitempty"`
	Nodes   []json.RawMessage `json:"nodes"`
	Marks   []Mark            `json:"marks,omitempty"`
}

type jsonNode struct {
	Name     string       `json:"name,omitempty"`
	Kind     *Kind        `json:"kind"`
	In       []int        `json:"in,omitempty"`
	Channels int          `json:"channels,omitempty"`
	Kernel   jsonPair     `json:"kernel,omitzero"`
	Stride   jsonPair     `json:"stride,omitzero"`
	Dilation jsonPair     `json:"dilation,omitzero"`
	Padding  *jsonPadding `json:"padding,omitempty"`
	CountPad bool         `json:"countPad,omitempty"`
	Groups   int          `json:"groups,omitempty"`
	First    int          `json:"first,omitempty"`
	Bias     bool         `json:"bias,omitempty"`
	Norm     *jsonNorm    `json:"norm,omitempty"`
	Act      Activation   `json:"act,omitzero"`
	Alpha    *float64     `json:"alpha,omitempty"`
	Beta     *float64     `json:"beta,omitempty"`
	Init     *jsonInit    `json:"init,omitempty"`
	Out      []int        `json:"out,omitempty"`
}

type jsonNorm struct {
	Epsilon  *float64 `json:"epsilon,omitempty"`
	Momentum *float64 `json:"momentum,omitempty"`
}

type jsonInit struct {
	Gain   float64 `json:"gain,omitempty"`
	FanOut bool    `json:"fanOut,omitempty"`
	Normal bool    `json:"normal,omitempty"`
}

// jsonPair is a number for both axes, or one for each.
type jsonPair struct{ rows, columns int }

func (p jsonPair) MarshalJSON() ([]byte, error) {
	if p.columns == 0 {
		return json.Marshal(p.rows)
	}
	return json.Marshal([2]int{p.rows, p.columns})
}

func (p *jsonPair) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &p.rows); err == nil {
		return nil
	}
	var two []int
	if err := json.Unmarshal(b, &two); err != nil || len(two) != 2 {
		return fmt.Errorf("%s is neither a number nor [rows, columns]", b)
	}
	p.rows, p.columns = two[0], two[1]
	return nil
}

type jsonPadding Padding

func (p jsonPadding) MarshalJSON() ([]byte, error) {
	if !p.Explicit {
		return json.Marshal("same")
	}
	return json.Marshal([4]int{p.Top, p.Left, p.Bottom, p.Right})
}

func (p *jsonPadding) UnmarshalJSON(b []byte) error {
	var same string
	if err := json.Unmarshal(b, &same); err == nil && same == "same" {
		*p = jsonPadding{}
		return nil
	}
	var sides []int
	if err := json.Unmarshal(b, &sides); err != nil || len(sides) != 4 {
		return fmt.Errorf(`padding %s is neither "same" nor [top, left, bottom, right]`, b)
	}
	*p = jsonPadding(PaddedSides(sides[0], sides[1], sides[2], sides[3]))
	return nil
}

// MarshalJSON returns the network as JSON, with operations and activations by
// their names and with all shapes. It is an error if Check refuses the network.
func (n *Network) MarshalJSON() ([]byte, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	out := jsonNetwork{Name: n.Name, Classes: n.Classes, Marks: n.Marks}
	for i := range n.Nodes {
		b, err := json.Marshal(n.Nodes[i].toJSON())
		if err != nil {
			return nil, err
		}
		out.Nodes = append(out.Nodes, b)
	}
	return json.Marshal(out)
}

func (nd *Node) toJSON() *jsonNode {
	j := &jsonNode{
		Name: nd.Name, Kind: &nd.Kind, In: nd.In,
		Kernel: jsonPair{nd.Kernel, nd.KernelW}, Stride: jsonPair{nd.Stride, nd.StrideW}, Dilation: jsonPair{nd.Dilation, nd.DilationW},
		CountPad: nd.CountPad, Groups: nd.Groups, First: nd.First, Bias: nd.Bias, Act: nd.Act,
		Out: []int{nd.Out.H, nd.Out.W, nd.Out.C},
	}
	if nd.Padding != (Padding{}) {
		p := jsonPadding(nd.Padding)
		j.Padding = &p
	}
	if nd.Norm || nd.Kind == BatchNorm {
		j.Norm = &jsonNorm{&nd.NormEpsilon, &nd.NormMomentum}
	}
	if nd.Init != (Init{}) {
		j.Init = &jsonInit{nd.Init.Gain, nd.Init.FanOut, nd.Init.Normal}
	}
	if k := nd.Act.parameters(); k > 0 {
		j.Alpha = finite(nd.Alpha)
		if k > 1 {
			j.Beta = finite(nd.Beta)
		}
	}
	return j
}

func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// UnmarshalJSON reads what MarshalJSON writes, or what was written by hand. It
// refuses fields and names that it does not know, and what Check refuses; n is
// then unchanged.
func (n *Network) UnmarshalJSON(b []byte) error {
	var in jsonNetwork
	if err := strict(b, &in); err != nil {
		return fmt.Errorf("arch: network: %w", err)
	}
	net := Network{Name: in.Name, Classes: in.Classes, Marks: in.Marks}
	for i, raw := range in.Nodes {
		var j jsonNode
		err := strict(raw, &j)
		var nd Node
		if err == nil {
			nd, err = j.node()
		} else {
			j.Kind = nil // not read
		}
		if err == nil && nd.Kind != Input && j.Out == nil {
			nd.Out, err = net.infer(nd)
		}
		if err != nil {
			return fmt.Errorf("arch: network %q: node %d (%s): %w", in.Name, i, j.label(), err)
		}
		net.Nodes = append(net.Nodes, nd)
	}
	if err := net.Check(); err != nil {
		return err
	}
	*n = net
	return nil
}

// label names a node in messages.
func (j *jsonNode) label() string {
	if j.Name == "" && j.Kind != nil {
		return j.Kind.String()
	}
	return j.Name
}

// infer returns the shape of a node that is to follow.
func (n *Network) infer(nd Node) (Shape, error) {
	in := make([]Shape, len(nd.In))
	for k, j := range nd.In {
		if j < 0 || j >= len(n.Nodes) {
			return Shape{}, fmt.Errorf("reads node %d, which is not an earlier one", j)
		}
		in[k] = n.Nodes[j].Out
	}
	return nd.infer(in)
}

// node returns the node that JSON describes; its shape holds no more than the
// channels where no shape is given.
func (j *jsonNode) node() (Node, error) {
	if j.Kind == nil {
		return Node{}, errors.New("no kind")
	}
	nd := Node{
		Name: j.Name, Kind: *j.Kind, In: j.In,
		Kernel: j.Kernel.rows, KernelW: j.Kernel.columns, Stride: j.Stride.rows, StrideW: j.Stride.columns,
		Dilation: j.Dilation.rows, DilationW: j.Dilation.columns,
		CountPad: j.CountPad, Groups: j.Groups, First: j.First, Bias: j.Bias, Act: j.Act,
	}
	if k := nd.Kind; k.windowed() || k == Zero {
		nd.Stride = or(nd.Stride, 1)
		if k != Zero {
			nd.Kernel = or(nd.Kernel, 1)
		}
	}
	if j.Padding != nil {
		nd.Padding = Padding(*j.Padding)
	}
	j.setNorm(&nd)
	j.setActivation(&nd)
	if j.Init != nil {
		nd.Init = Init{j.Init.Gain, j.Init.FanOut, j.Init.Normal}
	}
	return nd, j.setShape(&nd)
}

func (j *jsonNode) setNorm(nd *Node) {
	if j.Norm == nil && nd.Kind != BatchNorm {
		return
	}
	nd.Norm = nd.Kind != BatchNorm
	nd.NormEpsilon, nd.NormMomentum = Layer{}.norm()
	if j.Norm != nil && j.Norm.Epsilon != nil {
		nd.NormEpsilon = *j.Norm.Epsilon
	}
	if j.Norm != nil && j.Norm.Momentum != nil {
		nd.NormMomentum = *j.Norm.Momentum
	}
}

func (j *jsonNode) setActivation(nd *Node) {
	if nd.Act == Clip {
		nd.Alpha, nd.Beta = math.Inf(-1), math.Inf(1)
	} else if j.Alpha == nil && j.Beta == nil {
		nd.Alpha, nd.Beta = nd.Act.withDefaults(0, 0)
	}
	if j.Alpha != nil {
		nd.Alpha = *j.Alpha
	}
	if j.Beta != nil {
		nd.Beta = *j.Beta
	}
}

func (j *jsonNode) setShape(nd *Node) error {
	if j.Out == nil {
		if j.Channels != 0 && !nd.Kind.sized() {
			return fmt.Errorf("the channels of a node of kind %v follow from its input", nd.Kind)
		}
		nd.Out.C = j.Channels
		return nil
	}
	if len(j.Out) != 3 || j.Channels != 0 && j.Channels != j.Out[2] {
		return fmt.Errorf("shape %v with %d channels is not [height, width, channels]", j.Out, j.Channels)
	}
	nd.Out = Shape{j.Out[0], j.Out[1], j.Out[2]}
	return nil
}

// strict decodes one JSON value without unknown fields.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}
