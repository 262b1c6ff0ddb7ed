package corr

import (
	"math"
	"math/bits"
	"slices"
	"sync"
)

// sortKey maps floats to integers of the same order; both zeros to one.
func sortKey(v float64) uint64 {
	b := math.Float64bits(v + 0) // -0 + 0 is +0
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// order is a column sorted.
type order struct {
	row   []int32 // rows in increasing order of their values, equal ones by row
	group []int32 // number of smaller distinct values, for each of row
}

const (
	digit   = 11
	buckets = 1 << digit
	passes  = 3
	prefix  = digit * passes // bits that are sorted by counting
	rowBits = 64 - prefix    // bits left for the row: 2^31 rows
	rowMask = 1<<rowBits - 1
	// smallSort is the length below which comparing beats counting.
	smallSort = 128
	// longRun is the length from which rows of equal prefixes are not sorted by
	// insertion.
	longRun = 24
)

// words holds slices between calls of sortColumn.
var words = sync.Pool{New: func() any { return new([]uint64) }}

func getWords(n int) *[]uint64 {
	w := words.Get().(*[]uint64)
	if cap(*w) < n {
		*w = make([]uint64, n)
	}
	*w = (*w)[:n]
	return w
}

// sortColumn sorts the rows of x. The leading bits of the keys' range are sorted
// by counting digits, the row riding in the low bits of the same word; rows
// that agree in them, mostly ties, are sorted by comparing.
func sortColumn(x []float64) *order {
	n := len(x)
	o := &order{row: make([]int32, n), group: make([]int32, n)}
	if n == 0 {
		return o
	}
	lo, hi := uint64(math.MaxUint64), uint64(0)
	for _, v := range x {
		k := sortKey(v)
		lo, hi = min(lo, k), max(hi, k)
	}
	// The leading bits of key - lo: all of them, if no more than prefix.
	drop := max(bits.Len64(hi-lo)-prefix, 0)
	a, b := getWords(n), getWords(n)
	for i, v := range x {
		(*a)[i] = (sortKey(v)-lo)>>drop<<rowBits | uint64(i)
	}
	s := *a
	if n < smallSort {
		slices.Sort(s)
	} else {
		s = countingSort(*a, *b)
	}
	o.finish(x, s, drop == 0)
	words.Put(a)
	words.Put(b)
	return o
}

// countingSort sorts by the digits above the row, the lowest first, skipping
// digits that all share. The result is in a or b.
func countingSort(a, b []uint64) []uint64 {
	var count [passes][buckets]int32
	for _, w := range a {
		count[0][w>>rowBits%buckets]++
		count[1][w>>(rowBits+digit)%buckets]++
		count[2][w>>(rowBits+2*digit)]++
	}
	for p := range count {
		c := &count[p]
		shift := uint(rowBits + p*digit)
		if int(c[a[0]>>shift%buckets]) == len(a) {
			continue
		}
		sum := int32(0)
		for i, n := range c {
			c[i] = sum
			sum += n
		}
		b = b[:len(a)]
		for _, w := range a {
			d := w >> shift % buckets
			b[c[d]] = w
			c[d]++
		}
		a, b = b, a
	}
	return a
}

// finish fills rows and groups from words sorted by prefix and row; exact says
// that the prefix is the whole key.
func (o *order) finish(x []float64, s []uint64, exact bool) {
	group := int32(-1)
	for i := 0; i < len(s); {
		j := i + 1
		for j < len(s) && s[j]>>rowBits == s[i]>>rowBits {
			j++
		}
		rows := o.row[i:j]
		for q := range rows {
			rows[q] = int32(s[i+q] & rowMask)
		}
		group++
		if exact || j == i+1 {
			for q := i; q < j; q++ {
				o.group[q] = group
			}
			i = j
			continue
		}
		sortRun(x, rows)
		o.group[i] = group
		for q := i + 1; q < j; q++ {
			if x[o.row[q]] != x[o.row[q-1]] {
				group++
			}
			o.group[q] = group
		}
		i = j
	}
}

// sortRun sorts rows, which are in increasing order, by value.
func sortRun(x []float64, rows []int32) {
	if len(rows) <= longRun {
		for i := 1; i < len(rows); i++ {
			r := rows[i]
			v := x[r]
			j := i
			for ; j > 0 && x[rows[j-1]] > v; j-- {
				rows[j] = rows[j-1]
			}
			rows[j] = r
		}
		return
	}
	for i := 1; i < len(rows); i++ {
		if x[rows[i]] < x[rows[i-1]] {
			slices.SortStableFunc(rows, func(a, b int32) int {
				switch {
				case x[a] < x[b]:
					return -1
				case x[a] > x[b]:
					return 1
				}
				return 0
			})
			return
		}
	}
}

// end returns the position after the ties of position i.
func (o *order) end(i int) int {
	g := o.group[i]
	for i++; i < len(o.group) && o.group[i] == g; i++ {
	}
	return i
}

// Ranks returns the ranks of x from 1 to n, tied values getting the average of
// their ranks.
func Ranks(x []float64) []float64 {
	r := make([]float64, len(x))
	o := sortColumn(x)
	for i := 0; i < len(x); {
		j := o.end(i)
		mean := float64(i+j+1) / 2
		for ; i < j; i++ {
			r[o.row[i]] = mean
		}
	}
	return r
}
