package plan

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Speed is how fast a machine scores cells, as Make needs it. All seconds
// are of one thread while the others are as busy.
type Speed struct {
	Threads int             `json:"threads"`      // that were busy when it was measured
	Forward map[int]float64 `json:"forward"`      // seconds per image and member of a mean cell of the space, by width
	Scoring map[int]float64 `json:"scoring"`      // seconds to score a kernel, by its number of images
	GFLOPs  map[int]float64 `json:"gflops_image"` // GFLOP per image of a mean cell of the space, by width
}

// speedCells is how many cells of the space stand for all in MeasureSpeed.
const speedCells = 12

// MeasureSpeed measures how fast this machine scores cells of NAS-Bench-101 at
// the given widths and numbers of images, with so many threads at once (0 means
// all): a few cells of the space, drawn at random, on drawn images. Seconds are
// on the wall, so a busy machine counts as a slow one. It takes some seconds,
// more for wide widths.
func MeasureSpeed(ctx context.Context, widths, images []int, threads int) (*Speed, error) {
	if most := runtime.GOMAXPROCS(0); threads == 0 || threads > most {
		threads = most
	}
	s := &Speed{Threads: threads, Forward: map[int]float64{}, Scoring: map[int]float64{}, GFLOPs: map[int]float64{}}
	cells, err := truth.SampleCells(1000, 1)
	if err != nil {
		return nil, err
	}
	specs := cells.Architectures
	for _, width := range widths {
		for _, c := range specs {
			macs, err := space.MACs(c, width, arch.Shape{})
			if err != nil {
				return nil, err
			}
			s.GFLOPs[width] += float64(2*macs) * 1e-9 / float64(len(specs))
		}
		if s.Forward[width], err = forwardSpeed(ctx, specs, width, threads, s.GFLOPs[width]); err != nil {
			return nil, err
		}
	}
	for _, n := range images {
		if s.Scoring[n], err = scoringSpeed(ctx, n, threads); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// forwardSpeed returns seconds per image of a mean cell: those of the first
// cells, scaled from their FLOPs to the mean.
func forwardSpeed(ctx context.Context, specs []space.Architecture, width, threads int, mean float64) (float64, error) {
	cells, images, members := max(speedCells, threads), 192, 2
	if width >= sweep.WideWidth { // as long on fewer
		cells, images, members = threads, 48, 1
	}
	set := imageset.Drawn(images, 1)
	cfg := nngpkit.Config{Train: images - 16, Val: 16, NormBatch: 16, Threads: 1}
	work := make([]float64, cells)
	start := time.Now()
	err := sweep.InParallel(ctx, threads, cells, func(ctx context.Context, i int, pool *forward.Pool) error {
		net, err := specs[i].Network(width, arch.Shape{H: set.H, W: set.W, C: set.C})
		if err != nil {
			return err
		}
		c := cfg
		c.Pool = pool
		return nngpkit.Kernels(ctx, net, set, c, []int{members}, func(e *nngpkit.Estimate) error {
			work[i] = float64(e.FLOPs) * 1e-9
			return nil
		})
	})
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, w := range work {
		total += w
	}
	return time.Since(start).Seconds() * float64(threads) / total * mean, nil
}

// scoringSpeed returns seconds to score one kernel of n images.
func scoringSpeed(ctx context.Context, n, threads int) (float64, error) {
	k := mat.NewSymDense(n, nil)
	labels := make([]int, n)
	for i := 0; i < n; i++ {
		labels[i] = i % 10
		for j := i; j < n; j++ { // positive definite: products of exp(-|i-j|)
			k.SetSym(i, j, 1/(1+float64((i-j)*(i-j))/float64(n)))
		}
		k.SetSym(i, i, 2)
	}
	start := time.Now()
	err := sweep.InParallel(ctx, threads, 2*threads, func(ctx context.Context, _ int, _ *forward.Pool) error {
		_, err := gp.SweepContext(ctx, k, n*2/3, labels, 10, gp.Config{Threads: 1})
		return err
	})
	return time.Since(start).Seconds() / 2, err
}

// seconds returns what one cell takes of one thread. It is an error if the
// speed does not know a pass.
func (s *Speed) seconds(passes []EvidencePass) (float64, error) {
	total := 0.0
	for _, p := range passes {
		f, ok := s.Forward[p.Width]
		g, okg := s.Scoring[p.Train+p.Val]
		if !ok || !okg {
			return 0, fmt.Errorf("plan: the speed of %v is not known", p)
		}
		total += f*float64(p.Members*p.images()) + g*float64(p.views())
	}
	return total, nil
}
