package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/go-gota/gota/dataframe"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// evidenceCommand is the command that gathers evidence, and what its file begins
// with.
const evidenceCommand = "nngplab scores evidence"

// CheckEvidenceFile returns an error if a file is there that Evidence.Save did
// not write, or if none can be written.
func CheckEvidenceFile(path string) error {
	if err := plainfile.BeginsWith(path, `{"command":"`+evidenceCommand+`",`); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if err := wholefile.Check(path); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

// EvidenceFile is the name of the evidence beside the tables of scores.
const EvidenceFile = "evidence.json"

// Evidence says how well scores in many settings predict trained accuracy: what
// Make chooses from. Each is measured on two halves of the cells (see
// Choosing): one to choose on, one to report.
type Evidence struct {
	Command   string          `json:"command"`
	Version   string          `json:"version"`
	Go        string          `json:"go"`
	Date      string          `json:"date"`
	Resamples int             `json:"resamples"` // of the bootstrap
	Tables    []EvidenceTable `json:"tables"`
	Entries   []EvidenceEntry `json:"entries"`
}

// EvidenceTable is a table of scores that was used, and how much of it there
// was.
type EvidenceTable struct {
	Name  string `json:"name"`
	Cells int    `json:"cells"`
	Of    int    `json:"of"`
}

// EvidenceEntry is one score of one setting. Without passes it is what is known of
// a cell for free.
type EvidenceEntry struct {
	Passes []EvidencePass `json:"passes"`
	Score  string         `json:"score"` // in words
	Mixes  []EvidenceMix  `json:"mixes"`
}

// EvidencePass is one pass of a network over the images, and the kernels that
// are made of it.
type EvidencePass struct {
	Width     int    `json:"width"`
	Members   int    `json:"members"`
	Train     int    `json:"train"`
	Val       int    `json:"val"`
	Norm      string `json:"norm"`
	NormBatch int    `json:"norm_batch"` // images that set the normalization; 0 where there is none

	// Views whose kernels are scored, joined by "+"; "" is the raw one alone.
	Views string `json:"views,omitempty"`
}

// String describes the pass in a line.
func (p EvidencePass) String() string {
	text := fmt.Sprintf("width %d, %s, %d + %d images, norm %s", p.Width, report.Plural(p.Members, "member"), p.Train, p.Val, p.Norm)
	if p.Views != "" {
		text += ", view " + strings.ReplaceAll(p.Views, "+", " and ")
	}
	return text
}

// views returns how many kernels are scored.
func (p EvidencePass) views() int { return 1 + strings.Count(p.Views, "+") }

// with returns the pass with one more view.
func (p EvidencePass) with(view string) EvidencePass {
	p.Views += "+" + view
	return p
}

// images returns how many images run through the network for each member.
func (p EvidencePass) images() int { return p.Train + p.Val + p.NormBatch }

// EvidenceMix is how well the mean of the ranks of a score and of what is free
// predicts. With is empty for the score alone.
type EvidenceMix struct {
	With []string      `json:"with"`
	Taus []EvidenceTau `json:"taus"`
}

// name returns the mixture in words.
func (m EvidenceMix) name() string {
	if len(m.With) == 0 {
		return "alone"
	}
	return "with " + strings.Join(m.With, " and ")
}

// EvidenceTau is Kendall's tau-b with one truth.
type EvidenceTau struct {
	Truth      string  `json:"truth"`
	ChoosingN  int     `json:"choosing_n"`
	Choosing   float64 `json:"choosing"`
	ReportingN int     `json:"reporting_n"`
	Reporting  float64 `json:"reporting"`
	Lo         float64 `json:"lo"` // 95 % interval of Reporting
	Hi         float64 `json:"hi"`
}

// chosen returns the mean over truths of tau on the cells for choosing, and the
// smallest number of these cells.
func (m EvidenceMix) chosen() (tau float64, n int) {
	for i, t := range m.Taus {
		tau += t.Choosing / float64(len(m.Taus))
		if i == 0 || t.ChoosingN < n {
			n = t.ChoosingN
		}
	}
	return tau, n
}

// freeMixes are the free columns that scores are mixed with.
var freeMixes = [][]string{nil, {truth.Parameters.Column}, {truth.Conv3x3.Column}, {truth.Parameters.Column, truth.Conv3x3.Column}}

// evidenceTables are the tables of scores that evidence is gathered from.
var evidenceTables = []string{"cheap", "members8", "members16", "members16x32", "public", "views", "views_cheap", "views_few", "views_least", "views_ema", "views32"}

// GatherEvidence measures every setting of the tables of scores that this
// program holds against the trained accuracies that are found on this machine.
// It is an error if one of the two tables of those is not there.
func GatherEvidence(ctx context.Context, resamples int, progress func(done, total int)) (*Evidence, error) {
	g := &gathering{resamples: resamples, values: map[string]map[string]float64{}}
	ev := &Evidence{
		Command: evidenceCommand, Version: sweep.Version(), Go: runtime.Version(), Date: time.Now().UTC().Format("2006-01-02"), Resamples: resamples,
	}
	for _, name := range []string{"official", "retrained"} {
		c, err := truth.OpenCells(ctx, name, 0)
		if err != nil {
			return nil, err
		}
		g.truths = append(g.truths, c)
	}
	recipes := []recipe{{}}
	for _, name := range append(append([]string(nil), evidenceTables...), "norms") {
		t, err := sweep.CommittedScores(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ev.Tables = append(ev.Tables, EvidenceTable{name, t.Info.CellsDone, t.Info.CellsOf})
		parts, err := g.read(t)
		if err != nil {
			return nil, err
		}
		if name != "norms" {
			for _, p := range parts {
				recipes = append(recipes, recipe{parts: []part{p}, score: p.column})
			}
		}
	}
	recipes = append(recipes, g.trios()...)
	recipes = append(recipes, g.pairs()...)
	for i, r := range recipes {
		e, ok, err := g.measure(ctx, r)
		if err != nil {
			return nil, err
		}
		if ok {
			ev.Entries = append(ev.Entries, e)
		}
		if progress != nil {
			progress(i+1, len(recipes))
		}
	}
	return ev, nil
}

// part is one column of one pass.
type part struct {
	pass   EvidencePass
	column string
	lower  bool // smaller promises more
}

func (p part) key() string { return fmt.Sprint(p.pass, " ", p.column) }

// recipe is what one entry measures.
type recipe struct {
	parts []part
	score string
}

// samePass reports whether two parts differ in nothing but the kernel that is
// made of one pass.
func (r recipe) samePass(i, j int) bool {
	a, b := r.parts[i].pass, r.parts[j].pass
	different := a.Views != b.Views
	a.Views, b.Views = "", ""
	return different && a == b
}

// gathering is GatherEvidence at work.
type gathering struct {
	resamples int
	truths    []*truth.Cells
	values    map[string]map[string]float64 // by part and hash
	known     []part
}

// read takes the columns of evidence from a table, and returns those that are
// scores on their own.
func (g *gathering) read(t *sweep.ScoreTable) ([]part, error) {
	df, err := frame.Where(t.Frame, sweep.SeedColumn, 0)
	for _, c := range []struct {
		column string
		value  any
	}{{sweep.SplitSeedColumn, 0}, {sweep.DrawColumn, forward.Independent}} {
		if err == nil {
			df, err = frame.Where(df, c.column, c.value)
		}
	}
	if err != nil {
		return nil, err
	}
	hashes, norms, views := df.Col(frame.KeyColumn).Records(), df.Col(sweep.NormColumn).Records(), df.Col(sweep.ViewColumn).Records()
	num := map[string][]float64{}
	for _, c := range []string{sweep.WidthColumn, sweep.MembersColumn, sweep.TrainColumn, sweep.ValColumn, sweep.NormBatchColumn} {
		num[c] = df.Col(c).Float()
	}
	statistics := weighed(df)
	for _, c := range statistics {
		num[c.Name] = df.Col(c.Name).Float()
	}
	var out []part
	for i, h := range hashes {
		p := EvidencePass{
			Width: int(num[sweep.WidthColumn][i]), Members: int(num[sweep.MembersColumn][i]), Train: int(num[sweep.TrainColumn][i]), Val: int(num[sweep.ValColumn][i]),
			Norm: norms[i], NormBatch: int(num[sweep.NormBatchColumn][i]),
		}
		if p.Norm == "none" {
			p.NormBatch = 0
		}
		if views[i] != string(nngpkit.Raw) {
			p.Views = views[i]
		}
		for _, c := range statistics {
			q := part{p, c.Name, c.Better == gp.Smaller}
			at := g.values[q.key()]
			if at == nil {
				at = map[string]float64{}
				g.values[q.key()] = at
				g.known = append(g.known, q)
				if asScore(p.Views, c.Role) {
					out = append(out, q)
				}
			}
			at[h] = num[c.Name][i]
		}
	}
	return out, nil
}

// weighed returns the statistics that evidence is gathered of and that a table
// has: those with a role of their own, and the part of trios that has none.
func weighed(df dataframe.DataFrame) []gp.Statistic {
	var free, labeled []gp.Statistic
	for _, s := range gp.Catalogue() {
		switch {
		case s.Role == gp.Beside && s.Name != trioBatch || !slices.Contains(df.Names(), s.Name):
		case s.Labels:
			labeled = append(labeled, s)
		default:
			free = append(free, s)
		}
	}
	return append(free, labeled...)
}

// asScore reports whether a statistic is measured on its own, by its role and the
// view whose kernel it is of.
func asScore(view string, r gp.Role) bool {
	switch r {
	case gp.Published:
		return view == ""
	case gp.LabelFree:
		return view == string(nngpkit.Maxima)
	}
	return r == gp.AnyKernel
}

// trioBatch is the statistic of the batch norm's kernel that trios take.
const trioBatch = "participation_ratio"

// trios returns mixtures of kernels of all three norms: the leave-one-out error
// of ema, minus the participation ratio of batch, the log-determinant of none.
func (g *gathering) trios() []recipe {
	var out []recipe
	for _, a := range g.known {
		for _, b := range g.known {
			for _, c := range g.known {
				if a.pass.Views+b.pass.Views+c.pass.Views == "" && a.column == "whole_loo_squared_error" && a.pass.Norm == "ema" && a.pass.Train == b.pass.Train &&
					b.column == trioBatch && b.pass.Norm == "batch" &&
					c.column == "log_det" && c.pass.Norm == "none" && b.pass.Train == c.pass.Train && b.pass.Members == c.pass.Members && b.pass.Width == c.pass.Width {
					b.lower = true
					out = append(out, recipe{[]part{a, b, c}, "mean rank of whole_loo_squared_error (ema), participation_ratio (batch), log_det (none)"})
				}
			}
		}
	}
	return out
}

// pairs returns mixtures of two scores of one pass: the log-determinant and the
// effective dimension of the maxima, which need no labels (see RecommendedPair);
// and the marginal likelihood of the averages at all scales with the
// log-determinant of the maxima.
func (g *gathering) pairs() []recipe {
	var out []recipe
	for _, a := range g.known {
		b := a
		name := ""
		switch {
		case a.column == "log_det" && a.pass.Views == string(nngpkit.Maxima):
			b.column, name = "effective_dimension", "mean rank of log_det, effective_dimension (maxima)"
		case a.column == "whole_lml" && a.pass.Views == string(nngpkit.Depths):
			b.column, b.pass.Views, name = "log_det", string(nngpkit.Maxima), "mean rank of whole_lml (depths), log_det (maxima)"
		default:
			continue
		}
		b.lower = false
		if _, ok := g.values[b.key()]; ok {
			out = append(out, recipe{[]part{a, b}, name})
		}
	}
	return out
}

// measure returns the entry of a recipe, false if too few cells have it.
func (g *gathering) measure(ctx context.Context, r recipe) (EvidenceEntry, bool, error) {
	e := EvidenceEntry{Score: r.score}
	for i, p := range r.parts {
		if i > 0 && p.pass == r.parts[i-1].pass { // two scores of one kernel
			continue
		}
		if i > 0 && r.samePass(i-1, i) { // one pass gives both
			last := len(e.Passes) - 1
			e.Passes[last] = e.Passes[last].with(p.pass.Views)
			continue
		}
		e.Passes = append(e.Passes, p.pass)
	}
	for _, with := range freeMixes {
		if len(with)+len(r.parts) == 0 {
			continue
		}
		m := EvidenceMix{With: with}
		for _, c := range g.truths {
			tau, ok, err := g.tau(ctx, c, r, with)
			if err != nil || !ok {
				return e, false, err
			}
			m.Taus = append(m.Taus, tau)
		}
		e.Mixes = append(e.Mixes, m)
	}
	return e, true, nil
}

// fewest is the least number of cells of a half that tau is measured on.
const fewest = 20

// tau measures one mixture on one table of trained cells.
func (g *gathering) tau(ctx context.Context, c *truth.Cells, r recipe, with []string) (EvidenceTau, bool, error) {
	out := EvidenceTau{Truth: c.Name}
	truths, err := frame.Floats(c.Frame, truth.TruthColumn)
	if err != nil {
		return out, false, err
	}
	free := make([][]float64, len(with))
	for i, name := range with {
		if free[i], err = frame.Floats(c.Frame, name); err != nil {
			return out, false, err
		}
	}
	var y [2][]float64
	x := [2][][]float64{make([][]float64, len(r.parts)+len(with)), make([][]float64, len(r.parts)+len(with))}
	for i, h := range c.Frame.Col(frame.KeyColumn).Records() {
		row, ok := g.row(r, h)
		if !ok {
			continue
		}
		for _, f := range free {
			row = append(row, f[i])
		}
		half := 1
		if truth.Choosing(h) {
			half = 0
		}
		y[half] = append(y[half], truths[i])
		for k, v := range row {
			x[half][k] = append(x[half][k], v)
		}
	}
	if len(y[0]) < fewest || len(y[1]) < fewest {
		return out, false, nil
	}
	mixed, err := corr.RankMix(x[0]...)
	if err != nil {
		return out, false, err
	}
	out.ChoosingN, out.Choosing = len(y[0]), round4(corr.Tau(y[0], mixed))
	if mixed, err = corr.RankMix(x[1]...); err != nil {
		return out, false, err
	}
	iv, err := corr.Bootstrap(ctx, y[1], mixed, corr.Tau, corr.BootstrapConfig{Resamples: g.resamples})
	if err != nil {
		return out, false, err
	}
	out.ReportingN, out.Reporting, out.Lo, out.Hi = iv.N, round4(iv.Estimate), round4(iv.Lower), round4(iv.Upper)
	return out, true, nil
}

// row returns the parts' values of a cell, larger promising more.
func (g *gathering) row(r recipe, hash string) ([]float64, bool) {
	var row []float64
	for _, p := range r.parts {
		v, ok := g.values[p.key()][hash]
		if !ok || math.IsNaN(v) {
			return nil, false
		}
		if p.lower {
			v = -v
		}
		row = append(row, v)
	}
	return row, true
}

func round4(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// Save writes the evidence to a file, an entry a line, whole or not at all.
func (ev *Evidence) Save(path string) error {
	head := *ev
	head.Entries = nil
	b, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("plan: evidence: %w", err)
	}
	text := strings.TrimSuffix(string(b), "null}") + "[\n"
	for i, e := range ev.Entries {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("plan: evidence: %w", err)
		}
		if i > 0 {
			text += ",\n"
		}
		text += string(line)
	}
	if err := wholefile.Write(path, []byte(text+"\n]}\n")); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

// OpenEvidence returns the evidence that this program holds.
func OpenEvidence() (*Evidence, error) {
	b, err := datasets.ScoreFile(EvidenceFile)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	ev := new(Evidence)
	if err := json.Unmarshal(b, ev); err != nil {
		return nil, fmt.Errorf("plan: %s: %w", EvidenceFile, err)
	}
	return ev, nil
}

// widths returns the widths of all passes, rising.
func (ev *Evidence) widths() []int {
	seen := map[int]bool{}
	var out []int
	for _, e := range ev.Entries {
		for _, p := range e.Passes {
			if !seen[p.Width] {
				seen[p.Width] = true
				out = append(out, p.Width)
			}
		}
	}
	sort.Ints(out)
	return out
}
