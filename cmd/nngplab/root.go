package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/campaign"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Exit codes: 0 success, 1 the work failed, 2 the input or the usage is
// wrong, 130 interrupted.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// usageError marks an error of the caller's input: the exit code is 2.
type usageError struct {
	error
	files bool // of files that were read, not of the command line
}

func (e usageError) Unwrap() error { return e.error }

// badInput marks err as caused by the input; nil stays nil.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return usageError{error: err}
}

// badFile marks err as caused by a file that was read: no other way to call the
// command would mend it.
func badFile(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err, true}
}

// subcommands is filled by the init functions of the files beside this one,
// one file per subcommand.
var subcommands []func() *cobra.Command

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "nngplab",
		Short:         "NNGP-guided neural architecture search: score networks without training them",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().Bool("json", false, "print one JSON object instead of text")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return badInput(checkGiven(cmd)) }
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return badInput(err) })
	for _, f := range subcommands {
		root.AddCommand(f())
	}
	root.Version = currentVersion().line()
	root.SetVersionTemplate("{{.Version}}\n")
	addCompletion(root)
	showTyped(root, program)
	return root
}

// checkGiven refuses a flag that is given without a value, as "$FOLDER" is in a
// script that forgot to set it: the default, such as the user's own folder, is not
// what was meant.
func checkGiven(cmd *cobra.Command) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Value.Type() == "string" && f.Value.String() == "" && err == nil {
			err = fmt.Errorf("--%s is empty: give a value, or leave it out", f.Name)
		}
	})
	return err
}

// grace is how long a command has to stop by itself after a signal.
const grace = 500 * time.Millisecond

// endings are what ends a command: also that its terminal is closed, unless somebody
// has asked for it to go on then, as nohup does.
func endings() []os.Signal {
	all := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}

// patience is how a command says that it ends by itself after a signal, however
// long that takes: what it has in hand is worth more than a second.
type patience struct{ asked atomic.Bool }

type patienceKey struct{}

// askPatience has the first SIGINT or SIGTERM wait for the command, and the second
// one end it.
func askPatience(ctx context.Context) {
	if p, ok := ctx.Value(patienceKey{}).(*patience); ok {
		p.asked.Store(true)
	}
}

// run executes the command line and returns the exit code. SIGINT, SIGTERM and SIGHUP
// end it within a second, wherever it is, unless it asked for patience: then the
// second signal does.
func run(args []string, stdout, stderr io.Writer) int {
	p := new(patience)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings()...)
	defer signal.Stop(signals)
	ctx, cancel := context.WithCancel(context.WithValue(context.Background(), patienceKey{}, p))
	defer cancel()
	done := make(chan int, 1)
	go func() { done <- execute(ctx, args, stdout, stderr) }()
	select {
	case code := <-done:
		return code
	case <-signals:
		cancel()
	}
	late := time.After(grace)
	if p.asked.Load() {
		fmt.Fprintln(stderr, "nngplab: finishing what is in hand; a second signal ends at once")
		late = nil
	}
	select {
	case code := <-done:
		return code
	case <-late:
	case <-signals:
	}
	// It waits for something that no context ends, such as a line from a
	// terminal. What it was writing would appear whole or not at all anyway.
	wholefile.Abandon()
	fmt.Fprintln(stderr, "nngplab: interrupted")
	return exitInterrupted
}

// execute runs the command line to its end or that of the context.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	out := newOutput(stdout)
	root.SetOut(out)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil && out.err == nil:
		return 0
	case err == nil:
		err = fmt.Errorf("writing the output: %w", out.err)
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "nngplab: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "nngplab:", message(err))
	if damaged(err) {
		err = badFile(err)
	}
	var u usageError
	if errors.As(err, &u) || cmd == root && out.err == nil {
		if !u.files {
			fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
		}
		return exitUsage
	}
	return exitFailed
}

// damaged tells whether an error is of a store of scores that another call of the
// command would not mend.
func damaged(err error) bool {
	var kept *sweep.KeptError
	return campaign.Damaged(err) || errors.As(err, &kept)
}

// maxMessage bounds what an error prints.
const maxMessage = 8 << 10

// message returns an error's text as it can be shown: what a file, a server or a
// name brought into it must not command the terminal, nor fill it.
func message(err error) string {
	return asTyped(printable.Text(printable.Clip(err.Error(), maxMessage)), program)
}
