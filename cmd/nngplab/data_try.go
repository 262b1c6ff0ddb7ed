package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/progress"
)

// missingTables returns the small sets of tables that are nowhere on this machine.
func missingTables() []string {
	var names []string
	for _, n := range datasets.SmallTables() {
		if len(places(n)) == 0 {
			names = append(names, n)
		}
	}
	return names
}

// tryStall is how long an attempt waits for a byte.
const tryStall = 15 * time.Second

// tryFetch fetches what can be fetched. What cannot is said in a line each, or in one
// where there is no network. It returns an error for a mistake, and for an interruption.
func tryFetch(c *cobra.Command, names []string, cfg datasets.FetchConfig) error {
	if !c.Flags().Changed("retries") {
		cfg.Retries = -1
	}
	if !c.Flags().Changed("stall") {
		cfg.Stall = tryStall
	}
	for _, n := range names {
		if err := cfg.Check(n); err != nil {
			return badInput(err)
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "tables that are not here: %s\n", strings.Join(names, ", "))
	}
	fetched := []string{}
	for i, n := range names {
		dir, err := tryOne(c, n, cfg)
		if c.Context().Err() != nil {
			return c.Context().Err()
		}
		var off *datasets.OfflineError
		if noNetwork(err) || errors.As(err, &off) {
			fmt.Fprintf(c.ErrOrStderr(), "not fetched: %s (%s); 'nngplab data fetch %s' gets them another time\n",
				strings.Join(names[i:], ", "), unreachable(err), strings.Join(names[i:], " "))
			break
		}
		if err != nil {
			fmt.Fprintf(c.ErrOrStderr(), "not fetched: %s (%v)\n", n, err)
			continue
		}
		fetched = append(fetched, n)
		if !wantsJSON(c) {
			fmt.Fprintf(c.OutOrStdout(), "fetched %s: %s\n", n, dir)
		}
	}
	if wantsJSON(c) {
		return printJSON(c, map[string]any{"fetched": fetched})
	}
	return nil
}

// tryOne fetches one set and shows how far it is; what fails is the caller's to say.
func tryOne(c *cobra.Command, name string, cfg datasets.FetchConfig) (dir string, err error) {
	show := newProgress(c, progress.Stages)
	defer show.End()
	update := dataProgress(show, false)
	cfg.Progress = func(p datasets.Progress) {
		p.Message = ""
		update(p)
	}
	at, err := datasets.Fetch(c.Context(), name, cfg)
	return at.Dir, err
}

// noNetwork tells whether an error is that of a host that cannot be reached.
func noNetwork(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect")
}

// unreachable says in a few words why nothing can be fetched.
func unreachable(err error) string {
	var off *datasets.OfflineError
	if errors.As(err, &off) {
		return "the network is not to be used"
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "no network: " + dns.Error()
	}
	var op *net.OpError
	errors.As(err, &op)
	return "no network: " + op.Error()
}
