package forward

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// A NormSource returns the batch that sets the normalization of a member. It
// may be called from several goroutines at a time, in any order of members, so
// the batch must depend on the member alone.
type NormSource func(member int) (*imageset.Batch, error)

// Members computes the features of the images x for the members first,
// first+1, ..., first+count-1 and hands them to emit in that order, one at a
// time. The features that emit receives are valid until it returns.
//
// Members run side by side; where there are fewer of them than threads, the
// remaining threads share their images. An error of emit or a canceled
// context ends the call with that error.
func (p *Plan) Members(ctx context.Context, first, count int, x, normBatch *imageset.Batch, emit func(member int, f *Features) error) error {
	if normBatch == nil {
		return p.MembersFrom(ctx, first, count, x, nil, emit)
	}
	return p.MembersFrom(ctx, first, count, x, func(int) (*imageset.Batch, error) { return normBatch, nil }, emit)
}

// MembersFrom is Members with a normalization batch of its own for each member.
// norms may be nil where normBatch may.
func (p *Plan) MembersFrom(ctx context.Context, first, count int, x *imageset.Batch, norms NormSource, emit func(member int, f *Features) error) error {
	if err := p.checkBatch("x", x); err != nil {
		return err
	}
	if p.norms && norms == nil {
		return fmt.Errorf("forward: network %q normalizes: normalization %v needs a batch", p.net.Name, p.cfg.Norm)
	}
	if first < 0 || count < 0 || int64(first)+int64(count) > 1<<32 {
		return fmt.Errorf("forward: members %d to %d are not in 0 to 2^32-1", first, first+count-1)
	}
	if count == 0 {
		return ctx.Err()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e := &ensemble{plan: p, ctx: ctx, cancel: cancel, first: first, count: count, norms: norms, emit: emit}
	e.turn.L = &e.mu
	e.n, e.x = x.N, p.lay(x, p.threads(), new(simd.Lay))
	defer p.pool.put(e.x)
	defer context.AfterFunc(ctx, e.wake)()
	return e.run()
}

func (p *Plan) checkBatch(name string, b *imageset.Batch) error {
	if b == nil {
		return fmt.Errorf("forward: %s is nil", name)
	}
	s := p.net.InputShape()
	if b.H != s.H || b.W != s.W || b.C != s.C {
		return fmt.Errorf("forward: %s holds images of %dx%dx%d, network %q reads %v", name, b.H, b.W, b.C, p.net.Name, s)
	}
	if b.N < 1 {
		return fmt.Errorf("forward: %s holds no images", name)
	}
	if len(b.Data) != b.N*s.Size() {
		return fmt.Errorf("forward: %s holds %d values, %d images of %v are %d", name, len(b.Data), b.N, s, b.N*s.Size())
	}
	return nil
}

// ensemble is one call of Members.
type ensemble struct {
	plan         *Plan
	ctx          context.Context
	cancel       context.CancelCauseFunc
	first, count int
	norms        NormSource
	emit         func(int, *Features) error

	n int       // images
	x []float32 // images side by side

	next  atomic.Int64  // member to start
	spare chan struct{} // threads without work
	mu    sync.Mutex
	turn  sync.Cond
	emits int // members emitted
}

// lay returns the images as the plan reads them, in memory from the pool. One
// thread uses a; several have their own.
func (p *Plan) lay(b *imageset.Batch, threads int, a *simd.Lay) []float32 {
	x := p.pool.get(groups(b.N, p.k.Images) * p.inputSize())
	if p.strips == nil {
		toLanesBy(threads, x, b, p.k, a)
	} else {
		toChannels(x, b, p.vectors(0)*p.k.Lanes)
	}
	return x
}

// run starts one goroutine for each member that may run at a time; threads
// left over wait in spare for images to share.
func (e *ensemble) run() error {
	threads := e.plan.threads()
	e.spare = make(chan struct{}, threads)
	runners, err := e.runners(min(threads, e.count))
	if err != nil {
		return err
	}
	for i := runners; i < threads; i++ {
		e.spare <- struct{}{}
	}
	var wg sync.WaitGroup
	for i := 1; i < runners; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			e.work()
		}()
	}
	e.work()
	wg.Wait()
	return context.Cause(e.ctx)
}

// sideBySide bounds what the weights and normalization batches of the members
// that run at a time take, in bytes: members of wide networks, whose images give
// every thread enough to do, run one after another. It is such that 2,000 images
// and the largest cell of NAS-Bench-101 at stem 128 stay below 2 GiB in all, which
// bench/memory.py --wide checks.
const sideBySide = 5 << 28

// runners returns how many members run at a time, n at most.
func (e *ensemble) runners(n int) (int, error) {
	if n < 2 {
		return n, nil
	}
	p := e.plan
	each := p.weightSize
	if p.norms {
		b, err := e.norms(e.first)
		if err != nil {
			return 0, err
		}
		if err := p.checkBatch("normBatch", b); err != nil {
			return 0, err
		}
		each += p.trainSchedule(groups(b.N, p.k.Images)).size
	}
	for n > 1 && 4*n*each > sideBySide {
		n--
	}
	return n, nil
}

// work runs members until none is left, then lends its thread to others.
func (e *ensemble) work() {
	r := e.plan.runner()
	defer e.plan.idle(r)
	for {
		i := int(e.next.Add(1)) - 1
		if i >= e.count || e.ctx.Err() != nil {
			break
		}
		r.member(e, e.first+i)
		e.deliver(i, &r.features)
	}
	e.spare <- struct{}{}
}

// wake ends the waiting for a turn that will not come.
func (e *ensemble) wake() {
	e.mu.Lock()
	e.turn.Broadcast()
	e.mu.Unlock()
}

// deliver emits the features of the i-th member when its turn comes.
func (e *ensemble) deliver(i int, f *Features) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.emits != i && e.ctx.Err() == nil {
		e.turn.Wait()
	}
	if e.ctx.Err() == nil {
		if err := e.emit(e.first+i, f); err != nil {
			e.cancel(err)
		}
	}
	e.emits = i + 1
	e.turn.Broadcast()
}
