package sweep

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Experiment is a table of scores that this project computes: which cells, in
// which settings. Its name is that of the table.
type Experiment struct {
	Name   string
	About  string
	Cells  string // which, in words
	Passes []Pass
	// Needs names statistics without which kept rows of another version are computed
	// anew; nil takes them as they are.
	Needs []string

	// Choose finds the cells in the published tables, in order of hash.
	Choose func(ctx context.Context) ([]space.Architecture, error)
}

// TableViews returns the views that the tables of scores hold side by side.
func TableViews() []nngpkit.View {
	return []nngpkit.View{nngpkit.Raw, nngpkit.Standardized, nngpkit.Depths, nngpkit.Maxima}
}

// Experiments returns what 'nngplab scores' computes, the most wanted first.
//
// All use one choice of images (seed 0) out of the first 4,000 training images
// of CIFAR-10. Cells are taken in order of their hash, which knows nothing of
// accuracy, so that the first cells of a table are as good as a random sample.
func Experiments() []Experiment {
	at := func(width int, members ...int) Pass {
		return Pass{Setting: Setting{Width: width, Train: 500, Val: 250}, At: members}
	}
	cheap := at(8, 1, 2, 4, 8, 16, 32)
	cheap.Train, cheap.Val = 100, 50
	batch := at(8, 8)
	batch.Train, batch.Val, batch.Norm = 100, 50, forward.Batch
	small := cheap
	small.At = []int{1, 2, 4, 8}
	seed := at(8, 1, 2, 4, 8)
	seed.Seed = 1
	images := at(8, 1, 2, 4, 8)
	images.SplitSeed = 1
	sizes := at(8, 8)
	sizes.Train, sizes.Sizes = 2000, []int{100, 250, 500, 1000, 2000}
	four := []nngpkit.View{nngpkit.Raw, nngpkit.Standardized, nngpkit.Depths, nngpkit.Maxima}
	views := at(8, 2, 8)
	views.Norm, views.Views = forward.None, four
	few := cheap
	few.Norm, few.Views = forward.None, four
	fewest := at(8, 1, 2, 4)
	fewest.Train, fewest.Val, fewest.Norm, fewest.Views = 40, 20, forward.None, []nngpkit.View{nngpkit.Maxima}
	least := fewest
	least.Train, least.Val = 24, 8
	many := at(8, 32)
	many.Norm, many.Views = forward.None, four
	ema := at(8, 8)
	ema.Views = four[1:]
	return []Experiment{
		{
			Name: "members8", About: "width 8, up to 32 members", Passes: []Pass{at(8, 1, 2, 4, 8, 16, 32)},
			Cells: "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "cheap", About: "width 8, 100 + 50 images, up to 32 members: what a sweep of the whole space can afford",
			Passes: []Pass{cheap},
			Cells:  "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "members16", About: "width 16, up to 16 members", Passes: []Pass{at(16, 1, 2, 4, 8, 16)},
			Cells: "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "views", About: "four kernels of one pass without batch normalization: width 8, 2 and 8 members", Passes: []Pass{views},
			Cells: "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "views_cheap", About: "four kernels of one pass without batch normalization: width 8, 100 + 50 images, up to 32 members",
			Passes: []Pass{few},
			Cells:  "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "views_few", About: "the kernel of maxima of 60 images: width 8, 40 + 20 images, up to 4 members", Passes: []Pass{fewest},
			Cells: "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "views_least", About: "the kernel of maxima of 32 images: width 8, 24 + 8 images, up to 4 members", Passes: []Pass{least},
			Cells: "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "views_ema", About: "the other kernels with batch normalization of one step: width 8, 8 members", Passes: []Pass{ema},
			Cells: "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "views32", About: "four kernels of one pass without batch normalization: width 8, 32 members", Passes: []Pass{many},
			Cells: "the first 80 by hash of each of the two tables", Choose: trainedCells(80),
		},
		{
			Name: "public", About: "the public notebook's search setting: width 128, 100 + 200 images, 2 members",
			Passes: []Pass{{Setting: Setting{Width: 128, Train: 100, Val: 200}, At: []int{1, 2}}},
			Cells:  "the first 80 by hash of each of the two tables", Choose: trainedCells(80),
		},
		{
			Name: "norms", About: "batch statistics: width 8, 100 + 50 images, 8 members, beside cheap (ema) and views_cheap (none)",
			Passes: []Pass{batch},
			Cells:  "all of the official and the retrained tables", Choose: trainedCells(0),
		},
		{
			Name: "seeds", About: "other weights (seed 1), and other images (split_seed 1): width 8, up to 8 members",
			Passes: []Pass{seed, images},
			Cells:  "the first 60 by hash of each of the two tables", Choose: trainedCells(60),
		},
		{
			Name: "widths", About: "the same number of features from narrow and from wide networks: 128 = width x members",
			Passes: []Pass{at(8, 16), at(16, 8), at(32, 4), at(64, 2), at(128, 1)},
			Cells:  "the first 40 by hash of each of the two tables", Choose: trainedCells(40),
		},
		{
			Name: "sizes", About: "100 to 2,000 training images, parts of one kernel: width 8, 8 members",
			Passes: []Pass{sizes},
			Cells:  "the first 40 by hash of each of the two tables", Choose: trainedCells(40),
		},
		{
			Name: "members16x32", About: "width 16, 32 members: the continuation of members16", Passes: []Pass{at(16, 32)},
			Cells: "the first 80 by hash of each of the two tables", Choose: trainedCells(80),
		},
		{
			Name: "small", About: "width 8, 100 + 50 images, up to 8 members", Passes: []Pass{small},
			Cells: "all 2,532 of at most five vertices", Choose: smallCells,
		},
	}
}

