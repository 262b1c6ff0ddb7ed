package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/nanjson"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/campaign"
)

func newSweepStatus() *cobra.Command {
	var f sweepFlags
	cmd := &cobra.Command{
		Use:   "status PLAN",
		Short: "Say how far a sweep is: done, failed and why, missing, rate and estimate, by shard",
		Long: `Say how far a sweep is: what is done, what failed and why, what is missing, how fast
it goes and how long it takes yet, for each shard and together. It reads the stores
and takes no lock: call it from another terminal while the sweep runs.

A shard that is damaged is named, with the line; the exit code is 2 then. In a
notebook, campaign.StatusFrame("plan.json") returns the same as a data frame.`,
		Example: `  nngplab sweep status plan.json
  nngplab sweep status plan.json --json`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, _, err := f.open(args[0]); err != nil {
				return err
			}
			st, err := campaign.Survey(args[0], f.dir(args[0]))
			if err != nil {
				return badFile(err)
			}
			if err := printStatus(cmd, st); err != nil {
				return err
			}
			for _, s := range st.Shards {
				if s.State == campaign.StateDamaged {
					return badFile(fmt.Errorf("%s is damaged", s.Store))
				}
			}
			return nil
		},
	}
	f.add(cmd)
	return cmd
}

func printStatus(cmd *cobra.Command, st *campaign.Status) error {
	if wantsJSON(cmd) {
		b, err := nanjson.MarshalValue(st)
		if err == nil {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s\n", b)
		}
		return err
	}
	return statusText(cmd.OutOrStdout(), st)
}

func statusText(w io.Writer, st *campaign.Status) error {
	fmt.Fprintf(w, "%d of %d done, %d failed, %d missing%s\n", st.Done, st.Items, st.Failed, st.Missing, pace(st.Rate, st.Left))
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(st.Shards) > 0 {
		fmt.Fprintln(tw, "shard\tstate\tdone\tfailed\tmissing\ta second\tleft\thost")
	}
	for _, s := range st.Shards {
		missing := "?"
		if s.Missing >= 0 {
			missing = fmt.Sprint(s.Missing)
		}
		rate, left := "-", "-"
		if !math.IsNaN(s.Rate) {
			rate = fmt.Sprintf("%.3g", s.Rate)
		}
		if !math.IsNaN(s.Left) && s.State == campaign.StateRunning {
			left = progress.RoughlySeconds(s.Left)
		}
		fmt.Fprintf(tw, "%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", s.Shard, s.State, s.Done, s.Failed, missing, rate, left, printable.Clip(s.Host, 40))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, s := range st.Shards {
		if s.Note != "" {
			fmt.Fprintf(w, "%s: %s\n", s.Shard, printable.Clip(s.Note, maxMessage))
		}
	}
	for _, f := range st.Failures {
		if _, err := fmt.Fprintf(w, "%s failed, %s: %s (such as %s)\n", plural(f.Items, "architecture"), f.Measurement, f.Reason, f.Example); err != nil {
			return err
		}
	}
	return nil
}

// pace says how fast it goes.
func pace(rate, left float64) string {
	if rate <= 0 {
		return ""
	}
	text := fmt.Sprintf("; %.3g a second", rate)
	if !math.IsNaN(left) {
		text += ", about " + progress.RoughlySeconds(left) + " left"
	}
	return text
}
