package simd

import "math"

// portableLanes is the number of images side by side in plain Go. Eight is
// what AVX2 uses, so that the two levels can be compared buffer by buffer.
const portableLanes = 8

type lanes8 = [portableLanes]float32

// Portable is the implementation in plain Go.
var Portable = &Kernels{
	Name:      "portable",
	Lanes:     portableLanes,
	Conv:      convPortable,
	Depthwise: depthwisePortable,
	MaxPool:   maxPoolPortable,
	AvgPool:   avgPoolPortable,
	Sum:       sumPortable,
	Affine:    affinePortable,
	Stats:     statsPortable,
	Mul:       mulPortable,
	Mean:      meanPortable,
	Activate:  activatePortable,
}

func vec(x []float32, off int) *lanes8 { return (*lanes8)(x[off : off+portableLanes]) }

func convPortable(a *Conv) {
	const v = portableLanes
	for p := 0; p < len(a.Pix); p += 3 {
		xo, yo, ao := int(a.Pix[p]), int(a.Pix[p+1]), int(a.Pix[p+2])
		w := a.W
		for _, r := range Runs(a.Out) {
			size := a.Window * a.In * r.S
			for t := 0; t < r.N; t++ {
				for s := 0; s < r.S; s++ {
					o := r.First + t*r.S + s
					var acc lanes8
					for tap := 0; tap < len(a.Taps); tap += 2 {
						x := a.X[xo+int(a.Taps[tap]):][:a.Run*v]
						axpy(&acc, x, w[int(a.Taps[tap+1])*r.S+s:], r.S)
					}
					if a.Shift != nil {
						for l := range acc {
							acc[l] += a.Shift[o]
						}
					}
					if a.ReLU {
						relu(&acc)
					}
					if a.Add != nil {
						add(&acc, vec(a.Add, ao+o*v))
					}
					*vec(a.Y, yo+o*v) = acc
				}
				w = w[size:]
			}
		}
	}
}

// axpy adds to acc the vectors of x times every s-th value of w.
func axpy(acc *lanes8, x, w []float32, s int) {
	a0, a1, a2, a3, a4, a5, a6, a7 := acc[0], acc[1], acc[2], acc[3], acc[4], acc[5], acc[6], acc[7]
	for j := 0; len(x) >= portableLanes; j += s {
		f := w[j]
		xv := (*lanes8)(x)
		a0 += xv[0] * f
		a1 += xv[1] * f
		a2 += xv[2] * f
		a3 += xv[3] * f
		a4 += xv[4] * f
		a5 += xv[5] * f
		a6 += xv[6] * f
		a7 += xv[7] * f
		x = x[portableLanes:]
	}
	*acc = lanes8{a0, a1, a2, a3, a4, a5, a6, a7}
}

func relu(v *lanes8) {
	for l, x := range v {
		v[l] = max(x, 0)
	}
}

func add(v, x *lanes8) {
	for l := range v {
		v[l] += x[l]
	}
}

func depthwisePortable(a *Window) {
	const v = portableLanes
	for p := 0; p < len(a.Pix); p += 3 {
		xo, yo := int(a.Pix[p]), int(a.Pix[p+1])
		for c := 0; c < a.C; c++ {
			var acc lanes8
			for t := 0; t < len(a.Taps); t += 2 {
				x := vec(a.X, xo+int(a.Taps[t])+c*v)
				f := a.W[int(a.Taps[t+1])+c]
				for l := range acc {
					acc[l] += x[l] * f
				}
			}
			if a.Shift != nil {
				for l := range acc {
					acc[l] += a.Shift[c]
				}
			}
			if a.ReLU {
				relu(&acc)
			}
			*vec(a.Y, yo+c*v) = acc
		}
	}
}

func maxPoolPortable(a *Window) {
	const v = portableLanes
	for p := 0; p < len(a.Pix); p += 3 {
		xo, yo := int(a.Pix[p]), int(a.Pix[p+1])
		for c := 0; c < a.C; c++ {
			acc := *vec(a.X, xo+int(a.Taps[0])+c*v)
			for t := 2; t < len(a.Taps); t += 2 {
				x := vec(a.X, xo+int(a.Taps[t])+c*v)
				for l := range acc {
					acc[l] = max(acc[l], x[l])
				}
			}
			*vec(a.Y, yo+c*v) = acc
		}
	}
}

