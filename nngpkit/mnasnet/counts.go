package mnasnet

import (
	"math"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// freeCounts are the free counts of both spaces, beside parameters and
// multiply-accumulates. Those of stages are sums over stages of a whole number
// that depends on the stage alone.
var freeCounts = []struct {
	space.Count
	of    func(r *recipe, c *Cost) float64
	stage func(st *stage) int64 // where it is such a sum
}{
	{Count: space.Count{Name: "thop_macs", Label: "multiply-accumulates per image by thop's rule"}, of: func(_ *recipe, c *Cost) float64 { return float64(c.ThopMACs) }},
	{Count: space.Count{Name: "blocks", Label: "blocks"}, stage: func(st *stage) int64 { return int64(st.layers) }},
	{Count: space.Count{Name: "se_blocks", Label: "blocks with squeeze-and-excite"}, stage: func(st *stage) int64 { return int64(st.layers * btoi(st.se)) }},
	{Count: space.Count{Name: "kernel5_blocks", Label: "blocks with a 5x5 kernel"}, stage: func(st *stage) int64 { return int64(st.layers * btoi(st.kernel == 5)) }},
	{Count: space.Count{Name: "expanding_blocks", Label: "blocks that expand their channels"}, stage: func(st *stage) int64 { return int64(st.layers * btoi(st.expansion > 1)) }},
	{Count: space.Count{Name: "expansion_sum", Label: "sum over blocks of the expansion"}, stage: func(st *stage) int64 { return int64(st.layers * st.expansion) }},
	{Count: space.Count{Name: "log_expansion", Label: "sum over blocks of the expansion's logarithm"}, of: func(r *recipe, _ *Cost) float64 { return r.logExpansion() }},
	{Count: space.Count{Name: "late_expansion", Label: "sum over the last two stages of the expansion's logarithm"}, of: func(r *recipe, _ *Cost) float64 { return r.lateExpansion() }},
	{Count: space.Count{Name: "stage_roots", Label: "sum over stages of the fourth root of their parameters"}, of: func(_ *recipe, c *Cost) float64 { return c.StageRoots() }},
}

// StageRoots returns the sum over the stages of the fourth root of their
// parameters: parameters with diminishing returns in each stage.
func (c *Cost) StageRoots() float64 {
	sum := 0.0
	for _, p := range c.StageParameters {
		sum += math.Sqrt(math.Sqrt(float64(p)))
	}
	return sum
}

func (r *recipe) logExpansion() float64 {
	sum := 0.0
	for _, st := range r.stages {
		sum += float64(st.layers) * math.Log(float64(st.expansion))
	}
	return sum
}

func (r *recipe) lateExpansion() float64 {
	sum := 0.0
	for _, st := range r.stages[Stages-2:] {
		sum += math.Log(float64(st.expansion))
	}
	return sum
}

func countNames() []space.Count {
	var out []space.Count
	for _, c := range freeCounts {
		out = append(out, c.Count)
	}
	return out
}

// counts returns the values of freeCounts, of the published network.
func (r *recipe) counts() []float64 {
	cost := r.published()
	out := make([]float64, len(freeCounts))
	for i, c := range freeCounts {
		if c.of != nil {
			out[i] = c.of(r, &cost)
			continue
		}
		for s := range r.stages {
			out[i] += float64(c.stage(&r.stages[s]))
		}
	}
	return out
}

// tally counts the networks that have each value of a sum over stages, when stage
// s may be any of options[s], as often as it stands there.
func tally(options [Stages][]stage, of func(*stage) int64) []int64 {
	total := []int64{1}
	for _, stages := range options {
		var next []int64
		for i := range stages {
			v := of(&stages[i])
			for len(next) < len(total)+int(v) {
				next = append(next, 0)
			}
			for k, n := range total {
				next[k+int(v)] += n
			}
		}
		total = next
	}
	return total
}
