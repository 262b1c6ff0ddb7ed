package plan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/report"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// Config says what is to be planned.
type Config struct {
	Budget  time.Duration // wall clock
	Cells   int           // to score
	Threads int           // of the machine or machines; 0 means as many as the speed was measured with

	// Mix says with what scores may be mixed: MixParameters, MixAny or MixNone; ""
	// means MixParameters.
	Mix string
}

// Values of Config.Mix.
const (
	MixParameters = "parameters" // the number of parameters
	MixAny        = "any"        // that of 3x3 convolutions too: better on small cells, not on a uniform sample
	MixNone       = "none"       // nothing
)

// allows reports whether the configuration allows the mixture.
func (c Config) allows(m EvidenceMix) bool {
	switch c.Mix {
	case MixNone:
		return len(m.With) == 0
	case MixAny:
		return true
	}
	return len(m.With) == 0 || len(m.With) == 1 && m.With[0] == truth.Parameters.Column
}

// Plan is what a budget buys.
type Plan struct {
	Budget       float64 `json:"budget_seconds"`
	Cells        int     `json:"cells"`
	Threads      int     `json:"threads"`
	SecondsACell float64 `json:"thread_seconds_a_cell"` // that the budget has

	Recommended Choice   `json:"recommended_kernel"` // of kernels on images
	Tenth       Choice   `json:"tenth"`              // of the budget
	TenTimes    Choice   `json:"ten_times"`
	Next        *Choice  `json:"next,omitempty"`   // the cheapest setting that is better than Recommended
	NextCells   int      `json:"next_cells"`       // of it that the budget scores
	Public      *Choice  `json:"public,omitempty"` // the published setting, whatever it takes
	Free        []Choice `json:"free"`             // what is known of a cell for free

	Noise *NoiseChoice `json:"noise,omitempty"` // signals of noise

	Speed    *Speed          `json:"speed"`
	Evidence []EvidenceTable `json:"evidence"`
}

// Choice is a setting and what to expect of it.
type Choice struct {
	Passes  []EvidencePass `json:"passes"` // none: nothing is computed
	Score   string         `json:"score"`
	Seconds float64        `json:"seconds"` // wall clock, for all cells
	Best    EvidenceMix    `json:"best"`    // mixture with the largest tau on the cells for choosing
	Mixes   []EvidenceMix  `json:"mixes"`   // all mixtures of this score

	// Run is the command that computes it, for all cells, and ranks them; "" where
	// nothing is computed, or kernels of several settings are mixed.
	Run string `json:"run,omitempty"`
}

// fewestToChoose is the least number of cells for choosing of each truth that
// an entry needs to be recommended: on fewer, the best of many is luck.
const fewestToChoose = 100

// publicPass is the setting of the public notebook's search.
var publicPass = EvidencePass{Width: 128, Members: 2, Train: 100, Val: 200, Norm: "ema", NormBatch: 100}

