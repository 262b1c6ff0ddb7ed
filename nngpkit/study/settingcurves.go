package study

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/figure"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// SettingCurve is how well a signal of one draw predicts along one of its settings,
// all others being held.
type SettingCurve struct {
	Signal, Setting string // as the columns name them: entropy, members
	At              []float64
	Alone           []*corr.Interval // tau-b, the mean over seeds
	Mixed           []*corr.Interval // of the mixture with the signal so measured
}

// SettingCurves are the curves of a table whose columns are named
// SIGNAL/SETTING/VALUE, such as entropy/members/4.
type SettingCurves struct {
	Table *Seeded
	Of    []SettingCurve
}

// curveLooks says how curves are drawn: what their axis is called, whether it is
// logarithmic, and which value the other curves hold.
var curveLooks = map[string]struct {
	title, axis string
	log         bool
	held        float64
}{
	"entropy/members":     {"e: members", "random networks", true, 4},
	"entropy/images":      {"e: images", "images of noise", true, 16},
	"entropy/width":       {"e: width", "channels of the stem", true, 8},
	"entropy/depth":       {"e: depth", "modules of nine", false, 9},
	"entropy/spread":      {"e: contrast", "spread of the images' contrasts", false, 0},
	"dimension/level":     {"effective dimension: noise level", "noise, of a mean eigenvalue", true, 0},
	"sensitivity/members": {"j: members", "random networks", true, 2},
	"sensitivity/images":  {"j: images", "images of noise", true, 8},
	"sensitivity/width":   {"j: width", "channels of the stem", true, 8},
	"sensitivity/depth":   {"j of means: depth", "modules of nine", false, 0},
	"sensitivity/std":     {"j: noise level", "noise added to pixels", true, 0.05},
}

// MeasureSettings measures the curves of a table. The mixture is twice the rank by
// the entropy, and once those by the sensitivity and by the number of parameters;
// what a curve does not vary is held: 16 images and 4 members for the entropy, 8
// images and 2 members for the sensitivity, at width 8.
func MeasureSettings(ctx context.Context, t *Seeded, cfg CompareConfig) (*SettingCurves, error) {
	out := &SettingCurves{Table: t}
	if t == nil || !t.Cells.HasTruth() {
		return out, nil
	}
	at := map[string][]float64{}
	for name := range t.bySeed[0] {
		parts := strings.Split(name, "/")
		if len(parts) != 3 {
			continue
		}
		v, err := strconv.ParseFloat(parts[2], 64)
		curve := parts[0] + "/" + parts[1]
		if _, known := curveLooks[curve]; err == nil && known {
			at[curve] = append(at[curve], v)
		}
	}
	if len(at) == 0 {
		return nil, fmt.Errorf("study: %s cells have no columns of curves, such as entropy/members/4", t.Cells.Name)
	}
	rows := make([]int, t.Len())
	for i := range rows {
		rows[i] = i
	}
	for _, name := range curveOrder() {
		if at[name] == nil {
			continue
		}
		slices.Sort(at[name])
		c := SettingCurve{At: at[name]}
		c.Signal, c.Setting, _ = strings.Cut(name, "/")
		var recipes []Recipe
		for _, v := range c.At {
			x := truth.Signal{Column: fmt.Sprint(name, "/", v)}
			recipes = append(recipes, One(x, ""), mixtureWith(c.Signal, x))
		}
		r, err := t.taus(ctx, rows, recipes, cfg)
		if err != nil {
			return nil, err
		}
		for k := range c.At {
			c.Alone, c.Mixed = append(c.Alone, r.at(2*k)), append(c.Mixed, r.at(2*k+1))
		}
		out.Of = append(out.Of, c)
	}
	return out, nil
}

func curveOrder() []string {
	return []string{"entropy/members", "entropy/images", "entropy/spread", "entropy/depth", "entropy/width", "dimension/level",
		"sensitivity/members", "sensitivity/images", "sensitivity/std", "sensitivity/depth", "sensitivity/width"}
}

// mixtureWith returns the mixture with a signal in the place of one of
// its parts.
func mixtureWith(signal string, x truth.Signal) Recipe {
	e, j := truth.Signal{Column: "entropy/members/4"}, truth.Signal{Column: "sensitivity/members/2"}
	if signal == "sensitivity" {
		j = x
	} else {
		e = x
	}
	return Recipe{Name: "mixed", Label: "2e + j + parameters", Parts: []Part{{Signal: e, Weight: 2}, {Signal: j, Weight: 1}, {Signal: truth.Parameters, Weight: 1}}}
}

