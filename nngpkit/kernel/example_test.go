package kernel_test

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/kernel"
)

func ExampleMonteCarlo() {
	// Features of two images by two members; a Source usually runs a network.
	members := [][]float32{{1, 2, 3, 4}, {0, 1, 1, 0}}
	mc := kernel.NewMonteCarlo(kernel.SourceFunc(func(_ context.Context, m int) (n, d int, f []float32, err error) {
		return 2, 2, members[m], nil
	}))
	for m := 0; m < 2; m++ {
		if err := mc.Next(context.Background()); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d: %v\n", mc.Members(), mat.Formatted(mc.Kernel(), mat.Prefix("   ")))
	}
	// Output:
	// 1: ⎡ 5  11⎤
	//    ⎣11  25⎦
	// 2: ⎡  3  5.5⎤
	//    ⎣5.5   13⎦
}

func ExampleFullyConnected() {
	x := mat.NewDense(2, 2, []float64{1, 0, 0, 1})
	k, err := kernel.FullyConnected{WeightVariance: 2}.Kernel(x)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", mat.Formatted(k))
	// Output:
	// ⎡0.5000  0.1592⎤
	// ⎣0.1592  0.5000⎦
}
