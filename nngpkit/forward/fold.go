package forward

import (
	"reflect"
	"slices"

	"github.com/nngplab/nngplab/nngpkit/arch"
)

// folded is a network as it is run: the same values with fewer steps. Its
// nodes may carry what the rules of arch keep to nodes of their own: an
// activation on a sum, say.
type folded struct {
	net    *arch.Network
	origin []int // of each node, the node of the network whose weights it draws
	norms  []int // of each node, the node of the network that normalizes it, if any does
	last   int   // node that holds the features
	kept   []int // nodes that hold the values that were to be kept
}

// fold brings a network into that form. What costs nothing goes: Skip,
// normalization where mode is None, zeros in a sum and what is computed from
// zeros alone, what nothing reads. Equal operations without weights on equal
// inputs, as cells have that apply an activation at the start of each edge, are
// done once. Normalization and activation join the operation before them where
// nothing else reads that. A network of convolutions with all of these already
// comes out as it went in.
//
// The values of the nodes keep are computed in any case, and nothing joins them.
func fold(net *arch.Network, mode Norm, keep []int) *folded {
	f := &folding{folded: folded{net: &arch.Network{Name: net.Name}}, mode: mode}
	f.simplify(net, keep)
	f.drop()
	f.join()
	return &f.folded
}

// moved follows the features and the kept nodes to where their values went.
func (f *folding) moved(at []int) {
	f.last = at[f.last]
	for i, j := range f.kept {
		f.kept[i] = at[j]
	}
}

type folding struct {
	folded
	mode Norm
}

// simplify rebuilds the network without what costs nothing.
func (f *folding) simplify(net *arch.Network, keep []int) {
	at := make([]int, len(net.Nodes))
	f.reserve(len(net.Nodes))
	for i := range net.Nodes {
		nd := net.Nodes[i]
		nd.In = append([]int(nil), nd.In...)
		for k, j := range nd.In {
			nd.In[k] = at[j]
		}
		at[i] = f.place(nd, i)
	}
	f.last, f.kept = len(at)-1, append(f.kept, keep...)
	f.moved(at)
}

// place returns the node that holds the values of nd, whose inputs are placed:
// a new one where need be.
func (f *folding) place(nd arch.Node, origin int) int {
	nodes := f.net.Nodes
	switch {
	case nd.Kind == arch.Skip, nd.Kind == arch.BatchNorm && f.mode == None, nd.Kind == arch.Activate && nd.Act == arch.Identity:
		return nd.In[0]
	case f.isZero(&nd):
		return f.append(arch.Node{Kind: arch.Zero, Out: nd.Out}, origin)
	case nd.Kind == arch.Sum:
		kept := nd.In[:0]
		for _, j := range nd.In {
			if nodes[j].Kind != arch.Zero {
				kept = append(kept, j)
			}
		}
		nd.In = kept
	case nd.Kind == arch.Activate, nd.Kind == arch.BatchNorm, nd.Kind == arch.AvgPool:
		nd.Name = ""
		for j := range nodes {
			if nodes[j].Kind == nd.Kind && reflect.DeepEqual(nodes[j], nd) {
				return j
			}
		}
	case nd.Kind == arch.Conv:
		if c := nodes[nd.In[0]].Out.C; nd.Groups > 1 && nd.Groups == c && nd.Out.C == c {
			nd.Kind, nd.Groups = arch.Depthwise, 0
		}
	}
	return f.append(nd, origin)
}

// reserve makes room for n nodes.
func (f *folding) reserve(n int) {
	f.net.Nodes = slices.Grow(f.net.Nodes, n)
	f.origin, f.norms = slices.Grow(f.origin, n), slices.Grow(f.norms, n)
}

func (f *folding) append(nd arch.Node, origin int) int {
	f.net.Nodes = append(f.net.Nodes, nd)
	f.origin, f.norms = append(f.origin, origin), append(f.norms, origin)
	return len(f.net.Nodes) - 1
}

// isZero tells whether a node is zero whatever the image.
func (f *folding) isZero(nd *arch.Node) bool {
	zero := func(j int) bool { return f.net.Nodes[j].Kind == arch.Zero }
	switch nd.Kind {
	case arch.Input:
		return false
	case arch.Zero:
		return true
	case arch.Scale:
		return zero(nd.In[0]) || zero(nd.In[1])
	case arch.Conv, arch.Depthwise, arch.Dense, arch.Activate:
		if activations[nd.Act].moved {
			return false
		}
	}
	for _, j := range nd.In {
		if !zero(j) {
			return false
		}
	}
	return true
}

// drop removes the nodes that the features and the kept ones do not depend on.
func (f *folding) drop() {
	live := make([]bool, len(f.net.Nodes))
	live[0], live[f.last] = true, true
	for _, i := range f.kept {
		live[i] = true
	}
	for i := len(live) - 1; i >= 0; i-- {
		if live[i] {
			for _, j := range f.net.Nodes[i].In {
				live[j] = true
			}
		}
	}
	all, origin := f.net.Nodes, f.origin
	f.net.Nodes, f.origin, f.norms = nil, nil, nil
	f.reserve(len(all))
	at := make([]int, len(all))
	for i, nd := range all {
		if !live[i] {
			continue
		}
		for k, j := range nd.In {
			nd.In[k] = at[j]
		}
		at[i] = f.append(nd, origin[i])
	}
	f.moved(at)
}

// join joins normalizations and activations to the operations before them.
func (f *folding) join() {
	all, origin := f.net.Nodes, f.origin
	uses := make([]int, len(all))
	uses[f.last]++
	for _, i := range f.kept {
		uses[i]++
	}
	for i := range all {
		for _, j := range all[i].In {
			uses[j]++
		}
	}
	f.net.Nodes, f.origin, f.norms = nil, nil, nil
	f.reserve(len(all))
	at := make([]int, len(all))
	for i, nd := range all {
		var before *arch.Node
		if len(nd.In) == 1 && uses[nd.In[0]] == 1 {
			before = &f.net.Nodes[at[nd.In[0]]]
		}
		switch {
		case before != nil && nd.Kind == arch.BatchNorm && takesNorm(before):
			before.Norm, before.NormEpsilon, before.NormMomentum = true, nd.NormEpsilon, nd.NormMomentum
			at[i] = at[nd.In[0]]
			f.norms[at[i]] = origin[i]
		case before != nil && nd.Kind == arch.Activate && takesActivation(before):
			before.Act, before.Alpha, before.Beta = nd.Act, nd.Alpha, nd.Beta
			at[i] = at[nd.In[0]]
		default:
			for k, j := range nd.In {
				nd.In[k] = at[j]
			}
			at[i] = f.append(nd, origin[i])
		}
	}
	f.moved(at)
}

func takesNorm(nd *arch.Node) bool {
	switch nd.Kind {
	case arch.Conv, arch.Depthwise, arch.Dense:
		return !nd.Norm && nd.Act == arch.Identity
	}
	return false
}

// takesActivation tells whether the step of a node can apply an activation:
// where it writes all of the node's values, and nothing has been applied yet.
func takesActivation(nd *arch.Node) bool {
	switch nd.Kind {
	case arch.Input, arch.Concat, arch.Slice, arch.Zero, arch.Activate:
		return false
	case arch.Sum:
		return len(nd.In) > 1 && nd.Act == arch.Identity
	}
	return nd.Act == arch.Identity
}
