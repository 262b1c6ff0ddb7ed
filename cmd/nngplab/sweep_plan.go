package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/archlist"
	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// sweepPlanFlags are the flags of sweep plan.
type sweepPlanFlags struct {
	spaceFlag
	out string

	list, column string
	skipBad      bool
	all          bool
	cells        int64
	sample       int
	sampleSeed   uint64

	budget       time.Duration
	threads      int
	seeds        []string
	measure      []string
	measurements string

	images     string
	setting    sweep.Setting
	norm, view string
	statistics []string
}

func newSweepPlan() *cobra.Command {
	var f sweepPlanFlags
	cmd := &cobra.Command{
		Use:   "plan (--all | --cells N | --sample N | --list FILE) --out PLAN",
		Short: "Write down what a sweep measures, as a file with a hash",
		Long: `Write down what a sweep measures, of which architectures and with which seeds, as a
file with a hash of its content, which 'nngplab sweep run' takes. On a cluster the
program and this file are all that is needed.

What is measured is a list of named measurements: by default the signals of noise that
are recommended in the space (see docs/SIGNALS.md), which need no images of yours; --measure kernel adds statistics of
a kernel, in the setting that 'nngplab rank' recommends unless flags say otherwise, and
--measurements takes any list from a JSON file, with the fields that plans have.
Images are named by digest: a machine that has others refuses the plan.

With --budget, the processor time of a few architectures is measured here first, and the plan has as many
seeds of the noise signals as fit, five at most, or the entropy alone where not one fits.

--cells N is the whole space where it has N architectures, and a sample of N
otherwise. A list is a file as 'nngplab space same' reads it, - for standard input; a row that is no
architecture of the space is named with its line and the reason, no plan is written,
and the exit code is 2; with --skip-bad such rows are named and left out. Rows that are the same
network are one.

An earlier plan is overwritten only where no scores of it lie beside it.`,
		Example: `  nngplab sweep plan --all --budget 1h --out plan.json
  nngplab sweep plan --sample 500 --seeds 0,1 --out sample.json
  nngplab sweep plan --list cells.csv --out mine.json
  nngplab sweep plan --sample 20000 --measure kernel --images cifar10 --norm ema --view raw --width 8 --train 100 --val 50 --members 4 --statistics accuracy,whole_loo_squared_error --out accuracy.json
  nngplab sweep plan --space nasbench201 --all --out nb201.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.spaceFlag.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", "", "file of the plan")
	fl.BoolVar(&f.all, "all", false, "every architecture of the space")
	fl.Int64Var(&f.cells, "cells", 0, "so many architectures: all, or a sample")
	fl.IntVar(&f.sample, "sample", 0, "so many architectures drawn uniformly")
	fl.Uint64Var(&f.sampleSeed, "sample-seed", 0, "seed of the sample")
	fl.StringVar(&f.list, "list", "", "the architectures of this file")
	fl.StringVar(&f.column, "column", "", "the CSV column or JSON field of --list that holds the architectures; without it the known ones")
	fl.BoolVar(&f.skipBad, "skip-bad", false, "name the rows of --list that are no architectures, and leave them out")
	fl.Var(duration{&f.budget}, "budget", "wall-clock time that the sweep may take here, such as 90m, 8h or 2d")
	fl.IntVar(&f.threads, "threads", 0, "threads that --budget is for; 0 means those of this machine")
	fl.StringSliceVar(&f.seeds, "seeds", []string{"0"}, "seeds of weights and of noise images; every measurement is taken with each")
	fl.StringSliceVar(&f.measure, "measure", []string{"noise"}, "what is measured: noise, kernel or both")
	fl.StringVar(&f.measurements, "measurements", "", "JSON file with a list of measurements")
	fl.StringVar(&f.images, "images", "cifar10", "image set of --measure kernel; see 'nngplab data list'")
	def := study.Recommended().Resolved()
	fl.IntVar(&f.setting.Width, "width", def.Width, "channels of the stem")
	fl.IntVar(&f.setting.Train, "train", def.Train, "training images of the kernel")
	fl.IntVar(&f.setting.Val, "val", def.Val, "validation images of the kernel")
	fl.IntVar(&f.setting.Members, "members", def.Members, "random copies of each network for the kernel")
	fl.IntVar(&f.setting.NormBatch, "norm-batch", 0, "training images that set the batch normalization; 0 means 100, or --train if that is less")
	fl.StringVar(&f.norm, "norm", def.Norm.String(), "batch normalization of the kernel's networks: none, ema or batch")
	fl.StringVar(&f.view, "view", string(study.RecommendedView()), "features that make the kernel: raw, standardized, depths, maxima or maximum")
	fl.Uint64Var(&f.setting.SplitSeed, "split-seed", def.SplitSeed, "seed of the choice of images")
	fl.StringSliceVar(&f.statistics, "statistics", recommendedStatistics(), "statistics of the kernel, as 'nngplab eval --json' names them")
	return cmd
}

// recommendedStatistics are those of the recommended mixture that are a kernel's.
func recommendedStatistics() []string {
	var out []string
	for _, name := range study.RecommendedMix() {
		if _, err := gp.Find(name); err == nil {
			out = append(out, name)
		}
	}
	return out
}

func (f *sweepPlanFlags) run(cmd *cobra.Command) error {
	if err := f.check(cmd); err != nil {
		return badInput(err)
	}
	s, err := f.space()
	if err != nil {
		return err
	}
	if err := checkPlanOut(f.out); err != nil {
		return err
	}
	cells, err := f.choose(cmd, s)
	if err != nil {
		return err
	}
	if f.budget > 0 {
		return writeBudgetPlan(cmd, s, cells, campaign.Budget{Time: f.budget, Threads: f.threads}, f.out)
	}
	measurements, err := f.what(s)
	if err != nil {
		return badInput(err)
	}
	var seeds []uint64
	for _, text := range f.seeds {
		seed, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
		if err != nil {
			return badInput(fmt.Errorf("--seeds %q: want whole numbers from 0, such as 0,1,2", text))
		}
		seeds = append(seeds, seed)
	}
	p, err := campaign.NewPlan(s.Name(), cells, measurements, seeds, campaign.LoaderFor(cmd.Context()))
	if err != nil {
		return badInput(err)
	}
	return writePlan(cmd, p, nil, f.out)
}

// checkPlanOut refuses a place for a plan, before anything is computed.
func checkPlanOut(path string) error {
	if err := campaign.CheckPlanFile(path); err != nil {
		return badFile(err)
	}
	return badFile(wholefile.Check(path))
}

// check refuses flags that do not go together.
func (f *sweepPlanFlags) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed
	ways := 0
	for _, name := range []string{"all", "cells", "sample", "list"} {
		if given(name) {
			ways++
		}
	}
	switch {
	case f.out == "":
		return errors.New("--out says where the plan goes, such as --out plan.json")
	case ways != 1:
		return errors.New("say which architectures: one of --all, --cells N, --sample N and --list FILE")
	case given("budget") && f.budget <= 0:
		return fmt.Errorf("--budget %v: want a duration such as 90m or 8h", f.budget)
	case f.threads < 0:
		return fmt.Errorf("--threads %d: want at least 0", f.threads)
	case given("measurements") && given("measure"):
		return errors.New("give either --measure or --measurements")
	case !given("list") && (given("column") || f.skipBad):
		return errors.New("--column and --skip-bad are of --list")
	case !given("sample") && !given("cells") && given("sample-seed"):
		return errors.New("--sample-seed is of --sample")
	case f.list != "" && isInput(cmd, f.list, f.out):
		return fmt.Errorf("--out %s is the list itself", f.out)
	}
	if f.budget > 0 {
		for _, name := range []string{"seeds", "measure", "measurements", "width", "train", "val", "members", "images", "norm", "norm-batch", "view", "statistics", "split-seed"} {
			if given(name) {
				return fmt.Errorf("--budget chooses what is measured and with which seeds: leave out --%s", name)
			}
		}
	} else if given("threads") {
		return errors.New("--threads is of --budget")
	}
	return nil
}

// choose returns which architectures the flags name.
func (f *sweepPlanFlags) choose(cmd *cobra.Command, s space.Space) (campaign.Cells, error) {
	switch {
	case f.all:
		c, err := campaign.AllOf(s)
		return c, badInput(err)
	case f.list != "":
		return f.readList(cmd, s)
	case cmd.Flags().Changed("sample"):
		if f.sample < 1 || f.sample > space.MaxSample {
			return campaign.Cells{}, badInput(fmt.Errorf("--sample %d: want 1 to %d", f.sample, space.MaxSample))
		}
		return campaign.SampleOf(f.sample, f.sampleSeed), nil
	}
	c, err := cellsOf(s, f.cells, f.sampleSeed)
	return c, badInput(err)
}

// cellsOf returns all architectures of a space where it has so many, else a sample.
func cellsOf(s space.Space, n int64, seed uint64) (campaign.Cells, error) {
	switch size := s.Size(); {
	case n < 1 || n > space.MaxSample:
		return campaign.Cells{}, fmt.Errorf("--cells %d: want 1 to %d", n, space.MaxSample)
	case size.IsInt64() && size.Int64() < n:
		return campaign.Cells{}, fmt.Errorf("--cells %d: %s has %v", n, s.Name(), size)
	case size.IsInt64() && size.Int64() == n:
		return campaign.AllOf(s)
	}
	return campaign.SampleOf(int(n), seed), nil
}

func (f *sweepPlanFlags) readList(cmd *cobra.Command, s space.Space) (campaign.Cells, error) {
	read, err := readList(cmd, f.list, s, archlist.Options{Column: f.column})
	if err != nil {
		return campaign.Cells{}, err
	}
	l := &rankList{space: s, source: read.Source, lined: true}
	for _, e := range read.Entries {
		if e.Err != nil {
			l.bad = append(l.bad, badRow{e.Line, e.Err})
			continue
		}
		l.rows = append(l.rows, rankRow{e.Architecture, e.Line})
	}
	if err := l.checkFor("no plan was written (--skip-bad leaves them out)", f.skipBad); err != nil {
		return campaign.Cells{}, err
	}
	note := func(text string) {
		fmt.Fprintf(cmd.ErrOrStderr(), "nngplab: %s\n", printable.Text(printable.Clip(text, maxMessage)))
	}
	for _, b := range l.bad {
		note("left out: " + b.text(l.source))
	}
	for _, g := range read.Groups() {
		if lines := read.Lines(g); len(lines) > 1 {
			note(fmt.Sprintf("%s: lines %s are one %s, %s", l.source, joined(lines), s.Info().Noun, g.Key))
		}
	}
	return campaign.ListOf(cmd.Context(), l.source, l.architectures())
}

func joined(lines []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(lines), "[]"), " ", ", ")
}

// what returns what the flags measure.
func (f *sweepPlanFlags) what(s space.Space) ([]campaign.Measurement, error) {
	if f.measurements != "" {
		return readMeasurements(f.measurements)
	}
	var err error
	if f.setting.Norm, err = forward.ParseNorm(f.norm); err != nil {
		return nil, err
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"width", f.setting.Width}, {"train", f.setting.Train}, {"val", f.setting.Val}, {"members", f.setting.Members}} {
		if n.value < 1 {
			return nil, fmt.Errorf("--%s %d: want at least 1", n.name, n.value)
		}
	}
	if least := s.Info().MinWidth; f.setting.Width < least {
		return nil, fmt.Errorf("--width %d: not every %s of %s can be built below %d", f.setting.Width, s.Info().Noun, s.Name(), least)
	}
	var out []campaign.Measurement
	for _, name := range f.measure {
		switch strings.TrimSpace(name) {
		case "noise":
			m := campaign.RecommendedNoise(s.Name())
			m.Noise.Width = f.setting.Width
			out = append(out, m)
		case "kernel":
			out = append(out, campaign.Measurement{Name: "kernel", Kernel: campaign.KernelOf(f.images, f.setting, nngpkit.View(f.view), f.statistics)})
		default:
			return nil, fmt.Errorf("--measure %q: want noise, kernel or both", name)
		}
	}
	return out, nil
}

// maxMeasurements bounds the file of measurements, in bytes.
const maxMeasurements = 1 << 20

func readMeasurements(path string) ([]campaign.Measurement, error) {
	b, err := plainfile.Read(path, maxMeasurements)
	if err != nil {
		return nil, err
	}
	var out []campaign.Measurement
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("%s: not a list of measurements: %w", path, err)
	}
	return out, nil
}

// writeBudgetPlan writes the plan that a budget buys.
func writeBudgetPlan(cmd *cobra.Command, s space.Space, cells campaign.Cells, b campaign.Budget, out string) error {
	p, r, err := budgetPlan(cmd.Context(), s, cells, b)
	if err != nil {
		return err
	}
	return writePlan(cmd, p, r, out)
}

func budgetPlan(ctx context.Context, s space.Space, cells campaign.Cells, b campaign.Budget) (*campaign.Plan, *campaign.Recommendation, error) {
	r, err := campaign.Recommend(ctx, s.Name(), cells, b)
	if err != nil {
		return nil, nil, err
	}
	p, err := campaign.NewPlan(s.Name(), cells, r.Measurements, r.Seeds, nil)
	return p, r, err
}

// writePlan writes a plan and says what it is.
func writePlan(cmd *cobra.Command, p *campaign.Plan, r *campaign.Recommendation, out string) error {
	if err := p.CheckPlace(out); err != nil {
		return badFile(err)
	}
	if err := p.Save(out); err != nil {
		return err
	}
	result := jsonObject{
		{"out", out}, {"hash", p.Hash}, {"space", p.Space}, {"choice", p.Cells.Choice}, {"items", p.Cells.N},
		{"measurements", p.Measurements}, {"seeds", p.Seeds}, {"images", p.Images},
	}
	if r != nil {
		result = append(result, jsonField{"recommendation", r})
	}
	return printResult(cmd, result, func(w io.Writer) error { return planText(w, p, r, out) })
}

func planText(w io.Writer, p *campaign.Plan, r *campaign.Recommendation, out string) error {
	s, err := space.Find(p.Space)
	if err != nil {
		return err
	}
	which := map[string]string{
		campaign.All: "all", campaign.Sample: fmt.Sprintf("a sample, seed %d", p.Cells.Seed), campaign.List: p.Cells.Source,
	}[p.Cells.Choice]
	fmt.Fprintf(w, "%s: %s of %s (%s)\n", out, plural(p.Cells.N, s.Info().Noun), s.Info().Title, printable.Clip(which, 200))
	fmt.Fprintf(w, "  measures  %s\n", strings.Join(p.MeanColumns(), ", "))
	fmt.Fprintf(w, "  seeds     %s\n", strings.ReplaceAll(strings.Trim(fmt.Sprint(p.Seeds), "[]"), " ", ", "))
	if r != nil {
		fmt.Fprintf(w, "  takes     %s on %s that nobody else uses: %.3g processor seconds a %s", progress.RoughlySeconds(r.Seconds), plural(r.Threads, "thread"), r.SecondsACell, s.Info().Noun)
		if r.Threads > runtime.GOMAXPROCS(0) {
			fmt.Fprintf(w, ", each thread as fast as one of this machine")
		}
		if !r.Fits {
			fmt.Fprintf(w, "\n  note      that is more than the budget of %s: nothing that measures every %s fits",
				progress.RoughlySeconds(r.Budget), s.Info().Noun)
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "  hash      %s\n", p.Hash)
	path := shellWord(out)
	_, err = fmt.Fprintf(w, "computes it: nngplab sweep run %s\nranks it:    nngplab sweep rank %s\nScores go to %s.\n", path, path, campaign.StoreDir(out))
	return err
}
