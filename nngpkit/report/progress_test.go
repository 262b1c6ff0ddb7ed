package report

import (
	"bytes"
	"io"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress("scored %d of %d cells", 10)
	p.w = &out
	p.Step(1, 1) // too soon
	p.last = p.last.Add(-time.Minute)
	p.start = p.start.Add(-time.Minute)
	p.Step(5, 5)
	p.End("scored 10 cells")
	if got, want := out.String(), "\rscored 5 of 10 cells, 60 s left\rscored 10 cells                \n"; got != want {
		t.Errorf("progress %q, want %q", got, want)
	}
	p.w = io.Discard
	for d, want := range map[time.Duration]string{30 * time.Second: "30 s", 10 * time.Minute: "10 min", 5 * time.Hour: "5.0 h"} {
		if got := Roughly(d); got != want {
			t.Errorf("roughly(%v) = %q, want %q", d, got, want)
		}
	}
}
