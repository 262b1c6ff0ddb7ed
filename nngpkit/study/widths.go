package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// FeatureFigure draws tau-b of a signal over width x members, which counts the
// features: a curve a width, a panel a table, beside the baselines, all of the
// cells that every point has. The frames are of scores, each of one width and
// several numbers of members (see OpenScores).
func FeatureFigure(ctx context.Context, s truth.Signal, cfg CompareConfig, frames ...dataframe.DataFrame) (*figure.Figure, error) {
	title := "τ-b over width × members: " + s.Name()
	if len(frames) == 0 {
		return nil, fmt.Errorf("study: there is no frame of scores")
	}
	tables, err := truth.Tables(ctx, 0)
	if err != nil {
		return nil, err
	}
	var figs []*figure.Figure
	most := 0.0
	for _, t := range tables {
		if !t.HasTruth() {
			continue
		}
		curves, n, err := featureCurves(ctx, t, s, cfg, frames)
		if err != nil {
			return nil, fmt.Errorf("%s cells: %w", t.Name, err)
		}
		f, err := figure.Members(curves, figure.CurveConfig{
			Title: headed(t, n), XLabel: "width × members", YLabel: "Kendall's τ-b", Height: 4.2})
		if err != nil {
			return nil, err
		}
		figs = append(figs, f)
		most = max(most, mostFeatures(curves))
	}
	if figs == nil {
		return figure.Message(title, report.NoTruth), nil
	}
	title += fmt.Sprintf(", up to %g", most)
	return figure.Beside(title, 2, columnsWidth*float64(min(2, len(figs)))/2, figs...)
}

// mostFeatures returns the largest number of features of some curves.
func mostFeatures(curves []figure.Series) float64 {
	most := 0.0
	for _, c := range curves {
		most = max(most, slices.Max(c.X))
	}
	return most
}

// featureCurves returns a curve a frame, then the baselines as level lines, and
// the number of cells, which are those of a table that all points have.
func featureCurves(ctx context.Context, t *truth.Cells, s truth.Signal, cfg CompareConfig, frames []dataframe.DataFrame) ([]figure.Series, int, error) {
	shared := *t
	for _, df := range frames {
		members, err := frame.ValuesOf(df, sweep.MembersColumn)
		if err != nil {
			return nil, 0, err
		}
		for _, m := range members {
			at, err := frame.Where(df, sweep.MembersColumn, m)
			if err != nil {
				return nil, 0, err
			}
			if at, err = frame.Known(at, s.Column); err != nil {
				return nil, 0, err
			}
			if shared.Frame, err = frame.Join(shared.Frame, at.Select([]string{frame.KeyColumn}), frame.KeyColumn); err != nil {
				return nil, 0, err
			}
		}
	}
	var curves []figure.Series
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, df := range frames {
		c, err := featureCurve(ctx, &shared, df, s, cfg)
		if err != nil {
			return nil, 0, err
		}
		curves = append(curves, c)
		lo, hi = math.Min(lo, c.X[0]), math.Max(hi, c.X[len(c.X)-1])
	}
	truths, base, err := truth.KnownColumns(&shared, truth.Baselines())
	if err != nil {
		return nil, 0, err
	}
	for i, b := range truth.Baselines() {
		tau := corr.Tau(truths, base[i])
		curves = append(curves, figure.Series{Name: b.Name(), Baseline: true, X: []float64{lo, hi}, Y: []float64{tau, tau}})
	}
	return curves, len(truths), nil
}

func featureCurve(ctx context.Context, t *truth.Cells, df dataframe.DataFrame, s truth.Signal, cfg CompareConfig) (figure.Series, error) {
	members, err := frame.ValuesOf(df, sweep.MembersColumn)
	if err != nil {
		return figure.Series{}, err
	}
	widths, err := frame.ValuesOf(df, sweep.WidthColumn)
	if err != nil {
		return figure.Series{}, err
	}
	if len(widths) != 1 {
		return figure.Series{}, fmt.Errorf("study: a curve of %d widths, want one", len(widths))
	}
	out := figure.Series{Name: fmt.Sprintf("width %.0f", widths[0])}
	for _, m := range members {
		at, err := frame.Where(df, sweep.MembersColumn, m)
		if err != nil {
			return out, err
		}
		joined, err := frame.Join(t.Frame, at, frame.KeyColumn)
		if err != nil {
			return out, err
		}
		truth, cols, err := truth.KnownColumns(&truth.Cells{Frame: joined}, []truth.Signal{s})
		if err != nil {
			return out, err
		}
		iv, err := corr.Bootstrap(ctx, truth, cols[0], corr.Tau, cfg.bootstrap())
		if err != nil {
			return out, err
		}
		add(&out, widths[0]*m, iv.Estimate, iv.Lower, iv.Upper)
	}
	return out, nil
}

// WidthTaus compares widths at the same number of features, width x members:
// tau-b of a signal with the truth, a label a width, on the cells that all widths
// have. The frame is of scores, a row a cell and width. Baselines are measured on
// the same cells.
func WidthTaus(ctx context.Context, tables []*truth.Cells, scores dataframe.DataFrame, s truth.Signal, cfg CompareConfig) (*Comparisons, error) {
	widths, err := frame.ValuesOf(scores, sweep.WidthColumn)
	if err != nil {
		return nil, err
	}
	var variants []variant
	for _, width := range widths {
		df, err := frame.Where(scores, sweep.WidthColumn, width)
		if err != nil {
			return nil, err
		}
		members, err := frame.ValuesOf(df, sweep.MembersColumn)
		if err != nil {
			return nil, err
		}
		if len(members) != 1 {
			return nil, fmt.Errorf("study: %d numbers of members of width %g, want one", len(members), width)
		}
		variants = append(variants, variant{fmt.Sprintf("width%g", width), fmt.Sprintf("width %g × %g", width, members[0]), df})
	}
	return variantTaus(ctx, tables, variants, s, cfg)
}

// WidthAgreement returns how far narrow networks score cells as the widest do:
// tau-b between the scores of each width and those of the widest one, over the
// cells that both have, with bootstrap intervals, a curve a signal over the width.
// The frame is of scores, a row a cell and width.
func WidthAgreement(ctx context.Context, scores dataframe.DataFrame, signals []truth.Signal, cfg CompareConfig) ([]figure.Series, error) {
	widths, err := frame.ValuesOf(scores, sweep.WidthColumn)
	if err != nil {
		return nil, err
	}
	if len(widths) < 2 {
		return nil, fmt.Errorf("study: the agreement of widths needs two widths at least")
	}
	widest, err := frame.Where(scores, sweep.WidthColumn, widths[len(widths)-1])
	if err != nil {
		return nil, err
	}
	out := make([]figure.Series, len(signals))
	for i, s := range signals {
		out[i].Name = s.Name()
		for _, width := range widths[:len(widths)-1] {
			narrow, err := frame.Where(scores, sweep.WidthColumn, width)
			if err != nil {
				return nil, err
			}
			x, y, err := pairedRows(narrow, widest, s)
			if err != nil {
				return nil, err
			}
			iv, err := corr.Bootstrap(ctx, x, y, corr.Tau, cfg.bootstrap())
			if err != nil {
				return nil, err
			}
			add(&out[i], width, iv.Estimate, iv.Lower, iv.Upper)
		}
	}
	return out, nil
}
