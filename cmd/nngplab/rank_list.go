package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/archlist"
	"github.com/nngplab/nngplab/nngpkit/frame"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// lineColumn is the column of the line of the list's file in which a row begins.
const lineColumn = "line"

// rankListFlags are the flags that say which architectures are ranked.
type rankListFlags struct {
	spaceFlag
	column     string
	sample     int
	sampleSeed uint64
	all        bool
	skipBad    bool
}

func (f *rankListFlags) add(cmd *cobra.Command) {
	f.spaceFlag.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.column, "column", "", "the CSV column or JSON field that holds the architectures; without it the known ones")
	fl.IntVar(&f.sample, "sample", 0, "rank so many architectures drawn uniformly from the space")
	fl.Uint64Var(&f.sampleSeed, "sample-seed", 0, "seed of --sample; without it that of --seed")
	fl.BoolVar(&f.all, "all", false, "rank every architecture of the space")
	fl.BoolVar(&f.skipBad, "skip-bad", false, "name the rows that are no architectures, and rank the others")
}

// rankRow is an architecture to rank.
type rankRow struct {
	architecture space.Architecture
	line         int // of the file; 0 where there is none
}

// badRow is a row that is left out.
type badRow struct {
	line   int
	reason error
}

func (b badRow) text(source string) string {
	return fmt.Sprintf("%s: line %d: %v", source, b.line, b.reason)
}

// rankList is what is ranked.
type rankList struct {
	space  space.Space
	source string // in words
	lined  bool   // rows have lines
	rows   []rankRow
	bad    []badRow
}

func (l *rankList) architectures() []space.Architecture {
	out := make([]space.Architecture, len(l.rows))
	for i, r := range l.rows {
		out[i] = r.architecture
	}
	return out
}

// read returns the architectures that the flags and the argument name. Without
// --skip-bad a bad row is an error.
func (f *rankListFlags) read(cmd *cobra.Command, args []string, s space.Space, set sweep.Setting) (*rankList, error) {
	sampled := cmd.Flags().Changed("sample")
	switch ways := len(args) + count(sampled) + count(f.all); {
	case ways == 0:
		return nil, badInput(errors.New("give a list: FILE, - for standard input, --sample N or --all"))
	case ways > 1:
		return nil, badInput(errors.New("give one list: FILE, --sample N or --all"))
	case len(args) == 0 && f.column != "":
		return nil, badInput(errors.New("--column is of a FILE"))
	case !sampled && cmd.Flags().Changed("sample-seed"):
		return nil, badInput(errors.New("--sample-seed is of --sample"))
	}
	if len(args) == 1 && strings.HasSuffix(args[0], ".onnx") {
		return nil, badInput(fmt.Errorf("%s is no list of architectures: --networks %s ranks files", args[0], shellWord(args[0])))
	}
	l := &rankList{space: s}
	var err error
	switch {
	case sampled:
		err = badInput(l.draw(f, cmd, set.Seed))
	case f.all:
		err = l.enumerate(cmd.Context())
	default:
		err = l.file(cmd, args[0], f.column)
	}
	if err != nil {
		return nil, err
	}
	l.narrow(set.Width)
	return l, l.check(f.skipBad)
}

func count(given bool) int {
	if given {
		return 1
	}
	return 0
}

func (l *rankList) draw(f *rankListFlags, cmd *cobra.Command, seed uint64) error {
	if f.sample < 1 {
		return fmt.Errorf("--sample %d: want at least 1", f.sample)
	}
	if cmd.Flags().Changed("sample-seed") {
		seed = f.sampleSeed
	}
	all, err := l.space.Sample(f.sample, seed)
	l.source = fmt.Sprintf("a sample of %s, seed %d", l.space.Info().Title, seed)
	for _, a := range all {
		l.rows = append(l.rows, rankRow{architecture: a})
	}
	return err
}

