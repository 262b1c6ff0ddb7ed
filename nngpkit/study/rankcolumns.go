package study

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// RankColumns ranks the rows of a frame that holds their scores already, such as
// campaign.Table of a sweep. It returns the frame with the columns place and mixture,
// as Rank defines them, before the others, the best row first; a row in which a column
// of the mixture has no number comes last, without a place. Every row counts: rows that
// are the same network share a place where their scores are the same. A column that is
// not there is an error.
func RankColumns(df dataframe.DataFrame, mix []truth.Signal) (dataframe.DataFrame, error) {
	fail := func(err error) (dataframe.DataFrame, error) {
		return dataframe.DataFrame{}, fmt.Errorf("study: rank: %w", err)
	}
	if len(mix) == 0 {
		return fail(fmt.Errorf("there is nothing to rank by: the mixture names no signal"))
	}
	for _, s := range mix {
		if !slices.Contains(df.Names(), s.Column) {
			return fail(fmt.Errorf("there is no column %q", s.Column))
		}
	}
	for _, name := range []string{PlaceColumn, MixtureColumn} {
		if slices.Contains(df.Names(), name) {
			return fail(fmt.Errorf("there is a column %q already", name))
		}
	}
	place, mixture, err := places(df, mix)
	if err != nil {
		return fail(err)
	}
	rows := make([]int, df.Nrow())
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		switch x, y := place[a], place[b]; {
		case x < y || !math.IsNaN(x) && math.IsNaN(y):
			return -1
		case x > y || math.IsNaN(x) && !math.IsNaN(y):
			return 1
		}
		return 0
	})
	text, mean := make([]string, len(rows)), make([]float64, len(rows))
	for j, i := range rows {
		text[j], mean[j] = "NaN", mixture[i]
		if p := place[i]; !math.IsNaN(p) {
			text[j] = strconv.Itoa(int(p))
		}
	}
	cols := []series.Series{series.New(text, series.Int, PlaceColumn), series.New(mean, series.Float, MixtureColumn)}
	for _, name := range df.Names() {
		cols = append(cols, df.Col(name).Subset(rows))
	}
	out, err := frame.Checked(dataframe.New(cols...))
	if err != nil {
		return fail(err)
	}
	return out, nil
}
