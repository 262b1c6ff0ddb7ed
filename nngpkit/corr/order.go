package corr

import (
	"math"
	"slices"
)

// item is a value as an integer of the same order, with its row.
type item struct {
	key uint64
	row int32
}

// sortKey maps floats to integers of the same order; both zeros to one.
func sortKey(v float64) uint64 {
	if v == 0 {
		v = 0 // -0 == 0, but not in its bits
	}
	b := math.Float64bits(v)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

const (
	digit   = 11
	buckets = 1 << digit
	passes  = (64 + digit - 1) / digit
	// smallSort is the length below which comparing beats counting.
	smallSort = 400
)

// sorted returns the rows of x in increasing order, equal ones by row.
func sorted(x []float64) []item {
	a := make([]item, len(x))
	for i, v := range x {
		a[i] = item{sortKey(v), int32(i)}
	}
	if len(x) < smallSort {
		slices.SortFunc(a, func(p, q item) int {
			if p.key != q.key {
				if p.key < q.key {
					return -1
				}
				return 1
			}
			return int(p.row) - int(q.row)
		})
		return a
	}
	return radix(a, make([]item, len(a)))
}

// radix sorts a by counting digits, the lowest first, and skips digits that all
// keys share. The result is in a or b.
func radix(a, b []item) []item {
	var count [passes][buckets]int32
	for _, it := range a {
		k := it.key
		for p := range count {
			count[p][k%buckets]++
			k >>= digit
		}
	}
	for p := range count {
		c := &count[p]
		shift := uint(p * digit)
		if int(c[a[0].key>>shift%buckets]) == len(a) {
			continue
		}
		sum := int32(0)
		for i, n := range c {
			c[i] = sum
			sum += n
		}
		for _, it := range a {
			d := it.key >> shift % buckets
			b[c[d]] = it
			c[d]++
		}
		a, b = b, a
	}
	return a
}

// Ranks returns the ranks of x from 1 to n, tied values getting the average of
// their ranks.
func Ranks(x []float64) []float64 {
	r := make([]float64, len(x))
	s := sorted(x)
	for i := 0; i < len(s); {
		j := i + 1
		for j < len(s) && s[j].key == s[i].key {
			j++
		}
		mean := float64(i+j+1) / 2
		for ; i < j; i++ {
			r[s[i].row] = mean
		}
	}
	return r
}
