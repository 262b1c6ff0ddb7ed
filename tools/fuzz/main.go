// Command fuzz runs every fuzz target of this module for a time each:
//
//	go run ./tools/fuzz -time 60s [-match REGEXP] [-jobs N] [-parallel N] [-fresh]
//
// The test program of a package is built once, before its targets run. Minimizing an input is cut short, so that the time goes into executions.
// What is found stays in the corpus of its target, testdata/fuzz, and the exit code
// is 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"
)

func main() {
	each := flag.Duration("time", time.Minute, "time for each target")
	minimize := flag.Duration("minimize", time.Second, "time for making an input smaller")
	match := flag.String("match", "", "only targets whose package and name match")
	jobs := flag.Int("jobs", 1, "targets that run side by side")
	parallel := flag.Int("parallel", 0, "processes of a target; 0 for the processors divided by -jobs")
	fresh := flag.Bool("fresh", false, "begin with the inputs in testdata/fuzz alone, not with those that go test has kept")
	flag.Parse()
	re, err := regexp.Compile(*match)
	if err == nil && (*jobs < 1 || *parallel < 0) {
		err = errors.New("-jobs is at least 1, -parallel not negative")
	}
	if err == nil {
		err = run(re, settings{*each, *minimize, *jobs, *parallel, *fresh})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

// settings says how long and how wide to fuzz.
type settings struct {
	each, minimize time.Duration
	jobs, parallel int
	fresh          bool
}

// run fuzzes the targets that match, and prints a line for each when it ends.
func run(match *regexp.Regexp, s settings) error {
	all, err := targets(".")
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(t target) bool { return !match.MatchString(t.dir + "." + t.name) })
	if s.parallel == 0 {
		s.parallel = max(1, runtime.NumCPU()/s.jobs)
	}
	bin, err := os.MkdirTemp("", "nngplab-fuzz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(bin)
	return fuzz(all, bin, s)
}

// job is a target with the program that holds it.
type job struct {
	target
	program program
}

// fuzz runs the targets, s.jobs side by side, and builds the programs meanwhile, in
// bin.
func fuzz(all []target, bin string, s settings) error {
	var (
		mu    sync.Mutex
		total summary
		wg    sync.WaitGroup
		next  = make(chan job)
	)
	for range s.jobs {
		wg.Go(func() {
			for j := range next {
				r := j.program.run(j.target, s)
				mu.Lock()
				fmt.Printf("%-45s %-22s %v\n", j.dir, j.name, r)
				if r.found != "" {
					fmt.Println(r.found)
				}
				total.add(j.target, r)
				mu.Unlock()
			}
		})
	}
	err := build(bin, all, s.fresh, next)
	close(next)
	wg.Wait()
	fmt.Println(total)
	if err != nil {
		return err
	}
	if total.found > 0 {
		return fmt.Errorf("%d targets have findings", total.found)
	}
	return nil
}

// summary is what all targets came to.
type summary struct {
	targets, found int
	execs, least   int64
	leastName      string
}

func (s *summary) add(t target, r result) {
	if s.targets == 0 || r.execs < s.least {
		s.least, s.leastName = r.execs, t.name
	}
	s.targets++
	s.execs += r.execs
	if r.found != "" {
		s.found++
	}
}

// String says how many executions there were, and which target had the fewest.
func (s summary) String() string {
	return fmt.Sprintf("%d targets, %d executions, at least %d each (%s), %d with findings",
		s.targets, s.execs, s.least, s.leastName, s.found)
}

// build compiles the test program of every package that has targets into bin, and
// sends the targets.
func build(bin string, all []target, fresh bool, next chan<- job) error {
	programs := map[string]program{}
	for _, t := range all {
		p, done := programs[t.dir]
		if !done {
			var err error
			if p, err = buildOne(filepath.Join(bin, fmt.Sprint(len(programs))+".test"), t.dir); err != nil {
				return err
			}
			if fresh {
				p.cache = p.path + ".cache"
			}
			programs[t.dir] = p
		}
		next <- job{t, p}
	}
	return nil
}
