package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

func newSweepMerge() *cobra.Command {
	var f sweepFlags
	var out string
	var partial bool
	cmd := &cobra.Command{
		Use:   "merge PLAN",
		Short: "Make one store of the shards",
		Long: `Make one store of the shards: exactly the bytes that a single run of the whole plan
ends with, whatever the shards were. Every line's checksum and every key is
checked; a store that is damaged, cut off, of another plan or of another engine is
refused, and so is a sweep that is not over, unless --partial is given.`,
		Example: `  nngplab sweep merge plan.json
  nngplab sweep merge plan.json --out all.jsonl`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, dir, err := f.open(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				if err := wholefile.Check(out); err != nil {
					return badFile(err)
				}
			}
			show := newProgress(cmd, progress.Quiet)
			show.Say("merging the stores of %s", dir)
			m, err := campaign.Merge(cmd.Context(), p, dir, out, partial)
			show.End()
			if err != nil {
				return err
			}
			return printResult(cmd, m, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "%s: %s; %d done, %d failed, %d missing\n", m.Path, plural(m.Stores, "store"), m.Done, m.Failed, m.Missing)
				return err
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&out, "out", "", "file of the merged store; without it merged.jsonl in the folder of the scores")
	cmd.Flags().BoolVar(&partial, "partial", false, "merge what there is")
	return cmd
}

// exportFlags are the flags of sweep export.
type exportFlags struct {
	sweepFlags
	out   string
	table campaign.TableConfig
}

func newSweepExport() *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:   "export PLAN",
		Short: "Write the scores of a sweep as a table: CSV or Parquet",
		Long: `Write the scores of a sweep as a table with a row per architecture, in the order of
the plan: the key, the spelling, the free counts, every value (the mean over
seeds, and where there are several the value of each), and why one is missing.
Without --out it is printed as CSV. Parquet holds the plan, with its hash, in its
metadata under ` + campaign.ExportedKey + `.`,
		Example: `  nngplab sweep export plan.json --out scores.parquet
  nngplab sweep export plan.json --columns hash,vertices,edges,parameters,conv3x3,noise_entropy --float32 --out scores.csv
  nngplab sweep export plan.json --partial`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.add(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.out, "out", "", "file to write, which ends in .csv or .parquet")
	fl.StringSliceVar(&f.table.Columns, "columns", nil, "columns, in their order; without it all")
	fl.BoolVar(&f.table.Partial, "partial", false, "export what there is")
	fl.BoolVar(&f.table.Float32, "float32", false, "round values to float32, as the computed tables of this project are")
	fl.StringVar(&f.table.Merged, "merged", "", "export this store, as 'nngplab sweep merge --out' writes it")
	return cmd
}

func (f *exportFlags) run(cmd *cobra.Command, path string) error {
	p, dir, err := f.open(path)
	if err != nil {
		return err
	}
	if err := f.checkOut(cmd, p, path); err != nil {
		return err
	}
	show := newProgress(cmd, progress.Quiet)
	show.Say("reading the stores of %s", dir)
	df, err := campaign.Table(cmd.Context(), p, dir, f.table)
	show.End()
	if err != nil {
		return err
	}
	if f.out == "" {
		return frame.WriteCSV(cmd.OutOrStdout(), df)
	}
	return f.write(cmd, p, df)
}

// checkOut refuses what cannot be written, before anything is read.
func (f *exportFlags) checkOut(cmd *cobra.Command, p *campaign.Plan, path string) error {
	all, err := p.TableColumns()
	if err != nil {
		return err
	}
	for _, c := range f.table.Columns {
		if !slices.Contains(all, c) {
			return badInput(fmt.Errorf("--columns: there is no %q; there is %s", c, strings.Join(all, ",")))
		}
	}
	if f.table.Merged != "" {
		if _, err := os.Stat(f.table.Merged); err != nil {
			return badInput(fmt.Errorf("--merged: %w", err))
		}
	}
	switch ending := strings.ToLower(filepath.Ext(f.out)); {
	case f.out == "" && wantsJSON(cmd):
		return badInput(errors.New("--json says what was written: give --out, too"))
	case f.out == "":
		return nil
	case samePath(f.out, path):
		return badInput(fmt.Errorf("--out %s is the plan itself", f.out))
	case ending == ".csv":
		if len(f.table.Columns) > 0 {
			all = f.table.Columns
		}
		err = plainfile.BeginsWith(f.out, strings.Join(all, ",")+"\n")
		return badFile(errors.Join(err, wholefile.Check(f.out)))
	case ending == ".parquet":
		return badFile(errors.Join(checkExported(f.out), wholefile.Check(f.out)))
	}
	return badInput(fmt.Errorf("--out %s: want a name that ends in .csv or .parquet", f.out))
}

// checkExported returns an error if a file is there that export did not write.
func checkExported(path string) error {
	b, err := plainfile.Read(path, maxRanking)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && !(bytes.HasPrefix(b, []byte("PAR1")) && bytes.Contains(b, []byte(campaign.ExportedKey))) {
		return fmt.Errorf("%s was not written by this command, and is not overwritten: choose another place, or move it away", path)
	}
	return err
}

func (f *exportFlags) write(cmd *cobra.Command, p *campaign.Plan, df dataframe.DataFrame) error {
	err := wholefile.Place(f.out, func(w io.Writer) error {
		if strings.EqualFold(filepath.Ext(f.out), ".csv") {
			return frame.WriteCSV(w, df)
		}
		return p.WriteTable(w, df, f.table.Float32)
	})
	if err != nil {
		return err
	}
	result := jsonObject{{"out", f.out}, {"rows", df.Nrow()}, {"columns", df.Names()}, {"plan", p.Hash}}
	return printResult(cmd, result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: %s, %s\n", f.out, plural(df.Nrow(), "row"), plural(df.Ncol(), "column"))
		return err
	})
}