// FindExperiment returns the experiment of that name.
func FindExperiment(name string) (Experiment, error) {
	var names []string
	for _, e := range Experiments() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Experiment{}, fmt.Errorf("sweep: there is no table of scores %q: the known ones are %s", name, strings.Join(names, ", "))
}

// Architectures returns the cells of the experiment in order of hash, each in its
// canonical vertex order, from the published tables, or, where one of them is
// not on this machine, from the committed table of scores.
func (e Experiment) Architectures(ctx context.Context) ([]space.Architecture, error) {
	specs, err := e.Choose(ctx)
	var missing *published.NotFoundError
	if errors.As(err, &missing) {
		if kept, ok := committedSpecs(e.Name); ok {
			specs, err = kept, nil
		}
	}
	if err != nil {
		return nil, err
	}
	out := make([]space.Architecture, len(specs))
	for i, s := range specs {
		out[i] = s.Canonical()
	}
	return out, nil
}

// trainedCells chooses the first cells by hash of the official and of the
// retrained table, 0 meaning all, each cell once.
func trainedCells(each int) func(context.Context) ([]space.Architecture, error) {
	return func(ctx context.Context) ([]space.Architecture, error) {
		found := map[string]space.Architecture{}
		for _, name := range []string{"official", "retrained"} {
			c, err := truth.OpenCells(ctx, name, 0)
			if err != nil {
				return nil, err
			}
			hashes := c.Frame.Col(frame.KeyColumn).Records()
			order := sortedBy(hashes)
			if each > 0 && each < len(order) {
				order = order[:each]
			}
			for _, i := range order {
				if _, ok := found[hashes[i]]; !ok {
					found[hashes[i]] = c.Architectures[i]
				}
			}
		}
		return inHashOrder(found), nil
	}
}

// smallCells chooses the cells of the retrained table that were trained for 4
// epochs: all of at most five vertices.
func smallCells(ctx context.Context) ([]space.Architecture, error) {
	source, err := published.Find("retrained")
	if err != nil {
		return nil, err
	}
	t, err := source.Open(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]space.Architecture{}
	for i := 0; i < t.Len(); i++ {
		if runs, _ := t.Training(i, 4); len(runs) > 0 {
			found[t.Key(i)] = t.Architecture(i)
		}
	}
	return inHashOrder(found), nil
}

func inHashOrder(cells map[string]space.Architecture) []space.Architecture {
	hashes := make([]string, 0, len(cells))
	for h := range cells {
		hashes = append(hashes, h)
	}
	sort.Strings(hashes)
	out := make([]space.Architecture, len(hashes))
	for i, h := range hashes {
		out[i] = cells[h]
	}
	return out
}

// sortedBy returns the indices of x in rising order of the values.
func sortedBy(x []string) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return x[order[a]] < x[order[b]] })
	return order
}

// Resolved returns the pass with its zeros replaced.
func (p Pass) Resolved() Pass {
	p.Members = p.At[len(p.At)-1]
	p.Setting = p.Setting.Resolved()
	if p.Sizes == nil {
		p.Sizes = []int{p.Train}
	}
	if p.Views == nil {
		p.Views = []nngpkit.View{nngpkit.Raw}
	}
	return p
}

// rows returns the number of rows of one cell.
func (p Pass) rows() int {
	p = p.Resolved()
	return len(p.At) * len(p.Sizes) * len(p.Views)
}
