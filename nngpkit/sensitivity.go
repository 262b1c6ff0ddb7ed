package nngpkit

import (
	"context"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/kernel"
)

// Perturbation asks for sensitivities: how far small noise on the images moves
// the features. Images run a second time with noise added, in the same forward
// passes as the kernels, with the same weights and the same normalization.
type Perturbation struct {
	// Std is the standard deviation of the noise, in units of the normalized pixel
	// values; 0 means that no sensitivities are asked for.
	Std float64
	// Images is how many of the images run a second time, the first ones; 0 means
	// all.
	Images int
	// At says where; nil means at the end of the network, means over pixels.
	At []Place
	// Shared gives all images the same noise, so that their changes can be compared:
	// Sensitivity.Changes.
	Shared bool
}

// Place is where features of a network are taken, and how.
type Place struct {
	Mark    string            // one of the network's Marks, such as "stack2/module1"; empty means its end
	Pooling arch.ProbePooling // of the pixels
}

// String returns mark and pooling, such as "stack2/module1 mean".
func (p Place) String() string {
	if p.Mark == "" {
		return "end " + p.Pooling.String()
	}
	return p.Mark + " " + p.Pooling.String()
}

// probe returns the place in a network. It returns an error that lists the marks
// if the network has no such one.
func (p Place) probe(net *arch.Network) (arch.Probe, error) {
	if p.Mark == "" {
		return arch.Probe{Name: p.String(), Node: net.End(), Pooling: p.Pooling}, nil
	}
	var names []string
	for _, m := range net.Marks {
		if m.Name == p.Mark {
			return arch.Probe{Name: p.String(), Node: m.Node, Pooling: p.Pooling}, nil
		}
		names = append(names, m.Name)
	}
	return arch.Probe{}, fmt.Errorf("nngpkit: network %q has no part that is called %q: it has [%s]", net.Name, p.Mark, strings.Join(names, ", "))
}

// Sensitivity is what Perturbation measures at one place. All values are means
// over members.
type Sensitivity struct {
	Place Place
	// Change is the mean over images and features of the squared change of a
	// feature, divided by the variance of the noise. For small noise it is the mean
	// over features of the squared norm of their gradient, |J|^2/D with the
	// Jacobian J of D features.
	Change float64
	// Variance is the mean over features of their variance over the images, and
	// Square the mean over images and features of their squares: what makes Change
	// free of the features' scale. They are of the images that ran twice, without
	// the noise.
	Variance, Square float64
	// Changes holds, where the images share their noise, the products of their
	// changes, image by image: d d' / (D Std^2), whose diagonal has the mean Change.
	// For small noise n it is the kernel of the Jacobians along n, J n.
	Changes *mat.SymDense
}

// Signal returns -log(Change): large where noise changes little.
func (s Sensitivity) Signal() float64 { return -math.Log(s.Change) }

// sensing adds up the sensitivity at one place.
type sensing struct {
	place            Place
	block            arch.Block
	std              float64
	n, first         int // images that run twice, and the first of those with noise
	members          int
	change, var_, sq float64
	changes          *kernel.MonteCarlo // nil where images have noise of their own
	moves            []float32          // of the member in hand
}

// take adds a member.
func (s *sensing) take(f *forward.Features) error {
	d := s.block.N
	row := func(i int) []float32 { return f.Data[i*f.D+s.block.First:][:d] }
	sum, squares := make([]float64, d), make([]float64, d)
	change := 0.0
	for i := range s.n {
		x, y := row(i), row(s.first+i)
		for k, v := range x {
			e := float64(y[k]) - float64(v)
			change += e * e
			sum[k] += float64(v)
			squares[k] += float64(v) * float64(v)
		}
	}
	n := float64(s.n)
	variance, square := 0.0, 0.0
	for k := range sum {
		variance += squares[k]/n - sum[k]/n*(sum[k]/n)
		square += squares[k] / n
	}
	if s.changes != nil {
		s.moves = s.moves[:0]
		for i := range s.n {
			x := row(i)
			for k, y := range row(s.first + i) {
				s.moves = append(s.moves, y-x[k])
			}
		}
		if err := s.changes.Next(context.Background()); err != nil {
			return fmt.Errorf("%v: %w", s.place, err)
		}
	}
	if math.IsNaN(change) || math.IsInf(change, 0) || math.IsNaN(square) || math.IsInf(square, 0) {
		return fmt.Errorf("%v: the features are not finite", s.place)
	}
	s.members++
	s.change += change / (n * float64(d) * s.std * s.std)
	s.var_ += max(variance, 0) / float64(d)
	s.sq += square / float64(d)
	return nil
}

func (s *sensing) mean() Sensitivity {
	m := float64(s.members)
	out := Sensitivity{Place: s.place, Change: s.change / m, Variance: s.var_ / m, Square: s.sq / m}
	if s.changes != nil {
		out.Changes = s.changes.Kernel()
		out.Changes.ScaleSym(1/(float64(s.block.N)*s.std*s.std), out.Changes)
	}
	return out
}

// share has the sensing keep the products of changes.
func (s *sensing) share() {
	s.changes = kernel.NewMonteCarlo(kernel.SourceFunc(func(context.Context, int) (n, d int, features []float32, err error) {
		return s.n, s.block.N, s.moves, nil
	}))
	s.changes.Threads = 1
}
