package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/corr"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// NoiseFile is the name of what GatherNoise found, beside the tables of scores.
const NoiseFile = "noise.json"

// NoiseEvidence says how well a signal of noise, or what it is compared with, ranks
// the cells of a table for reporting: Kendall's tau-b, the mean over seeds, with a
// 95 % bootstrap interval over cells.
type NoiseEvidence struct {
	Signal string  `json:"signal"`
	Truth  string  `json:"truth"`
	Cells  int     `json:"cells"`
	Seeds  int     `json:"seeds"` // of independent measurements; 0 of a count
	SD     float64 `json:"sd"`    // standard deviation of tau between them; 0 of a count, and where they are averaged

	// Averaged says that the signal is the mean over the seeds, of which tau is one number.
	Averaged bool `json:"averaged,omitempty"`

	Tau float64 `json:"tau"`
	Lo  float64 `json:"lo"`
	Hi  float64 `json:"hi"`
}

// noiseRecipe is a mixture of ranks.
type noiseRecipe struct {
	name    string
	columns []string
	weights []float64
	draws   int  // of the table's seeds that are averaged, the first ones, once; 0 takes each seed by itself
	count   bool // needs no measurement
	kernel  bool // of images, from the tables of peers
}

// The recipes, the recommended one first.
var noiseRecipes = []noiseRecipe{
	{name: "2e + j + parameters", columns: []string{"noise_entropy", "noise_sensitivity", "parameters"}, weights: []float64{2, 1, 1}},
	{name: "general score, three draws", columns: []string{sweep.ScoreColumn}, weights: []float64{1}, draws: 3},
	{name: "e", columns: []string{"noise_entropy"}, weights: []float64{1}},
	{name: "parameters", columns: []string{"parameters"}, weights: []float64{1}, count: true},
	{name: "conv3x3", columns: []string{"conv3x3"}, weights: []float64{1}, count: true},
	{name: "2e + j + parameters + conv3x3", columns: []string{"noise_entropy", "noise_sensitivity", "parameters", "conv3x3"}, weights: []float64{2, 1, 1, 1}},
	{name: kernelPair, columns: []string{"pair_log_det", "pair_effective_dimension"}, weights: []float64{1, 1}, kernel: true},
	{name: kernelPair + " + parameters", columns: []string{"pair_log_det", "pair_effective_dimension", "parameters"}, weights: []float64{1, 1, 1}, kernel: true},
}

// kernelPair is what a kernel on few images is worth on the whole space: width 8,
// 40 + 20 images of CIFAR-10, 2 members, no batch normalization, the kernel of maxima.
const kernelPair = "pair of 60 images, 2 members"

// GatherNoise measures the recipes on the reporting halves of the uniform sample of
// NAS-Bench-101 and of NAS-Bench-201, from the committed tables of signals and the
// published accuracies.
func GatherNoise(ctx context.Context, resamples int) ([]NoiseEvidence, error) {
	var out []NoiseEvidence
	for _, name := range []string{"uniform", "nasbench201"} {
		alone, err := reportingSeeds(ctx, name, sweep.OpenNoiseAlone)
		if err != nil {
			return nil, err
		}
		beside, err := reportingSeeds(ctx, name, sweep.OpenNoise)
		if err != nil {
			return nil, err
		}
		for _, r := range noiseRecipes {
			seeds := alone
			if r.kernel {
				seeds = beside
			}
			e, err := r.measure(ctx, seeds, resamples)
			if err != nil {
				return nil, fmt.Errorf("plan: %s on %s: %w", r.name, name, err)
			}
			e.Truth = name
			out = append(out, e)
		}
	}
	return out, nil
}

// reportingSeeds returns the cells for reporting of a table, once a seed.
func reportingSeeds(ctx context.Context, name string, open func(context.Context, string) ([]*truth.Cells, error)) ([]*truth.Cells, error) {
	seeds, err := open(ctx, "signals_"+name)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	for i, c := range seeds {
		if _, seeds[i], err = c.Halves(); err != nil {
			return nil, fmt.Errorf("plan: %w", err)
		}
	}
	return seeds, nil
}

// measure returns the mean over seeds of tau.
func (r noiseRecipe) measure(ctx context.Context, seeds []*truth.Cells, resamples int) (NoiseEvidence, error) {
	e := NoiseEvidence{Signal: r.name, Cells: seeds[0].Len(), Seeds: len(seeds)}
	if r.count {
		seeds, e.Seeds = seeds[:1], 0
	}
	y, err := frame.Floats(seeds[0].Frame, truth.TruthColumn)
	if err != nil {
		return e, err
	}
	var groups [][]*truth.Cells
	for _, c := range seeds {
		groups = append(groups, []*truth.Cells{c})
	}
	if r.draws > 0 {
		groups, e.Seeds, e.Averaged = [][]*truth.Cells{seeds[:r.draws]}, r.draws, true
	}
	var mixed [][]float64
	for _, group := range groups {
		var columns [][]float64
		for _, name := range r.columns {
			mean := make([]float64, len(y))
			for _, c := range group {
				x, err := frame.FloatsOrNaN(c.Frame, name)
				if err != nil {
					return e, err
				}
				for i, v := range x {
					mean[i] += v / float64(len(group))
				}
			}
			columns = append(columns, lowest(mean))
		}
		m, err := corr.WeightedRankMix(columns, r.weights)
		if err != nil {
			return e, err
		}
		mixed = append(mixed, m)
	}
	tau := func(rows []int) float64 {
		sum, t := 0.0, truth.PickRows(y, rows)
		for _, m := range mixed {
			sum += corr.Tau(t, truth.PickRows(m, rows))
		}
		return sum / float64(len(mixed))
	}
	iv, err := corr.BootstrapRows(ctx, len(y), tau, corr.BootstrapConfig{Resamples: resamples, Jackknife: 20})
	if err != nil {
		return e, err
	}
	var taus []float64
	for _, m := range mixed {
		taus = append(taus, corr.Tau(y, m))
	}
	if len(taus) > 1 {
		e.SD = round4(stat.StdDev(taus, nil))
	}
	e.Tau, e.Lo, e.Hi = round4(iv.Estimate), round4(iv.PercentileLower), round4(iv.PercentileUpper)
	return e, nil
}

