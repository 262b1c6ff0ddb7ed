package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nngplab/nngplab/internal/nanjson"
	"github.com/nngplab/nngplab/internal/printable"
)

// output is where results go. It shows no control characters that a file or a
// name brought along, and remembers the first error, so that a command whose
// output is lost does not claim to have succeeded.
type output struct {
	raw   io.Writer
	clean io.Writer
	err   error
}

func newOutput(w io.Writer) *output { return &output{raw: w, clean: printable.Writer(w)} }

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) { return o.write(o.clean, p) }

func (o *output) write(w io.Writer, p []byte) (int, error) {
	n, err := w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// printPath prints a path and nothing else, byte by byte as it is, for scripts;
// on a terminal without control characters.
func printPath(cmd *cobra.Command, path string) error {
	line := []byte(path + "\n")
	o, ok := cmd.OutOrStdout().(*output)
	if !ok || isTerminal(o.raw) {
		_, err := cmd.OutOrStdout().Write(line)
		return err
	}
	_, err := o.write(o.raw, line)
	return err
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// jsonObject is a JSON object whose fields keep their order.
type jsonObject []jsonField

type jsonField struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o jsonObject) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, f := range o {
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := nanjson.MarshalValue(f.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

func (o jsonObject) has(name string) bool {
	for _, f := range o {
		if f.name == name {
			return true
		}
	}
	return false
}

// noArgs refuses arguments as a mistake in the usage.
func noArgs(cmd *cobra.Command, args []string) error { return badInput(cobra.NoArgs(cmd, args)) }

// wantsJSON tells whether --json is set.
func wantsJSON(cmd *cobra.Command) bool {
	v, err := cmd.Flags().GetBool("json")
	return err == nil && v
}

// printJSON prints one object.
func printJSON(cmd *cobra.Command, v any) error {
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printResult prints v as one JSON object where --json is given, else what text
// writes, with commands as they can be typed.
func printResult(cmd *cobra.Command, v any, text func(io.Writer) error) error {
	if wantsJSON(cmd) {
		return printJSON(cmd, v)
	}
	var b strings.Builder
	if err := text(&b); err != nil {
		return err
	}
	_, err := io.WriteString(cmd.OutOrStdout(), asTyped(b.String(), program))
	return err
}
