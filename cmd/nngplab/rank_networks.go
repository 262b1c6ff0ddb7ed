package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/study"
)

// ownRanking is a ranking of networks of no search space.
type ownRanking struct {
	networks []*ownNetwork
	bad      []badNetwork
	noise    bool // measured on noise alone
}

type badNetwork struct {
	path   string
	reason error
}

// ofCells are the flags of rank that networks of no search space do not have.
var ofCells = []string{"space", "sample", "sample-seed", "all", "column", "width"}

// ofImages are those that mean nothing where networks are measured on noise.
var ofImages = []string{"train", "val", "members", "norm", "norm-batch", "view", "draw", "split-seed", "per-class", "layout"}

// runNetworks is run for --networks.
func (f *rankFlags) runNetworks(cmd *cobra.Command, args []string) error {
	own, set, err := f.networkInputs(cmd, args)
	if err != nil {
		return err
	}
	cfg := study.RankConfig{Setting: f.setting, View: nngpkit.View(f.view), Mix: f.mix}
	show := newProgress(cmd, progress.Minutes)
	cfg.Progress = func(done, total, fresh int) {
		show.Update(progress.State{Stage: "rank", Done: int64(done), Total: int64(total), Fresh: int64(fresh)})
	}
	show.Update(progress.State{Stage: "rank", Total: int64(len(own.networks))})
	var named []study.NamedNetwork
	for _, n := range own.networks {
		named = append(named, n.NamedNetwork)
	}
	df, err := study.RankNetworks(cmd.Context(), named, set, cfg)
	show.End()
	var memory *nngpkit.MemoryError
	if errors.As(err, &memory) {
		return badInput(err)
	}
	if err != nil {
		return err
	}
	// The numbers of the rows mean nothing to who does not hold the list.
	if df, err = frame.Checked(df.Drop(study.RowColumn)); err != nil {
		return err
	}
	r := &ranking{flags: f, own: own, set: set, frame: df}
	if err := f.files.write(r); err != nil {
		return err
	}
	return f.show(cmd, r)
}

// networkInputs reads and checks everything that the flags name.
func (f *rankFlags) networkInputs(cmd *cobra.Command, args []string) (*ownRanking, *imageset.Set, error) {
	fail := func(err error) (*ownRanking, *imageset.Set, error) { return nil, nil, badInput(err) }
	given := cmd.Flags().Changed
	for _, name := range ofCells {
		if given(name) {
			return fail(fmt.Errorf("--%s is of architectures of a search space, and --networks names others", name))
		}
	}
	own := &ownRanking{noise: !given("images")}
	if own.noise {
		for _, name := range ofImages {
			if given(name) {
				return fail(fmt.Errorf("--%s is of --images, and without these networks are measured on noise, in a setting of its own (--images noise takes other settings)", name))
			}
		}
	}
	if err := f.checkNames(cmd); err != nil {
		return fail(err)
	}
	paths, err := networkFiles(append(append([]string(nil), f.networks...), args...))
	if err != nil {
		return fail(err)
	}
	if err := f.files.check(cmd, paths); err != nil {
		return nil, nil, err
	}
	if !given("mix") {
		f.mix = study.RecommendedMix()
		if own.noise {
			f.mix = study.NetworkMix()
		}
	}
	var set *imageset.Set
	if !own.noise {
		if set, err = f.openFor(cmd, paths); err != nil {
			return fail(err)
		}
		cfg := f.setting.Config()
		cfg.Views = []nngpkit.View{nngpkit.View(f.view)}
		if err := cfg.Check(set); err != nil {
			return fail(err)
		}
	}
	if _, err := study.NetworkSignals(own.noise, set != nil && set.Labeled(), f.mix); err != nil {
		return fail(err)
	}
	return own, set, own.read(cmd, paths, f, set)
}

// openFor reads the images; files in the largest size that a network reads.
func (f *rankFlags) openFor(cmd *cobra.Command, paths []string) (*imageset.Set, error) {
	side := f.size
	if side == 0 {
		for _, path := range paths {
			if n, err := readNetwork(path, f.features, 0, ownSide); err == nil {
				in := n.Network.InputShape()
				side = max(side, min(in.H, in.W))
			}
		}
	}
	if side == 0 {
		side = ownSide
	}
	images := f.imageFlags
	images.size = 0
	return images.open(cmd, side)
}

