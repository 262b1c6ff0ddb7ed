package nngpkit

import (
	"context"
	"fmt"
	"time"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// Config says how a network is scored. The zero value is the protocol of the
// public notebook of arXiv:2011.06006: 500 training and 200 validation
// images, 4 members, batch normalization set by one moving-average update
// from 100 training images drawn anew for each member.
type Config struct {
	Train   int // training images; 0 means 500
	Val     int // validation images; 0 means 200
	Members int // random copies of the network; 0 means 4

	Norm      forward.Norm // how batch normalization is set
	NormBatch int          // images that set it; 0 means 100, or as many as there are to set it if those are fewer
	Draw      forward.Draw // how weights depend on each other

	// Views are the features that make kernels; nil means Raw, the paper's.
	// Evaluate takes one, Kernels any number, from the same forward passes. Kernels
	// that are asked for sensitivities or codes take none where it is empty but not
	// nil, and run the network no further than needed.
	Views []View

	// Perturb and Codes ask for more than kernels from the same forward passes; see
	// Kernels. Evaluate leaves them out.
	Perturb Perturbation
	Codes   CodePlaces

	// NormSet holds the images that set the batch normalization, drawn anew for each
	// member; nil means the training images. It may be the set itself.
	NormSet *imageset.Set

	Seed      uint64 // of the weights and the normalization batches
	SplitSeed uint64 // of the choice of images
	Balanced  bool   // every class has as many training images, and validation images; see imageset.BalancedSplit

	// Normalization of the pixels; the zero value is CIFAR-10's for images of
	// three channels and the set's own statistics for others.
	Normalization imageset.Normalization

	// GP says which epsilons are tried and which scores are computed. Threads
	// below overrides its Threads.
	GP gp.Config

	// Running asks for the scores after each member, in Result.Running: the
	// kernel is a running mean, so they cost no further forward pass.
	Running bool

	Threads  int                     // 0 means GOMAXPROCS; no result depends on it
	Pool     *forward.Pool           // memory shared by many evaluations; may be nil
	Progress func(done, members int) // called with 0 at the start, and after each member; may be nil
}

// The protocol's numbers, which the zero values of a Config stand for.
const (
	DefaultWidth     = 128 // channels of the stem of the published networks, which are NAS-Bench-101's
	DefaultTrain     = 500 // training images
	DefaultVal       = 200 // validation images
	DefaultMembers   = 4   // random copies of the network
	DefaultNormBatch = 100 // images that set the normalization; all there are if those are fewer
)

// Resolved returns the configuration with the numbers of the protocol in place of
// zeros.
func (c Config) Resolved() Config {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.Train, DefaultTrain)
	def(&c.Val, DefaultVal)
	def(&c.Members, DefaultMembers)
	def(&c.NormBatch, min(DefaultNormBatch, c.normImages()))
	return c
}

// withDefaults returns the configuration with its zero values replaced.
func (c Config) withDefaults() Config {
	c = c.Resolved()
	if c.Views == nil || len(c.Views) == 0 && c.Perturb.Std == 0 && c.Codes == NoCodes {
		c.Views = []View{Raw}
	}
	if c.Pool == nil {
		c.Pool = new(forward.Pool)
	}
	c.GP.Threads = c.Threads
	return c
}

// normImages returns how many images may set the normalization.
func (c *Config) normImages() int {
	if c.NormSet != nil {
		return c.NormSet.Len()
	}
	return c.Train
}

// Check returns why the configuration does not fit the set, or nil. Evaluate
// checks by itself; a caller that wants to know first may ask.
func (c Config) Check(set *imageset.Set) error {
	c = c.withDefaults()
	switch {
	case c.Train < 1 || c.Val < 1:
		return fmt.Errorf("nngpkit: %d training and %d validation images: at least one of each is needed", c.Train, c.Val)
	case c.Members < 1:
		return fmt.Errorf("nngpkit: %d members: at least one is needed", c.Members)
	case c.NormBatch < 1 || c.NormBatch > c.normImages():
		return fmt.Errorf("nngpkit: a normalization batch of %d images: want 1 to %d, the number of %s", c.NormBatch, c.normImages(), c.normNames())
	case c.NormSet != nil && (c.NormSet.H != set.H || c.NormSet.W != set.W || c.NormSet.C != set.C):
		return fmt.Errorf("nngpkit: images of %s, %dx%dx%d, cannot set the normalization for those of %s, %dx%dx%d", c.NormSet.Name, c.NormSet.H, c.NormSet.W, c.NormSet.C, set.Name, set.H, set.W, set.C)
	case c.Train > set.Len() || c.Val > set.Len()-c.Train:
		return fmt.Errorf("nngpkit: %d training and %d validation images asked of %s, which has %d: take fewer of each", c.Train, c.Val, set.Name, set.Len())
	}
	if c.Balanced {
		if _, err := c.split(set); err != nil {
			return fmt.Errorf("nngpkit: %w", err)
		}
	}
	if err := c.Perturb.check(c.Train + c.Val); err != nil {
		return err
	}
	return checkViews(c.Views)
}

