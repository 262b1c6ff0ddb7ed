package space_test

import (
	"context"
	"fmt"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

func Example() {
	s, err := space.Find("nasbench101")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Info().Title, "has", s.Size(), "architectures")
	a, err := s.Parse("0101/0010/0001/0000 input,conv3x3-bn-relu,conv3x3-bn-relu,output")
	if err != nil {
		fmt.Println(err)
		return
	}
	net, err := a.Network(16, arch.Shape{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Key())
	fmt.Println(a.Parameters(), "parameters as published,", net.Parameters(), "at width 16")
	// Output:
	// NAS-Bench-101 has 423624 architectures
	// b5fb4f6193360330b6ff6a52cbf0cad7
	// 20346506 parameters as published, 321242 at width 16
}

func ExampleSpace_sample() {
	s, err := space.Find("nasbench101")
	if err != nil {
		fmt.Println(err)
		return
	}
	cells, err := s.Sample(2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	counts := space.AllCounts(s)
	for _, a := range cells {
		values := space.CountsOf(a)
		fmt.Printf("%s: %s %.0f, %s %.0f\n", a.Key(), counts[0].Name, values[0], counts[2].Name, values[2])
	}
	// Output:
	// 8f59c82c00e7eaf970df05867096d79e: parameters 22421642, conv3x3 2
	// 79a935a567034120949612da2c6ac9a8: parameters 2366781, conv3x3 2
}

func ExampleEnumerate() {
	s, err := space.Find("nasbench101")
	if err != nil {
		fmt.Println(err)
		return
	}
	skips := 0
	err = space.Enumerate(context.Background(), s, 0, 91, func(_ int64, a space.Architecture) error {
		for k, c := range s.Counts() {
			if c.Name == "skip" && a.Counts()[k] == 1 {
				skips++
			}
		}
		return nil
	})
	fmt.Println(skips, "of the 91 smallest cells have an edge from input to output;", err)
	// Output:
	// 46 of the 91 smallest cells have an edge from input to output; <nil>
}

func ExampleNeighbors() {
	s, err := space.Find("nasbench101")
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := s.Parse("01/00 input,output")
	if err != nil {
		fmt.Println(err)
		return
	}
	near, err := space.Neighbors(a)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range near {
		fmt.Println(b)
	}
	// Output:
	// 011/001/000 input,conv3x3-bn-relu,output
	// 011/001/000 input,conv1x1-bn-relu,output
	// 011/001/000 input,maxpool3x3,output
}
