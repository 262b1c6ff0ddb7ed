package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// sampleBlock is how many architectures are drawn and printed at a time.
const sampleBlock = 4096

func newSpaceSample() *cobra.Command {
	var f sampleFlags
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Draw architectures at random",
		Long: `Draw n different architectures uniformly from a space, the same ones for the
same seed; the first of a larger n are those of a smaller one. With
--random-spec draw as the space was first drawn from: of NAS-Bench-101 as the
public notebook of arXiv:2011.06006 does, random 7x7 matrices and operations until
valid, which favors small cells and can repeat one.

Rows are printed as they are drawn. Parameters and GFLOP are those of the
published width. --csv and --json print what 'nngplab space same -' reads.`,
		Example: `  nngplab space sample -n 10 --seed 1
  nngplab space sample -n 100000 --random-spec --csv | nngplab space same -`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.add(cmd)
	cmd.Flags().IntVarP(&f.n, "number", "n", 10, "number of architectures")
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "seed of the draw")
	cmd.Flags().BoolVar(&f.random, "random-spec", false, "draw as the public notebook does, not uniformly")
	cmd.Flags().BoolVar(&f.csv, "csv", false, "print CSV with a header line")
	return cmd
}

type sampleFlags struct {
	spaceFlag
	n           int
	seed        uint64
	random, csv bool
}

func (f *sampleFlags) run(cmd *cobra.Command) error {
	s, err := f.space()
	if err != nil {
		return err
	}
	if f.csv && wantsJSON(cmd) {
		return badInput(errors.New("give either --csv or --json"))
	}
	next, err := f.draw(s)
	if err != nil {
		return badInput(err)
	}
	out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<16)
	var p samplePrinter
	switch {
	case wantsJSON(cmd):
		p = &sampleJSON{w: out, head: jsonObject{{"space", s.Name()}, {"seed", f.seed}, {"random_spec", f.random}}}
	case f.csv:
		p = &sampleCSV{csv.NewWriter(out)}
	default:
		p = &sampleText{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0), spelledBriefly(s)}
	}
	if err := f.print(cmd.Context(), s, next, p); err != nil {
		return err
	}
	return out.Flush()
}

// draw returns a function that draws the next k architectures.
func (f *sampleFlags) draw(s space.Space) (func(k int) []space.Architecture, error) {
	if !f.random {
		all, err := s.Sample(f.n, f.seed)
		return func(k int) []space.Architecture {
			block := all[:k]
			all = all[k:]
			return block
		}, err
	}
	if f.n < 0 {
		return nil, fmt.Errorf("a sample of %d", f.n)
	}
	one, err := space.Propose(s, f.seed)
	return func(k int) []space.Architecture {
		block := make([]space.Architecture, k)
		for i := range block {
			block[i] = one()
		}
		return block
	}, err
}

func (f *sampleFlags) print(ctx context.Context, s space.Space, next func(int) []space.Architecture, p samplePrinter) error {
	var counts []string
	for _, c := range s.Counts() {
		counts = append(counts, c.Name)
	}
	columns := append([]string{s.Info().KeyColumn}, space.SpellColumns(s)...)
	if err := p.begin(append(columns, "trainable_parameters", "gflops_per_image"), counts); err != nil {
		return err
	}
	for left := f.n; left > 0; {
		block := next(min(left, sampleBlock))
		left -= len(block)
		keys, err := space.Keys(ctx, s, block)
		if err != nil {
			return err
		}
		for i, a := range block {
			r := append(spellings(a, keys[i]), jsonField{"trainable_parameters", a.Parameters()}, jsonField{"gflops_per_image", gigaFLOPs(a.MACs())})
			for k, v := range a.Counts() {
				r = append(r, jsonField{counts[k], v})
			}
			if err := p.row(r); err != nil {
				return err
			}
		}
		if err := p.flush(); err != nil {
			return err
		}
	}
	return p.end()
}

// samplePrinter prints rows as they come.
type samplePrinter interface {
	begin(columns, counts []string) error
	row(r jsonObject) error
	flush() error // after each block
	end() error
}

type sampleJSON struct {
	w     *bufio.Writer
	head  jsonObject
	comma string
}

func (p *sampleJSON) begin(_, _ []string) error {
	head, err := json.Marshal(p.head)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.w, "%s,\"architectures\":[", head[:len(head)-1])
	return err
}

func (p *sampleJSON) row(r jsonObject) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.w, "%s\n%s", p.comma, text)
	p.comma = ","
	return err
}

func (p *sampleJSON) flush() error { return p.w.Flush() }

func (p *sampleJSON) end() error {
	_, err := p.w.WriteString("\n]}\n")
	return err
}

type sampleCSV struct{ w *csv.Writer }

func (p *sampleCSV) begin(columns, counts []string) error {
	return p.w.Write(append(columns, counts...))
}

func (p *sampleCSV) row(r jsonObject) error {
	fields := make([]string, len(r))
	for i, f := range r {
		if v, ok := f.value.(float64); ok {
			fields[i] = strconv.FormatFloat(v, 'g', -1, 64)
			continue
		}
		fields[i] = fmt.Sprint(f.value)
	}
	return p.w.Write(fields)
}

func (p *sampleCSV) flush() error { p.w.Flush(); return p.w.Error() }

func (p *sampleCSV) end() error { return p.flush() }

// sampleText prints the key, the spelling, parameters and operations.
type sampleText struct {
	w     *tabwriter.Writer
	shown []string // of the columns of key and spelling
}

func (p *sampleText) begin(_, _ []string) error {
	for _, c := range p.shown {
		fmt.Fprintf(p.w, "%s\t", c)
	}
	_, err := io.WriteString(p.w, "parameters\tGFLOP\n")
	return err
}

func (p *sampleText) row(r jsonObject) error {
	for _, f := range r {
		switch f.name {
		case "trainable_parameters":
			fmt.Fprintf(p.w, "%v\t", f.value)
		case "gflops_per_image":
			_, err := fmt.Fprintf(p.w, "%.3f\n", f.value)
			return err
		default:
			if slices.Contains(p.shown, f.name) {
				fmt.Fprintf(p.w, "%v\t", f.value)
			}
		}
	}
	return nil
}

func (p *sampleText) flush() error { return p.w.Flush() }

func (p *sampleText) end() error { return p.w.Flush() }
