package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func init() { subcommands = append(subcommands, newRank) }

// rankFlags are the flags of rank.
type rankFlags struct {
	list  rankListFlags
	files rankFiles
	imageFlags
	networks []string
	features string
	setting  sweep.Setting
	norm     string
	draw     string
	view     string
	mix      []string
	top      int
	noise    bool // signals of noise, not scores of kernels
}

func newRank() *cobra.Command {
	var f rankFlags
	cmd := &cobra.Command{
		Use:   "rank (FILE | - | --sample N | --all | --networks FILE...)",
		Short: "Score a list of architectures without training, and rank them",
		Long: `Score a list of architectures of one search space in one setting, the recommended
one unless flags say otherwise, and rank them. The list is a file as 'nngplab space
same' reads it (CSV, JSON, or lines of keys or text forms), - for standard input, a
sample that is drawn uniformly, or the whole space.

The place is by the mixture: the mean of the ranks of the recommended signals and
of the number of parameters, scaled to 0 to 1, the best largest. --mix names others:
statistics of the kernel, as 'nngplab eval --json' names them, and free counts, as
'nngplab space list --json' does. Larger is better, except for errors; a leading minus turns
a name. The place is 1 for the best: one more than the number of different networks
that are better, so that ties share the smallest place. The mixture compares the
networks of one list: in another list a network may have another.

Rows that are the same network, such as cells that differ in the order of their
vertices, are scored once and share a place. Counts and spelling are those of its
canonical form. A network whose images all look alike has no place, and comes last.

A row that is no architecture of the space, or one that is too narrow for --width,
is named with its line and the reason, nothing is scored, and the exit code is 2.
With --skip-bad such rows are named and left out, and the others are ranked.

Without --images, and with no other setting than --width and --seed, cells of
NAS-Bench-101 are measured on noise, which needs no data set: twice the rank by e, and
those by j and by the number of parameters. So are networks of the MnasNet spaces: their
mixture is mostly of stage_roots and late_expansion, free counts, and a little of the
agreement of ReLU codes in the last stage (docs/SIGNALS.md). Architectures of any other
space, such as NAS-Bench-201, where j misleads, are ranked by noise_score, one recipe for
several spaces. With another setting they are ranked by the kernel of images that it
describes, of CIFAR-10 unless --images names others.

The terminal shows the best; --csv, --json and the files hold every row, with every
statistic that the images allow: without labels, such as --images noise, those that need none.
Statistics are rounded to seven digits. A file is written whole or not at all,
and only over one that this command wrote.

Scores are kept, as they are computed, in the folder that NNGPLAB_SCORES names (by
default in the user's cache): after an interruption the same call goes on where it
was, and a longer list costs what is new.

--networks ranks networks of no search space together: ONNX files (see 'nngplab eval
--help'), patterns in quotes, or folders of them; files may follow it as arguments.
Without --images they are measured on noise of the size that each reads, which
needs no data set, and ranked by noise_entropy, which counts twice, by
noise_sensitivity and by the number of parameters.`,
		Example: `  nngplab rank cells.csv
  nngplab rank cells.csv --images cifar10
  nngplab rank cells.csv --skip-bad --out ranked.csv
  nngplab rank --sample 1000 --seed 1 --parquet sample.parquet
  nngplab space sample -n 20 --csv | nngplab rank - --csv
  nngplab rank cells.txt --images noise --train 24 --val 8 --members 2 --json
  nngplab rank cells.csv --view raw --norm ema --mix whole_loo_squared_error,-parameters
  nngplab rank --space nasbench201 --sample 50
  nngplab rank --space mnasnet --sample 20
  nngplab rank cells.csv --images photos/ --size 32 --train 60 --val 30
  nngplab rank --networks exported/*.onnx
  nngplab rank --networks 'exported/*.onnx' --images cifar10 --size 32 --train 60 --val 30 --members 2`,
		Args: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("networks") {
				return nil
			}
			return badInput(cobra.MaximumNArgs(1)(cmd, args))
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) },
	}
	f.list.add(cmd)
	f.files.add(cmd)
	def := study.Recommended().Resolved()
	fl := cmd.Flags()
	f.imageFlags.add(cmd, "")
	fl.StringArrayVar(&f.networks, "networks", nil, "rank these networks: ONNX files, or networks of package arch as .json; a pattern, or a folder")
	fl.StringVar(&f.features, "features", "", "of --networks: the node, or the value, whose result is the features, the same for all; without it the last pooling")
	fl.IntVar(&f.setting.Width, "width", def.Width, "channels of the stem")
	fl.IntVar(&f.setting.Train, "train", def.Train, "training images")
	fl.IntVar(&f.setting.Val, "val", def.Val, "validation images")
	fl.IntVar(&f.setting.Members, "members", def.Members, "random copies of each network")
	fl.StringVar(&f.norm, "norm", def.Norm.String(), "batch normalization: none, ema (one moving-average update, as published) or batch (the batch's statistics)")
	fl.IntVar(&f.setting.NormBatch, "norm-batch", 0, "training images that set the batch normalization; 0 means 100, or --train if that is less")
	fl.StringVar(&f.view, "view", string(study.RecommendedView()), "features that make the kernel: raw (as published), standardized, depths (all scales), maxima or maximum")
	fl.StringVar(&f.draw, "draw", def.Draw.String(), "how weights are drawn: independent (as published), antithetic (every other member has the signs turned) or orthogonal")
	fl.Uint64Var(&f.setting.Seed, "seed", def.Seed, "seed of weights and normalization batches, and of --sample unless --sample-seed is given")
	fl.Uint64Var(&f.setting.SplitSeed, "split-seed", def.SplitSeed, "seed of the choice of images")
	fl.StringSliceVar(&f.mix, "mix", study.RecommendedMix(), "what the ranks are averaged of: statistics and free counts; a leading minus turns one")
	fl.IntVar(&f.top, "top", 20, "rows of the table on the terminal, the best; 0 means all")
	return cmd
}

