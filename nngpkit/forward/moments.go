package forward

// Moments are the statistics of one normalized node over the normalization batch
// and its pixels, before normalization: means and biased variances of its
// channels. A normalization that is not computed has none: that of zeros, of values
// that nothing reads, or of the same values as an earlier node normalizes.
type Moments struct {
	Node           int // of the network as it was given
	Mean, Variance []float64
}

// moments copies the member's statistics of all normalized layers into dst.
func (p *Plan) moments(dst []Moments, m *member) []Moments {
	if dst == nil {
		for i := range p.layers {
			if l := &p.layers[i]; l.norm {
				dst = append(dst, Moments{Node: l.normalizes, Mean: make([]float64, l.out), Variance: make([]float64, l.out)})
			}
		}
	}
	n := 0
	for i := range p.layers {
		l := &p.layers[i]
		if !l.norm {
			continue
		}
		for o := range l.out {
			dst[n].Mean[o], dst[n].Variance[o] = m.mean[l.c+l.lane(o)], m.variance[l.c+l.lane(o)]
		}
		n++
	}
	return dst
}