// Make chooses, for a budget, a tenth and ten times of it, the score and
// mixture with the largest mean tau over the truths, on the cells for choosing,
// among the settings that fit: those of which all cells can be scored in time.
// What a choice is expected to do is its tau on the other cells. Where no
// setting fits, the choice is what is free.
func Make(ev *Evidence, sp *Speed, cfg Config) (*Plan, error) {
	if cfg.Threads == 0 {
		cfg.Threads = sp.Threads
	}
	switch {
	case cfg.Budget <= 0:
		return nil, fmt.Errorf("plan: a budget of %v: want more than nothing", cfg.Budget)
	case cfg.Cells < 1:
		return nil, fmt.Errorf("plan: %d cells: want at least 1", cfg.Cells)
	case cfg.Threads < 1:
		return nil, fmt.Errorf("plan: %d threads: want at least 1", cfg.Threads)
	case cfg.Mix != "" && cfg.Mix != MixAny && cfg.Mix != MixParameters && cfg.Mix != MixNone:
		return nil, fmt.Errorf("plan: mixtures with %q: want %q, %q, %q or nothing", cfg.Mix, MixParameters, MixAny, MixNone)
	case len(ev.Entries) == 0:
		return nil, fmt.Errorf("plan: the evidence is empty")
	}
	p := &Plan{Budget: cfg.Budget.Seconds(), Cells: cfg.Cells, Threads: cfg.Threads, Speed: sp, Evidence: ev.Tables}
	p.SecondsACell = p.Budget * float64(cfg.Threads) / float64(cfg.Cells)
	var all []Choice
	for _, e := range ev.Entries {
		s, err := sp.seconds(e.Passes)
		if err != nil {
			return nil, err
		}
		if !(s >= 0) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("plan: a speed of %v seconds a cell", s)
		}
		c := Choice{Passes: e.Passes, Score: e.Score, Seconds: s * float64(cfg.Cells) / float64(cfg.Threads), Mixes: e.Mixes}
		if len(e.Passes) == 0 {
			for _, m := range e.Mixes {
				c.Best = m
				p.Free = append(p.Free, c)
			}
		}
		if len(e.Passes) == 1 && e.Passes[0] == publicPass && e.Score == "accuracy" {
			public := c
			public.Best = e.Mixes[0]
			p.Public = &public
		}
		if m, ok := c.best(cfg); ok {
			c.Best = m
			all = append(all, c)
		}
	}
	for f, dst := range map[float64]*Choice{0.1: &p.Tenth, 1: &p.Recommended, 10: &p.TenTimes} {
		c, ok := choose(all, f*p.Budget)
		if !ok {
			c = Choice{}
		}
		*dst = c
	}
	p.next(all)
	for _, c := range []*Choice{&p.Recommended, &p.Tenth, &p.TenTimes, p.Next, p.Public} {
		if c != nil {
			c.Run = c.command(p.Cells)
		}
	}
	return p, nil
}

// next finds the cheapest setting that is better than the recommended one, and
// how many cells the budget scores with it.
func (p *Plan) next(all []Choice) {
	top, _ := p.Recommended.Best.chosen()
	for _, c := range all {
		if tau, _ := c.Best.chosen(); tau > top && (p.Next == nil || c.Seconds < p.Next.Seconds) {
			p.Next = &c
			p.NextCells = int(p.Budget / c.Seconds * float64(p.Cells)) // less than all: it does not fit
		}
	}
}

// best returns the allowed mixture with the largest tau on the cells for
// choosing, false if there is none or too few of these cells.
func (c *Choice) best(cfg Config) (EvidenceMix, bool) {
	var best EvidenceMix
	found, top := false, 0.0
	for _, m := range c.Mixes {
		if tau, n := m.chosen(); n >= fewestToChoose && cfg.allows(m) && (!found || tau > top) {
			found, top, best = true, tau, m
		}
	}
	return best, found
}

// choose returns the best choice within so many seconds; of equals the cheaper.
func choose(all []Choice, seconds float64) (Choice, bool) {
	var best Choice
	found, top := false, 0.0
	for _, c := range all {
		if c.Seconds > seconds {
			continue
		}
		if tau, _ := c.Best.chosen(); !found || tau > top || tau == top && c.Seconds < best.Seconds {
			found, top, best = true, tau, c
		}
	}
	return best, found
}

// For measures this machine and plans with the evidence that this program
// holds.
func For(ctx context.Context, cfg Config) (*Plan, error) {
	ev, err := OpenEvidence()
	if err != nil {
		return nil, fmt.Errorf("%w: 'nngplab scores evidence' gathers it", err)
	}
	seen := map[int]bool{}
	var images []int
	for _, e := range ev.Entries {
		for _, p := range e.Passes {
			if n := p.Train + p.Val; !seen[n] {
				seen[n] = true
				images = append(images, n)
			}
		}
	}
	sp, err := MeasureSpeed(ctx, ev.widths(), images, cfg.Threads)
	if err != nil {
		return nil, err
	}
	p, err := Make(ev, sp, cfg)
	if err != nil {
		return nil, err
	}
	noise, err := OpenNoiseEvidence()
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	each, err := MeasureNoiseSpeed(ctx)
	if err != nil {
		return nil, err
	}
	p.AddNoise(each, noise)
	return p, nil
}

