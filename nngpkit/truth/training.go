package truth

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/published"
	"github.com/nngplab/nngplab/nngpkit/report"
)

// Training returns the signal of a shortened training: the mean validation
// accuracy after that many epochs, over the runs that a published table has.
// TrainingFrame and Cells.AddTraining give its column.
func Training(epochs int) Signal {
	return Signal{Column: fmt.Sprintf("epochs%d", epochs), Label: report.Plural(epochs, "epoch") + " of training"}
}

// ShortTraining returns the signals of the shortened trainings that
// NAS-Bench-101 has: 4, 12 and 36 epochs.
func ShortTraining() []Signal { return []Signal{Training(4), Training(12), Training(36)} }

// TrainingFrame returns what shortened training says of every cell of which a
// published table knows it: hash, and for each number of epochs the column of
// Training and the number of runs behind it, epochs4_runs. A cell's value comes
// from the first table in the order of published.Sources that has it; NaN where none
// has. Without any table the frame has no rows.
func TrainingFrame(ctx context.Context, epochs ...int) (dataframe.DataFrame, error) {
	t := newTrainings(epochs)
	for _, source := range published.Sources() {
		if source.Aside {
			continue
		}
		table, err := source.Open(ctx)
		var missing *published.NotFoundError
		if errors.As(err, &missing) {
			continue
		}
		if err != nil {
			return dataframe.DataFrame{}, err
		}
		t.addTable(table)
	}
	return t.frame()
}

// AddTraining joins the columns of TrainingFrame to the frame by hash. All
// cells are kept: those without a value have NaN (see Known).
func (c *Cells) AddTraining(ctx context.Context, epochs ...int) error {
	df, err := TrainingFrame(ctx, epochs...)
	if err != nil {
		return err
	}
	joined, err := frame.LeftJoin(c.Frame, df, frame.KeyColumn)
	if err != nil {
		return err
	}
	c.Frame = joined
	return nil
}

// trainings collects values by cell and number of epochs.
type trainings struct {
	epochs []int
	hashes []string
	row    map[string]int
	mean   [][]float64 // by epochs, then by cell
	runs   [][]float64
}

func newTrainings(epochs []int) *trainings {
	return &trainings{epochs: epochs, row: map[string]int{}, mean: make([][]float64, len(epochs)), runs: make([][]float64, len(epochs))}
}

// addTable takes from a table what is not known yet.
func (t *trainings) addTable(table published.Table) {
	for i := 0; i < table.Len(); i++ {
		for e, budget := range t.epochs {
			runs, mean := table.Training(i, budget)
			if len(runs) == 0 {
				continue
			}
			r := t.rowOf(table.Key(i))
			if t.runs[e][r] == 0 {
				t.mean[e][r], t.runs[e][r] = mean, float64(len(runs))
			}
		}
	}
}

func (t *trainings) rowOf(hash string) int {
	r, ok := t.row[hash]
	if !ok {
		r = len(t.hashes)
		t.row[hash] = r
		t.hashes = append(t.hashes, hash)
		for e := range t.epochs {
			t.mean[e], t.runs[e] = append(t.mean[e], math.NaN()), append(t.runs[e], 0)
		}
	}
	return r
}

func (t *trainings) frame() (dataframe.DataFrame, error) {
	cols := []series.Series{series.New(t.hashes, series.String, frame.KeyColumn)}
	for e, budget := range t.epochs {
		name := Training(budget).Column
		cols = append(cols, series.New(t.mean[e], series.Float, name), series.New(ints(t.runs[e]), series.Int, name+"_runs"))
	}
	return frame.Checked(dataframe.New(cols...))
}
