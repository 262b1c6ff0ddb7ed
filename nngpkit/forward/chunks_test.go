package forward

import (
	"slices"
	"testing"
)

// TestChunks checks that chunks hold every group once, are no larger than
// allowed, and give the threads that take turns shares that differ by no more
// than one group.
func TestChunks(t *testing.T) {
	for threads := 1; threads <= 5; threads++ {
		for most := 1; most <= 4; most++ {
			for n := 1; n <= 50; n++ {
				c := chunks(nil, n, most, threads)
				share := make([]int, threads)
				for i := range len(c) - 1 {
					size := c[i+1] - c[i]
					if size < 1 || size > most {
						t.Fatalf("%d groups, %d at most, %d threads: chunks begin at %v", n, most, threads, c)
					}
					share[i%threads] += size
				}
				if c[0] != 0 || c[len(c)-1] != n || slices.Max(share)-slices.Min(share) > 1 {
					t.Fatalf("%d groups, %d at most, %d threads: chunks begin at %v, shares are %v", n, most, threads, c, share)
				}
			}
		}
	}
}
