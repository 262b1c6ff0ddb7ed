package main

import (
	"fmt"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
	"github.com/nngplab/nngplab/internal/gokernel/show"
)

// render returns the forms in which a front end may show v: those that v's own
// methods give (HTML, SVG, Markdown, ...), else those of package show, else
// text. A panic of a method is returned as the error, beside v as plain text.
func (n *notebook) render(v any) (d Data, err error) {
	defer func() {
		if p := recover(); p != nil {
			if engine.Stops(p) {
				panic(p)
			}
			d = Data{Data: MIMEMap{MIMETypeText: fmt.Sprintf("%T", v)}}
			err = fmt.Errorf("showing a value of type %T: %v", v, p)
		}
	}()
	if data, ok := v.(Data); ok && data.Data != nil {
		return withoutByteText(data), nil
	}
	if n.kernel.canAutoRender(v, nil) {
		if d := n.kernel.autoRender("", v, nil); len(d.Data) > 0 {
			d.Data[MIMETypeText] = show.Text(v)
			return withoutByteText(d), nil
		}
	}
	if b, ok := show.Render(v); ok {
		return Data{Data: b.Data, Metadata: b.Metadata}, nil
	}
	return Data{Data: MIMEMap{MIMETypeText: show.Text(v)}}, nil
}

// withoutByteText replaces the text form of an image, which gophernotes makes
// of its bytes as numbers.
func withoutByteText(d Data) Data {
	for kind, v := range d.Data {
		if b, ok := v.([]byte); ok {
			d.Data[MIMETypeText] = fmt.Sprintf("(%s, %d bytes)", kind, len(b))
		}
	}
	return d
}
