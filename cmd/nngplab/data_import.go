package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

func init() { dataSubcommands = append(dataSubcommands, newDataImport) }

// importable are the tables that import knows, with the data set that has
// their file.
var importable = []string{"nasbench101", "nasbench101-full"}

func newDataImport() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "import nasbench101|nasbench101-full [FILE]",
		Short: "Parse a table of NAS-Bench-101 once and keep it for instant loading",
		Long: `Parse a table of NAS-Bench-101, verify every checksum and every cell's hash, and
keep it as a Parquet file in the user's cache, from where notebooks load it in
a fraction of a second.

FILE is an official TFRecord file, a retrained one in the same layout, or one
of the CSV layouts; without it, the file that 'nngplab data path' finds. A file
with anything wrong in it is refused, and leaves no table behind.`,
		Example: `  nngplab data fetch nasbench101 && nngplab data import nasbench101
  nngplab data import nasbench101 ~/Downloads/nasbench_only108.tfrecord`,
		Args:              func(c *cobra.Command, args []string) error { return badInput(cobra.RangeArgs(1, 2)(c, args)) },
		ValidArgsFunction: completeImport,
		RunE: func(c *cobra.Command, args []string) error {
			file := ""
			if len(args) > 1 {
				file = args[1]
			}
			return runImport(c, args[0], file, output)
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "", "where to keep the table, instead of the user's cache")
	return c
}

func completeImport(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return importable, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveDefault
}

// importOutput is what import prints.
type importOutput struct {
	Name    string  `json:"name"`
	Source  string  `json:"source"`
	SHA256  string  `json:"sha256"`
	Bytes   int64   `json:"bytes"`
	Cells   int     `json:"cells"`
	Runs    int     `json:"runs"`
	Budgets []int   `json:"budgets"`
	Kept    string  `json:"kept"`
	Seconds float64 `json:"seconds"`
}

func runImport(c *cobra.Command, name, file, output string) error {
	known := false
	for _, n := range importable {
		known = known || n == name
	}
	if !known {
		return badInput(fmt.Errorf("data import: no table is called %q: %v", name, importable))
	}
	var err error
	if file == "" {
		if file, err = publishedFile(name); err != nil {
			return badInput(err)
		}
	}
	if output == "" {
		if output, err = datasets.TablePath(name); err != nil {
			return err
		}
	}
	start := time.Now()
	update, done := progressLine(c)
	table, err := nasbench.Import(c.Context(), file, output, func(at, total int64) {
		update("importing %s: %3.0f %%", filepath.Base(file), 100*float64(at)/float64(max(total, 1)))
	})
	done()
	switch {
	case c.Context().Err() != nil:
		return c.Context().Err()
	case errors.Is(err, fs.ErrPermission):
		return err
	case err != nil:
		return badInput(err)
	}
	info := table.Info()
	out := importOutput{
		Name: name, Source: file, SHA256: info.SHA256, Bytes: info.Bytes, Cells: table.Len(), Runs: table.Records(),
		Budgets: table.Budgets(), Kept: output, Seconds: time.Since(start).Seconds(),
	}
	return printResult(c, out, out.text)
}

// publishedFile returns the file of the data set of that name.
func publishedFile(name string) (string, error) {
	at, err := datasets.Find(name)
	if err != nil {
		return "", err
	}
	m, err := datasets.Get(name)
	if err != nil {
		return "", err
	}
	return filepath.Join(at.Dir, filepath.FromSlash(m.Files[0].Path)), nil
}

func (o importOutput) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "table\t%s: %d cells, %d runs, budgets of %v epochs\n", o.Name, o.Cells, o.Runs, o.Budgets)
	fmt.Fprintf(tw, "from\t%s (%s, SHA-256 %s)\n", o.Source, megabytes(o.Bytes), o.SHA256)
	fmt.Fprintf(tw, "kept\t%s\n", o.Kept)
	fmt.Fprintf(tw, "time\t%.2f s\n", o.Seconds)
	return tw.Flush()
}
