package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/csvfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/corr"
)

func init() { subcommands = append(subcommands, newCorr) }

type corrOptions struct {
	file        string
	truth       string
	signals     []string
	thresholds  []float64
	skipMissing bool
	separator   string
	topGiven    bool
	report      corr.ReportConfig
}

func newCorr() *cobra.Command {
	var o corrOptions
	cmd := &cobra.Command{
		Use:   "corr --csv FILE --truth COLUMN --signal COLUMN[,COLUMN...]",
		Short: "Measure how well columns of a CSV file predict another",
		Long: `Measure how well signals (columns of a CSV file with a header) predict a truth
(another column): Kendall's tau-b, Pearson's and Spearman's correlation, PQETP
(the AUC of truth > p, for each threshold p), the best truth among the signal's
top rows, the overlap with the truth's top rows, and the weighted tau, which counts
the pairs at the top more (SciPy's weightedtau). Fields are separated by what the
header line has most of: commas, semicolons, tabs or bars.

Larger values are taken as better; write -COLUMN to take the negative of a
column. Ties are averaged over. A statistic that is not defined, such as the
correlation of a constant column, is "-" in text and null in JSON.

The thresholds are the protocol's, .85 to .93, where they separate the rows, and else
quantiles of the truth, as for one in percent; the table says which.

A missing or non-numeric value is an error, unless --skip-missing leaves its
row out; it says how many, and of which columns.`,
		Example: `  nngplab corr --csv cells.csv --truth test_accuracy --signal nngp,parameters
  nngplab corr --csv cells.csv --truth test_accuracy --signal=-loo_error --bootstrap 2000 --json
  nngplab corr --csv mine.csv --truth top1_percent --signal flops --skip-missing --separator ';'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("thresholds") && o.thresholds == nil {
				o.thresholds = []float64{}
			}
			o.topGiven = cmd.Flags().Changed("top")
			return runCorr(cmd, o)
		},
	}
	f := cmd.Flags()
	cmd.Args = func(cmd *cobra.Command, args []string) error { // the file without its flag, as rank takes it
		switch {
		case len(args) == 0:
			return nil
		case len(args) > 1 || o.file != "":
			return badInput(fmt.Errorf("give one file, not %s, too", printable.Quote(args[len(args)-1])))
		}
		o.file = args[0]
		return nil
	}
	f.StringVar(&o.file, "csv", "", "CSV file with a header line; - reads standard input")
	f.StringVar(&o.truth, "truth", "", "column to predict")
	f.StringSliceVar(&o.signals, "signal", nil, "columns that predict; -COLUMN for the negative")
	f.Float64SliceVar(&o.thresholds, "thresholds", nil, "thresholds of PQETP; without them the protocol's, .85 to .93, or quantiles of the truth where those do not separate its rows")
	f.IntVar(&o.report.Top, "top", 10, "number of top rows for discovered performance and overlap; without it half the rows where there are fewer than 10")
	f.IntVar(&o.report.Bootstrap, "bootstrap", 0, "resamples for bootstrap intervals; 0 for none")
	f.Float64Var(&o.report.Level, "level", 0.95, "level of the bootstrap intervals")
	f.Uint64Var(&o.report.Seed, "seed", 0, "seed of the bootstrap")
	f.IntVar(&o.report.Threads, "threads", 0, "goroutines of the bootstrap; 0 for all processors")
	f.BoolVar(&o.skipMissing, "skip-missing", false, "leave rows out that lack a number, and say how many, and in which columns")
	f.StringVar(&o.separator, "separator", "", "what separates the fields: one character, or tab; without it the header line decides")
	return cmd
}

// corrOutput is the JSON object that corr prints.
type corrOutput struct {
	File    string       `json:"file"`
	Skipped int          `json:"rows_skipped"`
	Gaps    []corrGap    `json:"skipped_by_column"`
	Report  *corr.Report `json:"report"`
}

func runCorr(cmd *cobra.Command, o corrOptions) error {
	if err := o.check(); err != nil {
		return badInput(err)
	}
	t, err := readCorrTable(cmd, o)
	if err != nil {
		return badInput(err)
	}
	if n := len(t.columns[0]); !o.topGiven && n < o.report.Top {
		o.report.Top = max(1, n/2)
	}
	o.report.TruthName = o.truth
	o.report.Thresholds = o.thresholds
	show := newProgress(cmd, progress.Quiet)
	o.report.Progress = func(signal string, done, total int) { show.Count(signal+": resamples", done, total) }
	signals := make([]corr.Signal, len(o.signals))
	for i, s := range o.signals {
		signals[i] = corr.Signal{Name: strings.TrimSpace(s), Values: t.columns[i+1]}
	}
	r, err := corr.Compare(cmd.Context(), t.columns[0], signals, o.report)
	show.End()
	if cmd.Context().Err() != nil {
		return cmd.Context().Err()
	}
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", o.name(), err))
	}
	if wantsJSON(cmd) {
		return printJSON(cmd, corrOutput{o.name(), t.skipped, append([]corrGap{}, t.gaps()...), r})
	}
	fmt.Fprint(cmd.OutOrStdout(), r.String())
	if t.skipped > 0 {
		fmt.Fprintf(cmd.OutOrStdout(), "%d of %d rows were left out: %s.\n", t.skipped, t.skipped+r.N, t.why())
	}
	return nil
}

func (o *corrOptions) name() string {
	if o.file == "-" {
		return "standard input"
	}
	return o.file
}

func (o *corrOptions) check() error {
	switch {
	case o.file == "":
		return errors.New("--csv is missing")
	case o.truth == "":
		return errors.New("--truth is missing")
	case len(o.signals) == 0:
		return errors.New("--signal is missing")
	case o.report.Top < 1:
		return fmt.Errorf("--top is %d, want at least 1", o.report.Top)
	case o.report.Bootstrap < 0 || o.report.Bootstrap == 1 || o.report.Bootstrap > corr.MaxResamples:
		return fmt.Errorf("--bootstrap is %d, want 0 or 2 to %d", o.report.Bootstrap, corr.MaxResamples)
	case !(o.report.Level > 0 && o.report.Level < 1):
		return fmt.Errorf("--level is %v, want it between 0 and 1", o.report.Level)
	case o.report.Threads < 0:
		return fmt.Errorf("--threads is %d, want at least 0", o.report.Threads)
	}
	if _, err := o.comma(); err != nil {
		return err
	}
	for _, t := range o.thresholds {
		if math.IsNaN(t) {
			return errors.New("--thresholds holds a NaN")
		}
	}
	return nil
}

// comma returns the separator, 0 where the header line decides.
func (o *corrOptions) comma() (rune, error) {
	switch o.separator {
	case "":
		return 0, nil
	case "tab", "\\t":
		return '\t', nil
	}
	r := []rune(o.separator)
	if len(r) != 1 || r[0] == '"' || r[0] == '\n' || r[0] == '\r' || r[0] == utf8.RuneError {
		return 0, fmt.Errorf("--separator %s: want one character, or tab", printable.Quote(o.separator))
	}
	return r[0], nil
}

// maxCorrRows bounds the rows that are kept: a stream of lines may never end.
const maxCorrRows = 1 << 24

// corrTable holds the wanted columns of a CSV file, the truth first.
type corrTable struct {
	columns [][]float64
	skipped int
	missing []corrGap // of each column
}

// corrGap says how many rows were left out because of a column. A row counts for the
// first of the wanted columns that it lacks.
type corrGap struct {
	Column    string `json:"column"`
	Missing   int    `json:"missing"`
	NoNumber  int    `json:"no_number"`
	FirstLine int    `json:"first_line"`
	first     string // the value there
}

// gaps returns those of the columns that have some.
func (t *corrTable) gaps() []corrGap {
	var out []corrGap
	for _, g := range t.missing {
		if g.Missing+g.NoNumber > 0 {
			out = append(out, g)
		}
	}
	return out
}

// why says in which columns values are missing.
func (t *corrTable) why() string {
	var parts []string
	for _, g := range t.gaps() {
		var what []string
		if g.Missing > 0 {
			what = append(what, fmt.Sprintf("is missing in %d", g.Missing))
		}
		if g.NoNumber > 0 {
			what = append(what, fmt.Sprintf("is no number in %d", g.NoNumber))
		}
		first := fmt.Sprintf("first on line %d", g.FirstLine)
		if g.first != "" {
			first += ", " + printable.Quote(g.first)
		}
		parts = append(parts, fmt.Sprintf("%s %s (%s)", printable.Text(printable.Clip(g.Column, 80)), strings.Join(what, " and "), first))
	}
	return strings.Join(parts, "; ")
}

// leaveOut counts a row that lacks a number in wanted column i.
func (t *corrTable) leaveOut(i int, column, value string, line int) {
	g := &t.missing[i]
	if t.skipped++; g.FirstLine == 0 {
		g.Column, g.FirstLine, g.first = strings.TrimSpace(column), line, strings.Clone(strings.TrimSpace(value))
	}
	if strings.TrimSpace(value) == "" {
		g.Missing++
	} else {
		g.NoNumber++
	}
}

func readCorrTable(cmd *cobra.Command, o corrOptions) (*corrTable, error) {
	in := cmd.InOrStdin()
	if o.file != "-" {
		// A pipe is as good as standard input: a signal ends the command however
		// long it waits.
		f, err := os.Open(o.file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	comma, err := o.comma()
	if err != nil {
		return nil, err
	}
	t, err := parseCorrTable(in, append([]string{o.truth}, o.signals...), comma, o.skipMissing)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.name(), err)
	}
	least := 2
	if o.topGiven {
		least = max(2, o.report.Top)
	}
	if n := len(t.columns[0]); n < least {
		skipped, top := "", ""
		if t.skipped > 0 {
			skipped, top = fmt.Sprintf(" (%d left out)", t.skipped), ": "+t.why()
		}
		if o.topGiven {
			top = fmt.Sprintf(" (--top %d)", o.report.Top) + top
		}
		return nil, fmt.Errorf("%s: %d rows with numbers%s, want at least %d%s", o.name(), n, skipped, least, top)
	}
	return t, nil
}

// parseCorrTable reads the named columns; a name with a leading minus that is no
// column's own is the negative of the column without it.
func parseCorrTable(in io.Reader, names []string, comma rune, skipMissing bool) (*corrTable, error) {
	r := csvfile.NewGuessing(in)
	if comma != 0 {
		r.Comma = comma
	}
	r.ReuseRecord = true
	head, err := r.Read()
	if err == io.EOF {
		return nil, errors.New("no header line: the file is empty")
	}
	if err != nil {
		return nil, err
	}
	head = append([]string(nil), head...)
	at, sign := make([]int, len(names)), make([]float64, len(names))
	for i, name := range names {
		if at[i], sign[i], err = findCorrColumn(head, name); err != nil {
			return nil, err
		}
	}
	t := &corrTable{columns: make([][]float64, len(names)), missing: make([]corrGap, len(names))}
	row := make([]float64, len(names))
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		bad, column := -1, 0
		for i, c := range at {
			v, err := csvfile.Number(strings.TrimSpace(rec[c]))
			if err != nil {
				bad, column = c, i
				break
			}
			row[i] = sign[i] * v
		}
		if bad >= 0 {
			if !skipMissing {
				what := printable.Quote(rec[bad]) + " is not a finite number"
				if strings.TrimSpace(rec[bad]) == "" {
					what = "the value is missing"
				}
				return nil, fmt.Errorf("line %d, column %s: %s (--skip-missing leaves such rows out)", line, printable.Quote(head[bad]), what)
			}
			t.leaveOut(column, head[bad], rec[bad], line)
			continue
		}
		if len(t.columns[0]) == maxCorrRows {
			return nil, fmt.Errorf("line %d: more than %d rows", line, maxCorrRows)
		}
		for i, v := range row {
			t.columns[i] = append(t.columns[i], v)
		}
	}
}

func findCorrColumn(head []string, name string) (at int, sign float64, err error) {
	for _, try := range []struct {
		name string
		sign float64
	}{{name, 1}, {strings.TrimPrefix(name, "-"), -1}} {
		found := -1
		for i, h := range head {
			if strings.TrimSpace(h) != strings.TrimSpace(try.name) {
				continue
			}
			if found >= 0 {
				return 0, 0, fmt.Errorf("columns %d and %d are both named %s", found+1, i+1, printable.Quote(name))
			}
			found = i
		}
		if found >= 0 {
			return found, try.sign, nil
		}
	}
	return 0, 0, fmt.Errorf("no column %s; %s", printable.Quote(name), listColumns(head))
}

// listColumns names the columns of a header, of a long one the first.
func listColumns(head []string) string {
	const shown = 20
	var names []string
	for _, h := range head[:min(len(head), shown)] {
		names = append(names, printable.Text(printable.Clip(strings.TrimSpace(h), 80)))
	}
	text := "there are " + strings.Join(names, ", ")
	if len(head) > shown {
		text += fmt.Sprintf(" and %d more", len(head)-shown)
	}
	return text
}
