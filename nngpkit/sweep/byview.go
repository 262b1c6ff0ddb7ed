package sweep

import (
	"fmt"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// ByView returns a table of scores (see OpenScores) with the views of one
// pass side by side: a row for each cell and setting, and every score of each
// kernel in a column of its own, named SCORE_KERNEL, such as whole_lml_depths
// and log_det_maxima (see ViewSignal). The columns that say the setting, the
// cell and nngp_gflops stay as they are: all views come from the same forward
// passes. Rows that do not have every kernel of the table are dropped.
func ByView(scores dataframe.DataFrame) (dataframe.DataFrame, error) {
	var setting [][]string
	for _, name := range append([]string{frame.KeyColumn}, passColumns...) {
		c := scores.Col(name)
		if scores.Err != nil || c.Err != nil {
			return dataframe.DataFrame{}, fmt.Errorf("sweep: a table of scores by kernel needs a column %q", name)
		}
		setting = append(setting, c.Records())
	}
	var keys, views []string
	rows := map[string]map[string]int{} // by setting and view
	seen := map[string]bool{}
	for i, view := range scores.Col(ViewColumn).Records() {
		var parts []string
		for _, c := range setting {
			parts = append(parts, c[i])
		}
		key := strings.Join(parts, " ")
		if rows[key] == nil {
			rows[key] = map[string]int{}
			keys = append(keys, key)
		}
		if j, ok := rows[key][view]; ok {
			return dataframe.DataFrame{}, fmt.Errorf("sweep: rows %d and %d both hold the view %s of cell %s in one setting", j, i, view, setting[0][i])
		}
		rows[key][view] = i
		if !seen[view] {
			seen[view] = true
			views = append(views, view)
		}
	}
	at := make([][]int, len(views))
	for _, key := range keys {
		if len(rows[key]) < len(views) {
			continue
		}
		for k, view := range views {
			at[k] = append(at[k], rows[key][view])
		}
	}
	return sideBySide(scores, views, at)
}

// passColumns say which forward passes a row is of.
var passColumns = []string{WidthColumn, MembersColumn, TrainColumn, ValColumn, NormColumn, NormBatchColumn, DrawColumn, SeedColumn, SplitSeedColumn}

// sideBySide puts rows of a table beside each other: at has those of each view.
func sideBySide(scores dataframe.DataFrame, views []string, at [][]int) (dataframe.DataFrame, error) {
	if len(at) == 0 || len(at[0]) == 0 {
		return dataframe.DataFrame{}, fmt.Errorf("sweep: no row of the table has all of its views, %q", views)
	}
	own := map[string]bool{}
	for _, name := range valueColumns() {
		own[name] = name != GFLOPsColumn && name != forwardColumn && name != secondsColumn
	}
	var cols []series.Series
	take := func(name, as string, k int) {
		c := scores.Col(name).Subset(at[k])
		c.Name = as
		cols = append(cols, c)
	}
	for _, name := range append(append([]string{frame.KeyColumn}, passColumns...), GFLOPsColumn, truth.CellColumn) {
		take(name, name, 0)
	}
	for k, view := range views {
		for _, name := range scores.Names() {
			if own[name] {
				take(name, name+"_"+view, k)
			}
		}
	}
	return frame.Checked(dataframe.New(cols...))
}

// ViewSignal returns the signal of a statistic of one view, as ByView names its
// column: ViewSignal("whole_lml", nngpkit.Depths). Of a statistic whose direction
// is not known, such as log_det, larger counts as more promising.
func ViewSignal(statistic string, view nngpkit.View) truth.Signal {
	out := truth.Signal{Column: statistic + "_" + string(view), Label: view.Label() + ": " + statistic}
	if s, err := gp.Find(statistic); err == nil {
		out.Label, out.Lower = view.Label()+": "+s.Short, s.Better == gp.Smaller
	}
	return out
}
