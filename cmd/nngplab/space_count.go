package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/space"
)

func newSpaceCount() *cobra.Command {
	var f spaceFlag
	var by []string
	cmd := &cobra.Command{
		Use:   "count",
		Short: "Count the architectures of a space",
		Long: `Count the different architectures of a space, those that are the same network
once. Of NAS-Bench-101 that enumerates every cell of at most 7 vertices and 9
edges, up to isomorphism; "labeled" counts every pruned matrix with operations,
isomorphic ones each. --by enumerates any space that can be, and counts by some
of its free counts. Lists with --json are indexed by the value, from 0.`,
		Example: `  nngplab space count --json
  nngplab space count --by conv3x3,shortest_path`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.space()
			if err != nil {
				return err
			}
			start := time.Now()
			tallies, err := talliesOf(cmd.Context(), s, by)
			if err != nil && cmd.Context().Err() == nil {
				err = badInput(err)
			}
			if err != nil {
				return err
			}
			out := spaceCount{s, tallies, time.Since(start).Seconds()}
			return printResult(cmd, out.json(), out.text)
		},
	}
	f.add(cmd)
	cmd.Flags().StringSliceVar(&by, "by", nil, "free counts to count by; see 'nngplab space list --json'")
	return cmd
}

func talliesOf(ctx context.Context, s space.Space, by []string) ([]space.Tally, error) {
	if len(by) > 0 {
		return space.Tallies(ctx, s, by...)
	}
	if t, ok := s.(space.Tallier); ok {
		return t.OwnTallies(), nil
	}
	return nil, nil
}

type spaceCount struct {
	space   space.Space
	tallies []space.Tally
	seconds float64
}

// totals returns the names of the tallies and their sums, each once, the size
// of the space first.
func (c spaceCount) totals() (names []string, sums []*big.Int) {
	names, sums = []string{"unique"}, []*big.Int{c.space.Size()}
	seen := map[string]bool{"unique": true}
	for _, t := range c.tallies {
		if !seen[t.Name] {
			seen[t.Name] = true
			names, sums = append(names, t.Name), append(sums, big.NewInt(t.Total()))
		}
	}
	return names, sums
}

func (c spaceCount) json() jsonObject {
	out := jsonObject{{"space", c.space.Name()}}
	names, sums := c.totals()
	for i, name := range names {
		out = append(out, jsonField{name, sums[i]})
	}
	for _, t := range c.tallies {
		out = append(out, jsonField{t.Name + "_by_" + t.By.Name, t.Numbers})
	}
	return append(out, jsonField{"seconds", c.seconds})
}

// text prints a table for each count, with a column for each tally by it.
func (c spaceCount) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	names, sums := c.totals()
	for i, name := range names {
		fmt.Fprintf(tw, "%s\t%v\t\n", name, sums[i])
	}
	done := map[string]bool{}
	for _, t := range c.tallies {
		if !done[t.By.Name] {
			done[t.By.Name] = true
			c.table(tw, t.By)
		}
	}
	return tw.Flush()
}

func (c spaceCount) table(w io.Writer, by space.Count) {
	var tallies []space.Tally
	rows := 0
	fmt.Fprintf(w, "\t\t\n%s\t", by.Name)
	for _, t := range c.tallies {
		if t.By == by {
			tallies, rows = append(tallies, t), max(rows, len(t.Numbers))
			fmt.Fprintf(w, "%s\t", t.Name)
		}
	}
	fmt.Fprintln(w)
	for value := range rows {
		line, any := fmt.Sprintf("%d\t", value), false
		for _, t := range tallies {
			n := int64(0)
			if value < len(t.Numbers) {
				n = t.Numbers[value]
			}
			line += fmt.Sprintf("%d\t", n)
			any = any || n > 0
		}
		if any {
			fmt.Fprintln(w, line)
		}
	}
}
