package plan

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nngplab/nngplab/nngpkit"
)

// command returns the command that computes a choice for so many cells of
// NAS-Bench-101 and ranks them by its score: of a sample, or of the whole space. It is
// empty where nothing is computed, and where several kernels are mixed: a list of
// measurements for 'nngplab sweep plan' takes these.
func (c *Choice) command(cells int) string {
	if len(c.Passes) != 1 || c.Passes[0].views() != 1 {
		return ""
	}
	p := c.Passes[0]
	statistics := strings.TrimPrefix(c.Score, "mean rank of ")
	view := p.Views
	if view == "" {
		view = string(nngpkit.Raw)
	}
	statistics = strings.TrimSuffix(statistics, " ("+view+")")
	mix := append(strings.Split(statistics, ", "), c.Best.With...)
	text := fmt.Sprintf("nngplab rank %s --images cifar10 --width %d --members %d --train %d --val %d --norm %s", which(cells), p.Width, p.Members, p.Train, p.Val, p.Norm)
	if p.NormBatch > 0 {
		text += fmt.Sprintf(" --norm-batch %d", p.NormBatch)
	}
	return text + fmt.Sprintf(" --view %s --mix %s --out ranked.csv", view, strings.Join(mix, ","))
}

// manyCells is how many cells are measured as a sweep, which goes on after an
// interruption and can be shared among machines.
const manyCells = 10000

// runNoise returns the command that measures so many cells by the signals of
// noise and ranks them.
func runNoise(cells int, budget float64) string {
	if cells < manyCells {
		return fmt.Sprintf("nngplab rank %s --out ranked.csv", which(cells))
	}
	return fmt.Sprintf("nngplab plan --budget %s --cells %d --out plan.json && nngplab sweep run plan.json && nngplab sweep rank plan.json --out ranked.csv",
		shortDuration(budget), cells)
}

// wholeSpace is how many cells NAS-Bench-101 has, of which the evidence is.
const wholeSpace = 423624

// which names so many cells for 'nngplab rank'.
func which(cells int) string {
	if cells >= wholeSpace {
		return "--all"
	}
	return fmt.Sprintf("--sample %d", cells)
}

// shortDuration writes seconds as --budget reads them.
func shortDuration(seconds float64) string {
	d := time.Duration(math.MaxInt64)
	if ns := seconds * 1e9; ns < math.MaxInt64 {
		d = time.Duration(ns)
	}
	text := d.String()
	for _, empty := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, empty) {
			text = text[:len(text)-2]
		}
	}
	return text
}
