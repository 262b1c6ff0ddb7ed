package campaign

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Measurement is something that is measured of every architecture: signals on
// images of noise, or statistics of a kernel. One of Noise and Kernel is set. Its
// columns are called after its name: noise_entropy.
type Measurement struct {
	Name   string  `json:"name"` // lower-case letters, digits and underscores
	Noise  *Noise  `json:"noise,omitempty"`
	Kernel *Kernel `json:"kernel,omitempty"`
}

// Kernel is a measurement of statistics of one kernel, as sweep.Compute makes
// them. Zeros mean the public protocol's numbers: see sweep.Setting.
type Kernel struct {
	Images     string   `json:"images"` // a set by its name, for imageset.Load
	Width      int      `json:"width"`
	Train      int      `json:"train"`
	Val        int      `json:"val"`
	Members    int      `json:"members"`
	Norm       string   `json:"norm"`
	NormBatch  int      `json:"norm_batch"`
	Draw       string   `json:"draw"`
	SplitSeed  uint64   `json:"split_seed"`
	View       string   `json:"view"`
	Statistics []string `json:"statistics"` // of the catalogue of package gp
}

// KernelOf returns the measurement of some statistics in a setting, whose seed
// is left out: a plan has its own.
func KernelOf(images string, s sweep.Setting, view nngpkit.View, statistics []string) *Kernel {
	return &Kernel{
		Images: images, Width: s.Width, Train: s.Train, Val: s.Val, Members: s.Members, Norm: s.Norm.String(), NormBatch: s.NormBatch,
		Draw: s.Draw.String(), SplitSeed: s.SplitSeed, View: string(view), Statistics: statistics,
	}
}

// setting returns the setting of the kernel with a seed.
func (k *Kernel) setting(seed uint64) (sweep.Setting, error) {
	s := sweep.Setting{Width: k.Width, Train: k.Train, Val: k.Val, Members: k.Members, NormBatch: k.NormBatch, Seed: seed, SplitSeed: k.SplitSeed}
	var err error
	if s.Norm, err = forward.ParseNorm(k.Norm); err != nil {
		return s, err
	}
	if s.Draw, err = forward.ParseDraw(k.Draw); err != nil {
		return s, err
	}
	return s.Resolved(), nil
}

// resolved returns the measurement with its zeros replaced.
func (m Measurement) resolved() Measurement {
	switch {
	case m.Noise != nil:
		n := m.Noise.resolved()
		m.Noise = &n
	case m.Kernel != nil:
		k := *m.Kernel
		if k.Norm == "" {
			k.Norm = forward.EMA.String()
		}
		if k.Draw == "" {
			k.Draw = forward.Draw(0).String()
		}
		if k.View == "" {
			k.View = string(nngpkit.Raw)
		}
		if s, err := k.setting(0); err == nil {
			k.Width, k.Train, k.Val, k.Members, k.NormBatch = s.Width, s.Train, s.Val, s.Members, s.NormBatch
		}
		m.Kernel = &k
	}
	return m
}

// Limits of what a plan may ask for.
const (
	maxImages  = 1 << 20
	maxMembers = 1 << 20
	maxWidth   = 1 << 16
)

// bound is a limit of a number.
type bound struct {
	name           string
	v, least, most int
}

func (m *Measurement) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("measurement %s: %w", printable.Quote(m.Name), fmt.Errorf(format, args...))
	}
	if m.Name == "" || len(m.Name) > 64 || strings.Trim(m.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return fail("want a name of lower-case letters, digits and underscores")
	}
	within := func(name string, v, least, most int) error {
		if v < least || v > most {
			return fail("%s is %d: want %d to %d", name, v, least, most)
		}
		return nil
	}
	if (m.Noise == nil) == (m.Kernel == nil) {
		return fail("want either noise or kernel")
	}
	var bounds []bound
	var values, known []string
	if n := m.Noise; n != nil {
		bounds = n.bounds()
		if !(n.Std > 0 && n.Std <= 1e3) || math.IsNaN(n.Std) {
			return fail("std is %v: want more than 0, at most 1000", n.Std)
		}
		values, known = n.Values, NoiseValues()
	} else {
		k := m.Kernel
		bounds = []bound{
			{"width", k.Width, 1, maxWidth}, {"train", k.Train, 1, maxImages}, {"val", k.Val, 1, maxImages},
			{"members", k.Members, 1, maxMembers}, {"norm_batch", k.NormBatch, 1, maxImages},
		}
		if _, err := k.setting(0); err != nil {
			return fail("%w", err)
		}
		for _, st := range gp.Catalogue() {
			known = append(known, st.Name)
		}
		values = k.Statistics
	}
	for _, b := range bounds {
		if err := within(b.name, b.v, b.least, b.most); err != nil {
			return err
		}
	}
	if len(values) == 0 {
		return fail("it names nothing to measure: there is %s", strings.Join(known, ", "))
	}
	for i, v := range values {
		if !slices.Contains(known, v) {
			return fail("there is nothing called %s to measure: there is %s", printable.Quote(v), strings.Join(known, ", "))
		}
		if slices.Contains(values[:i], v) {
			return fail("%s comes twice", v)
		}
	}
	if m.Noise == nil {
		return nil
	}
	if err := m.Noise.mixed(); err != nil {
		return fail("%w", err)
	}
	return nil
}

// checkIn returns why a space has not what is measured, or nil.
func (m *Measurement) checkIn(spaceName string) error {
	if m.Noise != nil && slices.Contains(m.Noise.Values, lastAgreement) && sweep.NoiseKindOf(spaceName) != sweep.NoiseCodes {
		return fmt.Errorf("measurement %s: %s is of networks of the MnasNet spaces, not of %s", m.Name, lastAgreement, spaceName)
	}
	return nil
}

// values returns the names of what is measured.
func (m *Measurement) values() []string {
	if m.Noise != nil {
		return m.Noise.Values
	}
	return m.Kernel.Statistics
}

// Columns returns the names of a plan's values, which are those of an item in a
// store: for each seed, for each measurement, each of its values, as in
// noise_entropy_seed0.
func (p *Plan) Columns() []string {
	var out []string
	for _, seed := range p.Seeds {
		for _, c := range p.MeanColumns() {
			out = append(out, c+seedSuffix(seed))
		}
	}
	return out
}

func seedSuffix(seed uint64) string { return "_seed" + strconv.FormatUint(seed, 10) }

// MeanColumns returns the names of the means over seeds, as in noise_entropy.
func (p *Plan) MeanColumns() []string {
	var out []string
	for _, m := range p.Measurements {
		for _, v := range m.values() {
			out = append(out, m.Name+"_"+v)
		}
	}
	return out
}