func avgPoolPortable(a *Window) {
	const v = portableLanes
	f := 1 / float32(len(a.Taps)/2)
	for p := 0; p < len(a.Pix); p += 3 {
		xo, yo := int(a.Pix[p]), int(a.Pix[p+1])
		for c := 0; c < a.C; c++ {
			var acc lanes8
			for t := 0; t < len(a.Taps); t += 2 {
				add(&acc, vec(a.X, xo+int(a.Taps[t])+c*v))
			}
			for l := range acc {
				acc[l] *= f
			}
			*vec(a.Y, yo+c*v) = acc
		}
	}
}

func sumPortable(a *Sum) {
	size := a.C * portableLanes
	for p := 0; p < a.N; p++ {
		y := a.Y[p*a.LdY:][:size]
		copy(y, a.X[0][p*a.LdX[0]:])
		for j := 1; j < len(a.X); j++ {
			x := a.X[j][p*a.LdX[j]:][:size]
			for i, v := range x {
				y[i] += v
			}
		}
	}
}

func affinePortable(a *Affine) {
	const v = portableLanes
	for p := 0; p < a.N; p++ {
		for c := 0; c < a.C; c++ {
			x := vec(a.X, p*a.LdX+c*v)
			scale, shift := a.Scale[c], a.Shift[c]
			for l := range x {
				x[l] = x[l]*scale + shift
			}
			if a.ReLU {
				relu(x)
			}
			if a.Add != nil {
				add(x, vec(a.Add, p*a.LdAdd+c*v))
			}
		}
	}
}

func statsPortable(a *Stats) {
	const v = portableLanes
	n := float64(a.N * a.Valid)
	for c := 0; c < a.C; c++ {
		sum := 0.0
		for p := 0; p < a.N; p++ {
			for _, x := range a.X[p*a.Ld+c*v:][:a.Valid] {
				sum += float64(x)
			}
		}
		mean, sq := sum/n, 0.0
		for p := 0; p < a.N; p++ {
			for _, x := range a.X[p*a.Ld+c*v:][:a.Valid] {
				d := float64(x) - mean
				sq += d * d
			}
		}
		a.Mean[c], a.SumSq[c] = mean, sq
	}
}

func mulPortable(a *Mul) {
	const v = portableLanes
	for p := 0; p < a.N; p++ {
		for c := 0; c < a.C; c++ {
			y, x, f := vec(a.Y, p*a.LdY+c*v), vec(a.X, p*a.LdX+c*v), vec(a.F, c*v)
			for l := range y {
				y[l] = x[l] * f[l]
			}
		}
	}
}

func meanPortable(a *Mean) {
	const v = portableLanes
	for c := 0; c < a.C; c++ {
		var acc [v]float64
		for p := 0; p < a.N; p++ {
			for l, x := range vec(a.X, p*a.Ld+c*v) {
				acc[l] += float64(x)
			}
		}
		y := vec(a.Y, c*v)
		for l, s := range acc {
			y[l] = float32(s / float64(a.N))
		}
	}
}

// activatePortable goes through float64, whose library functions are exact
// to the last bit of a float32.
func activatePortable(a *Activate) {
	size := a.C * portableLanes
	for p := 0; p < a.N; p++ {
		x := a.X[p*a.Ld:][:size]
		switch a.F {
		case ReLU:
			for i, v := range x {
				x[i] = max(v, 0)
			}
		case Swish:
			for i, v := range x {
				x[i] = float32(float64(v) / (1 + math.Exp(-float64(v))))
			}
		case Sigmoid:
			for i, v := range x {
				x[i] = float32(1 / (1 + math.Exp(-float64(v))))
			}
		case Erf:
			for i, v := range x {
				x[i] = float32(math.Erf(float64(v)))
			}
		}
	}
}
