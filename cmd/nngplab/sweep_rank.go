package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/gp"
	"github.com/nngplab/nngplab/nngpkit/space"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
	"github.com/nngplab/nngplab/nngpkit/truth"
)

// sweepRankFlags are the flags of sweep rank.
type sweepRankFlags struct {
	sweepFlags
	files rankFiles
	table campaign.TableConfig
	mix   []string
	top   int
}

func newSweepRank() *cobra.Command {
	var f sweepRankFlags
	cmd := &cobra.Command{
		Use:   "rank PLAN",
		Short: "Rank what a sweep has measured",
		Long: `Rank the architectures of a sweep by what it has measured; nothing is measured anew.

The place is by the mixture: the mean of the ranks of what --mix names, each scaled to
0 to 1, as 'nngplab rank' has it. Without --mix it is what 'nngplab rank' recommends for
the space, where the sweep has measured that, as it does by default: for NAS-Bench-101
twice the rank by noise_entropy, and those by noise_sensitivity and by parameters, or by
noise_entropy alone where nothing else was measured. --mix takes any columns of the table, such as
'2 noise_entropy,parameters': a number says how often one counts, and a leading minus
turns it. Larger is better, except for errors. Over several seeds values are means.

An architecture that could not be measured has no place, and comes last.`,
		Example: `  nngplab sweep rank plan.json
  nngplab sweep rank plan.json --out ranked.csv
  nngplab sweep rank plan.json --partial --top 5 --mix noise_entropy,-shortest_path`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.add(cmd)
	f.files.add(cmd)
	fl := cmd.Flags()
	fl.StringSliceVar(&f.mix, "mix", nil, "columns whose ranks are averaged; a leading minus turns one, a number before it counts it so often")
	fl.IntVar(&f.top, "top", 20, "rows of the table on the terminal, the best; 0 means all")
	fl.BoolVar(&f.table.Partial, "partial", false, "rank what there is")
	fl.StringVar(&f.table.Merged, "merged", "", "rank this store, as 'nngplab sweep merge --out' writes it")
	return cmd
}

func (f *sweepRankFlags) run(cmd *cobra.Command, path string) error {
	if f.top < 0 {
		return badInput(fmt.Errorf("--top %d: want at least 0", f.top))
	}
	p, dir, err := f.open(path)
	if err != nil {
		return err
	}
	s, err := space.Find(p.Space)
	if err != nil {
		return badInput(err)
	}
	names, mix, err := f.signals(p, s)
	if err != nil {
		return badInput(err)
	}
	if err := f.files.check(cmd, []string{path}); err != nil {
		return err
	}
	show := newProgress(cmd, progress.Quiet)
	show.Say("reading the stores of %s", dir)
	df, err := campaign.Table(cmd.Context(), p, dir, f.table)
	show.End()
	if err != nil {
		return err
	}
	if df, err = study.RankColumns(df, mix); err != nil {
		return err
	}
	r := &ranking{flags: &rankFlags{files: f.files, mix: names, top: f.top}, swept: &sweptRanking{p, path, s}, frame: df}
	if err := f.files.write(r); err != nil {
		return err
	}
	return r.flags.show(cmd, r)
}

// signals returns what is ranked by, in words and as columns.
func (f *sweepRankFlags) signals(p *campaign.Plan, s space.Space) ([]string, []truth.Signal, error) {
	known, err := numberColumns(p, s)
	if err != nil {
		return nil, nil, err
	}
	names := f.mix
	if len(names) == 0 {
		if names = usualMix(p, s); names == nil {
			return nil, nil, fmt.Errorf("what %s measures is not what 'nngplab rank' recommends for %s: say by --mix what to rank by, of %s",
				printable.Quote(strings.Join(p.MeanColumns(), ",")), s.Info().Title, strings.Join(known, ", "))
		}
	}
	var mix []truth.Signal
	for _, given := range names {
		one, times, err := mixColumn(p, known, given)
		if err != nil {
			return nil, nil, err
		}
		for range times {
			mix = append(mix, one)
		}
	}
	return names, mix, nil
}

// usualMix returns the mixture that is recommended where the plan measures it, the
// entropy where that is all it measures of such a mixture, else nil.
func usualMix(p *campaign.Plan, s space.Space) []string {
	columns, err := p.TableColumns()
	if err != nil {
		return nil
	}
	there := func(t truth.Signal) bool { return slices.Contains(columns, sweptColumn(t.Column)) }
	lacks := func(t truth.Signal) bool { return !there(t) }
	if mix := study.NoiseMix(s); !slices.ContainsFunc(mix, lacks) {
		var names []string
		for _, name := range study.NoiseMixNames(s) {
			count, column, ok := strings.Cut(name, " ")
			if !ok {
				count, column = "", name
			}
			names = append(names, strings.TrimSpace(count+" "+sweptColumn(column)))
		}
		return names
	} else if only := p.MeanColumns(); len(only) == 1 && only[0] == study.EntropyColumn && slices.ContainsFunc(mix, there) {
		return only
	}
	return nil
}

// sweptColumn returns what a sweep calls a column of 'nngplab rank': the part of a
// network that the agreement is of has one name there, whatever the space calls it.
func sweptColumn(column string) string {
	if column == sweep.LastStageAgreement {
		return "noise_last_agreement"
	}
	return column
}

// numberColumns returns the columns of the plan's table that hold numbers.
func numberColumns(p *campaign.Plan, s space.Space) ([]string, error) {
	all, err := p.TableColumns()
	if err != nil {
		return nil, err
	}
	text := append([]string{"hash", campaign.FailedColumn}, space.SpellColumns(s)...)
	return slices.DeleteFunc(all, func(c string) bool { return slices.Contains(text, c) }), nil
}

// mostTimes bounds how often a column counts.
const mostTimes = 100

// mixColumn reads a part of a mixture, such as noise_entropy, -shortest_path or "2
// noise_entropy".
func mixColumn(p *campaign.Plan, known []string, given string) (truth.Signal, int, error) {
	name, times := strings.TrimSpace(given), 1
	if first, rest, ok := strings.Cut(name, " "); ok {
		n, err := strconv.Atoi(first)
		if err != nil || n < 1 || n > mostTimes {
			return truth.Signal{}, 0, fmt.Errorf("--mix %q: want how often the column counts, from 1 to %d, before its name", given, mostTimes)
		}
		name, times = strings.TrimSpace(rest), n
	}
	name, turned := strings.CutPrefix(name, "-")
	if !slices.Contains(known, name) {
		return truth.Signal{}, 0, fmt.Errorf("--mix: there is no column %q; there are %s", name, strings.Join(known, ", "))
	}
	one := truth.Signal{Column: name, Lower: lower(p, name) != turned}
	return one, times, nil
}

// lower reports whether a column is a statistic of a kernel that is better where it
// is smaller, such as an error.
func lower(p *campaign.Plan, column string) bool {
	for _, m := range p.Measurements {
		for _, st := range gp.Catalogue() {
			name := m.Name + "_" + st.Name
			if m.Kernel != nil && (column == name || strings.HasPrefix(column, name+"_seed")) {
				return sweep.ScoreSignal(st.Name).Lower
			}
		}
	}
	return false
}

// sweptRanking is a ranking of what a sweep has measured.
type sweptRanking struct {
	plan  *campaign.Plan
	path  string
	space space.Space
}

func (o *sweptRanking) head(r *ranking) jsonObject {
	return jsonObject{
		{"written_by", "nngplab rank"}, {"space", o.plan.Space}, {"plan", o.path}, {"plan_hash", o.plan.Hash},
		{"rows", r.frame.Nrow()}, {"without_place", r.unplaced()}, {"seeds", o.plan.Seeds}, {"mix", r.flags.mix},
	}
}

func (o *sweptRanking) notes(r *ranking, rows int) string {
	var b strings.Builder
	noun := o.space.Info().Noun
	fmt.Fprintf(&b, "\n%s of %s, as %s has measured them with %s.\n", plural(rows, "row"), plural(r.frame.Nrow(), noun), o.path, plural(len(o.plan.Seeds), "seed"))
	if missing := o.plan.Cells.N - r.frame.Nrow(); missing > 0 {
		fmt.Fprintf(&b, "%s not measured yet, and not ranked.\n", be(missing, noun))
	}
	fmt.Fprintf(&b, "The mixture is the mean of the ranks of %s.\n", r.mixed())
	if n := r.unplaced(); n > 0 {
		fmt.Fprintf(&b, "%s without a place: a signal has no number there.\n", be(n, "row"))
	}
	return b.String()
}
