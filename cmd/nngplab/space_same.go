package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/archlist"
	"github.com/nngplab/nngplab/nngpkit/space"
)

func newSpaceSame() *cobra.Command {
	var f spaceFlag
	var column string
	cmd := &cobra.Command{
		Use:   "same FILE",
		Short: "Say which rows of a list are the same architecture",
		Long: `Read a list of architectures, and say which of its rows are the same network
written down in several ways: cells that differ in the order of their vertices,
or in what pruning removes. - reads standard input.

The list is CSV with a header line (a column of keys, of the space's text form,
or the columns of its tables, such as matrix and ops), a JSON array of strings or
objects, JSON lines, or plain lines. A row that is no architecture of the space is
named with its line and the reason; the others are compared, and the exit code
is then 2.`,
		Example: `  nngplab space same cells.csv
  nngplab space same --column module_hash table.csv --json
  nngplab space sample -n 1000 --random-spec --csv | nngplab space same -`,
		Args: func(cmd *cobra.Command, args []string) error { return badInput(cobra.ExactArgs(1)(cmd, args)) },
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := f.space()
			if err != nil {
				return err
			}
			l, err := readList(cmd, args[0], s, archlist.Options{Column: column})
			if err != nil {
				return err
			}
			if err := printResult(cmd, sameJSON(l), func(w io.Writer) error { return sameText(w, l) }); err != nil {
				return err
			}
			return badFile(l.Err())
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&column, "column", "", "the CSV column or JSON field that holds the architectures; without it the known ones")
	return cmd
}

// sameJSON lists the architectures of a list that come more than once, and the
// bad rows.
func sameJSON(l *archlist.List) jsonObject {
	groups, bad := []jsonObject{}, []jsonObject{}
	all := l.Groups()
	for _, g := range all {
		if len(g.Entries) > 1 {
			groups = append(groups, append(spellings(g.Architecture, g.Key), jsonField{"lines", l.Lines(g)}))
		}
	}
	for _, e := range l.Entries {
		if e.Err != nil {
			bad = append(bad, jsonObject{{"line", e.Line}, {"reason", e.Err.Error()}})
		}
	}
	return jsonObject{
		{"space", l.Space.Name()}, {"rows", len(l.Entries)}, {"different", len(all)},
		{"same", groups}, {"bad", bad},
	}
}

func sameText(w io.Writer, l *archlist.List) error {
	all, bad := l.Groups(), len(l.Entries)-len(l.Valid())
	for _, g := range all {
		if len(g.Entries) > 1 {
			lines := strings.Trim(fmt.Sprint(l.Lines(g)), "[]")
			if _, err := fmt.Fprintf(w, "%s  lines %s\n", g.Key, strings.ReplaceAll(lines, " ", ", ")); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintf(w, "%s, %d different", plural(len(l.Entries), "row"), len(all))
	if err == nil && bad > 0 {
		_, err = fmt.Fprintf(w, ", %d bad", bad)
	}
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	return err
}

// readList reads a list of architectures from a file, or from standard input
// for "-". What is wrong with the file is the caller's mistake.
func readList(cmd *cobra.Command, path string, s space.Space, o archlist.Options) (*archlist.List, error) {
	show := newProgress(cmd, progress.Quiet)
	show.Say("reading %s", path)
	defer show.End()
	read := func(ctx context.Context) (*archlist.List, error) {
		if path == "-" {
			return archlist.Read(ctx, cmd.InOrStdin(), "standard input", s, o)
		}
		return archlist.ReadFile(ctx, path, s, o)
	}
	l, err := read(cmd.Context())
	if err != nil && cmd.Context().Err() == nil {
		err = badFile(err)
	}
	return l, err
}
