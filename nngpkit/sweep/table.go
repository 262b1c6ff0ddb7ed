package sweep

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// ScoreTable is a computed table of scores, and what is known of its making.
type ScoreTable struct {
	Info  ScoreInfo
	Frame dataframe.DataFrame
}

// ScoreInfo says what a table of scores is of, and what made it.
type ScoreInfo struct {
	Name, About, Cells string
	Command            string
	Rows               int
	CellsDone, CellsOf int // a table with fewer cells than the experiment has is not whole
	CellsReused        int // whose rows were taken over from an earlier table (see ComputeConfig.Reuse)
	Images, Pixels     string
	Levels             []string // of the processor's instructions
	Version            string   // of this program
	Go                 string
	Date               string  // when it was written, UTC
	CPUSeconds         float64 // of all rows together, on the machine that computed them
}

// Whole reports whether the table has all cells of its experiment.
func (i ScoreInfo) Whole() bool { return i.CellsDone == i.CellsOf }

// String describes the table in a line.
func (i ScoreInfo) String() string {
	s := fmt.Sprintf("%s: %s; %d rows, %d cells", i.Name, i.About, i.Rows, i.CellsDone)
	if !i.Whole() {
		s += fmt.Sprintf(" of %d: not whole", i.CellsOf)
	}
	return s
}

func newScoreInfo(e Experiment, set *imageset.Set) ScoreInfo {
	i := ScoreInfo{
		Name: e.Name, About: e.About, Cells: e.Cells, Command: "nngplab scores compute " + e.Name,
		Version: Version(), Go: runtime.Version(), Date: time.Now().UTC().Format("2006-01-02"),
	}
	if set != nil {
		i.Images, i.Pixels = firstImages(set), digest(set)
	}
	return i
}

// firstImages says what ScoreImages returned.
func firstImages(set *imageset.Set) string {
	return fmt.Sprintf("the first %d training images of CIFAR-10", set.Len())
}

// Revision is what 'git describe' says of the source that a program was built
// from, where the build sets it (go build -ldflags "-X ...sweep.Revision=...",
// as the Makefile does).
var Revision string

// Version returns the revision that this program was built from.
func Version() string {
	if Revision != "" {
		return Revision
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return info.Main.Version
}

// Columns of a table of scores that say what a row is of. The others are
// numbers; see valueColumns.
const (
	WidthColumn     = "width"
	MembersColumn   = "members"
	TrainColumn     = "train"
	ValColumn       = "val"
	NormColumn      = "norm"
	NormBatchColumn = "norm_batch"
	DrawColumn      = "draw"
	ViewColumn      = "view"
	SeedColumn      = "seed"
	SplitSeedColumn = "split_seed"
	levelColumn     = "level"
)

// tableBuilder collects rows.
type tableBuilder struct {
	text    map[string][]string
	ints    map[string][]int
	floats  map[string][]float64
	seconds float64
	hash    map[space.Architecture]string
}

func newTableBuilder() *tableBuilder {
	return &tableBuilder{text: map[string][]string{}, ints: map[string][]int{}, floats: map[string][]float64{}, hash: map[space.Architecture]string{}}
}

func (b *tableBuilder) add(s space.Architecture, p Pass, r measured) {
	hash, ok := b.hash[s]
	if !ok {
		hash = s.Key()
		b.hash[s] = hash
	}
	for name, v := range map[string]string{
		frame.KeyColumn: hash, truth.CellColumn: s.String(), NormColumn: p.Norm.String(), DrawColumn: p.Draw.String(), ViewColumn: string(r.View), levelColumn: r.Level,
	} {
		b.text[name] = append(b.text[name], v)
	}
	for name, v := range map[string]int{
		WidthColumn: p.Width, MembersColumn: r.Members, TrainColumn: r.Train, ValColumn: p.Val, NormBatchColumn: p.NormBatch,
		SeedColumn: int(p.Seed), SplitSeedColumn: int(p.SplitSeed),
	} {
		b.ints[name] = append(b.ints[name], v)
	}
	for _, name := range valueColumns() {
		v, ok := r.Values[name]
		if !ok {
			v = math.NaN()
		}
		b.floats[name] = append(b.floats[name], float64(float32(v)))
	}
	// Scoring is paid in every row, the forward pass once.
	b.seconds += r.Values[secondsColumn] - r.Values[forwardColumn]
	if r.Members == p.Members && r.Train == p.Train && r.View == p.Views[0] {
		b.seconds += r.Values[forwardColumn]
	}
}

// frame returns the rows as a data frame without some columns. Numbers are rounded
// to float32.
func (b *tableBuilder) frame(without map[string]bool) (dataframe.DataFrame, error) {
	var cols []series.Series
	text := func(names ...string) {
		for _, n := range names {
			cols = append(cols, series.New(b.text[n], series.String, n))
		}
	}
	text(frame.KeyColumn)
	for _, n := range []string{WidthColumn, MembersColumn, TrainColumn, ValColumn} {
		cols = append(cols, series.New(b.ints[n], series.Int, n))
	}
	text(NormColumn, DrawColumn, ViewColumn)
	for _, n := range []string{SeedColumn, SplitSeedColumn} {
		cols = append(cols, series.New(b.ints[n], series.Int, n))
	}
	for _, n := range valueColumns() {
		if !without[n] {
			cols = append(cols, series.New(b.floats[n], series.Float, n))
		}
	}
	cols = append(cols, series.New(b.ints[NormBatchColumn], series.Int, NormBatchColumn))
	text(levelColumn, truth.CellColumn)
	return frame.Checked(dataframe.New(cols...))
}

// meta returns the table's description as pairs for the file.
func (i ScoreInfo) meta() [][2]string {
	levels := ""
	for k, l := range i.Levels {
		if k > 0 {
			levels += " "
		}
		levels += l
	}
	return [][2]string{
		{"name", i.Name}, {"about", i.About}, {"cells", i.Cells}, {"command", i.Command},
		{"cells.done", strconv.Itoa(i.CellsDone)}, {"cells.of", strconv.Itoa(i.CellsOf)}, {"cells.reused", strconv.Itoa(i.CellsReused)},
		{"images", i.Images}, {"pixels", i.Pixels}, {"levels", levels},
		{"version", i.Version}, {"go", i.Go}, {"date", i.Date}, {"cpu_seconds", strconv.FormatFloat(i.CPUSeconds, 'f', -1, 64)},
	}
}
