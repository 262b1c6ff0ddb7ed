package main

import (
	"errors"
	"fmt"
	"math"
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
	decimal     string
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

Columns hold numbers, with thousands separated or not; percentages, of which "93.4 %"
is read as 0.934; or dates, which are read as days since 1970-01-01.

A missing value (an empty field, NA, NaN, null, None, - and the like), or one that is
not of its column's kind, is an error, unless --skip-missing leaves its row out; it says
which column lost how many rows, and on which lines.`,
		Example: `  nngplab corr --csv cells.csv --truth test_accuracy --signal nngp,parameters
  nngplab corr --csv cells.csv --truth test_accuracy --signal=-loo_error --bootstrap 2000 --json
  nngplab corr --csv mine.csv --truth top1_percent --signal flops --skip-missing --separator ';' --decimal ,`,
		Args: func(cmd *cobra.Command, args []string) error { return o.takeFile(args) },
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("thresholds") && o.thresholds == nil {
				o.thresholds = []float64{}
			}
			o.topGiven = cmd.Flags().Changed("top")
			return runCorr(cmd, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.file, "csv", "", "CSV file with a header line; - reads standard input")
	f.StringVar(&o.truth, "truth", "", "column to predict")
	f.StringSliceVar(&o.signals, "signal", nil, "columns that predict; -COLUMN for the negative")
	f.Float64SliceVar(&o.thresholds, "thresholds", nil, "thresholds of PQETP; without them the protocol's, .85 to .93, or quantiles of the truth where those do not separate its rows")
	f.IntVar(&o.report.Top, "top", 10, "number of top rows for discovered performance and overlap; without it half the rows where there are fewer than 10")
	f.IntVar(&o.report.Bootstrap, "bootstrap", 0, "resamples for bootstrap intervals; 0 for none")
	f.Float64Var(&o.report.Level, "level", 0.95, "level of the bootstrap intervals")
	f.Uint64Var(&o.report.Seed, "seed", 0, "seed of the bootstrap")
	f.IntVar(&o.report.Threads, "threads", 0, "goroutines of the bootstrap; 0 for all processors")
	f.BoolVar(&o.skipMissing, "skip-missing", false, "leave rows out that lack a value, and say how many, in which columns and on which lines")
	f.StringVar(&o.separator, "separator", "", "what separates the fields: one character, or tab; without it the header line decides")
	f.StringVar(&o.decimal, "decimal", "", "mark before decimals, . or , (the other may separate thousands); without it a point, and an error where 1,234 could be either")
	return cmd
}

// takeFile takes the file without its flag, as rank does.
func (o *corrOptions) takeFile(args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case len(args) > 1 || o.file != "":
		return badInput(fmt.Errorf("give one file, not %s, too", printable.Quote(args[len(args)-1])))
	}
	o.file = args[0]
	return nil
}

// corrOutput is the JSON object that corr prints.
type corrOutput struct {
	File    string            `json:"file"`
	Kinds   map[string]string `json:"kinds"` // number, percent or date, of each column
	Skipped int               `json:"rows_skipped"`
	Gaps    []corrGap         `json:"skipped_by_column"`
	Report  *corr.Report      `json:"report"`
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
		return printJSON(cmd, corrOutput{o.name(), t.kinds(), t.skipped, append([]corrGap{}, t.gaps()...), r})
	}
	fmt.Fprint(cmd.OutOrStdout(), r.String())
	for _, line := range t.readAs() {
		fmt.Fprintln(cmd.OutOrStdout(), line)
	}
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
	if _, err := o.format(); err != nil {
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

// format says how numbers are written.
func (o *corrOptions) format() (csvfile.Format, error) {
	switch o.decimal {
	case "":
		return csvfile.Format{}, nil
	case ".", ",":
		return csvfile.Format{Decimal: rune(o.decimal[0])}, nil
	}
	return csvfile.Format{}, fmt.Errorf("--decimal %s: want . or ,", printable.Quote(o.decimal))
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
