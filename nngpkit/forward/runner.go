package forward

import (
	"sync"
	"sync/atomic"
)

// runner computes the features of one member after another.
type runner struct {
	plan     *Plan
	m        member
	features Features
	workers  []*worker // one a thread; the first is the runner's own
	slabs    [][]float32
	train    []float32
	masks    []uint16

	// The parallel section in progress.
	e       *ensemble
	norm    []float32 // the normalization batch, images side by side
	normN   int       // its images
	task    task
	number  int // member
	last    int // step with statistics that the training-mode pass has reached, -1 for none
	step    int // next one
	share   int // groups that go there together
	sched   *schedule
	items   int
	chunks  []int // first group of each, and their end
	next    atomic.Int64
	helpers sync.WaitGroup
}

// task says what an item of a parallel section is.
type task uint8

const (
	taskWeights task = iota // item: layer, the largest first
	taskTrain               // item: a share of groups of the normalization batch
	taskEval                // item: chunk of groups of the images
)

// trainShare returns how many groups of the normalization batch go together to a
// step with statistics from the one before: few, so that a cache holds them
// meanwhile, but as many as Winograd's algorithm takes tiles of.
func (p *Plan) trainShare(s *step) int {
	if p.strips == nil {
		return 2
	}
	return max(1, min(16, 1024/s.out.pixels()))
}

// runner returns an idle runner, with memory from the pool.
func (p *Plan) runner() *runner {
	p.mu.Lock()
	var r *runner
	if n := len(p.runners); n > 0 {
		r = p.runners[n-1]
		p.runners = p.runners[:n-1]
	}
	p.mu.Unlock()
	if r == nil {
		r = &runner{plan: p, workers: make([]*worker, p.threads()), slabs: make([][]float32, p.threads())}
		for i := range r.workers {
			r.workers[i] = &worker{plan: p, draw: drawer{k: p.k}}
		}
		r.m.mean = make([]float64, p.channelSize)
		r.m.variance = make([]float64, p.channelSize)
	}
	for _, w := range r.workers {
		w.scratch = p.pool.get(p.scratch)
	}
	r.m.w = p.pool.get(p.weightSize)
	r.m.scale = p.pool.get(p.channelSize)
	r.m.shift = p.pool.get(p.channelSize)
	return r
}

// idle gives a runner back, and its memory to the pool.
func (p *Plan) idle(r *runner) {
	for _, w := range r.workers {
		p.pool.put(w.scratch)
		p.pool.put(w.between)
		w.scratch, w.between = nil, nil
	}
	p.pool.put(r.m.w)
	p.pool.put(r.m.scale)
	p.pool.put(r.m.shift)
	p.pool.put(r.features.Data)
	p.pool.put(r.train)
	for i, s := range r.slabs {
		p.pool.put(s)
		r.slabs[i] = nil
	}
	r.m.w, r.m.scale, r.m.shift, r.features.Data, r.train, r.e = nil, nil, nil, nil, nil, nil
	p.mu.Lock()
	p.runners = append(p.runners, r)
	p.mu.Unlock()
}

// member computes the features of one member into r.features, unless the
// context ends first.
func (r *runner) member(e *ensemble, number int) {
	p := r.plan
	r.e, r.number = e, number
	r.section(taskWeights, len(p.layers))
	r.reset()
	if p.norms {
		if err := r.normalize(); err != nil {
			e.cancel(err)
		}
		if e.ctx.Err() != nil {
			return
		}
	}
	if d := p.net.Features(); r.features.Data == nil {
		r.features = Features{N: e.n, D: d, Data: p.pool.get(e.n * d)}
	}
	if n := groups(e.n, p.k.Images) * p.codes.size; n > 0 {
		if len(r.masks) < n {
			r.masks = make([]uint16, n)
		}
		r.features.Codes = &Codes{N: e.n, Nodes: p.codes.nodes, Units: p.codes.units, lanes: p.k.Lanes, masks: r.masks[:n], size: p.codes.size}
	}
	if p.cfg.Moments && p.norms {
		r.features.Moments = p.moments(r.features.Moments, &r.m)
	}
	r.sched = p.eval
	r.chunks = chunks(r.chunks[:0], groups(e.n, p.k.Images), p.eval.outer, len(r.workers))
	r.section(taskEval, len(r.chunks)-1)
}

func (r *runner) reset() {
	for i := range r.m.scale {
		r.m.scale[i], r.m.shift[i] = 1, 0
	}
}

// normalize sets the member's normalization from its own batch.
func (r *runner) normalize() error {
	p := r.plan
	b, err := r.e.norms(r.number)
	if err != nil {
		return err
	}
	if err := p.checkBatch("normBatch", b); err != nil {
		return err
	}
	r.norm, r.normN = p.lay(b, 1, &r.workers[0].laying), b.N
	r.trainPass()
	p.pool.put(r.norm)
	r.norm = nil
	if r.e.ctx.Err() == nil {
		p.fix(&r.m, r.normN)
	}
	return nil
}

