package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

func init() { subcommands = append(subcommands, newEval) }

// evalFlags are the flags of eval.
type evalFlags struct {
	cell      cellFlags
	images    string
	width     int
	norm      string
	view      string
	draw      string
	splitSeed uint64
	cfg       nngpkit.Config
}

func newEval() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval (--matrix M --ops O | --hash H)",
		Short: "Score one NAS-Bench-101 cell by its NNGP, without training",
		Long: `Score one NAS-Bench-101 cell: estimate its network's NNGP kernel from a few
randomly initialised members, and do kernel regression with it. The defaults
are the protocol of the public notebook of arXiv:2011.06006.

"score" is that protocol's: the best validation accuracy over epsilon. Epsilon
is chosen on the images that it is measured on, so the score is optimistic.
The leave-one-out error and the log marginal likelihood of all images need no
such choice. The log-determinant and the effective dimension of the centred
kernel need no labels at all; --view says which features make the kernel. What
each is worth as a signal, notebook 09 shows.`,
		Example: `  nngplab eval --matrix 0111010/0000001/0000001/0000100/0000001/0000001/0000000 \
    --ops input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,maxpool3x3,output
  nngplab eval --hash 28cfc7874f6d200472e1a9dcd8650aa0 --width 16 --members 8 --images drawn --json
  nngplab eval --hash 28cfc7874f6d200472e1a9dcd8650aa0 --width 8 --val 250 --members 8 --norm none --view maxima`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.cell.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.images, "images", "cifar10", "image set; see 'nngplab data list'")
	fl.IntVar(&f.width, "width", nasbench.StemWidth, "channels of the stem")
	fl.IntVar(&f.cfg.Train, "train", 500, "training images")
	fl.IntVar(&f.cfg.Val, "val", 200, "validation images")
	fl.IntVar(&f.cfg.Members, "members", 4, "random copies of the network")
	fl.IntVar(&f.cfg.NormBatch, "batch", 100, "training images that set the batch normalisation, drawn for each member; at most --train")
	fl.StringVar(&f.norm, "norm", "ema", "batch normalisation: ema (one moving-average update, as published), batch (the batch's statistics) or none")
	fl.StringVar(&f.view, "view", string(nngpkit.Raw), "features that make the kernel: raw (as published), standardised, depths (all scales) or maxima")
	fl.StringVar(&f.draw, "draw", forward.Independent.String(), "how weights are drawn: independent (as published), antithetic (every other member has the signs turned) or orthogonal")
	fl.Uint64Var(&f.cfg.Seed, "seed", 0, "seed of weights, normalisation batches and choice of images")
	fl.Uint64Var(&f.splitSeed, "split-seed", 0, "another seed for the choice of images")
	fl.IntVar(&f.cfg.Threads, "threads", 0, "threads; 0 means all cores. No result depends on it")
	return cmd
}

func (f *evalFlags) run(cmd *cobra.Command) error {
	net, spec, set, err := f.inputs(cmd)
	if err != nil {
		return err
	}
	update, done := progressLine(cmd)
	f.cfg.Progress = func(m, n int) { update("member %d of %d", m, n) }
	r, err := nngpkit.Evaluate(cmd.Context(), net, set, f.cfg)
	done()
	if err != nil {
		return err
	}
	spectra, err := gp.SpectraOf(cmd.Context(), r.Kernel, 0)
	if err != nil {
		return err
	}
	out := newEvalOutput(f, spec, set, r)
	out.LogDet, out.Dimension = number(spectra.LogDet), number(spectra.EffectiveDimension)
	return printResult(cmd, out, out.text)
}

