// Package spaces registers every search space of this module: import it for
// that effect, or call All.
//
//	import _ "github.com/nngplab/nngplab/nngpkit/spaces"
//
// In a notebook neither is needed: the kernel has all packages linked in.
package spaces

import (
	_ "github.com/nngplab/nngplab/nngpkit/mnasnet"     // mnasnet, mnasnetwide
	_ "github.com/nngplab/nngplab/nngpkit/nasbench"    // nasbench101
	_ "github.com/nngplab/nngplab/nngpkit/nasbench201" // nasbench201
	"github.com/nngplab/nngplab/nngpkit/space"
)

// All returns all registered spaces, this module's and others', by name.
func All() []space.Space { return space.All() }
