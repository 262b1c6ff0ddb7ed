package simd

// block is the number of images that plain Go takes at a time.
const block = 8

type vector = [block]float32

// portable is the level in plain Go, for any multiple of block images side by
// side: the tests compare each level with the portable one of as many lanes.
type portable struct{ lanes int }

// portableChannels is the same for channels side by side, in blocks that pack
// up to so many vectors.
type portableChannels struct {
	portable
	widest int
}

// Portable is the implementation in plain Go.
var Portable = portable{block}.kernels("portable")

func (v portable) kernels(name string) *Kernels {
	return &Kernels{
		Name:      name,
		Lanes:     v.lanes,
		Images:    v.lanes,
		Conv:      v.conv,
		Depthwise: v.depthwise,
		MaxPool:   v.maxPool,
		AvgPool:   v.avgPool,
		Sum:       v.sum,
		Affine:    v.affine,
		Stats:     v.stats,
		Mul:       v.mul,
		Mean:      v.mean,
		Activate:  v.activate,
		Codes:     v.codes,
	}
}

func (v portableChannels) kernels(name string) *Kernels {
	k := v.portable.kernels(name)
	k.Images, k.widest = 1, v.widest
	k.Conv, k.Depthwise, k.Codes = nil, nil, nil
	k.ChannelConv = func(a *ChannelConv) { v.conv(k, a) }
	k.Affine, k.Stats = v.affine, v.stats
	return k
}

// conv computes pixel by pixel, lane by lane.
func (v portableChannels) conv(k *Kernels, a *ChannelConv) {
	for p := 0; p < len(a.Pix); p += 3 {
		for _, r := range k.ChannelRuns(a.Out) {
			for o := r.First * v.lanes; o < (r.First+r.N*r.S)*v.lanes; o++ {
				n := r.S * v.lanes
				b := (o - r.First*v.lanes) / n
				w := a.W[(r.First*v.lanes+b*n)*a.Rows+(o-r.First*v.lanes)%n:]
				y := float32(0)
				for t := 0; t < len(a.Taps); t += 3 {
					for i, x := range a.X[a.Pix[p]+a.Taps[t]:][:a.Taps[t+2]] {
						y += x * w[(int(a.Taps[t+1])+i)*n]
					}
				}
				if a.Shift != nil {
					y += a.Shift[o]
				}
				if a.ReLU {
					y = max(y, 0)
				}
				if a.Add != nil {
					y += a.Add[int(a.Pix[p+2])+o]
				}
				a.Y[int(a.Pix[p+1])+o] = y
			}
		}
	}
}

func (v portableChannels) affine(a *Affine) {
	for p := range a.N {
		a.load(p, a.C*v.lanes)
		for i := range a.C * v.lanes {
			y := a.X[p*a.LdX+i]*a.Scale[i] + a.Shift[i]
			if a.ReLU {
				y = max(y, 0)
			}
			if a.Add != nil {
				y += a.Add[p*a.LdAdd+i]
			}
			a.X[p*a.LdX+i] = y
		}
	}
}

func (v portableChannels) stats(a *Stats) {
	for c := range a.C * v.lanes {
		sum := 0.0
		for p := range a.N {
			sum += float64(a.X[p*a.Ld+c])
		}
		mean, sq := sum/float64(a.N), 0.0
		for p := range a.N {
			d := float64(a.X[p*a.Ld+c]) - mean
			sq += d * d
		}
		a.Mean[c], a.SumSq[c] = mean, sq
	}
}

func vec(x []float32, off int) *vector { return (*vector)(x[off : off+block]) }

func (v portable) conv(a *Conv) {
	for p := 0; p < len(a.Pix); p += 3 {
		for first := 0; first < v.lanes; first += block {
			v.convPixel(a, int(a.Pix[p])+first, int(a.Pix[p+1])+first, int(a.Pix[p+2])+first)
		}
	}
}

// convPixel computes all output channels of one pixel for a block of images.
func (v portable) convPixel(a *Conv, x, y, add int) {
	w := a.W
	for _, r := range Runs(a.Out) {
		size := a.Window * a.In * r.S
		for t := 0; t < r.N; t++ {
			for s := 0; s < r.S; s++ {
				o := r.First + t*r.S + s
				var acc vector
				if a.Begun {
					acc = *vec(a.Y, y+o*v.lanes)
				}
				for tap := 0; tap < len(a.Taps); tap += 2 {
					v.axpy(&acc, a.X[x+int(a.Taps[tap]):], w[int(a.Taps[tap+1])*r.S+s:], a.Run, r.S)
				}
				if !a.Unfinished {
					v.finish(&acc, a.Shift, o, a.ReLU)
					if a.Add != nil {
						addTo(&acc, vec(a.Add, add+o*v.lanes))
					}
				}
				*vec(a.Y, y+o*v.lanes) = acc
			}
			w = w[size:]
		}
	}
}

// axpy adds to acc n vectors of x times every s-th value of w.
func (v portable) axpy(acc *vector, x, w []float32, n, s int) {
	a0, a1, a2, a3, a4, a5, a6, a7 := acc[0], acc[1], acc[2], acc[3], acc[4], acc[5], acc[6], acc[7]
	for i := range n {
		f := w[i*s]
		xv := vec(x, i*v.lanes)
		a0 += xv[0] * f
		a1 += xv[1] * f
		a2 += xv[2] * f
		a3 += xv[3] * f
		a4 += xv[4] * f
		a5 += xv[5] * f
		a6 += xv[6] * f
		a7 += xv[7] * f
	}
	*acc = vector{a0, a1, a2, a3, a4, a5, a6, a7}
}

