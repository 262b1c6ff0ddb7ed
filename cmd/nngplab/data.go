package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

func init() { subcommands = append(subcommands, newData) }

// dataSubcommands is filled by files that add to `nngplab data`.
var dataSubcommands []func() *cobra.Command

func newData() *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "List, fetch, verify and remove data sets",
		Long: `List, fetch, verify and remove data sets.

A set is looked for in the folders of the environment variable NNGPLAB_DATA,
then in the user's cache, which fetch fills. NNGPLAB_OFFLINE=1 forbids the
network; NNGPLAB_MIRROR names a base address that holds every file as
MIRROR/SET/FILE. Proxies are taken from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`,
		Example: `  nngplab data list
  nngplab data fetch cifar10
  nngplab data verify`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newDataList(), newDataFetch(), newDataVerify(), newDataPath(), newDataRm())
	for _, f := range dataSubcommands {
		c.AddCommand(f())
	}
	return c
}

// namesOfSets completes the names of data sets.
func namesOfSets(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return datasets.Names(), cobra.ShellCompDirectiveNoFileComp
}

// place is a folder that holds a set, as --json prints it.
type place struct {
	Dir    string `json:"dir"`
	Origin string `json:"origin"`
}

func places(name string) []place {
	found := []place{}
	if all, err := datasets.FindAll(name); err == nil {
		for _, at := range all {
			found = append(found, place{at.Dir, at.Origin})
		}
	}
	return found
}

func newDataList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the known data sets and where they are",
		Example: `  nngplab data list
  nngplab data list --json`,
		Long: `List the known data sets: the size of the download, the folder in which each is
used (the first that holds it: of NNGPLAB_DATA, then the user's cache), and what
it is. With --json also license, addresses, digests and layout.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if wantsJSON(c) {
				return listJSON(c)
			}
			return listText(c.OutOrStdout())
		},
	}
}

func listJSON(c *cobra.Command) error {
	type item struct {
		*datasets.Manifest
		DownloadBytes int64   `json:"download_bytes"`
		Unfinished    int64   `json:"unfinished_bytes"`
		Found         []place `json:"found"`
	}
	out := struct {
		Roots    []place `json:"roots"`
		DataSets []item  `json:"datasets"`
	}{Roots: []place{}, DataSets: []item{}}
	for _, r := range datasets.Roots() {
		out.Roots = append(out.Roots, place(r))
	}
	for _, n := range datasets.Names() {
		m, err := datasets.Get(n)
		if err != nil {
			return err
		}
		out.DataSets = append(out.DataSets, item{m, m.Bytes(), datasets.Unfinished(n), places(n)})
	}
	return printJSON(c, out)
}

func listText(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tDOWNLOAD\tWHERE\tWHAT")
	for _, n := range datasets.Names() {
		m, err := datasets.Get(n)
		if err != nil {
			return err
		}
		size, where := "by hand", "-"
		if len(m.Sources) > 0 {
			size = downloadSize(m)
		}
		if found := places(n); len(found) > 0 {
			where = found[0].Dir
		} else if left := datasets.Unfinished(n); left > 0 {
			where = fmt.Sprintf("- (%s of an unfinished download)", megabytes(left))
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", n, size, where, m.Title)
	}
	fmt.Fprintf(tw, "drawn\t-\talways at hand\tten classes of 32x32 color images, made by code\n")
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, "\nlooked in:")
	for _, r := range datasets.Roots() {
		fmt.Fprintf(w, " %s (%s)", r.Dir, r.Origin)
	}
	fmt.Fprintln(w)
	return nil
}

// downloadSize says what a set's download takes, as far as that is published.
func downloadSize(m *datasets.Manifest) string {
	switch {
	case m.SizeKnown():
		return megabytes(m.Bytes())
	case m.Bytes() > 0:
		return "over " + megabytes(m.Bytes())
	}
	return "not stated"
}

func megabytes(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", float64(n)/1e3)
}

func newDataFetch() *cobra.Command {
	var cfg datasets.FetchConfig
	var small, try bool
	c := &cobra.Command{
		Use:   "fetch NAME...",
		Short: "Download data sets, check them, and place them in the cache",
		Long: `Download data sets, check them, and place them in the user's cache.

An interrupted download goes on where it stopped when the command is run again.
Nothing is placed before its digest has been checked, and a set is placed in one
step. A set that is there already is left as it is, unless --force is given. A
folder that fetch did not place is yours: --force moves it aside, and files that
you added to a fetched set stay with it.

With --offline nothing is downloaded: the command says which files are missing
and where to put them by hand, and checks and places those that are there.

