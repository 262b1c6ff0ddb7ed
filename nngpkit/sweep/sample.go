package sweep

import (
	"context"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// ScorePasses scores the first cells by hash of each of some tables, at most so
// many of each, in several passes, and returns a frame as OpenScores does. Rows
// are kept as those of Compute are: nothing is computed twice. Progress, which may be
// nil, is called as ComputeConfig says.
func ScorePasses(ctx context.Context, tables []*truth.Cells, each int, set *imageset.Set, progress func(done, total, fresh int), passes ...Pass) (dataframe.DataFrame, error) {
	found := map[string]space.Architecture{}
	for _, t := range tables {
		hashes := t.Frame.Col(frame.KeyColumn).Records()
		for i, row := range sortedBy(hashes) {
			if _, ok := found[hashes[row]]; i < each && !ok {
				found[hashes[row]] = t.Architectures[row]
			}
		}
	}
	e := Experiment{
		Name: "some", About: "some cells in several settings", Passes: passes,
		Choose: func(context.Context) ([]space.Architecture, error) { return inHashOrder(found), nil },
	}
	t, err := Compute(ctx, e, set, ComputeConfig{Progress: progress})
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	return t.Frame, nil
}
