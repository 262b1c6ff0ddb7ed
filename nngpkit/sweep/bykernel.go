package sweep

import (
	"fmt"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// ByKernel returns a table of scores (see OpenScores) with the kernels of one
// pass side by side: a row for each cell and setting, and every score of each
// kernel in a column of its own, named SCORE_KERNEL, such as whole_lml_depths
// and log_det_maxima (see KernelSignal). The columns that say the setting, the
// cell and nngp_gflops stay as they are: all kernels come from the same forward
// passes. Rows that do not have every kernel of the table are dropped.
func ByKernel(scores dataframe.DataFrame) (dataframe.DataFrame, error) {
	var setting [][]string
	for _, name := range append([]string{frame.KeyColumn}, passColumns...) {
		c := scores.Col(name)
		if scores.Err != nil || c.Err != nil {
			return dataframe.DataFrame{}, fmt.Errorf("sweep: a table of scores by kernel needs a column %q", name)
		}
		setting = append(setting, c.Records())
	}
	var keys, kernels []string
	rows := map[string]map[string]int{} // by setting and kernel
	seen := map[string]bool{}
	for i, kernel := range scores.Col(KernelColumn).Records() {
		var parts []string
		for _, c := range setting {
			parts = append(parts, c[i])
		}
		key := strings.Join(parts, " ")
		if rows[key] == nil {
			rows[key] = map[string]int{}
			keys = append(keys, key)
		}
		if j, ok := rows[key][kernel]; ok {
			return dataframe.DataFrame{}, fmt.Errorf("sweep: rows %d and %d both hold the %s kernel of cell %s in one setting", j, i, kernel, setting[0][i])
		}
		rows[key][kernel] = i
		if !seen[kernel] {
			seen[kernel] = true
			kernels = append(kernels, kernel)
		}
	}
	at := make([][]int, len(kernels))
	for _, key := range keys {
		if len(rows[key]) < len(kernels) {
			continue
		}
		for k, kernel := range kernels {
			at[k] = append(at[k], rows[key][kernel])
		}
	}
	return sideBySide(scores, kernels, at)
}

// passColumns say which forward passes a row is of.
var passColumns = []string{StemColumn, MembersColumn, TrainColumn, ValColumn, NormColumn, NormBatchColumn, EstimatorColumn, SeedColumn, SplitSeedColumn}

// sideBySide puts rows of a table beside each other: at has those of each kernel.
func sideBySide(scores dataframe.DataFrame, kernels []string, at [][]int) (dataframe.DataFrame, error) {
	if len(at) == 0 || len(at[0]) == 0 {
		return dataframe.DataFrame{}, fmt.Errorf("sweep: no row of the table has all of its kernels, %q", kernels)
	}
	own := map[string]bool{}
	for _, name := range valueColumns() {
		own[name] = name != GflopsColumn && name != forwardColumn && name != secondsColumn
	}
	var cols []series.Series
	take := func(name, as string, k int) {
		c := scores.Col(name).Subset(at[k])
		c.Name = as
		cols = append(cols, c)
	}
	for _, name := range append(append([]string{frame.KeyColumn}, passColumns...), GflopsColumn, truth.CellColumn) {
		take(name, name, 0)
	}
	for k, kernel := range kernels {
		for _, name := range scores.Names() {
			if own[name] {
				take(name, name+"_"+kernel, k)
			}
		}
	}
	return frame.Checked(dataframe.New(cols...))
}

// KernelLabels name kernels in figures.
var KernelLabels = map[string]string{
	RawKernel: "raw", StandardisedKernel: "standardised", DepthsKernel: "all depths", MaximaKernel: "maxima",
}

// ShortLabels name scores beside the name of a kernel.
var ShortLabels = map[string]string{
	"accuracy":                "accuracy",
	"whole_loo_squared_error": "leave-one-out error",
	"whole_loo_accuracy":      "leave-one-out accuracy",
	"whole_loo_log_density":   "leave-one-out log density",
	"whole_lml":               "marginal likelihood",
	"log_density":             "validation log density",
	"squared_error":           "validation error",
	"alignment":               "target alignment",
	"log_det":                 "log-determinant",
	"participation_ratio":     "participation ratio",
	"effective_dimension":     "effective dimension",
	"top_share":               "share of the mean image",
}

// KernelSignal returns the signal of a score of one kernel, as ByKernel names
// its column: KernelSignal("whole_lml", "depths"). Of a statistic that needs no
// labels, such as log_det, larger counts as more promising.
func KernelSignal(score, kernel string) truth.Signal {
	name := func(labels map[string]string, key string) string {
		if l := labels[key]; l != "" {
			return l
		}
		return key
	}
	s := truth.Signal{Column: score + "_" + kernel, Label: name(KernelLabels, kernel) + ": " + name(ShortLabels, score)}
	s.Lower = ScoreSignal(score).Lower
	return s
}