// inputs reads and checks everything that the flags name.
func (f *evalFlags) inputs(cmd *cobra.Command) (*arch.Network, nasbench.Spec, *imageset.Set, error) {
	fail := func(err error) (*arch.Network, nasbench.Spec, *imageset.Set, error) {
		return nil, nasbench.Spec{}, nil, badInput(err)
	}
	for _, c := range []struct {
		name  string
		value int
	}{{"width", f.width}, {"train", f.cfg.Train}, {"val", f.cfg.Val}, {"members", f.cfg.Members}, {"batch", f.cfg.NormBatch}} {
		if c.value < 1 {
			return fail(fmt.Errorf("--%s %d: want at least 1", c.name, c.value))
		}
	}
	if !cmd.Flags().Changed("batch") {
		f.cfg.NormBatch = min(f.cfg.NormBatch, f.cfg.Train)
	}
	f.cfg.SplitSeed = f.cfg.Seed
	if cmd.Flags().Changed("split-seed") {
		f.cfg.SplitSeed = f.splitSeed
	}
	f.cfg.Views = []nngpkit.View{nngpkit.View(f.view)}
	var err error
	if f.cfg.Norm, err = forward.ParseNorm(f.norm); err != nil {
		return fail(err)
	}
	if f.cfg.Draw, err = forward.ParseDraw(f.draw); err != nil {
		return fail(err)
	}
	spec, err := f.cell.cell(cmd)
	if err != nil {
		return nil, spec, nil, err
	}
	set, err := imageset.LoadContext(cmd.Context(), f.images)
	if err != nil {
		return fail(err)
	}
	net, err := spec.Canonical().Network(f.width, arch.Shape{H: set.H, W: set.W, C: set.C})
	if err != nil {
		return fail(err)
	}
	if err := f.cfg.Check(set); err != nil {
		return fail(err)
	}
	return net, spec, set, nil
}

// evalOutput is what eval prints.
type evalOutput struct {
	Hash       string `json:"hash"`
	Width      int    `json:"width"`
	Parameters int    `json:"trainable_parameters"`

	Images    string `json:"images"`
	Source    string `json:"images_source"`
	Train     int    `json:"train"`
	Val       int    `json:"val"`
	Members   int    `json:"members"`
	Norm      string `json:"norm"`
	NormBatch int    `json:"norm_batch"`
	View      string `json:"view"`
	Draw      string `json:"draw"`
	Seed      uint64 `json:"seed"`
	SplitSeed uint64 `json:"split_seed"`

	Score        number `json:"score"`
	ScoreError   number `json:"score_standard_error"`
	BestEpsilon  number `json:"best_epsilon"`
	SquaredError number `json:"validation_squared_error"`
	LogDensity   number `json:"validation_log_density"`

	LOO         number `json:"leave_one_out_squared_error"`
	LOOEpsilon  number `json:"leave_one_out_epsilon"`
	LogMarginal number `json:"log_marginal_likelihood"`
	LMLEpsilon  number `json:"log_marginal_likelihood_epsilon"`
	Alignment   number `json:"kernel_target_alignment"`
	LogDet      number `json:"log_det"`
	Dimension   number `json:"effective_dimension"`

	Epsilons []number `json:"epsilons"`
	Accuracy []number `json:"accuracy"`
	Skipped  int      `json:"epsilons_skipped"`

	GFLOPs         float64 `json:"gflops"`
	Seconds        float64 `json:"seconds"`
	ForwardSeconds float64 `json:"forward_seconds"`
}

