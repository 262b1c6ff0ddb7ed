package sweep

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// noiseHeader says what a file of kept signals is of.
type noiseHeader struct {
	Table   string   `json:"table"` // "signals"
	Images  string   `json:"images"`
	Pixels  string   `json:"pixels"`
	Width   int      `json:"width"`
	Seed    int      `json:"seed"`
	Columns []string `json:"columns"`
	Mark    string   `json:"mark"` // see engineMark
}

// noiseRow is a kept row.
type noiseRow struct {
	Level  string             `json:"level"`
	Values map[string]float64 `json:"values"` // what is not defined is absent
}

// noiseComputation is a table of signals at work.
type noiseComputation struct {
	table NoiseTable
	cfg   ComputeConfig
	set   *imageset.Set
	cells []space.Architecture
	kept  []*keptFile[noiseRow] // of each seed

	mu    sync.Mutex
	done  int
	fresh int
}

// ComputeNoise measures the cells of a table of signals, seed by seed, and returns
// the table. Rows are kept as they are computed, in the folder that NNGPLAB_SCORES
// names; only those that this processor and this version of the library would
// compute to the last bit are taken over. Progress counts rows. Reuse is not
// looked at.
func ComputeNoise(ctx context.Context, e NoiseTable, set *imageset.Set, cfg ComputeConfig) (*ScoreTable, error) {
	if e.Peers == (set == nil) {
		return nil, fmt.Errorf("sweep: %s: images are for tables of peers, and these need them", e.Name)
	}
	cells, err := e.Architectures(ctx)
	if err != nil {
		return nil, err
	}
	of := len(cells)
	if cfg.Cells > 0 && cfg.Cells < of {
		cells = cells[:cfg.Cells]
	}
	w := &noiseComputation{table: e, cfg: cfg, set: set, cells: cells}
	defer w.close()
	if err := w.open(); err != nil {
		return nil, err
	}
	if !cfg.KeptOnly {
		if err := w.runAll(ctx); err != nil {
			return nil, err
		}
	}
	return w.result(of)
}

func (w *noiseComputation) open() error {
	mark, err := engineMark()
	if err != nil {
		return err
	}
	open := openKept[noiseRow]
	if w.cfg.KeptOnly {
		open = readKept[noiseRow]
	}
	var columns []string
	for _, c := range w.table.columns {
		columns = append(columns, c.name)
	}
	for seed := range w.table.Seeds {
		h := noiseHeader{Table: "signals", Width: w.table.Width, Seed: w.table.first + seed, Columns: columns, Mark: mark}
		if w.set != nil {
			h.Images, h.Pixels = w.set.Name, digest(w.set)
		}
		f, err := open(h)
		if err != nil {
			return err
		}
		w.kept = append(w.kept, f)
		for _, a := range w.cells {
			if _, ok := f.get(a); ok {
				w.done++
			}
		}
	}
	return nil
}

func (w *noiseComputation) close() {
	for _, f := range w.kept {
		f.close()
	}
}

// noiseBlock is how many cells are measured with every seed before the next ones.
const noiseBlock = 100

