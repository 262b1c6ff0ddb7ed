package figure

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/plot/cmpimg"
)

var update = flag.Bool("update", false, "write the golden images of testdata/golden anew: look at them before you commit them")

const (
	// The dots per inch keep the images small: a line that moves moves at this size,
	// too. Maps hold noise, which does not compress.
	goldenDPI, goldenMapDPI = 36, 18
	// goldenDelta is the largest difference of a pixel's color that passes, of 1
	// between black and white (see cmpimg.EqualApprox): edges are blended from
	// coordinates, which a processor that fuses multiplications and additions
	// rounds in another way. A line or a letter that moves by a pixel, or changes its
	// color, is far above it.
	goldenDelta = 0.1
)

// TestGolden compares every figure of the gallery with its golden image.
// `go test ./nngpkit/figure -run TestGolden -update` writes them anew.
func TestGolden(t *testing.T) {
	dir := filepath.Join("testdata", "golden")
	seen := map[string]bool{}
	for name, f := range gallery(t) {
		seen[name+".png"] = true
		dpi := goldenDPI
		if f.bar != nil {
			dpi = goldenMapDPI
		}
		got, err := f.PNG(dpi)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		path := filepath.Join(dir, name+".png")
		if *update {
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(path, got, 0o644)); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s has no golden image: run this test with -update, look at it, and commit it", name)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		same, err := cmpimg.EqualApprox("png", want, got, goldenDelta)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !same {
			seenAs := filepath.Join(t.ArtifactDir(), name+".png")
			if err := os.WriteFile(seenAs, got, 0o644); err != nil {
				t.Error(err)
			}
			t.Errorf("%s differs from its golden image %s; it is now %s", name, path, seenAs)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".png") && !seen[f.Name()] {
			t.Errorf("%s is the golden image of no figure", f.Name())
		}
	}
}

// TestGoldenNotices: the comparison sees a line that is missing, and a title of
// another word.
func TestGoldenNotices(t *testing.T) {
	draw := func(title string, y ...float64) []byte {
		f := Must(Curves([]Series{{Name: "a", X: []float64{0, 1, 2}, Y: y}}, CurveConfig{Title: title, XLabel: "x", YLabel: "y"}))
		b, err := f.PNG(goldenDPI)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	base := draw("one", 0, 1, 2)
	for what, other := range map[string][]byte{"another curve": draw("one", 0, 1.2, 2), "another title": draw("two", 0, 1, 2)} {
		if same, err := cmpimg.EqualApprox("png", base, other, goldenDelta); err != nil || same {
			t.Errorf("%s passes for the same figure (%v)", what, err)
		}
	}
	if same, err := cmpimg.EqualApprox("png", base, draw("one", 0, 1, 2), goldenDelta); err != nil || !same {
		t.Errorf("a figure does not pass for itself (%v)", err)
	}
}
