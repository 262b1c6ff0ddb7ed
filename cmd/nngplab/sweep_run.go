package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/campaign"
)

func newSweepRun() *cobra.Command {
	var f sweepFlags
	var shard string
	var fromZero bool
	var cfg campaign.RunConfig
	cmd := &cobra.Command{
		Use:   "run PLAN",
		Short: "Compute what is missing of a plan, and nothing twice",
		Long: `Compute what is missing of a plan, or of one shard of it, and append it to the shard's
store. Call it again after an interruption, whatever its kind: SIGINT and SIGTERM
finish the architectures in hand and end with exit code 130 (a second signal ends at
once), SIGKILL loses those in hand. A store that is complete has the same bytes
whatever happened on the way and whatever the number of threads.

An architecture that cannot be measured is kept with the reason and does not end the
sweep; --retry-failed computes these again.

Shards of one plan may run at the same time on machines that share the folder; a
shard that another process is at work on is refused. Which architectures are in a
shard depends on the plan alone; their predicted costs are about the same.

A store of another plan, of another engine (processor's instructions, version) whose
scores differ in bits, or one in which a digit was changed is refused with file and
line. A last line that was cut off is dropped, said, and computed again. A machine that
has other images than the plan names is refused with both digests.`,
		Example: `  nngplab sweep run plan.json
  nngplab sweep run plan.json --threads 8 --retry-failed
  nngplab sweep run plan.json --shard 2/8 --store /shared/scores`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if cfg.Shard, err = parseShard(shard, fromZero); err != nil {
				return badInput(err)
			}
			if cfg.Threads < 0 {
				return badInput(fmt.Errorf("--threads %d: want at least 0", cfg.Threads))
			}
			p, dir, err := f.open(args[0])
			if err != nil {
				return err
			}
			cfg.Dir = dir
			return runSweep(cmd, p, cfg)
		},
	}
	f.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&shard, "shard", "", "compute one part of several, such as 2/8; without it the whole")
	fl.BoolVar(&fromZero, "from-zero", false, "shards are counted from 0: 0/8 is the first")
	fl.IntVar(&cfg.Threads, "threads", 0, "architectures at a time; 0 means one for each processor. No score depends on it")
	fl.BoolVar(&cfg.RetryFailed, "retry-failed", false, "compute those again that failed")
	return cmd
}

// sweepGC is how much garbage, in percent of what is alive, a sweep lets grow.
const sweepGC = 400

func runSweep(cmd *cobra.Command, p *campaign.Plan, cfg campaign.RunConfig) error {
	cfg.Load = campaign.LoaderFor(cmd.Context())
	if err := p.CheckImages(cfg.Load); err != nil {
		return badFile(err)
	}
	askPatience(cmd.Context())
	if os.Getenv("GOGC") == "" { // many small networks: little is alive, and much is made
		defer debug.SetGCPercent(debug.SetGCPercent(sweepGC))
	}
	show := newProgress(cmd, progress.Minutes)
	stage := "sweep"
	if cfg.Shard.Of > 1 {
		stage += " shard " + cfg.Shard.String()
	}
	cfg.Progress = func(now campaign.Progress) {
		show.Update(progress.State{Stage: stage, Done: int64(now.Done + now.Failed), Total: int64(now.Total), Fresh: int64(now.Fresh)})
	}
	cfg.Say = func(text string) { show.Message("nngplab: " + printable.Clip(text, maxMessage)) }
	got, err := campaign.Run(cmd.Context(), p, cfg)
	show.End()
	if err != nil {
		return err
	}
	result := jsonObject{
		{"plan", p.Hash}, {"shard", cfg.Shard.String()}, {"store", cfg.Shard.StorePath(cfg.Dir)},
		{"items", got.Total}, {"done", got.Done}, {"failed", got.Failed}, {"computed_now", got.Fresh},
	}
	return printResult(cmd, result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %d of %d done, %d failed; %d computed now\n", cfg.Shard.StorePath(cfg.Dir), got.Done, got.Total, got.Failed, got.Fresh)
		return err
	})
}
