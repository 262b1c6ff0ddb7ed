package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func init() { subcommands = append(subcommands, newEval) }

// evalFlags are the flags of eval.
type evalFlags struct {
	cell archFlags
	imageFlags
	network, features string
	width             int
	norm              string
	view              string
	draw              string
	cfg               nngpkit.Config
}

func newEval() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval (ARCHITECTURE | --matrix M --ops O | --hash H | --network FILE)",
		Short: "Score one architecture by its NNGP, without training",
		Long: `Score one architecture of a search space, NAS-Bench-101 unless --space says
otherwise: estimate its network's NNGP kernel from a few randomly initialized
members, and do kernel regression with it. The defaults are the protocol of the
public notebook of arXiv:2011.06006.

--norm says how batch normalization is set. In every mode a batch of training images
runs through the network first, each layer normalized by the statistics of that batch;
ema then keeps one moving-average update of them (close to no normalization), batch keeps
the batch's own, and none leaves normalization out.

"score" is that protocol's: the best validation accuracy over epsilon. Epsilon
is chosen on the images that it is measured on, so the score is optimistic.
Images without labels, such as --images noise, need no data set; what compares
with labels is undefined then, the score too. What no flag sets is then not the
protocol's but the recommended setting for noise (width 8, 12 + 4 images, no batch
normalization, --view maximum), and noise_score, noise_entropy and
noise_sensitivity are the signals that are recommended, each with the share of the
cells of a committed table that have smaller ones (see docs/SIGNALS.md). They are
measured in settings of their own, of which flags change the width and the seed;
of NAS-Bench-201 in a network of one cell a stage.
Below it stands every statistic of the kernel, under the name that it has in
tables and in --json; --view says which features make the kernel. What each is
worth as a signal, notebook 09 shows.

Cells that differ only in the order of their vertices score the same.

--network takes a network of no search space: an ONNX file as exporters write it, or
a network of package arch as JSON. Its weights are left behind. The features are what
its last pooling gives, or the result of the node that --features names. Without
--images it is measured on noise of the size that it reads; other images are brought
to that size, or, where the file allows, the network to that of --size.

--images takes image files of your own, too. All images are read unless --per-class
says otherwise; the shorter side is scaled to --size pixels and the middle kept.`,
		Example: `  nngplab eval --matrix 0111010/0000001/0000001/0000100/0000001/0000001/0000000 \
    --ops input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output
  nngplab eval --hash 28cfc7874f6d200472e1a9dcd8650aa0 --width 16 --members 8 --images drawn --json
  nngplab eval --hash 28cfc7874f6d200472e1a9dcd8650aa0 --width 8 --val 250 --members 8 --norm none --view maxima
  nngplab eval --hash 28cfc7874f6d200472e1a9dcd8650aa0 --images noise
  nngplab eval --hash 28cfc7874f6d200472e1a9dcd8650aa0 --images photos/ --size 32 --train 60 --val 30
  nngplab eval --network net.onnx
  nngplab eval --network net.onnx --images photos/ --train 60 --val 30 --members 2 --norm none`,
		Args: func(cmd *cobra.Command, args []string) error { return badInput(cobra.MaximumNArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.cell.add(cmd)
	fl := cmd.Flags()
	f.imageFlags.add(cmd, "cifar10")
	fl.StringVar(&f.network, "network", "", "score this network: an ONNX file, or a network of package arch as .json")
	fl.StringVar(&f.features, "features", "", "of --network: the node, or the value, whose result is the features; without it the last pooling")
	fl.IntVar(&f.width, "width", 0, "channels of the stem; 0 means those of the published networks, 128 for NAS-Bench-101")
	fl.IntVar(&f.cfg.Train, "train", nngpkit.DefaultTrain, "training images")
	fl.IntVar(&f.cfg.Val, "val", nngpkit.DefaultVal, "validation images")
	fl.IntVar(&f.cfg.Members, "members", nngpkit.DefaultMembers, "random copies of the network")
	fl.IntVar(&f.cfg.NormBatch, "norm-batch", nngpkit.DefaultNormBatch, "training images that set the batch normalization, drawn for each member; at most --train")
	fl.IntVar(&f.cfg.NormBatch, "batch", nngpkit.DefaultNormBatch, "")
	_ = fl.MarkDeprecated("batch", "it is called --norm-batch now")
	fl.StringVar(&f.norm, "norm", forward.EMA.String(), "batch normalization: ema (one moving-average update, as published), batch (the batch's statistics) or none")
	fl.StringVar(&f.view, "view", string(nngpkit.Raw), "features that make the kernel: raw (as published), standardized, depths (all scales), maxima or maximum")
	fl.StringVar(&f.draw, "draw", forward.Independent.String(), "how weights are drawn: independent (as published), antithetic (every other member has the signs turned) or orthogonal")
	fl.Uint64Var(&f.cfg.Seed, "seed", 0, "seed of weights and normalization batches")
	fl.Uint64Var(&f.cfg.SplitSeed, "split-seed", 0, "seed of the choice of images")
	fl.BoolVar(&f.cfg.Balanced, "balanced", false, "choose images so that every class has as many, or one more")
	fl.IntVar(&f.cfg.Threads, "threads", 0, "threads; 0 means all cores. No result depends on it")
	return cmd
}

// errDead says that the images cannot be told apart by their features.
var errDead = errors.New("the centered kernel is zero: the features of all images are the same, as where no unit of a narrow network is alive, and no score says anything; take a larger --width, more --members or another --seed")

// maxThreads bounds the threads of an evaluation beyond those of the machine.
const maxThreads = 64

func (f *evalFlags) run(cmd *cobra.Command, args []string) error {
	x, err := f.inputs(cmd, args)
	if err != nil {
		return err
	}
	net, set := x.net, x.set
	show := newProgress(cmd, progress.Quiet)
	f.cfg.Progress = func(m, n int) { show.Count("members", m, n) }
	r, err := nngpkit.Evaluate(cmd.Context(), net, set, f.cfg)
	show.End()
	var memory *nngpkit.MemoryError
	if errors.As(err, &memory) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	m, err := r.Measure(cmd.Context())
	if err != nil {
		return err
	}
	if m.Spectra == nil || math.IsNaN(m.Spectra.LogDet) || r.Labeled() && math.IsNaN(r.Alignment) {
		return errDead
	}
	out := newEvalOutput(f, x, r, m)
	if imageset.IsNoise(set.Name) {
		if out.Noise, err = f.noiseOf(cmd, x); err != nil {
			return err
		}
	}
	return printResult(cmd, out, out.text)
}

// evalInputs are what is scored.
type evalInputs struct {
	net     *arch.Network
	a       space.Architecture // of a search space; nil for a network of none
	network *ownNetwork        // of none; nil for an architecture
	set     *imageset.Set
}

// inputs reads and checks everything that the flags name.
func (f *evalFlags) inputs(cmd *cobra.Command, args []string) (*evalInputs, error) {
	if err := f.check(cmd); err != nil {
		return nil, badInput(err)
	}
	var x *evalInputs
	var err error
	if f.network != "" {
		x, err = f.ownInputs(cmd, args)
	} else {
		x, err = f.cellInputs(cmd, args)
	}
	if err != nil {
		return nil, err
	}
	if err := f.cfg.Check(x.set); err != nil {
		return nil, badInput(err)
	}
	return x, nil
}

// check checks the flags by themselves.
func (f *evalFlags) check(cmd *cobra.Command) error {
	for _, c := range []struct {
		name  string
		value int
	}{{"width", f.width}, {"train", f.cfg.Train}, {"val", f.cfg.Val}, {"members", f.cfg.Members}, {"norm-batch", f.cfg.NormBatch}} {
		if c.value < 1 && (c.name != "width" || cmd.Flags().Changed(c.name)) {
			return fmt.Errorf("--%s %d: want at least 1", c.name, c.value)
		}
	}
	if f.cfg.Members > maxMembers {
		return fmt.Errorf("--members %d: want at most %d", f.cfg.Members, maxMembers)
	}
	if f.width != 0 {
		if err := checkWidth(f.width); err != nil {
			return err
		}
	}
	if f.cfg.Threads < 0 {
		return fmt.Errorf("--threads %d: want at least 0", f.cfg.Threads)
	}
	if f.features != "" && f.network == "" {
		return errors.New("--features is of --network")
	}
	if err := f.imageFlags.check(cmd); err != nil {
		return err
	}
	// Threads that have no processor cost memory and bring nothing.
	f.cfg.Threads = min(f.cfg.Threads, max(runtime.GOMAXPROCS(0), maxThreads))
	if !cmd.Flags().Changed("norm-batch") && !cmd.Flags().Changed("batch") {
		f.cfg.NormBatch = min(f.cfg.NormBatch, f.cfg.Train)
	}
	f.cfg.Views = []nngpkit.View{nngpkit.View(f.view)}
	var err error
	if f.cfg.Norm, err = forward.ParseNorm(f.norm); err != nil {
		return err
	}
	f.cfg.Draw, err = forward.ParseDraw(f.draw)
	return err
}

// cellInputs reads an architecture of a search space, and the images.
func (f *evalFlags) cellInputs(cmd *cobra.Command, args []string) (*evalInputs, error) {
	var a space.Architecture
	var set *imageset.Set
	read := []func() error{
		func() (err error) { a, err = f.cell.architecture(cmd, args); return err },
		func() (err error) { set, err = f.open(cmd, ownSide); return badInput(err) },
	}
	if f.cell.key != "" { // whose search takes seconds: missing images are found before
		slices.Reverse(read)
	}
	for _, next := range read {
		if err := next(); err != nil {
			return nil, err
		}
	}
	if !set.Labeled() {
		f.withoutLabels(cmd, a.MinWidth())
	}
	if f.width == 0 {
		f.width = space.Of(a).Info().Width
	}
	net, err := a.Network(f.width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return nil, badInput(err)
	}
	return &evalInputs{net: net, a: a, set: set}, nil
}

// ownInputs reads a network of no search space, and the images.
func (f *evalFlags) ownInputs(cmd *cobra.Command, args []string) (*evalInputs, error) {
	given := cmd.Flags().Changed
	if len(args) > 0 || f.cell.given() || given("space") || given("width") {
		return nil, badInput(errors.New("--network names what is scored: no architecture of a search space, and no --width, goes with it"))
	}
	if !given("images") {
		f.images = imageset.WhiteNoise.String()
	}
	n, err := readNetwork(f.network, f.features, f.size, ownSide)
	if err != nil {
		return nil, badFile(err)
	}
	in := n.Network.InputShape()
	images := f.imageFlags
	images.size = 0
	set, err := images.open(cmd, min(in.H, in.W))
	if err != nil {
		return nil, badInput(err)
	}
	if n.anySize && (set.H != in.H || set.W != in.W) && set.H == set.W && !imageset.IsNoise(set.Name) {
		if n, err = readNetwork(f.network, f.features, 0, set.H); err != nil {
			return nil, badFile(err)
		}
	}
	if !set.Labeled() {
		f.withoutLabels(cmd, 0)
	}
	if in.C > 1 && set.C == 1 && !imageset.IsNoise(set.Name) {
		n.notes = append(n.notes, fmt.Sprintf("the images of %s are gray: each of the network's %d channels gets the same", set.Name, in.C))
	}
	if set, err = study.Fitted(set, n.Network, sweep.Setting{Train: f.cfg.Train, Val: f.cfg.Val}); err != nil {
		return nil, badInput(err)
	}
	n.note(cmd)
	x := &evalInputs{net: n.Network, network: n, set: set}
	if v := nngpkit.View(f.view); v != nngpkit.Raw && v != nngpkit.Standardized {
		x.net = n.Network.Averaged()
	}
	return x, nil
}