--small fetches the tables of trained networks that are a few megabytes and nowhere
on this machine yet. With --try what cannot be fetched is said in a line, with exit code 0:
each file is asked for once, and what has arrived is kept for the next call.`,
		Example: `  nngplab data fetch cifar10
  nngplab data fetch nasbench101 --url https://mirror.example/nasbench_only108.tfrecord
  nngplab data fetch mnist fashion-mnist --to ~/data
  nngplab data fetch --small`,
		ValidArgsFunction: namesOfSets,
		Args: func(c *cobra.Command, args []string) error {
			if small && len(args) > 0 {
				return badInput(errors.New("--small chooses the data sets itself"))
			}
			if small {
				return nil
			}
			return badInput(cobra.MinimumNArgs(1)(c, args))
		},
		RunE: func(c *cobra.Command, args []string) error {
			if small {
				args = missingTables()
			}
			if len(cfg.URLs) > 0 && (small || len(args) > 1) {
				return badInput(errors.New("--url is for one data set at a time"))
			}
			if cfg.Stall < 0 || cfg.Backoff < 0 {
				return badInput(errors.New("--stall and --backoff must not be negative"))
			}
			if try {
				return tryFetch(c, args, cfg)
			}
			return runFetch(c, args, cfg)
		},
	}
	f := c.Flags()
	folderVar(f, &cfg.Dir, "to", "", "data folder to fill (default: the user's cache)")
	f.BoolVar(&cfg.Offline, "offline", false, "use no network; say what is missing and where to put it")
	f.StringArrayVar(&cfg.URLs, "url", nil, "fetch from this address instead (once for each file of the set, in order)")
	f.StringVar(&cfg.Mirror, "mirror", "", "base address that holds every file as MIRROR/SET/FILE")
	f.BoolVar(&cfg.Force, "force", false, "fetch anew what is there already; what fetch did not place is moved aside")
	f.BoolVar(&small, "small", false, "fetch the small tables of trained networks that are not here")
	f.BoolVar(&try, "try", false, "where something cannot be fetched say so in a line, and go on")
	f.DurationVar(&cfg.Stall, "stall", time.Minute, "give up an attempt after so long without a byte")
	f.IntVar(&cfg.Retries, "retries", 5, "attempts in a row that may bring nothing new (-1: none)")
	f.DurationVar(&cfg.Backoff, "backoff", time.Second, "pause before the first repeated attempt, doubled each time")
	return c
}

func runFetch(c *cobra.Command, names []string, cfg datasets.FetchConfig) error {
	for _, n := range names { // a mistake in the second must not cost a download first
		if err := cfg.Check(n); err != nil {
			return badInput(err)
		}
	}
	done := []struct {
		Name string `json:"name"`
		place
	}{}
	var missing []error // offline: what is missing of any set is said at once
	for _, n := range names {
		show := newProgress(c, progress.Stages)
		cfg.Progress = dataProgress(show, false)
		at, err := datasets.Fetch(c.Context(), n, cfg)
		show.End()
		var off *datasets.OfflineError
		if errors.As(err, &off) {
			missing = append(missing, err)
			continue
		}
		var config *datasets.ConfigError
		if errors.As(err, &config) {
			return badInput(err)
		}
		if err != nil {
			return err
		}
		done = append(done, struct {
			Name string `json:"name"`
			place
		}{n, place{at.Dir, at.Origin}})
		if !wantsJSON(c) {
			fmt.Fprintf(c.OutOrStdout(), "%s: %s\n", n, at.Dir)
			if cfg.Dir != "" && len(places(n)) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "  to use it there, add %s to %s\n", cfg.Dir, datasets.EnvData)
			}
		}
	}
	if wantsJSON(c) {
		if err := printJSON(c, map[string]any{"fetched": done}); err != nil {
			return err
		}
	}
	return errors.Join(missing...)
}

func newDataPath() *cobra.Command {
	return &cobra.Command{
		Use:   "path NAME",
		Short: "Print the folder in which a data set is used",
		Long: `Print the folder in which a data set is used: the first that holds it, of those
named in NNGPLAB_DATA and then of the user's cache. Where it is nowhere, the
error says where it was looked for and how to get it (exit code 1).`,
		Example:           "  nngplab data path cifar10",
		ValidArgsFunction: namesOfSets,
		Args:              func(c *cobra.Command, args []string) error { return badInput(cobra.ExactArgs(1)(c, args)) },
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := datasets.Get(args[0]); err != nil {
				return badInput(err)
			}
			at, err := datasets.Find(args[0])
			if err != nil {
				return err
			}
			if wantsJSON(c) {
				return printJSON(c, map[string]string{"name": at.Name, "dir": at.Dir, "origin": at.Origin})
			}
			return printPath(c, at.Dir)
		},
	}
}

func newDataRm() *cobra.Command {
	return &cobra.Command{
		Use:   "rm NAME",
		Short: "Remove a data set, or an unfinished download, from the cache",
		Long: `Remove a data set, or what an unfinished download left of it, from the user's