// String describes the plan for a terminal.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d cells in %s on %s: %.3g thread-seconds per cell\n", p.Cells, progress.RoughlySeconds(p.Budget), report.Plural(p.Threads, "thread"), p.SecondsACell)
	fmt.Fprintf(&b, "(speed of this machine, %s busy", report.Plural(p.Speed.Threads, "thread"))
	if p.Threads != p.Speed.Threads {
		fmt.Fprintf(&b, "; %d threads are taken to be as fast each", p.Threads)
	}
	b.WriteString(")\n")
	if p.Noise != nil {
		b.WriteString("\nrecommended: signals of noise, e being noise_entropy and j noise_sensitivity (tau on the held-out halves of a uniform sample of NAS-Bench-101, and of NAS-Bench-201)\n")
		p.Noise.write(&b, p.Budget)
	}
	b.WriteString("\nrecommended of kernels on images (tau on held-out cells of two tables of small cells, which are easier than the space: " +
		"what a kernel is worth there stands above, under uniform)\n")
	p.Recommended.write(&b)
	if p.Next != nil {
		fmt.Fprintf(&b, "\nthe cheapest that is better: in the budget it scores %d cells, best those that the free counts rank first\n", p.NextCells)
		p.Next.write(&b)
	}
	fmt.Fprintf(&b, "\na tenth of the budget (%s)\n", progress.RoughlySeconds(p.Budget/10))
	p.Tenth.write(&b)
	fmt.Fprintf(&b, "\nten times the budget (%s)\n", progress.RoughlySeconds(p.Budget*10))
	p.TenTimes.write(&b)
	if p.Public != nil {
		b.WriteString("\nfor comparison: the public notebook's setting\n")
		p.Public.write(&b)
	}
	b.WriteString("\nfor comparison: what is known of a cell for free\n")
	for _, f := range p.Free {
		writeTaus(&b, f.Best, "")
	}
	b.WriteString("\ntau is Kendall's tau-b of the held-out cells, with 95 % intervals\n")
	for _, t := range p.Evidence {
		if t.Cells < t.Of {
			fmt.Fprintf(&b, "note: the table %s has %d of its %d cells\n", t.Name, t.Cells, t.Of)
		}
	}
	return b.String()
}

// write describes a choice: what to compute, how long it takes, what to expect.
func (c *Choice) write(b *strings.Builder) {
	if len(c.Passes) == 0 {
		if c.Mixes == nil {
			b.WriteString("  compute  nothing: no setting fits\n")
			return
		}
		b.WriteString("  compute  nothing: no setting that fits is better than what is free\n")
		writeTaus(b, c.Best, "")
		return
	}
	for _, p := range c.Passes {
		fmt.Fprintf(b, "  compute  %v\n", p)
	}
	fmt.Fprintf(b, "  score    %s, %s\n", c.Score, c.Best.name())
	fmt.Fprintf(b, "  takes    %s\n", progress.RoughlySeconds(c.Seconds))
	if c.Run != "" {
		fmt.Fprintf(b, "  run      %s\n", c.Run)
	} else {
		b.WriteString("  run      'nngplab sweep plan --measurements FILE' with these kernels, 'nngplab sweep run', and 'nngplab sweep rank --mix' with these scores\n")
	}
	for _, m := range c.Mixes {
		mark := ""
		if m.name() == c.Best.name() {
			mark = "  <- best on the cells for choosing"
		}
		writeTaus(b, m, mark)
	}
}

func writeTaus(b *strings.Builder, m EvidenceMix, mark string) {
	fmt.Fprintf(b, "  tau      %-32s", m.name())
	for _, t := range m.Taus {
		fmt.Fprintf(b, "  %s %.3f [%.3f, %.3f] n %d", t.Truth, t.Reporting, t.Lo, t.Hi, t.ReportingN)
	}
	b.WriteString(mark + "\n")
}
