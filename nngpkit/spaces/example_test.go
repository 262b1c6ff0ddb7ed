package spaces_test

import (
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/spaces"
)

func ExampleAll() {
	for _, s := range spaces.All() {
		fmt.Printf("%s: %s, %v architectures\n", s.Name(), s.Info().Title, s.Size())
	}
	// Output:
	// mnasnet: MnasNet, 104485552128 architectures
	// mnasnetwide: MnasNet, wide, 224084231917056 architectures
	// nasbench101: NAS-Bench-101, 423624 architectures
	// nasbench201: NAS-Bench-201, 14125 architectures
}
