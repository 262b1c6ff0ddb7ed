package conformance

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

// Suite says what to run.
type Suite struct {
	Kernel   *batch.Kernel
	Programs []*Program
	Limit    time.Duration // for a program
	Workers  int           // processes at once
	// Done is told of each result, one at a time, in no order; may be nil.
	Done func(done, all int, r Result)
}

// Run tries every program and returns the results in the order of the programs.
// A program that runs out of time, as on a busy machine, is tried again at the
// end, alone and with three times the limit, unless nothing is asked of it.
func (s *Suite) Run(ctx context.Context) ([]Result, error) {
	results := make([]Result, len(s.Programs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, s.Workers))
	var mu sync.Mutex
	done := 0
	for i, p := range s.Programs {
		g.Go(func() error {
			r, err := p.Try(gctx, s.Kernel, s.Limit)
			if err != nil || gctx.Err() != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			results[i] = r
			done++
			if s.Done != nil {
				s.Done(done, len(s.Programs), r)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i, r := range results {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if r.Kind != Timeout || r.Program.Class == Internals || Known[r.Program.Name] != "" {
			continue
		}
		again, err := r.Program.Try(ctx, s.Kernel, 3*s.Limit)
		if err != nil {
			return nil, err
		}
		if again.Kind != Timeout {
			results[i] = again
		}
	}
	return results, ctx.Err()
}

// Sample returns the share of programs, in percent, whose names a hash selects:
// always the same ones, whatever else a toolchain adds.
func Sample(programs []*Program, percent int) []*Program {
	var out []*Program
	for _, p := range programs {
		h := fnv.New32a()
		fmt.Fprint(h, p.Name)
		if int(h.Sum32()%100) < percent {
			out = append(out, p)
		}
	}
	return out
}
