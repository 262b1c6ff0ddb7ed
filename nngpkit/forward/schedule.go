package forward

import (
	"sort"
)

// schedule settles how many groups of images go through which steps at a
// time, and where the buffers lie.
//
// A chunk of Outer groups passes through the segments one after another; each
// segment takes its share of the chunk through all of its steps before it
// takes the next share, so that activations stay in the cache. Buffers that
// cross a segment's border hold the whole chunk, others one share.
type schedule struct {
	outer    int // groups of a chunk
	segments []segment
	base     []int // of each buffer
	whole    []bool
	apart    int // floats from group to group, of every buffer; 0: a buffer's groups lie side by side
	size     int // floats
}

// segment is a run of steps [first, end) for groups at a time.
type segment struct {
	first, end int
	groups     int
}

// evalSegments cuts the plan for evaluation: where the size of the images
// changes and a single buffer passes on. A segment takes as many groups at a
// time as its layers want, for the sake of weights that no cache holds.
func evalSegments(p *Plan) (outer int, segments []segment) {
	seg := segment{groups: 1}
	outer = 1
	inside := 0 // the end of the band that goes on
	for i := range p.steps {
		s := &p.steps[i]
		if b := p.bands[i]; b != nil {
			inside = b.end
		}
		within := i < inside && p.bands[i] == nil
		if i > seg.first && !within && s.out.pixels() != p.steps[i-1].out.pixels() && p.crossing(i) == 1 {
			seg.end = i
			segments = append(segments, seg)
			seg = segment{first: i, groups: 1}
		}
		if s.op == opWinograd {
			seg.groups = max(seg.groups, p.layers[s.layer].tiles/max(1, s.out.pixels()/16))
		}
		outer = max(outer, seg.groups)
	}
	seg.end = len(p.steps)
	segments = append(segments, seg)
	for i := range segments { // whole shares fill a chunk
		for outer%segments[i].groups != 0 {
			segments[i].groups--
		}
	}
	return outer, segments
}

// crossing returns the number of buffers written before step i and read from
// it on.
func (p *Plan) crossing(i int) int {
	n := 0
	for _, b := range p.buffers {
		if b.first < i && b.last >= i {
			n++
		}
	}
	return n
}

// trainSchedule returns the schedule of a training-mode pass, in which groups
// wait for each other at some steps only. Each has buffers of its own, so that
// one may write where it no longer reads, however far the others are.
func (p *Plan) trainSchedule(groups int) *schedule {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.train[groups]
	if s == nil {
		s = p.newSchedule(1, []segment{{0, len(p.steps), 1}}, p.buffers)
		s.apart = cacheLine * (s.size/cacheLine | 1) // or groups compete for cache sets
		s.size = groups * s.apart
		p.train[groups] = s
	}
	return s
}

// newSchedule lays out the buffers, which are the plan's or as bands use them:
// first fit over their lifetimes.
func (p *Plan) newSchedule(outer int, segments []segment, buffers []buffer) *schedule {
	s := &schedule{outer: outer, segments: segments, base: make([]int, len(buffers)), whole: make([]bool, len(buffers))}
	type span struct{ buf, size, first, last, base int }
	spans := make([]span, len(buffers))
	for i, b := range buffers {
		a, z := s.segmentOf(b.first), s.segmentOf(b.last)
		sp := span{buf: i, first: b.first, last: b.last}
		groups := segments[a].groups
		if a != z || b.last == len(p.steps) {
			s.whole[i] = true
			groups = outer
			sp.first, sp.last = segments[a].first, segments[z].end
		}
		sp.size = (b.size*groups + cacheLine - 1) &^ (cacheLine - 1)
		sp.size += cacheLine * (1 + i*5%16) // or buffers compete for cache sets
		spans[i] = sp
	}
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool { return spans[order[a]].size > spans[order[b]].size })
	var done []span
	for _, i := range order {
		sp := spans[i]
		for _, d := range done { // ordered by base
			if d.last < sp.first || sp.last < d.first {
				continue
			}
			if sp.base+sp.size <= d.base {
				break
			}
			sp.base = max(sp.base, d.base+d.size)
		}
		at := sort.Search(len(done), func(k int) bool { return done[k].base > sp.base })
		done = append(done, span{})
		copy(done[at+1:], done[at:])
		done[at] = sp
		s.base[i] = sp.base
		s.size = max(s.size, sp.base+sp.size)
	}
	return s
}

// segmentOf returns the segment of a step; the step after the last belongs to
// the last segment.
func (s *schedule) segmentOf(step int) int {
	for i, g := range s.segments {
		if step < g.end {
			return i
		}
	}
	return len(s.segments) - 1
}
