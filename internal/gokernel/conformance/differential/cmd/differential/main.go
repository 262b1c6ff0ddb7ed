// Differential compares the kernel with compiled Go on random programs, and
// fails where one differs.
//
//	differential [-n 1000] [-seed 1] [-first 0] [-print] [BINARY]
//
// Without a kernel's binary it takes the one of this checkout, and builds it
// where something has changed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
	"github.com/nngplab/nngplab/internal/gokernel/conformance/differential"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "differential:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var (
		n        = flag.Uint64("n", 1000, "how many programs")
		seed     = flag.Uint64("seed", 1, "seed of the programs")
		first    = flag.Uint64("first", 0, "number of the first program")
		show     = flag.Int("show", 20, "differences that are described")
		source   = flag.Bool("print", false, "print the source of each program that differs")
		generics = flag.Bool("generics", true, "also type parameters and iterators")
	)
	flag.Parse()
	k, err := kernel(ctx, flag.Args())
	if err != nil {
		return err
	}
	start, shown, next := time.Now(), 0, *first
	o := differential.Options{Seed: *seed, First: *first, N: *n, Features: differential.Features{Generics: *generics}}
	o.Progress = func(programs, diffs int, to uint64) {
		next = to
		fmt.Fprintf(os.Stderr, "%d programs, %d differ, %.0f s; FIRST=%d goes on\n", programs, diffs, time.Since(start).Seconds(), next)
	}
	programs, diffs, err := differential.Compare(ctx, k, o)
	silent := 0
	for _, d := range diffs {
		if d.Silent() {
			silent++
		}
		if shown++; shown <= *show {
			fmt.Println(d.Report())
			if *source {
				fmt.Println(d.Program.Source())
			}
		}
	}
	fmt.Printf("%d programs of seed %d, numbers %d to %d (%d gave no valid Go), %d differ, %d of them without a word of the kernel's\n", programs, *seed, *first, next-1, int(next-*first)-programs, len(diffs), silent)
	if err != nil {
		return err
	}
	if len(diffs) > 0 {
		return fmt.Errorf("%d programs differ; SEED=%d", len(diffs), *seed)
	}
	return nil
}

// kernel returns the one that the arguments name, or builds one.
func kernel(ctx context.Context, args []string) (*batch.Kernel, error) {
	switch len(args) {
	case 0:
		return batch.Built(ctx, func(msg string) { fmt.Fprintln(os.Stderr, msg) })
	case 1:
		return batch.At(args[0])
	}
	return nil, fmt.Errorf("at most one kernel binary can be named, not %q", args)
}
