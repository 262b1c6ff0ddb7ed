package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/nngpkit/campaign"
)

func init() { subcommands = append(subcommands, newSweep) }

func newSweep() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Score a whole space, or a large part of it: plan, run, shard, resume, merge, export, rank",
		Long: `Score a whole space, or a large part of it, on this machine or on a cluster.

'sweep plan' writes down what is measured, of which architectures and with which
seeds, in a file with a hash of its content. 'sweep run' computes what is missing,
and nothing twice: it may be interrupted, killed, and started again, in any number
of shards on any number of machines. 'sweep status' says how far it is, 'sweep merge'
makes one store of the shards, 'sweep export' a table, and 'sweep rank' a ranking.

Scores lie in a folder beside the plan (plan.store beside plan.json), a file per
shard, a line per architecture with a checksum.`,
		Example: `  nngplab sweep plan --all --budget 1h --out plan.json
  nngplab sweep run plan.json
  nngplab sweep status plan.json
  nngplab sweep merge plan.json
  nngplab sweep export plan.json --out scores.parquet
  nngplab sweep rank plan.json --out ranked.csv`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSweepPlan(), newSweepRun(), newSweepStatus(), newSweepMerge(), newSweepExport(), newSweepRank(), newSweepVerify(), newSweepSlurm(), newSweepKubernetes())
	return cmd
}

// sweepFlags say which plan, and where its scores lie.
type sweepFlags struct {
	store string
}

func (f *sweepFlags) add(cmd *cobra.Command) {
	folderVar(cmd.Flags(), &f.store, "store", "", "folder of the scores; without it PLAN.store beside PLAN.json")
}

// open reads the plan, and says where its scores lie.
func (f *sweepFlags) open(path string) (*campaign.Plan, string, error) {
	p, err := campaign.Load(path)
	if err != nil {
		return nil, "", badFile(err)
	}
	dir := f.dir(path)
	return p, dir, badFile(plainfile.Folder(dir))
}

func (f *sweepFlags) dir(path string) string {
	if f.store != "" {
		return f.store
	}
	return campaign.StoreDir(path)
}

func onePlan(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return badInput(fmt.Errorf("give one plan, as 'nngplab sweep plan' writes it, not %d arguments", len(args)))
	}
	return nil
}

// parseShard reads a shard such as 2/8, counted from 1 or from 0.
func parseShard(text string, fromZero bool) (campaign.Shard, error) {
	if text == "" {
		return campaign.Shard{I: 1, Of: 1}, nil
	}
	wrong := fmt.Errorf("--shard %q: want the shard's number and how many there are, such as 2/8", text)
	first, second, ok := strings.Cut(text, "/")
	i, err1 := strconv.Atoi(first)
	of, err2 := strconv.Atoi(second)
	if !ok || err1 != nil || err2 != nil {
		return campaign.Shard{}, wrong
	}
	if fromZero {
		i++
	}
	if of > campaign.MaxShards {
		return campaign.Shard{}, fmt.Errorf("--shard %q: at most %d shards", text, campaign.MaxShards)
	}
	if of < 1 || i < 1 || i > of {
		if fromZero {
			return campaign.Shard{}, fmt.Errorf("%w; with --from-zero, 0/8 to 7/8", wrong)
		}
		return campaign.Shard{}, wrong
	}
	return campaign.Shard{I: i, Of: of}, nil
}
