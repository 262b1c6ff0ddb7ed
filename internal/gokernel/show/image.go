package show

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"reflect"
)

// imageBundle shows an image as PNG, and one without pixels, which PNG does not
// know, as text.
func imageBundle(img image.Image) Bundle {
	size := img.Bounds()
	kind := reflect.TypeOf(img)
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	text := fmt.Sprintf("%s %d × %d", kind, size.Dx(), size.Dy())
	b := Bundle{Data: map[string]any{typeText: text}}
	if size.Empty() {
		b.Data[typeText] = text + " (no pixels to show)"
		return b
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		b.Data[typeText] = fmt.Sprintf("%s: %v", text, err)
		return b
	}
	b.Data[typePNG] = buf.Bytes()
	b.Data[typeText] = fmt.Sprintf("(%s, %d bytes)", typePNG, buf.Len())
	b.Metadata = map[string]any{typePNG: map[string]any{"width": size.Dx(), "height": size.Dy()}}
	return b
}
