package corr

import (
	"fmt"
	"math"
	"slices"
)

// Kendall returns Kendall's tau-b of x and y with its two-sided p-value, in
// O(n log n) (Knight, JASA 61, 1966). The p-value is exact where there are no
// ties and n <= 33 (or at most one pair is discordant, or concordant), else
// from the normal approximation with the variance corrected for ties: the
// choice of SciPy's kendalltau with method="auto". Value and P are NaN if a
// column is constant. It needs two rows.
func Kendall(x, y []float64) (Correlation, error) {
	if err := checkPair("x", "y", x, y, 2); err != nil {
		return Correlation{}, err
	}
	if len(x) > math.MaxInt32 {
		return Correlation{}, fmt.Errorf("corr: %d rows, at most %d are supported", len(x), math.MaxInt32)
	}
	p := countPairs(x, y)
	return Correlation{
		Method: "Kendall tau-b", N: len(x), Value: p.tauB(), P: p.pValue(),
		Lower: math.NaN(), Upper: math.NaN(), Level: level,
	}, nil
}

// Tau is the Statistic of Kendall's tau-b.
func Tau(x, y []float64) float64 { return countPairs(x, y).tauB() }

// pairs counts the pairs of rows and what the tests need of the ties.
type pairs struct {
	n                   int
	discordant          int64
	total, tiedX, tiedY int64
	tiedBoth            int64
	x0, x1, y0, y1      float64 // sum t(t-1)(t-2) and t(t-1)(2t+5) over groups
}

func (p *pairs) numerator() int64 {
	return p.total - p.tiedX - p.tiedY + p.tiedBoth - 2*p.discordant
}

func (p *pairs) tauB() float64 {
	if p.tiedX == p.total || p.tiedY == p.total {
		return math.NaN()
	}
	t := float64(p.numerator()) / math.Sqrt(float64(p.total-p.tiedX)) / math.Sqrt(float64(p.total-p.tiedY))
	return math.Max(-1, math.Min(1, t))
}

func (p *pairs) pValue() float64 {
	if p.tiedX == p.total || p.tiedY == p.total {
		return math.NaN()
	}
	if p.tiedX == 0 && p.tiedY == 0 && (p.n <= 33 || min(p.discordant, p.total-p.discordant) <= 1) {
		return kendallExact(p.n, min(p.discordant, p.total-p.discordant))
	}
	n := float64(p.n)
	m := n * (n - 1)
	v := (m*(2*n+5)-p.x1-p.y1)/18 + 2*float64(p.tiedX)*float64(p.tiedY)/m
	if p.n > 2 {
		v += p.x0 * p.y0 / (9 * m * (n - 2))
	}
	z := float64(p.numerator()) / math.Sqrt(v)
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}

// kendallExact returns the two-sided probability of at most c discordant pairs
// (c being the smaller of discordant and concordant) among random orders of n
// rows without ties (Kendall, Rank Correlation Methods).
func kendallExact(n int, c int64) float64 {
	if c == 0 || c == 1 { // 1 order, or 1 + (n-1): exactly, for any n
		logs, _ := math.Lgamma(float64(n) + 1)
		if c == 1 {
			logs -= math.Log(float64(n))
		}
		return math.Min(1, 2*math.Exp(-logs))
	}
	// f[k] is the probability of k inversions among j rows.
	f := make([]float64, c+1)
	f[0] = 1
	for j := 2; j <= n; j++ {
		g := make([]float64, c+1)
		sum := 0.0
		for k := range g {
			sum += f[k]
			if k >= j {
				sum -= f[k-j]
			}
			g[k] = sum / float64(j)
		}
		f = g
	}
	p := 0.0
	for _, v := range f {
		p += v
	}
	return math.Min(1, 2*p)
}

// parallelPairs is the number of rows from which two goroutines pay.
const parallelPairs = 20000

