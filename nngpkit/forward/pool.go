package forward

import "sync"

// Pool is memory that plans share: activations, weights and results of one
// network make room for the next one's, so that a sweep over many networks
// allocates what the largest of them needs. The zero value is ready to use,
// from many goroutines at a time.
type Pool struct {
	mu   sync.Mutex
	free [][]float32
}

// get returns a slice of n values of unknown content.
func (p *Pool) get(n int) []float32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	best, largest := -1, -1
	for i, s := range p.free {
		if cap(s) >= n && (best < 0 || cap(s) < cap(p.free[best])) {
			best = i
		}
		if largest < 0 || cap(s) > cap(p.free[largest]) {
			largest = i
		}
	}
	if best < 0 {
		if largest >= 0 { // too small, all of them: grow by replacing one
			p.drop(largest)
		}
		return allocate(n)
	}
	s := p.free[best]
	p.drop(best)
	return s[:n]
}

func (p *Pool) drop(i int) {
	last := len(p.free) - 1
	p.free[i] = p.free[last]
	p.free[last] = nil
	p.free = p.free[:last]
}

// put gives a slice back.
func (p *Pool) put(s []float32) {
	if cap(s) == 0 {
		return
	}
	p.mu.Lock()
	p.free = append(p.free, s)
	p.mu.Unlock()
}
