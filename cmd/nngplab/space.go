package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

func init() { subcommands = append(subcommands, newSpace) }

// defaultSpace is the space of commands that are not told another.
const defaultSpace = "nasbench101"

func newSpace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "space",
		Short: "Search spaces: list and count them, describe, draw and compare architectures",
		Example: `  nngplab space list
  nngplab space sample -n 20 --csv > cells.csv
  nngplab space show 28cfc7874f6d200472e1a9dcd8650aa0`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSpaceList(), newSpaceCount(), newSpaceShow(), newSpaceSample(), newSpaceSame())
	return cmd
}

// spaceFlag names a search space.
type spaceFlag struct{ name string }

func (f *spaceFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.name, "space", defaultSpace, "search space; see 'nngplab space list'")
}

func (f *spaceFlag) space() (space.Space, error) {
	s, err := space.Find(f.name)
	return s, badInput(err)
}

func newSpaceList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the search spaces that this program knows",
		Example: "  nngplab space list --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var out []jsonObject
			for _, s := range space.All() {
				out = append(out, listedSpace(s))
			}
			return printResult(cmd, out, func(w io.Writer) error {
				tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
				for _, s := range space.All() {
					i := s.Info()
					fmt.Fprintf(tw, "%s\t%s, %v architectures (%s)\n", s.Name(), i.Title, s.Size(), i.Reference)
					fmt.Fprintf(tw, "\t%s\n\twritten as %s\n\twidth %d, images %v\n", i.About, i.Form, i.Width, i.Input)
				}
				return tw.Flush()
			})
		},
	}
}

func listedSpace(s space.Space) jsonObject {
	i := s.Info()
	var counts []string
	for _, c := range space.AllCounts(s) {
		counts = append(counts, c.Name)
	}
	return jsonObject{
		{"space", s.Name()}, {"title", i.Title}, {"size", s.Size()}, {"about", i.About}, {"reference", i.Reference},
		{"key", i.KeyColumn}, {"columns", space.SpellColumns(s)}, {"form", i.Form},
		{"width", i.Width}, {"min_width", i.MinWidth}, {"image", i.Input.String()}, {"classes", i.Classes}, {"counts", counts},
	}
}

// spellings returns the columns of an architecture's key and spelling, and
// their values.
func spellings(a space.Architecture, key string) jsonObject {
	out := jsonObject{{space.Of(a).Info().KeyColumn, key}}
	columns := space.SpellColumns(space.Of(a))
	for i, v := range space.Spell(a) {
		out = append(out, jsonField{columns[i], v})
	}
	return out
}

// maxSpelled is the most columns of a spelling that a terminal shows: of more, the
// text form says it as well.
const maxSpelled = 4

// spelledBriefly returns the columns of a key and of a spelling for a terminal.
func spelledBriefly(s space.Space) []string {
	columns := space.SpellColumns(s)
	if len(columns) > maxSpelled {
		columns = nil
	}
	return append([]string{s.Info().KeyColumn}, columns...)
}

// gigaFLOPs returns 10^9 operations from multiply-accumulates.
func gigaFLOPs(macs int64) float64 { return 2 * float64(macs) * 1e-9 }

// plural adds an s to a noun for any number but one.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, strings.TrimSuffix(noun, "s"))
}
