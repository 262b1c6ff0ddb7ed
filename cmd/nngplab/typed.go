package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// program is how this program can be called from the shell that called it: by its
// name where PATH leads to it, else as it was called.
var program = programOf(os.Args[0], exec.LookPath)

func programOf(called string, look func(string) (string, error)) string {
	const name = "nngplab"
	if base := strings.TrimSuffix(filepath.Base(called), ".exe"); base != name || !strings.ContainsAny(called, `/\`) {
		return name // a test, or called by its name
	}
	if found, err := look(name); err == nil && sameFile(found, called) {
		return name
	}
	return called
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// commandLine matches this program's name where a subcommand follows.
var commandLine = regexp.MustCompile("(^|[\\s'\"`(])nngplab( (?:completion|corr|data|doctor|eval|help|kernel|plan|rank|scores|space|sweep|version)\\b)")

// asTyped puts the program into the commands of a text as it can be typed.
func asTyped(text, program string) string {
	if program == "nngplab" || !strings.Contains(text, "nngplab ") {
		return text
	}
	return commandLine.ReplaceAllString(text, "${1}"+strings.ReplaceAll(program, "$", "$$")+"${2}")
}

// showTyped has help and usage show commands as they can be typed.
func showTyped(cmd *cobra.Command, program string) {
	if program == "nngplab" {
		return
	}
	if !cmd.HasParent() {
		if cmd.Annotations == nil {
			cmd.Annotations = map[string]string{}
		}
		cmd.Annotations[cobra.CommandDisplayNameAnnotation] = program
	}
	cmd.Long, cmd.Example = asTyped(cmd.Long, program), asTyped(cmd.Example, program)
	for _, flags := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.PersistentFlags()} {
		flags.VisitAll(func(f *pflag.Flag) { f.Usage = asTyped(f.Usage, program) })
	}
	for _, sub := range cmd.Commands() {
		showTyped(sub, program)
	}
}

// plainWord matches a word that no shell changes.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+-]+$`)

// shellWord returns a word as it can be typed in a POSIX shell.
func shellWord(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
