package sweep

import (
	"fmt"
	"math"
	"strings"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// reuse puts the rows of a table into the kept files, for the cells that the table
// wrote down in canonical order and that are not kept yet. Reconciliation then
// computes one of them again, as it does for rows of another engine.
func (w *computation) reuse(t *ScoreTable) error {
	if t.Info.Pixels != digest(w.set) {
		return fmt.Errorf("sweep: %s: the table whose rows are to be reused is of other images (%s, not %s)", w.exp.Name, t.Info.Pixels, digest(w.set))
	}
	rows, err := rowsOf(t)
	if err != nil {
		return err
	}
	for i, p := range w.passes {
		for _, a := range w.specs {
			if _, ok := w.find(i, a); ok {
				continue
			}
			old, _ := w.kept[i].get(a)
			more := rows[rowsKey{a.String(), p.key()}]
			if len(more) == 0 {
				continue
			}
			if err := w.kept[i].put(a, merged(old, more)); err != nil {
				return err
			}
		}
	}
	return nil
}

// rowsKey tells which rows of a table are of one cell in one pass.
type rowsKey struct{ cell, pass string }

// key says which forward passes a pass makes, whatever their number.
func (p Pass) key() string {
	return fmt.Sprintf("%d %d %d %v %v %d %d", p.Width, p.Val, p.NormBatch, p.Norm, p.Draw, p.Seed, p.SplitSeed)
}

// rowsOf returns the rows of a table as they are kept, by cell and pass.
func rowsOf(t *ScoreTable) (map[rowsKey][]measured, error) {
	text, num := map[string][]string{}, map[string][]float64{}
	for _, name := range []string{truth.CellColumn, NormColumn, DrawColumn, ViewColumn, levelColumn} {
		c := t.Frame.Col(name)
		if c.Err != nil {
			return nil, fmt.Errorf("sweep: table %s has no column %q", t.Info.Name, name)
		}
		text[name] = c.Records()
	}
	var values []string
	for _, name := range t.Frame.Names() {
		if text[name] == nil && name != frame.KeyColumn {
			num[name] = t.Frame.Col(name).Float()
		}
	}
	for _, name := range valueColumns() {
		if num[name] != nil {
			values = append(values, name)
		}
	}
	whole := func(name string, i int) int { return int(num[name][i]) }
	out := map[rowsKey][]measured{}
	for i, cell := range text[truth.CellColumn] {
		p := fmt.Sprintf("%d %d %d %v %v %d %d", whole(WidthColumn, i), whole(ValColumn, i), whole(NormBatchColumn, i), text[NormColumn][i], text[DrawColumn][i], whole(SeedColumn, i), whole(SplitSeedColumn, i))
		r := measured{
			Members: whole(MembersColumn, i), Train: whole(TrainColumn, i), View: nngpkit.View(text[ViewColumn][i]),
			Level: text[levelColumn][i], Mark: reusedMark + t.Info.Version + " " + text[levelColumn][i], Values: map[string]float64{},
		}
		for _, name := range values {
			if v := num[name][i]; !math.IsNaN(v) {
				r.Values[name] = v
			}
		}
		k := rowsKey{cell, p}
		out[k] = append(out[k], r)
	}
	return out, nil
}

// reusedMark begins the mark of rows that were taken from a table.
const reusedMark = "table of version "

// reusedRows returns the rows of the table at hand, by cell, and those of them that
// were taken from another table.
func (w *computation) reusedRows() (all, reused map[space.Architecture][]measured) {
	all, reused = map[space.Architecture][]measured{}, map[space.Architecture][]measured{}
	for i := range w.passes {
		for _, a := range w.specs {
			rows, _ := w.find(i, a)
			for _, r := range rows {
				all[a] = append(all[a], r)
				if strings.HasPrefix(r.Mark, reusedMark) {
					reused[a] = append(reused[a], r)
				}
			}
		}
	}
	return all, reused
}

// addLacking adds the columns of statistics that none of the rows has: they are of
// a later date than the rows, and a table leaves them out.
func addLacking(out map[string]bool, cells map[space.Architecture][]measured) {
	if len(cells) == 0 {
		return
	}
	has := map[string]bool{}
	for _, rows := range cells {
		for _, r := range rows {
			for name := range r.Values {
				has[name] = true
			}
		}
	}
	for _, s := range gp.Catalogue() {
		if !has[s.Name] {
			out[s.Name], out[gp.EpsilonName(s.Name)] = true, true
		}
	}
}
