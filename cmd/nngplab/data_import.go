package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/published"
)

func init() {
	dataSubcommands = append(dataSubcommands, newDataImport)
	for _, set := range published.Inspectable() {
		dataReaders[set] = func(ctx context.Context, dir string, progress func(done, total int64)) ([]string, error) {
			return published.Inspect(ctx, set, dir, progress)
		}
	}
}

// imported is what an import says.
type imported struct {
	Name     string  `json:"name"`
	File     string  `json:"file"`
	SHA256   string  `json:"sha256"`
	Official bool    `json:"published"` // the file is the published one, by its digest
	Table    string  `json:"table"`
	Cells    int     `json:"cells"`
	Records  int     `json:"records"`
	Budgets  []int   `json:"budgets"`
	Seconds  float64 `json:"seconds"`

	whole int // cells of the whole benchmark
}

func (i imported) text(w io.Writer) error {
	// No checksum within the file shows that it was cut between two records.
	which := "the published file, by its SHA-256"
	if !i.Official {
		which = fmt.Sprintf("not the published file: its SHA-256 is %s; the whole benchmark has %d cells", i.SHA256, i.whole)
	}
	_, err := fmt.Fprintf(w, "%s: %d records of %d cells, budgets %v, in %.1f s\n  from %s\n  %s\n  kept in %s\n",
		i.Name, i.Records, i.Cells, i.Budgets, i.Seconds, i.File, which, i.Table)
	return err
}

func newDataImport() *cobra.Command {
	var table string
	c := &cobra.Command{
		Use:   "import nasbench101|nasbench101-full [FILE]",
		Short: "Parse a benchmark's table once, so that later loads are quick",
		Long: `Parse a benchmark's table once, check every record, and keep the parsed form in
the user's cache, so that later loads are quick. FILE is an official TFRecord
file, or one of the other layouts that nasbench.Import reads; without it the
data set's own file is taken from where it is found. A damaged file is an error
and leaves nothing behind; a table that is kept already and came from the same
bytes is not parsed again. The command says whether FILE is the published one,
by its SHA-256: other tables are imported too.`,
		Example: `  nngplab data import nasbench101
  nngplab data import nasbench101 ~/downloads/nasbench_only108.tfrecord`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveDefault
			}
			return published.Importable(), cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(c *cobra.Command, args []string) error { return badInput(cobra.RangeArgs(1, 2)(c, args)) },
		RunE: func(c *cobra.Command, args []string) error { return runImport(c, args, table) },
	}
	c.Flags().StringVar(&table, "table", "", "where to keep the parsed form, in place of an earlier one or of nothing (default: in the user's cache)")
	return c
}

func runImport(c *cobra.Command, args []string, table string) error {
	in := published.Import{Set: args[0], Table: table}
	if len(args) == 2 {
		in.File = args[1]
	}
	var missing *datasets.MissingError
	if err := in.Check(); errors.As(err, &missing) {
		return err
	} else if err != nil { // before minutes of parsing
		return badInput(err)
	}
	start := time.Now()
	show := newProgress(c, progress.Stages)
	update := dataProgress(show, false)
	got, err := in.Run(c.Context(), func(done, total int64) {
		update(datasets.Progress{Set: in.Set, File: filepath.Base(in.File), Stage: "importing", Done: done, Total: total})
	})
	show.End()
	if c.Context().Err() != nil {
		return c.Context().Err()
	}
	if err != nil {
		return badFile(err)
	}
	i := imported{
		Name: got.Set, File: got.File, SHA256: got.SHA256, Official: got.Published, Table: got.Table,
		Cells: got.Networks, Records: got.Records, Budgets: got.Budgets, Seconds: time.Since(start).Seconds(), whole: got.Size,
	}
	return printResult(c, i, i.text)
}
