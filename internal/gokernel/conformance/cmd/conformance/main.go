// Conformance puts Go's own test programs through the kernel, prints what
// became of them, and fails where that is less than is required.
//
//	conformance [-goroot DIR] [-part] [-class ordinary] [-run PATTERN] [BINARY]
//
// Without a kernel's binary it takes the one of this checkout, and builds it
// where something has changed.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/nngplab/nngplab/internal/gokernel/conformance"
	"github.com/nngplab/nngplab/internal/gokernel/conformance/batch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var (
		goroot  = flag.String("goroot", "", "toolchain whose tests are run; by default that of the go command")
		part    = flag.Bool("part", false, "only the part that continuous integration runs")
		class   = flag.String("class", "", "only programs of this class: ordinary, internals, generic")
		pattern = flag.String("run", "", "only programs whose name matches this regular expression")
		check   = flag.Bool("errorcheck", true, "also programs that have to be refused")
		limit   = flag.Duration("limit", 20*time.Second, "time limit for a program")
		workers = flag.Int("workers", runtime.NumCPU(), "processes at once")
		verbose = flag.Bool("v", false, "print each program when it is done")
	)
	flag.Parse()
	k, err := kernel(ctx, flag.Args())
	if err != nil {
		return err
	}
	programs, err := find(*goroot, *class, *pattern, *check)
	if err != nil {
		return err
	}
	required, filtered := conformance.Required, *class != "" || *pattern != ""
	if *part {
		programs, required = conformance.Sample(programs, conformance.PartPercent), conformance.PartRequired
	}
	suite := conformance.Suite{
		Kernel: k, Programs: programs, Limit: *limit, Workers: *workers,
		Done: func(done, all int, r conformance.Result) {
			if *verbose {
				fmt.Printf("%d/%d %-26s %5.1f s  %s\n", done, all, r.Kind, r.Seconds, r.Program.Name)
			} else if done%100 == 0 {
				fmt.Fprintf(os.Stderr, "%d of %d\n", done, all)
			}
		},
	}
	start := time.Now()
	results, err := suite.Run(ctx)
	if err != nil {
		return err
	}
	conformance.WriteTables(os.Stdout, results)
	fmt.Printf("%d programs in %.0f s\n", len(results), time.Since(start).Seconds())
	short := required.Check(results)
	if strings.HasPrefix(runtime.Version(), conformance.KnownRelease) && *goroot == "" {
		short = append(short, conformance.Unexpected(results)...)
	}
	if len(short) > 0 && !filtered {
		return fmt.Errorf("below what is required:\n%s", strings.Join(short, "\n"))
	}
	return nil
}

// kernel returns the one that the arguments name, or builds one.
func kernel(ctx context.Context, args []string) (*batch.Kernel, error) {
	switch len(args) {
	case 0:
		return batch.Built(ctx, func(msg string) { fmt.Fprintln(os.Stderr, msg) })
	case 1:
		return batch.At(args[0])
	}
	return nil, fmt.Errorf("at most one kernel binary can be named, not %q", args)
}

func find(goroot, class, pattern string, check bool) ([]*conformance.Program, error) {
	if goroot == "" {
		b, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return nil, fmt.Errorf("go env GOROOT: %w", err)
		}
		goroot = strings.TrimSpace(string(b))
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	all, err := conformance.Find(goroot)
	if err != nil {
		return nil, err
	}
	var out []*conformance.Program
	for _, p := range all {
		if (class == "" || string(p.Class) == class) && re.MatchString(p.Name) && (check || !p.Check) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no program is selected")
	}
	return out, nil
}
