package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/nngplab/nngplab/internal/nanjson"
	"github.com/nngplab/nngplab/internal/plainfile"
)

// ResultsEnv names the environment variable that holds the name of the file to
// which results are appended. Where it is unset, recording does nothing: the
// reports set it, people who try a cell need not.
const ResultsEnv = "NNGPLAB_RESULTS"

// ResultLine is one line of the file of results.
type ResultLine struct {
	Kind  string   `json:"kind"` // "result" or "data"
	Name  string   `json:"name"`
	Value *float64 `json:"value,omitempty"`
	Lo    *float64 `json:"lo,omitempty"`
	Hi    *float64 `json:"hi,omitempty"`
	N     int      `json:"n,omitempty"`
	Text  string   `json:"text,omitempty"`
	Real  *bool    `json:"real,omitempty"`

	// Within is how far the value may be off when it is computed again on another
	// processor; 0 where it comes from committed tables.
	Within float64 `json:"within,omitempty"`

	// Detail marks a number that an overview leaves out.
	Detail bool `json:"detail,omitempty"`
}

// Record appends a number that a notebook states, with its interval and the
// number of observations, to the file of results. Names have the form
// "02.official.tau.nngp". A value that is NaN is recorded as undefined.
func Record(name string, value, lo, hi float64, n int) error {
	return appendResult(ResultLine{Kind: "result", Name: name, Value: nanjson.Finite(value), Lo: nanjson.Finite(lo), Hi: nanjson.Finite(hi), N: n})
}

// RecordDetail is Record for one of many numbers that only a look-up needs.
func RecordDetail(name string, value, lo, hi float64, n int) error {
	return appendResult(ResultLine{Kind: "result", Name: name, Value: nanjson.Finite(value), Lo: nanjson.Finite(lo), Hi: nanjson.Finite(hi), N: n, Detail: true})
}

// RecordWithin is Record for a number that a notebook computes from images: on
// another processor, whose rounding differs, it may be off by so much.
func RecordWithin(name string, value, lo, hi float64, n int, within float64) error {
	return appendResult(ResultLine{Kind: "result", Name: name, Value: nanjson.Finite(value), Lo: nanjson.Finite(lo), Hi: nanjson.Finite(hi), N: n, Within: within})
}

// RecordValue appends a number that has no interval: a count, a setting.
func RecordValue(name string, value float64) error {
	return appendResult(ResultLine{Kind: "result", Name: name, Value: nanjson.Finite(value)})
}

// RecordText appends a text, such as the name of the best cell.
func RecordText(name, text string) error {
	return appendResult(ResultLine{Kind: "result", Name: name, Text: text})
}

// RecordData appends which data a notebook used, and whether they are real or
// drawn to stand in for them.
func RecordData(name, text string, real bool) error {
	return appendResult(ResultLine{Kind: "data", Name: name, Text: text, Real: &real})
}

// appendResult writes one line with one call, so that lines of several
// processes do not mix.
func appendResult(r ResultLine) (err error) {
	if r.Name == "" {
		return errors.New("report: a result needs a name")
	}
	keep(r)
	path := os.Getenv(ResultsEnv)
	if path == "" {
		return nil
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("report: result %q: %w", r.Name, err)
	}
	f, err := plainfile.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("report: result %q: %w", r.Name, err)
	}
	defer func() {
		if cerr := f.Close(); err == nil {
			err = cerr
		}
	}()
	_, err = f.Write(append(line, '\n'))
	return err
}