// runAll measures what is not kept, a cell a thread, block by block, so that what
// is kept at any time are whole cells, but for the last block.
func (w *noiseComputation) runAll(ctx context.Context) error {
	if len(w.cells) == 0 {
		return nil
	}
	input := SignalInput(space.Of(w.cells[0]))
	level, err := w.level(w.cells[0], input)
	if err != nil {
		return err
	}
	measurers := make([]*noiseMeasurer, w.table.Seeds)
	for seed := range measurers {
		if measurers[seed], err = newNoiseMeasurer(w.table, input, w.set, uint64(w.table.first+seed)); err != nil {
			return err
		}
		measurers[seed].level = level
	}
	type piece struct {
		cell space.Architecture
		m    *noiseMeasurer
	}
	for block := range slices.Chunk(w.cells, noiseBlock) {
		var todo []piece
		for seed, m := range measurers {
			for _, a := range block {
				if _, ok := w.kept[seed].get(a); !ok {
					todo = append(todo, piece{a, m})
				}
			}
		}
		err := InParallel(ctx, runtime.GOMAXPROCS(0), len(todo), func(ctx context.Context, i int, pool *forward.Pool) error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			if err := w.one(ctx, todo[i].m, todo[i].cell, input, pool); err != nil {
				return fmt.Errorf("sweep: %s, cell %s: %w", w.table.Name, todo[i].cell.Key(), err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// level returns which of the processor's instructions run a network.
func (w *noiseComputation) level(a space.Architecture, input arch.Shape) (string, error) {
	net, err := space.Shallow(a, w.table.Width, input)
	if err != nil {
		return "", err
	}
	plan, err := forward.Compile(net, forward.Config{Threads: 1})
	if err != nil {
		return "", err
	}
	return plan.Level(), nil
}

func (w *noiseComputation) one(ctx context.Context, m *noiseMeasurer, a space.Architecture, input arch.Shape, pool *forward.Pool) error {
	net, err := space.Shallow(a, w.table.Width, input)
	if err != nil {
		return err
	}
	row, err := m.measure(ctx, noiseNetwork{a, net, pool})
	if err != nil {
		return err
	}
	if err := w.kept[int(m.seed)-w.table.first].put(a, row); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done++
	w.fresh++
	if w.cfg.Progress != nil {
		w.cfg.Progress(w.done, len(w.cells)*w.table.Seeds, w.fresh)
	}
	return nil
}

// result returns the rows of all cells that have every seed, cell by cell. of is
// the number of cells of the whole table.
func (w *noiseComputation) result(of int) (*ScoreTable, error) {
	text, seeds, floats := map[string][]string{}, []int{}, map[string][]float64{}
	levels := map[string]bool{}
	cells, seconds := 0, 0.0
	for _, a := range w.cells {
		rows := w.rows(a)
		if rows == nil {
			continue
		}
		cells++
		for seed, r := range rows {
			text[frame.KeyColumn] = append(text[frame.KeyColumn], a.Key())
			text[levelColumn], text[truth.CellColumn] = append(text[levelColumn], r.Level), append(text[truth.CellColumn], a.String())
			seeds, levels[r.Level] = append(seeds, w.table.first+seed), true
			for _, c := range w.table.columns {
				x, ok := r.Values[c.name]
				if !ok {
					x = math.NaN()
				}
				if !c.whole() {
					x = float64(float32(x))
				}
				floats[c.name] = append(floats[c.name], x)
				if strings.HasSuffix(c.name, "_seconds") {
					seconds += r.Values[c.name]
				}
			}
		}
	}
	if cells == 0 {
		return nil, fmt.Errorf("sweep: %s: no cell is complete yet", w.table.Name)
	}
	cols := []series.Series{series.New(text[frame.KeyColumn], series.String, frame.KeyColumn), series.New(seeds, series.Int, SeedColumn)}
	for _, c := range w.table.columns {
		kind := series.Float
		if c.whole() {
			kind = series.Int
		}
		cols = append(cols, series.New(floats[c.name], kind, c.name))
	}
	for _, name := range []string{levelColumn, truth.CellColumn} {
		cols = append(cols, series.New(text[name], series.String, name))
	}
	df, err := frame.Checked(dataframe.New(cols...))
	if err != nil {
		return nil, err
	}
	info := newScoreInfo(Experiment{Name: w.table.Name, About: w.table.About, Cells: w.table.Cells()}, nil)
	info.Images = "noise, drawn by code"
	if w.set != nil {
		info.Images, info.Pixels = w.table.imagesText(w.set), digest(w.set)
		if w.set.Name != w.table.Images {
			info.Command += " --images " + w.set.Name
		}
	}
	info.Rows, info.CellsDone, info.CellsOf, info.CPUSeconds = df.Nrow(), cells, of, math.Round(seconds)
	for l := range levels {
		info.Levels = append(info.Levels, l)
	}
	return &ScoreTable{Info: info, Frame: df}, nil
}

// rows returns the rows of a cell, one a seed, nil where one is missing.
func (w *noiseComputation) rows(a space.Architecture) []noiseRow {
	var out []noiseRow
	for _, f := range w.kept {
		r, ok := f.get(a)
		if !ok {
			return nil
		}
		out = append(out, r)
	}
	return out
}

// imagesText says which images a table is of.
func (e NoiseTable) imagesText(set *imageset.Set) string {
	if e.Images == "cifar10" && set.Name == e.Images {
		return firstImages(set)
	}
	return fmt.Sprintf("%s: %d images of %dx%d in %d classes", set.Name, set.Len(), set.H, set.W, len(set.Classes))
}

// MeasureNoise measures architectures of one space in the recommended setting of
// nngpkit.MeasureNoise, in the networks of space.Shallow at that width, and returns a
// row for each: hash, seed, noise_entropy, noise_sensitivity, its two parts,
// noise_seconds, level and cell; NaN where a network passes nothing on. Rows are kept
// as ComputeNoise keeps them. Progress may be nil.
func MeasureNoise(ctx context.Context, cells []space.Architecture, width int, seed uint64, progress func(done, total, fresh int)) (dataframe.DataFrame, error) {
	return measureCells(ctx, cells, width, seed, progress, ownColumns[:smallColumns], smallPart)
}

// MeasureScores is MeasureNoise of nngpkit.GeneralNoise, for any space: noise_score
// (see nngpkit.NoiseSignals.Score), what it is the sum of, and score_seconds.
func MeasureScores(ctx context.Context, cells []space.Architecture, width int, seed uint64, progress func(done, total, fresh int)) (dataframe.DataFrame, error) {
	return measureCells(ctx, cells, width, seed, progress, generalScoreColumns, scorePart)
}

// MeasureCodes is MeasureNoise of nngpkit.CodesNoise, for networks of the MnasNet
// spaces: agreement, that of each part, agreement_naswot and agreement_seconds.
func MeasureCodes(ctx context.Context, cells []space.Architecture, width int, seed uint64, progress func(done, total, fresh int)) (dataframe.DataFrame, error) {
	return measureCells(ctx, cells, width, seed, progress, codesColumns, codesPart)
}

func measureCells(ctx context.Context, cells []space.Architecture, width int, seed uint64, progress func(done, total, fresh int), columns []noiseColumn, part noisePart) (dataframe.DataFrame, error) {
	if len(cells) == 0 {
		return dataframe.DataFrame{}, fmt.Errorf("sweep: there is no architecture to measure")
	}
	e := NoiseTable{Name: "noise", Width: width, Seeds: 1, first: int(seed), columns: columns, parts: []noisePart{part}, choose: cells}
	t, err := ComputeNoise(ctx, e, nil, ComputeConfig{Progress: progress})
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	return t.Frame, nil
}
