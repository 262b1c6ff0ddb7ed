package conformance

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Counts are numbers of programs by class and kind.
type Counts map[Class]map[Kind]int

// Count counts the run programs, or the errorcheck programs.
func Count(results []Result, check bool) Counts {
	c := Counts{}
	for _, r := range results {
		if r.Program.Check != check {
			continue
		}
		if c[r.Program.Class] == nil {
			c[r.Program.Class] = map[Kind]int{}
		}
		c[r.Program.Class][r.Kind]++
	}
	return c
}

// All is how many programs of the class there are.
func (c Counts) All(class Class) int {
	n := 0
	for _, k := range c[class] {
		n += k
	}
	return n
}

// Share is the part of the programs of the class that are of one of the kinds,
// in percent; 0 where there are none.
func (c Counts) Share(class Class, kinds ...Kind) float64 {
	all := c.All(class)
	if all == 0 {
		return 0
	}
	n := 0
	for _, k := range kinds {
		n += c[class][k]
	}
	return 100 * float64(n) / float64(all)
}

// WriteTables prints both tables, then each program that did not do as it
// should, with the first message.
func WriteTables(w io.Writer, results []Result) {
	writeTable(w, "Run programs", Count(results, false), RunKinds)
	writeTable(w, "Errorcheck programs", Count(results, true), CheckKinds)
	for _, kind := range append(RunKinds[1:len(RunKinds):len(RunKinds)], RefusedImport, Accepted) {
		for _, r := range results {
			if r.Kind == kind {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", kind, r.Program.Class, r.Program.Name, r.Detail)
			}
		}
	}
}

func writeTable(w io.Writer, title string, c Counts, kinds []Kind) {
	if len(c) == 0 {
		return
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\n", title)
	fmt.Fprintf(tw, "class\tprograms\t")
	for _, k := range kinds {
		fmt.Fprintf(tw, "%s\t", k)
	}
	fmt.Fprintln(tw)
	for _, class := range Classes {
		if c.All(class) == 0 {
			continue
		}
		fmt.Fprintf(tw, "%s\t%d\t", class, c.All(class))
		for i, k := range kinds {
			if i == 0 {
				fmt.Fprintf(tw, "%d (%.1f %%)\t", c[class][k], c.Share(class, k))
			} else {
				fmt.Fprintf(tw, "%d\t", c[class][k])
			}
		}
		fmt.Fprintln(tw)
	}
	_ = tw.Flush()
	fmt.Fprintln(w)
}
