package sweep

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/nngplab/nngplab/nngpkit/forward"
)

// InParallel calls f(0) .. f(n-1), so many at a time, each with memory that it
// may use until it returns. It returns the first error, or the context's cause
// where that ended: calls that have begun are waited for, others are not begun.
func InParallel(ctx context.Context, workers, n int, f func(ctx context.Context, i int, pool *forward.Pool) error) error {
	pools := make(chan *forward.Pool, workers)
	for range workers {
		pools <- new(forward.Pool)
	}
	group, in := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for i := 0; i < n && in.Err() == nil; i++ {
		group.Go(func() error {
			pool := <-pools
			defer func() { pools <- pool }()
			if in.Err() != nil {
				return context.Cause(in)
			}
			return f(in, i, pool)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}