// lowest puts what is not defined, of a network that passes nothing on, at the
// least that is.
func lowest(x []float64) []float64 {
	least := slices.MinFunc(x, func(a, b float64) int {
		switch {
		case a == b || a != a && b != b:
			return 0
		case a != a || b < a: // NaN last
			return 1
		}
		return -1
	})
	for i, v := range x {
		if v != v {
			x[i] = least
		}
	}
	return x
}

// noiseFile is what NoiseFile holds.
type noiseFile struct {
	Command string          `json:"command"`
	Noise   []NoiseEvidence `json:"noise"`
}

const noiseCommand = "nngplab scores evidence --noise"

// CheckNoiseFile returns an error if a file is there that SaveNoise did not write, or
// if none can be written.
func CheckNoiseFile(path string) error {
	err := plainfile.BeginsWith(path, `{"command":"`+noiseCommand)
	if err == nil {
		err = wholefile.Check(path)
	}
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

// SaveNoise writes the evidence to a file, whole or not at all, over nothing that
// it did not write.
func SaveNoise(path string, all []NoiseEvidence) error {
	if err := CheckNoiseFile(path); err != nil {
		return err
	}
	b, err := json.Marshal(noiseFile{noiseCommand, all})
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if err := wholefile.Write(path, append(b, '\n')); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return nil
}

// OpenNoiseEvidence returns what GatherNoise found, as this program holds it.
func OpenNoiseEvidence() ([]NoiseEvidence, error) {
	b, err := datasets.ScoreFile(NoiseFile)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	var f noiseFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("plan: %s: %w", NoiseFile, err)
	}
	return f.Noise, nil
}

// NoiseChoice is what signals of noise take and are worth.
type NoiseChoice struct {
	SecondsACell float64         `json:"thread_seconds_a_cell"`
	Seconds      float64         `json:"seconds"` // wall clock, for all cells
	Run          string          `json:"run"`     // the command that measures and ranks them
	Evidence     []NoiseEvidence `json:"evidence"`
}

// noiseSpeedCells is how many cells stand for the space.
const noiseSpeedCells = 12

// MeasureNoiseSpeed returns the seconds of one thread that nngpkit.MeasureNoise takes
// for a cell of NAS-Bench-101 at width 8 in its recommended setting: the mean over a
// few random cells, measured one after the other.
func MeasureNoiseSpeed(ctx context.Context) (float64, error) {
	cells, err := truth.SampleCells(noiseSpeedCells, 1)
	if err != nil {
		return 0, fmt.Errorf("plan: %w", err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cfg := nngpkit.NoiseConfig{Threads: 1, Pool: new(forward.Pool)}
	if cfg.Sets, err = cfg.DrawSets(space.Of(cells.Architectures[0]).Info().Input); err != nil {
		return 0, err
	}
	var start time.Time
	for i := -2; i < noiseSpeedCells; i++ { // the first warm up
		if i == 0 {
			start = time.Now()
		}
		net, err := space.Shallow(cells.Architectures[max(i, 0)].Canonical(), 8, arch.Shape{})
		if err != nil {
			return 0, fmt.Errorf("plan: %w", err)
		}
		if _, err := nngpkit.MeasureNoise(ctx, net, cfg); err != nil {
			return 0, fmt.Errorf("plan: %w", err)
		}
	}
	return time.Since(start).Seconds() / noiseSpeedCells, nil
}

// AddNoise adds to a plan what signals of noise take, at so many seconds of a
// thread a cell, and what they are worth.
func (p *Plan) AddNoise(secondsACell float64, all []NoiseEvidence) {
	p.Noise = &NoiseChoice{secondsACell, secondsACell * float64(p.Cells) / float64(p.Threads), runNoise(p.Cells, p.Budget), all}
}

// write describes the choice.
func (c *NoiseChoice) write(w io.Writer, budget float64) {
	fits := "fits the budget"
	if c.Seconds > budget {
		fits = "does not fit the budget"
	}
	fmt.Fprintf(w, "  compute  nngpkit.MeasureNoise at width 8: no images, no labels\n  score    mean rank of e, which counts twice, of j and of parameters\n  takes    %s; %s\n  run      %s\n",
		progress.RoughlySeconds(c.Seconds), fits, c.Run)
	for _, e := range c.Evidence {
		fmt.Fprintf(w, "  tau      %-41s  %s %.3f [%.3f, %.3f] n %d, %s\n", e.Signal, e.Truth, e.Tau, e.Lo, e.Hi, e.Cells, e.seeds())
	}
}

// seeds says what tau is of.
func (e NoiseEvidence) seeds() string {
	switch {
	case e.Seeds == 0:
		return "a count"
	case e.Averaged:
		return report.Plural(e.Seeds, "seed") + " averaged"
	}
	return fmt.Sprintf("%s, sd %.3f", report.Plural(e.Seeds, "seed"), e.SD)
}
