package learn

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Trees is the mean of many regression trees. Its zero value is 100 extremely
// randomized trees (Geurts, Ernst & Wehenkel, Machine Learning 63, 2006) on all
// rows: at each split every column is cut at one random place, and the best of
// these cuts is taken.
type Trees struct {
	Count   int  // 0 means 100
	MinLeaf int  // rows of a leaf; 0 means 1
	Try     int  // columns looked at for each split; 0 means all
	Bagged  bool // each tree on rows drawn with repeats, at the best of all cuts: a random forest (Breiman 2001)
	Seed    uint64
}

// Name returns "trees", or "forest" where they are bagged.
func (t Trees) Name() string {
	if t.Bagged {
		return "forest"
	}
	return "trees"
}

// Fit grows the trees.
func (t Trees) Fit(columns [][]float64, target []float64) (Model, error) {
	if err := checkFit(columns, target); err != nil {
		return nil, err
	}
	t.Count, t.MinLeaf, t.Try = orDefault(t.Count, 100), orDefault(t.MinLeaf, 1), orDefault(t.Try, len(columns))
	if t.Count < 0 || t.MinLeaf < 0 || t.Try < 0 || t.Try > len(columns) {
		return nil, fmt.Errorf("learn: %d trees, leaves of %d rows, %d of %d columns tried", t.Count, t.MinLeaf, t.Try, len(columns))
	}
	m := &ensemble{columns: len(columns), share: 1 / float64(t.Count)}
	rows := make([]int, len(target))
	for k := range t.Count {
		rng := rand.New(rand.NewPCG(t.Seed, uint64(k)))
		for i := range rows {
			rows[i] = i
			if t.Bagged {
				rows[i] = rng.IntN(len(rows))
			}
		}
		g := &grower{columns: columns, target: target, minLeaf: t.MinLeaf, try: t.Try, random: !t.Bagged, rng: rng}
		m.trees = append(m.trees, g.grow(rows))
	}
	return m, nil
}

// Boosting adds small trees, each fitted to what the ones before leave (Friedman,
// "Greedy function approximation: a gradient boosting machine", Annals of
// Statistics 29, 2001), with squared loss. Its zero value adds 100 trees of depth
// 3, each times 0.1.
type Boosting struct {
	Count   int     // 0 means 100
	Depth   int     // splits from the root to a leaf; 0 means 3
	MinLeaf int     // rows of a leaf; 0 means 1
	Rate    float64 // 0 means 0.1
}

// Name returns "boosted trees".
func (Boosting) Name() string { return "boosted trees" }

// Fit grows the trees one after another.
func (b Boosting) Fit(columns [][]float64, target []float64) (Model, error) {
	if err := checkFit(columns, target); err != nil {
		return nil, err
	}
	b.Count, b.Depth, b.MinLeaf = orDefault(b.Count, 100), orDefault(b.Depth, 3), orDefault(b.MinLeaf, 1)
	if b.Rate == 0 {
		b.Rate = 0.1
	}
	if b.Count < 0 || b.Depth < 0 || b.MinLeaf < 0 || !(b.Rate > 0) || math.IsInf(b.Rate, 0) {
		return nil, fmt.Errorf("learn: %d trees of depth %d, leaves of %d rows, at a rate of %v", b.Count, b.Depth, b.MinLeaf, b.Rate)
	}
	m := &ensemble{columns: len(columns), start: mean(target), share: b.Rate}
	left := make([]float64, len(target))
	for i, v := range target {
		left[i] = v - m.start
	}
	rows := make([]int, len(target))
	for range b.Count {
		for i := range rows {
			rows[i] = i
		}
		g := &grower{columns: columns, target: left, minLeaf: b.MinLeaf, maxDepth: b.Depth, try: len(columns)}
		t := g.grow(rows)
		for i := range left {
			left[i] -= b.Rate * t.predict(columns, i)
		}
		m.trees = append(m.trees, t)
	}
	return m, nil
}

// ensemble predicts start plus share times the sum of its trees.
type ensemble struct {
	columns      int
	start, share float64
	trees        []tree
}

// Predict returns the predictions of rows.
func (m *ensemble) Predict(columns [][]float64) ([]float64, error) {
	if err := checkColumns(columns, m.columns, -1); err != nil {
		return nil, err
	}
	out := make([]float64, len(columns[0]))
	for i := range out {
		sum := 0.0
		for _, t := range m.trees {
			sum += t.predict(columns, i)
		}
		out[i] = m.start + m.share*sum
	}
	return out, nil
}

func orDefault(v, d int) int {
	if v == 0 {
		return d
	}
	return v
}
