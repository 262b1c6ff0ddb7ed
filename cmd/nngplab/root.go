package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
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
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return badInput(err) })
	for _, f := range subcommands {
		root.AddCommand(f())
	}
	return root
}

// run executes the command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(stderr, "nngplab: interrupted")
		return exitInterrupted
	}
	fmt.Fprintln(stderr, "nngplab:", err)
	var u usageError
	if errors.As(err, &u) || cmd == root {
		if !u.files {
			fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
		}
		return exitUsage
	}
	return exitFailed
}
