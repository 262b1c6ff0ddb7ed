package study

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// MixSignals returns the signals of a frame of Rank that RankConfig.Mix names, in
// its order: statistics and the space's free counts. Labeled says whether the images
// have labels. An unknown name, one that needs labels where there are none, and one
// that comes twice are errors.
func MixSignals(s space.Space, labeled bool, names []string) ([]truth.Signal, error) {
	if len(names) == 0 {
		return nil, errors.New("there is nothing to rank by: the mixture names no signal")
	}
	var out []truth.Signal
	for _, given := range names {
		name, turned := strings.CutPrefix(strings.TrimSpace(given), "-")
		one, err := mixSignal(s, labeled, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, func(o truth.Signal) bool { return o.Column == one.Column }) {
			return nil, fmt.Errorf("the mixture names %s twice", one.Column)
		}
		one.Lower = one.Lower != turned
		out = append(out, one)
	}
	return out, nil
}

func mixSignal(s space.Space, labeled bool, name string) (truth.Signal, error) {
	counts := space.AllCounts(s)
	counts = append(counts, space.Count{Name: truth.FLOPs.Column, Label: truth.FLOPs.Label})
	var known []string
	for _, c := range counts {
		if c.Name == name {
			return truth.Signal{Column: c.Name, Label: c.Label}, nil
		}
		known = append(known, c.Name)
	}
	if st, err := gp.Find(name); err == nil {
		if st.Labels && !labeled {
			return truth.Signal{}, fmt.Errorf("%s needs the classes of the images, and these have no labels", name)
		}
		return sweep.ScoreSignal(st.Name), nil
	}
	return truth.Signal{}, fmt.Errorf("there is nothing called %q to rank by: counts of %s are %s; statistics are %s",
		name, s.Name(), strings.Join(known, ", "), strings.Join(statistics(labeled), ", "))
}

// statistics returns the names of those of the catalogue that the images allow.
func statistics(labeled bool) []string {
	var out []string
	for _, st := range gp.Catalogue() {
		if labeled || !st.Labels {
			out = append(out, st.Name)
		}
	}
	return out
}
