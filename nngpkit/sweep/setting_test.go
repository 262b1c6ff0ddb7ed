package sweep

import (
	"testing"

	"github.com/nngplab/nngplab/nngpkit/forward"
)

// TestSettingString: images of normalization are named where there is one.
func TestSettingString(t *testing.T) {
	s := Setting{Width: 8, Train: 60, Val: 30, Members: 2, NormBatch: 20, Seed: 1}
	for norm, want := range map[forward.Norm]string{
		forward.EMA:  "width 8, 60 + 30 images, 2 members, norm ema from 20 images, seed 1",
		forward.None: "width 8, 60 + 30 images, 2 members, norm none, seed 1",
	} {
		if s.Norm = norm; s.String() != want {
			t.Errorf("%q, want %q", s.String(), want)
		}
	}
}