func (l *rankList) enumerate(ctx context.Context) error {
	size := l.space.Size()
	if !size.IsInt64() || size.Int64() > space.MaxSample {
		return badInput(fmt.Errorf("--all: %s has %v architectures, more than %d: take a --sample", l.space.Name(), size, space.MaxSample))
	}
	l.source = "all of " + l.space.Info().Title
	err := space.Enumerate(ctx, l.space, 0, size.Int64(), func(_ int64, a space.Architecture) error {
		l.rows = append(l.rows, rankRow{architecture: a})
		return nil
	})
	if errors.Is(err, errors.ErrUnsupported) {
		return badInput(err)
	}
	return err
}

func (l *rankList) file(cmd *cobra.Command, path, column string) error {
	read, err := readList(cmd, path, l.space, archlist.Options{Column: column})
	if err != nil {
		return err
	}
	l.source, l.lined = read.Source, true
	for _, e := range read.Entries {
		if e.Err != nil {
			l.bad = append(l.bad, badRow{e.Line, e.Err})
			continue
		}
		l.rows = append(l.rows, rankRow{e.Architecture, e.Line})
	}
	return nil
}

// narrow takes out the rows whose network cannot be built at that width: bad rows
// of a file, in its order.
func (l *rankList) narrow(width int) {
	var good []rankRow
	for _, r := range l.rows {
		if least := r.architecture.Canonical().MinWidth(); width < least {
			l.bad = append(l.bad, badRow{r.line, fmt.Errorf("%s is too wide for --width %d: it needs at least %d", r.architecture, width, least)})
			continue
		}
		good = append(good, r)
	}
	l.rows = good
	slices.SortStableFunc(l.bad, func(a, b badRow) int { return a.line - b.line })
}

// checkNetworks returns why the network with the most parameters cannot be built,
// such as that it has too many weights, or nil.
func (l *rankList) checkNetworks(width int, image arch.Shape) error {
	if len(l.rows) == 0 {
		return nil
	}
	largest := slices.MaxFunc(l.rows, func(a, b rankRow) int { return a.architecture.Parameters() - b.architecture.Parameters() })
	_, err := largest.architecture.Canonical().Network(width, image)
	return err
}

// maxBadRows is how many bad rows an error spells out.
const maxBadRows = 20

// check returns an error that names the bad rows where they are not to be skipped,
// or where there are no others.
func (l *rankList) check(skip bool) error {
	return l.checkFor("nothing was scored (--skip-bad ranks the others)", skip)
}

// checkFor is check, which says what the bad rows mean.
func (l *rankList) checkFor(meaning string, skip bool) error {
	if len(l.bad) == 0 || skip && len(l.rows) > 0 {
		return nil
	}
	var all []error
	for i, b := range l.bad {
		if i == maxBadRows {
			all = append(all, fmt.Errorf("%s: and %d more bad rows", l.source, len(l.bad)-i))
			break
		}
		if !l.lined {
			all = append(all, fmt.Errorf("%s: %w", l.source, b.reason))
			continue
		}
		all = append(all, errors.New(b.text(l.source)))
	}
	if skip {
		all = append(all, errors.New("no row is left"))
	} else if len(l.rows) > 0 {
		all = append(all, fmt.Errorf("%s of %d bad: %s", plural(len(l.bad), "row"), len(l.bad)+len(l.rows), meaning))
	}
	return badFile(errors.Join(all...))
}

// withLines puts the lines of the file in the place of the rows' numbers, which
// mean nothing to who does not hold the list.
func (l *rankList) withLines(df dataframe.DataFrame) (dataframe.DataFrame, error) {
	if !l.lined {
		return frame.Checked(df.Drop(study.RowColumn))
	}
	rows, err := df.Col(study.RowColumn).Int()
	if err != nil {
		return df, err
	}
	lines := make([]int, len(rows))
	for i, r := range rows {
		lines[i] = l.rows[r].line
	}
	out := df.Mutate(series.New(lines, series.Int, study.RowColumn)).Rename(lineColumn, study.RowColumn)
	return frame.Checked(out)
}
