package learn

import (
	"math"
	"math/rand/v2"
	"slices"
)

// tree is a regression tree. Node 0 is the root.
type tree struct{ nodes []node }

// node is a split, or a leaf where left is 0.
type node struct {
	column      int
	threshold   float64 // rows at or below go left
	left, right int
	value       float64 // of a leaf
}

// grower grows one tree on some rows by the splits that lower the squared error
// most (Breiman, Friedman, Olshen & Stone, Classification and Regression Trees,
// 1984).
type grower struct {
	columns [][]float64
	target  []float64

	minLeaf  int // rows of a leaf
	maxDepth int // 0 means no bound
	try      int // columns looked at for each split
	random   bool
	rng      *rand.Rand

	t       tree
	order   []int // of columns, shuffled at each split
	byValue []int // rows of the node in hand, by a column's values
}

func (g *grower) grow(rows []int) tree {
	g.order = make([]int, len(g.columns))
	for k := range g.order {
		g.order[k] = k
	}
	g.node(rows, 0)
	return g.t
}

// node appends the subtree of the rows, which it reorders, and returns its place.
func (g *grower) node(rows []int, depth int) int {
	at := len(g.t.nodes)
	sum := 0.0
	for _, r := range rows {
		sum += g.target[r]
	}
	g.t.nodes = append(g.t.nodes, node{value: sum / float64(len(rows))})
	if len(rows) < 2*g.minLeaf || g.maxDepth > 0 && depth == g.maxDepth || g.same(rows) {
		return at
	}
	column, threshold, ok := g.split(rows)
	if !ok {
		return at
	}
	k := 0
	for i, r := range rows {
		if g.columns[column][r] <= threshold {
			rows[i], rows[k] = rows[k], rows[i]
			k++
		}
	}
	g.t.nodes[at].column, g.t.nodes[at].threshold = column, threshold
	left := g.node(rows[:k], depth+1)
	right := g.node(rows[k:], depth+1)
	g.t.nodes[at].left, g.t.nodes[at].right = left, right
	return at
}

func (g *grower) same(rows []int) bool {
	for _, r := range rows {
		if g.target[r] != g.target[rows[0]] {
			return false
		}
	}
	return true
}

// split returns the best split of those that are looked at. Columns that are
// constant among the rows do not count as looked at.
func (g *grower) split(rows []int) (column int, threshold float64, ok bool) {
	if g.try < len(g.columns) || g.random {
		g.rng.Shuffle(len(g.order), func(i, j int) { g.order[i], g.order[j] = g.order[j], g.order[i] })
	}
	best := math.Inf(-1)
	left := g.try
	for _, k := range g.order {
		if left == 0 {
			break
		}
		lo, hi := g.bounds(k, rows)
		if lo == hi {
			continue
		}
		left--
		var t, gain float64
		var found bool
		if g.random {
			t, gain, found = g.randomCut(k, rows, lo, hi)
		} else {
			t, gain, found = g.bestCut(k, rows)
		}
		if found && gain > best {
			column, threshold, best, ok = k, t, gain, true
		}
	}
	return column, threshold, ok
}

func (g *grower) bounds(k int, rows []int) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		lo, hi = min(lo, g.columns[k][r]), max(hi, g.columns[k][r])
	}
	return lo, hi
}

// gain is the squared error that a split takes away, but for a term that all
// splits of a node share.
func gain(leftSum, rightSum float64, left, right int) float64 {
	return leftSum*leftSum/float64(left) + rightSum*rightSum/float64(right)
}

// randomCut cuts at a uniform place between the least and the largest value
// (Geurts, Ernst & Wehenkel, "Extremely randomized trees", Machine Learning 63,
// 2006).
func (g *grower) randomCut(k int, rows []int, lo, hi float64) (threshold, gained float64, ok bool) {
	threshold = lo + g.rng.Float64()*(hi-lo)
	if threshold >= hi { // by rounding: some row must go right
		threshold = lo
	}
	var sums [2]float64
	var counts [2]int
	for _, r := range rows {
		side := 0
		if g.columns[k][r] > threshold {
			side = 1
		}
		sums[side] += g.target[r]
		counts[side]++
	}
	if counts[0] < g.minLeaf || counts[1] < g.minLeaf {
		return 0, 0, false
	}
	return threshold, gain(sums[0], sums[1], counts[0], counts[1]), true
}

// bestCut tries every place between two values, and cuts half way.
func (g *grower) bestCut(k int, rows []int) (threshold, gained float64, ok bool) {
	x := g.columns[k]
	g.byValue = append(g.byValue[:0], rows...)
	slices.SortFunc(g.byValue, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return a - b
	})
	all := 0.0
	for _, r := range rows {
		all += g.target[r]
	}
	gained = math.Inf(-1)
	sum := 0.0
	n := len(rows)
	for i, r := range g.byValue[:n-1] {
		sum += g.target[r]
		next := g.byValue[i+1]
		if i+1 < g.minLeaf || n-i-1 < g.minLeaf || x[r] == x[next] {
			continue
		}
		if v := gain(sum, all-sum, i+1, n-i-1); v > gained {
			gained, ok = v, true
			if threshold = x[r] + (x[next]-x[r])/2; threshold >= x[next] {
				threshold = x[r]
			}
		}
	}
	return threshold, gained, ok
}

// predict returns the value of one row.
func (t tree) predict(columns [][]float64, row int) float64 {
	at := 0
	for {
		n := t.nodes[at]
		switch {
		case n.left == 0:
			return n.value
		case columns[n.column][row] <= n.threshold:
			at = n.left
		default:
			at = n.right
		}
	}
}