func (f *rankFlags) run(cmd *cobra.Command, args []string) error {
	if cmd.Flags().Changed("networks") {
		return f.runNetworks(cmd, args)
	}
	l, set, err := f.inputs(cmd, args)
	if err != nil {
		return err
	}
	show := newProgress(cmd, progress.Minutes)
	df, err := f.score(cmd, l, set, show)
	show.End()
	var memory *nngpkit.MemoryError
	if errors.As(err, &memory) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	if df, err = l.withLines(df); err != nil {
		return err
	}
	r := &ranking{flags: f, list: l, set: set, frame: df}
	if err := f.files.write(r); err != nil {
		return err
	}
	return f.show(cmd, r)
}

// score ranks the list: by signals of noise where the images are noise and no flag
// says how else.
func (f *rankFlags) score(cmd *cobra.Command, l *rankList, set *imageset.Set, show *progress.Line) (dataframe.DataFrame, error) {
	count := func(done, total, fresh int) {
		show.Update(progress.State{Stage: "rank", Done: int64(done), Total: int64(total), Fresh: int64(fresh)})
	}
	if !f.noise {
		return study.Rank(cmd.Context(), l.architectures(), set, study.RankConfig{Setting: f.setting, View: nngpkit.View(f.view), Mix: f.mix, Progress: count})
	}
	return study.RankNoise(cmd.Context(), l.architectures(), study.RankNoiseConfig{Width: f.setting.Width, Seed: f.setting.Seed, Progress: count})
}

// kernelFlags are those that say which kernel of which images is meant.
var kernelFlags = []string{"train", "val", "members", "norm", "norm-batch", "view", "draw", "split-seed", "mix", "size", "per-class"}

// asksKernel reports whether a flag says which kernel is meant.
func asksKernel(cmd *cobra.Command) bool {
	return slices.ContainsFunc(kernelFlags, cmd.Flags().Changed)
}

// usualImages returns the images of a ranking that names none: noise, unless a
// kernel is asked for.
func usualImages(cmd *cobra.Command) string {
	if asksKernel(cmd) {
		return "cifar10"
	}
	return "noise"
}

// byNoise reports whether signals of noise are to be ranked by, and names them.
func (f *rankFlags) byNoise(cmd *cobra.Command, s space.Space, set *imageset.Set) {
	if asksKernel(cmd) {
		return
	}
	if f.noise = imageset.IsNoise(set.Name); f.noise {
		f.mix = study.NoiseMixNames(s)
	}
}

// show prints what no file has.
func (f *rankFlags) show(cmd *cobra.Command, r *ranking) error {
	switch {
	case f.files.out == "" && wantsJSON(cmd):
		return r.json(cmd.OutOrStdout())
	case f.files.out == "" && f.files.csv:
		return r.csv(cmd.OutOrStdout())
	}
	return r.text(cmd.OutOrStdout())
}