func newEvalOutput(f *evalFlags, spec nasbench.Spec, set *imageset.Set, r *nngpkit.Result) evalOutput {
	out := evalOutput{
		Hash: spec.Hash(), Width: f.width, Parameters: spec.Parameters(f.width),
		Images: set.Name, Source: set.Source, Train: r.TrainImages, Val: r.ValImages,
		Members: f.cfg.Members, Norm: f.cfg.Norm.String(), NormBatch: f.cfg.NormBatch, View: f.view, Draw: f.cfg.Draw.String(), Seed: f.cfg.Seed, SplitSeed: f.cfg.SplitSeed,
		Score: number(r.BestAccuracy), BestEpsilon: number(r.BestEpsilon),
		ScoreError:   number(math.Sqrt(r.BestAccuracy * (1 - r.BestAccuracy) / float64(r.ValImages))),
		SquaredError: number(smallest(r.SquaredError)), LogDensity: number(-smallest(negated(r.LogDensity))),
		Alignment: number(r.Alignment), Epsilons: numbers(r.Epsilons), Accuracy: numbers(r.Accuracy),
		GFLOPs: float64(r.FLOPs) * 1e-9, Seconds: r.Seconds, ForwardSeconds: r.ForwardSeconds,
	}
	out.LOO, out.LOOEpsilon = at(r.Whole.LOOSquaredError, r.Epsilons, r.Whole.BestLeaveOneOut())
	out.LogMarginal, out.LMLEpsilon = at(r.Whole.LogMarginalScaled, r.Epsilons, r.Whole.BestLogMarginal())
	out.Skipped = skipped(r.Result)
	return out
}

// at returns score i and its epsilon, NaN where i is -1.
func at(score, eps []float64, i int) (number, number) {
	if i < 0 {
		return number(math.NaN()), number(math.NaN())
	}
	return number(score[i]), number(eps[i])
}

// skipped counts the epsilons that failed for either kernel.
func skipped(r *gp.Result) int {
	seen := map[float64]bool{}
	for _, f := range r.Failures {
		seen[f.Epsilon] = true
	}
	return len(seen)
}

// smallest returns the smallest number of x, NaN where there is none.
func smallest(x []float64) float64 {
	s := math.NaN()
	for _, v := range x {
		if !math.IsNaN(v) && !(v >= s) {
			s = v
		}
	}
	return s
}

func negated(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = -v
	}
	return y
}

func (o evalOutput) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "cell\t%s\t%d parameters at width %d\n", o.Hash, o.Parameters, o.Width)
	fmt.Fprintf(tw, "images\t%s\t%d training, %d validation (%s)\n", o.Images, o.Train, o.Val, o.Source)
	fmt.Fprintf(tw, "kernel\t%d members\t%s, norm %s, %s weights, seed %d\n", o.Members, o.View, o.Norm, o.Draw, o.Seed)
	fmt.Fprintf(tw, "score\t%.4f\tbest validation accuracy, standard error %.3f, at epsilon %.3g (chosen on these images: optimistic)\n", float64(o.Score), float64(o.ScoreError), float64(o.BestEpsilon))
	fmt.Fprintf(tw, "leave-one-out\t%.6f\tsquared error of all %d images, at epsilon %.3g\n", float64(o.LOO), o.Train+o.Val, float64(o.LOOEpsilon))
	fmt.Fprintf(tw, "log likelihood\t%.6f\tmarginal, nats a target of all images, at epsilon %.3g\n", float64(o.LogMarginal), float64(o.LMLEpsilon))
	fmt.Fprintf(tw, "squared error\t%.6f\tof the validation images, at its best epsilon\n", float64(o.SquaredError))
	fmt.Fprintf(tw, "log density\t%.6f\tof the validation images, at its best epsilon\n", float64(o.LogDensity))
	fmt.Fprintf(tw, "alignment\t%.6f\tof the training kernel with the labels\n", float64(o.Alignment))
	fmt.Fprintf(tw, "log-determinant\t%.6f\tmean log of the relative eigenvalues of the centred kernel, plus 0.001\n", float64(o.LogDet))
	fmt.Fprintf(tw, "dimension\t%.4f\teffective, of the centred kernel with that noise\n", float64(o.Dimension))
	if o.Skipped > 0 {
		fmt.Fprintf(tw, "skipped\t%d\tof %d epsilons: the kernel was not positive definite\n", o.Skipped, len(o.Epsilons))
	}
	fmt.Fprintf(tw, "time\t%.2f s\t%.2f s of it forward passes, %.1f GFLOP\n", o.Seconds, o.ForwardSeconds, o.GFLOPs)
	return tw.Flush()
}
