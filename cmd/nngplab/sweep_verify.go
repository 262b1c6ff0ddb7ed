package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/campaign"
)

// verifyFlags are the flags of sweep verify.
type verifyFlags struct{ cfg campaign.VerifyConfig }

func newSweepVerify() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify TABLE.parquet",
		Short: "Measure some rows of an exported table anew, and compare",
		Long: `Measure some rows of a table that 'nngplab sweep export' wrote anew, and compare. The
table holds its plan; no store is needed. Differences are relative to the larger of
1 and the value. The exit code is 1 where one is above the tolerance, or a
value is missing on one side alone. On a machine whose processor has the
same instructions nothing differs but by rounding to float32. Other instructions
round differently: take --tolerance 1e-3 there, and expect one or two cells of a
thousand above it, whose features are constant but for rounding.`,
		Example: `  nngplab sweep verify scores.parquet
  nngplab sweep verify scores.parquet --rows 20 --seed 3
  nngplab sweep verify scores.parquet --rows 0        # all`,
		Args: func(cmd *cobra.Command, args []string) error { return badInput(cobra.ExactArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	fl := cmd.Flags()
	fl.IntVar(&f.cfg.Rows, "rows", 500, "rows, drawn at random; 0 means all")
	fl.Uint64Var(&f.cfg.Seed, "seed", 0, "seed of the draw")
	fl.IntVar(&f.cfg.Threads, "threads", 0, "rows at a time; 0 means those of this machine")
	fl.Float64Var(&f.cfg.Tolerance, "tolerance", 1e-6, "largest difference that still agrees")
	return cmd
}

func (f *verifyFlags) run(cmd *cobra.Command, path string) error {
	if f.cfg.Rows < 0 || f.cfg.Threads < 0 || !(f.cfg.Tolerance >= 0) {
		return badInput(fmt.Errorf("--rows %d, --threads %d, --tolerance %v: want at least 0", f.cfg.Rows, f.cfg.Threads, f.cfg.Tolerance))
	}
	x, err := campaign.LoadTable(path)
	if err != nil {
		return badFile(err)
	}
	show := newProgress(cmd, progress.Minutes)
	f.cfg.Load = campaign.LoaderFor(cmd.Context())
	f.cfg.Progress = func(done, total int) { show.Count("rows", done, total) }
	v, err := x.Verify(cmd.Context(), f.cfg)
	show.End()
	if err != nil {
		return badInput(err)
	}
	if err := printResult(cmd, v, func(w io.Writer) error { return verifiedText(w, v) }); err != nil {
		return err
	}
	for _, c := range v.Columns {
		if !c.Agrees() {
			return fmt.Errorf("%s: column %s does not agree: %s above %g, by up to %.3g, and %s missing on one side alone",
				path, c.Column, plural(c.Beyond, "difference"), f.cfg.Tolerance, c.Largest, plural(c.Missing, "value"))
		}
	}
	return nil
}

func verifiedText(w io.Writer, v *campaign.Verified) error {
	fmt.Fprintf(w, "%d of %d rows measured anew (%v)\n", v.Rows, v.Of, v.Engine)
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "column\tlargest difference\tat\tbeyond\tmissing\n")
	for _, c := range v.Columns {
		fmt.Fprintf(tw, "%s\t%.3g\t%s\t%d\t%d\n", c.Column, c.Largest, c.Key, c.Beyond, c.Missing)
	}
	return tw.Flush()
}
