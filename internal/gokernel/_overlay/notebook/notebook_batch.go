package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"
)

var batch = flag.String("cells", "", "run the cells that standard input holds as a JSON list of strings, write what became of each into this `file`, a JSON object a line, and exit")

var batchMark = flag.String("mark", "", "with -cells: print this `text` on a line of standard output after each cell")

var batchInterrupts = flag.String("interrupts", "", "with -cells: CELL:SECONDS,... presses the stop button so long after the cell has begun")

// batchResult is what one cell of a batch came to.
type batchResult struct {
	Cell    int          `json:"cell"` // from 1
	OK      bool         `json:"ok"`
	Name    string       `json:"name,omitempty"`    // of the error
	Message string       `json:"message,omitempty"` // of the error
	Where   []batchPlace `json:"where,omitempty"`   // of the error, innermost first
	Values  []MIMEMap    `json:"values,omitempty"`  // what the cell shows at its end
	Shown   []MIMEMap    `json:"shown,omitempty"`   // what it showed before
	Notes   []string     `json:"notes,omitempty"`   // troubles in showing
	Seconds float64      `json:"seconds"`
}

// batchPlace is a place in a cell.
type batchPlace struct {
	Cell string `json:"cell"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
}

// batchShown collects what a cell of a batch shows before its end; nil outside
// of batches.
var batchShown *[]MIMEMap

// runBatch answers the flag -cells, by which tests put programs through the
// interpreter without Jupyter. What the cells print goes to the process's own
// standard output and standard error, in the order written. A cell that fails
// does not keep the next from running. os.Args holds the program's name alone.
func runBatch() {
	if *batch == "" {
		return
	}
	out, err := os.OpenFile(*batch, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	var cells []string
	data, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = json.Unmarshal(data, &cells)
	}
	if err != nil {
		log.Fatalf("-cells: standard input holds no list of cells: %v", err)
	}
	os.Args = os.Args[:1]
	n := newNotebook()
	n.out = &capture{}
	theNotebook = n
	go n.watchSignals()
	enc := json.NewEncoder(out)
	for i, code := range cells {
		if err := enc.Encode(n.runOfBatch(i+1, code)); err != nil {
			log.Fatal(err)
		}
		if *batchMark != "" {
			fmt.Println(*batchMark)
		}
	}
	os.Exit(0)
}

func (n *notebook) runOfBatch(i int, code string) batchResult {
	res := batchResult{Cell: i}
	batchShown = &res.Shown
	for at := range strings.SplitSeq(*batchInterrupts, ",") {
		var cell int
		var seconds float64
		if k, _ := fmt.Sscanf(at, "%d:%g", &cell, &seconds); k == 2 && cell == i {
			t := time.AfterFunc(time.Duration(seconds*float64(time.Second)), n.interrupt)
			defer t.Stop()
		}
	}
	start := time.Now()
	o, _ := n.run(fmt.Sprintf("In[%d]", i), code)
	res.Seconds = time.Since(start).Seconds()
	res.OK = o.fail == nil
	if f := o.fail; f != nil {
		res.Name, res.Message = f.name, f.message
		for _, p := range f.trace {
			res.Where = append(res.Where, batchPlace{p.Filename, p.Line, p.Column})
		}
	}
	for _, d := range o.shown {
		res.Values = append(res.Values, d.Data)
	}
	for _, err := range o.notes {
		res.Notes = append(res.Notes, err.Error())
	}
	return res
}

// batchWrite writes what the kernel itself says to a cell of a batch.
func batchWrite(name, data string) {
	w := os.Stdout
	if name == StreamStderr {
		w = os.Stderr
	}
	io.WriteString(w, data)
}