cache. Folders named in NNGPLAB_DATA are yours and never touched, and neither is
what fetch did not place. The table that import keeps stays, and the command says
where it is.`,
		Example:           "  nngplab data rm cifar10",
		ValidArgsFunction: namesOfSets,
		Args:              func(c *cobra.Command, args []string) error { return badInput(cobra.ExactArgs(1)(c, args)) },
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := datasets.Get(args[0]); err != nil {
				return badInput(err)
			}
			removed, err := datasets.Remove(c.Context(), args[0])
			if err != nil {
				for _, p := range removed {
					fmt.Fprintln(c.ErrOrStderr(), "removed", p)
				}
				return err
			}
			if wantsJSON(c) {
				return printJSON(c, map[string]any{"removed": removed})
			}
			for _, p := range removed {
				fmt.Fprintln(c.OutOrStdout(), "removed", p)
			}
			if table, err := datasets.TablePath(args[0]); err == nil {
				if _, err := os.Stat(table); err == nil {
					fmt.Fprintln(c.OutOrStdout(), "kept, as imported:", table)
				}
			}
			return nil
		},
	}
}

func newDataVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME...]",
		Short: "Check digests and read every file of data sets",
		Long: `Check data sets wherever they are: sizes and digests of the files of which they
are known, then the files' structure, by reading every record and decoding every
image (of the whole ImageNet that takes an hour or two). Without a name every
set that is on this machine is checked. The exit code is 2 if something is
damaged.`,
		Example: `  nngplab data verify
  nngplab data verify nasbench101 cifar10 --json`,
		ValidArgsFunction: namesOfSets,
		RunE: func(c *cobra.Command, args []string) error {
			for _, n := range args {
				if _, err := datasets.Get(n); err != nil {
					return badInput(err)
				}
				if _, err := datasets.Find(n); err != nil {
					return err
				}
			}
			if len(args) == 0 {
				args = datasets.Names()
			}
			return runVerify(c, args)
		},
	}
}

// verified is the result for one set at one place.
type verified struct {
	Name string `json:"name"`
	place
	*datasets.Report
	Read  []string `json:"read"` // what reading the files gave
	Error string   `json:"error,omitempty"`
	OK    bool     `json:"ok"`
}

func runVerify(c *cobra.Command, names []string) error {
	out := []verified{}
	bad := 0
	for _, n := range names {
		all, err := datasets.FindAll(n)
		if err != nil {
			continue // not on this machine
		}
		for _, at := range all {
			v, err := verifyOne(c, at)
			if err != nil {
				return err
			}
			if out = append(out, v); !v.OK {
				bad++
			}
			if !wantsJSON(c) {
				printVerified(c.OutOrStdout(), v)
			}
		}
	}
	if wantsJSON(c) {
		if err := printJSON(c, map[string]any{"verified": out}); err != nil {
			return err
		}
	} else if len(out) == 0 {
		fmt.Fprintln(c.OutOrStdout(), "no data set is on this machine")
	}
	if bad > 0 {
		return badFile(fmt.Errorf("%d of %d data sets are damaged", bad, len(out)))
	}
	return nil
}

func verifyOne(c *cobra.Command, at datasets.Location) (verified, error) {
	show := newProgress(c, progress.Stages)
	rep, err := datasets.Verify(c.Context(), at, dataProgress(show, false))
	show.End()
	if err != nil {
		return verified{}, err
	}
	v := verified{Name: at.Name, place: place{at.Dir, at.Origin}, Report: rep, Read: []string{}}
	// Also where a digest is wrong: the reader says where the damage is.
	if read := dataReaders[at.Name]; read != nil {
		show := newProgress(c, progress.Stages)
		update := dataProgress(show, len(imageset.NamesIn(at.Name)) > 0)
		lines, err := read(c.Context(), at.Dir, func(done, total int64) {
			update(datasets.Progress{Set: at.Name, Stage: "reading", Done: done, Total: total})
		})
		show.End()
		if c.Context().Err() != nil {
			return v, c.Context().Err()
		}
		v.Read = append(v.Read, lines...)
		if err != nil {
			v.Error = err.Error()
		}
	}
	v.OK = len(rep.Problems()) == 0 && v.Error == ""
	return v, nil
}

func printVerified(w io.Writer, v verified) {
	fmt.Fprintf(w, "%s in %s (%s)\n", v.Name, v.Dir, v.Origin)
	for _, c := range v.Checks {
		if c.Problem != "" {
			fmt.Fprintf(w, "  DAMAGED  %s: %s\n", c.Path, c.Problem)
		}
	}
	against := map[string]int{}
	var order []string
	for _, c := range v.Checks {
		if c.Problem == "" {
			if against[c.Against]++; against[c.Against] == 1 {
				order = append(order, c.Against)
			}
		}
	}
	for _, a := range order {
		fmt.Fprintf(w, "  ok       %d files agree with %s\n", against[a], a)
	}
	if len(v.Missing) > 0 && !v.Fetched {
		fmt.Fprintf(w, "  partial  not here: %s\n", strings.Join(v.Missing, ", "))
	}
	for _, l := range v.Read {
		fmt.Fprintf(w, "  ok       %s\n", l)
	}
	if v.Error != "" {
		fmt.Fprintf(w, "  DAMAGED  %s\n", v.Error)
	}
}