// inputs reads and checks everything that the flags name, before anything is
// scored.
func (f *rankFlags) inputs(cmd *cobra.Command, args []string) (*rankList, *imageset.Set, error) {
	fail := func(err error) (*rankList, *imageset.Set, error) { return nil, nil, badInput(err) }
	if f.features != "" {
		return fail(errors.New("--features is of --networks"))
	}
	if err := f.checkNames(cmd); err != nil {
		return fail(err)
	}
	if err := f.files.check(cmd, args); err != nil {
		return nil, nil, err
	}
	s, err := f.list.space()
	if err != nil {
		return nil, nil, err
	}
	if f.images == "" && !cmd.Flags().Changed("images") {
		f.images = usualImages(cmd)
	}
	set, err := f.open(cmd, ownSide)
	if err != nil {
		return fail(err)
	}
	cfg := f.setting.Config()
	cfg.Views = []nngpkit.View{nngpkit.View(f.view)}
	if err := cfg.Check(set); err != nil {
		return fail(err)
	}
	if f.byNoise(cmd, s, set); !f.noise {
		if _, err := study.MixSignals(s, set.Labeled(), f.mix); err != nil {
			return fail(err)
		}
	}
	l, err := f.list.read(cmd, args, s, f.setting)
	if err != nil {
		return nil, nil, err
	}
	if err := l.checkNetworks(f.setting.Width, arch.Shape{H: set.H, W: set.W, C: set.C}); err != nil {
		return fail(err)
	}
	for _, b := range l.bad {
		fmt.Fprintf(cmd.ErrOrStderr(), "nngplab: left out: %s\n", printable.Text(printable.Clip(b.text(l.source), maxMessage)))
	}
	return l, set, nil
}

// checkNames checks the numbers and what has a name.
func (f *rankFlags) checkNames(cmd *cobra.Command) error {
	if err := f.checkNumbers(cmd); err != nil {
		return err
	}
	if err := f.imageFlags.check(cmd); err != nil {
		return err
	}
	var err error
	if f.setting.Norm, err = forward.ParseNorm(f.norm); err != nil {
		return err
	}
	f.setting.Draw, err = forward.ParseDraw(f.draw)
	return err
}

func (f *rankFlags) checkNumbers(cmd *cobra.Command) error {
	for _, c := range []struct {
		name  string
		value int
	}{{"train", f.setting.Train}, {"val", f.setting.Val}, {"members", f.setting.Members}, {"norm-batch", f.setting.NormBatch}} {
		if c.value < 1 && (c.name != "norm-batch" || cmd.Flags().Changed(c.name)) {
			return fmt.Errorf("--%s %d: want at least 1", c.name, c.value)
		}
	}
	if f.setting.Members > maxMembers {
		return fmt.Errorf("--members %d: want at most %d", f.setting.Members, maxMembers)
	}
	if f.top < 0 {
		return fmt.Errorf("--top %d: want at least 0", f.top)
	}
	if err := f.setting.Check(); err != nil {
		return err
	}
	return checkWidth(f.setting.Width)
}

// ranking is what rank prints.
type ranking struct {
	flags *rankFlags
	list  *rankList     // nil where it is of networks of no search space
	own   *ownRanking   // of these
	swept *sweptRanking // of what a sweep has measured; list and set are nil
	set   *imageset.Set
	frame dataframe.DataFrame
}

// mixed names the mixture in words.
func (r *ranking) mixed() string {
	var out []string
	times := map[string]int{}
	for _, name := range r.flags.mix {
		n := 1
		if count, rest, ok := strings.Cut(name, " "); ok {
			if k, err := strconv.Atoi(count); err == nil {
				n, name = k, rest
			}
		}
		if times[name] == 0 {
			out = append(out, name)
		}
		times[name] += n
	}
	for i, name := range out {
		if n := times[name]; n == 2 {
			out[i] = name + " (which counts twice)"
		} else if n > 2 {
			out[i] = fmt.Sprintf("%s (which counts %d times)", name, n)
		}
	}
	return strings.Join(out, ", ")
}

// signals returns the columns that are mixed.
func (r *ranking) signals() []string {
	var out []string
	for _, name := range r.flags.mix {
		name = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(name), "-"))
		if count, rest, ok := strings.Cut(name, " "); ok && strings.Trim(count, "0123456789") == "" {
			name = rest
		}
		if slices.Contains(r.frame.Names(), name) {
			out = append(out, name)
		}
	}
	return out
}

// unplaced counts the rows without a place.
func (r *ranking) unplaced() int {
	n := 0
	for _, missing := range r.frame.Col(study.PlaceColumn).IsNaN() {
		if missing {
			n++
		}
	}
	return n
}

func (r *ranking) text(w io.Writer) error { return rankText(w, r) }
