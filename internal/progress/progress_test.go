package progress

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestLines: where lines cannot be drawn again, a quiet progress says nothing, one
// by stages a line for each stage, one by minutes a line a minute and the last.
func TestLines(t *testing.T) {
	for how, want := range map[How]string{
		Quiet:   "",
		Stages:  "a\nb\\u001b[2J\n",
		Minutes: "a: 20 of 40, 60 s left\nb\\u001b[2J: 40 of 40\n",
	} {
		var out bytes.Buffer
		l := New(&out, how)
		clock := l.start
		l.now = func() time.Time { return clock }
		l.Count("a", 10, 40)
		clock = clock.Add(time.Minute)
		l.Count("a", 20, 40)
		l.Count("a", 30, 40)
		l.Count("b\x1b[2J", 40, 40)
		l.End()
		if out.String() != want {
			t.Errorf("%v prints %q, want %q", how, out.String(), want)
		}
	}
}

// TestResumed: what an earlier run has done says nothing of the speed of this one.
func TestResumed(t *testing.T) {
	var out bytes.Buffer
	l := New(&out, Minutes)
	clock := l.start.Add(time.Hour)
	l.now = func() time.Time { return clock }
	l.Update(State{Stage: "x", Done: 90, Fresh: 10, Total: 100})
	if want := "x: 90 of 100, 60 min left\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

func TestBar(t *testing.T) {
	var out bytes.Buffer
	l := Live(&out)
	l.Say("looking")
	l.Count("members", 3, 8)
	l.End()
	for _, want := range []string{"looking", "members", "3/8"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q does not stand in %q", want, out.String())
		}
	}
	if !strings.HasSuffix(out.String(), "\r") {
		t.Errorf("the bar is left behind: %q", out.String())
	}
	var none *Line
	none.Say("nothing")
	none.Count("nothing", 1, 2)
	none.Message("nothing")
	none.End()
}

func TestRoughly(t *testing.T) {
	for d, want := range map[time.Duration]string{30 * time.Second: "30 s", 10 * time.Minute: "10 min", 5 * time.Hour: "5.0 h"} {
		if got := Roughly(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
