package main

import (
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
)

// newProgress shows on standard error how far a command is.
func newProgress(cmd *cobra.Command, how progress.How) *progress.Line {
	return progress.New(cmd.ErrOrStderr(), how)
}

// dataProgress shows the states of work on a data set on line; items says that
// what is counted are no bytes.
func dataProgress(line *progress.Line, items bool) func(datasets.Progress) {
	return func(s datasets.Progress) {
		if s.Message != "" {
			line.Message(s.Set + ": " + printable.Clip(s.Message, maxMessage))
			return
		}
		stage := s.Set + ": " + s.Stage
		if s.File != "" {
			stage += " " + s.File
		}
		line.Update(progress.State{Stage: stage, Done: s.Done, Total: s.Total, Bytes: !items})
	}
}
