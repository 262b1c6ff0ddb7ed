package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// The signals that Score computes, all from one kernel.
var (
	// NNGPAccuracy is the paper's score: the best validation accuracy over
	// epsilon, which is chosen on the same images.
	NNGPAccuracy = Signal{Column: "nngp_accuracy", Label: "NNGP accuracy (the paper's score)"}
	// NNGPLeaveOneOut is the closed-form leave-one-out squared error of all
	// images, at its best epsilon.
	NNGPLeaveOneOut = Signal{Column: "nngp_loo", Label: "NNGP leave-one-out error", Lower: true}
	// NNGPLikelihood is the log marginal likelihood of all images, at its best
	// epsilon and scale.
	NNGPLikelihood = Signal{Column: "nngp_lml", Label: "NNGP marginal likelihood"}
)

// NNGPSignals returns the signals that Score computes.
func NNGPSignals() []Signal { return []Signal{NNGPAccuracy, NNGPLeaveOneOut, NNGPLikelihood} }

// Setting says how cells are scored. Its zero value is the public notebook's
// protocol: stem 128, 500 + 200 images, 4 members, moving-average
// normalisation from 100 images.
type Setting struct {
	Width     int // channels of the stem; 0 means 128
	Train     int // training images; 0 means 500
	Val       int // validation images; 0 means 200
	Members   int // 0 means 4
	NormBatch int // images that set the normalisation; 0 means 100, or Train if that is less
	Norm      forward.Norm
	Seed      uint64 // of weights and normalisation batches
	SplitSeed uint64 // of the choice of images
}

// resolved returns the setting with its zeros replaced.
func (s Setting) resolved() Setting {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&s.Width, nasbench.StemWidth)
	def(&s.Train, 500)
	def(&s.Val, 200)
	def(&s.Members, 4)
	def(&s.NormBatch, min(100, s.Train))
	return s
}

// String describes the setting in a line.
func (s Setting) String() string {
	s = s.resolved()
	return fmt.Sprintf("stem %d, %d + %d images, %d members, norm %v from %d images, seed %d",
		s.Width, s.Train, s.Val, s.Members, s.Norm, s.NormBatch, s.Seed)
}

// config returns the setting as an evaluation takes it.
func (s Setting) config() nngpkit.Config {
	return nngpkit.Config{
		Train: s.Train, Val: s.Val, Members: s.Members, Norm: s.Norm, NormBatch: s.NormBatch,
		Seed: s.Seed, SplitSeed: s.SplitSeed,
	}
}

// Score is what one cell scored.
type Score struct {
	Accuracy float64 // best validation accuracy over epsilon
	Epsilon  float64 // where it is
	LOO      float64 // leave-one-out squared error of all images, at its best epsilon
	LML      float64 // log marginal likelihood of all images, nats a target, at its best epsilon
	GFLOPs   float64 // of the forward passes
	Seconds  float64 // of one core, when it was computed
}

// ScoreCells scores every cell and returns a frame with a row a cell: hash,
// nngp_accuracy, nngp_epsilon, nngp_loo, nngp_lml and nngp_gflops.
//
// Scores are kept in a file of the user's cache, one line each, as they are
// computed: interrupting loses at most the cells in hand, and the same setting
// on the same images is never computed twice. The scores of a cell do not
// depend on the others nor on the number of threads.
func ScoreCells(ctx context.Context, c *Cells, set *imageset.Set, s Setting) (dataframe.DataFrame, error) {
	s = s.resolved()
	if err := s.config().Check(set); err != nil {
		return dataframe.DataFrame{}, err
	}
	kept, err := openScores(set, s)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	defer kept.close()
	scores, err := scoreAll(ctx, c, set, s, kept)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	if err := kept.close(); err != nil {
		return dataframe.DataFrame{}, err
	}
	if spent := seconds(scores); spent > 0 {
		if err := recordWork(fmt.Sprintf("%s cells, %v", c.Name, s), spent, len(scores)); err != nil {
			return dataframe.DataFrame{}, err
		}
	}
	return scoreFrame(c, scores)
}

// seconds returns what the scores took together, 0 where not all of them say:
// files of an earlier version do not.
func seconds(scores []Score) float64 {
	total := 0.0
	for _, s := range scores {
		if s.Seconds == 0 {
			return 0
		}
		total += s.Seconds
	}
	return total
}

