package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// TestDump reads back what open and run write for the other sides, and compares
// it with what the library gives.
func TestDump(t *testing.T) {
	b := &bench{set: imageset.Drawn(12, 1)}
	dir := t.TempDir()
	if _, err := b.do(command{Op: "run"}); err == nil {
		t.Fatal("ran without a network")
	}
	open := command{Op: "open", Cell: "0110/0001/0001/0000 c3,mp", Stem: 4, Images: 5, Norm: 3, Members: 2, Dir: dir}
	if _, err := b.do(open); err != nil {
		t.Fatal(err)
	}
	if _, err := b.do(command{Op: "run"}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "network.json"))
	if err != nil {
		t.Fatal(err)
	}
	var nodes []node
	if err := json.Unmarshal(text, &nodes); err != nil {
		t.Fatal(err)
	}
	var weights, features []float32
	plan, err := forward.Compile(b.net, b.config())
	if err != nil {
		t.Fatal(err)
	}
	for m := range open.Members {
		for i := range nodes {
			weights = append(weights, forward.Weights(b.net, i, b.config().Seed, m)...)
		}
		f, err := plan.Features(context.Background(), m, b.x, b.norm)
		if err != nil {
			t.Fatal(err)
		}
		features = append(features, f.Data...)
	}
	for name, want := range map[string][]float32{"weights": weights, "ours": features, "images": b.x.Data, "norm": b.norm.Data} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) != 4*len(want) {
			t.Errorf("%s: %d bytes for %d values", name, len(raw), len(want))
			continue
		}
		for i, w := range want {
			if got := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])); got != w {
				t.Errorf("%s: value %d is %v, want %v", name, i, got, w)
				break
			}
		}
	}
}

func TestServe(t *testing.T) {
	var out strings.Builder
	if err := serve(strings.NewReader(`{"op":"about"}`+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"level"`) {
		t.Errorf("answered %s", out.String())
	}
	if err := serve(strings.NewReader(`{"op":"none"}`), &out); err == nil {
		t.Error("an unknown operation was accepted")
	}
}