// read reads the networks. Without --skip-bad a bad file is an error.
func (o *ownRanking) read(cmd *cobra.Command, paths []string, f *rankFlags, set *imageset.Set) error {
	var all []error
	for _, path := range paths {
		n, err := readNetwork(path, f.features, f.size, ownSide)
		if err == nil && set != nil && n.Network.InputShape().C != set.C && set.C != 1 {
			err = fmt.Errorf("%s: it reads images of %d channels, and those of %s have %d", path, n.Network.InputShape().C, set.Name, set.C)
		}
		if err != nil {
			o.bad = append(o.bad, badNetwork{path, err})
			all = append(all, err)
			continue
		}
		o.networks = append(o.networks, n)
	}
	if len(all) == 0 || f.list.skipBad && len(o.networks) > 0 {
		for _, b := range o.bad {
			fmt.Fprintf(cmd.ErrOrStderr(), "nngplab: left out: %s\n", printable.Text(printable.Clip(b.reason.Error(), maxMessage)))
		}
		for _, n := range o.networks {
			n.note(cmd)
		}
		return nil
	}
	if len(all) > maxBadRows {
		all = append(all[:maxBadRows:maxBadRows], fmt.Errorf("and %d more bad files", len(all)-maxBadRows))
	}
	switch {
	case f.list.skipBad:
		all = append(all, errors.New("no network is left to rank"))
	case len(o.networks) > 0:
		all = append(all, fmt.Errorf("%s of %d bad: nothing was scored (--skip-bad ranks the others)", plural(len(o.bad), "file"), len(paths)))
	}
	return badFile(errors.Join(all...))
}

// head says what was ranked and how.
func (o *ownRanking) head(r *ranking) jsonObject {
	files, bad := []string{}, []jsonObject{}
	for _, n := range o.networks {
		files = append(files, n.Name)
	}
	for _, b := range o.bad {
		bad = append(bad, jsonObject{{"file", b.path}, {"reason", b.reason.Error()}})
	}
	out := jsonObject{
		{"written_by", "nngplab rank"}, {"networks", files},
		{"rows", r.frame.Nrow()}, {"without_place", r.unplaced()}, {"bad", bad}, {"mix", r.flags.mix}, {"seed", r.flags.setting.Seed},
	}
	if o.noise {
		return append(out, jsonField{"images", "noise of the size that each network reads"}, jsonField{"labeled", false})
	}
	s := r.flags.setting.Resolved()
	return append(out, jsonObject{
		{"images", r.set.Name}, {"images_source", r.set.Source}, {"labeled", r.set.Labeled()},
		{"train", s.Train}, {"val", s.Val}, {"members", s.Members}, {"norm", s.Norm.String()}, {"norm_batch", s.NormBatch},
		{"view", r.flags.view}, {"draw", s.Draw.String()}, {"split_seed", s.SplitSeed},
	}...)
}

// notes says what the table shows and what it does not.
func (o *ownRanking) notes(r *ranking, rows int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s of %s.\n", plural(rows, "row"), plural(r.frame.Nrow(), "network"))
	fmt.Fprintf(&b, "The mixture is the mean of the ranks of %s.\n", r.mixed())
	if o.noise {
		fmt.Fprintf(&b, "Signals: nngpkit.MeasureNoise, on noise of the size that each network reads, seed %d. What they are worth was measured among cells of NAS-Bench-101 (notebooks), not among such networks.\n", r.flags.setting.Seed)
	} else {
		s := r.flags.setting.Resolved()
		fmt.Fprintf(&b, "Scores: %d + %d images of %s, %d members, norm %v, view %s, seed %d.\n", s.Train, s.Val, r.set.Name, s.Members, s.Norm, r.flags.view, s.Seed)
	}
	o.differences(&b, r)
	if n := r.unplaced(); n > 0 {
		fmt.Fprintf(&b, "%s without a place: a signal has no number there, as where all images look alike to the network.\n", be(n, "row"))
	}
	if n := len(o.bad); n > 0 {
		fmt.Fprintf(&b, "%s bad and left out.\n", be(n, "file"))
	}
	return b.String()
}

// differences says what makes the networks hard to compare.
func (o *ownRanking) differences(w io.Writer, r *ranking) {
	sizes := map[string]bool{}
	var bare []string
	for _, n := range o.networks {
		sizes[n.Network.InputShape().String()] = true
		if !normalizes(n) {
			bare = append(bare, n.Name)
		}
	}
	if len(sizes) > 1 {
		fmt.Fprintf(w, "The networks read images of %d sizes, so that their signals compare unequal things: --size gives all the same, where the files allow it.\n", len(sizes))
	}
	if len(bare) > 0 && len(bare) < len(o.networks) && strings.Contains(r.mixed(), study.SensitivityColumn) {
		fmt.Fprintf(w, "Without batch normalization features shrink from layer to layer, and noise_sensitivity with them: it does not compare %s with the others.\n", strings.Join(bare, ", "))
	}
}