// split chooses the images.
func (c *Config) split(set *imageset.Set) (imageset.Split, error) {
	if c.Balanced {
		return imageset.BalancedSplit(set.Labels, len(set.Classes), c.Train, c.Val, c.SplitSeed)
	}
	return imageset.NewSplit(set.Len(), c.Train, c.Val, c.SplitSeed)
}

func (c *Config) normNames() string {
	if c.NormSet != nil {
		return "images of " + c.NormSet.Name
	}
	return "training images"
}

// Result is what one evaluation found.
type Result struct {
	*gp.Result // the scores after the last member

	// Running holds the scores after 1, 2, ... members, the last being Result,
	// where Config.Running asked for them.
	Running []*gp.Result

	// Kernel is the estimate over training then validation images, the mean
	// over members of the products of their features; Labels are the images'
	// classes in the same order, zeros where the set has no labels.
	Kernel *mat.SymDense
	Labels []int

	Features int   // feature values of one image in one member
	FLOPs    int64 // of the forward passes: members x (images + normalization batch)

	// Seconds of wall-clock time: all of it, and the part spent in the forward
	// pass and the kernel.
	Seconds        float64
	ForwardSeconds float64
}

// Measure returns every statistic of the catalogue of package gp: those of the
// sweep, NaN where the images have no labels, and those of the kernel that need
// none.
func (r *Result) Measure(ctx context.Context) (*gp.Measurement, error) {
	s, err := gp.SpectraOf(ctx, r.Kernel, 0)
	if err != nil {
		return nil, fmt.Errorf("nngpkit: %w", err)
	}
	m := &gp.Measurement{Spectra: s, Shape: gp.ShapeOf(r.Kernel)}
	if r.Labeled() {
		m.Result = r.Result
	}
	return m, nil
}

// Evaluate scores net on images of the set. Train and validation images are
// drawn from the same set, as the protocol does. Where the set has no labels
// (see imageset.Set.Labeled), scores that compare with labels are NaN: what the
// kernel itself tells, such as gp.SpectraOf, is all there is. It returns an error when the
// configuration does not fit the set or the network, when the context ends,
// and when no epsilon gives a positive definite kernel.
func Evaluate(ctx context.Context, net *arch.Network, set *imageset.Set, cfg Config) (*Result, error) {
	start := time.Now()
	cfg = cfg.withDefaults()
	if err := cfg.Check(set); err != nil {
		return nil, err
	}
	if len(cfg.Views) != 1 {
		return nil, fmt.Errorf("nngpkit: an evaluation scores one view of a network, not %d", len(cfg.Views))
	}
	cfg.Perturb, cfg.Codes = Perturbation{}, NoCodes
	e, err := loaded(net, set, cfg)
	if err != nil {
		return nil, err
	}
	r, err := e.run(ctx)
	if err != nil {
		return nil, err
	}
	r.Seconds = time.Since(start).Seconds()
	return r, nil
}

// evaluation is one call of Evaluate or Kernels.
type evaluation struct {
	cfg    Config
	net    *arch.Network
	set    *imageset.Set
	nz     imageset.Normalization
	plan   *forward.Plan
	split  imageset.Split
	images *imageset.Batch // and those with noise
	labels []int
	norms  bool
	first  int          // member
	blocks []arch.Block // of the features that the plan computes

	senses []*sensing
	codes  *coding
}

// newEvaluation compiles the network for images such as those of the set, and loads
// none.
func newEvaluation(net *arch.Network, set *imageset.Set, cfg Config) (*evaluation, error) {
	if err := net.Check(); err != nil {
		return nil, fmt.Errorf("nngpkit: %w", err)
	}
	if err := checkMemory(net, set, cfg); err != nil {
		return nil, fmt.Errorf("nngpkit: %s: %w", net.Name, err)
	}
	e := &evaluation{cfg: cfg, net: net}
	run, err := e.features()
	if err != nil {
		return nil, err
	}
	fc := forward.Config{Norm: cfg.Norm, Draw: cfg.Draw, Seed: cfg.Seed, Threads: cfg.Threads}
	if fc.Codes, err = cfg.Codes.nodes(run); err != nil {
		return nil, err
	}
	if e.plan, err = cfg.Pool.Compile(run, fc); err != nil {
		return nil, err
	}
	if cfg.Norm != forward.None {
		for i := range run.Nodes {
			e.norms = e.norms || run.Nodes[i].Norm || run.Nodes[i].Kind == arch.BatchNorm
		}
	}
	return e, nil
}

// loaded returns an evaluation that has its images.
func loaded(net *arch.Network, set *imageset.Set, cfg Config) (*evaluation, error) {
	e, err := newEvaluation(net, set, cfg)
	if err != nil {
		return nil, err
	}
	return e, e.load(set)
}