// Sheets returns the curves as tables, one a signal.
func (s *SettingCurves) Sheets() report.Sheets {
	if len(s.Of) == 0 {
		return noTruthSheet()
	}
	t := &corr.Table{
		Title:   fmt.Sprintf("Tau-b along one setting, %s cells, n = %d, %s, 95 %% intervals over cells", s.Table.Cells.Name, s.Table.Len(), report.Plural(len(s.Table.Seeds), "seed")),
		Columns: []string{"setting", "at", "alone", "2e + j + parameters with it"},
		Notes:   []string{"* held in the other rows"},
	}
	for _, c := range s.Of {
		look := curveLooks[c.Signal+"/"+c.Setting]
		for k, v := range c.At {
			at := strconv.FormatFloat(v, 'g', -1, 64)
			if v == look.held {
				at += " *"
			}
			t.Rows = append(t.Rows, []string{look.title, at, report.Bracket(c.Alone[k], 3), report.Bracket(c.Mixed[k], 3)})
		}
	}
	return report.Sheets{t}
}

// HTML returns the curves as a table.
func (s *SettingCurves) HTML() string { return s.Sheets().HTML() }

// String returns the curves for a terminal.
func (s *SettingCurves) String() string { return s.Sheets().String() }

// Figure draws all curves, a panel a setting.
func (s *SettingCurves) Figure() (*figure.Figure, error) {
	const title = "Tau along one setting at a time"
	if len(s.Of) == 0 {
		return figure.Message(title, report.NoTruth), nil
	}
	lo, hi := 0.0, 0.0
	for _, c := range s.Of {
		for k := range c.At {
			lo, hi = min(lo, c.Alone[k].Lower), max(hi, c.Mixed[k].Upper, c.Alone[k].Upper)
		}
	}
	var panels []*figure.Figure
	for _, c := range s.Of {
		look := curveLooks[c.Signal+"/"+c.Setting]
		color := colorOf("noise_entropy")
		if c.Signal == "sensitivity" {
			color = colorOf("noise_sensitivity")
		}
		series := []figure.Series{{Name: "mixture", Color: colorOf("recommended")}, {Name: "alone", Color: color}}
		for k, v := range c.At {
			add(&series[0], v, c.Mixed[k].Estimate, c.Mixed[k].Lower, c.Mixed[k].Upper)
			add(&series[1], v, c.Alone[k].Estimate, c.Alone[k].Lower, c.Alone[k].Upper)
		}
		cfg := figure.CurveConfig{XLabel: look.axis, YLabel: "τ-b", YMin: lo - 0.03, YMax: hi + 0.03, Width: 3.1, Height: 2.9}
		if look.held > 0 {
			cfg.XMark, cfg.XMarkName = look.held, "held"
		}
		draw := figure.Curves
		switch {
		case c.Setting == "std" || c.Setting == "level":
			draw = figure.Epsilon
		case look.log:
			draw = figure.Members
		}
		f, err := draw(series, cfg)
		if err != nil {
			return nil, err
		}
		f.Title = look.title
		panels = append(panels, f)
	}
	f, err := figure.Beside(title, 3, 10.5, panels...)
	if err != nil {
		return nil, err
	}
	f.Subtitle = fmt.Sprintf("%s, n = %d, means over %s, 95 %% intervals over cells. Mixture: 2e + j + parameters, with the signal so measured. Held: in the other panels.", headed(s.Table.Cells, 0), s.Table.Len(), report.Plural(len(s.Table.Seeds), "seed"))
	return f, nil
}

// Record appends the curves to the file of results, under names such as
// prefix.entropy.members.4.alone.
func (s *SettingCurves) Record(prefix string) error {
	for _, c := range s.Of {
		for k, v := range c.At {
			name := fmt.Sprintf("%s.%s.%s.%s.", prefix, c.Signal, c.Setting, strconv.FormatFloat(v, 'g', -1, 64))
			for _, r := range []struct {
				what string
				iv   *corr.Interval
			}{{"alone", c.Alone[k]}, {"mixed", c.Mixed[k]}} {
				if err := report.RecordDetail(name+r.what, r.iv.Estimate, r.iv.Lower, r.iv.Upper, r.iv.N); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
