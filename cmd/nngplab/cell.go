package main

import (
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// cellFlags name one cell of NAS-Bench-101.
type cellFlags struct{ archFlags }

// cell returns the cell that the flags name.
func (f *cellFlags) cell(cmd *cobra.Command) (nasbench.Spec, error) {
	a, err := f.architecture(cmd, nil)
	if err != nil {
		return nasbench.Spec{}, err
	}
	s, err := nasbench.SpecOf(a)
	return s, badInput(err)
}
