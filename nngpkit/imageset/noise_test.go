package imageset

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"testing"
)

// TestNoiseBytes pins the bytes of every kind: they are part of the contract, as
// those of the drawn set are. The digests were taken from this code; that the
// images are what they should be, TestNoiseStatistics shows.
func TestNoiseBytes(t *testing.T) {
	want := map[string]string{
		"noise":         "7f2b1f2228f36174",
		"noise-blurred": "b05b264a5d26bd84",
		"noise-gray":    "b0a10a264e72e270",
	}
	for name, digest := range want {
		s, err := Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		if s.Name != name || s.Len() != 1000 || s.Labeled() || len(s.Classes) != 0 {
			t.Errorf("%v, %d classes", s, len(s.Classes))
		}
		sum := sha256.Sum256(s.Pixels)
		if got := hex.EncodeToString(sum[:8]); got != digest {
			t.Errorf("%s: digest %s, want %s", name, got, digest)
		}
	}
}

// TestNoiseStatistics compares with what is asked for: mean 0 and variance 1
// under the usual normalization in every image, less what the cut to bytes takes
// (a normal variable cut at two standard deviations keeps 0.92 of its variance),
// and the correlation of neighbors that the window 1 4 6 4 1 makes, 56/70.
func TestNoiseStatistics(t *testing.T) {
	for kind, neighbor := range map[NoiseKind]float64{WhiteNoise: 0, BlurredNoise: 56. / 70, GrayNoise: 0} {
		s, err := Noise(NoiseConfig{Kind: kind, Images: 40, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Batch([]int{0, 7, 39}, Normalization{})
		if err != nil {
			t.Fatal(err)
		}
		size := s.H * s.W * s.C
		for i := range b.N {
			x := b.Data[i*size:][:size]
			mean, square, right, channels := 0.0, 0.0, 0.0, 0.0
			for k, v := range x {
				mean += float64(v)
				square += float64(v) * float64(v)
				if k%(s.W*s.C) < (s.W-1)*s.C {
					right += float64(v) * float64(x[k+s.C])
				}
				if k%s.C > 0 {
					channels += float64(v) * float64(x[k-1])
				}
			}
			n := float64(size)
			if mean /= n; math.Abs(mean) > 0.02 {
				t.Errorf("%v: image %d has mean %v", kind, i, mean)
			}
			variance := square/n - mean*mean
			if variance < 0.88 || variance > 0.96 {
				t.Errorf("%v: image %d has variance %v", kind, i, variance)
			}
			if c := right / square * 32 / 31; math.Abs(c-neighbor) > 0.09 {
				t.Errorf("%v: image %d: neighbors correlate by %v, want %v", kind, i, c, neighbor)
			}
			alike := 0.0
			if kind == GrayNoise {
				alike = 1
			}
			within := 0.09
			if kind == BlurredNoise {
				within = 0.3 // its pixels are fewer independent ones
			}
			if c := channels / square * 3 / 2; math.Abs(c-alike) > within {
				t.Errorf("%v: image %d: channels correlate by %v, want %v", kind, i, c, alike)
			}
		}
	}
}

// TestNoiseImages: an image depends on the seed and its index alone, in any size.
func TestNoiseImages(t *testing.T) {
	for _, kind := range []NoiseKind{WhiteNoise, BlurredNoise, GrayNoise} {
		few, err := Noise(NoiseConfig{Kind: kind, Images: 3, H: 9, W: 2, C: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		many, err := Noise(NoiseConfig{Kind: kind, Images: 200, H: 9, W: 2, C: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if string(few.Pixels) != string(many.Pixels[:len(few.Pixels)]) {
			t.Errorf("%v: more images do not extend fewer", kind)
		}
		other, err := Noise(NoiseConfig{Kind: kind, Images: 3, H: 9, W: 2, C: 1, Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		if string(few.Pixels) == string(other.Pixels) {
			t.Errorf("%v: two seeds give the same images", kind)
		}
		large, err := Noise(NoiseConfig{Kind: kind, Images: 1, H: 512, W: 512, C: 4})
		if err != nil {
			t.Fatal(err)
		}
		nz, err := large.Normalization(nil)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(nz.Mean[0]-127.5) > 1.5 || math.Abs(nz.Std[0]-63*0.96) > 1.5 {
			t.Errorf("%v: large images have mean %v, standard deviation %v", kind, nz.Mean[0], nz.Std[0])
		}
	}
	for _, bad := range []NoiseConfig{{Kind: 3}, {Kind: -1}, {Images: -1}, {H: -1}, {H: 1 << 20}, {H: 1 << 40, W: 1 << 40}, {C: math.MaxInt}, {Images: math.MaxInt}} {
		if s, err := Noise(bad); err == nil {
			t.Errorf("%+v: %v, want an error", bad, s)
		}
	}
}

// TestUnlabeled: sets of no class or one pass for what they are.
func TestUnlabeled(t *testing.T) {
	s, err := Noise(NoiseConfig{Images: 4})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Counts(); len(n) != 0 {
		t.Errorf("counts %v of no class", n)
	}
	s.Labels[2] = 1
	if err := s.Check(); err == nil {
		t.Error("label 1 of no class is accepted")
	}
	s.Labels[2], s.Classes = 0, []string{"one"}
	if err := s.Check(); err != nil || s.Labeled() {
		t.Errorf("one class: labeled %v, %v", s.Labeled(), err)
	}
	s.Classes = append(s.Classes, "two")
	if !s.Labeled() {
		t.Error("two classes do not count as labels")
	}
}

// TestResized: every pixel is one of the image's, at its place; doubling and
// halving gives the image back.
func TestResized(t *testing.T) {
	s := Drawn(3, 4)
	large, err := s.Resized(64, 96, 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := large.Check(); err != nil {
		t.Fatal(err)
	}
	back, err := large.Resized(32, 32, 3)
	if err != nil {
		t.Fatal(err)
	}
	if string(back.Pixels) != string(s.Pixels) {
		t.Error("enlarging and reducing changes the images")
	}
	if large.Pix(2)[3] != s.Pix(2)[0] {
		t.Error("the fourth channel is not the first")
	}
	if _, err := s.Resized(0, 1, 1); err == nil {
		t.Error("images without rows")
	}
}
