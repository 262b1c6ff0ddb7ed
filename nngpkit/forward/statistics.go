package forward

import (
	"math"

	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
)

// groupStats takes the statistics of a step's raw output for one group.
func (w *worker) groupStats(s *step, m *member, at place, group, valid int) {
	p := w.plan
	c := p.layers[s.layer].values
	w.stats = simd.Stats{
		X: p.values(s.out, at), Ld: s.out.ld * p.k.Lanes, C: s.out.c, N: s.out.pixels(), Valid: valid,
		Mean: m.groupMean[group*c:][:c], SumSq: m.groupSum[group*c:][:c],
	}
	p.k.Stats(&w.stats)
}

// mergeStats joins the groups' statistics of a layer of n images, in order,
// and sets the normalization of the training-mode pass.
func (p *Plan) mergeStats(s *step, m *member, n int) {
	l := &p.layers[s.layer]
	images := p.k.Images
	pixels := s.out.pixels()
	for o := range l.out {
		c := l.lane(o)
		count, mean, sum := 0.0, 0.0, 0.0
		for g := 0; g*images < n; g++ {
			k := float64(min(images, n-g*images) * pixels)
			d := m.groupMean[g*l.values+c] - mean
			total := count + k
			mean += d * (k / total)
			sum += m.groupSum[g*l.values+c] + d*d*(count*k/total)
			count = total
		}
		m.mean[l.c+c], m.variance[l.c+c] = mean, sum/count
		scale := 1 / math.Sqrt(sum/count+l.eps)
		m.scale[l.c+c], m.shift[l.c+c] = float32(scale), float32(-mean*scale)
	}
}

// normalize finishes a normalized layer of the training-mode pass for one
// group: normalization, activation and addend.
func (w *worker) normalize(s *step, m *member, at place) {
	p := w.plan
	l := &p.layers[s.layer]
	y := p.values(s.out, at)
	w.affine = simd.Affine{
		X: y, LdX: s.out.ld * p.k.Lanes, C: s.out.c, N: s.out.pixels(), ReLU: s.relu,
		Scale: m.scale[l.c:][:l.values], Shift: m.shift[l.c:][:l.values],
	}
	if s.hasAdd {
		w.affine.Add, w.affine.LdAdd = p.values(s.add, at), s.add.ld*p.k.Lanes
	}
	p.k.Affine(&w.affine)
	if s.hasPost {
		w.activate(s, y)
	}
}

// fix turns the statistics of the training-mode pass over n images into the
// fixed normalization of evaluation, folded into the weights.
func (p *Plan) fix(m *member, n int) {
	for i := range p.steps {
		s := &p.steps[i]
		if s.layer < 0 || !p.layers[s.layer].norm {
			continue
		}
		l := &p.layers[s.layer]
		count := float64(n * s.out.pixels())
		for o := range l.out {
			c := l.c + l.lane(o)
			mean, variance := m.mean[c], m.variance[c]
			if p.cfg.Norm == EMA {
				if count > 1 {
					variance *= count / (count - 1)
				}
				mean *= 1 - l.momentum
				variance = l.momentum + (1-l.momentum)*variance
			}
			scale := 1 / math.Sqrt(variance+l.eps)
			m.scale[c], m.shift[c] = float32(scale), float32(-mean*scale)
		}
		w, scale := m.w[l.w:][:l.packed], m.scale[l.c:][:l.values]
		switch {
		case l.weights == 0: // a node of its own
		case l.winograd: // its output transform multiplies anyway
		case l.depthwise:
			for j := range w {
				w[j] *= scale[j%l.out]
			}
		case l.place != nil:
			p.k.RescaleChannels(w, l.taps*l.in, l.values/p.k.Lanes, scale)
		default:
			out := l.out / l.groups
			for g := range l.groups {
				simd.Rescale(w[g*len(w)/l.groups:], l.taps*l.in, out, scale[g*out:])
			}
		}
	}
}
