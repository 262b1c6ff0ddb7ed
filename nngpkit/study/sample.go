package study

import (
	"context"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// ScorePasses scores the first cells by hash of each of some tables, at most so
// many of each, in several passes, and returns a frame as OpenScores does. Rows
// are kept as those of Compute are: nothing is computed twice.
func ScorePasses(ctx context.Context, tables []*Cells, each int, set *imageset.Set, passes ...Pass) (dataframe.DataFrame, error) {
	found := map[string]nasbench.Spec{}
	for _, t := range tables {
		hashes := t.Frame.Col(KeyColumn).Records()
		for i, row := range sortedBy(hashes) {
			if _, ok := found[hashes[row]]; i < each && !ok {
				found[hashes[row]] = t.Specs[row]
			}
		}
	}
	e := Experiment{
		Name: "some", About: "some cells in several settings", Passes: passes,
		choose: func(context.Context) ([]nasbench.Spec, error) { return inHashOrder(found), nil },
	}
	p := newProgress("scored %d of %d cells", len(found))
	t, err := Compute(ctx, e, set, ComputeConfig{Progress: func(done, _, fresh int) { p.step(done, fresh) }})
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	p.end("scored the cells")
	return t.Frame, nil
}
