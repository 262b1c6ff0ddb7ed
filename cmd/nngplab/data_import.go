package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

// benchmarkFiles are the tables that can be imported and their files.
var benchmarkFiles = map[string]string{
	"nasbench101":      "nasbench_only108.tfrecord",
	"nasbench101-full": "nasbench_full.tfrecord",
}

func init() {
	dataSubcommands = append(dataSubcommands, newDataImport)
	for name, file := range benchmarkFiles {
		dataReaders[name] = func(ctx context.Context, dir string, progress func(done, total int64)) ([]string, error) {
			return readBenchmark(ctx, dir, file, progress)
		}
	}
}

// readBenchmark reads a benchmark's file as the lab does, and keeps nothing.
func readBenchmark(ctx context.Context, dir, file string, progress func(done, total int64)) ([]string, error) {
	t, err := nasbench.ReadTable(ctx, filepath.Join(dir, file), progress)
	if err != nil {
		return nil, err
	}
	return []string{fmt.Sprintf("%s: read %d records of %d cells", file, t.Records(), t.Len())}, nil
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
}

func (i imported) text(w io.Writer) error {
	// No checksum within the file shows that it was cut between two records.
	which := "the published file, by its SHA-256"
	if !i.Official {
		which = fmt.Sprintf("not the published file: its SHA-256 is %s; the whole benchmark has %d cells", i.SHA256, nasbench.Size)
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
			return []string{"nasbench101", "nasbench101-full"}, cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(c *cobra.Command, args []string) error { return badInput(cobra.RangeArgs(1, 2)(c, args)) },
		RunE: func(c *cobra.Command, args []string) error { return runImport(c, args, table) },
	}
	c.Flags().StringVar(&table, "table", "", "where to keep the parsed form, in place of an earlier one or of nothing (default: in the user's cache)")
	return c
}

func runImport(c *cobra.Command, args []string, table string) error {
	name := args[0]
	official, ok := benchmarkFiles[name]
	if !ok {
		return badInput(fmt.Errorf("%q is no table that is imported: nasbench101 and nasbench101-full are", name))
	}
	file := ""
	if len(args) == 2 {
		file = args[1]
		if _, err := os.Stat(file); err != nil {
			return badInput(err)
		}
	} else {
		at, err := datasets.Find(name)
		if err != nil {
			return err
		}
		if err := datasets.CheckRecorded(c.Context(), at.Dir, official); err != nil {
			return badFile(err)
		}
		file = filepath.Join(at.Dir, official)
	}
	if table == "" {
		var err error
		if table, err = datasets.TablePath(name); err != nil {
			return badInput(err)
		}
	}
	if err := nasbench.CheckPlace(table, file); err != nil { // before minutes of parsing
		return badInput(err)
	}
	start := time.Now()
	show := newProgress(c.ErrOrStderr())
	t, err := nasbench.Import(c.Context(), file, table, func(done, total int64) {
		show.update(datasets.Progress{Set: name, File: filepath.Base(file), Stage: "importing", Done: done, Total: total})
	})
	show.end()
	if c.Context().Err() != nil {
		return c.Context().Err()
	}
	if err != nil {
		return badFile(err)
	}
	m, err := datasets.Get(name)
	if err != nil {
		return err
	}
	sum := t.Info().SHA256
	i := imported{name, file, sum, sum == m.Sources[0].SHA256, table, t.Len(), t.Records(), t.Budgets(), time.Since(start).Seconds()}
	return printResult(c, i, i.text)
}