// trainPass runs the normalization batch layer by layer, up to the last one that
// is normalized. The images meet at each such layer, whose statistics are of all
// of them; between two they go their way a few at a time, while a cache holds
// them.
func (r *runner) trainPass() {
	p := r.plan
	n := groups(r.normN, p.k.Images)
	r.sched = p.trainSchedule(n)
	if len(r.train) < r.sched.size {
		p.pool.put(r.train)
		r.train = p.pool.get(r.sched.size)
	}
	if need := n * p.widest(); len(r.m.groupMean) < need {
		r.m.groupMean, r.m.groupSum = make([]float64, need), make([]float64, need)
	}
	r.last = -1
	for i := range p.steps {
		s := &p.steps[i]
		if !p.normalized(s) {
			continue
		}
		if r.e.ctx.Err() != nil {
			return
		}
		r.step = i
		r.share = p.trainShare(s)
		r.section(taskTrain, groups(n, r.share))
		p.mergeStats(s, &r.m, r.normN)
		r.last = i
	}
}

// widest returns the largest number of per-channel values of a layer.
func (p *Plan) widest() int {
	c := 0
	for i := range p.layers {
		c = max(c, p.layers[i].values)
	}
	return c
}

func (p *Plan) normalized(s *step) bool { return s.layer >= 0 && p.layers[s.layer].norm }

// section runs items 0..n-1 of a task, sharing them with spare threads.
func (r *runner) section(t task, n int) {
	r.task, r.items = t, n
	r.next.Store(0)
	helpers := 0
	for {
		i := int(r.next.Add(1)) - 1
		if i >= n || r.e.ctx.Err() != nil {
			break
		}
		if i+1 < n && helpers+1 < len(r.workers) {
			select {
			case <-r.e.spare:
				helpers++
				r.helpers.Add(1)
				go r.help(helpers)
			default:
			}
		}
		r.do(0, i)
	}
	r.helpers.Wait()
}

// help works on the section in progress with a spare thread.
func (r *runner) help(slot int) {
	defer func() {
		r.e.spare <- struct{}{}
		r.helpers.Done()
	}()
	for {
		i := int(r.next.Add(1)) - 1
		if i >= r.items || r.e.ctx.Err() != nil {
			return
		}
		r.do(slot, i)
	}
}

// do runs item i of the section in progress as the given worker.
func (r *runner) do(slot, i int) {
	p := r.plan
	switch r.task {
	case taskWeights:
		r.workers[slot].initialize(&r.m, r.number, p.drawing[i])
	case taskTrain:
		first := i * r.share
		r.trainItem(r.workers[slot], first, min(r.share, groups(r.normN, p.k.Images)-first))
	case taskEval:
		r.chunk(slot, i)
	}
}

// trainItem takes n groups of the normalization batch from one layer with
// statistics to the next: it normalizes the former, runs the steps between, and
// leaves the raw values of the latter with their statistics.
func (r *runner) trainItem(w *worker, first, n int) {
	p := r.plan
	w.masks = nil
	at := r.trainPlace(first)
	if r.last >= 0 {
		for g := first; g < first+n; g++ {
			w.normalize(&p.steps[r.last], &r.m, r.trainPlace(g))
		}
	}
	for i := r.last + 1; i < r.step; i++ {
		w.steps(&p.steps[i], &r.m, at, n, false)
	}
	s := &p.steps[r.step]
	w.steps(s, &r.m, at, n, true)
	for g := first; g < first+n; g++ {
		w.groupStats(s, &r.m, r.trainPlace(g), g, min(p.k.Images, r.normN-g*p.k.Images))
	}
}

func (r *runner) trainPlace(group int) place {
	return place{s: r.sched, slab: r.train, images: r.norm, image: group, outer: group, local: group}
}

// chunks cuts n groups into chunks of most at most, and appends where each
// begins, and n, to dst. What is left when every thread has had as many whole
// chunks as any other is cut into a part for each, so that all end together.
func chunks(dst []int, n, most, threads int) []int {
	whole := n / (most * threads) * threads
	first := 0
	for range whole {
		dst = append(dst, first)
		first += most
	}
	for t := threads; first < n; t-- {
		dst = append(dst, first)
		first += groups(n-first, t)
	}
	return append(dst, n)
}

// chunk evaluates one chunk of groups and writes its features.
func (r *runner) chunk(slot, chunk int) {
	p, s := r.plan, r.sched
	if r.slabs[slot] == nil {
		r.slabs[slot] = p.pool.get(s.size)
	}
	w := r.workers[slot]
	w.masks = r.masks
	first := r.chunks[chunk]
	count := r.chunks[chunk+1] - first
	at := place{s: s, slab: r.slabs[slot], images: r.e.x}
	for _, seg := range s.segments {
		for share := 0; share < count; share += seg.groups {
			at.image, at.outer, at.local = first+share, share, 0
			for i := seg.first; i < seg.end; i++ {
				if b := p.bands[i]; b != nil {
					w.band(b, &r.m, at, min(seg.groups, count-share))
					i = b.end - 1
					continue
				}
				w.steps(&p.steps[i], &r.m, at, min(seg.groups, count-share), false)
			}
		}
	}
	for g := 0; g < count; g++ {
		at.image, at.outer, at.local = first+g, g, g
		n := (first + g) * p.k.Images
		d := r.features.D
		to, x := r.features.Data[n*d:], p.values(p.out, at)
		if p.place == nil {
			fromLanes(to, x, p.out.pixels(), p.out.c, p.out.ld, min(p.k.Lanes, r.e.n-n), p.k.Lanes)
		} else {
			fromChannels(to, x, p.out.pixels(), p.out.ld, p.place, p.k.Lanes)
		}
	}
}
