package kernel

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/internal/dense"
)

// A Source makes the features of members. Member returns those of member m as
// an n x d row-major matrix, an image a row. n must be the same for every
// member; d may differ. The slice is only read until the next call.
type Source interface {
	Member(ctx context.Context, m int) (n, d int, features []float32, err error)
}

// SourceFunc is a function used as a Source.
type SourceFunc func(ctx context.Context, m int) (n, d int, features []float32, err error)

// Member calls f.
func (f SourceFunc) Member(ctx context.Context, m int) (n, d int, features []float32, err error) {
	return f(ctx, m)
}

// MonteCarlo estimates a network's NNGP kernel as a running mean over members:
// after M calls of Next, Kernel returns (1/M) sum F_m F_m', where F_m are the
// features of member m (arXiv:2011.06006, as its public notebook computes it:
// not divided by the number of features). One run thus shows every smaller
// number of members on its way.
//
// The sum is kept in float64, and products of float32 features are exact in it:
// an entry is off by at most (M + d) * 2^-53 relative to the mean product of
// the features' norms. A MonteCarlo must not be used by several goroutines at
// a time.
type MonteCarlo struct {
	// Threads is the number of goroutines that multiply; 0 means GOMAXPROCS.
	// The result does not depend on it.
	Threads int

	src     Source
	n       int
	sum     []float64 // n x n, upper triangle of the sum over members
	members int
}

// NewMonteCarlo returns an estimator without members yet.
func NewMonteCarlo(src Source) *MonteCarlo { return &MonteCarlo{src: src} }

// Next adds the next member, number Members(). After an error, from the source
// or about its features, the estimate is what it was.
func (mc *MonteCarlo) Next(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	n, d, f, err := mc.src.Member(ctx, mc.members)
	if err != nil {
		return fmt.Errorf("kernel: member %d: %w", mc.members, err)
	}
	if err := check(f, n, d); err != nil {
		return fmt.Errorf("kernel: member %d: %w", mc.members, err)
	}
	if mc.members > 0 && n != mc.n {
		return fmt.Errorf("kernel: member %d has %d images, the ones before had %d", mc.members, n, mc.n)
	}
	if mc.sum == nil {
		mc.n, mc.sum = n, make([]float64, n*n)
	}
	v := dense.Of(f, d)
	dense.Gemm(dense.Threads(mc.Threads), n, n, d, 1, v, v.T(), mc.sum, n, dense.Upper)
	mc.members++
	return nil
}

// Run adds members until there are that many. It stops between two members
// when ctx is done, and keeps those it has.
func (mc *MonteCarlo) Run(ctx context.Context, members int) error {
	for mc.members < members {
		if err := mc.Next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Members returns how many members the estimate holds.
func (mc *MonteCarlo) Members() int { return mc.members }

// Len returns the number of images, 0 before the first member.
func (mc *MonteCarlo) Len() int { return mc.n }

// Kernel returns a copy of the mean over the members so far, or nil before the
// first.
func (mc *MonteCarlo) Kernel() *mat.SymDense {
	if mc.members == 0 {
		return nil
	}
	k := mat.NewSymDense(mc.n, nil)
	mc.KernelTo(k)
	return k
}

// KernelTo stores the mean over the members so far in dst. It panics if dst is
// not n x n or no member has been added.
func (mc *MonteCarlo) KernelTo(dst *mat.SymDense) {
	if mc.members == 0 {
		panic("kernel: no member yet")
	}
	if dst.SymmetricDim() != mc.n {
		panic(mat.ErrShape)
	}
	raw := dst.RawSymmetric()
	m := float64(mc.members)
	for i := 0; i < mc.n; i++ {
		s := mc.sum[i*mc.n : (i+1)*mc.n]
		d := raw.Data[i*raw.Stride:][:mc.n]
		for j := i; j < mc.n; j++ {
			d[j] = s[j] / m
		}
	}
}
