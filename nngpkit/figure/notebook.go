package figure

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sort"

	"gonum.org/v1/plot/vg"
)

// notebookDPI is the resolution of the PNG image in a notebook, which stands in
// for the SVG one.
const notebookDPI = 100

// SimpleRender returns what a notebook holds of the figure besides its SVG
// document: a small PNG image and a line of text. JupyterLab shows no SVG of a
// notebook that was run elsewhere, as one from a repository was, until its reader
// trusts it; the PNG image is what the reader sees until then.
func (f *Figure) SimpleRender() map[string]any {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, paletted(f.pixels(notebookDPI).Image())); err != nil {
		panic(err) // a bytes.Buffer does not fail
	}
	return map[string]any{"image/png": b.Bytes(), "text/plain": f.String()}
}

// String returns the figure's title and size.
func (f *Figure) String() string {
	return fmt.Sprintf("figure: %s (%.1f x %.1f in)", f.Title, f.Width/vg.Inch, f.Height/vg.Inch)
}

// paletted returns an image in its 256 most frequent colors, after rounding to
// 32 levels of red, green and blue: a third of the size, and what differs are
// pixels at the edges of lines.
func paletted(src image.Image) *image.Paletted {
	r := src.Bounds()
	count := map[uint32]int{}
	at := func(x, y int) uint32 {
		c := color.NRGBAModel.Convert(src.At(x, y)).(color.NRGBA)
		return level(c.R)<<10 | level(c.G)<<5 | level(c.B)
	}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	keys := make([]uint32, 0, len(count))
	for k := range count {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if count[keys[i]] != count[keys[j]] {
			return count[keys[i]] > count[keys[j]]
		}
		return keys[i] < keys[j]
	})
	var colors color.Palette
	for _, k := range keys[:min(256, len(keys))] {
		colors = append(colors, color.NRGBA{full(k >> 10), full(k >> 5 & 31), full(k & 31), 255})
	}
	index := map[uint32]uint8{}
	for _, k := range keys {
		index[k] = uint8(colors.Index(color.NRGBA{full(k >> 10), full(k >> 5 & 31), full(k & 31), 255}))
	}
	dst := image.NewPaletted(r, colors)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			dst.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return dst
}

// level rounds to 32 levels, and full goes back, such that black stays black and
// white white.
func level(v uint8) uint32 { return (uint32(v)*31 + 127) / 255 }
func full(l uint32) uint8  { return uint8((l*255 + 15) / 31) }
