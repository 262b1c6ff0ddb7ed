package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/plan"
	"github.com/nngplab/nngplab/nngpkit/space"
)

func init() { subcommands = append(subcommands, newPlan) }

func newPlan() *cobra.Command {
	var cfg plan.Config
	var mix, out string
	cmd := &cobra.Command{
		Use:   "plan --budget DURATION --cells N",
		Short: "Recommend how to score many cells within a budget, and what to expect of it",
		Long: `Recommend how to score N cells of NAS-Bench-101 within a budget of time: the width,
the members and the images, which score of the kernel to take, and what to mix
it with.

First come signals of noise, which need no images and no labels, with what they are
worth on held-out cells of a uniform sample of NAS-Bench-101 and of NAS-Bench-201
(docs/SIGNALS.md); then kernels on images.

What is expected of kernels is Kendall's tau-b with trained accuracy, as it was measured on
two tables of trained cells: official records of NAS-Bench-101 (mostly one
validation accuracy a cell) and cells of at most five vertices that were trained
anew, three times each (test accuracy). Half of the cells, by the last digit of
their hash, choose the setting; the figures shown are those of the other half,
with 95 % bootstrap intervals. A mixture is the mean of the ranks, nothing
fitted. 'nngplab scores evidence' gathers these figures from the computed tables
of scores; they are part of this program.

The time is that of this machine, which is measured first, with all of its
threads (or --threads, if it has so many) at work: a few random cells of the
space on drawn images. More threads than the machine has are taken to be as
fast each. The budget is wall-clock time.

With --out, a plan for 'nngplab sweep run' is written, of the whole space where N is
its size, else of a sample: the noise signals (docs/SIGNALS.md), which need no
images, by as many seeds as the budget buys, as 'nngplab sweep plan --budget' does.`,
		Example: `  nngplab plan --budget 1h --cells 423624
  nngplab plan --budget 24h --cells 423624 --threads 64 --json
  nngplab plan --budget 1h --cells 423624 --out p.json && nngplab sweep run p.json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case cfg.Budget <= 0:
				return badInput(fmt.Errorf("--budget %v: want a duration such as 90m or 8h", cfg.Budget))
			case !slices.Contains([]string{plan.MixAny, plan.MixParameters, plan.MixNone}, mix):
				return badInput(fmt.Errorf("--mix %q: want any, parameters or none", mix))
			case cfg.Threads < 0:
				return badInput(fmt.Errorf("--threads %d: want at least 0", cfg.Threads))
			}
			cfg.Mix = mix
			s, err := space.Find(planSpace)
			if err != nil {
				return err
			}
			cells, err := cellsOf(s, int64(cfg.Cells), 0)
			if err != nil {
				return badInput(err)
			}
			if out != "" {
				if err := checkPlanOut(out); err != nil {
					return err
				}
			}
			p, err := plan.For(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			if out != "" {
				return writeSweepPlan(cmd, p, cells, cfg, out)
			}
			return printResult(cmd, p, func(w io.Writer) error {
				_, err := io.WriteString(w, p.String())
				return err
			})
		},
	}
	fl := cmd.Flags()
	cfg.Budget = time.Hour
	fl.Var(duration{&cfg.Budget}, "budget", "wall-clock time, such as 90m, 8h or 2d")
	fl.IntVar(&cfg.Cells, "cells", 423624, "cells to score")
	fl.IntVar(&cfg.Threads, "threads", 0, "threads to plan for; 0 means those of this machine")
	fl.StringVar(&mix, "mix", plan.MixParameters, "what scores may be mixed with: parameters; any, that is the number of 3x3 convolutions too, which helps on the small cells of these tables and not on a uniform sample; or none")
	fl.StringVar(&out, "out", "", "write a plan for 'nngplab sweep run' to this file")
	return cmd
}

// planSpace is the space that the evidence is of.
const planSpace = "nasbench101"

// writeSweepPlan writes the sweep that the budget buys, and prints both plans.
func writeSweepPlan(cmd *cobra.Command, p *plan.Plan, cells campaign.Cells, cfg plan.Config, out string) error {
	s, err := space.Find(planSpace)
	if err != nil {
		return err
	}
	sp, r, err := budgetPlan(cmd.Context(), s, cells, campaign.Budget{Time: cfg.Budget, Threads: cfg.Threads})
	if err != nil {
		return err
	}
	if err := sp.CheckPlace(out); err != nil {
		return badFile(err)
	}
	if err := sp.Save(out); err != nil {
		return err
	}
	result := jsonObject{{"plan", p}, {"out", out}, {"hash", sp.Hash}, {"sweep", sp}, {"recommendation", r}}
	return printResult(cmd, result, func(w io.Writer) error {
		if _, err := io.WriteString(w, p.String()+"\n"); err != nil {
			return err
		}
		return planText(w, sp, r, out)
	})
}