// load takes the images from a set, whose pixels are of the network's shape, and
// forgets what was measured on others.
func (e *evaluation) load(set *imageset.Set) error {
	e.set = set
	var err error
	if e.split, err = e.cfg.split(set); err != nil {
		return err
	}
	if e.nz = e.cfg.Normalization; e.nz.Mean == nil && e.nz.Std == nil && set.C != 3 {
		if e.nz, err = set.Normalization(e.split.Train); err != nil {
			return err
		}
	}
	all := e.split.All()
	if e.images, err = set.Batch(all, e.nz); err != nil {
		return err
	}
	e.labels = set.LabelsOf(all)
	for i, s := range e.senses {
		e.senses[i] = &sensing{place: s.place, block: s.block, std: s.std}
	}
	if e.cfg.Codes != NoCodes {
		e.codes = &coding{n: len(all)}
	}
	return e.perturb()
}

// normBatch returns the images that set member m's normalization.
func (e *evaluation) normBatch(m int) (*imageset.Batch, error) {
	set, from := e.set, e.split.Train
	if e.cfg.NormSet != nil {
		set, from = e.cfg.NormSet, nil
	}
	order := imageset.Shuffled(e.cfg.normImages(), mix(e.cfg.Seed, uint64(m)))
	idx := make([]int, e.cfg.NormBatch)
	for i := range idx {
		idx[i] = order[i]
		if from != nil {
			idx[i] = from[order[i]]
		}
	}
	return set.Batch(idx, e.nz)
}

// mix spreads (seed, member) over 64 bits (the finalizer of SplitMix64, Steele,
// Lea & Flood 2014), so that members of neighboring seeds share no batch.
func mix(seed, member uint64) uint64 {
	z := seed*0x9e3779b97f4a7c15 + member + 1
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (e *evaluation) run(ctx context.Context) (*Result, error) {
	r := &Result{Labels: e.labels, Features: e.net.Features()}
	r.FLOPs = e.flops(e.cfg.Members)

	views := e.estimators()
	mc := views[0]
	start := time.Now()
	var scoring time.Duration
	err := e.members(ctx, views, func(m int) error {
		if e.cfg.Running && m < e.cfg.Members {
			t := time.Now()
			s, err := e.score(ctx, mc.Kernel())
			if err != nil {
				return fmt.Errorf("after %d members: %w", m, err)
			}
			r.Running = append(r.Running, s)
			scoring += time.Since(t)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("nngpkit: %s: %w", e.net.Name, err)
	}
	r.ForwardSeconds = (time.Since(start) - scoring).Seconds()
	r.Kernel = mc.Kernel()
	if r.Result, err = e.score(ctx, r.Kernel); err != nil {
		return nil, fmt.Errorf("nngpkit: %s: %w", e.net.Name, err)
	}
	if e.cfg.Running {
		r.Running = append(r.Running, r.Result)
	}
	return r, nil
}

// flops returns what the forward passes of that many members take.
func (e *evaluation) flops(members int) int64 {
	images := e.images.N
	if e.norms {
		images += e.cfg.NormBatch
	}
	return min(e.net.FLOPs(), e.plan.Net().FLOPs()) * int64(images) * int64(members)
}

// estimators returns an estimate without members for each view.
func (e *evaluation) estimators() []*viewed {
	out := make([]*viewed, len(e.cfg.Views))
	for i, v := range e.cfg.Views {
		if v == "" {
			v = Raw
		}
		out[i] = newViewed(v, e.blocks, e.cfg.Threads)
	}
	return out
}

// members adds one member after the other to the estimates and calls visit with
// their number, from one goroutine at a time.
func (e *evaluation) members(ctx context.Context, views []*viewed, visit func(members int) error) error {
	if e.cfg.Progress != nil {
		e.cfg.Progress(0, e.cfg.Members)
	}
	return e.plan.MembersFrom(ctx, e.first, e.cfg.Members, e.images, e.normSource(), func(m int, f *forward.Features) error {
		m -= e.first
		if err := e.more(f); err != nil {
			return fmt.Errorf("member %d: %w", m, err)
		}
		clean := forward.Features{N: len(e.labels), D: f.D, Data: f.Data[:len(e.labels)*f.D]}
		for _, v := range views {
			if err := v.take(&clean); err != nil {
				return fmt.Errorf("member %d: %w", m, err)
			}
			if err := v.Next(ctx); err != nil {
				return err
			}
		}
		if err := visit(m + 1); err != nil {
			return err
		}
		if e.cfg.Progress != nil {
			e.cfg.Progress(m+1, e.cfg.Members)
		}
		return nil
	})
}

func (e *evaluation) normSource() forward.NormSource {
	if !e.norms {
		return nil
	}
	return e.normBatch
}

func (e *evaluation) score(ctx context.Context, k *mat.SymDense) (*gp.Result, error) {
	if !e.set.Labeled() {
		return gp.Unlabeled(len(e.split.Train), len(e.split.Val)), nil
	}
	return gp.SweepContext(ctx, k, len(e.split.Train), e.labels, len(e.set.Classes), e.cfg.GP)
}
