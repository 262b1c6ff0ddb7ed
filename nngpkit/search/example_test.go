package search_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/nngplab/nngplab/nngpkit/search"
)

// Five networks, and a signal that ranks them almost right: trained in its order,
// the best is found with the second training.
func Example() {
	p := &search.Problem{Truth: []float64{.90, .94, .93, .88, .91}}
	signal := search.Ranked{Label: "signal", Signal: []float64{2, 4, 5, 1, 3}}
	found, err := search.Replay(context.Background(), 10, 3, 1, func(int, *rand.Rand) (*search.Repeat, error) {
		return &search.Repeat{Problem: p, Strategies: []search.Strategy{signal}}, nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %.2f\n", found[0].Name, found[0].Mean)
	// Output: signal [0.93 0.94 0.94]
}