// finish adds the shift of a channel, if any, and rectifies.
func (v portable) finish(acc *vector, shift []float32, channel int, relu bool) {
	if shift != nil {
		for l := range acc {
			acc[l] += shift[channel]
		}
	}
	if relu {
		rectify(acc)
	}
}

func rectify(x *vector) {
	for l, y := range x {
		x[l] = max(y, 0)
	}
}

func addTo(y, x *vector) {
	for l := range y {
		y[l] += x[l]
	}
}

// windows calls reduce for each pixel, channel and block of images, with the
// offset of the channel and block, and stores the result.
func (v portable) windows(a *Window, reduce func(x, channel int) vector) {
	for p := 0; p < len(a.Pix); p += 3 {
		x, y := int(a.Pix[p]), int(a.Pix[p+1])
		for i := 0; i < a.C*v.lanes; i += block {
			*vec(a.Y, y+i) = reduce(x+i, i/v.lanes)
		}
	}
}

func (v portable) depthwise(a *Window) {
	v.windows(a, func(x, channel int) (acc vector) {
		for t := 0; t < len(a.Taps); t += 2 {
			f := a.W[int(a.Taps[t+1])+channel]
			for l, xv := range vec(a.X, x+int(a.Taps[t])) {
				acc[l] += xv * f
			}
		}
		v.finish(&acc, a.Shift, channel, a.ReLU)
		return acc
	})
}

func (v portable) maxPool(a *Window) {
	v.windows(a, func(x, _ int) vector {
		acc := *vec(a.X, x+int(a.Taps[0]))
		for t := 2; t < len(a.Taps); t += 2 {
			for l, xv := range vec(a.X, x+int(a.Taps[t])) {
				acc[l] = max(acc[l], xv)
			}
		}
		return acc
	})
}

func (v portable) avgPool(a *Window) {
	f := a.factor()
	v.windows(a, func(x, _ int) (acc vector) {
		for t := 0; t < len(a.Taps); t += 2 {
			addTo(&acc, vec(a.X, x+int(a.Taps[t])))
		}
		for l := range acc {
			acc[l] *= f
		}
		return acc
	})
}

// factor returns what a mean multiplies its sum by.
func (a *Window) factor() float32 {
	if a.Count > 0 {
		return 1 / float32(a.Count)
	}
	return 1 / float32(len(a.Taps)/2)
}

func (v portable) sum(a *Sum) {
	size := a.C * v.lanes
	for p := 0; p < a.N; p++ {
		y := a.Y[p*a.LdY:][:size]
		copy(y, a.X[0][p*a.LdX[0]:])
		for j := 1; j < len(a.X); j++ {
			x := a.X[j][p*a.LdX[j]:][:size]
			for i, xv := range x {
				y[i] += xv
			}
		}
	}
}

// load takes the n values of pixel p from where they come from.
func (a *Affine) load(p, n int) {
	if a.From != nil {
		copy(a.X[p*a.LdX:][:n], a.From[p*a.LdFrom:][:n])
	}
}

func (v portable) affine(a *Affine) {
	for p := 0; p < a.N; p++ {
		a.load(p, a.C*v.lanes)
		for i := 0; i < a.C*v.lanes; i += block {
			x := vec(a.X, p*a.LdX+i)
			scale, shift := a.Scale[i/v.lanes], a.Shift[i/v.lanes]
			for l := range x {
				x[l] = x[l]*scale + shift
			}
			if a.ReLU {
				rectify(x)
			}
			if a.Add != nil {
				addTo(x, vec(a.Add, p*a.LdAdd+i))
			}
		}
	}
}

func (v portable) stats(a *Stats) {
	n := float64(a.N * a.Valid)
	for c := 0; c < a.C; c++ {
		sum := 0.0
		for p := 0; p < a.N; p++ {
			for _, x := range a.X[p*a.Ld+c*v.lanes:][:a.Valid] {
				sum += float64(x)
			}
		}
		mean, sq := sum/n, 0.0
		for p := 0; p < a.N; p++ {
			for _, x := range a.X[p*a.Ld+c*v.lanes:][:a.Valid] {
				d := float64(x) - mean
				sq += d * d
			}
		}
		a.Mean[c], a.SumSq[c] = mean, sq
	}
}

func (v portable) mul(a *Mul) {
	size := a.C * v.lanes
	for p := 0; p < a.N; p++ {
		y, x, f := a.Y[p*a.LdY:][:size], a.X[p*a.LdX:][:size], a.F[p*a.LdF:][:size]
		for i, fv := range f {
			y[i] = x[i] * fv
		}
	}
}

func (v portable) mean(a *Mean) {
	for i := 0; i < a.C*v.lanes; i += block {
		var acc [block]float64
		for p := 0; p < a.N; p++ {
			for l, x := range vec(a.X, p*a.Ld+i) {
				acc[l] += float64(x)
			}
		}
		y := vec(a.Y, i)
		for l, s := range acc {
			y[l] = float32(s / float64(a.N))
		}
	}
}

func (v portable) codes(a *Codes) {
	for p := range a.N {
		for c := range a.C {
			bits := uint16(0)
			for l, x := range a.X[p*a.Ld+c*v.lanes:][:v.lanes] {
				if x > 0 {
					bits |= 1 << l
				}
			}
			a.Y[p*a.C+c] = bits
		}
	}
}
