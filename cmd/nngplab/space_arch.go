package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/archlist"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// archFlags are the flags that name one architecture of a space.
type archFlags struct {
	spaceFlag
	text, key, matrix, ops string
}

func (f *archFlags) add(cmd *cobra.Command) {
	f.spaceFlag.add(cmd)
	cmd.Flags().StringVar(&f.text, "arch", "", "the architecture: its key, or the space's text form")
	cmd.Flags().StringVar(&f.key, "hash", "", "the key of the architecture; of NAS-Bench-101 the published hash")
	cmd.Flags().StringVar(&f.matrix, "matrix", "", "adjacency matrix of a cell, with --ops: rows separated by slashes, or all digits in one")
	cmd.Flags().StringVar(&f.ops, "ops", "", "operations of a cell, first input, last output, separated by commas")
}

// given tells whether a flag names an architecture.
func (f *archFlags) given() bool { return f.text != "" || f.key != "" || f.matrix != "" || f.ops != "" }

// architecture returns the architecture that the flags, or one argument, name.
func (f *archFlags) architecture(cmd *cobra.Command, args []string) (space.Architecture, error) {
	s, err := f.space()
	if err != nil {
		return nil, err
	}
	ways := 0
	for _, given := range []bool{f.text != "", f.key != "", f.matrix != "" || f.ops != "", len(args) > 0} {
		if given {
			ways++
		}
	}
	switch {
	case ways > 1:
		return nil, badInput(errors.New("give either --hash, or --matrix and --ops, or --arch: one of them"))
	case ways == 0:
		return nil, badInput(errors.New("an architecture is given by --arch, by --hash, or by --matrix and --ops"))
	}
	if own := cmd.Flags().Lookup("network"); own != nil && len(args) == 1 && strings.HasSuffix(args[0], ".onnx") {
		return nil, badInput(fmt.Errorf("%s is no architecture of a search space: --network %s scores a file", args[0], shellWord(args[0])))
	}
	show := newProgress(cmd, progress.Quiet)
	show.Say("looking the %s up (some seconds the first time)", s.Info().Noun)
	defer show.End()
	a, err := f.find(cmd.Context(), s, args)
	if err != nil && cmd.Context().Err() == nil {
		err = badInput(err)
	}
	return a, err
}

func (f *archFlags) find(ctx context.Context, s space.Space, args []string) (space.Architecture, error) {
	switch {
	case f.key != "":
		return space.ByKey(ctx, s, f.key)
	case f.matrix == "" && f.ops == "":
		text := f.text
		if len(args) > 0 {
			text = args[0]
		}
		return archlist.Resolve(ctx, s, text)
	case f.matrix == "" || f.ops == "":
		return nil, errors.New("a cell is given by both --matrix and --ops")
	}
	columns := space.SpellColumns(s)
	t, ok := s.(space.Tabular)
	if !ok || len(columns) != 2 || columns[0] != "matrix" || columns[1] != "ops" {
		return nil, fmt.Errorf("a %s of %s is no matrix with operations: name it by --arch, as %s", s.Info().Noun, s.Name(), s.Info().Form)
	}
	return t.ParseColumns(columns, []string{f.matrix, f.ops})
}
