package main

import (
	"fmt"
	"image"
	"reflect"

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
		return withoutErrors(withoutByteText(data))
	}
	if n.rendersItself(v) {
		if d := n.kernel.autoRender("", v, nil); len(d.Data) > 0 {
			d.Data[MIMETypeText] = show.Text(v)
			return withoutByteText(d), nil
		}
	}
	if p := pointerThatRenders(v); p != nil {
		return n.render(p)
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

// rendersItself reports whether a value has methods that give its forms. Images
// have none: package show makes PNG of them.
func (n *notebook) rendersItself(v any) bool {
	switch v.(type) {
	case Renderer, SimpleRenderer, HTMLer, JavaScripter, JPEGer, JSONer, Latexer, Markdowner, PNGer, PDFer, SVGer:
		return true
	case image.Image:
		return false
	}
	return n.kernel.canAutoRender(v, nil)
}

// pointerThatRenders returns a pointer to a copy of v where that has such
// methods, and v itself has none.
func pointerThatRenders(v any) any {
	rv := reflect.ValueOf(v)
	if rv.Kind() != reflect.Struct {
		return nil
	}
	p := reflect.New(rv.Type())
	switch p.Interface().(type) {
	case Renderer, SimpleRenderer, HTMLer, JavaScripter, JPEGer, JSONer, Latexer, Markdowner, PNGer, PDFer, SVGer:
		p.Elem().Set(rv)
		return p.Interface()
	}
	return nil
}

// withoutErrors turns what gophernotes makes of a failure, an error in place of
// the forms, into text and an error.
func withoutErrors(d Data) (Data, error) {
	msg, failed := d.Data["evalue"]
	if _, name := d.Data["ename"]; !failed || !name {
		return d, nil
	}
	return Data{Data: MIMEMap{MIMETypeText: fmt.Sprint("cannot be shown: ", msg)}}, fmt.Errorf("showing a value: %v", msg)
}
