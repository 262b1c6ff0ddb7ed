package study

import (
	"errors"
	"fmt"
	"slices"

	"github.com/go-gota/gota/dataframe"

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
		return fail(errors.New("there is nothing to rank by: the mixture names no signal"))
	}
	for _, s := range mix {
		if !slices.Contains(df.Names(), s.Column) {
			return fail(fmt.Errorf("there is no column %q", s.Column))
		}
	}
	for _, name := range []string{PlaceColumn, MixtureColumn, RowColumn} {
		if slices.Contains(df.Names(), name) {
			return fail(fmt.Errorf("there is a column %q already", name))
		}
	}
	place, mixture, err := places(df, mix)
	if err != nil {
		return fail(err)
	}
	out, err := allRows(df).ranked(df, place, mixture)
	if err != nil {
		return fail(err)
	}
	if out, err = frame.Checked(out.Drop(RowColumn)); err != nil {
		return fail(err)
	}
	return out, nil
}
