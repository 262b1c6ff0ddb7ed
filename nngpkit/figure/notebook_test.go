package figure

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// TestSimpleRender: the small image has the size of the figure and looks like
// the one of full colors, whose 32 levels the palette all holds: no pixel is off
// by more than half a level, 255/62, and the rounding to a whole number.
func TestSimpleRender(t *testing.T) {
	f, err := Members([]Series{{Name: "a", X: []float64{1, 2, 4}, Y: []float64{0.1, 0.3, 0.35}, Lo: []float64{0, 0.2, 0.3}, Hi: []float64{0.2, 0.4, 0.4}}}, CurveConfig{Title: "A title"})
	if err != nil {
		t.Fatal(err)
	}
	m := f.SimpleRender()
	if s, ok := m["text/plain"].(string); !ok || s != f.String() || s != "figure: A title (6.4 x 4.2 in)" {
		t.Errorf("text %q", m["text/plain"])
	}
	data, _ := m["image/png"].([]byte)
	got, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := f.PNG(notebookDPI)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("bounds %v, want %v", got.Bounds(), want.Bounds())
	}
	if 2*len(data) > len(whole) {
		t.Errorf("%d bytes, the image of full colors has %d", len(data), len(whole))
	}
	if d := furthest(got, want); d > 255.0/62+0.5 {
		t.Errorf("a color is off by %v of 255", d)
	}
}

// furthest returns the largest difference of two images' colors.
func furthest(a, b image.Image) float64 {
	most := 0.0
	r := a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			r1, g1, b1, _ := a.At(x, y).RGBA()
			r2, g2, b2, _ := b.At(x, y).RGBA()
			for _, d := range [3]float64{float64(r1) - float64(r2), float64(g1) - float64(g2), float64(b1) - float64(b2)} {
				most = math.Max(most, math.Abs(d)/257)
			}
		}
	}
	return most
}

// TestPalettedMany: of more colors than a palette holds, rare ones become the
// nearest of the others.
func TestPalettedMany(t *testing.T) {
	src := image.NewRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			src.Set(x, y, color.NRGBA{full(uint32(x)), full(uint32(y)), 0, 255})
			if y >= 16 { // sixteen pixels each
				src.Set(x, y, color.NRGBA{full(uint32(x)), 255, 255, 255})
			}
		}
	}
	got := paletted(src)
	if len(got.Palette) != 256 {
		t.Fatalf("%d colors", len(got.Palette))
	}
	for x := range 32 {
		for y := range 16 {
			if want := got.Palette.Convert(src.At(x, y)); got.At(x, y) != want {
				t.Errorf("pixel %d, %d is %v, want the nearest color, %v", x, y, got.At(x, y), want)
			}
		}
	}
	if d := furthest(got.SubImage(image.Rect(0, 16, 32, 32)), src.SubImage(image.Rect(0, 16, 32, 32))); d != 0 {
		t.Errorf("frequent colors are off by %v", d)
	}
}

func TestPalettedEnds(t *testing.T) {
	if level(0) != 0 || level(255) != 31 || full(0) != 0 || full(31) != 255 {
		t.Errorf("levels %d to %d stand for %d to %d", level(0), level(255), full(0), full(31))
	}
}
