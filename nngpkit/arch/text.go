package arch

import (
	"fmt"
	"strings"
)

// String describes the network in one line: its images, how many nodes of each
// operation it has, in the order in which they first occur, its features, parameters
// and floating-point operations per image. A network that Check refuses may be described wrongly.
func (n *Network) String() string {
	if n == nil {
		return "no network"
	}
	if len(n.Nodes) == 0 {
		return fmt.Sprintf("network %q without nodes", n.Name)
	}
	var kinds []Kind
	count := map[Kind]int{}
	for _, nd := range n.Nodes[1:] {
		if count[nd.Kind] == 0 {
			kinds = append(kinds, nd.Kind)
		}
		count[nd.Kind]++
	}
	var parts []string
	for _, k := range kinds {
		parts = append(parts, fmt.Sprintf("%d %v", count[k], k))
	}
	return fmt.Sprintf("network %q on images of %v: %s; %d features, %d parameters, %.3g GFLOP per image",
		n.Name, n.InputShape(), strings.Join(parts, ", "), n.Features(), n.Parameters(), float64(n.FLOPs())/1e9)
}
