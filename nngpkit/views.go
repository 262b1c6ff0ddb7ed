package nngpkit

import (
	"context"
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/kernel"
)

// View says which features of a network make its kernel, and how. All views
// come from the same forward pass.
type View string

const (
	// Raw is the paper's kernel: products of the global averages at the end of
	// the network. The empty string means the same.
	Raw View = "raw"
	// Standardized takes the same features, each with mean 0 and variance 1 over
	// the images in every member (see kernel.Standardize).
	Standardized View = "standardized"
	// Depths takes the global averages at the end of every scale, standardized.
	Depths View = "depths"
	// Maxima takes the maxima over the quarters of the last images, averaged and
	// standardized (see arch.Network.MultiScale).
	Maxima View = "maxima"
	// Maximum takes the maximum over the whole of the last images of each channel,
	// standardized.
	Maximum View = "maximum"
)

// Views returns the names of all views.
func Views() []View { return []View{Raw, Standardized, Depths, Maxima, Maximum} }

// viewNames lists the views for messages.
func viewNames() string {
	var names []string
	for _, v := range Views() {
		names = append(names, string(v))
	}
	return strings.Join(names, ", ")
}

// Label names the view in tables and figures.
func (v View) Label() string {
	switch v {
	case "":
		return string(Raw)
	case Depths:
		return "all depths"
	}
	return string(v)
}

// checkViews returns why the views cannot be taken, or nil.
func checkViews(views []View) error {
	for i, v := range views {
		known := v == ""
		for _, w := range Views() {
			known = known || v == w
		}
		if !known {
			return fmt.Errorf("nngpkit: there is no view %q of a network, only %s", v, viewNames())
		}
		for _, w := range views[:i] {
			if v == w {
				return fmt.Errorf("nngpkit: the view %q is asked for twice", v)
			}
		}
	}
	return nil
}

// scales reports whether the view needs features that the network does not
// have by itself.
func (v View) scales() bool { return v == Depths || v == Maxima }

// block reports whether the view takes the block of that name.
func (v View) block(name string) bool {
	switch v {
	case Depths:
		return name == arch.FinalBlock || strings.HasPrefix(name, "scale")
	case Maxima:
		return name == arch.MaximaBlock
	case Maximum:
		return name == arch.MaximumBlock
	}
	return name == arch.FinalBlock
}

// viewed is the estimate of the kernel of one view.
type viewed struct {
	*kernel.MonteCarlo
	view     View
	blocks   []arch.Block // of all features, in order
	features forward.Features
	own      []float32 // the view's features where they are not those given
}

func newViewed(v View, blocks []arch.Block, threads int) *viewed {
	r := &viewed{view: v, blocks: blocks}
	r.MonteCarlo = kernel.NewMonteCarlo(r)
	r.Threads = threads
	return r
}

// Member returns the features taken last: a viewed is its own source.
func (r *viewed) Member(context.Context, int) (n, d int, features []float32, err error) {
	return r.features.N, r.features.D, r.features.Data, nil
}

// take sets the features of the next member.
func (r *viewed) take(f *forward.Features) error {
	if r.view == Raw && len(r.blocks) == 1 {
		r.features = *f
		return nil
	}
	d := 0
	for _, b := range r.blocks {
		if r.view.block(b.Name) {
			d += b.N
		}
	}
	if cap(r.own) < f.N*d {
		r.own = make([]float32, f.N*d)
	}
	r.own = r.own[:0]
	for i := 0; i < f.N; i++ {
		row := f.Data[i*f.D:][:f.D]
		for _, b := range r.blocks {
			if r.view.block(b.Name) {
				r.own = append(r.own, row[b.First:b.First+b.N]...)
			}
		}
	}
	r.features = forward.Features{N: f.N, D: d, Data: r.own}
	if r.view == Raw {
		return nil
	}
	return kernel.Standardize(r.own, f.N, d)
}
