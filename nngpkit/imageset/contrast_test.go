package imageset

import (
	"math"
	"testing"
)

// TestContrast checks means and standard deviations after the fact: rounding to
// bytes moves a mean by less than 1/2, and with deviations far from the ends
// nothing is cut.
func TestContrast(t *testing.T) {
	noise, err := Noise(NoiseConfig{Images: 6, Kind: BlurredNoise})
	if err != nil {
		t.Fatal(err)
	}
	pictures := Drawn(6, 1)
	taken, err := pictures.WithContrastOf(noise)
	if err != nil {
		t.Fatal(err)
	}
	low, err := noise.Spread(0.5)
	if err != nil {
		t.Fatal(err)
	}
	halved, err := low.Spread(0.5) // factors 1, .9, ... squared
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		for c := range 3 {
			m, s := moments(low.Pix(i), c, 3)
			m0, s0 := moments(noise.Pix(i), c, 3)
			factor := 1 - 0.5*float64(i)/5
			if math.Abs(m-m0) > 0.5 || math.Abs(s-factor*s0) > 0.5 {
				t.Errorf("image %d, channel %d: %.2f, %.2f, want %.2f, %.2f", i, c, m, s, m0, factor*s0)
			}
			if _, s2 := moments(halved.Pix(i), c, 3); math.Abs(s2-factor*factor*s0) > 0.6 {
				t.Errorf("image %d, channel %d: deviation %.2f, want %.2f", i, c, s2, factor*factor*s0)
			}
			// Pictures have long tails, of which a part is cut.
			m, s = moments(taken.Pix(i), c, 3)
			if math.Abs(m-m0) > 0.15*s0 || s > s0+0.5 || s < 0.75*s0 {
				t.Errorf("image %d, channel %d: %.2f, %.2f, want about %.2f, %.2f", i, c, m, s, m0, s0)
			}
		}
	}
	same, err := noise.Spread(0)
	if err != nil || string(same.Pixels) != string(noise.Pixels) {
		t.Errorf("contrasts spread by 0 changed: %v", err)
	}
	flat := &Set{H: 2, W: 2, C: 3, Pixels: make([]uint8, 12), Labels: []int{0}}
	flat, err = flat.WithContrastOf(noise)
	if err != nil {
		t.Fatal(err)
	}
	if m, s := moments(flat.Pix(0), 0, 3); s != 0 || math.Abs(m-125) > 2 {
		t.Errorf("an image of one value became %v, %v", m, s)
	}
	for _, bad := range []float64{-0.1, 1.1, math.NaN()} {
		if _, err := noise.Spread(bad); err == nil {
			t.Errorf("contrasts spread by %v", bad)
		}
	}
	if _, err := noise.WithContrastOf(flat); err == nil {
		t.Error("six images took the contrast of one")
	}
}
