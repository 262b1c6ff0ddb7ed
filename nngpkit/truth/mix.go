package truth

import (
	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// Mix adds a column to the frame, the mean of the ranks of signals among these
// cells, and returns its signal. Nothing is fitted.
func (c *Cells) Mix(column, label string, signals ...Signal) (Signal, error) {
	df, err := RankTogether(c.Frame, column, signals...)
	if err != nil {
		return Signal{}, err
	}
	c.Frame = df
	return Signal{Column: column, Label: label}, nil
}

// RankTogether returns the data frame with one more column: the mean of the
// ranks of signals among its rows, from 0 to 1, the best largest. Nothing is
// fitted, and more rows change the ranks.
func RankTogether(df dataframe.DataFrame, column string, signals ...Signal) (dataframe.DataFrame, error) {
	var cols [][]float64
	for _, s := range signals {
		x, err := s.Values(df)
		if err != nil {
			return dataframe.DataFrame{}, err
		}
		cols = append(cols, x)
	}
	mixed, err := corr.RankMix(cols...)
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	return frame.Checked(df.Mutate(series.New(mixed, series.Float, column)))
}
