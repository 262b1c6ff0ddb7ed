package plan

import (
	"strings"
	"testing"
	"time"

	"github.com/nngplab/nngplab/nngpkit/space"
)

// TestCommands: what a plan recommends is a command: of a pair of statistics of one
// view, of the raw kernel, and none where kernels of several settings are mixed.
func TestCommands(t *testing.T) {
	pass := EvidencePass{Width: 8, Members: 2, Train: 40, Val: 20, Norm: "none", Views: "maxima"}
	for _, c := range []struct {
		choice Choice
		cells  int
		want   string
	}{
		{Choice{Passes: []EvidencePass{pass}, Score: "mean rank of log_det, effective_dimension (maxima)", Best: EvidenceMix{With: []string{"parameters"}}}, 20,
			"nngplab rank --sample 20 --images cifar10 --width 8 --members 2 --train 40 --val 20 --norm none --view maxima --mix log_det,effective_dimension,parameters --out ranked.csv"},
		{Choice{Passes: []EvidencePass{publicPass}, Score: "accuracy"}, 423624,
			"nngplab rank --all --images cifar10 --width 128 --members 2 --train 100 --val 200 --norm ema --norm-batch 100 --view raw --mix accuracy --out ranked.csv"},
		{Choice{Passes: []EvidencePass{pass, publicPass}, Score: "mean rank of log_det (none), accuracy (ema)"}, 20, ""},
		{Choice{Passes: []EvidencePass{pass.with("depths")}, Score: "mean rank of whole_lml (depths), log_det (maxima)"}, 20, ""},
		{Choice{}, 20, ""},
	} {
		if got := c.choice.command(c.cells); got != c.want {
			t.Errorf("%+v: %s, want %s", c.choice, got, c.want)
		}
	}
	if s, err := space.Find("nasbench101"); err != nil || s.Size().Int64() != wholeSpace {
		t.Errorf("the space has not %d cells: %v", wholeSpace, err)
	}
	for seconds, want := range map[float64]string{3600: "1h", 1800: "30m", 5400: "1h30m", 10: "10s", 600: "10m", 8 * 3600: "8h", 90: "1m30s"} {
		if got := shortDuration(seconds); got != want {
			t.Errorf("%v s: %s, want %s", seconds, got, want)
		}
	}
	for _, seconds := range []float64{1e-9, 1, 59.5, 3599, 1e9, 9.3e9} {
		if d, err := time.ParseDuration(shortDuration(seconds)); err != nil || d <= 0 {
			t.Errorf("%v s: %v, %v", seconds, d, err)
		}
	}
	if got := runNoise(20, 60); got != "nngplab rank --sample 20 --out ranked.csv" {
		t.Error(got)
	}
	if got := runNoise(423624, 3600); !strings.HasPrefix(got, "nngplab plan --budget 1h --cells 423624 --out plan.json && ") {
		t.Error(got)
	}
}
