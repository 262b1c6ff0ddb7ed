package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/space"
)

func newSpaceShow() *cobra.Command {
	var f archFlags
	var width int
	cmd := &cobra.Command{
		Use:     "show [ARCHITECTURE]",
		Aliases: []string{"info"},
		Short:   "Describe one architecture: key, parameters, FLOPs, free counts",
		Long: `Describe one architecture of a space, named by its key or written down: of
NAS-Bench-101 as matrix and operations, pruned as NAS-Bench-101 prunes. At the
published width, parameters and FLOPs are those of the network as it is written,
which published tables count; at another, those of the canonical form, which is
what scores are computed of. An architecture found by its key is the canonical
one; the first such look-up in NAS-Bench-101 hashes the whole space and keeps the
result in the user's cache directory.`,
		Example: `  nngplab space show 28cfc7874f6d200472e1a9dcd8650aa0
  nngplab space show --matrix 0101/0010/0001/0000 --ops input,conv3x3-bn-relu,conv3x3-bn-relu,output
  nngplab space show --hash 28cfc7874f6d200472e1a9dcd8650aa0 --width 16 --json`,
		Args: func(cmd *cobra.Command, args []string) error { return badInput(cobra.MaximumNArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := f.architecture(cmd, args)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("width") {
				width = space.Of(a).Info().Width
			}
			d, err := describe(a, width)
			if err != nil {
				return badInput(err)
			}
			return printResult(cmd, d.json(), d.text)
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&width, "width", 0, "channels of the stem; without it those of the published networks")
	return cmd
}

// description is what show prints.
type description struct {
	a          space.Architecture
	width      int
	parameters int
	macs       int64
}

func describe(a space.Architecture, width int) (description, error) {
	i := space.Of(a).Info()
	if m := a.MinWidth(); width < m {
		return description{}, fmt.Errorf("--width %d: this %s needs a width of at least %d", width, i.Noun, m)
	}
	if width == i.Width {
		return description{a, width, a.Parameters(), a.MACs()}, nil
	}
	net, err := a.Network(width, arch.Shape{})
	if err != nil {
		return description{}, err
	}
	return description{a, width, net.Parameters(), net.FLOPs() / 2}, nil
}

func (d description) details() []space.Detail {
	if x, ok := d.a.(space.Describer); ok {
		return x.Describe(d.width)
	}
	return nil
}

func (d description) json() jsonObject {
	out := append(jsonObject{{"space", d.a.SpaceName()}}, spellings(d.a, d.a.Key())...)
	if !out.has(space.TextColumn) {
		out = append(out, jsonField{space.TextColumn, d.a.String()})
	}
	out = append(out, jsonObject{
		{"canonical", d.a.Canonical() == d.a}, {"width", d.width}, {"min_width", d.a.MinWidth()},
		{"trainable_parameters", d.parameters}, {"macs_per_image", d.macs}, {"gflops_per_image", gigaFLOPs(d.macs)},
	}...)
	for i, v := range d.a.Counts() {
		out = append(out, jsonField{space.Of(d.a).Counts()[i].Name, v})
	}
	for _, x := range d.details() {
		out = append(out, jsonField{x.Name, x.Value})
	}
	return out
}

func (d description) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name string, value any) { fmt.Fprintf(tw, "%s\t%v\n", name, value) }
	brief := spelledBriefly(space.Of(d.a))
	for _, f := range spellings(d.a, d.a.Key()) {
		if slices.Contains(brief, f.name) {
			row(f.name, f.value)
		}
	}
	if len(brief) == 1 && d.a.String() != d.a.Key() {
		row(space.TextColumn, d.a)
	}
	if c := d.a.Canonical(); c != d.a {
		row("canonical form", c)
	}
	row("width", fmt.Sprintf("%d (at least %d)", d.width, d.a.MinWidth()))
	row("parameters", d.parameters)
	row("GFLOP per image", fmt.Sprintf("%.4f", gigaFLOPs(d.macs)))
	for i, v := range d.a.Counts() {
		row(space.Of(d.a).Counts()[i].Label, strconv.FormatFloat(v, 'f', -1, 64))
	}
	for _, x := range d.details() {
		if rows, ok := x.Value.([][]int); ok {
			for k, r := range rows {
				row(map[bool]string{true: x.Label}[k == 0], r)
			}
			continue
		}
		row(x.Label, x.Value)
	}
	return tw.Flush()
}
