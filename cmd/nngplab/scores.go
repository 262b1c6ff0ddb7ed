package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/plan"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func init() { subcommands = append(subcommands, newScores) }

func newScores() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "scores",
		Short: "The tables of NNGP scores and of signals of noise that this project computes",
		Long: `The tables of NNGP scores of NAS-Bench-101 cells that this project computes from
images, and of signals of noise and of kernels of networks of NAS-Bench-101,
NAS-Bench-201 and the MnasNet spaces, that the notebooks read. A table is called by the name of its
experiment; the computed ones are part of this program.`,
		Example: `  nngplab scores list
  nngplab scores compute members8`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newScoresList(), newScoresCompute(), newScoresEvidence())
	return cmd
}

func newScoresList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the experiments and what this program holds of their tables",
		Example: `  nngplab scores list
  nngplab scores list --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out, err := listScores(cmd)
			if err != nil {
				return err
			}
			return printResult(cmd, out, func(w io.Writer) error { return scoresText(w, out) })
		},
	}
}

// scoresEntry is one experiment as list shows it.
type scoresEntry struct {
	Name   string           `json:"name"`
	About  string           `json:"about"`
	Cells  string           `json:"cells"`
	Passes []string         `json:"passes"`
	Table  *sweep.ScoreInfo `json:"table"` // null where none is held
}

func listScores(cmd *cobra.Command) ([]scoresEntry, error) {
	var out []scoresEntry
	for _, e := range sweep.Experiments() {
		entry := scoresEntry{Name: e.Name, About: e.About, Cells: e.Cells}
		for _, p := range e.Passes {
			entry.Passes = append(entry.Passes, p.Resolved().String())
		}
		t, err := sweep.CommittedScores(e.Name)
		switch {
		case err == nil:
			entry.Table = &t.Info
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		out = append(out, entry)
	}
	for _, e := range sweep.NoiseTables() {
		entry := scoresEntry{
			Name: e.Name, About: e.About, Cells: e.Cells(),
			Passes: []string{fmt.Sprintf("width %d, %s images, seeds 0 to %d", e.Width, cmp.Or(e.Images, "noise"), e.Seeds-1)},
		}
		t, err := sweep.CommittedScores(e.Name)
		switch {
		case err == nil:
			entry.Table = &t.Info
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		out = append(out, entry)
	}
	return out, cmd.Context().Err()
}

func scoresText(w io.Writer, entries []scoresEntry) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		held := "not computed"
		if t := e.Table; t != nil {
			held = fmt.Sprintf("%d rows, %d of %d cells", t.Rows, t.CellsDone, t.CellsOf)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\n", e.Name, held, e.About)
		fmt.Fprintf(tw, "\t\t%s\n", e.Cells)
		for _, p := range e.Passes {
			fmt.Fprintf(tw, "\t\t%s\n", p)
		}
	}
	return tw.Flush()
}

// scoresFlags are the flags of compute.
type scoresFlags struct {
	imageFlags
	out     string
	partial bool
	reuse   bool
	cfg     sweep.ComputeConfig
}

func newScoresCompute() *cobra.Command {
	var f scoresFlags
	cmd := &cobra.Command{
		Use:   "compute NAME|all",
		Short: "Compute tables of scores from the images",
		Long: `Compute tables of scores from the images, and write them as Parquet files with
