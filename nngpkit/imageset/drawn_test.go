package imageset

import (
	"bytes"
	"math"
	"reflect"
	"runtime"
	"testing"
)

func TestSineTable(t *testing.T) {
	for a, v := range sine {
		if want := math.Sin(2*math.Pi*float64(a)/256) * (1 << 14); math.Abs(float64(v)-want) > 1 {
			t.Errorf("sine[%d] = %d, want %.2f", a, v, want)
		}
	}
}

// TestDrawnIsFixed pins the bytes: they must be the same on every machine and
// in every version, or scores on the drawn set could not be compared.
func TestDrawnIsFixed(t *testing.T) {
	const want = "918e327900c5cfbf5c7e221a10fd12f83466ea0734c4ec394755d994512fb272"
	if got := digest(Drawn(200, 0).Pixels); got != want {
		t.Errorf("digest of 200 drawn images %s, want %s", got, want)
	}
}

func TestDrawnExtends(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := Drawn(150, 3)
	runtime.GOMAXPROCS(4)
	more := Drawn(333, 3)
	if !bytes.Equal(one.Pixels, more.Pixels[:len(one.Pixels)]) || !reflect.DeepEqual(one.Labels, more.Labels[:150]) {
		t.Error("150 images are not the first of 333")
	}
	if err := more.Check(); err != nil {
		t.Error(err)
	}
	if bytes.Equal(one.Pixels, Drawn(150, 4).Pixels) {
		t.Error("two seeds give the same images")
	}
	if Drawn(0, 0).Len() != 0 {
		t.Error("no images asked for, some drawn")
	}
}

func TestDrawnIsBalanced(t *testing.T) {
	s := Drawn(500, 9)
	for c, n := range s.Counts() {
		if n != 50 {
			t.Errorf("class %d has %d of 500 images", c, n)
		}
	}
	if reflect.DeepEqual(s.Labels[:10], s.Labels[10:20]) && reflect.DeepEqual(s.Labels[:10], s.Labels[20:30]) {
		t.Error("the classes come in the same order again and again")
	}
}

// TestDrawnIsHard: neither raw pixels nor color statistics may give the class
// away. Chance is 0.1; with 400 test images the standard error is 0.02. A
// network's features reach 0.4 to 0.6 from as many images.
func TestDrawnIsHard(t *testing.T) {
	s := Drawn(1400, 0)
	pixels := func(i int) []float64 {
		v := make([]float64, 0, 3072)
		for _, p := range s.Pix(i) {
			v = append(v, float64(p))
		}
		return v
	}
	moments := func(i int) []float64 {
		one, err := s.Normalization([]int{i})
		if err != nil {
			t.Fatal(err)
		}
		return append(one.Mean, one.Std...)
	}
	for _, c := range []struct {
		name     string
		features func(int) []float64
		bound    float64
	}{{"pixels", pixels, 0.35}, {"channel moments", moments, 0.25}} {
		if acc := nearest(s, 1000, c.features); acc < 0.08 || acc > c.bound {
			t.Errorf("nearest neighbor by %s: accuracy %.3f, want 0.08 to %.2f", c.name, acc, c.bound)
		} else {
			t.Logf("nearest neighbor by %s: accuracy %.3f", c.name, acc)
		}
	}
}

// nearest returns the accuracy of the nearest neighbor among the first n
// images on the others.
func nearest(s *Set, n int, features func(int) []float64) float64 {
	f := make([][]float64, s.Len())
	for i := range f {
		f[i] = features(i)
	}
	right := 0
	for i := n; i < s.Len(); i++ {
		best, label := math.Inf(1), -1
		for j := 0; j < n; j++ {
			d := 0.0
			for k, v := range f[i] {
				e := v - f[j][k]
				if d += e * e; d >= best {
					break
				}
			}
			if d < best {
				best, label = d, s.Labels[j]
			}
		}
		if label == s.Labels[i] {
			right++
		}
	}
	return float64(right) / float64(s.Len()-n)
}

func BenchmarkDrawn(b *testing.B) {
	for b.Loop() {
		Drawn(1000, 0)
	}
}