func scoreFrame(c *Cells, scores []Score) (dataframe.DataFrame, error) {
	cols := make([][]float64, 5)
	for _, s := range scores {
		for i, v := range []float64{s.Accuracy, s.Epsilon, s.LOO, s.LML, s.GFLOPs} {
			cols[i] = append(cols[i], v)
		}
	}
	out := []series.Series{series.New(c.Frame.Col(KeyColumn).Records(), series.String, KeyColumn)}
	for i, name := range []string{NNGPAccuracy.Column, "nngp_epsilon", NNGPLeaveOneOut.Column, NNGPLikelihood.Column, "nngp_gflops"} {
		out = append(out, series.New(cols[i], series.Float, name))
	}
	return checked(dataframe.New(out...))
}

// wideStem is the stem from which one network uses all threads; below it, each
// thread scores a network of its own, which wastes less.
const wideStem = 64

func scoreAll(ctx context.Context, c *Cells, set *imageset.Set, s Setting, kept *keptFile[Score]) ([]Score, error) {
	workers, threads := runtime.GOMAXPROCS(0), 1
	if s.Width >= wideStem {
		workers, threads = 1, workers
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &scoring{cells: c, set: set, setting: s, kept: kept, scores: make([]Score, c.Len()), threads: threads}
	w.progress = newProgress("scored %d of %d "+c.Name+" cells", c.Len())
	var group sync.WaitGroup
	for i := 0; i < workers; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			w.work(ctx, cancel)
		}()
	}
	group.Wait()
	if w.err == nil && w.done < c.Len() {
		w.err = context.Cause(ctx)
	}
	if w.err != nil {
		w.progress.end(fmt.Sprintf("stopped after %d of %d %s cells; they are kept", w.done, c.Len(), c.Name))
		return nil, w.err
	}
	w.progress.end(fmt.Sprintf("scored %d %s cells", c.Len(), c.Name))
	return w.scores, nil
}

// scoring is one call of ScoreCells at work.
type scoring struct {
	cells    *Cells
	set      *imageset.Set
	setting  Setting
	kept     *keptFile[Score]
	threads  int
	progress *progress

	mu     sync.Mutex
	next   int
	done   int
	fresh  int
	err    error
	scores []Score
}

// take returns the next cell to score, or false.
func (w *scoring) take() (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == len(w.scores) || w.err != nil {
		return 0, false
	}
	w.next++
	return w.next - 1, true
}

func (w *scoring) work(ctx context.Context, cancel context.CancelFunc) {
	pool := new(forward.Pool)
	for ctx.Err() == nil {
		i, ok := w.take()
		if !ok {
			return
		}
		spec := w.cells.Specs[i]
		score, old := w.kept.get(spec)
		var err error
		if !old {
			if score, err = scoreCell(ctx, spec, w.set, w.setting, w.threads, pool); err == nil {
				err = w.kept.put(spec, score)
			}
		}
		w.finish(i, score, !old, err, cancel)
	}
}

func (w *scoring) finish(i int, score Score, fresh bool, err error, cancel context.CancelFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		if w.err == nil {
			w.err = fmt.Errorf("study: cell %s: %w", w.cells.Specs[i].Hash(), err)
		}
		cancel()
		return
	}
	w.scores[i] = score
	w.done++
	if fresh {
		w.fresh++
	}
	w.progress.step(w.done, w.fresh)
}

// scoreCell scores one cell.
func scoreCell(ctx context.Context, spec nasbench.Spec, set *imageset.Set, s Setting, threads int, pool *forward.Pool) (Score, error) {
	net, err := spec.Canonical().Network(s.Width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return Score{}, err
	}
	cfg := s.config()
	cfg.Threads, cfg.Pool = threads, pool
	cfg.GP.SkipDensity = true
	r, err := nngpkit.Evaluate(ctx, net, set, cfg)
	if err != nil {
		return Score{}, err
	}
	out := Score{Accuracy: r.BestAccuracy, Epsilon: r.BestEpsilon, LOO: math.NaN(), LML: math.NaN(), GFLOPs: float64(r.FLOPs) * 1e-9, Seconds: r.Seconds * float64(threads)}
	if i := r.Whole.BestLeaveOneOut(); i >= 0 {
		out.LOO = r.Whole.LOOSquaredError[i]
	}
	if i := r.Whole.BestLogMarginal(); i >= 0 {
		out.LML = r.Whole.LogMarginalScaled[i]
	}
	if math.IsNaN(out.LOO) || math.IsNaN(out.LML) {
		return out, errors.New("no epsilon gave a positive definite kernel of all images")
	}
	return out, nil
}