// countPairs counts in O(n log n): sort by x, within equal x by y, then count
// the inversions of y while merging. The columns must be finite.
func countPairs(x, y []float64) *pairs {
	n := len(x)
	p := &pairs{n: n, total: int64(n) * int64(n-1) / 2}
	var byX *order
	var ranks []int32
	both(n >= parallelPairs,
		func() { byX = sortColumn(x) },
		func() { ranks = p.rankY(y) })
	seq := make([]int32, n)
	for i, r := range byX.row {
		seq[i] = ranks[r]
	}
	for i := 0; i < n; {
		j := byX.end(i)
		if t := int64(j - i); t > 1 {
			p.tiedX += t * (t - 1) / 2
			p.x0 += float64(t) * float64(t-1) * float64(t-2)
			p.x1 += float64(t) * float64(t-1) * float64(2*t+5)
			slices.Sort(seq[i:j])
			p.tiedBoth += equalPairs(seq[i:j])
		}
		i = j
	}
	p.discordant = inversions(seq, ranks)
	return p
}

// rankY returns y as ranks without gaps, and counts its ties.
func (p *pairs) rankY(y []float64) []int32 {
	o := sortColumn(y)
	r := make([]int32, len(y))
	for i, row := range o.row {
		r[row] = o.group[i]
	}
	for i := 0; i < len(y); {
		j := o.end(i)
		t := int64(j - i)
		p.tiedY += t * (t - 1) / 2
		p.y0 += float64(t) * float64(t-1) * float64(t-2)
		p.y1 += float64(t) * float64(t-1) * float64(2*t+5)
		i = j
	}
	return r
}

// equalPairs counts the pairs of equal values in a sorted slice.
func equalPairs(g []int32) int64 {
	sum, run := int64(0), int64(0)
	for i := 1; i < len(g); i++ {
		if g[i] == g[i-1] {
			run++
			sum += run
		} else {
			run = 0
		}
	}
	return sum
}

// both calls f and g, at the same time if asked to.
func both(parallel bool, f, g func()) {
	if !parallel {
		f()
		g()
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		g()
	}()
	f()
	<-done
}

// inversions sorts a and returns how many pairs stood in decreasing order.
func inversions(a, buf []int32) int64 {
	if len(a) < parallelPairs {
		return mergeCount(a, buf)
	}
	h := len(a) / 2
	var l, r int64
	both(true,
		func() { l = mergeCount(a[:h], buf[:h]) },
		func() { r = mergeCount(a[h:], buf[h:]) })
	return l + r + mergeHalves(a, h, nil)
}

// runLength is the length of the runs that are sorted by insertion.
const runLength = 12

// mergeCount is a bottom-up merge sort that counts inversions.
func mergeCount(a, buf []int32) int64 {
	count := int64(0)
	for i := 0; i < len(a); i += runLength {
		count += insertionCount(a[i:min(i+runLength, len(a))])
	}
	src, dst := a, buf
	for w := runLength; w < len(a); w *= 2 {
		for i := 0; i < len(a); i += 2 * w {
			mid, end := min(i+w, len(a)), min(i+2*w, len(a))
			count += mergeHalves(src[i:end], mid-i, dst[i:end])
		}
		src, dst = dst, src
	}
	if len(a) > 0 && &src[0] != &a[0] {
		copy(a, src)
	}
	return count
}

func insertionCount(a []int32) int64 {
	count := 0
	for i := 1; i < len(a); i++ {
		v := a[i]
		j := i
		for j > 0 && a[j-1] > v {
			a[j] = a[j-1]
			j--
		}
		a[j] = v
		count += i - j
	}
	return int64(count)
}

// mergeHalves merges the sorted a[:h] and a[h:] into dst and returns how many
// pairs, one of each half, stood in decreasing order. A nil dst only counts.
func mergeHalves(a []int32, h int, dst []int32) int64 {
	l, r := a[:h], a[h:]
	count := int64(0)
	if dst == nil {
		i := 0
		for _, v := range r {
			for i < len(l) && l[i] <= v {
				i++
			}
			count += int64(len(l) - i)
		}
		return count
	}
	i, j, k := 0, 0, 0
	for i < len(l) && j < len(r) {
		// Without a branch on the data: the processor cannot predict it.
		lv, rv := l[i], r[j]
		right := int(uint32(rv-lv) >> 31) // 1 if rv < lv; ranks are not negative
		dst[k] = min(lv, rv)
		count += int64(-right & (len(l) - i))
		j += right
		i += 1 - right
		k++
	}
	copy(dst[k:], l[i:])
	copy(dst[k+len(l)-i:], r[j:])
	return count
}
