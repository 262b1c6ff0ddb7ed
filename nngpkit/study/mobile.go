package study

import (
	"context"
	"fmt"
	"math"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Free counts of the MnasNet spaces.
var (
	stageRoots    = truth.Signal{Column: "stage_roots", Label: "S: roots of stages' parameters", Baseline: true}
	logExpansion  = truth.Signal{Column: "log_expansion", Label: "log expansions", Baseline: true}
	lateExpansion = truth.Signal{Column: "late_expansion", Label: "late expansions", Baseline: true}
	mobileMACs    = truth.Signal{Column: truth.FLOPs.Column, Label: "MACs", Baseline: true}
	agreement     = truth.Signal{Column: sweep.AgreementColumn, Label: "c: agreement of codes"}
	lastStage     = truth.Signal{Column: sweep.LastStageAgreement, Label: "c of the last stage"}
)

// StageRoots is S, the sum over stages of the fourth root of their parameters: a free
// count that was found on the accuracies of networks of the MnasNet space.
func StageRoots() truth.Signal { return stageRoots }

// LogExpansion is the sum over blocks of the logarithm of the expansion.
func LogExpansion() truth.Signal { return logExpansion }

// LateExpansion is the sum over the last two stages of the logarithm of the expansion.
func LateExpansion() truth.Signal { return lateExpansion }

// CodeAgreement is c, the share of ReLU units whose signs agree on two images of noise.
func CodeAgreement() truth.Signal { return agreement }

// LastStageAgreement is c of the last stage alone.
func LastStageAgreement() truth.Signal { return lastStage }

// MobileCounts returns what is free of networks of the MnasNet spaces, and what
// signals are compared with: parameters, multiply-accumulates, S, and log expansions,
// of all blocks and of the last two stages.
func MobileCounts() []truth.Signal {
	return []truth.Signal{truth.Parameters, mobileMACs, stageRoots, logExpansion, lateExpansion}
}

// mobileMix returns a mixture of ranks.
func mobileMix(name, label, cost string, baseline bool, parts ...Part) Recipe {
	r := Recipe{Name: name, Label: label, Parts: parts, Cost: cost, Baseline: baseline}
	if !baseline {
		r.Seconds = "agreement_seconds"
	}
	return r
}

// weighed returns a part of a mixture.
func weighed(s truth.Signal, weight float64) Part { return Part{Signal: s, Weight: weight} }

const (
	noiseOf32 = "32 noise images"
	noCost    = "none"
)

// MobileCountRecipes returns what is free of networks of the MnasNet spaces: S first,
// with which all others are compared.
func MobileCountRecipes() []Recipe {
	return []Recipe{
		One(stageRoots, noCost),
		mobileMix("roots_late", "8 S + late expansions", noCost, true, weighed(stageRoots, 8), weighed(lateExpansion, 1)),
		mobileMix("parameters_log_expansion", "parameters + log expansions", noCost, true, weighed(truth.Parameters, 1), weighed(logExpansion, 1)),
		mobileMix("parameters_macs", "parameters + MACs", noCost, true, weighed(truth.Parameters, 1), weighed(mobileMACs, 1)),
		One(logExpansion, noCost), One(truth.Parameters, noCost), One(mobileMACs, noCost),
	}
}

// MobileRecipes returns what is measured on networks of the MnasNet spaces: S first,
// with which all others are compared; counts; c, alone and beside counts; signals of
// other authors; and kernels of images, the paper's accuracy among them. What a table
// lacks is left out by MeasureSignals.
func MobileRecipes() []Recipe {
	kernel := func(column, label string) Recipe {
		s := sweep.ScoreSignal(column)
		s.Label = label
		r := One(s, "400 images")
		r.Seconds = "kernel_seconds"
		return r
	}
	peer := func(column, label, cost string) Recipe {
		r := One(truth.Signal{Column: column, Label: label}, cost)
		r.Seconds = column + "_seconds"
		return r
	}
	c := One(agreement, noiseOf32)
	c.Seconds = "agreement_seconds"
	last := One(lastStage, noiseOf32)
	last.Seconds = c.Seconds
	general := GeneralRecipe()
	noise := One(truth.Signal{Column: "entropy", Label: "e: entropy on noise"}, "noise images, more passes")
	noise.Seconds = "general_seconds"
	return append(MobileCountRecipes(),
		MobileRecipe(),
		mobileMix("roots_last", "8 S + c of the last stage", noiseOf32, false, weighed(stageRoots, 8), weighed(lastStage, 1)),
		mobileMix("roots_c", "10 S + c", noiseOf32, false, weighed(stageRoots, 10), weighed(agreement, 1)),
		mobileMix("log_expansion_c", "parameters + log expansions + c/2", noiseOf32, false, weighed(truth.Parameters, 1), weighed(logExpansion, 1), weighed(agreement, 0.5)),
		mobileMix("counts_c", "parameters + MACs + c", noiseOf32, false, weighed(truth.Parameters, 1), weighed(mobileMACs, 1), weighed(agreement, 1)),
		c, last,
		peer("zen", "Zen-score", "noise images"), peer("naswot", "NASWOT", "32 images"),
		general, noise,
		kernel("accuracy", "NNGP accuracy (the paper's score)"), kernel("accuracy_top5", "NNGP top-5 accuracy"),
		kernel("whole_loo_squared_error", "NNGP leave-one-out error"), kernel("log_det", "log determinant"),
		kernel("effective_dimension", "effective dimension"), kernel("maxima_effective_dimension", "effective dimension, maxima"),
	)
}

// MobileRecipe returns the mixture that RankNoise takes in the MnasNet spaces: eight
// times the rank by S, once that by LateExpansion, and half that by
// LastStageAgreement; all doubled.
func MobileRecipe() Recipe {
	return mobileMix("mobile", "recommended: S, late expansions, c", noiseOf32, false,
		weighed(stageRoots, 16), weighed(lateExpansion, 2), weighed(lastStage, 1))
}

// MobileTried returns what was tried on the half of the networks for choosing to
// better S: c, c of the last stage and of the head, with several weights; the same
// beside LateExpansion, a free count; and c of every stage alone.
func MobileTried() []Recipe {
	out := MobileCountRecipes()
	for _, s := range []truth.Signal{agreement, lastStage, {Column: "head_agreement", Label: "c of the head"}, {Column: "agreement_naswot", Label: "NASWOT on noise"}} {
		for _, w := range []float64{16, 8, 4, 2, 1} {
			label := fmt.Sprintf("%g S + %s", w, s.Name())
			out = append(out, mobileMix(fmt.Sprintf("roots_%g_%s", w, s.Column), label, noiseOf32, false, weighed(stageRoots, w), weighed(s, 1)))
		}
		out = append(out, mobileMix("roots_late_"+s.Column, "16 S + 2 late expansions + "+s.Name(), noiseOf32, false,
			weighed(stageRoots, 16), weighed(lateExpansion, 2), weighed(s, 1)))
	}
	for _, w := range []float64{16, 4, 2, 1} {
		out = append(out, mobileMix(fmt.Sprintf("roots_%g_late", w), fmt.Sprintf("%g S + late expansions", w), noCost, true, weighed(stageRoots, w), weighed(lateExpansion, 1)))
	}
	out = append(out, One(lateExpansion, noCost), One(agreement, noiseOf32))
	for s := range sweep.MobileStages {
		x := truth.Signal{Column: fmt.Sprintf("stage%d_agreement", s), Label: fmt.Sprintf("c of stage %d", s)}
		out = append(out, One(x, noiseOf32))
	}
	return append(out,
		mobileMix("roots_log_expansion_4", "4 S + log expansions", noCost, true, weighed(stageRoots, 4), weighed(logExpansion, 1)),
		mobileMix("roots_macs_4", "4 S + MACs", noCost, true, weighed(stageRoots, 4), weighed(mobileMACs, 1)),
		mobileMix("counts_c", "parameters + MACs + c", noiseOf32, false, weighed(truth.Parameters, 1), weighed(mobileMACs, 1), weighed(agreement, 1)),
		mobileMix("log_expansion_c", "parameters + log expansions + c/2", noiseOf32, false, weighed(truth.Parameters, 1), weighed(logExpansion, 1), weighed(agreement, 0.5)),
		mobileMix("log_expansion_c_1", "parameters + log expansions + c", noiseOf32, false, weighed(truth.Parameters, 1), weighed(logExpansion, 1), weighed(agreement, 1)),
	)
}

// OpenSample returns the networks of a table of signals of a sample of a space, with
// its first seed and free counts; nobody trained them. Opening computes nothing.
func OpenSample(ctx context.Context, name string) (*truth.Cells, error) {
	scores, err := sweep.OpenScores(ctx, "signals_"+name)
	if err != nil {
		return nil, err
	}
	if scores, err = frame.Where(scores, sweep.SeedColumn, 0); err != nil {
		return nil, fmt.Errorf("study: %w", err)
	}
	for _, free := range []string{truth.Parameters.Column, "mega_macs"} { // which the cells have anyway
		if scores.Col(free).Err == nil {
			scores = scores.Drop([]string{free})
		}
	}
	c, err := truth.ScoredCells(scores)
	if err != nil {
		return nil, err
	}
	c.Name = name
	return c, nil
}

// Between holds tau-b between signals, each with each.
type Between struct {
	Cells   *truth.Cells
	Signals []truth.Signal
	Tau     [][]*corr.Interval // of the signals of a row and a column; nil on and above the diagonal
}

// TauBetween measures how alike signals order the same networks, with intervals over
// these. It needs no truth.
func TauBetween(ctx context.Context, c *truth.Cells, signals []truth.Signal, cfg CompareConfig) (*Between, error) {
	out := &Between{Cells: c, Signals: signals}
	var all [][]float64
	for _, s := range signals {
		x, err := s.Values(c.Frame)
		if err != nil {
			return nil, fmt.Errorf("study: %s: %w", c.Name, err)
		}
		all = append(all, x)
	}
	pairs := len(all) * (len(all) - 1) / 2
	r, err := resample(ctx, c.Len(), pairs, cfg, func(rows []int, out []float64) {
		var some [][]float64
		for _, x := range all {
			some = append(some, truth.PickRows(x, rows))
		}
		k := 0
		for i := range some {
			for j := range i {
				out[k] = corr.Tau(some[i], some[j])
				k++
			}
		}
	})
	if err != nil {
		return nil, err
	}
	k := 0
	for i := range all {
		out.Tau = append(out.Tau, make([]*corr.Interval, len(all)))
		for j := range i {
			out.Tau[i][j] = r.at(k)
			k++
		}
	}
	return out, nil
}

// Sheets returns the correlations as a table.
func (b *Between) Sheets() report.Sheets {
	noun := nounOf(b.Cells)
	t := &corr.Table{
		Title:   fmt.Sprintf("Tau-b between signals of %s of %s, 95 %% intervals over %ss", report.Plural(b.Cells.Len(), noun), b.Cells.Name, noun),
		Columns: []string{""},
	}
	for _, s := range b.Signals[:len(b.Signals)-1] {
		t.Columns = append(t.Columns, s.Name())
	}
	for i := 1; i < len(b.Signals); i++ {
		row := []string{b.Signals[i].Name()}
		for j := range len(b.Signals) - 1 {
			text := ""
			if iv := b.Tau[i][j]; iv != nil {
				text = report.Bracket(iv, 2)
			}
			row = append(row, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return report.Sheets{t}
}

// HTML returns the correlations as a table.
func (b *Between) HTML() string { return b.Sheets().HTML() }

// String returns the correlations for a terminal.
func (b *Between) String() string { return b.Sheets().String() }

// Record appends the correlations to the file of results, under names such as
// prefix.agreement.with_parameters.
func (b *Between) Record(prefix string) error {
	for i, s := range b.Signals {
		for j := range i {
			iv := b.Tau[i][j]
			name := prefix + "." + report.ResultName(s.Column) + ".with_" + report.ResultName(b.Signals[j].Column)
			if err := report.Record(name, iv.Estimate, iv.Lower, iv.Upper, b.Cells.Len()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Runs are the columns of single trainings of one kind.
type Runs struct {
	Name    string // "long training"
	Columns []string
}

// RunsAgree measures how well trainings predict each other on a table whose networks
// were trained several times: tau-b of one run of a kind with another, with one of
// the other kind, and of the kinds' means. What nothing can beat is the first of
// these; what conventional signals reach, the others. A table that lacks the columns
// has none.
func RunsAgree(ctx context.Context, t *truth.Cells, short, long Runs, cfg CompareConfig) (*Gaps, error) {
	g := &Gaps{nothing: report.NoTruth}
	if t == nil || !t.HasTruth() {
		return g, nil
	}
	x, ok := short.values(t)
	y, ok2 := long.values(t)
	if !ok || !ok2 {
		return g, nil
	}
	type pairing struct {
		name, text string
		a, b       [][]float64
		different  bool // runs of one kind: each with the others
	}
	all := []pairing{
		{"long_long", fmt.Sprintf("one run of %s with another", long.Name), y, y, true},
		{"short_short", fmt.Sprintf("one run of %s with another", short.Name), x, x, true},
		{"short_long", fmt.Sprintf("one run of %s with one of %s", short.Name, long.Name), x, y, false},
		{"short_mean_long", fmt.Sprintf("one run of %s with the mean of %s", short.Name, long.Name), x, [][]float64{columnMean(y)}, false},
		{"means", fmt.Sprintf("mean of %s with the mean of %s", short.Name, long.Name), [][]float64{columnMean(x)}, [][]float64{columnMean(y)}, false},
	}
	r, err := resample(ctx, t.Len(), len(all), cfg, func(rows []int, out []float64) {
		for k, p := range all {
			out[k] = meanTau(p.a, p.b, p.different, rows)
		}
	})
	if err != nil {
		return nil, err
	}
	for k, p := range all {
		iv := r.at(k)
		g.Of = append(g.Of, SignalGap{
			Table: t.Name, Name: "runs." + p.name, Interval: iv, N: t.Len(),
			Text: fmt.Sprintf("%s: %s (n = %d)", report.Capitalized(p.text), report.Bracket(iv, 3), t.Len()),
		})
	}
	return g, nil
}

// values returns the columns, and false where the table lacks one.
func (r Runs) values(t *truth.Cells) ([][]float64, bool) {
	var out [][]float64
	for _, name := range r.Columns {
		x, err := frame.Floats(t.Frame, name)
		if err != nil {
			return nil, false
		}
		out = append(out, x)
	}
	return out, len(out) > 1
}

// columnMean returns the mean of columns.
func columnMean(x [][]float64) []float64 {
	out := make([]float64, len(x[0]))
	for _, column := range x {
		for i, v := range column {
			out[i] += v / float64(len(x))
		}
	}
	return out
}

// meanTau returns the mean of tau-b of each column of a with each of b, where they
// are the same columns of each two.
func meanTau(a, b [][]float64, different bool, rows []int) float64 {
	sum, n := 0.0, 0
	for i, x := range a {
		for j, y := range b {
			if different && j <= i {
				continue
			}
			sum += corr.Tau(truth.PickRows(x, rows), truth.PickRows(y, rows))
			n++
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / float64(n)
}