an index. Every cell's scores are kept, as soon as they are computed, in the
folder that NNGPLAB_SCORES names (by default in the user's cache): interrupting
loses the cells in hand, and the next call goes on from there. A table is
written when all its cells are there, or, with --partial, with those that are
there, which its metadata then say. With --reuse the rows of the table of that name
that is part of this program are taken over, for cells that it wrote down in
canonical vertex order; one of them is computed again and must agree to rounding.
A README.md or a table in the folder that this
command did not write is refused, before anything is computed.

Tables named signals_ need no images. Those named peers_ and kernels_ take other
images by --images, such as a folder of ImageNet's classes; these are brought to the
size of the table's own, and kernels take one image of each of 200 classes to train
on and one to validate on. Nothing but these tables takes --images.`,
		Example: `  nngplab scores compute members8
  nngplab scores compute signals_uniform
  nngplab scores compute kernels_accel --images imagenet/train --per-class 10 --out mine
  nngplab scores compute all --out datasets/scores
  nngplab scores compute members16 --partial   # write what is kept, compute nothing`,
		Args: func(cmd *cobra.Command, args []string) error { return badInput(cobra.ExactArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	fl := cmd.Flags()
	f.imageFlags.add(cmd, "")
	folderVar(fl, &f.out, "out", filepath.Join("datasets", "scores"), "folder of the tables")
	fl.IntVar(&f.cfg.Cells, "cells", 0, "at most so many cells, the first by hash; 0 means all")
	fl.BoolVar(&f.reuse, "reuse", false, "take over the rows of the table that this program holds, for cells whose scores do not depend on what changed")
	fl.BoolVar(&f.partial, "partial", false, "compute nothing: write the cells that are kept")
	return cmd
}

// scoresWork is one table to compute.
type scoresWork struct {
	name    string
	usual   string // the images that it is of, "" for noise
	images  func() (*imageset.Set, error)
	peers   bool // other images may be given
	compute func(ctx context.Context, set *imageset.Set, cfg sweep.ComputeConfig) (*sweep.ScoreTable, error)
}

// scoresTodo returns the tables of that name: one, or all.
func scoresTodo(name string) ([]scoresWork, error) {
	var all []scoresWork
	for _, e := range sweep.Experiments() {
		all = append(all, scoresWork{e.Name, "cifar10", sweep.ScoreImages, false, func(ctx context.Context, set *imageset.Set, cfg sweep.ComputeConfig) (*sweep.ScoreTable, error) {
			return sweep.Compute(ctx, e, set, cfg)
		}})
	}
	for _, e := range sweep.NoiseTables() {
		all = append(all, scoresWork{e.Name, e.Images, e.OpenImages, e.Peers, func(ctx context.Context, set *imageset.Set, cfg sweep.ComputeConfig) (*sweep.ScoreTable, error) {
			return sweep.ComputeNoise(ctx, e, set, cfg)
		}})
	}
	if name == "all" {
		return all, nil
	}
	var names []string
	for _, w := range all {
		if w.name == name {
			return []scoresWork{w}, nil
		}
		names = append(names, w.name)
	}
	return nil, fmt.Errorf("there is no table of scores %q: the known ones are all, %s", name, strings.Join(names, ", "))
}

func (f *scoresFlags) run(cmd *cobra.Command, name string) error {
	todo, err := scoresTodo(name)
	if err != nil {
		return badInput(err)
	}
	if f.cfg.Cells < 0 {
		return badInput(fmt.Errorf("--cells %d: want at least 0", f.cfg.Cells))
	}
	if err := f.checkImages(cmd, todo); err != nil {
		return badInput(err)
	}
	var names []string
	for _, w := range todo {
		names = append(names, w.name)
	}
	if err := sweep.CheckScoresFolder(f.out, names...); err != nil {
		return badFile(err)
	}
	sets := map[string]*imageset.Set{}
	for _, w := range todo { // before hours are spent on the first
		if _, ok := sets[w.usual]; ok {
			continue
		}
		if sets[w.usual], err = f.imagesOf(cmd, w); err != nil {
			return badInput(err)
		}
	}
	f.cfg.KeptOnly = f.partial
	for _, w := range todo {
		if err := f.compute(cmd, w, sets[w.usual]); err != nil {
			return err
		}
	}
	return nil
}

// checkImages returns why these tables cannot be of the images that flags name.
func (f *scoresFlags) checkImages(cmd *cobra.Command, todo []scoresWork) error {
	if f.images == "" {
		for _, name := range []string{"images", "size", "per-class", "layout"} {
			if cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s is of --images, which names none", name)
			}
		}
		return nil
	}
	for _, w := range todo {
		if !w.peers {
			return fmt.Errorf("--images: %s is not of images that can be chosen: only tables named peers_ and kernels_ are", w.name)
		}
	}
	return f.imageFlags.check(cmd)
}

// imagesOf returns the images of a table, which may be nil.
func (f *scoresFlags) imagesOf(cmd *cobra.Command, w scoresWork) (*imageset.Set, error) {
	if f.images == "" {
		return w.images()
	}
	e, err := sweep.FindNoiseTable(w.name)
	if err != nil {
		return nil, err
	}
	if !cmd.Flags().Changed("size") {
		f.size = e.ImageSide()
	}
	return f.open(cmd, f.size)
}

func (f *scoresFlags) compute(cmd *cobra.Command, w scoresWork, set *imageset.Set) error {
	show := newProgress(cmd, progress.Minutes)
	f.cfg.Progress = func(done, total, fresh int) {
		show.Update(progress.State{Stage: w.name, Done: int64(done), Total: int64(total), Fresh: int64(fresh)})
	}
	f.cfg.Reuse = nil
	if f.reuse {
		held, err := sweep.CommittedScores(w.name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		f.cfg.Reuse = held
	}
	t, err := w.compute(cmd.Context(), set, f.cfg)
	show.End()
	if err != nil {
		return err
	}
	if err := t.Save(filepath.Join(f.out, w.name+".parquet")); err != nil {
		return err
	}
	if err := sweep.IndexScores(f.out); err != nil {
		return err
	}
	return printResult(cmd, t.Info, func(w io.Writer) error {
		_, err := fmt.Fprintln(w, t.Info)
		return err
	})
}

func newScoresEvidence() *cobra.Command {
	var out string
	var resamples int
	var noise bool
	cmd := &cobra.Command{
		Use:     "evidence",
		Short:   "Measure how well the tables' scores predict trained accuracy, for 'nngplab plan'",
		Example: `  nngplab scores evidence`,
		Long: `Measure, for every setting in the tables of scores that this program holds, how
well it predicts the trained accuracies that are found on this machine: Kendall's
tau-b of the scores of each kernel and of pairs of kernels, alone and in rank averages with the number of
parameters and of 3x3 convolutions, on two halves of the cells. 'nngplab plan'
chooses a setting on one half, and reports the other. Needs the official and the
retrained table; writes ` + plan.EvidenceFile + `. With --noise, the same of signals of
noise on the uniform sample and on NAS-Bench-201; writes ` + plan.NoiseFile + `.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if resamples < 2 || resamples > corr.MaxResamples {
				return badInput(fmt.Errorf("--resamples %d: want 2 to %d", resamples, corr.MaxResamples))
			}
			if noise {
				return noiseEvidence(cmd, filepath.Join(out, plan.NoiseFile), resamples)
			}
			path := filepath.Join(out, plan.EvidenceFile)
			if err := plan.CheckEvidenceFile(path); err != nil { // before minutes of work
				return badFile(err)
			}
			show := newProgress(cmd, progress.Minutes)
			ev, err := plan.GatherEvidence(cmd.Context(), resamples, func(i, n int) { show.Count("entries", i, n) })
			show.End()
			if err != nil {
				return err
			}
			if err := ev.Save(path); err != nil {
				return err
			}
			return printResult(cmd, ev, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %d entries from %d tables\n", path, len(ev.Entries), len(ev.Tables))
				return err
			})
		},
	}
	folderVar(cmd.Flags(), &out, "out", filepath.Join("datasets", "scores"), "folder of the evidence")
	cmd.Flags().BoolVar(&noise, "noise", false, "of signals of noise")
	cmd.Flags().IntVar(&resamples, "resamples", 1000, "of the bootstrap intervals")
	return cmd
}

// noiseEvidence gathers what signals of noise are worth.
func noiseEvidence(cmd *cobra.Command, path string, resamples int) error {
	if err := plan.CheckNoiseFile(path); err != nil { // before minutes of work
		return badFile(err)
	}
	all, err := plan.GatherNoise(cmd.Context(), resamples)
	if err != nil {
		return err
	}
	if err := plan.SaveNoise(path, all); err != nil {
		return badFile(err)
	}
	return printResult(cmd, all, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d entries\n", path, len(all))
		return err
	})
}
